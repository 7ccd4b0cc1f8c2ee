"""What a batch of events adds up to, by clip, creator, source, country, hour, second, person and week. Nothing is written here.

Records are what the waiting room keeps; recount.py finds the same figures from the raw rows by other means.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from . import uniques
from .definitions import is_completion, is_view
from .models import Event, Sketch
from .retention import Curves, seconds_of

DROPPED = "d"  # first in a record that is no event


class Record(NamedTuple):
    """An event in the waiting room, as a JSON list of these. The room itself adds the last three to a viewing."""

    kind: int
    creator: int
    video: int | None
    viewer: int | None
    session: str
    source: str
    country: str
    promotion: int | None
    watched_ms: int
    duration_ms: int
    loops: int
    skipped: bool
    played: str  # retention.said
    at_ms: int
    is_view: bool = False
    is_completion: bool = False
    reached_before: str = ""  # retention.digits


def record(kind: int, creator: int, at_ms: int, **facts: Any) -> Record:
    """A record of which most is empty."""
    return Record(
        kind=kind,
        creator=creator,
        at_ms=at_ms,
        **{
            "video": None,
            "viewer": None,
            "session": "",
            "source": "other",
            "country": "",
            "promotion": None,
            "watched_ms": 0,
            "duration_ms": 0,
            "loops": 0,
            "skipped": False,
            "played": "",
        }
        | facts,
    )


def whole_viewing(
    video: int, creator: int, at_ms: int, watched_ms: int, duration_ms: int, loops: int = 0, **facts: Any
) -> Record:
    """A viewing that came in one piece, without the waiting room."""
    found = record(
        Event.Kind.VIEW,
        creator,
        at_ms,
        video=video,
        watched_ms=watched_ms,
        duration_ms=duration_ms,
        loops=loops,
        **facts,
    )
    return found._replace(
        is_view=is_view(watched_ms, duration_ms), is_completion=is_completion(watched_ms, duration_ms, loops)
    )


@lru_cache(maxsize=4096)
def instant(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def week_of(day: date) -> date:
    """Its Monday."""
    return day - timedelta(days=day.weekday())


def _zeros(count: int) -> Callable[[], list[int]]:
    return lambda: [0] * count


@dataclass
class Sums:
    """Figures by key, in the order of the columns that rollups.py names."""

    # (clip, creator, day): impressions, views, watch_ms, completions, skips, rewatches, followers_won
    videos: dict[tuple[int, int, date], list[int]] = field(default_factory=lambda: defaultdict(_zeros(7)))
    # (creator, day): impressions, views, watch_ms, profile_views
    creators: dict[tuple[int, date], list[int]] = field(default_factory=lambda: defaultdict(_zeros(4)))
    # (clip, creator, day, source): impressions, views, watch_ms, followers_won
    sources: dict[tuple[int, int, date, str], list[int]] = field(
        default_factory=lambda: defaultdict(_zeros(4))
    )
    # (promotion, creator, day): impressions, views, followers_won
    promotions: dict[tuple[int, int, date], list[int]] = field(default_factory=lambda: defaultdict(_zeros(3)))
    # (clip, creator, day, country): views, watch_ms
    countries: dict[tuple[int, int, date, str], list[int]] = field(
        default_factory=lambda: defaultdict(_zeros(2))
    )
    # (creator, day, hour): views, watch_ms
    hours: dict[tuple[int, date, int], list[int]] = field(default_factory=lambda: defaultdict(_zeros(2)))
    # (creator, week, person): views, watch_ms, completions
    weeks: dict[tuple[int, date, int], list[int]] = field(default_factory=lambda: defaultdict(_zeros(3)))
    curves: dict[tuple[int, date], Curves] = field(default_factory=dict)
    # (kind, subject, day): creator, who
    people: dict[tuple[int, int, date], tuple[int, set[int | str]]] = field(default_factory=dict)
    gained: Counter[int] = field(default_factory=Counter)  # views by clip
    active: dict[date, set[int | str]] = field(default_factory=lambda: defaultdict(set))  # who was logged in

    def meet(self, kind: int, subject: int, day: date, creator: int, who: int | str) -> None:
        held = self.people.get((kind, subject, day))
        if held is None:
            self.people[kind, subject, day] = (creator, {who})
        else:
            held[1].add(who)

    def prints(self) -> dict[uniques.Key, tuple[int, set[int]]]:
        """`people` by their fingerprints."""
        known = uniques.fingerprints(set().union(*(who for _creator, who in self.people.values())))
        return {key: (creator, {known[one] for one in who}) for key, (creator, who) in self.people.items()}

    def active_prints(self) -> dict[uniques.Key, tuple[None, set[int]]]:
        """`active` likewise."""
        return {
            (Sketch.Kind.SITE.value, 0, day): (None, set(uniques.fingerprints(who).values()))
            for day, who in self.active.items()
        }


def sums(records: Iterable[Record], followers: Collection[tuple[int, int]]) -> Sums:
    """Add records up. `followers`: the (follower, creator) pairs among them whose weeks are kept."""
    found = Sums()
    times: dict[int, tuple[date, int]] = {}
    for event in records:
        when = times.get(event.at_ms)
        if when is None:
            moment = instant(event.at_ms)
            when = times[event.at_ms] = (moment.date(), moment.hour)
        _HOW[event.kind](found, event, *when, followers)
        if event.viewer is not None:
            found.active[when[0]].add(event.viewer)
    for (_video, creator, day), figures in found.videos.items():
        own = found.creators[creator, day]
        own[0] += figures[0]
        own[1] += figures[1]
        own[2] += figures[2]
    for (kind, _video, day), (creator, who) in list(found.people.items()):
        if kind == Sketch.Kind.VIDEO:  # whoever viewed a clip viewed its creator
            found.people.setdefault((Sketch.Kind.CREATOR.value, creator, day), (creator, set()))[1].update(
                who
            )
    return found


def _viewing(
    found: Sums, event: Record, day: date, hour: int, followers: Collection[tuple[int, int]]
) -> None:
    creator, video, watched, view = event.creator, event.video or 0, event.watched_ms, event.is_view
    figures = found.videos[video, creator, day]
    figures[1] += view
    figures[2] += watched
    figures[3] += event.is_completion
    figures[4] += event.skipped and not view
    figures[5] += event.loops
    source = found.sources[video, creator, day, event.source]
    source[1] += view
    source[2] += watched
    if view and event.promotion is not None:
        found.promotions[event.promotion, creator, day][1] += 1
    country = found.countries[video, creator, day, event.country]
    country[0] += view
    country[1] += watched
    hours = found.hours[creator, day, hour]
    hours[0] += view
    hours[1] += watched
    if event.played:
        curves = found.curves.get((video, day))
        if curves is None:
            curves = found.curves[video, day] = Curves(creator)
        curves.watch(event.played, event.reached_before, seconds_of(event.duration_ms))
    viewer = event.viewer
    if viewer is not None and (viewer, creator) in followers:
        week = found.weeks[creator, week_of(day), viewer]
        week[0] += view
        week[1] += watched
        week[2] += event.is_completion
    if view:
        who = event.session if viewer is None else viewer
        found.gained[video] += 1
        found.meet(Sketch.Kind.VIDEO.value, video, day, creator, who)


def _impression(found: Sums, event: Record, day: date, *_more: Any) -> None:
    found.videos[event.video or 0, event.creator, day][0] += 1
    found.sources[event.video or 0, event.creator, day, event.source][0] += 1
    if event.promotion is not None:
        found.promotions[event.promotion, event.creator, day][0] += 1
        who = event.session if event.viewer is None else event.viewer
        found.meet(Sketch.Kind.PROMOTION.value, event.promotion, day, event.creator, who)


def _profile(found: Sums, event: Record, day: date, *_more: Any) -> None:
    found.creators[event.creator, day][3] += 1
    found.meet(Sketch.Kind.PROFILE.value, event.creator, day, event.creator, event.session)


def _follow(found: Sums, event: Record, day: date, *_more: Any) -> None:
    if event.video is not None:
        found.videos[event.video, event.creator, day][6] += 1
        found.sources[event.video, event.creator, day, event.source][3] += 1
        if event.promotion is not None:
            found.promotions[event.promotion, event.creator, day][2] += 1


def _nothing(*_event: Any) -> None:
    """Shares and invites are counted where they happen; of them the raw rows tell the time only."""


_HOW: Mapping[int, Callable[..., None]] = {
    Event.Kind.VIEW: _viewing,
    Event.Kind.IMPRESSION: _impression,
    Event.Kind.PROFILE_VIEW: _profile,
    Event.Kind.FOLLOW: _follow,
    Event.Kind.SHARE: _nothing,
    Event.Kind.INVITE_OPENED: _nothing,
}
