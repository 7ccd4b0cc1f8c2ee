"""A person's seat in a conversation (`Participant`): it says what they deleted for themselves, and a block takes it away."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from privacy.access import blocked_ids, restricted_ids
from privacy.models import Restriction
from socialapp.lib.errors import NotFound
from socialapp.lib.ids import parse_id
from socialapp.lib.pagination import Page, keyset_page

from ..models import Conversation, Participant

Viewer = User | AnonymousUser
REQUEST = Participant.State.REQUEST
ACTIVE = Participant.State.ACTIVE


def number(value: str | int) -> int:
    return value if isinstance(value, int) else parse_id(value)


def seats(viewer: Viewer) -> QuerySet[Participant]:
    """The viewer's seats in conversations that are open to them, with the conversation.

    A conversation of two disappears for both while a block stands between them. `restricted` says of each that the viewer
    restricts the other of the two, which makes it a request again for as long as that lasts.
    """
    if not isinstance(viewer, User):
        return Participant.objects.none()
    there = Participant.objects.filter(conversation=OuterRef("conversation"))
    shut = there.filter(person__in=blocked_ids(viewer))
    quiet = there.filter(person__in=restricted_ids(viewer), conversation__is_group=False)
    return (
        Participant.objects.filter(person=viewer)
        .exclude(state=Participant.State.LEFT)
        .filter(Q(conversation__is_group=True) | ~Exists(shut))
        .annotate(restricted=Exists(quiet))
        .select_related("conversation")
    )


def is_request(seat: Participant) -> bool:
    """Whether what is written here waits for its person's yes. The seat must come from `seats`."""
    restricted: bool = getattr(seat, "restricted", False)
    return seat.state == REQUEST or restricted


def is_invited(seat: Participant) -> bool:
    """Whether this is a group that somebody put the person into and they have not said yes to: they read nothing of it."""
    return seat.conversation.is_group and seat.state == REQUEST


def get_seat(viewer: Viewer, conversation_id: str | int) -> Participant:
    """The viewer's seat in one conversation, whatever its state but left. NotFound. One query."""
    seat = seats(viewer).filter(conversation=number(conversation_id)).first()
    if seat is None:
        raise NotFound()
    return seat


def get_conversation(viewer: Viewer, conversation_id: str | int) -> Conversation:
    """The conversation itself, for those who have a seat in it."""
    return get_seat(viewer, conversation_id).conversation


def conversations(viewer: Viewer, *, archived: bool = False) -> QuerySet[Participant]:
    """Seats as the inbox lists them, or what was put away from it: with something in them that the viewer did not delete.
    Order (-last_message_at, -id)."""
    rows = seats(viewer).filter(archived_at__isnull=not archived)
    return rows.filter(Q(restricted=False), state=ACTIVE, last_seq__gt=F("cleared_seq"))


def message_requests(viewer: Viewer) -> QuerySet[Participant]:
    """Seats that wait for the viewer's yes or no, in the order of `conversations`."""
    waits = Q(state=REQUEST) | Q(restricted=True)
    return seats(viewer).filter(waits, last_seq__gt=F("cleared_seq"))


def conversation_page(
    viewer: Viewer,
    cursor: str | None = None,
    *,
    requests: bool = False,
    archived: bool = False,
    size: int = 30,
) -> Page[Participant]:
    """One page of the inbox, of the requests or of what is archived. What is pinned comes first, on the first page of the
    inbox and besides `size`; then one query more."""
    order = ("-last_message_at", "-id")
    if requests:
        return keyset_page(message_requests(viewer), cursor, order=order, size=size)
    rows = conversations(viewer, archived=archived)
    if archived:
        return keyset_page(rows, cursor, order=order, size=size)
    page = keyset_page(rows.filter(pinned_at=None), cursor, order=order, size=size)
    if cursor:
        return page
    pinned = list(rows.filter(pinned_at__isnull=False).order_by("-pinned_at", "-id"))
    return Page(pinned + page.items, page.next_cursor)


def others_of(viewer: Viewer, conversation_ids: Iterable[int]) -> dict[int, list[Participant]]:
    """Who else is in these conversations, in the order in which they came. One query.

    Of a group nobody who left it, and nobody who is in a block with the viewer: to each other they are not there.
    """
    keeps_quiet = Restriction.objects.filter(restricter=OuterRef("person"), restricted=viewer.pk)
    away = Q(state=Participant.State.LEFT) | Q(person__in=blocked_ids(viewer))
    rows = (
        Participant.objects.filter(conversation__in=list(conversation_ids))
        .exclude(person=viewer.pk)
        .exclude(away, conversation__is_group=True)
        .annotate(restricts_me=Exists(keeps_quiet))
        .select_related("person__privacy")
        .order_by("pk")
    )
    found: dict[int, list[Participant]] = {}
    for row in rows:
        found.setdefault(row.conversation_id, []).append(row)
    return found
