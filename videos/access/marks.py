"""What a viewer may see of likes and saves: their own, and those of people who show them."""

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Exists, OuterRef, QuerySet

from accounts.access import may_see
from accounts.models import User
from socialapp.lib.errors import NotFound

from ..models import Like, Save, Video
from .gate import Viewer, visible_videos

Mark = TypeVar("Mark", Like, Save)


def sees_likes(viewer: Viewer, person: User) -> bool:
    """Whether the viewer may open the list of what `person` likes."""
    return may_see(viewer, person, "likes_audience")


def _clip_is_visible(viewer: Viewer) -> Exists:
    # Correlated: one look-up a row. IN (…) would let a database make the list of all visible clips first.
    return Exists(visible_videos(viewer).filter(pk=OuterRef("video_id")))


def _with_clips(marks: "QuerySet[Mark]") -> "QuerySet[Mark]":
    return marks.select_related("video__author__privacy", "video__sound")


def likes_of(viewer: Viewer, person: User) -> QuerySet[Like]:
    """What `person` liked, as far as the viewer sees both the list and the clips. NotFound when the list is closed."""
    if not sees_likes(viewer, person):
        raise NotFound()
    return _with_clips(Like.objects.filter(_clip_is_visible(viewer), person=person))


def saves_of(viewer: Viewer) -> QuerySet[Save]:
    """What the viewer saved and may still see."""
    if not isinstance(viewer, User):
        raise NotFound()
    return _with_clips(Save.objects.filter(_clip_is_visible(viewer), person=viewer))


def liked_ids(viewer: Viewer, videos: Iterable[Video]) -> set[int]:
    """Which of these clips the viewer likes. One query."""
    if not isinstance(viewer, User):
        return set()
    return set(
        Like.objects.filter(person=viewer, video__in=[v.pk for v in videos]).values_list(
            "video_id", flat=True
        )
    )


def saved_ids(viewer: Viewer, videos: Iterable[Video]) -> set[int]:
    """Which of these clips the viewer saved. One query."""
    if not isinstance(viewer, User):
        return set()
    return set(
        Save.objects.filter(person=viewer, video__in=[v.pk for v in videos]).values_list(
            "video_id", flat=True
        )
    )
