"""Messages as one person may read them. Clips in them are asked for at the gate of `videos` each time they are shown."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import User
from privacy.access import is_moderator, restricted_ids
from privacy.models import Case, Report
from socialapp.lib.errors import NotFound
from videos.access import get_video, watchable_videos
from videos.access import with_people as with_authors
from videos.cards import cards as video_cards

from ..models import Message, MessageImage, Participant, Reaction, ReportedMessage
from .seats import REQUEST, Viewer, get_seat, is_invited, number
from .sight import Sight, sights

MAX_PAGE = 200


def with_people(rows: QuerySet[Message]) -> QuerySet[Message]:
    return rows.select_related(
        "conversation", "sender", "subject", "reply_to__sender", "announcement", "image"
    )


def messages(
    viewer: Viewer, seat: Participant, after: int | None = None, before: int | None = None, limit: int = 50
) -> list[Message]:
    """Messages of a conversation in rising order: those right after `after`, or right before `before`, or the newest.

    One query on the unique (conversation, seq); `seat` must be the viewer's own, from `get_seat`.
    """
    if seat.person_id != viewer.pk:
        raise NotFound()
    if is_invited(seat):
        return []
    limit = max(1, min(limit, MAX_PAGE))
    rows = with_people(Message.objects.filter(conversation=seat.conversation_id, seq__gt=seat.cleared_seq))
    if after is not None:
        return list(rows.filter(seq__gt=after).order_by("seq")[:limit])
    if before is not None:
        rows = rows.filter(seq__lt=before)
    return list(rows.order_by("-seq")[:limit])[::-1]


def changes(viewer: Viewer, seat: Participant, changed_after: int, limit: int = 50) -> list[Message]:
    """Messages that are new or changed since the conversation's `changed_after`, in rising order of `change`.

    Taken back, taken down, released, deleted for one: all are changes, so who asks until nothing comes has everything.
    One query on (conversation, change); `seat` as for `messages`.
    """
    if seat.person_id != viewer.pk:
        raise NotFound()
    if is_invited(seat):
        return []
    rows = Message.objects.filter(
        conversation=seat.conversation_id, change__gt=changed_after, seq__gt=seat.cleared_seq
    )
    return list(with_people(rows).order_by("change", "seq")[: max(1, min(limit, MAX_PAGE))])


def get_message(
    viewer: Viewer, message_id: str | int, *, hidden: bool = False
) -> tuple[Message, Participant]:
    """One message and the viewer's seat beside it. NotFound when it is deleted for them, waits for a moderator, stands
    across a block, or its conversation is shut. With `hidden` also one of which they know no more than that it is there."""
    message = with_people(Message.objects.filter(pk=number(message_id))).first()
    if message is None:
        raise NotFound()
    seat = get_seat(viewer, message.conversation_id)
    if message.seq <= seat.cleared_seq or is_invited(seat):
        raise NotFound()
    if not hidden and sights([(seat.person_id, message)])[seat.person_id].hides(message):
        raise NotFound()
    return message, seat


def message_by_client_id(sender: User, client_id: str) -> Message | None:
    """What the sender wrote under this name of their own, in whichever conversation. One query."""
    return with_people(Message.objects.filter(sender=sender, client_id=client_id)).first()


def can_quote(viewer: User, seat: Participant, quoted: Message) -> bool:
    """Whether the viewer may answer this message of the seat's conversation: they read it, and it is nothing that happened."""
    if quoted.seq <= seat.cleared_seq or quoted.is_gone or quoted.kind == Message.Kind.EVENT:
        return False
    return not sights([(viewer.pk, quoted)])[viewer.pk].hides(quoted)


def message_cards(viewer: Viewer, rows: Sequence[Message]) -> list[dict[str, Any]]:
    """The API's and the pages' shape of messages the viewer may read. Three queries, plus the clips' when there are any,
    one for quotes and one for groups."""
    restricting = Participant.objects.filter(person__in=restricted_ids(viewer), conversation__is_group=False)
    waiting = Participant.objects.filter(
        Q(state=REQUEST, conversation__is_group=False) | Q(pk__in=restricting.values("pk")),
        conversation__in={m.conversation_id for m in rows},
    )
    return cards_of(viewer, rows, requested=set(waiting.values_list("conversation_id", flat=True)))


def cards_of(
    viewer: Viewer, rows: Sequence[Message], *, requested: set[int], sight: Sight | None = None
) -> list[dict[str, Any]]:
    """Cards as `viewer` sees them; as everybody does for the anonymous. `sight`: theirs, where it was asked for already."""
    if sight is None:
        known = sights((viewer.pk, m) for m in rows) if isinstance(viewer, User) else {}
        sight = known.get(viewer.pk or 0, Sight())
    reactions: dict[int, list[dict[str, str]]] = {}
    put = Reaction.objects.filter(message__in=[m.pk for m in rows]).exclude(person__in=sight.blocked)
    for message_id, emoji, username in put.order_by("pk").values_list(
        "message_id", "emoji", "person__username"
    ):
        reactions.setdefault(message_id, []).append({"emoji": emoji, "username": username})
    wanted = {m.video_id for m in rows if m.video_id and not m.is_gone and not sight.hides(m)}
    clips: dict[str, dict[str, Any]] = {}
    if wanted:
        clips = {
            c["id"]: c
            for c in video_cards(viewer, list(with_authors(watchable_videos(viewer)).filter(pk__in=wanted)))
        }
    return [
        _message_card(m, clips, reactions.get(m.pk, []), m.conversation_id in requested, sight) for m in rows
    ]


