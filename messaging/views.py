"""Pages of an open conversation; what is around conversations is in `views_lists`."""

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from socialapp.lib.errors import NotFound

from . import access
from .models import Participant
from .templatetags.chat import in_runs
from .templatetags.conversations import title_of
from .views_lists import panes

REACTIONS = ("❤️", "😂", "😮", "😢", "👍", "🔥")
SHOWN = 40  # messages that a page brings along


def _place(request: HttpRequest, seat: Participant) -> int:
    """The number of the message that the address asks for; 0 when it names none that is here."""
    asked = request.GET.get("message")
    if not asked:
        return 0
    try:
        message, found = access.get_message(request.user, asked)
    except NotFound:
        return 0
    return message.seq if found.pk == seat.pk else 0


@login_required
@require_GET
def conversation(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """One conversation beside the list; `?message=<id>` opens it around that one, as a search's results do."""
    seat = access.get_seat(request.user, conversation_id)
    # Before the messages: what changes while they are read is asked for again by the page.
    change, tip = seat.conversation.last_change, seat.last_seq
    at = _place(request, seat)
    # Numbers have no gaps, so that the stretch around one begins at a number.
    rows = access.messages(request.user, seat, after=max(0, at - SHOWN // 2), limit=SHOWN) if at else []
    rows = rows or access.messages(request.user, seat, limit=SHOWN)
    card = access.conversation_detail(request.user, seat)
    cards = access.message_cards(request.user, rows)
    people = {person["username"]: person for person in card["people"] if person["username"]}
    context = panes(request, requests=card["state"] == "request") | {
        "conversation": card,
        "title": title_of(card),
        "other": card["people"][0],
        "people": card["people"],
        "thread": in_runs(cards, read_seq=seat.read_seq, me=request.user.username, people=people),
        "older": bool(rows) and rows[0].seq > seat.cleared_seq + 1,
        "change": change,
        "tip": tip,
        "at": at,
        "emoji": REACTIONS,
    }
    return render(request, "messaging/messages.html", context)


@login_required
@require_GET
def message_image(request: HttpRequest, conversation_id: str, image_id: str) -> FileResponse:
    """The file of a picture. No copy outlives the right to see it: browsers keep none, so each look asks the gate."""
    stored = access.get_image(request.user, conversation_id, image_id)
    try:
        response = FileResponse(default_storage.open(stored.file), content_type="image/webp")
    except FileNotFoundError as error:
        raise NotFound() from error
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'"
    response["Content-Disposition"] = "inline"
    return response
