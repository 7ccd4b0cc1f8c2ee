"""What moderators decide in a case, and how it is taken back.

One decision closes one case with all its reports, in one transaction with what is done about the thing. The thing is
locked before the case, everywhere, so that a rule that holds a clip and a moderator who decides about it never wait for
each other in a circle.
"""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from socialapp.lib.errors import Conflict, Forbidden, Invalid

from .. import enforcement, statements
from ..cases import LONGEST_SUSPENSION_DAYS, open_case, suspension_days
from ..models import Appeal, Case, Decision, Report
from ..moderation import standing_strikes
from ..signals import decided, decision_undone
from .ground import Actor, audit, moderator

STATEMENT_LENGTH = 2000
EXCERPT_LENGTH = 300
_A = Decision.Act
_ABOUT_YOU = gettext_lazy("This is about you. Another moderator decides it.")


def plain(text: str, length: int, field: str) -> str:
    """Tidy words of a person or a moderator; Invalid when they are too long."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(text) > length:
        sentence = _("Keep this under %(count)s characters.") % {"count": length + 1}
        raise Invalid(sentence, fields={field: sentence})
    return text


def decide(
    actor: Actor,
    case: Case,
    act: str,
    *,
    reason: str = "",
    statement: str = "",
    days: int | None = None,
) -> Decision:
    """Close a case with an act; its person and who reported are told after commit, with the statement of reasons.

    `reason` is a value of `Report.Reason` and needed for all but a dismissal; an empty `statement` becomes the prefilled
    one in the person's language; `days` is the length of a suspension (by default it grows with the strikes). Conflict
    with code "decided" when another moderator was faster, Invalid for an act that is not on offer, Forbidden about
    oneself. Staff only.
    """
    moderator(actor)
    _check(actor, case, act, reason)
    statement = plain(statement, STATEMENT_LENGTH, "statement")
    with transaction.atomic():
        decision = _draft(actor, case, act, reason, statement, days)
        decision.save(force_insert=True)
        if before := enforcement.do(actor, decision):
            decision.before = before
            decision.save(update_fields=["before"])
        now = timezone.now()
        closing = Case.objects.filter(pk=case.pk, state=Case.State.OPEN)
        if not closing.update(state=Case.State.CLOSED, closed_at=now, closed_by_id=actor.pk):
            raise _too_late()
        state = Report.State.DISMISSED if act == _A.DISMISS else Report.State.ACTED
        Report.objects.filter(case=case, state=Report.State.OPEN).update(
            state=state, handled_by_id=actor.pk, handled_at=now
        )
        audit(
            actor,
            f"decide.{act}",
            case.target_type,
            case.target_id,
            decision=decision.pk,
            case=case.pk,
            person=case.person_id,
            reason=reason,
        )
        transaction.on_commit(lambda: decided.send(None, decision_id=decision.pk), robust=True)
    case.refresh_from_db()
    return decision


def _too_late() -> Conflict:
    return Conflict(_("Another moderator decided this case in the meantime."), code="decided")


def _check(actor: Actor, case: Case, act: str, reason: str) -> None:
    if act not in enforcement.acts_for(case.target_type, has_person=case.person_id is not None):
        sentence = _("Choose one of the acts on offer.")
        raise Invalid(sentence, fields={"act": sentence})
    if case.person_id == actor.pk:
        raise Forbidden(_ABOUT_YOU)
    if (reason and reason not in Report.Reason.values) or (not reason and act != _A.DISMISS):
        raise Invalid(_("Choose a reason."), fields={"reason": _("Choose a reason.")})
    if case.state != Case.State.OPEN:
        raise _too_late()


def _draft(actor: Actor, case: Case, act: str, reason: str, statement: str, days: int | None) -> Decision:
    """The decision, not saved yet: what is done needs its id and its end."""
    until = None
    if act == _A.SUSPEND:
        days = suspension_days(standing_strikes(case.person_id or 0).count()) if days is None else days
        if not 1 <= days <= LONGEST_SUSPENSION_DAYS:
            sentence = _("Suspend for 1 to %(count)s days.") % {"count": LONGEST_SUSPENSION_DAYS}
            raise Invalid(sentence, fields={"days": sentence})
        until = timezone.now() + timedelta(days=days)
    if not statement and act != _A.DISMISS:
        with translation.override(getattr(case.person, "language", "") or None):
            statement = statements.statement_for(act, reason, case.target_type, days=days)
    shown = enforcement.show(actor, case.target_type, case.target_id)
    return Decision(
        case=case,
        person_id=case.person_id,
        moderator_id=actor.pk,
        act=act,
        reason=reason,
        statement=statement[:STATEMENT_LENGTH],
        excerpt=(shown.text or shown.title)[:EXCERPT_LENGTH],
        until=until,
    )


@transaction.atomic
def decide_about(
    actor: Actor,
    target_type: str,
    target_id: int,
    person: AbstractBaseUser | None,
    act: str,
    *,
    reason: str = "",
    statement: str = "",
    days: int | None = None,
) -> Decision:
    """Decide about a thing that a moderator came upon without a report: in its open case, or in one made for it."""
    moderator(actor)
    case = open_case(target_type, target_id, person)
    return decide(actor, case, act, reason=reason, statement=statement, days=days)


@transaction.atomic
def undo_acts(actor: Actor, target_type: str, target_id: int, *acts: str) -> int:
    """Take back every standing decision of these kinds about a thing; how many. Their cases stay closed. Staff only."""
    moderator(actor)
    standing = Decision.objects.filter(act__in=acts, undone_at=None).select_related("case", "person")
    rows = standing.filter(case__target_type=target_type, case__target_id=target_id).order_by("-id")
    return len([undo_decision(actor, row, reopen=False) for row in rows])


def undo_decision(actor: Actor, decision: Decision, *, reopen: bool = True) -> Decision:
    """Take a decision back, whatever it was; its person is told. Idempotent, audited, staff only.

    With `reopen` the case and its reports wait in the queue again (unless a new case about the thing is open by now); an
    appeal that waits is granted by it.
    """
    moderator(actor)
    if decision.person_id == actor.pk:
        raise Forbidden(_ABOUT_YOU)
    with transaction.atomic():
        now = timezone.now()
        standing = Decision.objects.filter(pk=decision.pk, undone_at=None)
        if not standing.update(undone_at=now, undone_by_id=actor.pk):
            decision.refresh_from_db()
            return decision
        row = Decision.objects.select_related("case", "person").get(pk=decision.pk)
        enforcement.undo(actor, row)
        Appeal.objects.filter(decision=row, state=Appeal.State.OPEN).update(
            state=Appeal.State.GRANTED,
            answer=_in_language_of(row.person, lambda: _("We took the decision back.")),
            answered_by_id=actor.pk,
            answered_at=now,
        )
        if reopen:
            _reopen(row.case)
        case = row.case
        audit(
            actor,
            "decide.undo",
            case.target_type,
            case.target_id,
            decision=row.pk,
            case=case.pk,
            person=row.person_id,
            act=row.act,
        )
        transaction.on_commit(lambda: decision_undone.send(None, decision_id=row.pk), robust=True)
    decision.undone_at, decision.undone_by_id = now, actor.pk
    return decision


def _in_language_of(person: Any, words: Any) -> str:
    with translation.override(getattr(person, "language", "") or None):
        return str(words())


def _reopen(case: Case) -> None:
    same = Case.objects.filter(target_type=case.target_type, target_id=case.target_id)
    if same.filter(state=Case.State.OPEN).exists():
        return
    Case.objects.filter(pk=case.pk).update(state=Case.State.OPEN, closed_at=None, closed_by=None)
    # Who reported the thing anew has a later report that waits; theirs stays closed.
    waiting = Report.objects.filter(
        target_type=case.target_type, target_id=case.target_id, state=Report.State.OPEN
    ).values("reporter_id")
    Report.objects.filter(case=case).exclude(reporter__in=waiting).update(
        state=Report.State.OPEN, handled_by=None, handled_at=None
    )


def other_moderators(*besides: int | None) -> bool:
    """Whether another moderator than these is there."""
    people = get_user_model()._default_manager.filter(is_active=True, is_staff=True)
    return people.exclude(pk__in=[pk for pk in besides if pk is not None]).exists()
