"""What messaging keeps about people."""

from collections.abc import Iterable, Iterator

from django.db.models import F, Q, QuerySet

from accounts.models import User
from accounts.personal_data import names
from privacy.erasure import register_step
from privacy.personal_data import BATCH, Row, in_batches, plain, register
from videos.personal_data import clip, clips

from . import access, erasure
from .models import Message, Participant


def _people(person: User, conversation_ids: Iterable[int]) -> dict[int, list[str | None]]:
    """Who else is in these conversations, by user name as far as they exist for this person. Two queries."""
    others = Participant.objects.filter(conversation__in=list(conversation_ids)).exclude(person=person.pk)
    pairs = list(others.order_by("pk").values_list("conversation_id", "person_id"))
    found = names(person, (pk for _talk, pk in pairs))
    talks: dict[int, list[str | None]] = {}
    for talk, pk in pairs:
        talks.setdefault(talk, []).append(found.get(pk))
    return talks


def _conversations(person: User) -> Iterator[Row]:
    for batch in in_batches(access.seats(person)):
        people = _people(person, (seat.conversation_id for seat in batch))
        for seat in batch:
            yield {
                "conversation": str(seat.conversation_id),
                "name": seat.conversation.name,
                "people": people.get(seat.conversation_id, []),
                "newest": seat.last_message_at,
            }


def _readable(person: User) -> "QuerySet[Message]":
    """What they sent, and what they can read where they still have a seat, as far as they did not delete it."""
    mine = Q(sender=person.pk)
    seats = access.seats(person).filter(conversation=F("conversation"))
    open_to = Q(conversation__in=seats.values("conversation"))
    kept = Q(
        conversation__participants__person=person.pk, seq__gt=F("conversation__participants__cleared_seq")
    )
    readable = Message.objects.filter(open_to & kept).values("pk")
    return Message.objects.filter(mine | Q(pk__in=readable))


def _by_number(rows: "QuerySet[Message]") -> Iterator[list[Message]]:
    """The messages of one conversation in batches, as they were written."""
    last = 0
    while batch := list(rows.filter(seq__gt=last).order_by("seq")[:BATCH]):
        yield batch
        last = batch[-1].seq


def _messages(person: User) -> Iterator[Row]:
    """In the order of their conversations and then as they were written. Others are user names, as far as they are there."""
    rows = _readable(person)
    for talk in rows.order_by("conversation").values_list("conversation_id", flat=True).distinct():
        people = _people(person, [talk]).get(talk, [])
        for batch in _by_number(rows.filter(conversation=talk)):
            found = clips(person, (message.video_id for message in batch))
            senders = names(person, (message.sender_id for message in batch if message.sender_id))
            for message in batch:
                mine = message.sender_id == person.pk
                gone = message.removed_at is not None or (message.taken_down_at is not None and not mine)
                yield {
                    "conversation": str(talk),
                    "people": people,
                    "at": message.created_at,
                    "sender": person.username if mine else senders.get(message.sender_id or 0),
                    "mine": mine,
                    "text": "" if gone else message.text,
                    "clip": clip(found, message.video_id) if message.video_id and not gone else None,
                    "taken_back": message.removed_at is not None,
                }


# Without its sentence, which says people's names as they write them themselves.
def _notifications(person: User) -> Iterator[Row]:
    for batch in in_batches(
        access.notifications(person).select_related("video__author__privacy", "comment"), 200
    ):
        for card in access.notification_cards(person, batch):
            yield {
                "at": card["created_at"],
                "kind": card["kind"],
                "people": [one["username"] for one in card["people"]],
                "clip": card["video"]["id"] if card["video"] else None,
                "read": card["read"],
            }


register(
    "messaging",
    "Conversation",
    exported=True,
    erased="kept",
    why="Belongs to everybody in it; what it holds of one person is in Participant and Message.",
    rows=_conversations,
)
register(
    "messaging",
    "Participant",
    exported=True,
    erased="cascade",
    rows=plain(
        "messaging",
        "Participant",
        "person",
        conversation="conversation_id",
        state="state",
        read_up_to="read_seq",
        deleted_up_to="cleared_seq",
        muted="muted",
        joined_at="joined_at",
    ),
)
register(
    "messaging",
    "Message",
    exported=True,
    erased="null",
    why="Sent messages stay readable for their receivers, from a deleted account.",
    layout="messages",
    rows=_messages,
)
register(
    "messaging",
    "Reaction",
    exported=True,
    erased="cascade",
    rows=plain("messaging", "Reaction", "person", message="message_id", emoji="emoji"),
)
register("messaging", "Notification", exported=True, erased="cascade", rows=_notifications)
register(
    "messaging",
    "NotificationActor",
    exported=False,
    erased="cascade",
    why="Who did it is shown in the notification; the deed itself (like, follow, comment) is exported by its own table.",
)

register_step("messaging", erasure.forget_person)
