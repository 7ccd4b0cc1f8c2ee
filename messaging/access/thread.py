"""Messages as one person may read them. Clips in them are asked for at the gate of `videos` each time they are shown."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from privacy.access import restricted_ids
from socialapp.lib.errors import NotFound
from videos.access import get_video, visible_videos
from videos.access import with_people as with_authors
from videos.cards import cards as video_cards

from ..models import Message, Participant, Reaction
from .seats import REQUEST, Viewer, get_seat, number

MAX_PAGE = 200


def with_people(rows: QuerySet[Message]) -> QuerySet[Message]:
    return rows.select_related("sender", "reply_to__sender")


def messages(
    viewer: Viewer, seat: Participant, after: int | None = None, before: int | None = None, limit: int = 50
) -> list[Message]:
    """Messages of a conversation in rising order: those right after `after`, or right before `before`, or the newest.

    One query on the unique (conversation, seq); `seat` must be the viewer's own, from `get_seat`.
    """
    if seat.person_id != viewer.pk:
        raise NotFound()
    limit = max(1, min(limit, MAX_PAGE))
    rows = with_people(Message.objects.filter(conversation=seat.conversation_id, seq__gt=seat.cleared_seq))
    if after is not None:
        return list(rows.filter(seq__gt=after).order_by("seq")[:limit])
    if before is not None:
        rows = rows.filter(seq__lt=before)
    return list(rows.order_by("-seq")[:limit])[::-1]


def get_message(viewer: Viewer, message_id: str | int) -> tuple[Message, Participant]:
    """One message and the viewer's seat beside it. NotFound when it is deleted for them or its conversation is shut."""
    message = with_people(Message.objects.filter(pk=number(message_id))).first()
    if message is None:
        raise NotFound()
    seat = get_seat(viewer, message.conversation_id)
    if message.seq <= seat.cleared_seq:
        raise NotFound()
    return message, seat


def message_cards(viewer: Viewer, rows: Sequence[Message]) -> list[dict[str, Any]]:
    """The API's and the pages' shape of messages the viewer may read. Two queries, plus the clips' when there are any."""
    restricting = Participant.objects.filter(person__in=restricted_ids(viewer), conversation__is_group=False)
    waiting = Participant.objects.filter(
        Q(state=REQUEST) | Q(pk__in=restricting.values("pk")),
        conversation__in={m.conversation_id for m in rows},
    )
    return cards_of(viewer, rows, requested=set(waiting.values_list("conversation_id", flat=True)))


def cards_of(viewer: Viewer, rows: Sequence[Message], *, requested: set[int]) -> list[dict[str, Any]]:
    reactions: dict[int, list[dict[str, str]]] = {}
    seen_by = Reaction.objects.filter(message__in=[m.pk for m in rows]).order_by("pk")
    for message_id, emoji, username in seen_by.values_list("message_id", "emoji", "person__username"):
        reactions.setdefault(message_id, []).append({"emoji": emoji, "username": username})
    wanted = {m.video_id for m in rows if m.video_id and not m.is_gone}
    clips: dict[str, dict[str, Any]] = {}
    if wanted:
        clips = {
            c["id"]: c
            for c in video_cards(viewer, list(with_authors(visible_videos(viewer)).filter(pk__in=wanted)))
        }
    return [_message_card(m, clips, reactions.get(m.pk, []), m.conversation_id in requested) for m in rows]


def _name(person: User | None) -> str | None:
    return person.username if person is not None and person.is_visible else None


def _message_card(
    message: Message, clips: dict[str, dict[str, Any]], reactions: list[dict[str, str]], request: bool
) -> dict[str, Any]:
    gone = message.is_gone
    quoted = None if gone else message.reply_to
    return {
        "id": str(message.pk),
        "conversation": str(message.conversation_id),
        "seq": message.seq,
        "client_id": message.client_id,
        "sender": _name(message.sender),
        "text": "" if gone else message.text,
        "video": None if gone or not message.video_id else clips.get(str(message.video_id)),
        # A clip was sent, whether or not this viewer may see it (any more).
        "has_video": bool(message.video_id) and not gone,
        "reply_to": str(quoted.pk) if quoted else None,
        "quoted": {"sender": _name(quoted.sender), "text": "" if quoted.is_gone else quoted.text[:140]}
        if quoted
        else None,
        "reactions": [] if gone else reactions,
        "created_at": message.created_at,
        "removed": gone,
        "taken_down": message.taken_down_at is not None,
        "request": request,
    }


def get_shareable(viewer: Viewer, video_id: str | int) -> dict[str, Any]:
    """The clip that is about to be shared to a conversation, as a card."""
    return video_cards(viewer, [get_video(viewer, video_id)])[0]
