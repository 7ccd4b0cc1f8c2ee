"""Pages of analytics: the figures of access.py as cards, charts and tables."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from . import access
from .charts import line_chart, sparkline
from .definitions import METRICS, RANGES, VIDEO_METRICS, Metric
from .figures import brief, delta, full


@require_GET
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    figures = access.overview(request.user, request.GET.get("days"))
    context = _dashboard(request, figures, METRICS)
    context["clips"] = [_clip_row(line) for line in figures["top"]]
    context["csv_url"] = (
        f"/api/v1/analytics/overview/?{urlencode({'days': figures['days'], 'format': 'csv'})}"
    )
    return render(request, "analytics/overview.html", context)


@require_GET
@login_required
def content(request: HttpRequest) -> HttpResponse:
    span = access.period(request.GET.get("days"))
    page, lines = access.content(request.user, span.days, request.GET.get("cursor"))
    following = urlencode({"days": span.days, "cursor": page.next_cursor}) if page.next_cursor else ""
    context = {
        "ranges": _ranges(request, span.days),
        "range_label": _range_label(span.days),
        "clips": [_clip_row(line) for line in lines],
        "next_url": f"?{following}" if following else "",
        "csv_url": f"/api/v1/analytics/content/?{urlencode({'days': span.days, 'format': 'csv'})}",
        "tabs": _tabs("content", span.days),
    }
    return render(request, "analytics/content.html", context)


@require_GET
@login_required
def video(request: HttpRequest, video_id: str) -> HttpResponse:
    figures = access.video_figures(request.user, video_id, request.GET.get("days"))
    context = _dashboard(request, figures, VIDEO_METRICS)
    context["video"] = figures["video"]
    context["csv_url"] = (
        f"/api/v1/analytics/videos/{figures['video']['id']}/?{urlencode({'days': figures['days'], 'format': 'csv'})}"
    )
    return render(request, "analytics/video.html", context)


def _dashboard(request: HttpRequest, figures: dict[str, Any], metrics: tuple[Metric, ...]) -> dict[str, Any]:
    """Cards, the chart of the chosen metric, ranges and definitions: the same for an account and for a clip."""
    chosen = next((metric for metric in metrics if metric.name == request.GET.get("metric")), metrics[0])
    days = figures["days"]
    return {
        "cards": [_card(metric, figures, metric is chosen) for metric in metrics],
        "chart": line_chart(chosen, figures["series"], figures["series_before"]),
        "metric": chosen,
        "ranges": _ranges(request, days),
        "range_label": _range_label(days),
        "days": days,
        "start": figures["start"],
        "end": figures["end"],
        "updated_at": figures["updated_at"],
        "metrics": metrics,
        "quiet": not any(value for value in (*figures["totals"].values(), *figures["before"].values())),
        "tabs": _tabs("overview", days),
    }


def _card(metric: Metric, figures: dict[str, Any], chosen: bool) -> dict[str, Any]:
    now, before = figures["totals"][metric.name], figures["before"][metric.name]
    return {
        "name": metric.name,
        "label": metric.label,
        "meaning": metric.meaning,
        "value": brief(metric.kind, now),
        "exact": full(metric.kind, now),
        "delta": delta(metric.kind, now, before, figures["days"], metric.rising_is_good),
        "spark": sparkline(metric, figures["series"]),
        "url": "?" + urlencode({"days": figures["days"], "metric": metric.name}) + "#chart",
        "chosen": chosen,
    }


def _clip_row(line: dict[str, Any]) -> dict[str, Any]:
    """A clip of a table: its line and its figures in words."""
    words = {metric.name: brief(metric.kind, line[metric.name]) for metric in VIDEO_METRICS}
    return {
        **line,
        "words": words,
        "views_exact": full("count", line["views"]),
        "watch_exact": full("duration", line["watch_ms"]),
    }


def _range_label(days: int) -> str:
    return ngettext("Last %(days)s day", "Last %(days)s days", days) % {"days": days}


def _ranges(request: HttpRequest, chosen: int) -> list[dict[str, Any]]:
    metric = request.GET.get("metric")
    keep = {"metric": metric} if metric else {}
    return [
        {
            "url": "?" + urlencode({"days": days, **keep}),
            "label": _("%(days)s days") % {"days": days},
            "current": days == chosen,
        }
        for days in RANGES
    ]


def _tabs(current: str, days: int) -> list[dict[str, Any]]:
    return [
        {"url": "/studio/", "label": _("Clips"), "current": False},
        {"url": "/studio/comments/", "label": _("Comments"), "current": False},
        {"url": f"/studio/analytics/?days={days}", "label": _("Overview"), "current": current == "overview"},
        {
            "url": f"/studio/analytics/content/?days={days}",
            "label": _("Content"),
            "current": current == "content",
        },
    ]
