"""Every roll-up of a day once more, straight from its raw rows: what the flush must have made of them.

Written apart from the flush on purpose: one pass in plain Python, second by second, with exact sets of people. Slow; for tests,
drills and a doubt in operation. Likes, comments, shares, saves and follows are counted where they happen and not here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import Follow

from .models import (
    CountryDay,
    CreatorDay,
    Event,
    HourDay,
    PromotedDay,
    RetentionDay,
    Sketch,
    SourceDay,
    VideoDay,
)
from .retention import by_second
from .uniques import merged

Figures = dict[Any, Any]


@dataclass
class Day:
    """Figures of a day by key. Rows and figures that are all zero are left out."""

    videos: Figures = field(
        default_factory=dict
    )  # clip → impressions, views, watch_ms, completions, skips, …
    creators: Figures = field(default_factory=dict)
    sources: Figures = field(default_factory=dict)  # (clip, source)
    promotions: Figures = field(default_factory=dict)
    countries: Figures = field(default_factory=dict)  # (clip, country)
    hours: Figures = field(default_factory=dict)  # (creator, hour)
    curves: Figures = field(default_factory=dict)  # clip → three lists, one count a second
    people: Figures = field(default_factory=dict)  # (kind of sketch, subject) → how many
    weeks: Figures = field(default_factory=dict)  # (creator, follower), of this day only


def _of(day: date) -> Iterator[Any]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found = Event.objects.filter(at__gte=start, at__lt=start + timedelta(days=1)).order_by("pk")
    return found.values().iterator(chunk_size=5000)


def recount(day: date) -> Day:
    """The roll-ups of this UTC day as its raw rows say. Reads them all once."""
    counts: dict[str, dict[Any, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    people: dict[tuple[int, int], set[Any]] = defaultdict(set)
    curves: dict[int, list[Counter[int]]] = defaultdict(lambda: [Counter(), Counter(), Counter()])
    lengths: Counter[int] = Counter()
    follows = set(
        Follow.objects.filter(state=Follow.State.ACCEPTED).values_list("followed_id", "follower_id")
    )
    for row in _of(day):
        kind, clip, creator = row["kind"], row["video_id"], row["creator_id"]
        who = ("person", row["viewer_id"]) if row["viewer_id"] else ("visit", row["session"])
        if row["viewer_id"]:
            people[Sketch.Kind.SITE, 0].add(who)
        if kind == Event.Kind.VIEW:
            gained = {"views": int(row["is_view"]), "watch_ms": row["watched_ms"]}
            ends = {"completions": int(row["is_completion"])}
            jumps = {"skips": int(row["skipped"] and not row["is_view"]), "rewatches": row["loops"]}
            counts["videos"][clip].update(gained | ends | jumps)
            counts["creators"][creator].update(gained)
            counts["sources"][clip, row["source"]].update(gained)
            if row["promotion"]:
                counts["promotions"][row["promotion"]].update(views=int(row["is_view"]))
            counts["countries"][clip, row["country"]].update(gained)
            counts["hours"][creator, row["at"].hour].update(gained)
            if (creator, row["viewer_id"]) in follows:
                counts["weeks"][creator, row["viewer_id"]].update(gained | ends)
            if row["is_view"]:
                people[Sketch.Kind.VIDEO, clip].add(who)
                people[Sketch.Kind.CREATOR, creator].add(who)
            if row["played"]:
                lengths[clip] = max(lengths[clip], _play(row, curves[clip]))
        elif kind == Event.Kind.IMPRESSION:
            counts["videos"][clip].update(impressions=1)
            counts["creators"][creator].update(impressions=1)
            counts["sources"][clip, row["source"]].update(impressions=1)
            if row["promotion"]:
                counts["promotions"][row["promotion"]].update(impressions=1)
                people[Sketch.Kind.PROMOTION, row["promotion"]].add(who)
        elif kind == Event.Kind.PROFILE_VIEW:
            counts["creators"][creator].update(profile_views=1)
            people[Sketch.Kind.PROFILE, creator].add(who)
        elif kind == Event.Kind.FOLLOW and clip:
            counts["videos"][clip].update(followers_won=1)
            counts["sources"][clip, row["source"]].update(followers_won=1)
            if row["promotion"]:
                counts["promotions"][row["promotion"]].update(followers_won=1)
    return Day(
        **{name: _without_zeros(found) for name, found in counts.items()},
        curves={
            clip: [[count[second] for second in range(lengths[clip])] for count in three]
            for clip, three in curves.items()
        },
        people={key: len(found) for key, found in people.items()},
    )


def _play(row: dict[str, Any], curve: list[Counter[int]]) -> int:
    """Follow one piece of a viewing through the clip; how many seconds the clip has."""
    reached, replays, skips = curve
    middles = {second: second * 1000 + 500 for second in range(row["duration_ms"] // 1000 + 1)}
    seconds = [second for second, middle in middles.items() if middle < row["duration_ms"]] or [0]
    seen = set()
    for place, digit in enumerate(row["reached_before"]):
        seen |= {4 * place + bit for bit in range(4) if int(digit, 16) & (1 << bit)}
    stood = None
    for part in row["played"].split(","):
        begin, end = map(int, part.split("-"))
        for second in seconds:
            middle = second * 1000 + 500
            if begin <= middle < end:
                (replays if second in seen else reached)[second] += 1
            elif stood is not None and stood <= middle < begin:
                skips[second] += 1
        seen |= {second for second in seconds if begin <= second * 1000 + 500 < end}
        stood = end
    return len(seconds)


def _without_zeros(found: Figures) -> Figures:
    rows = {key: {name: value for name, value in row.items() if value} for key, row in found.items()}
    return {key: row for key, row in rows.items() if row}


def rolled(day: date) -> Day:
    """The same figures as the roll-ups have them; of `people` the estimates, and no `weeks`, which are not by day."""
    video = ("impressions", "views", "watch_ms", "completions", "skips", "rewatches", "followers_won")
    return Day(
        videos=_rows(VideoDay, day, ("video_id",), video),
        creators=_rows(
            CreatorDay, day, ("creator_id",), ("impressions", "views", "watch_ms", "profile_views")
        ),
        sources=_rows(
            SourceDay, day, ("video_id", "source"), ("impressions", "views", "watch_ms", "followers_won")
        ),
        promotions=_rows(PromotedDay, day, ("promotion_id",), ("impressions", "views", "followers_won")),
        countries=_rows(CountryDay, day, ("video_id", "country"), ("views", "watch_ms")),
        hours=_rows(HourDay, day, ("creator_id", "hour"), ("views", "watch_ms")),
        curves=_curves(day),
        people=_people(day),
    )


def _rows(model: Any, day: date, key: tuple[str, ...], figures: tuple[str, ...]) -> Figures:
    found = {}
    for row in model.objects.filter(day=day).values(*key, *figures):
        name = tuple(row[column] for column in key)
        found[name if len(key) > 1 else name[0]] = {figure: row[figure] for figure in figures}
    return _without_zeros(found)


def _curves(day: date) -> Figures:
    held = RetentionDay.objects.filter(day=day).values_list("video_id", "reached", "replays", "skips")
    return {clip: [by_second(packed) for packed in three] for clip, *three in held}


def _people(day: date) -> Figures:
    found: Figures = {}
    subjects: dict[int, list[int]] = defaultdict(list)
    for kind, subject in Sketch.objects.filter(day=day).values_list("kind", "subject"):
        subjects[kind].append(subject)
    for kind, those in subjects.items():
        found |= {(kind, subject): count for subject, count in merged(kind, those, day, day).items()}
    return found
