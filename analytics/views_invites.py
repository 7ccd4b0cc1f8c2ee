"""The page of what invites to one's clips brought."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from . import access
from .charts import bar_chart
from .definitions import INVITE_METRICS
from .frame import cells, dashboard


@require_GET
@login_required
def invites(request: HttpRequest) -> HttpResponse:
    span = access.period_asked(request.GET)
    figures = access.invites(request.user, span)
    sent, *others = INVITE_METRICS
    context = {
        **dashboard(request, span, figures, INVITE_METRICS, "invites/"),
        "channels": bar_chart(sent, figures["channels"], step=_("Channel"), columns=others),
        "clips": [{**line, "cells": cells(line, INVITE_METRICS)} for line in figures["clips"]],
        "columns": [{"label": metric.label} for metric in INVITE_METRICS],
    }
    return render(request, "analytics/invites.html", context)
