"""What rises now: clips, tags, sounds and challenges, everywhere and in each country. Made anew every few minutes.

A trend is more people than usual: the weighted voices (videos.voices) of the last two days, the newer the louder, against
what the week before would let one expect of as long a time. Only clips that everybody may watch and come upon take part, and
only people who are here and who let what they do choose clips (FeedSettings.personal). A subject that fewer than FEWEST
people of a country stand behind is not listed there: a list of few people would tell what one of them watched.

Costs: the acts of WINDOW_DAYS are read once, newest first, in pieces of CHUNK rows, then two queries for each 5,000 clips and
one for each 5,000 people among them; time and memory grow in proportion to the acts (measured: tests/benchmarks/trends.py).
Beyond MOST_ACTS of a kind the older ones are left out. A lost or doubled run does no harm.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User

from . import voices
from .access import findable_videos
from .models import Challenge, Comment, FeedSettings, Like, Save, Share, Trend, Video, Watch
from .voices import STRENGTH, Acts, Floats, Ints

log = logging.getLogger(__name__)

RECENT_DAYS = 2  # what is said to be now …
WINDOW_DAYS = 9  # … against the seven days before
HALF_LIFE_HOURS = 12.0  # an act of then is half as loud
# What so many weighted people expected less or more makes no trend: keeps one surprise from beating fifty.
DAMPING = 2.0
FEWEST = 5
SOUND_CLIPS = 2  # a sound of a single clip is that clip's
KEPT_EVERYWHERE, KEPT_IN_COUNTRY = 500, 100
CHUNK = 5_000
MOST_ACTS = 2_000_000

DAY = 86_400.0
# How long the recent time is worth, in days: the integral of the decay.
_RECENT_WORTH = HALF_LIFE_HOURS / 24 / np.log(2) * (1 - 2 ** (-RECENT_DAYS * 24 / HALF_LIFE_HOURS))


class Act(NamedTuple):
    person: int
    clip: int
    strength: float
    at: float


class World(NamedTuple):
    """Acts, and what is to be known of the people and clips they name by their places."""

    acts: Acts
    weights: Floats
    countries: list[str]  # of each person
    clips: list[int]  # the id of each clip
    author: Ints  # of each clip, a user's id
    own: Any  # of each act, whether it is the author's own: they speak for tags and sounds only


class Rise(NamedTuple):
    """One line of a list before it is written."""

    country: str
    subject: int
    score: float
    people: int


def compute(now: datetime | None = None) -> int:
    """Replace all lists by those of `now`; returns how many lines there are. Readers see the old ones until all are there."""
    now = now or timezone.now()
    world = _world(now)
    lines: list[Trend] = []
    if world is not None:
        for kind, subjects in (
            (Trend.Kind.VIDEO, None),
            (Trend.Kind.TAG, _tags(world.clips)),
            (Trend.Kind.SOUND, _sounds(world.clips)),
            (Trend.Kind.CHALLENGE, _challenges(world, now)),
        ):
            for rise in rises(world, now.timestamp(), subjects, clips=SOUND_CLIPS if kind == "sound" else 1):
                lines.append(
                    Trend(
                        kind=kind,
                        country=rise.country,
                        subject=rise.subject,
                        score=rise.score,
                        people=rise.people,
                        computed_at=now,
                    )
                )
    lines.sort(
        key=lambda line: (line.kind, line.country, line.subject)
    )  # two runs at once do not wait in a ring
    with transaction.atomic():
        Trend.objects.bulk_create(
            lines,
            update_conflicts=True,
            unique_fields=["kind", "country", "subject"],
            update_fields=["score", "people", "computed_at"],
            batch_size=1_000,
        )
        Trend.objects.filter(computed_at__lt=now).delete()
    log.info("trends: %s lines from %s acts", len(lines), 0 if world is None else len(world.acts))
    return len(lines)


# --- What people did ---------------------------------------------------------------------------------------------------


def _world(now: datetime) -> World | None:
    """All acts of the window that count at all, weighed; None when there are none."""
    since = now - timedelta(days=WINDOW_DAYS)
    rows = [act for read in (_watches, _marks, _published) for act in read(since, now)]
    if not rows:
        return None
    people, clips, strength, at = (np.array(column) for column in zip(*rows, strict=True))
    shown = _clips(np.unique(clips))
    known = _people(np.unique(people))
    keep = np.isin(people, np.fromiter(known, np.int64)) & np.isin(clips, np.fromiter(shown, np.int64))
    if not keep.any():
        return None
    person_ids, person = np.unique(people[keep], return_inverse=True)
    clip_ids, clip = np.unique(clips[keep], return_inverse=True)
    acts = voices.merge(person, clip, strength[keep].astype(float), at[keep].astype(float))
    author = np.array([shown[pk] for pk in clip_ids.tolist()])
    joined = np.array([known[pk][0] for pk in person_ids.tolist()])
    age = np.maximum(now.timestamp() - joined, 0) / DAY
    weights = voices.weigh(acts, age_days=age, author=author)
    own = person_ids[acts.people] == author[acts.clips]
    return World(acts, weights, [known[pk][1] for pk in person_ids.tolist()], clip_ids.tolist(), author, own)


def _watches(since: datetime, now: datetime) -> Iterator[Act]:
    """Who met which clip first in the window, and how far they got. Who comes back to an old one makes no trend."""
    rows = Watch.objects.filter(last_at__gte=since, last_at__lte=now, first_at__gte=since).order_by(
        "-last_at"
    )
    columns = rows.values_list("person_id", "video_id", "completions", "viewings", "first_at")
    for person, clip, completions, viewings, first in columns[:MOST_ACTS].iterator(CHUNK):
        strength = "finished" if completions else "view" if viewings else "glance"
        yield Act(person, clip, STRENGTH[strength], first.timestamp())


def _marks(since: datetime, now: datetime) -> Iterator[Act]:
    """Likes, saves, shares and shown comments of the window."""
    shown = Comment.objects.filter(removed_at=None, hidden_at=None, held_for="")
    sources: tuple[tuple[QuerySet[Any], str, str], ...] = (
        (Like.objects.all(), "person_id", "like"),
        (Save.objects.all(), "person_id", "save"),
        (Share.objects.filter(person__isnull=False), "person_id", "share"),
        (shown, "author_id", "comment"),
    )
    for rows, person, kind in sources:
        for who, clip, at in _newest(rows, person, since):
            if at <= now:
                yield Act(who, clip, STRENGTH[kind], at.timestamp())


def _newest(rows: QuerySet[Any], person: str, since: datetime) -> Iterator[tuple[int, int, datetime]]:
    """(person, clip, moment) of the rows since then, by keyset from the newest id, which is the order they were made in.

    These tables have no index on their moment, and need none: the first piece without a row of the window ends it.
    """
    last: int | None = None
    for _piece in range(MOST_ACTS // CHUNK):
        piece = rows if last is None else rows.filter(pk__lt=last)
        found = list(piece.order_by("-pk").values_list("pk", person, "video_id", "created_at")[:CHUNK])
        current = [(who, clip, at) for _pk, who, clip, at in found if at >= since]
        yield from current
        if len(found) < CHUNK or not current:
            return
        last = found[-1][0]


def _published(since: datetime, now: datetime) -> Iterator[Act]:
    """Authors by their new clips."""
    rows = Video.objects.filter(
        state=Video.State.READY, audience="public", published_at__gte=since, published_at__lte=now
    ).order_by("-published_at", "-id")
    for person, clip, at in rows.values_list("author_id", "pk", "published_at")[:MOST_ACTS].iterator(CHUNK):
        if at is not None:
            yield Act(person, clip, STRENGTH["publish"], at.timestamp())


def _pieces(ids: Any) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK].tolist()


def _clips(ids: Ints) -> dict[int, int]:
    """Those of the clips that anybody may come upon, each with its author."""
    found: dict[int, int] = {}
    for piece in _pieces(ids):
        rows = findable_videos(AnonymousUser()).filter(pk__in=piece)
        found |= dict(rows.values_list("pk", "author_id"))
    return found


def _people(ids: Ints) -> dict[int, tuple[float, str]]:
    """Those of the people whose acts count: when they joined, and their country."""
    apart = FeedSettings.objects.filter(personal=False).values("person_id")
    found: dict[int, tuple[float, str]] = {}
    for piece in _pieces(ids):
        rows = User.objects.filter(pk__in=piece, is_active=True, deactivated_at=None, is_limited=False)
        for pk, joined, country in rows.exclude(pk__in=apart).values_list("pk", "date_joined", "country"):
            found[pk] = (joined.timestamp(), country.upper())
    return found


# --- What clips are about: pairs of (place of a clip, subject) ----------------------------------------------------------


def _pairs(clips: list[int], rows: Callable[[list[int]], Any]) -> tuple[Ints, Ints]:
    place = {pk: index for index, pk in enumerate(clips)}
    found = [
        (place[clip], subject) for piece in _pieces(np.array(clips)) for clip, subject in rows(piece)
    ] or [(0, 0)][:0]
    table = np.array(found, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _tags(clips: list[int]) -> tuple[Ints, Ints]:
    through = Video.tags.through.objects
    return _pairs(clips, lambda piece: through.filter(video__in=piece).values_list("video_id", "tag_id"))


def _sounds(clips: list[int]) -> tuple[Ints, Ints]:
    with_sound = Video.objects.filter(sound__isnull=False, sound__removed_at=None)
    return _pairs(clips, lambda piece: with_sound.filter(pk__in=piece).values_list("pk", "sound_id"))


def _challenges(world: World, now: datetime) -> tuple[Ints, Ints]:
    """Entries of the challenges that run: clips with the tag, published meanwhile, not the host's own and not marked out."""
    running = Challenge.objects.filter(
        published_at__isnull=False, removed_at=None, starts_at__lte=now, ends_at__gt=now
    )
    clips = Video.objects.filter(
        tags__challenges__in=running,
        published_at__gte=F("tags__challenges__starts_at"),
        published_at__lt=F("tags__challenges__ends_at"),
    ).exclude(author_id=F("tags__challenges__host_id"))
    out = set(running.filter(marks__verdict="out").values_list("marks__video_id", "pk"))

    def rows(piece: list[int]) -> list[tuple[int, int]]:
        found = clips.filter(pk__in=piece).values_list("pk", "tags__challenges")
        return [(clip, challenge) for clip, challenge in found if (clip, challenge) not in out]

    return _pairs(world.clips, rows) if running.exists() else _pairs([], rows)


