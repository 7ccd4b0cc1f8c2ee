"""Every read of moderation: the queue, evidence, decisions and appeals for moderators; a person's own standing for them.

Skins reach these through `privacy.access`. Whoever is no moderator finds nothing here but what is about themselves.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from socialapp.lib.errors import NotFound
from socialapp.lib.ids import parse_id

from . import enforcement, statements
from .cases import APPEAL_DAYS, STRIKE_DAYS, STRIKES
from .enforcement import Evidence
from .models import Appeal, Case, Decision, Report

Viewer = AbstractBaseUser | AnonymousUser
_PEOPLE = ("person", "moderator", "case")


def is_moderator(viewer: Viewer) -> bool:
    """Whether this person decides about others."""
    return bool(viewer.is_authenticated and viewer.is_active and getattr(viewer, "is_staff", False))


def _moderator(viewer: Viewer) -> None:
    if not is_moderator(viewer):
        raise NotFound()


# --- What moderators read -------------------------------------------------------------------------------------


def queue(viewer: Viewer, *, target_type: str = "") -> "QuerySet[Case]":
    """Open cases with their people: the worst first, then the most reported, then the oldest. Empty for others."""
    if not is_moderator(viewer):
        return Case.objects.none()
    cases = Case.objects.filter(state=Case.State.OPEN).select_related("person")
    if target_type:
        cases = cases.filter(target_type=target_type)
    return cases.order_by("-severity", "-reports_count", "id")


def get_case(viewer: Viewer, case_id: str | int) -> Case:
    """A case, open or closed, with its person; NotFound for others."""
    _moderator(viewer)
    row_id = parse_id(case_id) if isinstance(case_id, str) else case_id
    case = Case.objects.select_related("person", "closed_by").filter(pk=row_id).first()
    if case is None:
        raise NotFound()
    return case


def evidence(viewer: Viewer, case: Case) -> Evidence:
    """What the case is about, as the app that owns it shows it to moderators."""
    _moderator(viewer)
    return enforcement.show(viewer, case.target_type, case.target_id)


def acts(viewer: Viewer, case: Case) -> list[str]:
    """The acts on offer in a case, mildest first."""
    _moderator(viewer)
    return enforcement.acts_for(case.target_type, has_person=case.person_id is not None)


def case_reports(viewer: Viewer, case: Case) -> "QuerySet[Report]":
    """The reports of a case with who made them, newest first; empty for others."""
    if not is_moderator(viewer):
        return Report.objects.none()
    return Report.objects.filter(case=case).select_related("reporter").order_by("-id")


def reports_on(viewer: Viewer, target_type: str, target_id: int) -> "QuerySet[Report]":
    """What was reported about a thing, newest first by id, with the reporters; for moderators, empty for anybody else."""
    if not is_moderator(viewer):
        return Report.objects.none()
    rows = Report.objects.filter(target_type=target_type, target_id=target_id)
    return rows.select_related("reporter").order_by("-id")


def open_reports(viewer: Viewer) -> int:
    """How many reports wait; 0 for whoever is not a moderator. One query over an index."""
    if not is_moderator(viewer):
        return 0
    return Report.objects.filter(state=Report.State.OPEN).count()


def decisions(viewer: Viewer) -> "QuerySet[Decision]":
    """Every decision with its people and case, newest first; empty for others. Standing ones have no `undone_at`."""
    if not is_moderator(viewer):
        return Decision.objects.none()
    return Decision.objects.select_related(*_PEOPLE, "undone_by", "appeal").order_by("-id")


def decisions_on(viewer: Viewer, person: AbstractBaseUser) -> "QuerySet[Decision]":
    """What was decided about a person before, newest first; for moderators, empty for others."""
    return decisions(viewer).filter(person=person.pk)


def get_decision(viewer: Viewer, decision_id: str | int) -> Decision:
    """A decision, for moderators; NotFound for others. A person's own: `own_decision`."""
    row_id = parse_id(decision_id) if isinstance(decision_id, str) else decision_id
    decision = decisions(viewer).filter(pk=row_id).first()
    if decision is None:
        raise NotFound()
    return decision


def appeals(viewer: Viewer) -> "QuerySet[Appeal]":
    """Appeals that wait, with decision, case and people, the oldest first; empty for others."""
    if not is_moderator(viewer):
        return Appeal.objects.none()
    waiting = Appeal.objects.filter(state=Appeal.State.OPEN)
    return waiting.select_related(
        "decision__person", "decision__moderator", "decision__case", "answered_by"
    ).order_by("id")


def get_appeal(viewer: Viewer, appeal_id: str | int) -> Appeal:
    """An appeal, waiting or answered; NotFound for others."""
    _moderator(viewer)
    row_id = parse_id(appeal_id) if isinstance(appeal_id, str) else appeal_id
    rows = Appeal.objects.select_related("decision__person", "decision__moderator", "decision__case")
    appeal = rows.filter(pk=row_id).first()
    if appeal is None:
        raise NotFound()
    return appeal


# --- What a person reads of themselves --------------------------------------------------------------------------


