"""The page about answering: quick replies, the away message, how fast one answers."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from socialapp.lib.errors import NotFound, Problem

from . import access, actions

# For how long: a length rather than a time of day, which would need to know where the person is.
HOURS = {
    "": _("Until I turn it off"),
    "8": _("For 8 hours"),
    "24": _("For a day"),
    "72": _("For three days"),
    "168": _("For a week"),
    "336": _("For two weeks"),
}


def _away(request: HttpRequest) -> None:
    hours, said = request.POST.get("hours", ""), access.away_message(request.user)
    until = timezone.now() + timedelta(hours=int(hours)) if hours in HOURS and hours else None
    on = request.POST.get("on") == "1"
    if on and said["on"] and hours == "keep":
        until = said["until"]
    actions.set_away(request.user, text=request.POST.get("text", ""), on=on, until=until)


def _change(request: HttpRequest) -> None:
    act, text, reply = (request.POST.get(name, "") for name in ("act", "text", "reply"))
    if act == "away":
        _away(request)
    elif act == "add":
        actions.add_quick_reply(request.user, text)
    elif act == "change":
        actions.change_quick_reply(request.user, reply, text)
    elif act == "delete":
        actions.delete_quick_reply(request.user, reply)
    else:
        raise NotFound()


@login_required
@require_http_methods(["GET", "POST"])
def message_settings(request: HttpRequest) -> HttpResponse:
    """Each of its forms posts `act` (away, add, change, delete) and what that needs; what is wrong is said beside it."""
    context: dict[str, Any] = {"hours": HOURS}
    status = 200
    if request.method == "POST":
        try:
            _change(request)
            return redirect("message-settings")
        except NotFound:
            raise
        except Problem as problem:
            status = problem.status
            context |= {"problem": problem, "act": request.POST.get("act"), "typed": request.POST}
    context |= {
        "away": access.away_message(request.user),
        "replies": access.quick_reply_cards(request.user),
        "speed": access.response_time(request.user),
    }
    return render(request, "messaging/settings.html", context, status=status)
