"""What the site did about reports and rules, as public counts: nothing in here is about anybody.

Reads whole tables by time, so the answer is kept for an hour.
"""

from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Model, Q, QuerySet
from django.utils import timezone

from .models import Appeal, Case, Decision, Report

PERIODS = (30, 90, 365)  # days
KEEP_SECONDS = 3_600
_MONTHS = 12


def period(text: str) -> int:
    """The period that a query asks for, in days; the middle one for anything else."""
    return int(text) if text in map(str, PERIODS) else PERIODS[1]


def figures(days: int) -> dict[str, Any]:
    """Counts of the last `days` (one of PERIODS) and by month of the last year. Some twenty queries once an hour.

    Times are hours, as the median of those that came to a decision; None when there was none.
    """
    days = days if days in PERIODS else PERIODS[1]
    return cache.get_or_set(f"transparency:{days}", lambda: _count(days), KEEP_SECONDS) or _count(days)


def _count(days: int) -> dict[str, Any]:
    now = timezone.now()
    since = now - timedelta(days=days)
    reports = Report.objects.filter(created_at__gte=since)
    decisions = Decision.objects.filter(created_at__gte=since)
    appeals = Appeal.objects.filter(created_at__gte=since)
    waiting = Case.objects.filter(state=Case.State.OPEN)
    return {
        "days": days,
        "as_of": now,
        "reports": reports.count(),
        "reports_by_reason": _by(reports, "reason", Report.Reason),
        "reports_by_target": _by(reports, "target_type", Report.Target),
        "held_by_rule": _by(Case.objects.filter(created_at__gte=since), "rule", Case.Rule),
        "cases_waiting": waiting.count(),
        "decisions": decisions.count(),
        "decisions_by_act": _by(decisions, "act", Decision.Act),
        "decisions_by_reason": _by(decisions.exclude(act=Decision.Act.DISMISS), "reason", Report.Reason),
        "decisions_undone": decisions.exclude(undone_at=None).count(),
        "appeals": appeals.count(),
        "appeals_granted": appeals.filter(state=Appeal.State.GRANTED).count(),
        "appeals_refused": appeals.filter(state=Appeal.State.REFUSED).count(),
        "hours_to_decision": _median_hours(decisions, "case__created_at", "created_at"),
        "hours_to_answer": _median_hours(appeals.exclude(answered_at=None), "created_at", "answered_at"),
        "months": _months(now),
    }


def _by(rows: QuerySet[Any], column: str, labels: Any) -> list[dict[str, Any]]:
    """Counts of each choice, the most frequent first; what never happened is left out."""
    counted = rows.exclude(**{column: ""}).values(column).annotate(n=Count("pk")).order_by("-n", column)
    return [{"key": row[column], "count": row["n"]} for row in counted if row[column] in labels.values]


def _median_hours(rows: QuerySet[Any], start: str, end: str) -> float | None:
    """The lower median of a span in hours. Two queries."""
    spans = rows.annotate(span=F(end) - F(start)).filter(span__gte=timedelta(0)).order_by("span")
    count = spans.count()
    if not count:
        return None
    middle: timedelta = spans.values_list("span", flat=True)[(count - 1) // 2]
    return round(middle.total_seconds() / 3_600, 1)


def _month_starts(now: datetime) -> list[datetime]:
    """The starts of the last _MONTHS months in UTC, the oldest first, and of the next one."""
    first = now.year * 12 + now.month - _MONTHS
    return [
        now.replace(
            year=number // 12, month=number % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
        )
        for number in range(first, first + _MONTHS + 1)
    ]


def _months(now: datetime) -> list[dict[str, Any]]:
    starts = _month_starts(now)
    # One query a table: a conditional count for each month.
    spans = {
        f"m{place}": Q(created_at__gte=start, created_at__lt=starts[place + 1])
        for place, start in enumerate(starts[:-1])
    }

    def monthly(model: type[Model], **besides: Any) -> dict[str, int]:
        rows = model._default_manager.filter(created_at__gte=starts[0], **besides)
        counted: dict[str, int] = rows.aggregate(
            **{name: Count("pk", filter=span) for name, span in spans.items()}
        )
        return counted

    reports, decisions, appeals = monthly(Report), monthly(Decision), monthly(Appeal)
    removed = monthly(Decision, act=Decision.Act.REMOVE)
    return [
        {
            "month": start.date().isoformat()[:7],
            "reports": reports[name],
            "decisions": decisions[name],
            "removed": removed[name],
            "appeals": appeals[name],
        }
        for name, start in zip(spans, starts, strict=False)
    ][::-1]
