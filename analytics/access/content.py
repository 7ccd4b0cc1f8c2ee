"""The viewer's clips as a list: each with its sums of the period, by any of them, narrowed by audience, state or words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, FloatField, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce, Greatest, Least, NullIf
from django.utils.translation import gettext as _

from accounts.access import Viewer
from privacy.rules import Audience
from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import Page, decode_cursor, encode_cursor, keyset_page
from videos import studio
from videos.access import with_people
from videos.models import Video

from ..definitions import CLIP_METRICS, with_derived
from ..models import VideoDay
from .comparing import VIDEO_SUMS, clip_line, signed_in
from .periods import Period, period

NEWEST = "newest"
SORTS = (NEWEST, *(metric.name for metric in CLIP_METRICS))
LONGEST_TEXT = 100
PAGE, WHOLE = 20, 1_000


@dataclass(frozen=True)
class Wanted:
    """Which clips, in which order: what an address says of a list of figures."""

    sort: str = NEWEST
    audience: str = ""
    state: str = ""
    text: str = ""


def wanted(query: Mapping[str, str]) -> Wanted:
    """What `sort`, `audience`, `state` and `q` of an address ask for. Raises Invalid with a sentence for what there is not."""
    asked = Wanted(
        query.get("sort") or NEWEST,
        query.get("audience", ""),
        query.get("state", ""),
        query.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT],
    )
    problems = (
        ("sort", asked.sort not in SORTS, _("Choose a figure of the table to sort by.")),
        (
            "audience",
            bool(asked.audience) and asked.audience not in Audience.values,
            _("Choose an audience of the list."),
        ),
        ("state", bool(asked.state) and asked.state not in studio.KINDS, _("Choose a state of the list.")),
    )
    for field, wrong, message in problems:
        if wrong:
            raise Invalid(message, code="bad_filter", fields={field: message})
    return asked


def content(
    viewer: Viewer,
    span: Period | None = None,
    cursor: str | None = None,
    asked: Wanted | None = None,
    *,
    size: int = PAGE,
) -> tuple[Page[Video], list[dict[str, Any]]]:
    """A page of the viewer's clips, each with its sums of the period. Two queries newest first, three by a figure.

    By a figure: clips that something happened to in the period, highest first, then the others, newest first. A page reads
    the period's days of the clips there are, once, however deep it lies.
    """
    person = signed_in(viewer)
    span, asked = span or period(), asked or Wanted()
    clips = studio.clips(viewer, asked.state)
    if asked.audience:
        clips = clips.filter(audience=asked.audience)
    if asked.text:
        clips = clips.filter(caption__icontains=asked.text)
    days = VideoDay.objects.filter(creator=person, day__gte=span.start, day__lte=span.end)
    if asked.sort == NEWEST:
        page = keyset_page(with_people(clips), cursor, size=size)
        return page, _lines(page.items, _sums_of(days, page.items))
    return _by_figure(clips, days, asked.sort, cursor, size)


def _by_figure(
    clips: QuerySet[Video], days: QuerySet[VideoDay], sort: str, cursor: str | None, size: int
) -> tuple[Page[Video], list[dict[str, Any]]]:
    # The cursor is (figure, id) among the clips with days in the period, and ("", id) among those without.
    figure, last = decode_cursor(cursor, 2) if cursor else (None, None)
    _check_cursor(figure, last)
    sums: dict[int, dict[str, int]] = {}
    marks: dict[int, float | str] = {}
    ids: list[int] = []
    if figure != "":
        rows: Any = (
            days.filter(video__in=clips)
            .values("video")
            .annotate(figure=_figure(sort), **{f"sum_{name}": Sum(name) for name in VIDEO_SUMS})
        )
        if figure is not None:
            rows = rows.filter(Q(figure__lt=figure) | Q(figure=figure, video__lt=last))
        for row in rows.order_by("-figure", "-video")[: size + 1]:
            ids.append(row["video"])
            marks[row["video"]] = row["figure"]
            sums[row["video"]] = {name: row[f"sum_{name}"] for name in VIDEO_SUMS}
        last = None
    if len(ids) <= size:
        rest = clips.exclude(Exists(days.filter(video=OuterRef("pk"))))
        if last is not None:
            rest = rest.filter(pk__lt=last)
        for pk in rest.order_by("-pk").values_list("pk", flat=True)[: size + 1 - len(ids)]:
            ids.append(pk)
            marks[pk] = ""
    more, ids = len(ids) > size, ids[:size]
    videos = with_people(clips).in_bulk(ids)
    items = [videos[pk] for pk in ids if pk in videos]
    page = Page(items, encode_cursor([marks[ids[-1]], ids[-1]]) if more else None)
    nothing = dict.fromkeys(VIDEO_SUMS, 0)
    return page, _lines(items, {pk: sums.get(pk, nothing) for pk in ids})


def _check_cursor(figure: Any, last: Any) -> None:
    of_a_figure = isinstance(figure, (int, float)) or figure == ""
    if last is not None and not (of_a_figure and isinstance(last, int)):
        raise Invalid(
            _("This link to the next page is not valid. Start from the first page."), code="bad_cursor"
        )


def _figure(sort: str) -> Any:
    """A figure of a clip's days as SQL, a number that compares the same on every database; -1 where it cannot be told."""

    def total(*names: str) -> Any:
        one, *others = (Cast(Sum(name), FloatField()) for name in names)
        return sum(others, one)

    views = NullIf(total("views"), 0.0)
    impressions = NullIf(total("impressions"), 0.0)
    ratios: dict[str, Callable[[], Any]] = {
        "average_ms": lambda: total("watch_ms") / views,
        "completion": lambda: Least(total("completions"), total("views")) / views,
        "click_through": lambda: Least(total("views"), total("impressions")) / impressions,
        "engagement": lambda: Greatest(total("likes", "comments", "shares", "saves"), 0.0) / views,
    }
    if sort in ratios:
        return Coalesce(ratios[sort](), -1.0, output_field=FloatField())
    return total(sort)


def _sums_of(days: QuerySet[VideoDay], videos: list[Video]) -> dict[int, dict[str, int]]:
    sums = {video.pk: dict.fromkeys(VIDEO_SUMS, 0) for video in videos}
    rows: Any = days.filter(video__in=list(sums)).values("video")
    for row in rows.annotate(**{f"sum_{name}": Sum(name) for name in VIDEO_SUMS}).order_by():
        sums[row["video"]] = {name: row[f"sum_{name}"] for name in VIDEO_SUMS}
    return sums


def _lines(videos: list[Video], sums: dict[int, dict[str, int]]) -> list[dict[str, Any]]:
    return [clip_line(video) | with_derived(sums[video.pk]) for video in videos]
