"""Finding words in one's own conversations."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import person_card
from accounts.models import User
from privacy.access import blocked_ids
from socialapp.lib.disguise import fold
from socialapp.lib.pagination import Page, keyset_page

from ..models import HiddenMessage, Message, Participant
from .inbox import hidden_card
from .seats import ACTIVE, Viewer, number, others_of, seats
from .thread import with_people

LONGEST = 100


def found_messages(viewer: Viewer, text: str, conversation_id: str | int | None = None) -> QuerySet[Message]:
    """Messages with these words that the viewer may read now, in what they accepted; in one conversation where it is given.

    Compared as folded (without case and accents). It reads each message of the viewer's conversations once, by the index
    on (conversation, seq): linear in what one person has, whatever others have.
    """
    words = " ".join(fold(text[:LONGEST]).split())
    if not words or "\x00" in words or not isinstance(viewer, User):
        return Message.objects.none()
    mine = seats(viewer).filter(Q(restricted=False), state=ACTIVE)
    if conversation_id is not None:
        mine = mine.filter(conversation=number(conversation_id))
    kept = Participant.objects.filter(
        conversation=OuterRef("conversation"), person=viewer, cleared_seq__lt=OuterRef("seq")
    )
    deleted = HiddenMessage.objects.filter(person=viewer, message=OuterRef("pk"))
    rows = Message.objects.filter(
        Q(held_for="") | Q(sender=viewer),
        Exists(kept),
        ~Exists(deleted),
        conversation__in=mine.values("conversation"),
        search_text__contains=words,
        removed_at=None,
        taken_down_at=None,
    )
    rows = rows.exclude(kind=Message.Kind.EVENT)
    return rows.exclude(conversation__is_group=True, sender__in=blocked_ids(viewer))


def search_page(
    viewer: Viewer,
    text: str,
    conversation_id: str | int | None = None,
    cursor: str | None = None,
    *,
    size: int = 20,
) -> Page[Message]:
    """One page of `found_messages`, the newest first."""
    return keyset_page(
        with_people(found_messages(viewer, text, conversation_id)), cursor, order=("-id",), size=size
    )


def conversation_briefs(viewer: Viewer, conversation_ids: list[int]) -> dict[int, dict[str, Any]]:
    """What a search result says of its conversation, by its id: name and people. Two queries."""
    open_now = seats(viewer).filter(conversation__in=conversation_ids)
    others = others_of(viewer, conversation_ids)
    return {
        seat.conversation_id: {
            "id": str(seat.conversation_id),
            "name": seat.conversation.name,
            "is_group": seat.conversation.is_group,
            "people": [
                person_card(viewer, other.person) if other.person.is_visible else hidden_card()
                for other in others.get(seat.conversation_id, [])
            ]
            or [hidden_card()],
        }
        for seat in open_now
    }
