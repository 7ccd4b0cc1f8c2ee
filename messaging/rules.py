"""Who may write to whom, as a table. Pure: no database, no request.

`accounts.access` finds how the two stand to each other, `privacy.rules.may` says what a setting allows; here that becomes
"as a message", "as a request" or "not at all".
"""

import re
from enum import Enum

from privacy.rules import Relation, WhoMay, may

# What a stranger may write before the other answers or accepts. Enough to say who one is, too few to pester.
FIRST_MESSAGES = 5
TEXT_LENGTH = 2000

# No accepted follow in either direction. A follower is not a stranger: a private account let them in.
STRANGERS = frozenset({Relation.STRANGER, Relation.PENDING})

# What people take for a link, whether or not it has a scheme. Only for refusing; what is clickable is http(s) and www.
LINK = re.compile(
    r"(?:https?://|www\.)\S|\b[a-z0-9-]+\.(?:com|net|org|info|io|me|ly|gg|ru|cn|xyz|top|site|shop|app|dev|link|click|co)\b",
    re.IGNORECASE,
)


class Verdict(Enum):
    """How what somebody writes arrives."""

    MESSAGE = "message"
    REQUEST = "request"
    REFUSED = "refused"


def verdict(setting: str, relation: str, *, accepted: bool) -> Verdict:
    """What the receiver's `message_audience` and how the sender stands to them make of a message.

    `accepted`: the receiver wrote here or accepted the request before. Nobody means nobody, accepted or not.
    """
    if setting == WhoMay.NOBODY or relation in (Relation.BLOCKED, Relation.ANONYMOUS):
        return Verdict.REFUSED
    if accepted or may(setting, relation):
        return Verdict.MESSAGE
    return Verdict.REQUEST


def is_first_contact(verdict: Verdict, relation: str, *, accepted: bool) -> bool:
    """Whether the limits for first messages apply: few, no links, no clips."""
    return not accepted and (verdict is Verdict.REQUEST or relation in STRANGERS)
