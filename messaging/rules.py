"""Who may write to whom. Pure: no database, no request.

`accounts.access` finds how the two stand to each other, the table of `privacy.rules` says what a setting makes of that;
here earlier consent and the limits of first messages are added.
"""

import re
from enum import Enum

from privacy import rules
from privacy.rules import Deed, Relation, WhoMay

# What a stranger may write before the other answers or accepts. Enough to say who one is, too few to pester.
FIRST_MESSAGES = 5
TEXT_LENGTH = 2000
ANNOUNCEMENT_LENGTH = 500
QUICK_REPLIES, QUICK_REPLY_LENGTH = 20, 500
AWAY_LENGTH = 500
GROUP_PEOPLE = 32
GROUP_NAME_LENGTH = 60

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


_ARRIVES = {
    rules.Verdict.YES: Verdict.MESSAGE,
    rules.Verdict.REQUEST: Verdict.REQUEST,
    rules.Verdict.NO: Verdict.REFUSED,
}


def verdict(setting: str, relation: str, *, accepted: bool, restricted: bool = False) -> Verdict:
    """What the receiver's `message_audience` and how the sender stands to them make of a message.

    `accepted`: the receiver wrote here or accepted the request before. Nobody means nobody, accepted or not. `restricted`:
    the receiver restricts the sender, so it is a request whatever went before; the sender is shown the verdict without it.
    """
    if accepted and setting != WhoMay.NOBODY and relation not in (Relation.BLOCKED, Relation.ANONYMOUS):
        setting = WhoMay.EVERYONE  # the answer they got counts for more than what is set for others
    return _ARRIVES[rules.verdict(Deed.MESSAGE, setting, relation, restricted=restricted)]


def is_first_contact(verdict: Verdict, relation: str, *, accepted: bool) -> bool:
    """Whether the limits for first messages apply: few, no links, no clips."""
    return not accepted and (verdict is Verdict.REQUEST or relation in STRANGERS)


def joining(setting: str, relation: str, *, accepted: bool, restricted: bool) -> Verdict:
    """Whether somebody of this relation may put a person into a group: in at once, asked, or not at all.

    As what they write themselves would arrive; but where the limits for first messages would apply the person is asked,
    because a group carries everybody's words, links and pictures.
    """
    said = verdict(setting, relation, accepted=accepted, restricted=restricted)
    first = said is Verdict.MESSAGE and is_first_contact(said, relation, accepted=accepted)
    return Verdict.REQUEST if first else said
