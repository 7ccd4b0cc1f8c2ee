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
    notification_cards,
    notification_page,
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
from .thread import MAX_PAGE, get_message, get_shareable, message_cards, messages

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
    "get_message",
    "get_seat",
    "get_shareable",
    "is_request",
    "message_cards",
    "message_requests",
    "messages",
    "notification_cards",
    "notification_page",
    "notifications",
    "notifications_by_id",
    "open_seats",
    "people_by_id",
    "person_by_id",
    "receipts_allowed",
    "seats",
    "typing_audience",
    "writing",
]
