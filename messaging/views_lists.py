"""Pages around conversations: the list, requests, whom to write to, search, where to send a clip."""

import uuid
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import person_card
from accounts.models import User

from . import access, actions
from .models import Conversation
from .rules import GROUP_PEOPLE


def panes(request: HttpRequest, *, requests: bool = False, archived: bool = False) -> dict[str, Any]:
    """What the pane with the list draws; the other pane adds its own."""
    page = access.conversation_page(
        request.user, request.GET.get("cursor"), requests=requests, archived=archived
    )
    waiting = access.message_requests(request.user)[: access.BADGE_LIMIT].count()
    return {
        "rows": access.conversation_cards(request.user, page.items),
        "next_cursor": page.next_cursor,
        "requests": requests,
        "archived": archived,
        "waiting": waiting,
    }


@login_required
@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """The inbox of conversations, or `?archived=1`; on a wide screen with an empty second pane."""
    archived = request.GET.get("archived") == "1"
    return render(request, "messaging/messages.html", panes(request, archived=archived))


@login_required
@require_GET
def message_requests(request: HttpRequest) -> HttpResponse:
    """Who would like to write, without what they wrote."""
    return render(request, "messaging/messages.html", panes(request, requests=True))


@login_required
@require_GET
def message_search(request: HttpRequest) -> HttpResponse:
    """`?q=`: conversations by name and messages by their words, in what one may read oneself."""
    text, cursor = request.GET.get("q", "")[:100].strip(), request.GET.get("cursor")
    page = access.search_page(request.user, text, cursor=cursor)
    briefs = access.conversation_briefs(request.user, [m.conversation_id for m in page.items])
    cards = access.message_cards(request.user, page.items)
    context = {
        "q": text,
        "people": access.recipients(request.user, text, size=6) if text and not cursor else [],
        "found": [{"message": card, "conversation": briefs[int(card["conversation"])]} for card in cards],
        "next_cursor": page.next_cursor,
    }
    return render(request, "messaging/search.html", context)


@login_required
@require_GET
def conversation_details(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """Who is in a conversation, what was shared in it and what one may set; `?fragment=1` for the sheet beside it."""
    seat = access.get_seat(request.user, conversation_id)
    page = access.media_page(request.user, seat)
    context = {
        "conversation": access.conversation_detail(request.user, seat),
        "media": access.media_cards(request.user, page),
        "more_media": bool(page.next_cursor),
        "room": GROUP_PEOPLE,
        "me": person_card(request.user, cast(User, request.user)),
    }
    fragment = "fragment" in request.GET
    return render(request, "messaging/_details.html" if fragment else "messaging/details.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_message(request: HttpRequest) -> HttpResponse:
    """Whom to write to. `?to=<username>` goes straight into the conversation with them; opening one tells nobody, the
    first message does. `?q=` finds people where scripts do not run; posting `usernames` opens a conversation or a group."""
    to = request.GET.getlist("to") if request.method == "GET" else request.POST.getlist("usernames")
    video = request.POST.get("video") or request.GET.get("video", "")
    if to or request.method == "POST":
        opened = _opened(request, to)
        if video:
            return _sharing(request, video, [str(opened.pk)])
        return redirect("message-thread", conversation_id=opened.pk)
    if video:
        return _sharing(request, video)
    text = request.GET.get("q", "")
    context = {"q": text, "people": access.recipients(request.user, text)}
    return render(request, "messaging/new.html", context)


def _opened(request: HttpRequest, usernames: list[str]) -> Conversation:
    if len(set(usernames)) > 1:
        return actions.start_group(request.user, usernames, request.POST.get("name", ""))
    return actions.open_conversation(request.user, usernames)[0]


@login_required
@require_http_methods(["GET", "POST"])
def share_video(request: HttpRequest) -> HttpResponse:
    """`?video=<id>`: pick conversations, or people, and send the clip there with a line of text."""
    video = request.POST.get("video") or request.GET.get("video", "")
    if request.method == "GET":
        return _sharing(request, video)
    card = access.get_shareable(request.user, video)
    chosen = request.POST.getlist("conversation")[:MOST_SHARED]
    for username in request.POST.getlist("username")[: MOST_SHARED - len(chosen)]:
        chosen.append(str(_opened(request, [username]).pk))
    if not chosen:
        return _sharing(request, video, problem=True)
    sent = [
        actions.send_message(
            request.user,
            conversation,
            client_id=f"{request.POST.get('client_id', '')}.{number}"[:64],
            text=request.POST.get("text", ""),
            video_id=card["id"],
        )
        for number, conversation in enumerate(dict.fromkeys(chosen))
    ]
    return redirect("message-thread", conversation_id=sent[0].conversation_id)


MOST_SHARED = 20  # conversations that one clip goes to at once


def _sharing(
    request: HttpRequest, video_id: str, chosen: list[str] | None = None, *, problem: bool = False
) -> HttpResponse:
    page = access.conversation_page(request.user)
    context = {
        "card": access.get_shareable(request.user, video_id),
        "rows": access.conversation_cards(request.user, page.items),
        "people": access.recipients(request.user, request.GET.get("q", "")),
        "chosen": chosen or [],
        "client_id": uuid.uuid4().hex,
        "problem": problem,
    }
    return render(request, "messaging/share.html", context, status=400 if problem else 200)
