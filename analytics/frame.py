"""What the pages of figures share: the choice of the period, the CSV's address, cards with their change, chart and cells."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .access import Period
from .charts import line_chart, sparkline
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


def dashboard(
    request: HttpRequest, span: Period, figures: Mapping[str, Any], metrics: Sequence[Metric], csv: str
) -> dict[str, Any]:
    """The frame, a card a metric, and the chart of the one that is asked for: of those that have a value a day. `figures` are
    as `cards` takes them. No query."""
    drawn = [metric for metric in metrics if _has(figures, metric)]
    chosen = next((metric for metric in drawn if metric.name == request.GET.get("metric")), drawn[0])
    return {
        **frame(request, span, csv),
        "cards": cards(request, span, metrics, figures, chosen),
        "chart": line_chart(chosen, figures["series"], figures["series_before"]),
        "metric": chosen,
        "metrics": metrics,
        "updated_at": figures.get("updated_at"),
        "quiet": not any((*figures["totals"].values(), *figures["before"].values())),
    }


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
    chosen: Metric,
) -> list[dict[str, Any]]:
    """A card a metric: number, change, sparkline. `figures` has `totals`, `before` and `series` as `access.compared` makes
    them; a metric that is not in the series has no sparkline and no chart of its own. One that is not in `totals` either stands
    in `figures` itself: it is of this moment rather than of a period, and has no change.
    """
    keep = {name: value for name, value in request.GET.items() if name not in {"metric", "cursor", "format"}}
    totals, before = figures["totals"], figures["before"]
    values = {metric.name: (totals if metric.name in totals else figures)[metric.name] for metric in metrics}
    return [
        {
            "name": metric.name,
            "label": metric.label,
            "meaning": metric.meaning,
            "value": brief(metric.kind, values[metric.name]),
            "exact": full(metric.kind, values[metric.name]),
            "delta": delta(
                metric.kind, totals[metric.name], before[metric.name], span.days, metric.rising_is_good
            )
            if metric.name in totals
            else None,
            "spark": sparkline(metric, figures["series"]) if _has(figures, metric) else None,
            "url": "?" + urlencode({**keep, "metric": metric.name}) if _has(figures, metric) else "",
            "chosen": metric is chosen,
        }
        for metric in metrics
    ]


def cells(line: Mapping[str, Any], metrics: Sequence[Metric]) -> list[dict[str, str]]:
    """The figures of a row of a table in words, a cell a metric."""
    return [
        {"words": brief(metric.kind, line[metric.name]), "exact": full(metric.kind, line[metric.name])}
        for metric in metrics
    ]


def _has(figures: Mapping[str, Any], metric: Metric) -> bool:
    return bool(figures["series"]) and metric.name in figures["series"][0]
