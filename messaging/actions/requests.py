"""All requests at once."""

from .. import access
from .conversations import leave_conversation
from .ground import REQUEST, Actor, signed_in

AT_ONCE = 200


def delete_requests(actor: Actor) -> int:
    """Decline every request that waits for the actor, at most 200, each under its own locks; how many. Their senders learn
    nothing. What whom the actor restricts wrote stays: it is not a request to the actor's mind."""
    me = signed_in(actor)
    waiting = access.message_requests(me).filter(state=REQUEST).order_by("pk")
    ids = list(waiting.values_list("conversation_id", flat=True)[:AT_ONCE])
    for conversation in ids:
        leave_conversation(me, conversation)
    return len(ids)