# --- How strongly a subject rises ---------------------------------------------------------------------------------------


def rises(world: World, now: float, subjects: tuple[Ints, Ints] | None, *, clips: int = 1) -> list[Rise]:
    """The strongest rising subjects, everywhere and by country. Without `subjects` the clips themselves, as their viewers say.

    With subjects, the loudest of a person's acts of a day speaks for all of them, authors' own clips count as well, and
    a subject by few authors counts less (authors / (authors + 1)). Subjects of fewer than `clips` clips are left out.
    """
    acts = world.acts
    if subjects is None:
        chosen = np.flatnonzero(~world.own)
        subject = np.array(world.clips, dtype=np.int64)[acts.clips[chosen]]
    else:
        chosen, subject = _spoken_for(acts, len(world.clips), *subjects)
    if not len(chosen):
        return []
    day = np.floor((now - acts.at[chosen]) / DAY).astype(np.int64)
    voice = _Voices(subject, acts.people[chosen], day, world.weights[chosen], acts.at[chosen], now)
    diversity: dict[int, float] | None = None
    if subjects is not None:
        diversity = _diversity(subject, world.author[acts.clips[chosen]], acts.clips[chosen], clips)
    countries = np.array(world.countries)
    found = _ranked("", voice, np.arange(len(voice.people)), diversity, KEPT_EVERYWHERE)
    of_voice = countries[voice.people]
    for country in np.unique(countries[countries != ""]).tolist():
        found += _ranked(country, voice, np.flatnonzero(of_voice == country), diversity, KEPT_IN_COUNTRY)
    return found


