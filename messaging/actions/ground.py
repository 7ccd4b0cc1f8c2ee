"""What every write of conversations stands on: who acts, which locks, and what tabs are told.

Locks, always in this order: the people (`privacy.actions.lock_people`, lowest id first), then the conversation, then the
rest. A block and a change of settings lock the same people, so a message is either committed before the verdict or sees
it. Because the sender is locked too, one person's sends come one after the other and a `client_id` cannot race.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import User
from privacy.actions import lock_people
from socialapp.lib.errors import NotSignedIn
from socialapp.lib.realtime import push_unlogged

from .. import access
from ..models import Conversation, Message, Participant

Actor = User | AnonymousUser
ACTIVE = Participant.State.ACTIVE
REQUEST = Participant.State.REQUEST
LEFT = Participant.State.LEFT


def signed_in(actor: Actor) -> User:
    """The person who acts; raises NotSignedIn for nobody."""
    if not isinstance(actor, User):
        raise NotSignedIn()
    return actor


def push_badges(person_ids: Iterable[int]) -> None:
    """After commit, let these people's tabs show new numbers. What they are is counted when they are delivered, and
    only for those who are there."""
    people = list(person_ids)
    transaction.on_commit(lambda: push_unlogged(people, "badge", {}))


def locked_seat(
    actor: User, seat: Participant, *, also: Iterable[int] = ()
) -> tuple[Participant, list[Participant]]:
    """Inside a transaction: lock the people (and those of `also`) and the conversation, then ask the gate again. The
    others come with person and settings, read after the lock; of a group those who left do not come.

    Of a group everybody in it is locked, which is one query for up to 32 rows: messages of groups that share people wait
    for each other (docs/decisions/group-conversations.md has the figures).
    """
    conversation = seat.conversation
    if conversation.direct_key:
        ids = [int(part) for part in conversation.direct_key.split(":")]
    else:
        ids = list(_present(conversation).values_list("person_id", flat=True))
    lock_people(*ids, *also)
    Conversation.objects.select_for_update().get(pk=conversation.pk)
    seat = access.get_seat(actor, conversation.pk)
    around = _present(conversation).exclude(person=actor)
    return seat, list(around.select_related("person__privacy"))


def _present(conversation: Conversation) -> QuerySet[Participant]:
    seats = Participant.objects.filter(conversation=conversation).order_by("pk")
    return seats.exclude(state=LEFT) if conversation.is_group else seats


def locked_message(
    actor: User, message_id: str | int, *, hidden: bool = False
) -> tuple[Message, Participant, list[Participant]]:
    """The message with the actor's seat and the others', locked; NotFound as `access.get_message` says."""
    message, seat = access.get_message(actor, message_id, hidden=hidden)
    seat, others = locked_seat(actor, seat)
    message.refresh_from_db(fields=["removed_at", "taken_down_at", "text", "video"])
    return message, seat, others


def reference(message: Message) -> dict[str, Any]:
    """What is queued for delivery: never the text itself, so that nothing unsent lingers in Redis."""
    return {"conversation": str(message.conversation_id), "message": str(message.pk), "seq": message.seq}


def next_change(conversation_id: int) -> int:
    """The number of one more change in a conversation, which must be locked. Written to the message that changed, so that
    who was away finds it by `changed_after`."""
    Conversation.objects.filter(pk=conversation_id).update(last_change=F("last_change") + 1)
    return Conversation.objects.values_list("last_change", flat=True).get(pk=conversation_id)


def changed(message: Message) -> None:
    """Number a change of this message. The conversation must be locked."""
    message.change = next_change(message.conversation_id)
    Message.objects.filter(pk=message.pk).update(change=message.change)
