"""A message that somebody writes gets its number and its place, and who may know is told.

Called inside a transaction that holds the locks of ground.py and has decided that the message may be written. What goes out
in somebody's name without their writing it is `automatic`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, DateTimeField, F, PositiveBigIntegerField, Q, Value, When
from django.utils import timezone

from accounts.models import User
from socialapp.lib.disguise import fold
from socialapp.lib.ids import new_id
from socialapp.lib.realtime import push_on_commit
from videos.models import Video

from .. import access
from ..models import Conversation, Message, MessageImage, Notification, Participant
from .answering import answer_when_away
from .conversations import accept
from .ground import ACTIVE, LEFT, REQUEST, push_badges, reference
from .notices import notify
from .pushing import message_written


@dataclass(frozen=True)
class Draft:
    """What is about to be written, checked. `as_request`: it waits for the receiver's yes; `held_for`: for a moderator."""

    client_id: str
    text: str = ""
    video: Video | None = None
    image: MessageImage | None = None
    quoted: Message | None = None
    as_request: bool = False
    held_for: str = ""


def append(actor: User, seat: Participant, others: list[Participant], draft: Draft) -> Message:
    """Write the message at `last_seq + 1` of the locked conversation and tell who may know. About ten queries.

    What is held moves nobody's seat but the sender's, and tells nobody else.
    """
    now = timezone.now()
    conversation = seat.conversation
    waited = seat.waiting_since
    message = Message.objects.create(
        id=new_id(),
        conversation=conversation,
        sender=actor,
        seq=conversation.last_seq + 1,
        change=conversation.last_change + 1,
        client_id=draft.client_id,
        text=draft.text,
        search_text=fold(draft.text),
        video=draft.video,
        reply_to=draft.quoted,
        held_for=draft.held_for,
        answered_after=max(0, int((now - waited).total_seconds())) if waited else None,
    )
    if draft.image is not None:
        MessageImage.objects.filter(pk=draft.image.pk).update(message=message)
        draft.image.message = message
    else:
        # It has none, so nobody need ask.
        Message._meta.get_field("image").set_cached_value(message, None)
    Conversation.objects.filter(pk=conversation.pk).update(
        last_seq=message.seq, last_change=message.change, last_message_at=now
    )
    conversation.last_seq, conversation.last_change = message.seq, message.change
    _move_seats(actor, conversation, draft, message.seq, now)
    accept(seat, others)  # who writes has said yes
    if draft.held_for:
        push_on_commit([actor.pk], "message.new", reference(message))
    else:
        tell(message, others, as_request=draft.as_request)
        answer_when_away(message, seat, others)
    return message


def _move_seats(actor: User, conversation: Conversation, draft: Draft, seq: int, now: datetime) -> None:
    """Everybody's copy of the newest number and time, what is archived, and who owes whom an answer. One query."""
    mine = Q(person=actor)
    seats = Participant.objects.filter(conversation=conversation)
    if draft.held_for:
        seats = seats.filter(mine)
    changes: dict[str, Any] = {}
    if conversation.is_group:
        # Who left, or was asked and has not answered, is moved by nothing that is written.
        seats = seats.exclude(state=LEFT)
    else:
        arrives = Value(REQUEST if draft.as_request else ACTIVE)
        changes["state"] = Case(When(~mine, then=arrives), default=F("state"), output_field=CharField())
        # A request is nothing that its receiver owes an answer to.
        waits = Q(pk=None) if draft.as_request else ~mine & Q(waiting_since=None)
        changes["waiting_since"] = Case(
            When(mine, then=Value(None, output_field=DateTimeField())),
            When(waits, then=Value(now)),
            default=F("waiting_since"),
            output_field=DateTimeField(),
        )
    seats.update(
        last_seq=seq,
        last_message_at=now,
        read_seq=Case(
            When(mine, then=Value(seq)), default=F("read_seq"), output_field=PositiveBigIntegerField()
        ),
        # What is new brings a conversation back into the list, unless its person wants no calls from it.
        archived_at=Case(
            When(mine | Q(muted=False), then=Value(None, output_field=DateTimeField())),
            default=F("archived_at"),
            output_field=DateTimeField(),
        ),
        **changes,
    )


def tell(message: Message, others: list[Participant], *, as_request: bool, to_sender: bool = True) -> None:
    """Let the sender's and the others' tabs show it, browsers push it, and a request be asked."""
    sender = message.sender_id or 0
    receivers = [o.person_id for o in others if o.state == ACTIVE or not message.conversation.is_group]
    if as_request:
        _ask(receivers, sender)
    live = None if as_request else access.live_card(message)
    told = [*receivers, sender] if to_sender else receivers
    push_on_commit(told, "message.new", reference(message), live)
    push_badges(receivers)
    message_written(message)


def _ask(person_ids: list[int], sender_id: int) -> None:
    for person_id in person_ids:
        notify(person_id, Notification.Kind.MESSAGE_REQUEST, actor_id=sender_id, group_key="message_request")
