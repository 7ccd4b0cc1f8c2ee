"""One person's seat in a conversation: opening, accepting, muting, leaving, reading."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import get_person
from accounts.models import User
from privacy.access import is_blocked
from privacy.actions import lock_people, unrestrict
from socialapp.lib.errors import Forbidden, Invalid, NotFound
from socialapp.lib.realtime import push_on_commit

from .. import access
from ..models import Conversation, Participant
from . import groups
from .ground import ACTIVE, REQUEST, Actor, locked_seat, push_badges, signed_in
from .notices import withdraw

PINNED = 5


def open_conversation(actor: Actor, usernames: list[str]) -> tuple[Conversation, bool]:
    """The conversation with one other person, and whether it is new. Nobody learns of it before a first message.

    Safe to race: `direct_key` is unique. NotFound when the person is not visible to the actor.
    """
    me = signed_in(actor)
    if len(set(usernames)) != 1:
        raise Invalid(
            _("Choose one person to write to."), fields={"usernames": _("Choose one person to write to.")}
        )
    person = get_person(me, usernames[0])
    if person.pk == me.pk:
        raise Invalid(_("You cannot write to yourself."), code="not_yourself")
    low, high = sorted((me.pk, person.pk))
    with transaction.atomic():
        lock_people(low, high)
        if is_blocked(me, person):
            raise NotFound()
        conversation, created = Conversation.objects.get_or_create(direct_key=f"{low}:{high}")
        if created:
            Participant.objects.bulk_create(
                [Participant(conversation=conversation, person_id=pk) for pk in (me.pk, person.pk)]
            )
    return conversation, created


def accept_request(actor: Actor, conversation_id: str | int) -> Participant:
    """Take a request into the inbox. Idempotent. With somebody whom the actor restricts it lifts the restriction."""
    me = signed_in(actor)
    with transaction.atomic():
        seat, others = locked_seat(me, access.get_seat(me, conversation_id))
        accept(seat, others)
        if seat.restricted:  # type: ignore[attr-defined]
            for other in others:
                unrestrict(me, other.person)
            seat = access.get_seat(me, conversation_id)
        push_badges([me.pk])
    return seat


def accept(seat: Participant, others: list[Participant]) -> None:
    waited, group = seat.state == REQUEST, seat.conversation.is_group
    if waited or seat.accepted_at is None:
        seat.state = ACTIVE
        seat.accepted_at = seat.accepted_at or timezone.now()
        seat.save(update_fields=["state", "accepted_at"])
    if waited and group:
        groups.joined(seat, others)
    elif waited:
        for other in others:
            withdraw(seat.person_id, "message_request", actor_id=other.person_id)
        people = [seat.person_id, *(o.person_id for o in others)]
        push_on_commit(people, "conversation.updated", {"conversation": str(seat.conversation_id)})


def mute_conversation(actor: Actor, conversation_id: str | int, muted: bool = True) -> Participant:
    """No badge for this conversation, or again. Idempotent; only the actor notices."""
    me = signed_in(actor)
    with transaction.atomic():
        seat = access.get_seat(me, conversation_id)
        Participant.objects.filter(pk=seat.pk).update(muted=muted)
        seat.muted = muted
        _tell_own_tabs(me, seat)
    return seat


def archive_conversation(actor: Actor, conversation_id: str | int, archived: bool = True) -> Participant:
    """Put a conversation away from the list until something new is written there (while it is muted: for good), or take it
    back. What is put away is no longer pinned. Idempotent; only the actor notices."""
    me = signed_in(actor)
    with transaction.atomic():
        seat = access.get_seat(me, conversation_id)
        if archived:
            seat.archived_at, seat.pinned_at = seat.archived_at or timezone.now(), None
        else:
            seat.archived_at = None
        seat.save(update_fields=["archived_at", "pinned_at"])
        _tell_own_tabs(me, seat)
    return seat


def pin_conversation(actor: Actor, conversation_id: str | int, pinned: bool = True) -> Participant:
    """Keep a conversation at the top of the list, or no longer; what is archived comes back. Idempotent. Invalid beyond
    PINNED of them. Only the actor notices."""
    me = signed_in(actor)
    with transaction.atomic():
        lock_people(me.pk)
        seat = access.get_seat(me, conversation_id)
        if pinned and access.is_request(seat):
            raise Forbidden(_("Accept the request first."), code="accept_first")
        if pinned and seat.pinned_at is None:
            there = Participant.objects.filter(person=me, pinned_at__isnull=False)
            if there.exclude(state=Participant.State.LEFT).count() >= PINNED:
                raise Invalid(
                    _("You can pin %(count)s conversations. Unpin one first.") % {"count": PINNED},
                    code="too_many_pinned",
                )
            seat.pinned_at, seat.archived_at = timezone.now(), None
        elif not pinned:
            seat.pinned_at = None
        seat.save(update_fields=["archived_at", "pinned_at"])
        _tell_own_tabs(me, seat)
    return seat


def _tell_own_tabs(me: User, seat: Participant) -> None:
    push_on_commit([me.pk], "conversation.updated", {"conversation": str(seat.conversation_id)})
    push_badges([me.pk])


def leave_conversation(actor: Actor, conversation_id: str | int) -> None:
    """Delete what is there for the actor only. A conversation of two comes back, without it, when something new is
    written; so does a declined request, still as a request. A group is left, or declined, and stays left."""
    me = signed_in(actor)
    with transaction.atomic():
        seat, others = locked_seat(me, access.get_seat(me, conversation_id))
        if seat.conversation.is_group:
            groups.leave(seat, others)
            return
        newest = seat.conversation.last_seq
        Participant.objects.filter(pk=seat.pk).update(
            cleared_seq=newest, read_seq=newest, pinned_at=None, archived_at=None, waiting_since=None
        )
        if seat.state == REQUEST:
            for other in others:
                withdraw(me.pk, "message_request", actor_id=other.person_id)
        push_on_commit([me.pk], "conversation.updated", {"conversation": str(seat.conversation_id)})
        push_badges([me.pk])


def mark_read(actor: Actor, conversation_id: str | int, seq: int | None = None) -> Participant:
    """The actor has read up to `seq` (default: everything). Never goes back. Others learn of it at delivery, and only
    when both sides allow receipts and the conversation is accepted."""
    me = signed_in(actor)
    with transaction.atomic():
        seat = access.get_seat(me, conversation_id)
        newest = seat.last_seq
        upto = newest if seq is None else max(0, min(seq, newest))
        if Participant.objects.filter(pk=seat.pk, read_seq__lt=upto).update(read_seq=upto):
            seat.read_seq = upto
            told = [me.pk]
            if seat.state == ACTIVE and not access.is_request(seat):
                told += Participant.objects.filter(
                    conversation=seat.conversation_id, state=ACTIVE
                ).values_list("person_id", flat=True)
            push_on_commit(
                told,
                "conversation.read",
                {
                    "conversation": str(seat.conversation_id),
                    "person": str(me.pk),
                    "username": me.username,
                    "seq": upto,
                },
            )
            push_badges([me.pk])
    return seat
