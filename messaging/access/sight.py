"""What of the same messages one reader sees and another does not: deleted for one only, held, or across a block in a group.

A conversation of two is shut for both while a block stands between them (seats.py); a group goes on, so there what the
other writes keeps its number and loses its content.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from privacy.models import Block

from ..models import HiddenMessage, Message, Participant


@dataclass(frozen=True)
class Sight:
    """One reader's view. `blocked` is asked for groups only, `cleared` (by conversation) only where something is quoted."""

    reader: int | None = None
    deleted: frozenset[int] = frozenset()
    blocked: frozenset[int] = frozenset()
    cleared: Mapping[int, int] = field(default_factory=dict)

    def hides(self, message: Message) -> bool:
        """Whether the reader learns no more of it than that there is one."""
        if message.pk in self.deleted or (message.held_for and message.sender_id != self.reader):
            return True
        # What happened to a group is told to all of it; only the names of those in a block are left out.
        return message.kind != Message.Kind.EVENT and message.sender_id in self.blocked

    def quotes(self, message: Message) -> bool:
        """Whether the reader may read this as the quote in another message of its conversation."""
        return message.seq > self.cleared.get(message.conversation_id, 0) and not self.hides(message)

    def is_own(self, message: Message) -> bool:
        """Whether a card of this message is this reader's alone, and not the one that everybody gets."""
        quoted = message.reply_to
        return bool(
            message.held_for
            or message.pk in self.deleted
            or (self.blocked and message.conversation.is_group)
            or (quoted is not None and not self.quotes(quoted))
        )


def sights(pairs: Iterable[tuple[int, Message]]) -> dict[int, Sight]:
    """The views of these (reader, message), by reader. One query; one more for quotes, one more for groups.

    The messages must come with conversation and quoted message (`thread.with_people`).
    """
    wanted = list(pairs)
    if not wanted:
        return {}
    readers = {reader for reader, _m in wanted}
    rows = {message.pk: message for _r, message in wanted}
    quoted = {m.reply_to_id for m in rows.values() if m.reply_to_id}
    deleted: dict[int, set[int]] = {}
    gone = HiddenMessage.objects.filter(person__in=readers, message__in={*rows, *quoted})
    for reader, message in gone.values_list("person_id", "message_id"):
        deleted.setdefault(reader, set()).add(message)
    cleared: dict[int, dict[int, int]] = {}
    if quoted:
        with_quotes = {m.conversation_id for m in rows.values() if m.reply_to_id}
        seats = Participant.objects.filter(
            person__in=readers, conversation__in=with_quotes, cleared_seq__gt=0
        )
        for reader, conversation, seq in seats.values_list("person_id", "conversation_id", "cleared_seq"):
            cleared.setdefault(reader, {})[conversation] = seq
    blocked = _blocked_in(readers, {m.conversation_id for m in rows.values() if m.conversation.is_group})
    return {
        reader: Sight(
            reader,
            frozenset(deleted.get(reader, ())),
            frozenset(blocked.get(reader, ())),
            cleared.get(reader, {}),
        )
        for reader in readers
    }


def _blocked_in(readers: set[int], groups: set[int]) -> dict[int, set[int]]:
    if not groups:
        return {}
    around = Participant.objects.filter(conversation__in=groups).values("person_id")
    rows = Block.objects.filter(
        Q(blocker__in=readers, blocked__in=around) | Q(blocked__in=readers, blocker__in=around)
    )
    found: dict[int, set[int]] = {}
    for blocker, blocked in rows.values_list("blocker_id", "blocked_id"):
        found.setdefault(blocker, set()).add(blocked)
        found.setdefault(blocked, set()).add(blocker)
    return found
