"""When a first message to a stranger waits for a moderator: the same words to many people.

The figure is settings.HOLDS["repeated"], as those of `videos.holds`. Only first messages are compared: what people write to
those who answered them is nobody's business. People of the staff are never held.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from privacy.models import Case
from socialapp.lib.disguise import fold, words_of

from .models import Message
from .rules import FIRST_MESSAGES

LETTERS = 12  # shorter ones are greetings, which everybody writes alike
ALIKE = 0.8  # the part of their words that two texts share: another name in it makes it no other text
COMPARED = 500  # first messages of one person; the limits let fewer pass in a day


@dataclass(frozen=True)
class Found:
    """Why a message waits: `reason` for its row, `rule` and what was seen for the moderator."""

    reason: str
    rule: str
    detail: dict[str, Any] = field(default_factory=dict)


def of_first_message(person: User, conversation_id: int, text: str) -> Found | None:
    """Why this one waits, or None. One query, none for a greeting."""
    said = settings.HOLDS["repeated"]
    words = _words(fold(text))
    if person.is_staff or said == "off" or sum(map(len, words)) < LETTERS:
        return None
    count, seconds = (int(part) for part in said.split("/"))
    since = timezone.now() - timedelta(seconds=seconds)
    first = Message.objects.filter(
        sender=person, created_at__gte=since, seq__lte=FIRST_MESSAGES, conversation__is_group=False
    )
    rows = first.exclude(conversation=conversation_id).order_by("-created_at")
    alike = {
        conversation
        for conversation, other in rows.values_list("conversation_id", "search_text")[:COMPARED]
        if _alike(words, _words(other))
    }
    if len(alike) < count:
        return None
    detail = {"people": len(alike) + 1, "minutes": seconds // 60}
    return Found(Message.Held.REPEATED, Case.Rule.REPEATED, detail)


def _words(folded: str) -> frozenset[str]:
    return frozenset(word for word in words_of(folded) if not word.isdigit())


def _alike(one: Iterable[str], other: Iterable[str]) -> bool:
    first, second = frozenset(one), frozenset(other)
    everything = first | second
    return bool(everything) and len(first & second) / len(everything) >= ALIKE
