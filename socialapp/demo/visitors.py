"""Who came to a clip of the demo, when, from where, and what they saw of it: events as the waiting room hands them on.

A burst and a long tail, weekends and evenings; followers who come back every week, more so once they are followed back; a drop
in the first seconds and a moment to which some go back. Numpy draws, one record a viewing is made of it; nothing is written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from accounts.models import Follow, User
from analytics.counting import Record, record, whole_viewing
from analytics.definitions import view_needs
from analytics.models import Event, Source
from analytics.retention import said
from analytics.visits import disguise
from videos.models import Video

from .cast import PEOPLE
from .catalogue import CLIPS, Clip
from .moments import dice, keenness

PULL = {person.username: person.pull for person in PEOPLE}
WEEK = (0.86, 0.82, 0.88, 0.94, 1.08, 1.28, 1.2)  # Monday … Sunday
HOURS = np.array([3, 2, 1, 1, 1, 1, 2, 4, 5, 4, 4, 5, 7, 6, 5, 5, 6, 8, 10, 12, 13, 12, 9, 6], float)
SOURCES = {
    Source.FOR_YOU: 0.49,
    Source.FOLLOWING: 0.17,
    Source.PROFILE: 0.08,
    Source.EXPLORE: 0.06,
    Source.TAG: 0.05,
    Source.FRIENDS: 0.04,
    Source.SEARCH: 0.04,
    Source.EXTERNAL: 0.03,
    Source.MESSAGE: 0.02,
    Source.SOUND: 0.02,
}
LOYAL_SOURCES = {Source.FOLLOWING: 0.58, Source.PROFILE: 0.22, Source.FOR_YOU: 0.15, Source.MESSAGE: 0.05}
WON_SOURCES = {
    Source.FOR_YOU: 0.62,
    Source.PROFILE: 0.15,
    Source.EXPLORE: 0.1,
    Source.TAG: 0.08,
    Source.SEARCH: 0.05,
}
OF_FOLLOWERS = (Source.FOLLOWING, Source.FRIENDS)
# Where a clip is one tile of many, it is passed over as well.
TILES = (Source.PROFILE, Source.EXPLORE, Source.TAG, Source.SEARCH, Source.FOR_YOU)
COUNTRIES = {
    "FR": 22,
    "US": 14,
    "DE": 11,
    "GB": 9,
    "CA": 7,
    "BE": 6,
    "BR": 6,
    "IN": 6,
    "JP": 5,
    "CH": 4,
    "": 10,
}
# Views a week of an average follower who comes for the creator, and how many more once followed back.
LOYAL, THANKS = {"alice": 2.2}, 1.5
TRICKLE = 12  # viewings of the last hour of a clip by who pulls most
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
_CLOCK = np.arange(25) * HOUR_MS
_SHARE = np.concatenate([[0], np.cumsum(HOURS / HOURS.sum())])
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Visitors:
    """Who may meet the clips of an author: all of them, and of those who follow since when and since when followed back."""

    people: list[User]
    since: Mapping[int, int]  # by follower, in milliseconds
    back: Mapping[int, int]
    is_public: bool  # strangers come, too

    @classmethod
    def of(cls, author: User, people: list[User], *, is_public: bool) -> "Visitors":
        accepted = Follow.objects.filter(state=Follow.State.ACCEPTED)
        since, back = (
            {person: milliseconds(moment) for person, moment in found if moment}
            for found in (
                accepted.filter(followed=author).values_list("follower_id", "accepted_at"),
                accepted.filter(follower=author).values_list("followed_id", "accepted_at"),
            )
        )
        return cls(people, since, back, is_public)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def events(clip: Clip, video: Video, visitors: Visitors, now: datetime) -> list[Record]:
    """Everything that happened to a clip until now, in the order of time, as one record each."""
    rng = dice("visits", clip.slug)
    low, high = milliseconds(video.published_at or now), milliseconds(now)
    found: list[Record] = []
    at, who, source = _arrivals(clip, visitors, low, high, rng)
    facts = _facts(video, visitors, at, who, source, rng)
    for fact, seen in zip(facts, _viewings(clip, video, len(at), rng), strict=True):
        found.append(whole_viewing(video.pk, video.author_id, duration_ms=video.duration_ms, **fact, **seen))
        if found[-1].watched_ms >= 1_000:
            found.append(record(Event.Kind.IMPRESSION, video.author_id, video=video.pk, **fact))
    found += _passed_over(video, visitors, at, (low, high), rng)
    found += _looks(video, at, high, rng)
    found += _won(clip, video, visitors, high)
    return sorted(found, key=lambda event: event.at_ms)


# --- Who comes and when ----------------------------------------------------------------------------------------


def _turn(at: npt.ArrayLike) -> Floats:
    """Times as days and the share of that day's audience that has come by then: even steps of it are a day's ups and downs."""
    days, rest = np.divmod(np.asarray(at, float), DAY_MS)
    return days + np.interp(rest, _CLOCK, _SHARE)


def _unturn(turned: Floats) -> Ints:
    days, share = np.divmod(turned, 1)
    return (days * DAY_MS + np.interp(share, _SHARE, _CLOCK)).astype(np.int64)


def _between(low: npt.ArrayLike, high: npt.ArrayLike, rng: np.random.Generator, count: int) -> Ints:
    """Moments between two, more of them in the evening."""
    start, end = _turn(low), _turn(high)
    return np.clip(_unturn(start + rng.random(count) * (end - start)), low, np.maximum(high, low))


def _arrivals(
    clip: Clip, visitors: Visitors, low: int, high: int, rng: np.random.Generator
) -> tuple[Ints, Ints, list[Source]]:
    """When, who (a place among the visitors; -1 for a stranger) and from where."""
    at = _passing(clip, visitors, low, high, rng)
    who = np.where(
        rng.random(len(at)) < (0.6 if visitors.is_public else 1.0),
        rng.integers(0, len(visitors.people), len(at)),
        -1,
    )
    source = [_source(SOURCES, draw) for draw in rng.random(len(at))]
    for number, (person, moment) in enumerate(zip(who, at, strict=True)):
        # The feeds of those one follows are for those who do.
        if source[number] in OF_FOLLOWERS and not (
            person >= 0 and visitors.since.get(visitors.people[person].pk, high) <= moment
        ):
            source[number] = Source.FOR_YOU
    if clip.author not in LOYAL or not visitors.is_public:
        return at, who, source
    again, same = _returning(clip, visitors, low, high, rng)
    source += [_source(LOYAL_SOURCES, draw) for draw in rng.random(len(again))]
    return np.concatenate([at, again]), np.concatenate([who, same]), source


def _source(shares: Mapping[Source, float], draw: float) -> Source:
    for name, share in shares.items():
        draw -= share
        if draw < 0:
            return name
    return next(iter(shares))


def _passing(clip: Clip, visitors: Visitors, low: int, high: int, rng: np.random.Generator) -> Ints:
    """The audience at large: a burst, a long tail, more at weekends and as the creator grows, and a few right now."""
    pull = PULL[clip.author] if visitors.is_public else len(visitors.people)
    first, last = low // DAY_MS, high // DAY_MS
    days = np.arange(first, last + 1)
    age, ago = days - first, last - days
    growth = np.where(ago <= 60, 0.55 + 0.75 * (1 - ago / 60), 0.55 * np.exp(-(ago - 60) / 90))
    weekday = np.array(WEEK)[(days + 3) % 7]  # the epoch was a Thursday
    expected = pull * growth * weekday * (0.62 * np.exp(-age / 2.4) + 0.3 * np.exp(-age / 22) + 0.06)
    start, end = np.maximum(days * DAY_MS, low + 60_000), np.minimum((days + 1) * DAY_MS - 1, high)
    # A fresh clip has only the hours since it appeared: its burst falls into them.
    passed = np.where(age == 0, 1.0, _turn(end) - _turn(start))
    count = rng.poisson(np.maximum(expected * passed, 0) * (end > start))
    at = _between(np.repeat(start, count), np.repeat(end, count), rng, int(count.sum()))
    if visitors.is_public and high - low > HOUR_MS:
        now = rng.uniform(high - 57 * 60_000, high - 15_000, rng.poisson(TRICKLE * PULL[clip.author] / 150))
        at = np.concatenate([at, now.astype(np.int64)])
    return at


def _returning(
    clip: Clip, visitors: Visitors, low: int, high: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Followers who come for the creator, each at a pace of their own; newer clips get more of it."""
    whole: list[Ints] = []
    whose: list[Ints] = []
    for place, person in enumerate(visitors.people):
        if person.pk not in visitors.since:
            continue
        start = max(visitors.since[person.pk], low)
        turn = max(start, visitors.back.get(person.pk, high)) if person.pk in visitors.back else high
        weekly = LOYAL[clip.author] * keenness(person.username)
        for begin, end, factor in ((start, turn, 1.0), (turn, high, THANKS)):
            count = int(rng.poisson(weekly * factor * max(end - begin, 0) / (7 * DAY_MS)))
            whole.append(_between(begin, max(end, begin), rng, count))
            whose.append(np.full(count, place))
    at, who = np.concatenate([*whole, np.empty(0, np.int64)]), np.concatenate([*whose, np.empty(0, np.int64)])
    others, weights = _shares(clip, at, high)
    ours, theirs = weights[others.index(clip)], weights.sum(axis=0)
    kept = rng.random(len(at)) * np.maximum(theirs, 1e-9) < ours
    return at[kept], who[kept]


