"""What a socket is about to show, asked again at delivery for many people at once."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef

from accounts.models import User
from privacy.access import blocked_ids
from privacy.models import Block, PrivacySettings, Restriction

from ..models import Message, Participant
from .seats import ACTIVE, REQUEST, Viewer, get_seat, is_request
from .sight import sights
from .thread import cards_of, with_people

RESTRICTED = "restricted"  # an open seat whose person restricts the other: to them it is a request, to the other nothing


def open_seats(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Of (person, conversation) pairs, the state of those seats that are open right now. One query for all.

    Open: the person is active, has not left, and no block stands in a conversation of two. Besides the states of a seat
    there is RESTRICTED.
    """
    wanted = set(pairs)
    person, here = OuterRef("person"), OuterRef("conversation")
    blocks = Block.objects.filter(blocker=person, blocked__participations__conversation=here)
    blocked = Block.objects.filter(blocked=person, blocker__participations__conversation=here)
    keeping_quiet = Restriction.objects.filter(
        restricter=person, restricted__participations__conversation=here
    )
    rows = (
        Participant.objects.filter(
            person__in={p for p, _c in wanted}, conversation__in={c for _p, c in wanted}
        )
        .filter(person__is_active=True)
        .exclude(state=Participant.State.LEFT)
        .annotate(shut=Exists(blocks) | Exists(blocked), quiet=Exists(keeping_quiet))
        .exclude(shut=True, conversation__is_group=False)
        .values_list("person_id", "conversation_id", "state", "conversation__is_group", "quiet")
    )
    return {
        (person, conversation): RESTRICTED if quiet and not group else state
        for person, conversation, state, group, quiet in rows
        if (person, conversation) in wanted
    }


def walls(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Of (person, other) pairs, those between whom a block stands, whoever made it: what one does in a group is not shown
    to the other. One query."""
    wanted = set(pairs)
    people = {person for pair in wanted for person in pair}
    rows = Block.objects.filter(blocker__in=people, blocked__in=people)
    found = {pair for row in rows.values_list("blocker_id", "blocked_id") for pair in (row, row[::-1])}
    return wanted & found


def deliverable_messages(pairs: Iterable[tuple[int, int, int]]) -> dict[tuple[int, int], dict[str, Any]]:
    """Of (person, conversation, message), the messages as each person may read them now, by (person, message).

    Four queries however many (seats, messages, what was deleted for one only, reactions), two more where something is
    quoted or a group is among them; plus the cards' own for each person who sees something else than the others.
    """
    wanted = list(pairs)
    open_now = open_seats((person, conversation) for person, conversation, _m in wanted)
    wanted = [w for w in wanted if (w[0], w[1]) in open_now]
    rows = {m.pk: m for m in with_people(Message.objects.filter(pk__in={m for _p, _c, m in wanted}))}
    groups = {m.conversation_id for m in rows.values() if m.conversation.is_group}
    # Who is asked to join a group is shown nothing of it yet.
    wanted = [w for w in wanted if w[1] not in groups or open_now[w[0], w[1]] != REQUEST]
    requested = {c for (_p, c), state in open_now.items() if state == REQUEST} - groups
    views = sights((person, rows[message]) for person, _c, message in wanted if message in rows)
    # Without a clip a message reads the same for nearly everybody, so it is made once.
    alike = [m for m in rows.values() if (not m.video_id or m.is_gone) and not m.held_for]
    shared = {int(c["id"]): c for c in cards_of(AnonymousUser(), alike, requested=requested)}
    alone = {p for p, _c, m in wanted if m in rows and (m not in shared or views[p].is_own(rows[m]))}
    people = {p.pk: p for p in User.objects.filter(pk__in=alone)}
    result = {}
    for person, conversation, message in wanted:
        row = rows.get(message)
        if row is None or row.conversation_id != conversation:
            continue
        # Who restricts the other reads a request; the other one reads what they wrote, as ever.
        asked = requested | ({conversation} if open_now[person, conversation] == RESTRICTED else set())
        if message in shared and not views[person].is_own(row):
            result[person, message] = shared[message] | {"request": conversation in asked}
        elif person in people:
            viewer = people[person]
            result[person, message] = cards_of(viewer, [row], requested=asked, sight=views[person])[0]
    return result


def typing_audience(viewer: Viewer, conversation_id: str | int) -> list[int]:
    """Ids of those who may learn that the viewer types here: who accepted them. NotFound for a shut conversation."""
    seat = get_seat(viewer, conversation_id)
    if is_request(seat) or seat.state != ACTIVE:
        return []
    others = Participant.objects.filter(conversation=seat.conversation_id, state=ACTIVE).exclude(
        person=seat.person_id
    )
    # Across a block a conversation of two is shut already; in a group the two are not there for each other.
    return list(others.exclude(person__in=blocked_ids(viewer)).values_list("person_id", flat=True))


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