def _spoken_for(acts: Acts, clips: int, place: Ints, subject: Ints) -> tuple[Ints, Ints]:
    """Each act once for each subject of its clip: the act's place, and the subject."""
    order = np.argsort(place, kind="stable")
    place, subject = place[order], subject[order]
    count = np.bincount(place, minlength=clips)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    times = count[acts.clips]
    chosen = np.repeat(np.arange(len(acts)), times)
    within = np.arange(len(chosen)) - np.repeat(np.cumsum(times) - times, times)
    return chosen, subject[start[acts.clips[chosen]] + within]


class _Voices:
    """One row for each subject, person and day, with the loudest of its acts."""

    def __init__(
        self, subject: Ints, person: Ints, day: Ints, weight: Floats, at: Floats, now: float
    ) -> None:
        self.ids, which = np.unique(subject, return_inverse=True)
        order = np.lexsort((-weight, day, person, which))
        which, person, day = which[order], person[order], day[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (np.diff(which) != 0) | (np.diff(person) != 0) | (np.diff(day) != 0)
        self.subject, self.people = which[first], person[first]
        self.recent = day[first] < RECENT_DAYS
        hours = (now - at[order][first]) / 3600
        weight = weight[order][first]
        self.weight = weight
        self.now = np.where(self.recent, weight * 0.5 ** (hours / HALF_LIFE_HOURS), 0.0)
        self.usual = np.where(self.recent, 0.0, weight * _RECENT_WORTH / (WINDOW_DAYS - RECENT_DAYS))


def _ranked(
    country: str, voice: _Voices, rows: Ints, diversity: dict[int, float] | None, kept: int
) -> list[Rise]:
    subject, size = voice.subject[rows], len(voice.ids)
    recent = voice.recent[rows]
    heard = np.unique(subject[recent] * (int(voice.people.max()) + 1) + voice.people[rows][recent])
    people = np.bincount(heard // (int(voice.people.max()) + 1), minlength=size)
    now = np.bincount(subject, voice.now[rows], size)
    usual = np.bincount(subject, voice.usual[rows], size)
    weighed = np.bincount(subject, np.where(recent, voice.weight[rows], 0.0), size)
    score = (now - usual) / np.sqrt(usual + DAMPING)
    if diversity is not None:
        score = score * np.array([diversity.get(pk, 0.0) for pk in voice.ids.tolist()])
    best = np.flatnonzero((people >= FEWEST) & (score > 0))
    best = best[np.argsort(-score[best], kind="stable")][:kept]
    return [
        Rise(country, int(voice.ids[i]), float(score[i]), max(1, round(float(weighed[i]))))
        for i in best.tolist()
    ]


def _diversity(subject: Ints, author: Ints, clip: Ints, fewest: int) -> dict[int, float]:
    """authors / (authors + 1) of each subject with at least so many clips."""
    ids, which = np.unique(subject, return_inverse=True)

    def different(of: Ints) -> Ints:
        _values, place = np.unique(of, return_inverse=True)
        keys = np.unique(which * (int(place.max()) + 1) + place)
        return np.bincount(keys // (int(place.max()) + 1), minlength=len(ids))

    authors, clips = different(author), different(clip)
    factor = np.where(clips >= fewest, authors / (authors + 1), 0.0)
    return dict(zip(ids.tolist(), factor.tolist(), strict=True))