def _message_card(
    message: Message,
    clips: dict[str, dict[str, Any]],
    reactions: list[dict[str, str]],
    request: bool,
    sight: Sight,
) -> dict[str, Any]:
    hidden = sight.hides(message)
    gone = message.is_gone or hidden
    quoted = None if gone else message.reply_to
    return {
        "id": str(message.pk),
        "conversation": str(message.conversation_id),
        "seq": message.seq,
        "change": message.change,
        "client_id": "" if hidden else message.client_id,
        "kind": Message.Kind.TEXT.value if hidden else message.kind,
        "sender": None if hidden else _name(message.sender, sight),
        "text": "" if gone or message.kind == Message.Kind.EVENT else message.text,
        "event": None if gone else _event(message, sight),
        "image": None if gone else _image(message),
        "video": None if gone or not message.video_id else clips.get(str(message.video_id)),
        # A clip was sent, whether or not this viewer may see it (any more).
        "has_video": bool(message.video_id) and not gone,
        "announcement": str(message.announcement_id) if message.announcement_id and not gone else None,
        "preview": not gone and _is_preview(message, clips),
        "reply_to": str(quoted.pk) if quoted else None,
        "quoted": _quote(quoted, sight) if quoted else None,
        "reactions": [] if gone else reactions,
        "created_at": message.created_at,
        "hidden": hidden,
        "held": bool(message.held_for) and not hidden,
        "removed": message.is_gone and not hidden,
        "taken_down": message.taken_down_at is not None and not hidden,
        "request": request,
    }


def _is_preview(message: Message, clips: dict[str, dict[str, Any]]) -> bool:
    """Whether the clip in it is not out yet: once it is, it is a clip like any other."""
    row = message.announcement
    clip = clips.get(str(message.video_id))
    return row is not None and row.is_preview and clip is not None and clip["published_at"] is None


def _name(person: User | None, sight: Sight) -> str | None:
    shown = person is not None and person.is_visible and person.pk not in sight.blocked
    return person.username if person is not None and shown else None


def _event(message: Message, sight: Sight) -> dict[str, Any] | None:
    """What happened to a group: `text` is "<what>" or "<what>:<words>", such as its new name."""
    if message.kind != Message.Kind.EVENT:
        return None
    what, _colon, words = message.text.partition(":")
    return {"what": what, "subject": _name(message.subject, sight), "text": words}


def _image(message: Message) -> dict[str, Any] | None:
    image: MessageImage | None = getattr(message, "image", None)
    return image_card(image) if image is not None else None


def image_card(image: MessageImage) -> dict[str, Any]:
    """A picture; its address asks the gate each time it is fetched."""
    return {
        "id": str(image.pk),
        "url": reverse("message-image", args=[image.conversation_id, image.pk]),
        "width": image.width,
        "height": image.height,
        "blurhash": image.blurhash,
    }


def readable(viewer: User, rows: Sequence[Message]) -> list[Message]:
    """Of messages from `messages`, those whose content the viewer sees."""
    seen = sights((viewer.pk, row) for row in rows).get(viewer.pk, Sight())
    return [row for row in rows if not seen.hides(row) and row.kind != Message.Kind.EVENT]


def is_moderators(message: Message) -> bool:
    """Whether moderators may read this message: it was reported, by itself or as a part of its conversation, or a rule
    stopped it. Three queries at most."""
    about = {"target_type": Report.Target.MESSAGE, "target_id": message.pk}
    return (
        Report.objects.filter(**about).exists()
        or Case.objects.filter(**about).exclude(rule="").exists()
        or ReportedMessage.objects.filter(message=message).exists()
    )


def _image_for_moderator(viewer: Viewer, image_id: int) -> MessageImage | None:
    if not is_moderator(viewer):
        return None
    image = MessageImage.objects.select_related("message").filter(pk=image_id).first()
    return image if image is not None and image.message and is_moderators(image.message) else None


def get_image(viewer: Viewer, conversation_id: str | int, image_id: str | int) -> MessageImage:
    """A picture for somebody who may read its message now, or who uploaded it and did not send it yet; for moderators when
    it was reported. NotFound."""
    if (shown := _image_for_moderator(viewer, number(image_id))) is not None:
        return shown
    seat = get_seat(viewer, conversation_id)
    rows = MessageImage.objects.select_related(
        "message__conversation", "message__reply_to", "message__sender"
    )
    image = rows.filter(pk=number(image_id), conversation=seat.conversation_id).first()
    if image is None:
        raise NotFound()
    message = image.message
    if message is None:
        if image.owner_id != seat.person_id:
            raise NotFound()
        return image
    sight = sights([(seat.person_id, message)])[seat.person_id]
    if message.is_gone or message.seq <= seat.cleared_seq or is_invited(seat) or sight.hides(message):
        raise NotFound()
    return image


def _quote(quoted: Message, sight: Sight) -> dict[str, Any]:
    if not sight.quotes(quoted):
        return {"sender": None, "text": "", "seq": None}
    text = "" if quoted.is_gone else quoted.text[:140]
    return {"sender": _name(quoted.sender, sight), "text": text, "seq": quoted.seq}


def get_shareable(viewer: Viewer, video_id: str | int) -> dict[str, Any]:
    """The clip that is about to be shared to a conversation, as a card."""
    return video_cards(viewer, [get_video(viewer, video_id, previews=False)])[0]
