"""Pages of messages and notifications."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from . import access, actions
from .templatetags.chat import in_runs

REACTIONS = ("❤️", "😂", "😮", "😢", "👍", "🔥")


def _panes(request: HttpRequest, *, requests: bool = False) -> dict[str, object]:
    page = access.conversation_page(request.user, request.GET.get("cursor"), requests=requests)
    waiting = access.message_requests(request.user)[: access.BADGE_LIMIT].count()
    return {
        "rows": access.conversation_cards(request.user, page.items),
        "next_cursor": page.next_cursor,
        "requests": requests,
        "waiting": waiting,
    }


@login_required
@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """The inbox of conversations; on a wide screen with an empty second pane."""
    return render(request, "messaging/messages.html", _panes(request))


@login_required
@require_GET
def message_requests(request: HttpRequest) -> HttpResponse:
    """Who would like to write, without what they wrote."""
    return render(request, "messaging/messages.html", _panes(request, requests=True))


@login_required
@require_GET
def conversation(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """One conversation beside the list."""
    seat = access.get_seat(request.user, conversation_id)
    rows = access.messages(request.user, seat, limit=40)
    card = access.conversation_detail(request.user, seat)
    cards = access.message_cards(request.user, rows)
    context = _panes(request, requests=card["state"] == "request") | {
        "conversation": card,
        "other": card["people"][0],
        "thread": in_runs(cards, read_seq=seat.read_seq, me=request.user.username),
        "older": len(rows) == 40,
        "emoji": REACTIONS,
    }
    return render(request, "messaging/messages.html", context)


@login_required
@require_GET
def new_message(request: HttpRequest) -> HttpResponse:
    """`?to=<username>`: into the conversation with them. Opening one tells nobody; the first message does."""
    opened, _created = actions.open_conversation(request.user, [request.GET.get("to", "")])
    return redirect("message-thread", conversation_id=opened.pk)


@login_required
@require_http_methods(["GET", "POST"])
def share_video(request: HttpRequest) -> HttpResponse:
    """`?video=<id>`: pick a recent conversation and send the clip there."""
    card = access.get_shareable(request.user, request.POST.get("video") or request.GET.get("video", ""))
    if request.method == "POST":
        message = actions.send_message(
            request.user,
            request.POST.get("conversation", ""),
            client_id=request.POST.get("client_id", ""),
            text=request.POST.get("text", ""),
            video_id=card["id"],
        )
        return redirect("message-thread", conversation_id=message.conversation_id)
    page = access.conversation_page(request.user)
    context = {
        "card": card,
        "rows": access.conversation_cards(request.user, page.items),
        "client_id": uuid.uuid4().hex,
    }
    return render(request, "messaging/share.html", context)


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Notifications, newest first. They are marked read by the page script once they were seen."""
    page = access.notification_page(request.user, request.GET.get("cursor"))
    context = {
        "notifications": access.notification_cards(request.user, page.items),
        "next_cursor": page.next_cursor,
        "waiting": access.message_requests(request.user)[: access.BADGE_LIMIT].count(),
    }
    return render(request, "messaging/inbox.html", context)
