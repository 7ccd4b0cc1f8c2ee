"""What moderators do to accounts: shut out, let back in, rights in the admin. Every deed is audited."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.actions import audit, decide_about, lock_people, undo_decision
from privacy.enforcement import register_acts
from privacy.models import Decision, Report
from privacy.moderation import shut_until, shutting_out
from socialapp.lib.errors import Invalid, NotFound
from socialapp.lib.ids import parse_id

from .. import signals
from ..models import User
from .acting import Actor, moderator, send


def suspend(actor: Actor, person: User, reason: str = "", days: int | None = None) -> bool:
    """Shut a person out for `days`, or for good: nothing of theirs is visible and every session ends at once.

    It is a decision like those of the queue, in the open case about the person or a new one: the person is told why
    (`reason` is the statement they read), may appeal, and it can be undone. Idempotent, audited; staff only. Staff cannot
    be suspended, so that no moderator locks out another; take that right away first.
    """
    actor = moderator(actor)
    with transaction.atomic():
        row = User.objects.get(pk=person.pk)
        if not row.is_active and row.suspended_until is None:
            return False
        act = Decision.Act.BAN if days is None else Decision.Act.SUSPEND
        decide_about(
            actor,
            Report.Target.PERSON,
            row.pk,
            row,
            act,
            reason=Report.Reason.OTHER,
            statement=reason,
            days=days,
        )
    return True


def reinstate(actor: Actor, person: User) -> bool:
    """Let a suspended person back in by undoing every decision that keeps them out. Idempotent, audited; staff only."""
    actor = moderator(actor)
    with transaction.atomic():
        for decision in shutting_out(person.pk):
            undo_decision(actor, decision, reopen=False)
        # Shut out by other means than a decision, as by a command.
        _settle(actor, person.pk)
        return not person.is_active and User.objects.filter(pk=person.pk, is_active=True).exists()


def shut_out(actor: Actor, person_id: int, decision: Decision) -> dict[str, object]:
    """What a suspension and a ban do; the decision is written already, so the person's standing follows from the rows."""
    _settle(actor, person_id)
    return {}


def let_in(actor: Actor, person_id: int, before: dict[str, object]) -> None:
    """What undoing one does: the person comes back unless another decision keeps them out."""
    _settle(actor, person_id)


def _settle(actor: Actor | None, person_id: int) -> bool:
    """Make a person's standing what the standing decisions say; whether it changed. Locks the person."""
    from ..sessions import end_sessions

    with transaction.atomic():
        lock_people(person_id)
        row = User.objects.filter(pk=person_id).first()
        if row is None:
            return False
        shut, until = shut_until(person_id)
        if shut and row.is_staff:
            raise Invalid(_("%(name)s is staff. Take that right away first.") % {"name": row.username})
        if (row.is_active, row.suspended_until) == (not shut, until):
            return False
        User.objects.filter(pk=person_id).update(is_active=not shut, suspended_until=until)
        if row.is_active == shut:
            audit(actor, "suspend" if shut else "reinstate", "person", person_id)
            send(signals.visibility_changed, person_id=person_id, visible=not shut)
        if shut:
            end_sessions(person_id)
    return True


def lift_suspensions(now: datetime | None = None) -> int:
    """Let those back in whose suspension is over; how many. Each in its own transaction; the beat calls it every minute."""
    due = User.objects.filter(is_active=False, suspended_until__lte=now or timezone.now())
    return sum(_settle(None, person_id) for person_id in list(due.values_list("pk", flat=True)))


def limit_person(actor: Actor, person_id: int, decision: Decision) -> dict[str, object]:
    """Keep a person out of what is shown to people who do not follow them."""
    lock_people(person_id)
    row = User.objects.get(pk=person_id)
    User.objects.filter(pk=person_id).update(is_limited=True)
    return {"is_limited": row.is_limited}


def unlimit_person(actor: Actor, person_id: int, before: dict[str, object]) -> None:
    """Show them to everybody again, unless they were limited before."""
    User.objects.filter(pk=person_id).update(is_limited=before.get("is_limited", False))


STRIPPED = ("display_name", "bio", "pronouns", "avatar")


def strip_profile(actor: Actor, person_id: int, decision: Decision) -> dict[str, object]:
    """Empty what a profile says and shows. The picture's file stays until its person goes, for the undoing; it has no
    address while no profile names it."""
    lock_people(person_id)
    row = User.objects.get(pk=person_id)
    before: dict[str, object] = {name: str(getattr(row, name) or "") for name in STRIPPED}
    User.objects.filter(pk=person_id).update(**dict.fromkeys(STRIPPED, ""))
    return before


def dress_profile(actor: Actor, person_id: int, before: dict[str, object]) -> None:
    """Put back what the person has not filled anew."""
    lock_people(person_id)
    row = User.objects.filter(pk=person_id).first()
    if row is not None:
        empty = {name: before[name] for name in STRIPPED if before.get(name) and not getattr(row, name)}
        User.objects.filter(pk=person_id).update(**empty)


def register() -> None:
    """Tell privacy what can be done about people."""
    register_acts(Report.Target.PERSON, Decision.Act.SUSPEND, shut_out, let_in)
    register_acts(Report.Target.PERSON, Decision.Act.BAN, shut_out, let_in)
    register_acts(Report.Target.PERSON, Decision.Act.LIMIT, limit_person, unlimit_person)
    register_acts(Report.Target.PERSON, Decision.Act.REMOVE, strip_profile, dress_profile)


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