# --- What they saw ---------------------------------------------------------------------------------------------


def _facts(
    video: Video, visitors: Visitors, at: Ints, who: Ints, source: list[Source], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """What a viewing and the impression before it have in common."""
    names, shares = list(COUNTRIES), np.array(list(COUNTRIES.values()), float)
    strange = rng.choice(len(names), len(at), p=shares / shares.sum())
    away = rng.random(len(at)) < 0.03  # at home somewhere else, or behind a proxy
    # A stranger's visit comes to several clips of a creator, and sometimes to one clip twice.
    visit = rng.integers(0, max(1, len(at) * 4 // 5), len(at))
    facts = []
    for moment, place, met, land, gone, number in zip(at, who, source, strange, away, visit, strict=True):
        person = visitors.people[place] if place >= 0 else None
        facts.append(
            {
                "at_ms": int(moment),
                "viewer": person.pk if person else None,
                "session": f"demo-{video.author_id % 2**21}-{moment // DAY_MS}-{number}",
                "source": str(met),
                "country": person.country if person and not gone else names[land],
            }
        )
    return facts


def _viewings(clip: Clip, video: Video, count: int, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """How long each watched and which parts: a fifth leaves in the first seconds, some go back to the best moment, some jump
    to it."""
    length = video.duration_ms
    best = int(length * dice("moment", clip.slug).uniform(0.42, 0.68))
    early = rng.random(count) < 0.2
    loops = np.where(early, 0, np.minimum(rng.geometric(0.52, count) - 1, 6))
    stay = np.where(early, 150 + rng.exponential(1_300, count), rng.beta(3.2, 1.2, count) * length)
    stay = np.clip(stay, min(260, length), length).astype(np.int64)
    mood = rng.random(count)
    bored = rng.random(count) < 0.85
    for turns, last, what, leaves in zip(loops.tolist(), stay.tolist(), mood, bored, strict=True):
        ends = [length] * turns + [last]
        parts = [(0, end) for end in ends]
        end = ends[0]
        if what < 0.22 and end > best + 700:
            parts[:1] = [(0, best + 700), (max(0, best - 900), end)]
        elif what > 0.94 and end > best:
            parts[:1] = [(0, min(best // 3, 1_200)), (best - 300, end)]
        watched = sum(stop - begin for begin, stop in parts)
        yield {
            "watched_ms": watched,
            "loops": turns,
            "played": said(parts),
            "skipped": bool(leaves and turns == 0 and watched < view_needs(length)),
        }


def _passed_over(
    video: Video, visitors: Visitors, at: Ints, ends: tuple[int, int], rng: np.random.Generator
) -> Iterator[Record]:
    """Times the clip was in sight and nobody played it."""
    if not len(at):
        return
    count = int(rng.poisson(0.5 * len(at)))
    moments = np.clip(
        at[rng.integers(0, len(at), count)] + rng.integers(-HOUR_MS // 3, HOUR_MS // 3, count), *ends
    )
    who = rng.integers(0, len(visitors.people), count)
    for number, (moment, place) in enumerate(zip(moments, who, strict=True)):
        known = not visitors.is_public or rng.random() < 0.5
        person = visitors.people[place]
        yield record(
            Event.Kind.IMPRESSION,
            video.author_id,
            int(moment),
            video=video.pk,
            viewer=person.pk if known else None,
            session=f"demo-{video.author_id % 2**21}-{moment // DAY_MS}-i{number}",
            source=str(TILES[rng.integers(len(TILES))]),
            country=person.country,
        )


def _looks(video: Video, at: Ints, high: int, rng: np.random.Generator) -> Iterator[Record]:
    """Looks at the author's profile that the clip led to. Who looked is not kept (analytics.actions)."""
    for moment in at[rng.random(len(at)) < 0.07]:
        visit = f"demo-{video.pk % 2**21}-{rng.integers(0, max(1, len(at)))}"
        yield record(
            Event.Kind.PROFILE_VIEW,
            video.author_id,
            min(int(moment) + 30_000, high),
            session=f"{disguise(visit, video.author_id):016x}",
            source=Source.FOR_YOU.value,
        )


def _shares(clip: Clip, at: npt.ArrayLike, now: int) -> tuple[list[Clip], Floats]:
    """The clips an author shows to the same people, and how much each draws at these times: the newest most, those that are not
    out yet nothing."""
    others = [other for other in CLIPS if (other.author, other.audience) == (clip.author, clip.audience)]
    age = np.array([(np.asarray(at, float) - now) / DAY_MS + other.days_ago for other in others])
    return others, np.where(age >= 0, 0.12 + np.exp(-np.maximum(age, 0) / 20), 0)


def is_won_by_clip(author: str, follower: str) -> bool:
    """Whether this follow came from a clip that was met on the site, as three of four do."""
    return bool(dice("won by", author, follower).random() < 0.75)


def _won(clip: Clip, video: Video, visitors: Visitors, now: int) -> Iterator[Record]:
    """The follows that this clip led to, of the clips that were out."""
    if not visitors.is_public:
        return
    countries = {person.pk: person.country for person in visitors.people}
    names = {person.pk: person.username for person in visitors.people}
    for person, since in visitors.since.items():
        if person not in countries:
            continue
        rng = dice("won", clip.author, names[person])
        others, weights = _shares(clip, since, now)
        if not is_won_by_clip(clip.author, names[person]) or not weights.any():
            continue
        if others[rng.choice(len(others), p=weights / weights.sum())] is clip:
            yield record(
                Event.Kind.FOLLOW,
                video.author_id,
                since,
                video=video.pk,
                viewer=person,
                session=f"demo-{video.author_id % 2**21}-{since // DAY_MS}-f",
                source=str(_source(WON_SOURCES, rng.random())),
                country=countries[person],
            )
