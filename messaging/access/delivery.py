"""What a socket is about to show, asked again at delivery for many people at once."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from privacy.models import Block, PrivacySettings, Restriction

from ..models import Message, Participant
from .seats import ACTIVE, REQUEST, Viewer, get_seat, is_request
from .thread import cards_of, with_people

RESTRICTED = "restricted"  # an open seat whose person restricts the other: to them it is a request, to the other nothing


def open_seats(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Of (person, conversation) pairs, the state of those seats that are open right now. One query for all.

    Open: the person is active, has not left, and no block stands in a conversation of two. Besides the states of a seat
    there is RESTRICTED.
    """
    wanted = set(pairs)
    between = Block.objects.filter(
        Q(blocker=OuterRef("conversation__participants__person"), blocked=OuterRef("person"))
        | Q(blocked=OuterRef("conversation__participants__person"), blocker=OuterRef("person"))
    )
    keeping_quiet = Restriction.objects.filter(
        restricter=OuterRef("person"), restricted=OuterRef("conversation__participants__person")
    )
    rows = (
        Participant.objects.filter(
            person__in={p for p, _c in wanted}, conversation__in={c for _p, c in wanted}
        )
        .filter(person__is_active=True)
        .exclude(state=Participant.State.LEFT)
        .annotate(shut=Exists(between), quiet=Exists(keeping_quiet))
        .values_list("person_id", "conversation_id", "state", "conversation__is_group", "shut", "quiet")
    )
    found: dict[tuple[int, int], str] = {}
    closed = set()
    for person, conversation, state, group, shut, quiet in rows:
        if (person, conversation) in wanted:
            # A conversation comes once for each who sits in it, and what is between them is asked of each.
            if quiet and not group:
                found[person, conversation] = RESTRICTED
            else:
                found.setdefault((person, conversation), state)
            if shut and not group:
                closed.add((person, conversation))
    return {pair: state for pair, state in found.items() if pair not in closed}


def deliverable_messages(pairs: Iterable[tuple[int, int, int]]) -> dict[tuple[int, int], dict[str, Any]]:
    """Of (person, conversation, message), the messages as each person may read them now, by (person, message).

    Three queries however many (seats, messages, reactions), plus the clips' for each person who is sent one.
    """
    wanted = list(pairs)
    open_now = open_seats((person, conversation) for person, conversation, _m in wanted)
    wanted = [w for w in wanted if (w[0], w[1]) in open_now]
    rows = {m.pk: m for m in with_people(Message.objects.filter(pk__in={m for _p, _c, m in wanted}))}
    requested = {conversation for (_p, conversation), state in open_now.items() if state == REQUEST}
    clipless = [m for m in rows.values() if not m.video_id or m.is_gone]
    # Without a clip a message reads the same for everybody, so it is made once.
    shared = {int(c["id"]): c for c in cards_of(AnonymousUser(), clipless, requested=requested)}
    shown_a_clip = {p for p, _c, m in wanted if m in rows and m not in shared}
    people = {p.pk: p for p in User.objects.filter(pk__in=shown_a_clip)}
    result = {}
    for person, conversation, message in wanted:
        row = rows.get(message)
        if row is None or row.conversation_id != conversation:
            continue
        # Who restricts the other reads a request; the other one reads what they wrote, as ever.
        asked = requested | ({conversation} if open_now[person, conversation] == RESTRICTED else set())
        if message in shared:
            result[person, message] = shared[message] | {"request": conversation in asked}
        elif person in people:
            result[person, message] = cards_of(people[person], [row], requested=asked)[0]
    return result


def typing_audience(viewer: Viewer, conversation_id: str | int) -> list[int]:
    """Ids of those who may learn that the viewer types here: who accepted them. NotFound for a shut conversation."""
    seat = get_seat(viewer, conversation_id)
    if is_request(seat) or seat.state != ACTIVE:
        return []
    others = Participant.objects.filter(conversation=seat.conversation_id, state=ACTIVE).exclude(
        person=seat.person_id
    )
    return list(others.values_list("person_id", flat=True))


def receipts_allowed(person_ids: Iterable[int]) -> set[int]:
    """Of these people, those who let read receipts through. One query."""
    allowing = PrivacySettings.objects.filter(person__in=list(person_ids), read_receipts=True)
    return set(allowing.values_list("person_id", flat=True))


def person_by_id(person_id: int) -> User | None:
    """The person a socket belongs to, as they are now. Only for asking the other functions here on their behalf."""
    return User.objects.select_related("privacy").filter(pk=person_id, is_active=True).first()


def people_by_id(person_ids: Iterable[int]) -> dict[int, User]:
    """As `person_by_id` for many, in one query."""
    rows = User.objects.select_related("privacy").filter(pk__in=set(person_ids), is_active=True)
    return {person.pk: person for person in rows}
