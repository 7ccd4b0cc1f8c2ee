"""Every write of conversations and notifications, by subject. The locks they share are those of ground.py."""

from .conversations import accept_request, leave_conversation, mark_read, mute_conversation, open_conversation
from .ground import push_badges
from .notices import mark_notifications_read, notify, withdraw
from .writing import react, send_message, unreact, unsend

__all__ = [
    "accept_request",
    "leave_conversation",
    "mark_notifications_read",
    "mark_read",
    "mute_conversation",
    "notify",
    "open_conversation",
    "push_badges",
    "react",
    "send_message",
    "unreact",
    "unsend",
    "withdraw",
]
