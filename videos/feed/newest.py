"""Newest first: For You without any choosing. By keyset, so that new clips neither shift nor repeat it."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import followed_ids
from accounts.models import Follow, User

from ..access import Viewer
from ..models import Video
from .candidates import open_clips

Row = tuple[int, datetime]


def _sources(viewer: Viewer) -> list[QuerySet[Video]]:
    out = open_clips(Video.objects.filter(published_at__isnull=False))
    if not isinstance(viewer, User):
        return [out]
    theirs = Video.objects.filter(
        author_id__in=followed_ids(viewer), published_at__isnull=False, playlist__gt=""
    )
    return [out.exclude(author_id=viewer.pk), theirs]


def uncovered(viewer: Viewer) -> Q:
    """What this order never brings: neither ready for everybody nor of followed people."""
    covered = Q(state=Video.State.READY, audience="public")
    if isinstance(viewer, User):
        follows = Follow.objects.filter(
            follower=viewer.pk, followed=OuterRef("author_id"), state=Follow.State.ACCEPTED
        )
        covered |= Q(Exists(follows))
    return ~covered


def rows(viewer: Viewer, after: tuple[datetime, int] | None, size: int) -> list[Row]:
    """The next `size` clips (id, when published), whatever the viewer may see of them. One query."""
    branches = []
    for clips in _sources(viewer):
        if after:
            # The plain bound is implied by the OR; databases seek an index by it, and not by an OR.
            beyond = Q(published_at__lt=after[0]) | Q(published_at=after[0], id__lt=after[1])
            clips = clips.filter(beyond, published_at__lte=after[0])
        # An inner SELECT, because SQLite has no ORDER BY … LIMIT in the branches of a UNION.
        ids = clips.order_by("-published_at", "-id").values("pk")[:size]
        branches.append(Video.objects.filter(pk__in=ids).values_list("pk", "published_at"))
    found: set[Any] = set(branches[0].union(*branches[1:], all=True) if branches[1:] else branches[0])
    return sorted(found, key=lambda row: (row[1], row[0]), reverse=True)[:size]
