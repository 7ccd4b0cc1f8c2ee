"""Every read of conversations and notifications on a person's behalf.

A person reads through their seat (`Participant`): it says what they deleted for themselves, and a block takes it away.
Clips inside messages and notifications are asked for at the gate of `videos` each time they are shown.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from accounts.access import person_card, relation, visible_people
from accounts.models import User
from privacy.access import blocked_ids, muted_ids, privacy_of, restricted_ids
from privacy.models import Block, PrivacySettings, Restriction
from socialapp.lib.errors import NotFound
from socialapp.lib.ids import parse_id
from socialapp.lib.pagination import Page, keyset_page
from videos.access import get_video, standing, visible_videos, with_people
from videos.cards import cards as video_cards
from videos.media import cover_url
from videos.models import Comment

from .models import Conversation, Message, Notification, NotificationActor, Participant, Reaction
from .rules import Verdict, verdict
from .wording import notification_text, notification_url

Viewer = User | AnonymousUser

_REQUEST = Participant.State.REQUEST
_ACTIVE = Participant.State.ACTIVE
RESTRICTED = "restricted"  # an open seat whose person restricts the other: to them it is a request, to the other nothing
MAX_PAGE = 200
BADGE_LIMIT = 100


def _number(value: str | int) -> int:
    return value if isinstance(value, int) else parse_id(value)


# --- Conversations --------------------------------------------------------------------------------------------


def seats(viewer: Viewer) -> QuerySet[Participant]:
    """The viewer's seats in conversations that are open to them, with the conversation.

    A conversation of two disappears for both while a block stands between them. `restricted` says of each that the viewer
    restricts the other of the two, which makes it a request again for as long as that lasts.
    """
    if not isinstance(viewer, User):
        return Participant.objects.none()
    there = Participant.objects.filter(conversation=OuterRef("conversation"))
    shut = there.filter(person__in=blocked_ids(viewer))
    quiet = there.filter(person__in=restricted_ids(viewer), conversation__direct_key__isnull=False)
    return (
        Participant.objects.filter(person=viewer)
        .exclude(state=Participant.State.LEFT)
        .filter(Q(conversation__direct_key=None) | ~Exists(shut))
        .annotate(restricted=Exists(quiet))
        .select_related("conversation")
    )


def is_request(seat: Participant) -> bool:
    """Whether what is written here waits for its person's yes. The seat must come from `seats`."""
    restricted: bool = getattr(seat, "restricted", False)
    return seat.state == _REQUEST or restricted


def get_seat(viewer: Viewer, conversation_id: str | int) -> Participant:
    """The viewer's seat in one conversation, whatever its state but left. NotFound. One query."""
    seat = seats(viewer).filter(conversation=_number(conversation_id)).first()
    if seat is None:
        raise NotFound()
    return seat


def get_conversation(viewer: Viewer, conversation_id: str | int) -> Conversation:
    """The conversation itself, for those who have a seat in it."""
    return get_seat(viewer, conversation_id).conversation


def conversations(viewer: Viewer) -> QuerySet[Participant]:
    """Seats as the inbox lists them: with something in them that the viewer did not delete. Order (-last_message_at, -id)."""
    return seats(viewer).filter(Q(restricted=False), state=_ACTIVE, last_seq__gt=F("cleared_seq"))


def message_requests(viewer: Viewer) -> QuerySet[Participant]:
    """Seats that wait for the viewer's yes or no, in the order of `conversations`."""
    waits = Q(state=_REQUEST) | Q(restricted=True)
    return seats(viewer).filter(waits, last_seq__gt=F("cleared_seq"))


def conversation_page(
    viewer: Viewer, cursor: str | None = None, *, requests: bool = False, size: int = 30
) -> Page[Participant]:
    """One page of the inbox or of the requests."""
    rows = message_requests(viewer) if requests else conversations(viewer)
    return keyset_page(rows, cursor, order=("-last_message_at", "-id"), size=size)


