"""What the pages of figures share around their figures: the choice of the period, cards with their change, the CSV's address."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .access import Period
from .charts import sparkline
from .definitions import RANGES, Metric
from .figures import brief, delta, full


def frame(request: HttpRequest, span: Period, csv: str = "") -> dict[str, Any]:
    """Context of `analytics/_head.html` and of the tabs. `csv` is the page's path below the API's analytics/. No query.

    What else the address says (a metric, a sort) is kept when the period changes, but for cursors.
    """
    keep = {
        name: value
        for name, value in request.GET.items()
        if name not in {"days", "start", "end", "cursor", "format"}
    }
    context = {
        "span": span,
        "days": span.days,
        "start": span.start,
        "end": span.end,
        "today": timezone.now().date(),
        "keep": keep,
        "period_query": urlencode(span.query),
        "range_label": range_label(span),
        "ranges": [
            {
                "url": "?" + urlencode({**keep, "days": days}),
                "label": _("%(days)s days") % {"days": days},
                "current": not span.custom and days == span.days,
            }
            for days in RANGES
        ],
    }
    if csv:
        context["csv_url"] = f"/api/v1/analytics/{csv}?{urlencode({**keep, **span.query, 'format': 'csv'})}"
    return context


def range_label(span: Period) -> str:
    """The period in words."""
    if span.custom:
        return ngettext("%(days)s day", "%(days)s days", span.days) % {"days": span.days}
    return ngettext("Last %(days)s day", "Last %(days)s days", span.days) % {"days": span.days}


def cards(
    request: HttpRequest,
    span: Period,
    metrics: Sequence[Metric],
    figures: Mapping[str, Any],
    chosen: Metric | None,
) -> list[dict[str, Any]]:
    """A card a metric: number, change, sparkline. `figures` has `totals`, `before` and `series` as `access.compared` makes
    them; a metric that is not in the series has no sparkline and no chart of its own.
    """
    keep = {name: value for name, value in request.GET.items() if name not in {"metric", "cursor", "format"}}
    return [
        {
            "name": metric.name,
            "label": metric.label,
            "meaning": metric.meaning,
            "value": brief(metric.kind, figures["totals"][metric.name]),
            "exact": full(metric.kind, figures["totals"][metric.name]),
            "delta": delta(
                metric.kind,
                figures["totals"][metric.name],
                figures["before"][metric.name],
                span.days,
                metric.rising_is_good,
            ),
            "spark": sparkline(metric, figures["series"]) if _has(figures, metric) else None,
            "url": "?" + urlencode({**keep, "metric": metric.name}) if _has(figures, metric) else "",
            "chosen": metric is chosen,
        }
        for metric in metrics
    ]


def _has(figures: Mapping[str, Any], metric: Metric) -> bool:
    return bool(figures["series"]) and metric.name in figures["series"][0]
