"""The page of what invites to one's clips brought."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from . import access
from .charts import bar_chart, line_chart
from .definitions import INVITE_METRICS
from .figures import brief, full
from .frame import cards, frame


@require_GET
@login_required
def invites(request: HttpRequest) -> HttpResponse:
    span = access.period_asked(request.GET)
    figures = access.invites(request.user, span)
    sent, *others = INVITE_METRICS
    chosen = next((metric for metric in INVITE_METRICS if metric.name == request.GET.get("metric")), sent)
    context = {
        **frame(request, span, "invites/"),
        "cards": cards(request, span, INVITE_METRICS, figures, chosen),
        "chart": line_chart(chosen, figures["series"], figures["series_before"]),
        "metric": chosen,
        "metrics": INVITE_METRICS,
        "channels": bar_chart(sent, figures["channels"], step=_("Channel"), columns=others),
        "clips": [
            {
                **line,
                "cells": [
                    {
                        "words": brief(metric.kind, line[metric.name]),
                        "exact": full(metric.kind, line[metric.name]),
                    }
                    for metric in INVITE_METRICS
                ],
            }
            for line in figures["clips"]
        ],
        "columns": [{"label": metric.label} for metric in INVITE_METRICS],
        "quiet": not any((*figures["totals"].values(), *figures["before"].values())),
    }
    return render(request, "analytics/invites.html", context)
