"""Feeds in one plain order: Following and Friends by time, Explore by popularity, and what follows an opened clip."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.access import followed_ids, friend_ids
from socialapp.lib.pagination import Page, keyset_page

from ..access import Viewer, unwanted, visible_videos, with_people
from ..models import Like, Save, Video
from .candidates import open_clips
from .personal import SIZE, for_you


def following(viewer: Viewer, cursor: str | None = None, size: int = SIZE) -> Page[Video]:
    """Clips of the people the viewer follows, newest first, without muted people. One query."""
    return _chronological(viewer, Q(author_id__in=followed_ids(viewer)), cursor, size)


def friends(viewer: Viewer, cursor: str | None = None, size: int = SIZE) -> Page[Video]:
    """Clips of the viewer's friends, newest first, without muted people. One query."""
    return _chronological(viewer, Q(author_id__in=friend_ids(viewer)), cursor, size)


def _chronological(viewer: Viewer, whose: Q, cursor: str | None, size: int) -> Page[Video]:
    clips = (
        with_people(visible_videos(viewer))
        .filter(whose, published_at__isnull=False)
        .exclude(unwanted(viewer))
    )
    return keyset_page(clips, cursor, order=("-published_at", "-id"), size=size)


def newest(clips: QuerySet[Video], cursor: str | None = None, size: int = SIZE) -> Page[Video]:
    """A page of any list of published clips that came through the gate, newest first. One query."""
    return keyset_page(with_people(clips), cursor, order=("-published_at", "-id"), size=size)


def marked(
    marks: "QuerySet[Like] | QuerySet[Save]", cursor: str | None = None, size: int = SIZE
) -> Page[Video]:
    """A page of the clips of these likes or saves, the latest mark first. One query."""
    page: Page[Any] = keyset_page(marks, cursor, size=size)
    return Page([mark.video for mark in page.items], page.next_cursor)


def explore(viewer: Viewer, cursor: str | None = None, size: int = SIZE) -> Page[Video]:
    """Popular recent public clips, for a grid. One query.

    Scores move while somebody pages, so a clip that rises can be missed and one that falls can come again; a grid
    forgives that, and For You remembers what it showed.
    """
    clips = open_clips(with_people(visible_videos(viewer))).exclude(unwanted(viewer))
    return keyset_page(clips, cursor, order=("-score", "-id"), size=size)


def beside(viewer: Viewer, video: Video, cursor: str | None = None, size: int = SIZE) -> Page[Video]:
    """What follows a clip that was opened by its address: its author's older clips, then For You.

    The cursor says which of the two by its first letter.
    """
    if cursor and cursor.startswith("f"):
        page = for_you(viewer, cursor[1:] or None, size, shown=[video.pk])
        return Page(page.items, f"f{page.next_cursor}" if page.next_cursor else None)
    clips = with_people(visible_videos(viewer)).filter(author_id=video.author_id, published_at__isnull=False)
    clips = clips.exclude(pk=video.pk)
    if video.published_at:
        clips = clips.filter(published_at__lte=video.published_at)
    page = keyset_page(clips, cursor[1:] if cursor else None, order=("-published_at", "-id"), size=size)
    return Page(page.items, f"a{page.next_cursor}" if page.next_cursor else "f")
