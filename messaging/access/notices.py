"""A person's notifications, asked at the gate again each time, and the numbers on their badges."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from accounts.access import person_card, ties, visible_people
from accounts.models import User
from privacy.access import muted_ids, restricted_ids
from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import Page, keyset_page
from videos.access import standing, visible_videos
from videos.media import cover_url
from videos.models import Comment

from ..channels import GROUP_OF, GROUPS, Channel, Group
from ..models import Notification, NotificationActor, NotificationSettings
from ..wording import notification_text, notification_url
from .seats import Viewer, conversations

BADGE_LIMIT = 100


_K = Notification.Kind
# Not mentions: they may stand in a clip's caption.
_ABOUT_COMMENTS = (_K.COMMENT, _K.COMMENT_HELD, _K.REPLY)


def notification_settings(viewer: Viewer) -> NotificationSettings | None:
    """How the viewer wants to be told; None when they never chose anything and were never told anything."""
    return NotificationSettings.objects.filter(person=viewer.pk).first() if viewer.pk else None


def _entries(viewer: Viewer) -> QuerySet[NotificationActor]:
    """The people that notifications may name to the viewer, as far as what they did still stands.

    Somebody who commented is there as long as that comment is, who made a duet as long as the viewer sees one of theirs.
    """
    told = NotificationActor.objects.filter(person__in=visible_people(viewer).values("pk"))
    told = told.exclude(person__in=muted_ids(viewer)).exclude(person__in=restricted_ids(viewer))
    comment = Comment.objects.filter(standing(viewer), pk=OuterRef("comment"))
    remix = visible_videos(viewer).filter(
        remix_of=OuterRef("notification__video"), author=OuterRef("person"), published_at__isnull=False
    )
    return told.filter(
        Q(comment=None) & ~Q(notification__kind__in=[*_ABOUT_COMMENTS, _K.REMIX])
        | Q(comment__isnull=False) & Exists(comment)
        | Q(notification__kind=_K.REMIX) & Exists(remix)
    )


def notifications(viewer: Viewer) -> QuerySet[Notification]:
    """The viewer's notifications, asked at the gate again: nothing about hidden clips, removed comments or people who
    are blocked, muted, restricted or gone. Order (-updated_at, -id)."""
    if not isinstance(viewer, User):
        return Notification.objects.none()
    somebody = Exists(_entries(viewer).filter(notification=OuterRef("pk")))
    return Notification.objects.filter(
        Q(actor=None, actors_count=0) | somebody,
        Q(video=None) | Q(video__in=visible_videos(viewer).values("pk")),
        recipient=viewer,
    )


def heard_notifications(viewer: Viewer) -> QuerySet[Notification]:
    """Of `notifications`, those that ring the bell: of the groups that the viewer did not turn off in the app."""
    chosen = NotificationSettings.objects.filter(person=viewer.pk)
    silent = Q()
    for name, group in GROUPS.items():
        if Channel.IN_APP not in group.fixed:
            off = Exists(chosen.filter(**{f"channels__{name}__{Channel.IN_APP.value}": False}))
            silent |= Q(off, kind__in=group.kinds)
    return notifications(viewer).exclude(silent)


def notification_page(
    viewer: Viewer, cursor: str | None = None, *, group: str = "", size: int = 30
) -> Page[Notification]:
    """One page of the inbox, newest first; of one group of messaging.channels when it is named. Raises Invalid."""
    rows = notifications(viewer).select_related("video__author__privacy")
    if group:
        rows = rows.filter(kind__in=_group(group).kinds)
    return keyset_page(rows, cursor, order=("-updated_at", "-id"), size=size)


def _group(name: str) -> Group:
    if name not in GROUPS:
        sentence = _("There is no such group. Choose one of: %(names)s.") % {"names": ", ".join(GROUPS)}
        raise Invalid(sentence, fields={"group": sentence})
    return GROUPS[name]


def notifications_by_id(viewer: Viewer, ids: Iterable[int]) -> QuerySet[Notification]:
    """Of these notifications, those that may still be shown, whichever channel asks."""
    return notifications(viewer).select_related("video__author__privacy").filter(pk__in=list(ids))


def live_notifications(viewer: Viewer, ids: Iterable[int]) -> QuerySet[Notification]:
    """Of these notifications, those that appear by themselves on the viewer's open pages."""
    return heard_notifications(viewer).select_related("video__author__privacy").filter(pk__in=list(ids))


def notification_cards(viewer: Viewer, rows: Sequence[Notification]) -> list[dict[str, Any]]:
    """The API's and the pages' shape of notifications: up to three visible people each, and the latest of their comments.
    One query; at most two more when somebody followed."""
    latest: dict[int, list[NotificationActor]] = {}
    totals: dict[int, int] = {}
    ranked = (
        _entries(viewer)
        .filter(notification__in=[row.pk for row in rows])
        .annotate(
            rank=Window(RowNumber(), partition_by="notification_id", order_by=("-comment_id", "-id")),
            total=Window(Count("id"), partition_by="notification_id"),
        )
        .filter(rank__lte=3)
        .select_related("person", "comment")
        .order_by("notification_id", "rank")
    )
    for entry in ranked:
        latest.setdefault(entry.notification_id, []).append(entry)
        totals[entry.notification_id] = entry.total
    cards = [_card(viewer, row, latest.get(row.pk, []), totals.get(row.pk, 0)) for row in rows]
    _add_ties(viewer, cards)
    return cards


def _add_ties(viewer: Viewer, cards: list[dict[str, Any]]) -> None:
    """`following`: whether the viewer follows (no, pending, yes) the one person who followed them; else null."""
    alone = {
        card["id"]: int(card["people"][0]["id"])
        for card in cards
        if card["kind"] == _K.FOLLOW and card["count"] == 1
    }
    tied = ties(viewer, set(alone.values())) if alone else {}
    for card in cards:
        card["following"] = tied[alone[card["id"]]].following if card["id"] in alone else None


def _card(viewer: Viewer, row: Notification, entries: list[NotificationActor], total: int) -> dict[str, Any]:
    named = [entry.person for entry in entries]
    comment = entries[0].comment if entries else None
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "group": GROUP_OF[row.kind],
        "text": notification_text(row, [person.get_full_name() for person in named], total),
        "people": [person_card(viewer, person) for person in named],
        "count": total,
        "video": {
            "id": str(row.video_id),
            "url": row.video.get_absolute_url(),
            "cover": cover_url(row.video) or None,
        }
        if row.video
        else None,
        "comment": {"id": str(comment.pk), "text": comment.text[:140]} if comment else None,
        "url": notification_url(row, named),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "read": row.read_at is not None,
    }


def badges(viewer: Viewer) -> dict[str, int]:
    """Conversations and notifications with something unread, at most BADGE_LIMIT each. Three queries.

    The gate's own question about notifications is a large one, so it is asked only where something is unread at all.
    """
    if not isinstance(viewer, User):
        return {"messages": 0, "notifications": 0}
    unread = conversations(viewer).filter(muted=False, last_seq__gt=F("read_seq"))
    told = Notification.objects.filter(recipient=viewer.pk, read_at=None).exists()
    return {
        "messages": unread[:BADGE_LIMIT].count(),
        "notifications": heard_notifications(viewer).filter(read_at=None)[:BADGE_LIMIT].count()
        if told
        else 0,
    }
