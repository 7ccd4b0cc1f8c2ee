"""What moderators do to messages: let go what a rule held, hide what breaks the rules, and take both back.

Under the same locks as everything else in a conversation (ground.py), so that each change has its number and who was away
learns of it.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, DateTimeField, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.actions import lock_people
from privacy.models import Decision
from socialapp.lib.errors import Conflict, Forbidden
from socialapp.lib.realtime import push_on_commit

from ..models import Conversation, Message, Participant
from .appending import tell
from .ground import ACTIVE, LEFT, REQUEST, changed, reference
from .writing import decide


def _locked(message_id: int) -> tuple[Message | None, list[Participant]]:
    """The message and everybody's seats beside it, locked; None when it is gone. Inside a transaction."""
    where = Message.objects.values_list("conversation_id", flat=True).filter(pk=message_id).first()
    if where is None:
        return None, []
    people = Participant.objects.filter(conversation=where).values_list("person_id", flat=True)
    lock_people(*people)
    Conversation.objects.select_for_update().get(pk=where)
    seats = Participant.objects.filter(conversation=where).exclude(state=LEFT).order_by("pk")
    message = Message.objects.select_related("sender", "conversation").filter(pk=message_id).first()
    return message, list(seats.select_related("person__privacy", "conversation"))


@transaction.atomic
def release_message(actor: Any, message_id: int, decision: Decision) -> dict[str, Any]:
    """Let go a message that a rule held: it arrives as if it were written now, as what the receiver's settings make of it
    now. One that they would refuse by now, and one that was taken back, stays where it is."""
    message, seats = _locked(message_id)
    if message is None or not message.held_for or message.is_gone or message.sender is None:
        return {}
    mine = [seat for seat in seats if seat.person_id == message.sender_id]
    others = [seat for seat in seats if seat.person_id != message.sender_id]
    if not mine or not message.sender.is_visible:
        return {}
    try:
        permit = decide(message.sender, mine[0], others)
    except Forbidden:
        return {}
    before = {"held_for": message.held_for}
    message.held_for = ""
    message.save(update_fields=["held_for"])
    changed(message)
    now = timezone.now()
    _arrive(message, others, as_request=permit.as_request, now=now)
    push_on_commit([message.sender.pk], "message.updated", reference(message))
    tell(message, others, as_request=permit.as_request, to_sender=False)
    return before


def _arrive(message: Message, others: list[Participant], *, as_request: bool, now: datetime) -> None:
    arrives = Value(REQUEST if as_request else ACTIVE)
    nobody = Value(None, output_field=DateTimeField())
    waits = Q(pk__in=[]) if as_request else Q(waiting_since=None)
    Participant.objects.filter(pk__in=[seat.pk for seat in others]).update(
        state=Case(When(accepted_at=None, then=arrives), default=F("state"), output_field=CharField()),
        last_seq=message.conversation.last_seq,
        last_message_at=now,
        archived_at=Case(When(muted=False, then=nobody), default=F("archived_at")),
        waiting_since=Case(When(waits, then=Value(now)), default=F("waiting_since")),
    )


@transaction.atomic
def hold_message_again(actor: Any, message_id: int, before: dict[str, Any]) -> None:
    """The decision to let it go was taken back: it waits again, and only its sender reads it."""
    message, seats = _locked(message_id)
    if message is None or not before.get("held_for") or message.held_for or message.is_gone:
        return
    message.held_for = before["held_for"]
    message.save(update_fields=["held_for"])
    changed(message)
    push_on_commit([seat.person_id for seat in seats], "message.updated", reference(message))


@transaction.atomic
def take_message_down(actor: Any, message_id: int, decision: Decision) -> dict[str, Any]:
    """Hide a message from everybody in its conversation, at once in open tabs; its words and picture stay for an appeal,
    out of reach. Conflict when it is no longer there."""
    message, seats = _locked(message_id)
    if message is None:
        raise Conflict(_("This is no longer here. Dismiss the case."), code="gone")
    if message.taken_down_at is not None:
        return {}
    _set_taken_down(message, seats, timezone.now())
    return {"taken_down": True}


@transaction.atomic
def put_message_back(actor: Any, message_id: int, before: dict[str, Any]) -> None:
    """Show it again, unless its sender took it back meanwhile. What was held before waits as it did."""
    message, seats = _locked(message_id)
    if message is not None and before.get("taken_down"):
        _set_taken_down(message, seats, None)


def _set_taken_down(message: Message, seats: list[Participant], when: datetime | None) -> None:
    message.taken_down_at = when
    message.save(update_fields=["taken_down_at"])
    changed(message)
    told = [s.person_id for s in seats if not message.held_for or s.person_id == message.sender_id]
    push_on_commit(told, "message.updated", reference(message))