def _others(viewer: Viewer, conversation_ids: Iterable[int]) -> dict[int, list[Participant]]:
    keeps_quiet = Restriction.objects.filter(restricter=OuterRef("person"), restricted=viewer.pk)
    rows = (
        Participant.objects.filter(conversation__in=list(conversation_ids))
        .exclude(person=viewer.pk)
        .annotate(restricts_me=Exists(keeps_quiet))
        .select_related("person__privacy")
        .order_by("pk")
    )
    found: dict[int, list[Participant]] = {}
    for row in rows:
        found.setdefault(row.conversation_id, []).append(row)
    return found


def _hidden_card() -> dict[str, Any]:
    """In place of a person who is suspended, hidden or gone: what they wrote stays, their name does not."""
    return {"id": None, "username": None, "display_name": _("Deleted account"), "avatar": None, "url": None}


def conversation_cards(viewer: Viewer, rows: Sequence[Participant]) -> list[dict[str, Any]]:
    """The API's and the pages' shape of conversations. Three queries (others, newest messages, reactions), plus those
    of `videos.cards` when a newest message is a clip."""
    others = _others(viewer, [row.conversation_id for row in rows])
    newest = {
        message.conversation_id: message
        for message in _with_people(
            Message.objects.filter(
                conversation__in=[r.conversation_id for r in rows], seq=F("conversation__last_seq")
            )
        )
    }
    requested = {
        row.conversation_id
        for row in rows
        if is_request(row) or any(o.state == _REQUEST for o in others.get(row.conversation_id, []))
    }
    shown = {
        card["conversation"]: card
        for card in _message_cards(viewer, list(newest.values()), requested=requested)
    }
    result = []
    for row in rows:
        around = others.get(row.conversation_id, [])
        last = shown.get(str(row.conversation_id)) if row.last_seq > row.cleared_seq else None
        result.append(
            {
                "id": str(row.conversation_id),
                "name": row.conversation.name,
                "people": [
                    person_card(viewer, o.person) if o.person.is_visible else _hidden_card() for o in around
                ]
                or [_hidden_card()],
                "state": _REQUEST.value if is_request(row) else row.state,
                # For the viewer alone: that they restrict the other, who does not learn of it.
                "restricted": getattr(row, "restricted", False),
                "muted": row.muted,
                "last_seq": row.last_seq,
                "read_seq": row.read_seq,
                "unread": max(0, row.last_seq - max(row.read_seq, row.cleared_seq)),
                # A request shows who wrote, not what.
                "last_message": None if is_request(row) else last,
                "read_by": _read_by(viewer, row, around),
                "updated_at": row.last_message_at,
            }
        )
    return result


def conversation_detail(viewer: Viewer, seat: Participant) -> dict[str, Any]:
    """One conversation with `writing`, what the composer needs to know. Seven queries."""
    return conversation_cards(viewer, [seat])[0] | {"writing": writing(viewer, seat)}


def _read_by(viewer: Viewer, row: Participant, around: list[Participant]) -> list[dict[str, Any]]:
    """How far the others have read: only when both sides allow it, never before a request is accepted, nor while one
    restricts the other."""
    if is_request(row) or row.state != _ACTIVE or not privacy_of(viewer).read_receipts:
        return []
    return [
        {"username": other.person.username, "seq": other.read_seq}
        for other in around
        if other.state == _ACTIVE
        and not other.restricts_me  # type: ignore[attr-defined]
        and other.person.is_visible
        and privacy_of(other.person).read_receipts
    ]


