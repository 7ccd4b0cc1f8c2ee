"""What rises now, for one viewer: the lists of videos.trends behind the gate, and how much of a tag one sees."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import Page, keyset_page

from ..models import Challenge, Sound, Tag, Trend, Video
from .challenges import findable_challenges
from .gate import Viewer, findable_videos, unwanted, with_people
from .sounds import _sounds

COUNTED = 1_000  # clips of a tag or a sound are counted up to here: beyond it the number is "1K+" anyway


def trending(
    viewer: Viewer, kind: str, country: str = "", cursor: str | None = None, size: int = 20
) -> Page[Any]:
    """A page of what rises in a country ("" for everywhere), the strongest first: clips with their people, tags, sounds with
    their owners, or challenges with host and tag, as `kind` says (Trend.Kind; Invalid for another word).

    Only what the viewer may come upon and has not said no to: a tag or a sound is there when a clip of it is that they
    see. Two queries, one when there is nothing. The lists are made anew while somebody pages, so a subject that falls
    can come twice.
    """
    if kind not in Trend.Kind.values:
        raise Invalid(code="bad_kind")
    trends = Trend.objects.filter(_shown(viewer, kind), kind=kind, country=country.upper()[:2])
    page = keyset_page(trends, cursor, order=("-score", "-subject"), size=size)
    rows = _rows(viewer, kind).in_bulk([trend.subject for trend in page.items]) if page.items else {}
    return Page([rows[trend.subject] for trend in page.items if trend.subject in rows], page.next_cursor)


def _wanted(viewer: Viewer) -> QuerySet[Video]:
    return findable_videos(viewer).exclude(unwanted(viewer))


def _shown(viewer: Viewer, kind: str) -> Q:
    """The condition on a trend that the viewer may meet its subject."""
    subject = OuterRef("subject")
    match kind:
        case Trend.Kind.VIDEO:
            return Q(Exists(_wanted(viewer).filter(pk=subject)))
        case Trend.Kind.TAG:
            return Q(Exists(_wanted(viewer).filter(tags=subject)))
        case Trend.Kind.SOUND:
            heard = Q(Exists(_sounds(viewer).order_by().filter(pk=subject)))
            return heard & Q(Exists(_wanted(viewer).filter(sound=subject)))
    return Q(Exists(_running(viewer).filter(pk=subject)))


def _rows(viewer: Viewer, kind: str) -> QuerySet[Any]:
    """The rows of subjects that `_shown` let through."""
    match kind:
        case Trend.Kind.VIDEO:
            return with_people(_wanted(viewer))
        case Trend.Kind.TAG:
            return Tag.objects.all()
        case Trend.Kind.SOUND:
            return Sound.objects.select_related("owner")
    return _running(viewer)


def _running(viewer: Viewer) -> QuerySet[Challenge]:
    now = timezone.now()
    return findable_challenges(viewer).filter(starts_at__lte=now, ends_at__gt=now)


def trend_countries(viewer: Viewer) -> list[str]:
    """The countries that have lists of their own, by their codes. One query. They tell nothing of anybody: a list stands on
    several people."""
    found = Trend.objects.filter(kind=Trend.Kind.VIDEO).exclude(country="").order_by("country")
    return list(found.values_list("country", flat=True).distinct())


def used_tags(viewer: Viewer, size: int = 20) -> list[Tag]:
    """The most used tags of clips that the viewer sees: for a network too quiet for trends. One query, a scan of tags."""
    shown = Exists(_wanted(viewer).filter(tags=OuterRef("pk")))
    return list(Tag.objects.filter(shown, videos_count__gt=0).order_by("-videos_count", "-id")[:size])


def used_sounds(viewer: Viewer, size: int = 20) -> list[Sound]:
    """The most used sounds of clips that the viewer sees. One query, a scan of sounds."""
    shown = Exists(_wanted(viewer).filter(sound=OuterRef("pk")))
    return list(_sounds(viewer).filter(shown, uses_count__gt=0).order_by("-uses_count", "-id")[:size])


def count_clips(clips: QuerySet[Video]) -> dict[str, Any]:
    """How many clips of a list that came through the gate: {clips, more}, `more` when there are over COUNTED. One query.

    The counters of tags and sounds know clips that the viewer may not; these are only theirs.
    """
    found = clips.order_by().values("pk")[: COUNTED + 1].count()
    return {"clips": min(found, COUNTED), "more": found > COUNTED}
