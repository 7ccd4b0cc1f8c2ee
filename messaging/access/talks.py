"""Conversations of two in which nothing stands between the two: what can be shown there without looking at details, and
who may learn there that the other is online.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from privacy.access import privacy_of
from privacy.models import Block, PrivacySettings, Restriction

from ..models import Message, Participant
from ..presence import online
from .seats import ACTIVE, Viewer, is_request
from .sight import Sight
from .thread import _message_card

PRESENCE_TALKS = 200  # a person's latest conversations, whose other side learns that they came or went

_PERSON, _CONVERSATION = -1, -2  # stand for the ids in the statement that is written once; no row has them


def _between(kind: type[Block] | type[Restriction], first: str, second: str) -> Exists:
    """Whether a row of this kind stands between the seat's person and whoever else sits in its conversation."""
    here = OuterRef("conversation")
    return Exists(
        kind._default_manager.filter(
            Q(**{first: OuterRef("person"), f"{second}__participations__conversation": here})
            | Q(**{second: OuterRef("person"), f"{first}__participations__conversation": here})
        )
    )


def _undisturbed() -> QuerySet[Participant]:
    """Seats in conversations of two that both accepted, both people being there, without a block or a restriction."""
    other = Participant.objects.filter(
        conversation=OuterRef("conversation"),
        state=ACTIVE,
        person__is_active=True,
        person__deactivated_at=None,
    ).exclude(person=OuterRef("person"))
    return Participant.objects.filter(
        Exists(other),
        ~_between(Block, "blocker", "blocked"),
        ~_between(Restriction, "restricter", "restricted"),
        state=ACTIVE,
        person__is_active=True,
        conversation__is_group=False,
    )


def undisturbed(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Of (person, conversation) pairs, the seats as `_undisturbed` says. There messages, typing and receipts pass both ways,
    and a plain message reads the same for both. One query."""
    wanted = set(pairs)
    if len(wanted) == 1:
        return wanted if _is_undisturbed(*next(iter(wanted))) else set()
    rows = _undisturbed().filter(person__in={p for p, _c in wanted}, conversation__in={c for _p, c in wanted})
    return wanted & set(rows.values_list("person_id", "conversation_id"))


@functools.cache
def _statement(vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The query of `_undisturbed` for one seat, as Django writes it for this database, with _PERSON and _CONVERSATION in it."""
    rows = _undisturbed().filter(person=_PERSON, conversation=_CONVERSATION).values("pk")
    sql, parameters = rows.query.sql_with_params()
    return sql, tuple(parameters)


def _is_undisturbed(person: int, conversation: int) -> bool:
    """As `undisturbed`, for one seat: the question that stands between a first message and the other's screen. Writing the
    query anew costs Django ten times what the database needs to answer it, so it is written once."""
    sql, parameters = _statement(connection.vendor)
    values = {_PERSON: person, _CONVERSATION: conversation}
    with connection.cursor() as cursor:
        # PostgreSQL's backend has wrapped the numbers in classes of their own (Int8), which are integers still.
        cursor.execute(sql, [values.get(p, p) if isinstance(p, int) else p for p in parameters])
        return cursor.fetchone() is not None


def live_card(message: Message) -> dict[str, Any] | None:
    """The card of a message that was written just now, where both of an undisturbed conversation read the same: plain words.

    None for everything that has to be looked at for each reader: clips, pictures, quotes, groups, what is held. No query when
    the message knows its picture, or that it has none.
    """
    plain = (
        message.kind == Message.Kind.TEXT
        and not (message.video_id or message.reply_to_id or message.held_for or message.announcement_id)
        and not message.conversation.is_group
        and getattr(message, "image", None) is None
    )
    return _message_card(message, {}, [], False, Sight()) if plain else None


def showing_activity(person_ids: Iterable[int]) -> set[int]:
    """Of these people, those who let others see that they are online (and therefore see it of others). One query."""
    rows = PrivacySettings.objects.filter(person__in=set(person_ids), show_activity=True)
    return set(rows.values_list("person_id", flat=True))


def talks_of(person_id: int) -> list[tuple[int, str, int, str]]:
    """The person's latest undisturbed conversations: (conversation, own user name, other's id, other's user name).
    Two queries."""
    latest = _undisturbed().filter(person=person_id, last_message_at__isnull=False)
    rows = latest.order_by("-last_message_at").values_list("conversation_id", "person__username")
    names = dict(rows[:PRESENCE_TALKS])
    others = Participant.objects.filter(conversation__in=list(names)).exclude(person=person_id)
    return [
        (conversation, names[conversation], other, name)
        for conversation, other, name in others.values_list(
            "conversation_id", "person_id", "person__username"
        )
    ]


def talk_of(one_id: int, other_id: int) -> tuple[int, dict[int, str]] | None:
    """The conversation of these two, whatever stands between them, and their user names by id. One query."""
    low, high = sorted((one_id, other_id))
    seats = Participant.objects.filter(conversation__direct_key=f"{low}:{high}")
    rows = list(seats.values_list("conversation_id", "person_id", "person__username"))
    if len(rows) != 2:
        return None
    return rows[0][0], {person: name for _conversation, person, name in rows}


def presence_audience(person_ids: Iterable[int]) -> list[tuple[int, str, int, int]]:
    """Who may learn whether these people are online: (person, user name, conversation, other person).

    Both show it, and nothing stands between them. Two queries and two for each person; only their latest conversations.
    """
    found = [
        (person, name, conversation, other)
        for person in showing_activity(person_ids)
        for conversation, name, other, _other_name in talks_of(person)
    ]
    showing = showing_activity(other for _person, _name, _conversation, other in found)
    return [one for one in found if one[3] in showing]


def presence_in(
    viewer: Viewer, rows: Sequence[Participant], others: Mapping[int, Sequence[Participant]]
) -> dict[int, list[str]]:
    """Who of the others is online, by conversation, for seats of `seats` and the others as `others_of` has them.

    Only in conversations of two in which nothing stands between the two, who both show it. No query; one round trip to Redis.
    """
    if not privacy_of(viewer).show_activity:
        return {}
    asked: dict[int, Participant] = {}
    for row in rows:
        around = others.get(row.conversation_id, ())
        if row.conversation.is_group or row.state != ACTIVE or is_request(row) or len(around) != 1:
            continue
        other = around[0]
        shows = other.person.is_visible and privacy_of(other.person).show_activity
        if shows and other.state == ACTIVE and not other.restricts_me:  # type: ignore[attr-defined]
            asked[row.conversation_id] = other
    here = online(other.person_id for other in asked.values())
    return {c: [other.person.username] for c, other in asked.items() if other.person_id in here}