def writing(viewer: Viewer, seat: Participant) -> dict[str, Any]:
    """Whether the viewer may write here now, for the composer: `{allowed, request, reason}`. At most four queries.

    A courtesy only: `actions.send_message` decides again, under the locks.
    """
    others = _others(viewer, [seat.conversation_id]).get(seat.conversation_id, [])
    if not others or not others[0].person.is_visible:
        return {"allowed": False, "request": False, "reason": _("This person can no longer be written to.")}
    other = others[0]
    said = verdict(
        privacy_of(other.person).message_audience,
        relation(viewer, other.person),
        accepted=other.accepted_at is not None,
    )
    refused = said is Verdict.REFUSED
    reason = (
        _("%(name)s does not take messages at the moment.") % {"name": other.person.get_full_name()}
        if refused
        else ""
    )
    return {"allowed": not refused, "request": said is Verdict.REQUEST, "reason": reason}


# --- Messages -------------------------------------------------------------------------------------------------


def _with_people(rows: QuerySet[Message]) -> QuerySet[Message]:
    return rows.select_related("sender", "reply_to__sender")


def messages(
    viewer: Viewer, seat: Participant, after: int | None = None, before: int | None = None, limit: int = 50
) -> list[Message]:
    """Messages of a conversation in rising order: those right after `after`, or right before `before`, or the newest.

    One query on the unique (conversation, seq); `seat` must be the viewer's own, from `get_seat`.
    """
    if seat.person_id != viewer.pk:
        raise NotFound()
    limit = max(1, min(limit, MAX_PAGE))
    rows = _with_people(Message.objects.filter(conversation=seat.conversation_id, seq__gt=seat.cleared_seq))
    if after is not None:
        return list(rows.filter(seq__gt=after).order_by("seq")[:limit])
    if before is not None:
        rows = rows.filter(seq__lt=before)
    return list(rows.order_by("-seq")[:limit])[::-1]


def get_message(viewer: Viewer, message_id: str | int) -> tuple[Message, Participant]:
    """One message and the viewer's seat beside it. NotFound when it is deleted for them or its conversation is shut."""
    message = _with_people(Message.objects.filter(pk=_number(message_id))).first()
    if message is None:
        raise NotFound()
    seat = get_seat(viewer, message.conversation_id)
    if message.seq <= seat.cleared_seq:
        raise NotFound()
    return message, seat


def message_cards(viewer: Viewer, rows: Sequence[Message]) -> list[dict[str, Any]]:
    """The API's and the pages' shape of messages the viewer may read. Two queries, plus the clips' when there are any."""
    restricting = Participant.objects.filter(
        person__in=restricted_ids(viewer), conversation__direct_key__isnull=False
    )
    waiting = Participant.objects.filter(
        Q(state=_REQUEST) | Q(pk__in=restricting.values("pk")),
        conversation__in={m.conversation_id for m in rows},
    )
    return _message_cards(viewer, rows, requested=set(waiting.values_list("conversation_id", flat=True)))


def _message_cards(viewer: Viewer, rows: Sequence[Message], *, requested: set[int]) -> list[dict[str, Any]]:
    reactions: dict[int, list[dict[str, str]]] = {}
    seen_by = Reaction.objects.filter(message__in=[m.pk for m in rows]).order_by("pk")
    for message_id, emoji, username in seen_by.values_list("message_id", "emoji", "person__username"):
        reactions.setdefault(message_id, []).append({"emoji": emoji, "username": username})
    wanted = {m.video_id for m in rows if m.video_id and not m.is_gone}
    clips: dict[str, dict[str, Any]] = {}
    if wanted:
        clips = {
            c["id"]: c
            for c in video_cards(viewer, list(with_people(visible_videos(viewer)).filter(pk__in=wanted)))
        }
    return [_message_card(m, clips, reactions.get(m.pk, []), m.conversation_id in requested) for m in rows]


def _name(person: User | None) -> str | None:
    return person.username if person is not None and person.is_visible else None


