"""A creator's announcements, and who of their receivers opened them. Quick replies and the rest are answering.py."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.access import followed_ids, follower_ids
from accounts.models import Follow, User
from privacy.rules import SMALLEST_GROUP, Audience
from socialapp.lib.errors import NotFound
from socialapp.lib.pagination import Page, keyset_page
from videos.access import own_videos, visible_videos, with_people
from videos.cards import cards as video_cards
from videos.models import Video

from ..models import Announcement, Participant
from .seats import Viewer, number

EVERY = timedelta(hours=24)


def announcements(viewer: Viewer) -> QuerySet[Announcement]:
    """The viewer's own announcements. Order (-id)."""
    if not isinstance(viewer, User):
        return Announcement.objects.none()
    return Announcement.objects.filter(author=viewer)


def announcement_page(viewer: Viewer, cursor: str | None = None, *, size: int = 20) -> Page[Announcement]:
    """One page of them, newest first."""
    return keyset_page(announcements(viewer), cursor, size=size)


def get_announcement(viewer: Viewer, announcement_id: str | int) -> Announcement:
    """One of the viewer's own. NotFound for anybody else's."""
    row = announcements(viewer).filter(pk=number(announcement_id)).first()
    if row is None:
        raise NotFound()
    return row


def next_announcement_at(viewer: Viewer) -> datetime | None:
    """When the viewer may announce again; None when they may now. What nobody received does not count. One query."""
    since = timezone.now() - EVERY
    reached = announcements(viewer).exclude(state=Announcement.State.STOPPED, sent_count=0)
    last = reached.filter(created_at__gt=since).order_by("-created_at").first()
    return last.created_at + EVERY if last is not None else None


def announcement_reach(viewer: Viewer) -> dict[str, int]:
    """How many follow the viewer, and how many of them are friends: at most so many receive one. Two queries."""
    following = follower_ids(viewer)
    return {
        "followers": following.count(),
        "friends": following.filter(follower__in=followed_ids(viewer)).count(),
    }


def announcement_cards(viewer: Viewer, rows: Sequence[Announcement]) -> list[dict[str, Any]]:
    """The API's and the pages' shape of one's own announcements. One query, plus one for each that is going out and those
    of `videos.cards`.

    `opened` is null while fewer than SMALLEST_GROUP of those who let read receipts through have read it.
    """
    opens = _opens(viewer, rows)
    clips = with_people(visible_videos(viewer)).filter(pk__in={row.video_id for row in rows})
    shown = {card["id"]: card for card in video_cards(viewer, list(clips))}
    return [
        {
            "id": str(row.pk),
            "video": shown.get(str(row.video_id)),
            "text": row.text,
            "audience": row.audience,
            "preview": row.is_preview,
            "state": row.state,
            "sent": row.sent_count,
            "waiting": _waiting(row),
            "opened": opened if (opened := opens.get(row.pk, 0)) >= SMALLEST_GROUP else None,
            "created_at": row.created_at,
            "finished_at": row.finished_at,
        }
        for row in rows
    ]


def _opens(viewer: Viewer, rows: Sequence[Announcement]) -> dict[int, int]:
    """How many receivers of each of the viewer's own have read as far as it."""
    seats = Participant.objects.exclude(person=viewer.pk).filter(
        person__privacy__read_receipts=True,
        conversation__messages__announcement__in=[row.pk for row in rows],
        conversation__messages__removed_at=None,
        read_seq__gte=F("conversation__messages__seq"),
    )
    counted = seats.values("conversation__messages__announcement").annotate(opened=Count("pk"))
    return dict(counted.values_list("conversation__messages__announcement", "opened"))


def _waiting(row: Announcement) -> int:
    """How many are still to be asked about; 0 once it is finished."""
    if row.state != Announcement.State.WAITING:
        return 0
    left = Follow.objects.filter(followed=row.author_id, state=Follow.State.ACCEPTED, pk__gt=row.reached)
    if row.audience == Announcement.Audience.FRIENDS:
        left = left.filter(follower__in=followed_ids(User(pk=row.author_id)))
    return left.count()


CHOICES = 24


def announceable_clips(viewer: Viewer, first: str | int | None = None) -> list[dict[str, Any]]:
    """Cards of the viewer's latest clips that can be announced, or sent as a preview; with `first` that one leads, if it can.

    A courtesy only: `actions.announce` decides again. One query, or two, and those of `videos.cards`.
    """
    states = (Video.State.READY, Video.State.PROCESSING)
    out = Q(published_at__isnull=False, state__in=states) & ~Q(audience=Audience.ONLY_ME)
    finished = Q(published_at=None, state=Video.State.DRAFT)
    rows = with_people(own_videos(viewer)).filter(out | finished, playlist__gt="", held_for="")
    latest = list(rows.order_by("-id")[:CHOICES])
    if first:
        wanted = number(first)
        latest.sort(key=lambda video: video.pk != wanted)
        if not latest or latest[0].pk != wanted:
            latest = [*rows.filter(pk=wanted), *latest]
    return video_cards(viewer, latest)
