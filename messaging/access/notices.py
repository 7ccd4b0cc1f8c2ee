"""A person's notifications, asked at the gate again each time, and the numbers on their badges."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.access import person_card, visible_people
from accounts.models import User
from privacy.access import muted_ids, restricted_ids
from socialapp.lib.pagination import Page, keyset_page
from videos.access import standing, visible_videos
from videos.media import cover_url
from videos.models import Comment

from ..models import Notification, NotificationActor
from ..wording import notification_text, notification_url
from .seats import Viewer, conversations

BADGE_LIMIT = 100


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