def _message_card(
    message: Message, clips: dict[str, dict[str, Any]], reactions: list[dict[str, str]], request: bool
) -> dict[str, Any]:
    gone = message.is_gone
    quoted = None if gone else message.reply_to
    return {
        "id": str(message.pk),
        "conversation": str(message.conversation_id),
        "seq": message.seq,
        "client_id": message.client_id,
        "sender": _name(message.sender),
        "text": "" if gone else message.text,
        "video": None if gone or not message.video_id else clips.get(str(message.video_id)),
        # A clip was sent, whether or not this viewer may see it (any more).
        "has_video": bool(message.video_id) and not gone,
        "reply_to": str(quoted.pk) if quoted else None,
        "quoted": {"sender": _name(quoted.sender), "text": "" if quoted.is_gone else quoted.text[:140]}
        if quoted
        else None,
        "reactions": [] if gone else reactions,
        "created_at": message.created_at,
        "removed": gone,
        "taken_down": message.taken_down_at is not None,
        "request": request,
    }


# --- What a socket is about to show (asked again at delivery) ---------------------------------------------------


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
        .values_list("person_id", "conversation_id", "state", "conversation__direct_key", "shut", "quiet")
    )
    found: dict[tuple[int, int], str] = {}
    closed = set()
    for person, conversation, state, direct, shut, quiet in rows:
        if (person, conversation) in wanted:
            # A conversation comes once for each who sits in it, and what is between them is asked of each.
            if quiet and direct:
                found[person, conversation] = RESTRICTED
            else:
                found.setdefault((person, conversation), state)
            if shut and direct:
                closed.add((person, conversation))
    return {pair: state for pair, state in found.items() if pair not in closed}


def deliverable_messages(pairs: Iterable[tuple[int, int, int]]) -> dict[tuple[int, int], dict[str, Any]]:
    """Of (person, conversation, message), the messages as each person may read them now, by (person, message).

    Three queries however many (seats, messages, reactions), plus the clips' for each person who is sent one.
    """
    wanted = list(pairs)
    open_now = open_seats((person, conversation) for person, conversation, _m in wanted)
    wanted = [w for w in wanted if (w[0], w[1]) in open_now]
    rows = {m.pk: m for m in _with_people(Message.objects.filter(pk__in={m for _p, _c, m in wanted}))}
    requested = {conversation for (_p, conversation), state in open_now.items() if state == _REQUEST}
    clipless = [m for m in rows.values() if not m.video_id or m.is_gone]
    # Without a clip a message reads the same for everybody, so it is made once.
    shared = {int(c["id"]): c for c in _message_cards(AnonymousUser(), clipless, requested=requested)}
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
            result[person, message] = _message_cards(people[person], [row], requested=asked)[0]
    return result


def typing_audience(viewer: Viewer, conversation_id: str | int) -> list[int]:
    """Ids of those who may learn that the viewer types here: who accepted them. NotFound for a shut conversation."""
    seat = get_seat(viewer, conversation_id)
    if is_request(seat) or seat.state != _ACTIVE:
        return []
    others = Participant.objects.filter(conversation=seat.conversation_id, state=_ACTIVE).exclude(
        person=seat.person_id
    )
    return list(others.values_list("person_id", flat=True))


def receipts_allowed(person_ids: Iterable[int]) -> set[int]:
    """Of these people, those who let read receipts through. One query."""
    allowing = PrivacySettings.objects.filter(person__in=list(person_ids), read_receipts=True)
    return set(allowing.values_list("person_id", flat=True))


# --- Notifications --------------------------------------------------------------------------------------------


def _actors(viewer: Viewer) -> QuerySet[NotificationActor]:
    told = NotificationActor.objects.filter(person__in=visible_people(viewer).values("pk"))
    return told.exclude(person__in=muted_ids(viewer)).exclude(person__in=restricted_ids(viewer))


