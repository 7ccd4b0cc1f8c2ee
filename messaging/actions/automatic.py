"""Messages that go out in somebody's name without their writing here and now: announcements, away messages.

The seat of the person they are from stays as it is: nothing is read, answered or accepted by them, and their list of
conversations does not fill with what they sent to thousands. An answer brings the conversation up as ever.
"""

from typing import Any

from django.db.models import Case, F, Value, When
from django.utils import timezone

from accounts.models import User
from socialapp.lib.disguise import fold
from socialapp.lib.ids import new_id
from socialapp.lib.realtime import push_on_commit

from ..models import Conversation, Message, Participant
from .ground import push_badges, reference
from .pushing import message_written


def direct_conversation(one_id: int, other_id: int) -> Conversation:
    """The conversation of two people, who are locked by the caller; made when there is none. One query, or three."""
    low, high = sorted((one_id, other_id))
    conversation, created = Conversation.objects.get_or_create(direct_key=f"{low}:{high}")
    if created:
        Participant.objects.bulk_create(
            [Participant(conversation=conversation, person_id=pk) for pk in (one_id, other_id)]
        )
    return conversation


def append_automatic(
    sender: User,
    conversation: Conversation,
    receiver_id: int,
    *,
    client_id: str,
    tell_sender: bool = False,
    **columns: Any,
) -> Message | None:
    """Add a message to a conversation of two; `columns` are those of Message. None when this `client_id` was sent before.

    The caller holds both people (`lock_people`) and has decided that it may arrive, as a message. `tell_sender`: their open
    tabs show it as well. Six queries.
    """
    if Message.objects.filter(sender=sender, client_id=client_id).exists():
        return None
    conversation = Conversation.objects.select_for_update().get(pk=conversation.pk)
    now = timezone.now()
    seq = conversation.last_seq + 1
    message = Message.objects.create(
        id=new_id(),
        conversation=conversation,
        sender=sender,
        seq=seq,
        change=conversation.last_change + 1,
        client_id=client_id,
        search_text=fold(columns.get("text", "")),
        **columns,
    )
    Conversation.objects.filter(pk=conversation.pk).update(
        last_seq=seq, last_change=message.change, last_message_at=now
    )
    Participant.objects.filter(conversation=conversation, person=receiver_id).update(
        last_seq=seq,
        last_message_at=now,
        archived_at=Case(When(muted=True, then=F("archived_at")), default=Value(None)),
    )
    told = [receiver_id, sender.pk] if tell_sender else [receiver_id]
    push_on_commit(told, "message.new", reference(message))
    push_badges([receiver_id])
    message_written(message)
    return message
