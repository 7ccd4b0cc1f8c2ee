"""What moderators work with at their desk: cases, decisions and appeals as plain values, for the API and the admin's page.

Reads only, through `access`; whoever is no moderator finds nothing.
"""

from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.cache import cache
from django.utils import translation
from django.utils.translation import gettext as _

from . import access, statements
from .cases import SEVERITY, suspension_days
from .models import Appeal, Case, Decision, Report

LOOKED_AT_SECONDS = 90  # somebody who opened a case and went away frees it after this long
_REASON_OF_RULE = {
    Case.Rule.LINKS: "spam",
    Case.Rule.VELOCITY: "spam",
    Case.Rule.DUPLICATE: "rights",
    Case.Rule.REPEATED: "spam",
}


def case_row(viewer: Any, case: Case, busy: dict[str, Any]) -> dict[str, Any]:
    """A case as a line of the queue. No query when its person and reports are loaded; `busy` is `looked_at`'s."""
    reason = leading_reason(case)
    why = Report.Reason(reason).label if reason else ""
    other = busy.get(_key(case.pk))
    return {
        "id": str(case.pk),
        "target_type": case.target_type,
        "target_text": target_text(case.target_type),
        "severity": case.severity,
        "reports_count": case.reports_count,
        "rule": case.rule,
        "reason": reason,
        "reason_text": str(case.get_rule_display() if case.rule else why),
        "person": _name(case.person),
        "created_at": case.created_at,
        "looked_at_by": other if other and other != viewer.get_username() else None,
    }


def case_card(viewer: Any, case: Case) -> dict[str, Any]:
    """Everything a moderator needs to decide. About ten queries, whatever the case; media addresses are fresh."""
    shown = asdict(access.evidence(viewer, case))
    reports = list(access.case_reports(viewer, case)[:50])
    before = access.decisions_on(viewer, case.person)[:20] if case.person else ()
    strikes = access.strikes(viewer, case.person) if case.person else 0
    acts = access.acts(viewer, case)
    return {
        **case_row(viewer, case, looked_at([case])),
        "state": case.state,
        "evidence": {**shown, "context": [{"who": who, "text": text} for who, text in shown["context"]]},
        "facts": _facts(case),
        "reports": [
            {
                "reporter": _name(row.reporter),
                "reason": row.reason,
                "reason_text": row.get_reason_display(),
                "note": row.note,
                "created_at": row.created_at,
            }
            for row in reports
        ],
        "strikes": strikes,
        "decisions": [decision_row(row) for row in before],
        "acts": [{"act": act, "text": str(Decision.Act(act).label)} for act in acts],
        "days": suspension_days(strikes),
        "decided": _decided(viewer, case),
    }


def _facts(case: Case) -> list[dict[str, Any]]:
    """What the rule saw, in words. A fact that is not known here is told by its own name."""
    told = {
        "term": _("Word or phrase"),
        "links": _("Things with links"),
        "minutes": _("Within minutes"),
        "hours": _("Within hours"),
        "published": _("Published"),
        "account_hours": _("Age of the account in hours"),
        "clips": _("Clips that are alike"),
        "share": _("Pictures that are alike"),
        "mirrored": _("Mirrored"),
        "removed": _("Removed before"),
        "copies": _("Copies"),
        "people": _("People it was written to"),
    }
    return [
        {"name": name, "text": told.get(name, name), "values": _values(name, value)}
        for name, value in case.detail.items()
        if value not in (False, [], None)
    ]


def _values(name: str, value: Any) -> list[str]:
    if value is True:
        return [_("yes")]
    if name == "share" and isinstance(value, (int, float)):
        return [f"{value:.0%}"]
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _decided(viewer: Any, case: Case) -> dict[str, Any] | None:
    """The decision that closed the case, None while it waits."""
    if case.state == Case.State.OPEN:
        return None
    last = access.decisions(viewer).filter(case=case).first()
    return decision_row(last) if last else None


def decision_row(decision: Decision) -> dict[str, Any]:
    """A decision as moderators see it. Its person, moderator and case must be loaded."""
    return {
        "id": str(decision.pk),
        "case": str(decision.case_id),
        "act": decision.act,
        "act_text": decision.get_act_display(),
        "reason_text": decision.get_reason_display() if decision.reason else "",
        "target_type": decision.case.target_type,
        "target_text": target_text(decision.case.target_type),
        "person": _name(decision.person),
        "moderator": _name(decision.moderator),
        "statement": decision.statement,
        "excerpt": decision.excerpt,
        "until": decision.until,
        "created_at": decision.created_at,
        "undone_at": decision.undone_at,
    }


def appeal_row(appeal: Appeal) -> dict[str, Any]:
    """An appeal with the decision it is about. Its decision's person, moderator and case must be loaded."""
    return {
        "id": str(appeal.pk),
        "text": appeal.text,
        "state": appeal.state,
        "answer": appeal.answer,
        "created_at": appeal.created_at,
        "decision": decision_row(appeal.decision),
    }


def draft(case: Case, act: str, reason: str, days: int | None) -> str:
    """The statement of reasons before a moderator changes it, in the person's language."""
    with translation.override(getattr(case.person, "language", "") or None):
        return statements.statement_for(act, reason, case.target_type, days=days)


def leading_reason(case: Case) -> str:
    """The reason most people gave, the graver one of two; for what a rule held, the reason that rule stands for."""
    told = Counter(row.reason for row in case.reports.all())
    if not told:
        return _REASON_OF_RULE.get(Case.Rule(case.rule), "other") if case.rule else ""
    return max(told, key=lambda reason: (told[reason], SEVERITY.get(reason, 0)))


def target_text(target_type: str) -> str:
    """What kind of thing it is, in words."""
    return str(Report.Target(target_type).label) if target_type in Report.Target.values else _("Something")


def _name(person: Any) -> dict[str, str] | None:
    if person is None:
        return None
    return {
        "id": str(person.pk),
        "username": person.username,
        "display_name": person.display_name or person.username,
    }


# --- Who looks at what ------------------------------------------------------------------------------------------


def _key(case_id: int) -> str:
    return f"desk:{case_id}"


def look_at(viewer: Any, case: Case) -> str | None:
    """Say that this moderator has the case open; the name of another one who has, None when it is free.

    A courtesy that keeps two people from doing the same work. What holds is that a case is decided once.
    """
    mine = viewer.get_username()
    if cache.add(_key(case.pk), mine, LOOKED_AT_SECONDS):
        return None
    other = cache.get(_key(case.pk))
    if other == mine:
        cache.touch(_key(case.pk), LOOKED_AT_SECONDS)
    return other if other and other != mine else None


def looked_at(cases: list[Case]) -> dict[str, Any]:
    """Who has which of these cases open, by cache key. One round trip."""
    found: dict[str, Any] = cache.get_many([_key(case.pk) for case in cases])
    return found
