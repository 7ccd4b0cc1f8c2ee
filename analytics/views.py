"""Pages of analytics: the figures of access as cards, charts and tables."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from . import access
from .charts import line_chart
from .definitions import METRICS, VIDEO_METRICS, Metric
from .figures import brief, full
from .frame import cards, frame


@require_GET
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    span = access.period_asked(request.GET)
    figures = access.overview(request.user, span)
    context = _dashboard(request, span, figures, METRICS, "overview/")
    context["clips"] = [_clip_row(line) for line in figures["top"]]
    return render(request, "analytics/overview.html", context)


@require_GET
@login_required
def content(request: HttpRequest) -> HttpResponse:
    span = access.period_asked(request.GET)
    page, lines = access.content(request.user, span, request.GET.get("cursor"))
    following = urlencode({**span.query, "cursor": page.next_cursor}) if page.next_cursor else ""
    context = {
        **frame(request, span, "content/"),
        "clips": [_clip_row(line) for line in lines],
        "next_url": f"?{following}" if following else "",
    }
    return render(request, "analytics/content.html", context)


@require_GET
@login_required
def video(request: HttpRequest, video_id: str) -> HttpResponse:
    span = access.period_asked(request.GET)
    figures = access.video_figures(request.user, video_id, span)
    context = _dashboard(request, span, figures, VIDEO_METRICS, f"videos/{figures['video']['id']}/")
    context["video"] = figures["video"]
    return render(request, "analytics/video.html", context)


def _dashboard(
    request: HttpRequest, span: access.Period, figures: dict[str, Any], metrics: tuple[Metric, ...], csv: str
) -> dict[str, Any]:
    """Cards, the chart of the chosen metric, ranges and definitions: the same for an account and for a clip."""
    chosen = next((metric for metric in metrics if metric.name == request.GET.get("metric")), metrics[0])
    return {
        **frame(request, span, csv),
        "cards": cards(request, span, metrics, figures, chosen),
        "chart": line_chart(chosen, figures["series"], figures["series_before"]),
        "metric": chosen,
        "metrics": metrics,
        "updated_at": figures["updated_at"],
        "quiet": not any(value for value in (*figures["totals"].values(), *figures["before"].values())),
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
