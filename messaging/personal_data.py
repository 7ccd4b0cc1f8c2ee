"""What messaging keeps about people."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.personal_data import names
from privacy.access import blocked_ids
from privacy.erasure import register_step
from privacy.personal_data import BATCH, ExportedFile, Row, in_batches, plain, register
from videos.personal_data import clip, clips

from . import access, erasure
from .models import Announcement, HiddenMessage, Message, MessageImage, NotificationSettings, Participant


def _people(person: User, conversation_ids: Iterable[int]) -> dict[int, list[str | None]]:
    """Who else is in these conversations, by user name as far as they exist for this person. Two queries."""
    others = Participant.objects.filter(conversation__in=list(conversation_ids)).exclude(person=person.pk)
    others = others.exclude(state=Participant.State.LEFT)
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
                "group": seat.conversation.is_group,
                "people": people.get(seat.conversation_id, []),
                "newest": seat.last_message_at,
            }


def _readable(person: User) -> "QuerySet[Message]":
    """What they sent, and what they can read where they still have a seat, as far as they did not delete it.

    Nothing of a group that they have not said yes to, of somebody in a block with them, or that waits for a moderator.
    """
    mine = Q(sender=person.pk)
    deleted = HiddenMessage.objects.filter(person=person.pk, message=OuterRef("pk"))
    seats = access.seats(person).exclude(state=Participant.State.REQUEST, conversation__is_group=True)
    open_to = Q(conversation__in=seats.values("conversation"))
    kept = Q(
        conversation__participants__person=person.pk, seq__gt=F("conversation__participants__cleared_seq")
    )
    others = Message.objects.filter(open_to & kept, held_for="").exclude(sender__in=blocked_ids(person))
    return Message.objects.filter(mine | Q(pk__in=others.values("pk"))).exclude(Exists(deleted))


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
            named = (pk for message in batch for pk in (message.sender_id, message.subject_id) if pk)
            senders = names(person, named)
            pictures = dict(
                MessageImage.objects.filter(message__in=batch, owner=person.pk).values_list("message", "pk")
            )
            for message in batch:
                mine = message.sender_id == person.pk
                gone = message.removed_at is not None or (message.taken_down_at is not None and not mine)
                event = message.kind == Message.Kind.EVENT
                yield {
                    "conversation": str(talk),
                    "people": people,
                    "at": message.created_at,
                    "sender": person.username if mine else senders.get(message.sender_id or 0),
                    "mine": mine,
                    "kind": message.kind,
                    "event": _event(message, person, senders) if event else None,
                    "text": "" if gone or event else message.text,
                    "picture": _picture(pictures[message.pk]) if message.pk in pictures else None,
                    "clip": clip(found, message.video_id) if message.video_id and not gone else None,
                    "taken_back": message.removed_at is not None,
                }


def _event(message: Message, person: User, found: dict[int, str]) -> Row:
    what, _colon, words = message.text.partition(":")
    whom = person.username if message.subject_id == person.pk else found.get(message.subject_id or 0)
    return {"what": what, "whom": whom, "name": words}


# --- Pictures, announcements, settings ------------------------------------------------------------------------------


def _picture(image_id: int) -> str:
    return f"messages/{image_id}.webp"


def _pictures(person: User) -> Iterator[Row]:
    """Those they sent, and those that wait to be sent. What others sent them is theirs: it can be taken back."""
    for batch in in_batches(MessageImage.objects.filter(owner=person.pk)):
        for image in batch:
            yield {
                "at": image.created_at,
                "conversation": str(image.conversation_id),
                "message": str(image.message_id) if image.message_id else None,
                "picture": _picture(image.pk),
                "width": image.width,
                "height": image.height,
            }


def _picture_files(person: User) -> Iterator[ExportedFile]:
    for batch in in_batches(MessageImage.objects.filter(owner=person.pk)):
        for image in batch:

            def find(pk: int = image.pk) -> str | Path | None:
                return MessageImage.objects.filter(pk=pk).values_list("file", flat=True).first()

            yield ExportedFile(_picture(image.pk), find)


def _announcements(person: User) -> Iterator[Row]:
    for batch in in_batches(Announcement.objects.filter(author=person.pk)):
        found = clips(person, (row.video_id for row in batch))
        for row in batch:
            said = {"text": row.text, "to": row.audience, "preview": row.is_preview, "state": row.state}
            sent = {"sent_to": row.sent_count, "finished_at": row.finished_at}
            yield {"at": row.created_at} | clip(found, row.video_id) | said | sent


def _how_told(person: User) -> Iterator[Row]:
    row = NotificationSettings.objects.filter(person=person.pk).first()
    if row is not None:
        said = "channels quiet_from quiet_to time_zone digest digest_sent_at"
        yield {name: getattr(row, name) for name in said.split()}


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
        announcements_muted="announcements_muted",
        archived_at="archived_at",
        pinned_at="pinned_at",
        looks_after_it="is_admin",
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

register(
    "messaging",
    "MessageImage",
    exported=True,
    erased="null",
    why="Received pictures stay with the message, from a deleted account; those nobody received go.",
    rows=_pictures,
    files=_picture_files,
)
register("messaging", "Announcement", exported=True, erased="cascade", rows=_announcements)
register(
    "messaging",
    "HiddenMessage",
    exported=True,
    erased="cascade",
    rows=plain("messaging", "HiddenMessage", "person", message="message_id", at="created_at"),
)
register(
    "messaging",
    "ReportedMessage",
    exported=False,
    erased="kept",
    why="Which messages a report is about. Names nobody; goes with the message, whose words a report keeps no copy of.",
)
register(
    "messaging",
    "QuickReply",
    exported=True,
    erased="cascade",
    rows=plain("messaging", "QuickReply", "owner", text="text", at="created_at"),
)
register(
    "messaging",
    "AwayMessage",
    exported=True,
    erased="cascade",
    layout="facts",
    rows=plain(
        "messaging", "AwayMessage", "owner", text="text", on="is_on", until="until", since="turned_on_at"
    ),
)
register("messaging", "NotificationSettings", exported=True, erased="cascade", layout="facts", rows=_how_told)
register(
    "messaging",
    "PushSubscription",
    exported=True,
    erased="cascade",
    rows=plain(
        "messaging",
        "PushSubscription",
        "person",
        browser="browser",
        at="created_at",
        last_sent_at="last_sent_at",
    ),
)
register(
    "messaging",
    "Push",
    exported=False,
    erased="cascade",
    why="Our own work: that somebody is to be told of a message or notification, which are in the download themselves.",
)

register_step("messaging", erasure.forget_person)
