"""Every read of conversations and notifications on a person's behalf, by subject. All stand on the seats of seats.py."""

from .delivery import (
    RESTRICTED,
    deliverable_messages,
    open_seats,
    people_by_id,
    person_by_id,
    receipts_allowed,
    typing_audience,
)
from .inbox import conversation_cards, conversation_detail, writing
from .notices import (
    BADGE_LIMIT,
    badges,
    heard_notifications,
    live_notifications,
    notification_cards,
    notification_page,
    notification_settings,
    notifications,
    notifications_by_id,
)
from .seats import (
    conversation_page,
    conversations,
    get_conversation,
    get_seat,
    is_request,
    message_requests,
    seats,
)
from .talks import live_card, presence_audience, showing_activity, undisturbed
from .thread import MAX_PAGE, get_image, get_message, get_shareable, image_card, message_cards, messages

__all__ = [
    "BADGE_LIMIT",
    "MAX_PAGE",
    "RESTRICTED",
    "badges",
    "conversation_cards",
    "conversation_detail",
    "conversation_page",
    "conversations",
    "deliverable_messages",
    "get_conversation",
    "get_image",
    "get_message",
    "get_seat",
    "get_shareable",
    "heard_notifications",
    "image_card",
    "is_request",
    "live_card",
    "live_notifications",
    "message_cards",
    "message_requests",
    "messages",
    "notification_cards",
    "notification_page",
    "notification_settings",
    "notifications",
    "notifications_by_id",
    "open_seats",
    "people_by_id",
    "person_by_id",
    "presence_audience",
    "receipts_allowed",
    "seats",
    "showing_activity",
    "typing_audience",
    "undisturbed",
    "writing",
]
