"""Every write of conversations and notifications, by subject. The locks they share are those of ground.py."""

from .announcing import announce, mute_announcements, stop_announcement
from .answering import add_quick_reply, change_quick_reply, delete_quick_reply, set_away
from .changing import hide_message, react, unreact, unsend
from .conversations import (
    accept_request,
    archive_conversation,
    leave_conversation,
    mark_read,
    mute_conversation,
    open_conversation,
    pin_conversation,
)
from .digests import (
    TRY_FOR,
    check_unsubscribe_token,
    claim_digests,
    expect_digests_of_messages,
    next_slot,
    settle_digest,
    unsubscribe,
    unsubscribe_token,
)
from .fan_out import serve_announcements
from .ground import push_badges
from .groups import (
    add_people,
    refresh_shared_groups,
    remove_person,
    rename_group,
    set_admin,
    start_group,
)
from .holding import hold_message_again, put_message_back, release_message, take_message_down
from .notice_settings import change_notification_settings
from .notices import mark_notifications_read, notify, withdraw
from .picturing import forget_pictures, sweep_pictures, upload_picture
from .presence import hide_presence, part, tell_presence
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
from .writing import send_message

__all__ = [
    "TRY_FOR",
    "accept_request",
    "add_people",
    "add_quick_reply",
    "announce",
    "archive_conversation",
    "change_notification_settings",
    "change_quick_reply",
    "check_unsubscribe_token",
    "claim_digests",
    "delete_quick_reply",
    "delete_requests",
    "expect_digests_of_messages",
    "forget_ended_sessions",
    "forget_finished_pushes",
    "forget_pictures",
    "forget_session",
    "hide_message",
    "hide_presence",
    "hold_message_again",
    "leave_conversation",
    "mark_notifications_read",
    "mark_read",
    "message_written",
    "mute_announcements",
    "mute_conversation",
    "next_slot",
    "notified",
    "notify",
    "open_conversation",
    "part",
    "pin_conversation",
    "push_badges",
    "put_message_back",
    "react",
    "refresh_shared_groups",
    "release_message",
    "remove_person",
    "rename_group",
    "send_message",
    "serve_announcements",
    "set_admin",
    "set_away",
    "settle_digest",
    "start_group",
    "stop_announcement",
    "subscribe_browser",
    "sweep_pictures",
    "take_message_down",
    "tell_presence",
    "try_push",
    "unreact",
    "unsend",
    "unsubscribe",
    "unsubscribe_browser",
    "unsubscribe_token",
    "upload_picture",
    "withdraw",
]
