"""What moderators do to accounts: shut out, let back in, rights in the admin. Every deed is audited."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from privacy.actions import audit, lock_people
from socialapp.lib.errors import Invalid, NotFound
from socialapp.lib.ids import parse_id

from .. import signals
from ..models import User
from .acting import Actor, moderator, send


def suspend(actor: Actor, person: User, reason: str = "") -> bool:
    """Shut a person out: nothing of theirs is visible and every session ends at once. Idempotent, audited; staff only.

    Staff cannot be suspended here, so that no moderator locks out another; take the staff right away first.
    """
    from ..sessions import end_sessions

    actor = moderator(actor)
    with transaction.atomic():
        lock_people(person.pk)
        row = User.objects.get(pk=person.pk)
        if row.is_staff:
            raise Invalid(_("%(name)s is staff. Take that right away first.") % {"name": row.username})
        if not row.is_active:
            return False
        User.objects.filter(pk=row.pk).update(is_active=False)
        audit(actor, "suspend", "person", row.pk, reason=reason)
        send(signals.visibility_changed, person_id=row.pk, visible=False)
        end_sessions(row.pk)
    return True


def reinstate(actor: Actor, person: User) -> bool:
    """Let a suspended person back in. Idempotent, audited; staff only."""
    actor = moderator(actor)
    with transaction.atomic():
        lock_people(person.pk)
        if not User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
            return False
        audit(actor, "reinstate", "person", person.pk)
        send(signals.visibility_changed, person_id=person.pk, visible=True)
    return True


def change_rights(
    actor: Actor, person: User, *, is_staff: bool, is_superuser: bool, groups: Iterable[str] | None = None
) -> bool:
    """Let somebody into the admin, or out of it, and into groups of rights by their ids. Audited.

    Only those with every right give rights, and nobody takes the last ones from themselves, so that a site never locks
    itself out.
    """
    actor = moderator(actor)
    if not actor.is_superuser:
        raise NotFound()
    if actor.pk == person.pk and not (is_staff and is_superuser):
        raise Invalid(_("You cannot take your own rights away. Ask somebody else who has them."))
    with transaction.atomic():
        lock_people(person.pk)
        row = User.objects.get(pk=person.pk)
        before = sorted(row.groups.values_list("pk", flat=True))
        wanted = before if groups is None else sorted({parse_id(group) for group in groups})
        rights = {"is_staff": is_staff or is_superuser, "is_superuser": is_superuser}
        changed = User.objects.filter(pk=row.pk).exclude(**rights).update(**rights) or wanted != before
        if not changed:
            return False
        row.groups.set(wanted)
        audit(actor, "rights", "person", row.pk, **rights, groups=wanted)
    return True
