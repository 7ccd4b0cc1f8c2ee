"""Cases: what waits for moderators. How bad a reason is, when things are joined into one case, what counts as a strike."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F
from django.db.models.functions import Greatest

from .models import Case, Decision, Report

_R = Report.Reason

# 3: somebody may be hurt by every hour that passes. 2: somebody is hurt. 1: somebody is wronged. 0: a nuisance.
SEVERITY: dict[str, int] = {
    _R.MINOR: 3,
    _R.SELF_HARM: 3,
    _R.VIOLENCE: 2,
    _R.HATE: 2,
    _R.HARASSMENT: 2,
    _R.SEXUAL: 2,
    _R.RIGHTS: 1,
    _R.FALSE: 1,
    _R.SPAM: 0,
    _R.OTHER: 0,
}
RULE_SEVERITY: dict[str, int] = {
    Case.Rule.TERM: 1,
    Case.Rule.DUPLICATE: 1,
    Case.Rule.LINKS: 0,
    Case.Rule.VELOCITY: 0,
    Case.Rule.REPEATED: 0,
}

# Decisions of these kinds are strikes while they stand, for STRIKE_DAYS: long enough to see a habit, short enough that
# an old mistake does not follow a person for ever.
STRIKES = (Decision.Act.REMOVE, Decision.Act.WARN, Decision.Act.SUSPEND)
STRIKE_DAYS = 90
# How long a suspension lasts unless the moderator says otherwise, by the number of strikes before it.
SUSPENSION_DAYS = (3, 7, 30)
LONGEST_SUSPENSION_DAYS = 365
APPEAL_DAYS = 183  # six months, as article 20 of the Digital Services Act asks for


def open_case(
    target_type: str,
    target_id: int,
    person: AbstractBaseUser | None,
    *,
    reason: str = "",
    rule: str = "",
    detail: dict[str, Any] | None = None,
) -> Case:
    """The open case about a thing, made or joined: severity only rises, each `reason` counts as one report more.

    A rule (a value of `Case.Rule`) that holds a thing gives its name and what it saw; a first rule stays. Call it inside
    a transaction, after locking the thing itself: the case is locked from here on. Two queries, three for a new one.
    """
    severity = max(SEVERITY.get(reason, 0), RULE_SEVERITY.get(rule, 0))
    while True:
        case, _created = Case.objects.get_or_create(
            target_type=target_type,
            target_id=target_id,
            state=Case.State.OPEN,
            defaults={"person_id": person.pk if person else None, "rule": rule, "detail": detail or {}},
        )
        changes: dict[str, Any] = {
            "severity": Greatest(F("severity"), severity),
            "reports_count": F("reports_count") + (1 if reason else 0),
        }
        if rule and not case.rule:
            changes |= {"rule": rule, "detail": detail or {}}
        # A moderator may have closed it between the look and the write; then the next one is ours.
        if Case.objects.filter(pk=case.pk, state=Case.State.OPEN).update(**changes):
            case.refresh_from_db()
            return case


def suspension_days(strikes: int) -> int:
    """How many days a suspension lasts after so many strikes."""
    return SUSPENSION_DAYS[min(strikes, len(SUSPENSION_DAYS) - 1)]
