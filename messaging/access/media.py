"""Pictures and clips of a conversation, without the words between them."""

from typing import Any

from django.db.models import Q

from socialapp.lib.errors import NotFound
from socialapp.lib.pagination import Page, keyset_page

from ..models import Message, Participant
from .seats import Viewer, is_request
from .thread import message_cards, with_people

SHOWN = 18


def media_page(
    viewer: Viewer, seat: Participant, cursor: str | None = None, *, size: int = SHOWN
) -> Page[Message]:
    """Messages with a picture or a clip that the viewer can still read, the newest first; none before a request is
    accepted. One query down the unique (conversation, seq): what it passes are the messages in between.

    `seat` must be the viewer's own, from `get_seat`.
    """
    if seat.person_id != viewer.pk:
        raise NotFound()
    rows = with_people(Message.objects.filter(conversation=seat.conversation_id, seq__gt=seat.cleared_seq))
    rows = rows.filter(Q(image__isnull=False) | Q(video__isnull=False), removed_at=None, taken_down_at=None)
    if is_request(seat):
        rows = rows.none()
    return keyset_page(rows, cursor, order=("-seq",), size=size)


def media_cards(viewer: Viewer, page: Page[Message]) -> list[dict[str, Any]]:
    """Their cards, of those whose picture or clip the viewer may see."""
    return [card for card in message_cards(viewer, page.items) if card["image"] or card["video"]]
