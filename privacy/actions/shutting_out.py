"""Blocks, mutes and restrictions: whom a person shuts out, and how far."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from socialapp.lib.errors import Invalid
from socialapp.lib.ratelimit import limit

from ..models import Block, Mute, Restriction
from ..signals import block_placed, person_blocked, person_quieted
from .ground import Actor, audit, lock_people, signed_in


def block(actor: Actor, person: AbstractBaseUser) -> None:
    """Shut `person` out, both ways, at once; follows and requests between the two go with it. Idempotent.

    Apps above take part by `block_placed` (inside the transaction) and `person_blocked` (after commit).
    """
    signed_in(actor)
    if actor.pk == person.pk:
        raise Invalid(_("You cannot block yourself."), code="not_yourself")
    limit("block", actor.pk)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        _row, created = Block.objects.get_or_create(blocker_id=actor.pk, blocked_id=person.pk)
        if created:
            block_placed.send(None, blocker_id=actor.pk, blocked_id=person.pk)
            audit(actor, "block", "person", person.pk)
            ids = {"blocker_id": actor.pk, "blocked_id": person.pk}
            transaction.on_commit(lambda: person_blocked.send(None, **ids))


def unblock(actor: Actor, person: AbstractBaseUser) -> None:
    """Take back one's own block; a block by the other stays. Restores nothing else. Idempotent."""
    signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        deleted, _rows = Block.objects.filter(blocker_id=actor.pk, blocked_id=person.pk).delete()
        if deleted:
            audit(actor, "unblock", "person", person.pk)


def mute(actor: Actor, person: AbstractBaseUser) -> None:
    """Keep `person` out of the actor's feeds and notifications; they do not learn of it. Idempotent."""
    signed_in(actor)
    if actor.pk == person.pk:
        raise Invalid(_("You cannot mute yourself."), code="not_yourself")
    limit("block", actor.pk)
    with transaction.atomic():
        _row, created = Mute.objects.get_or_create(muter_id=actor.pk, muted_id=person.pk)
        if created:
            _tell_quieted(actor, person)


def unmute(actor: Actor, person: AbstractBaseUser) -> None:
    """Let `person` appear again. Idempotent."""
    signed_in(actor)
    with transaction.atomic():
        deleted, _rows = Mute.objects.filter(muter_id=actor.pk, muted_id=person.pk).delete()
        if deleted:
            _tell_quieted(actor, person)


def restrict(actor: Actor, person: AbstractBaseUser) -> None:
    """Let what `person` writes to the actor be seen by the two only, until the actor lets it through. Idempotent.

    From now on their comments wait for approval, their messages are requests, and nothing they do notifies; what stands
    already stays. They do not learn of it. Locks both, so that a message that races comes before or after.
    """
    signed_in(actor)
    if actor.pk == person.pk:
        raise Invalid(_("You cannot restrict yourself."), code="not_yourself")
    limit("block", actor.pk)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        _row, created = Restriction.objects.get_or_create(restricter_id=actor.pk, restricted_id=person.pk)
        if created:
            audit(actor, "restrict", "person", person.pk)
            _tell_quieted(actor, person)


def unrestrict(actor: Actor, person: AbstractBaseUser) -> None:
    """Let `person` write to the actor as others do. Comments that wait go on waiting for the actor. Idempotent."""
    signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        deleted, _rows = Restriction.objects.filter(restricter_id=actor.pk, restricted_id=person.pk).delete()
        if deleted:
            audit(actor, "unrestrict", "person", person.pk)
            _tell_quieted(actor, person)


def _tell_quieted(actor: Actor, person: AbstractBaseUser) -> None:
    ids = {"by_id": actor.pk, "person_id": person.pk}
    transaction.on_commit(lambda: person_quieted.send(None, **ids))
