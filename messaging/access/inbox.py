"""Conversations as the inbox and an open one show them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from accounts.access import person_card, relation
from privacy.access import blocked_ids, privacy_of

from ..models import HiddenMessage, Message, Participant
from ..rules import Verdict, is_first_contact, verdict
from .seats import ACTIVE, REQUEST, Viewer, is_invited, is_request, others_of
from .talks import presence_in
from .thread import cards_of, with_people


def hidden_card() -> dict[str, Any]:
    """In place of a person who is suspended, hidden or gone: what they wrote stays, their name does not."""
    return {"id": None, "username": None, "display_name": _("Deleted account"), "avatar": None, "url": None}


def conversation_cards(viewer: Viewer, rows: Sequence[Participant]) -> list[dict[str, Any]]:
    """The API's and the pages' shape of conversations. Four queries (others, newest messages, what was
    deleted for one only, reactions), plus those
    of `videos.cards` when a newest message is a clip."""
    others = others_of(viewer, [row.conversation_id for row in rows])
    newest = _newest(viewer, rows)
    requested = {
        row.conversation_id
        for row in rows
        if is_request(row)
        or (
            not row.conversation.is_group
            and any(o.state == REQUEST for o in others.get(row.conversation_id, []))
        )
    }
    shown = {
        card["conversation"]: card for card in cards_of(viewer, list(newest.values()), requested=requested)
    }
    here = presence_in(viewer, rows, others)
    result = []
    for row in rows:
        around = others.get(row.conversation_id, [])
        last = shown.get(str(row.conversation_id)) if row.last_seq > row.cleared_seq else None
        result.append(
            {
                "id": str(row.conversation_id),
                "name": row.conversation.name,
                "is_group": row.conversation.is_group,
                "people": _people(viewer, row, around),
                "state": REQUEST.value if is_request(row) else row.state,
                # For the viewer alone: that they restrict the other, who does not learn of it.
                "restricted": getattr(row, "restricted", False),
                "muted": row.muted,
                "announcements_muted": row.announcements_muted,
                "archived": row.archived_at is not None,
                "pinned": row.pinned_at is not None,
                "is_admin": row.is_admin,
                "added_by": _added_by(row, around),
                "presence": here.get(row.conversation_id, []),
                "last_seq": row.last_seq,
                "last_change": row.conversation.last_change,
                "read_seq": row.read_seq,
                "unread": max(0, row.last_seq - max(row.read_seq, row.cleared_seq)),
                # A request shows who wrote, not what.
                "last_message": None if is_request(row) else last,
                "read_by": _read_by(viewer, row, around),
                "updated_at": row.last_message_at,
            }
        )
    return result


def _newest(viewer: Viewer, rows: Sequence[Participant]) -> dict[int, Message]:
    """By conversation, the newest message whose content the viewer may read. One query, a short walk down the unique
    (conversation, seq) for each."""
    there = Message.objects.filter(conversation=OuterRef("conversation"), seq__gt=OuterRef("cleared_seq"))
    deleted = HiddenMessage.objects.filter(person=viewer.pk, message=OuterRef("pk"))
    there = there.filter(Q(held_for="") | Q(sender=viewer.pk)).exclude(Exists(deleted))
    # Across a block a group's message keeps its place only; events are for everybody.
    across = Q(sender__in=blocked_ids(viewer)) & ~Q(kind=Message.Kind.EVENT)
    there = there.exclude(Q(conversation__is_group=True) & across)
    found = Participant.objects.filter(pk__in=[row.pk for row in rows]).values_list(
        Subquery(there.order_by("-seq").values("pk")[:1])
    )
    return {m.conversation_id: m for m in with_people(Message.objects.filter(pk__in=found))}


def _people(viewer: Viewer, row: Participant, around: list[Participant]) -> list[dict[str, Any]]:
    cards = []
    for other in around:
        card = person_card(viewer, other.person) if other.person.is_visible else hidden_card()
        if row.conversation.is_group:
            card |= {"is_admin": other.is_admin, "invited": other.state == REQUEST}
        cards.append(card)
    return cards if cards or row.conversation.is_group else [hidden_card()]


def _added_by(row: Participant, around: list[Participant]) -> str | None:
    """Who put the viewer into a group, while they are in it themselves."""
    names = [o.person.username for o in around if o.person_id == row.added_by_id and o.person.is_visible]
    return names[0] if names else None


def conversation_detail(viewer: Viewer, seat: Participant) -> dict[str, Any]:
    """One conversation with `writing`, what the composer needs to know. Seven queries."""
    return conversation_cards(viewer, [seat])[0] | {"writing": writing(viewer, seat)}


def _read_by(viewer: Viewer, row: Participant, around: list[Participant]) -> list[dict[str, Any]]:
    """How far the others have read: only when both sides allow it, never before a request is accepted, nor while one
    restricts the other."""
    if is_request(row) or row.state != ACTIVE or not privacy_of(viewer).read_receipts:
        return []
    return [
        {"username": other.person.username, "seq": other.read_seq}
        for other in around
        if other.state == ACTIVE
        and not other.restricts_me  # type: ignore[attr-defined]
        and other.person.is_visible
        and privacy_of(other.person).read_receipts
    ]


def writing(viewer: Viewer, seat: Participant) -> dict[str, Any]:
    """Whether the viewer may write here now, for the composer: `{allowed, request, first, reason}`. At most four queries.
    `first`: the limits of first messages to strangers apply, so no links, clips or pictures.

    A courtesy only: `actions.send_message` decides again, under the locks.
    """
    others = others_of(viewer, [seat.conversation_id]).get(seat.conversation_id, [])
    if seat.conversation.is_group:
        reason = "" if others else _("Nobody else is in this group any more.")
        if is_invited(seat):
            reason = _("Accept the request first.")
        return {"allowed": not reason, "request": False, "first": False, "reason": reason}
    if not others or not others[0].person.is_visible:
        reason = _("This person can no longer be written to.")
        return {"allowed": False, "request": False, "first": False, "reason": reason}
    other = others[0]
    accepted, stands = other.accepted_at is not None, relation(viewer, other.person)
    said = verdict(privacy_of(other.person).message_audience, stands, accepted=accepted)
    refused = said is Verdict.REFUSED
    reason = (
        _("%(name)s does not take messages at the moment.") % {"name": other.person.get_full_name()}
        if refused
        else ""
    )
    return {
        "allowed": not refused,
        "request": said is Verdict.REQUEST,
        "first": not refused and is_first_contact(said, stands, accepted=accepted),
        "reason": reason,
    }
