"""The studio's page about announcements: sending one, and what became of the earlier ones."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from privacy.rules import SMALLEST_GROUP
from socialapp.lib.errors import NotFound, Problem

from . import access, actions
from .rules import ANNOUNCEMENT_LENGTH


def _act(request: HttpRequest) -> None:
    act, said = request.POST.get("act", ""), request.POST
    if act == "announce":
        actions.announce(
            request.user,
            video_id=said.get("video", ""),
            text=said.get("text", ""),
            audience=said.get("audience", ""),
            preview=said.get("video", "") in said.getlist("drafts"),
        )
    elif act in ("stop", "take_back"):
        actions.stop_announcement(request.user, said.get("announcement", ""), take_back=act == "take_back")
    else:
        raise NotFound()


@login_required
@require_http_methods(["GET", "POST"])
def studio_announce(request: HttpRequest) -> HttpResponse:
    """`?video=` chooses a clip. Its forms post `act` (announce, stop, take_back); what is wrong is said beside them.

    The template gets: clips (cards), chosen (an id), reach, next_at, rows (announcement cards), next_cursor, length, and
    after a refusal problem and typed.
    """
    context: dict[str, Any] = {"length": ANNOUNCEMENT_LENGTH, "typed": request.POST}
    status = 200
    if request.method == "POST":
        try:
            _act(request)
            return redirect("studio-announce")
        except NotFound:
            raise
        except Problem as problem:
            status, context["problem"] = problem.status, problem
    asked = request.POST.get("video") or request.GET.get("video", "")
    page = access.announcement_page(request.user, request.GET.get("cursor"))
    next_at = access.next_announcement_at(request.user)
    clips = [] if next_at else access.announceable_clips(request.user, asked)
    ids = [clip["id"] for clip in clips]
    context |= {
        "next_at": next_at,
        "clips": clips,
        "chosen": asked if asked in ids else (ids[0] if ids else ""),
        "reach": access.announcement_reach(request.user),
        "rows": access.announcement_cards(request.user, page.items),
        "next_cursor": page.next_cursor,
        "fewest": SMALLEST_GROUP,
    }
    return render(request, "messaging/announce.html", context, status=status)
