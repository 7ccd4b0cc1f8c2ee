"""Pages of analytics: the figures of access as cards, charts and tables."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from privacy.rules import SMALLEST_GROUP, Audience
from socialapp.templatetags.look import clock
from videos.access import can_promote
from videos.media import playback
from videos.models import Video
from videos.studio import KINDS

from . import access
from .charts import bar_chart, hours_chart, retention_chart, stepped_chart
from .definitions import (
    CLIP_METRICS,
    LIVE_METRICS,
    METRICS,
    OF_THE_ACCOUNT,
    OF_THE_CLIP,
    PROMOTION_LINE_METRICS,
    PROMOTION_METRICS,
    RETENTION_METRICS,
    VIDEO_METRICS,
    Metric,
)
from .figures import brief, full
from .frame import cells, dashboard, frame

TOP_COLUMNS = tuple(
    OF_THE_CLIP[name] for name in ("views", "watch_ms", "completion", "likes", "comments", "shares")
)
# What stands beside the curve of a clip.
KEY_FIGURES = ("views", "viewers", "average_ms", "completion")


@require_GET
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    span = access.period_asked(request.GET)
    figures = access.overview(request.user, span)
    context = dashboard(request, span, figures, METRICS, "overview/")
    context["clips"] = [_clip_row(line, TOP_COLUMNS) for line in figures["top"]]
    context["columns"] = [{"label": metric.label} for metric in TOP_COLUMNS]
    hours = {divmod(row["hour_of_week"], 24): row["views"] for row in figures["hours"]}
    context["hours"] = hours_chart(OF_THE_ACCOUNT["views"], hours)
    return render(request, "analytics/overview.html", context)


@require_GET
@login_required
def content(request: HttpRequest) -> HttpResponse:
    span, asked = access.period_asked(request.GET), access.wanted(request.GET)
    page, lines = access.content(request.user, span, request.GET.get("cursor"), asked)
    keep = {name: value for name, value in request.GET.items() if name not in {"cursor", "format"}}
    context = {
        **frame(request, span, "content/"),
        "clips": [_clip_row(line, CLIP_METRICS) for line in lines],
        "columns": [
            {
                "label": metric.label,
                "meaning": metric.meaning,
                "url": "?" + urlencode({**keep, "sort": metric.name}),
                "current": metric.name == asked.sort,
            }
            for metric in CLIP_METRICS
        ],
        "sorts": [
            (access.NEWEST, _("Newest first")),
            *((metric.name, metric.label) for metric in CLIP_METRICS),
        ],
        "audiences": Audience.choices,
        "states": [(name, label) for name, (label, _rule) in KINDS.items()],
        "asked": asked,
        "narrowed": bool(asked.audience or asked.state or asked.text),
        "metrics": CLIP_METRICS,
        "next_url": "?" + urlencode({**keep, "cursor": page.next_cursor}) if page.next_cursor else "",
    }
    return render(request, "analytics/content.html", context)


@require_GET
@login_required
def promotions(request: HttpRequest) -> HttpResponse:
    span = access.period_asked(request.GET)
    figures = access.promotions(request.user, span)
    context = dashboard(request, span, figures, PROMOTION_METRICS, "promotions/")
    context["promotions"] = [_promotion_row(line) for line in figures["promotions"]]
    context["metrics"] = PROMOTION_LINE_METRICS
    return render(request, "analytics/promotions.html", context)


@require_GET
@login_required
def video(request: HttpRequest, video_id: str) -> HttpResponse:
    span = access.period_asked(request.GET)
    clip = access.own_clip(request.user, video_id)
    figures = access.video_figures(request.user, clip, span)
    context = dashboard(request, span, figures, VIDEO_METRICS, f"videos/{clip.pk}/")
    context |= {
        "video": figures["video"],
        "can_promote": can_promote(request.user, clip),
        "key_cards": [card for card in context["cards"] if card["name"] in KEY_FIGURES],
        "fewest": SMALLEST_GROUP,
        "sources": bar_chart(
            OF_THE_CLIP["views"],
            figures["sources"],
            step=_("Source"),
            columns=[OF_THE_CLIP[name] for name in ("impressions", "watch_ms", "followers_won")],
        ),
        "countries": bar_chart(
            OF_THE_CLIP["views"],
            _named(figures["countries"]),
            step=_("Country"),
            columns=[OF_THE_CLIP["watch_ms"]],
        ),
        "definitions_of": (*VIDEO_METRICS, *RETENTION_METRICS),
    }
    if figures["retention"]["seconds"]:
        context |= _retention(clip, figures["retention"])
    return render(request, "analytics/video.html", context)


@require_GET
@login_required
def live(request: HttpRequest) -> HttpResponse:
    figures = access.live(request.user)
    minutes = figures["series"]
    labels = [date_format(row["minute"], "TIME_FORMAT") for row in minutes]
    views = LIVE_METRICS[0]
    columns = [metric for metric in LIVE_METRICS if metric.name != "visits"]
    context = {
        "figures": [
            {
                "name": metric.name,
                "label": metric.label,
                "value": brief(metric.kind, figures["totals"][metric.name]),
                "exact": full(metric.kind, figures["totals"][metric.name]),
            }
            for metric in LIVE_METRICS
        ],
        "chart": stepped_chart(views, labels, [row["views"] for row in minutes], step=_("Minute, UTC")),
        "clips": [_clip_row(line, columns) for line in figures["top"]],
        "columns": [{"label": metric.label} for metric in columns],
        "metrics": LIVE_METRICS,
        "updated_at": figures["updated_at"],
        "first_minute": minutes[0]["minute"],
        "quiet": not any(figures["totals"].values()),
        "csv_url": "/api/v1/analytics/live/?format=csv",
    }
    return render(request, "analytics/live.html", context)


def _retention(clip: Video, retention: Mapping[str, Any]) -> dict[str, Any]:
    """The curve, the frames under it, and what to look at, in sentences."""
    seconds = retention["seconds"]
    files = playback(clip)["mp4"]
    notes = []
    if retention["steepest"] is not None:
        at = retention["steepest"]
        lost = seconds[at - 1]["reached"] - seconds[at]["reached"]
        notes.append(
            (
                at,
                _("Most leave here"),
                _("%(share)s of all viewings end before %(when)s.")
                % {"share": brief("percent", lost / retention["viewings"]), "when": clock(at)},
            )
        )
    if retention["half_until"] is not None:
        at = retention["half_until"]
        notes.append(
            (at, _("Half are gone"), _("From %(when)s on fewer than half still watch.") % {"when": clock(at)})
        )
    if retention["most_replayed"] is not None:
        at = retention["most_replayed"]
        notes.append(
            (
                at,
                _("Most replayed"),
                _("%(when)s was played again %(count)s times.")
                % {"when": clock(at), "count": full("count", seconds[at]["replays"])},
            )
        )
    return {
        "retention": retention_chart(RETENTION_METRICS, seconds),
        "viewings": full("count", retention["viewings"]),
        # The smallest rendition: it is there at once, and the picture is small.
        "preview": {
            "src": files[-1]["url"] if files else "",
            "wide": clip.width > clip.height,
            "poster": access.clip_line(clip)["cover"] or "",
        },
        "notes": [{"second": at, "title": title, "text": text} for at, title, text in sorted(notes)],
    }


def _named(countries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Countries as bars: the page writes a code as a name."""
    return [
        {
            **row,
            "region": row["country"],
            "label": row["country"] or _("Others and unknown"),
            "rest": not row["country"],
        }
        for row in countries
    ]


def _clip_row(line: dict[str, Any], columns: Sequence[Metric]) -> dict[str, Any]:
    """A clip of a table: its line and its figures in words, a cell a column."""
    state = "" if line["state"] == Video.State.READY else Video.State(line["state"]).label
    return {**line, "cells": cells(line, columns), "state_label": state}


def _promotion_row(line: dict[str, Any]) -> dict[str, Any]:
    """A promotion of a table: its line and its figures in words."""
    words = {metric.name: full(metric.kind, line[metric.name]) for metric in PROMOTION_LINE_METRICS}
    words["reach"] = full("count", line["reach"]) if line["reach"] is not None else _("fewer than 5")
    return {**line, "words": words}