def notifications(viewer: Viewer) -> QuerySet[Notification]:
    """The viewer's notifications, asked at the gate again: nothing about hidden clips, removed comments or people who
    are blocked, muted, restricted or gone. Order (-updated_at, -id)."""
    if not isinstance(viewer, User):
        return Notification.objects.none()
    somebody = Exists(_actors(viewer).filter(notification=OuterRef("pk")))
    comment_there = Exists(Comment.objects.filter(standing(viewer), pk=OuterRef("comment")))
    return Notification.objects.filter(
        Q(actor=None, actors_count=0) | somebody,
        Q(video=None) | Q(video__in=visible_videos(viewer).values("pk")),
        Q(comment=None) | comment_there,
        recipient=viewer,
    )


def notification_page(viewer: Viewer, cursor: str | None = None, *, size: int = 30) -> Page[Notification]:
    """One page of the inbox, newest first."""
    return keyset_page(
        notifications(viewer).select_related("video__author__privacy", "comment"),
        cursor,
        order=("-updated_at", "-id"),
        size=size,
    )


def notifications_by_id(viewer: Viewer, ids: Iterable[int]) -> QuerySet[Notification]:
    """Of these notifications, those that may still be shown."""
    return notifications(viewer).select_related("video__author__privacy", "comment").filter(pk__in=list(ids))


def notification_cards(viewer: Viewer, rows: Sequence[Notification]) -> list[dict[str, Any]]:
    """The API's and the pages' shape of notifications: up to three visible people each. One query."""
    people: dict[int, list[User]] = {}
    totals: dict[int, int] = {}
    ranked = (
        _actors(viewer)
        .filter(notification__in=[row.pk for row in rows])
        .annotate(
            rank=Window(RowNumber(), partition_by="notification_id", order_by="-id"),
            total=Window(Count("id"), partition_by="notification_id"),
        )
        .filter(rank__lte=3)
        .select_related("person")
        .order_by("notification_id", "rank")
    )
    for entry in ranked:
        people.setdefault(entry.notification_id, []).append(entry.person)
        totals[entry.notification_id] = entry.total
    result = []
    for row in rows:
        named = people.get(row.pk, [])
        result.append(
            {
                "id": str(row.pk),
                "kind": row.kind,
                "text": notification_text(row, [p.get_full_name() for p in named], totals.get(row.pk, 0)),
                "people": [person_card(viewer, p) for p in named],
                "count": totals.get(row.pk, 0),
                "video": {
                    "id": str(row.video_id),
                    "url": row.video.get_absolute_url(),
                    "cover": cover_url(row.video) or None,
                }
                if row.video
                else None,
                "comment": {"id": str(row.comment_id), "text": row.comment.text[:140]}
                if row.comment
                else None,
                "url": notification_url(row, named),
                "created_at": row.created_at,
                "updated_at": row.updated_at,
                "read": row.read_at is not None,
            }
        )
    return result


def badges(viewer: Viewer) -> dict[str, int]:
    """Conversations and notifications with something unread, at most BADGE_LIMIT each. Two queries."""
    if not isinstance(viewer, User):
        return {"messages": 0, "notifications": 0}
    unread = conversations(viewer).filter(muted=False, last_seq__gt=F("read_seq"))
    return {
        "messages": unread[:BADGE_LIMIT].count(),
        "notifications": notifications(viewer).filter(read_at=None)[:BADGE_LIMIT].count(),
    }


def get_shareable(viewer: Viewer, video_id: str | int) -> dict[str, Any]:
    """The clip that is about to be shared to a conversation, as a card."""
    return video_cards(viewer, [get_video(viewer, video_id)])[0]


def person_by_id(person_id: int) -> User | None:
    """The person a socket belongs to, as they are now. Only for asking the other functions here on their behalf."""
    return User.objects.select_related("privacy").filter(pk=person_id, is_active=True).first()


def people_by_id(person_ids: Iterable[int]) -> dict[int, User]:
    """As `person_by_id` for many, in one query."""
    rows = User.objects.select_related("privacy").filter(pk__in=set(person_ids), is_active=True)
    return {person.pk: person for person in rows}