def standing_strikes(person_id: int) -> "QuerySet[Decision]":
    """The decisions that count as strikes against a person today."""
    since = timezone.now() - timedelta(days=STRIKE_DAYS)
    return Decision.objects.filter(person=person_id, act__in=STRIKES, undone_at=None, created_at__gt=since)


def shutting_out(person_id: int) -> "QuerySet[Decision]":
    """The decisions that keep a person out right now: bans, and suspensions that are not over. Newest first."""
    lasting = Q(act=Decision.Act.BAN) | Q(act=Decision.Act.SUSPEND, until__gt=timezone.now())
    rows = Decision.objects.filter(lasting, person=person_id, undone_at=None)
    return rows.select_related("case", "person").order_by("-id")


def shut_until(person_id: int) -> tuple[bool, datetime | None]:
    """Whether a person is kept out, and until when; None means for good. For the action that makes it so."""
    ends = list(shutting_out(person_id).values_list("until", flat=True))
    return bool(ends), None if None in ends else max(ends, default=None)  # type: ignore[type-var]


def strikes(viewer: Viewer, person: AbstractBaseUser) -> int:
    """How many strikes a person has: for themselves and for moderators, NotFound for others. One query."""
    if viewer.pk != person.pk or not viewer.is_authenticated:
        _moderator(viewer)
    return standing_strikes(person.pk).count()


def decisions_about(viewer: Viewer) -> "QuerySet[Decision]":
    """What was decided about the viewer, newest first, with appeals. Dismissals are not told: nothing happened."""
    if not viewer.is_authenticated:
        return Decision.objects.none()
    return _told().filter(person=viewer.pk).order_by("-id")


def own_decision(viewer: Viewer, decision_id: str | int) -> Decision:
    """One of the viewer's own decisions; NotFound for anybody else's."""
    row_id = parse_id(decision_id) if isinstance(decision_id, str) else decision_id
    decision = decisions_about(viewer).filter(pk=row_id).first()
    if decision is None:
        raise NotFound()
    return decision


def decision_by_token(token: str) -> Decision:
    """The decision of a signed link, for somebody who cannot log in; NotFound for a forged or old one."""
    row_id = statements.decision_id(token)
    decision = _told().filter(pk=row_id).first() if row_id is not None else None
    if decision is None:
        raise NotFound()
    return decision


def _told() -> "QuerySet[Decision]":
    rows = Decision.objects.exclude(act=Decision.Act.DISMISS).exclude(person=None)
    return rows.select_related("case", "person", "appeal")


def may_appeal(decision: Decision) -> bool:
    """Whether the decision stands, nobody appealed it yet and the time for it is not over."""
    if decision.undone_at is not None or decision.act == Decision.Act.DISMISS:
        return False
    if timezone.now() > decision.created_at + timedelta(days=APPEAL_DAYS):
        return False
    return not Appeal.objects.filter(decision=decision.pk).exists()


def status_of(viewer: Viewer) -> dict[str, Any]:
    """How the viewer's account stands. Two queries."""
    limited = enforcement.stands(Report.Target.PERSON, viewer.pk or 0, Decision.Act.LIMIT)
    return {
        "standing": "limited" if limited else "good",
        "strikes": strikes(viewer, viewer),  # type: ignore[arg-type]
        "strike_days": STRIKE_DAYS,
    }


def own_reports(viewer: Viewer) -> "QuerySet[Report]":
    """What the viewer reported and what came of it, newest first."""
    if not viewer.is_authenticated:
        return Report.objects.none()
    return Report.objects.filter(reporter=viewer.pk).order_by("-id")


def report_fields(report: Report) -> dict[str, Any]:
    """A report as its writer reads it. Nothing of what was decided about somebody else but that it was."""
    return {
        "id": str(report.pk),
        "target": {"type": report.target_type, "id": str(report.target_id)},
        "target_text": report.get_target_type_display(),
        "reason": report.reason,
        "reason_text": report.get_reason_display(),
        "note": report.note,
        "state": report.state,
        "created_at": report.created_at,
        "handled_at": report.handled_at,
    }


def decision_fields(decision: Decision) -> dict[str, Any]:
    """A decision as its person reads it: page, API and e-mail say the same. Never who reported or who decided."""
    appeal = getattr(decision, "appeal", None)
    return {
        "id": str(decision.pk),
        "act": decision.act,
        "target_type": decision.case.target_type,
        "reason": decision.reason,
        "reason_text": decision.get_reason_display(),
        "headline": statements.headline(decision.act, decision.case.target_type),
        "statement": decision.statement,
        "excerpt": decision.excerpt,
        "how": statements.facts(decision)["how"],
        "until": decision.until,
        "created_at": decision.created_at,
        "undone_at": decision.undone_at,
        "may_appeal": appeal is None and may_appeal(decision),
        "appeal_until": decision.created_at + timedelta(days=APPEAL_DAYS),
        "appeal": {
            "text": appeal.text,
            "state": appeal.state,
            "answer": appeal.answer,
            "created_at": appeal.created_at,
            "answered_at": appeal.answered_at,
        }
        if appeal
        else None,
    }
