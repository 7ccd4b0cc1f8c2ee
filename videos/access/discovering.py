"""What rises now, for one viewer: the lists of videos.trends behind the gate, and how much of a tag one sees."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from privacy.rules import Audience
from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import Page, keyset_page

from ..hashtags import fold
from ..models import Challenge, Sound, Tag, Trend, Video
from .challenges import findable_challenges
from .gate import Viewer, unwanted, visible_videos, with_people
from .sounds import _sounds

POPULAR = 300  # clips beside the rising ones among which the faces of tags and sounds are looked for
BATCH = 4  # times as many subjects are asked for as are shown: most viewers may meet most of them
COUNTED = 1_000  # clips of a tag or a sound are counted up to here: beyond it the number is "1K+" anyway


def trending(
    viewer: Viewer,
    kind: str,
    country: str = "",
    cursor: str | None = None,
    size: int = 20,
    *,
    past: str = "",
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
    if past:
        trends = trends.exclude(subject__in=Trend.objects.filter(kind=kind, country=past).values("subject"))
    page = keyset_page(trends, cursor, order=("-score", "-subject"), size=size)
    rows = _rows(viewer, kind).in_bulk([trend.subject for trend in page.items]) if page.items else {}
    return Page([rows[trend.subject] for trend in page.items if trend.subject in rows], page.next_cursor)


def rising(viewer: Viewer, country: str, sizes: Mapping[str, int]) -> dict[str, list[Any]]:
    """What rises of tags, sounds and challenges, at most so many of each: first in the country, then everywhere. Rows and
    rules as of `trending`.

    One query for all lists, whose subjects go through the gate after it: one query for each kind that has any, one more for
    each batch that the viewer may meet too little of.
    """
    code = country.upper()[:2]
    lists = Trend.objects.filter(kind__in=list(sizes), country__in={code, ""}).order_by("-score", "-subject")
    ranked: dict[str, list[int]] = {kind: [] for kind in sizes}
    elsewhere: dict[str, list[int]] = {kind: [] for kind in sizes}
    for kind, listed, subject in lists.values_list("kind", "country", "subject"):
        (ranked if listed == code else elsewhere)[kind].append(subject)
    return {
        kind: _first(_meetable(viewer, kind), list(dict.fromkeys(ranked[kind] + elsewhere[kind])), size)
        for kind, size in sizes.items()
    }


def _first(rows: QuerySet[Any], subjects: list[int], size: int) -> list[Any]:
    """The first of these subjects that are among the rows, in this order."""
    found: list[Any] = []
    for start in range(0, len(subjects), BATCH * size):
        batch = subjects[start : start + BATCH * size]
        there = rows.in_bulk(batch)
        found += [there[pk] for pk in batch if pk in there]
        if len(found) >= size:
            break
    return found[:size]


def _meetable(viewer: Viewer, kind: str) -> QuerySet[Any]:
    """The tags, sounds or challenges that the viewer may meet: `_shown`, asked of the subjects themselves."""
    match kind:
        case Trend.Kind.TAG:
            return Tag.objects.filter(Exists(_wanted(viewer).filter(tags=OuterRef("pk"))))
        case Trend.Kind.SOUND:
            return _sounds(viewer).filter(Exists(_wanted(viewer).filter(sound=OuterRef("pk"))))
    return _running(viewer)


def _wanted(viewer: Viewer) -> QuerySet[Video]:
    # What moderators limited is among the unwanted.
    return visible_videos(viewer).filter(published_at__isnull=False).exclude(unwanted(viewer))


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


def popular_videos(viewer: Viewer, countries: Collection[str] = ()) -> QuerySet[Video]:
    """Public clips for a grid, to be ordered by -score, -id; without those that the lists of these countries hold. Lazy."""
    # In these words, because the partial index video_popular is for such rows only.
    clips = _wanted(viewer).filter(state=Video.State.READY, audience=Audience.PUBLIC)
    if countries:
        listed = Trend.objects.filter(kind=Trend.Kind.VIDEO, country__in=countries)
        clips = clips.exclude(pk__in=listed.values("subject"))
    return with_people(clips)


def challenge_of_tag(viewer: Viewer, name: str) -> Challenge | None:
    """The challenge that runs with this tag, if the viewer may come upon it; of several the one that ends first. One query."""
    return _running(viewer).filter(tag__name=fold(name)).order_by("ends_at", "id").first()


def faces_of(
    viewer: Viewer, tags: Collection[int], sounds: Collection[int], each: int = 3
) -> tuple[dict[int, list[Video]], dict[int, list[Video]]]:
    """A few clips with each of these tags and sounds, to show what they are like: the most popular ones among what rises
    and what is popular now, none that are sensitive. Two queries, whose cost does not grow with the network.
    """
    rising = Trend.objects.filter(kind=Trend.Kind.VIDEO, country="").values("subject")
    public = Video.objects.filter(state=Video.State.READY, audience=Audience.PUBLIC)
    popular = public.order_by("-score", "-id").values("pk")[:POPULAR]
    pool = _wanted(viewer).filter(Q(pk__in=rising) | Q(pk__in=popular), is_sensitive=False).exclude(cover="")
    rows = pool.order_by("-score", "-pk").values_list("pk", "sound_id", "tags")
    of_tag: dict[int, list[int]] = {tag: [] for tag in tags}
    of_sound: dict[int, list[int]] = {sound: [] for sound in sounds}
    for clip, sound, tag in rows:
        for found in (of_tag.get(tag), of_sound.get(sound)):
            if found is not None and len(found) < each and clip not in found:
                found.append(clip)
    chosen = {clip for found in (*of_tag.values(), *of_sound.values()) for clip in found}
    clips = with_people(_wanted(viewer)).in_bulk(list(chosen)) if chosen else {}  # addresses ask who may see

    def shown(of: dict[int, list[int]]) -> dict[int, list[Video]]:
        return {pk: [clips[clip] for clip in found if clip in clips] for pk, found in of.items()}

    return shown(of_tag), shown(of_sound)


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
