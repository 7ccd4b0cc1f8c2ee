"""Every write of conversations and notifications, by subject. The locks they share are those of ground.py."""

from .conversations import accept_request, leave_conversation, mark_read, mute_conversation, open_conversation
from .digests import (
    check_unsubscribe_token,
    claim_digests,
    expect_digests_of_messages,
    settle_digest,
    unsubscribe,
    unsubscribe_token,
)
from .ground import push_badges
from .groups import add_people, remove_person, rename_group, set_admin, start_group
from .notice_settings import change_notification_settings
from .notices import mark_notifications_read, notify, withdraw
from .pushing import (
    forget_ended_sessions,
    forget_finished_pushes,
    forget_session,
    message_written,
    notified,
    subscribe_browser,
    try_push,
    unsubscribe_browser,
)
from .requests import delete_requests
from .writing import react, send_message, unreact, unsend

__all__ = [
    "accept_request",
    "add_people",
    "change_notification_settings",
    "check_unsubscribe_token",
    "claim_digests",
    "delete_requests",
    "expect_digests_of_messages",
    "forget_ended_sessions",
    "forget_finished_pushes",
    "forget_session",
    "leave_conversation",
    "mark_notifications_read",
    "mark_read",
    "message_written",
    "mute_conversation",
    "notified",
    "notify",
    "open_conversation",
    "push_badges",
    "react",
    "remove_person",
    "rename_group",
    "send_message",
    "set_admin",
    "settle_digest",
    "start_group",
    "subscribe_browser",
    "try_push",
    "unreact",
    "unsend",
    "unsubscribe",
    "unsubscribe_browser",
    "unsubscribe_token",
    "withdraw",
]
