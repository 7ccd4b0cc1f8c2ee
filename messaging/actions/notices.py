"""Notifications: telling a person something, taking it back, marking it read."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from privacy.access import is_blocked, is_muted, is_restricted
from socialapp.lib.ids import parse_id
from socialapp.lib.realtime import push_on_commit
from videos.models import Comment, Video

from ..models import Notification, NotificationActor
from .digests import expect_digest
from .ground import Actor, push_badges, signed_in
from .pushing import notified

# These can be undone and redone at will: the same person is told of once a day at most.
_ONCE_A_DAY = frozenset(
    {
        Notification.Kind.LIKE,
        Notification.Kind.FOLLOW,
        Notification.Kind.FOLLOW_REQUEST,
        Notification.Kind.REMIX,
    }
)


def notify(
    recipient_id: int,
    kind: str,
    *,
    group_key: str,
    actor_id: int | None = None,
    video_id: int | None = None,
    comment_id: int | None = None,
    text: str = "",
) -> Notification | None:
    """Tell a person something, in the unread row of the same `group_key` when there is one; None when they are not told.

    Nobody is told of their own deeds, nor of people they muted, restrict or are blocked with. Asked again whenever it is shown.
    """
    if actor_id == recipient_id:
        return None
    people = User.objects.in_bulk([pk for pk in (recipient_id, actor_id) if pk is not None])
    recipient, actor = people.get(recipient_id), people.get(actor_id or 0)
    if recipient is None or (actor_id is not None and actor is None):
        return None
    if actor is not None and any(shut(recipient, actor) for shut in (is_blocked, is_muted, is_restricted)):
        return None
    if actor is not None and kind in _ONCE_A_DAY and _told_lately(recipient_id, group_key, actor.pk):
        return None
    with transaction.atomic():
        if video_id is not None and not _still_there(video_id, comment_id):
            return None
        row, _created = _unread_row(
            recipient_id,
            group_key,
            kind=kind,
            actor_id=actor_id,
            actors_count=0,
            video_id=video_id,
            comment_id=comment_id,
            text=text,
        )
        changes: dict[str, Any] = {"updated_at": timezone.now()}
        if actor is not None:
            changes["actor_id"] = actor.pk
            if _name(row, actor, comment_id):
                changes["actors_count"] = F("actors_count") + 1
        if comment_id is not None:
            changes["comment_id"] = comment_id
        if text or actor is None:
            changes["text"] = text
        Notification.objects.filter(pk=row.pk).update(**changes)
        expect_digest(recipient_id, kind)
        push_on_commit([recipient_id], "notification.new", {"notification": str(row.pk)})
        push_badges([recipient_id])
        notified(row)
    return row


def _name(row: Notification, actor: User, comment_id: int | None) -> bool:
    """Make the actor one of a locked notification's people, with the newest of their comments; whether they were not yet."""
    entry, joined = NotificationActor.objects.get_or_create(
        notification=row, person=actor, defaults={"comment_id": comment_id}
    )
    if not joined and comment_id is not None:
        NotificationActor.objects.filter(pk=entry.pk).update(comment_id=comment_id)
    return joined


def _still_there(video_id: int, comment_id: int | None) -> bool:
    """Whether what a notification is about was not deleted meanwhile; it cannot be until the transaction ends.

    Deleting a clip or a comment locks the clip first and takes its notifications along, which must not grow meanwhile.
    """
    if not Video.objects.select_for_update(no_key=True).filter(pk=video_id).exists():
        return False
    return comment_id is None or Comment.objects.filter(pk=comment_id).exists()


def _unread_row(recipient_id: int, group_key: str, **made: Any) -> tuple[Notification, bool]:
    """The unread row of this group, locked, and whether it was made just now.

    `withdraw` may delete the row between finding and locking it; then it is made anew.
    """
    unread = {"recipient_id": recipient_id, "group_key": group_key, "read_at": None}
    while True:
        row, created = Notification.objects.get_or_create(**unread, defaults=made)
        if created:
            return row, True
        locked = Notification.objects.select_for_update().filter(pk=row.pk, read_at=None).first()
        if locked is not None:
            return locked, False


def _told_lately(recipient_id: int, group_key: str, actor_id: int) -> bool:
    since = timezone.now() - timedelta(days=1)
    told = NotificationActor.objects.filter(person=actor_id, created_at__gt=since)
    return told.filter(notification__recipient=recipient_id, notification__group_key=group_key).exists()


def withdraw(recipient_id: int, group_key: str, *, actor_id: int) -> None:
    """What a notification told is no longer so: take the person out of the unread row, and the row with the last one."""
    with transaction.atomic():
        row = (
            Notification.objects.select_for_update()
            .filter(recipient=recipient_id, group_key=group_key, read_at=None)
            .first()
        )
        if row is None:
            return
        deleted, _rows = NotificationActor.objects.filter(notification=row, person=actor_id).delete()
        if not deleted:
            return
        # A comment that was deleted took its entry along, so there may be fewer than were counted.
        latest = NotificationActor.objects.filter(notification=row).order_by("-id").first()
        if latest is None:
            row.delete()
        else:
            Notification.objects.filter(pk=row.pk).update(
                actor_id=latest.person_id,
                comment_id=latest.comment_id,
                actors_count=F("actors_count") - 1,
            )
        push_badges([recipient_id])


def mark_notifications_read(actor: Actor, ids: Iterable[str] | None = None) -> int:
    """Mark these notifications read, or all of them. How many were unread."""
    me = signed_in(actor)
    unread = Notification.objects.filter(recipient=me, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=[parse_id(text) for text in ids])
    with transaction.atomic():
        changed: int = unread.update(read_at=timezone.now())
        if changed:
            push_badges([me.pk])
    return changed
