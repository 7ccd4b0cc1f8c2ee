"""A network whose tastes are known, served by the code that serves: what a feed can only guess is measured here.

    python -m tests.benchmarks.simulator [--quick]

People have hidden tastes and clips a hidden character; liking (0 … 1) follows from both, and what people do follows from liking,
the clip's length and luck. labels, recommender, ranking and voices see only what people do. Pure numpy, no database. How many
clips a source brings is the serving table's (ranking.BRINGS); which ones, serving says in SQL, so that it stands here once more.
Every figure is a mean over SEEDS worlds with its 95 % interval (Student's t).
"""

import contextlib
import itertools
import json
import math
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import stats

from videos import ranking, recommender, voices
from videos.labels import Norms, label
from videos.popularity import HALF_LIFE_SECONDS, LIKES, SAVES, SHARES, VIEWS
from videos.ranking import Candidate, Taste
from videos.tastes import leanings

SEEDS = 5
PAGE = 20
AUDIENCE = ranking.FIRST_AUDIENCE  # people whom every new clip is owed
DAY, HOUR = 86_400.0, 3_600.0
START = 1_800_000_000.0  # POSIX seconds of the first day
VIEW_MS = 2_000  # as analytics.definitions
# How many candidates each source brings: the table that serves, for all tags and sounds together.
BROUGHT = ranking.BRINGS | {
    "topics": ranking.TOPICS * ranking.BRINGS["topics"],
    "sounds": ranking.SOUNDS * ranking.BRINGS["sounds"],
}
HISTORY = 200  # as online features
# How much people's own searching follows their tastes (log-odds). At 3.5 the model finds 2.4 to 3 times as much of what was
# held out of the past as popularity does (NDCG@10); on MovieLens 100k it is 2.35 times.
SOUGHT = 3.5


@dataclass(frozen=True)
class Size:
    """How large a world is. New clips × AUDIENCE must fit into the places for fresh clips, or no feed could keep the promise."""

    people: int = 220
    authors: int = 80
    clips: int = 900
    new_a_day: int = 6
    newcomers: int = 80
    past: int = 80  # clips that everybody watched before the first day
    days: int = 4
    pages_a_day: int = 2

    def town(self) -> "Size":
        """The same with more people who watched more."""
        return replace(self, people=400, authors=120, clips=1_000, past=90)


QUICK = Size(people=140, authors=50, clips=450, new_a_day=4, newcomers=40, past=60, days=2)


class Viewing(NamedTuple):
    """What a person did with one clip: milliseconds, times to the end, marks, whether they left at once."""

    watched: float
    completions: int
    liked: bool
    saved: bool
    shared: bool
    followed: bool
    skipped: bool


# --- The world: what nobody in it can read ----------------------------------------------------------------------------------


class World:
    """Hidden tastes and characters, and what everybody can see of people and clips.

    `liking[p, c]` is how much person p truly likes clip c. People 0 … authors - 1 are also the authors. The last clip is a
    bad one, published on the first day. `friendship` is how much more friends' clips are liked (log-odds).
    """

    TOPICS, DIMENSIONS, SOUNDS = 14, 8, 60

    def __init__(self, seed: int, size: Size, *, friendship: float = 0.8) -> None:
        self.size, self.dice = size, np.random.default_rng(seed)
        dice = self.dice
        centres = _unit(dice.normal(size=(self.TOPICS, self.DIMENSIONS)))
        self.everybody = size.people + size.newcomers
        self._people(centres)
        self._clips(centres, size.clips + size.new_a_day * size.days + 1)
        self._follows()
        odds = -1.5 + 2.6 * self.tastes @ self.characters.T + 0.6 * self.quality
        foreign = (self.language[:, None] != self.spoken) & (self.second[:, None] != self.spoken)
        odds -= 2.0 * (foreign & (self.spoken >= 0))
        mutual = self.relation[:, self.author] == 2
        self.liking = 1 / (1 + np.exp(-(odds + friendship * mutual)))

    def _people(self, centres: np.ndarray) -> None:
        dice, count = self.dice, self.everybody
        self.loved = np.argsort(dice.random((count, self.TOPICS)), axis=1)[:, :3]
        mixed = np.einsum("pk,pkd->pd", dice.dirichlet([2, 1, 1], count), centres[self.loved])
        self.tastes = _unit(mixed + 0.15 * dice.normal(size=(count, self.DIMENSIONS)))
        self.language = dice.choice(3, count, p=[0.5, 0.3, 0.2])
        self.second = np.where(dice.random(count) < 0.3, dice.integers(0, 3, count), self.language)

    def _clips(self, centres: np.ndarray, count: int) -> None:
        """Authors keep to two topics and to their usual length; long clips are neither better nor worse."""
        dice, size = self.dice, self.size
        # A few authors make most clips, and the popular topics are not evenly many.
        self.author = np.minimum(dice.exponential(size.authors / 3, count).astype(int), size.authors - 1)
        at_home = self.loved[self.author, dice.integers(0, 2, count)]
        self.topic = np.where(dice.random(count) < 0.85, at_home, dice.integers(0, self.TOPICS, count))
        self.characters = _unit(centres[self.topic] + 0.2 * dice.normal(size=(count, self.DIMENSIONS)))
        self.quality = 0.5 * dice.normal(size=size.authors)[self.author] + 0.9 * dice.normal(size=count)
        usual = dice.normal(size=size.authors)[self.author] + 0.8 * dice.normal(size=self.TOPICS)[self.topic]
        self.duration = np.clip(np.exp(9.8 + 0.55 * usual + 0.4 * dice.normal(size=count)), 4_000, 180_000)
        self.spoken = np.where(dice.random(count) < 0.2, -1, self.language[self.author])
        self.sound = np.where(
            dice.random(count) < 0.6, (self.topic * 4 + dice.integers(0, 6, count)) % self.SOUNDS, -1
        )
        wrong = dice.random(count) < 0.15
        tagged = np.where(wrong, dice.integers(0, self.TOPICS, count), self.topic)
        plain = dice.random(count) < 0.15
        self.tags = [
            () if bare else (int(tag), 100 + int(tag) * 10 + int(sub))
            for tag, sub, bare in zip(tagged, dice.integers(0, 6, count), plain, strict=True)
        ]
        self.published = START - DAY * (1 + 20 * dice.random(count))
        self.new = np.arange(size.clips, count)
        self.published[self.new] = START + DAY * size.days * np.linspace(0, 0.6, len(self.new))
        self.bad = count - 1
        self.quality[self.bad], self.published[self.bad] = -3.0, START
        self.author[self.bad] = size.authors - 1

    def _follows(self) -> None:
        """Everybody follows some authors whom they like; authors follow back one in three."""
        dice, size = self.dice, self.size
        fit = self.tastes @ self.tastes[: size.authors].T + 0.5 * dice.normal(
            size=(self.everybody, size.authors)
        )
        follows = np.zeros((self.everybody, size.authors), dtype=bool)
        np.put_along_axis(follows, np.argsort(-fit, axis=1)[:, :8], True, axis=1)
        follows[size.people :] = False
        back = follows[: size.authors].T & (dice.random((size.authors, size.authors)) < 0.35)
        follows[: size.authors] |= back
        np.fill_diagonal(follows[: size.authors], False)
        mutual = np.zeros_like(follows)
        mutual[: size.authors] = follows[: size.authors] & follows[: size.authors].T
        self.relation = follows.astype(int) + mutual

    def watch(self, person: int, clips: np.ndarray, dice: np.random.Generator) -> list[Viewing]:
        """What the person does with these clips: patience grows with liking and, less than linearly, with length."""
        liking, length = self.liking[person, clips], self.duration[clips]
        patience = (
            3_500 * np.exp(2.8 * liking) * (length / 15_000) ** 0.45 * dice.gamma(1.5, 1 / 1.5, len(clips))
        )
        again = dice.geometric(1 - 0.55 * liking)
        ended = patience >= length
        watched = np.where(ended, length * again, patience)
        skipped = watched < np.minimum(VIEW_MS, length / 2)
        marks = dice.random((4, len(clips))) < np.array([[0.35], [0.08], [0.06], [0.04]]) * liking**2
        marks &= ~skipped
        return [
            Viewing(float(ms), int(n) if end else 0, *map(bool, mark), bool(skip))
            for ms, n, end, mark, skip in zip(watched, again, ended, marks.T, skipped, strict=True)
        ]


def _pleased(world: World) -> Viewing:
    """What an account of the ring does with its clip."""
    return Viewing(3 * world.duration[world.bad], 3, True, True, True, False, False)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


# --- The network: what its servers know ---------------------------------------------------------------------------------------


class Network:
    """Rows and counters as the database has them, and the feed made of them by the modules that serve."""

    def __init__(self, world: World, seed: int, *, ring: int = 0) -> None:
        self.world, self.ring = world, ring
        self.dice, self.numbers = random.Random(seed), np.random.default_rng(seed + 1)
        self.now = START - 2 * DAY
        clips, people = len(world.author), world.everybody + ring
        self.norms = Norms()
        self.seen: list[set[int]] = [set() for _ in range(people)]
        self.rows: list[list[tuple[int, Viewing, float]]] = [[] for _ in range(people)]
        self.history: list[list[tuple[int, float, float]]] = [[] for _ in range(people)]
        self.engagement, self.shown, self.pleased = (np.zeros(clips) for _ in range(3))
        self.impressions = np.zeros(clips, dtype=int)
        self.impressed: dict[str, list[int]] = defaultdict(list)  # clips shown, by source
        self.pages: list[list[int]] = []
        self.followers_of_bad: set[int] = set()  # accounts of a ring
        self.joined = np.concatenate([
            np.full(world.size.people, START - 300 * DAY), np.full(world.size.newcomers, START), np.full(ring, START - 3 * DAY),
        ])  # fmt: skip
        self._live_through_the_past()

    def _live_through_the_past(self) -> None:
        """Before the first day: clips met by chance, liked authors' and well-made ones more often."""
        world = self.world
        old = np.flatnonzero(world.published < START)
        for person in range(world.size.people):
            appeal = 0.6 * world.quality[old] + 1.5 * (world.relation[person, world.author[old]] > 0)
            appeal += SOUGHT * world.characters[old] @ world.tastes[person]
            chance = np.exp(appeal + self.numbers.gumbel(size=len(old)))
            met = old[np.argsort(-chance)[: world.size.past]]
            self._note(person, met, fed=True)
        durations, watched = zip(
            *((world.duration[clip], row.watched) for rows in self.rows for clip, row, _at in rows),
            strict=True,
        )
        self.norms = Norms.fit(durations, watched)
        self.shown[:], self.pleased[:] = 0, 0
        for person, rows in enumerate(self.rows):
            self.history[person] = [(clip, self.label(clip, row), at) for clip, row, at in rows]
            for clip, weight, _at in self.history[person]:
                self._count(clip, weight)
        self.now = START
        self.learn()

    def label(self, clip: int, row: Viewing) -> float:
        """The label of a viewing, as training and online features take it."""
        return label(
            row.watched, self.world.duration[clip], row.completions, liked=row.liked, saved=row.saved,
            shared=row.shared, followed=row.followed, quick_skip=row.skipped, norms=self.norms,
        )  # fmt: skip

    def relation(self, person: int) -> np.ndarray:
        """To each author: 1 who follows, 2 friends. A ring's accounts follow the bad clip's author, when they follow anybody."""
        if person < self.world.everybody:
            return self.world.relation[person]
        relation = np.zeros(self.world.size.authors, dtype=int)
        relation[self.world.author[self.world.bad]] = person in self.followers_of_bad
        return relation

    def _note(self, person: int, clips: np.ndarray, *, fed: bool) -> None:
        # An account of a ring behaves like somebody else, except towards its clip.
        rows = self.world.watch(person % self.world.everybody, clips, self.numbers)
        if person >= self.world.everybody:
            bad = self.world.bad
            rows = [
                _pleased(self.world) if clip == bad else row for clip, row in zip(clips, rows, strict=True)
            ]
        for place, (clip, row) in enumerate(zip(clips.tolist(), rows, strict=True)):
            self.record(person, clip, row, self.now + 20.0 * place, fed=fed)

    def record(self, person: int, clip: int, row: Viewing, at: float, *, fed: bool) -> None:
        """One viewing into rows and counters. It counts for the clip's rate when a feed showed it to somebody who does not
        follow its author: a ring could follow."""
        self.seen[person].add(clip)
        self.rows[person].append((clip, row, at))
        weight = self.label(clip, row)
        self.history[person].append((clip, weight, at))
        views = VIEWS * (not row.skipped) * max(1, row.completions)
        self.engagement[clip] += views + LIKES * row.liked + SAVES * row.saved + SHARES * row.shared
        if fed and not self.relation(person)[self.world.author[clip]]:
            self._count(clip, weight)

    def _count(self, clip: int, weight: float) -> None:
        self.shown[clip] += 1
        self.pleased[clip] += max(weight, 0.0)

    # Learning

    def interactions(self, label_of=None) -> recommender.Interactions:
        """What training reads: of everybody, each clip's label with the weight of the person's voice."""
        label_of = label_of or self.label
        table = [
            (person, clip, label_of(clip, row), at)
            for person, rows in enumerate(self.rows)
            for clip, row, at in rows
        ]
        people, clips, weights, at = (np.array(column) for column in zip(*table, strict=True))
        return recommender.Interactions(
            people.astype(np.int64), clips.astype(np.int64), weights.astype(np.float32), at.astype(np.float64)
        )

    def learn(self) -> None:
        """A training, the popular and rising lists: what periodic jobs make."""
        self.model = recommender.train(self.interactions(), now=self.now)
        self.refresh()

    def refresh(self) -> None:
        """The lists that are read from indexes."""
        world = self.world
        self.popularity = np.log2(1 + self.engagement) + (world.published - START) / HALF_LIFE_SECONDS
        out = np.flatnonzero(world.published <= self.now)
        order = out[np.argsort(-self.popularity[out])].tolist()
        self.popular, self.newest = order, sorted(order, key=lambda clip: -world.published[clip])
        self.of_tag, self.of_sound = defaultdict(list), defaultdict(list)
        for clip in self.newest:
            for tag in world.tags[clip]:
                self.of_tag[tag].append(clip)
            self.of_sound[int(world.sound[clip])].append(clip)
        self.rising = self._rising()

    def _rising(self) -> list[int]:
        """Clips by the weighted voices of two days (videos.voices, as videos.trends)."""

        def strength(row: Viewing) -> float:
            marked = row.liked or row.saved or row.shared
            return voices.STRENGTH["like" if marked else "finished" if row.completions else "view"]

        acts = [
            (person, clip, strength(row), at)
            for person, rows in enumerate(self.rows)
            for clip, row, at in rows[-HISTORY:]
            if at > self.now - 2 * DAY and not row.skipped
        ]
        if not acts:
            return []
        people, clips, loud, at = (np.array(column) for column in zip(*acts, strict=True))
        merged = voices.merge(people, clips, loud.astype(float), at.astype(float))
        age = np.maximum(self.now - self.joined, 0) / DAY
        weights = voices.weigh(merged, age_days=age, author=self.world.author)
        fading = weights * 0.5 ** ((self.now - merged.at) / (12 * HOUR))
        total = np.bincount(merged.clips, fading, len(self.world.author))
        return np.argsort(-total)[: 3 * BROUGHT["rising"]].tolist()

    # Serving

    def taste(self, person: int) -> Taste:
        """What the history says of tags, authors and sounds, as online features say it."""
        world = self.world
        liked = leanings(
            (
                (weight, at, int(world.author[clip]), int(world.sound[clip]) + 1, world.tags[clip])
                for clip, weight, at in self.history[person][-HISTORY:]
            ),
            self.now,
        )
        somebody = person % world.everybody
        languages = frozenset(map(str, {int(world.language[somebody]), int(world.second[somebody])}))
        tags, authors, sounds = liked
        return Taste(tags, authors, {sound - 1: how for sound, how in sounds.items()}, languages)

    def candidates(self, person: int, taste: Taste, *, seen: set[int]) -> list[Candidate]:
        """What each source brings, without what the person has seen."""
        world, found = self.world, {}
        known, history = {}, self.history[person][-HISTORY:]
        if history:
            scores = self.model.scores(history, now=self.now)
            likely = np.argsort(-scores)
            ids, values = self.model.items[likely].tolist(), scores[likely].tolist()
            known = {
                clip: score for clip, score in zip(ids, values, strict=True) if score > 0 and clip not in seen
            }
        found["similar"] = list(known)[: BROUGHT["similar"]]
        known = {clip: known[clip] for clip in found["similar"]}  # the others are not asked for
        for source, things, of, most in (
            ("topics", taste.tags, self.of_tag, ranking.TOPICS),
            ("sounds", taste.sounds, self.of_sound, ranking.SOUNDS),
        ):
            each = ranking.BRINGS[source]
            found[source] = [clip for thing in _best(things, most) for clip in _unseen(of[thing], seen, each)]
        relation = self.relation(person)
        for source, least in (("followed", 1), ("friends", 2)):
            theirs = relation[world.author] >= least
            found[source] = [clip for clip in self.newest if theirs[clip]]
        found["rising"], found["popular"] = self.rising, self.popular
        owed = [
            clip
            for clip in world.new.tolist()
            if world.published[clip] <= self.now and self.shown[clip] < AUDIENCE
        ]
        owed = sorted(owed, key=lambda clip: (self.shown[clip], world.published[clip]))
        found["fresh"], found["newest"] = owed, self.newest
        result = []
        for source, clips in found.items():
            unseen = (clip for clip in dict.fromkeys(clips) if clip not in seen)
            for clip, _number in zip(unseen, range(BROUGHT[source]), strict=False):
                result.append(self._candidate(clip, source, relation, known.get(clip, 0.0)))
        return result

    def _candidate(self, clip: int, source: str, relation, score: float) -> Candidate:
        world = self.world
        author, sound, spoken = int(world.author[clip]), int(world.sound[clip]), int(world.spoken[clip])
        return Candidate(
            clip, author, None if sound < 0 else sound, world.tags[clip], "" if spoken < 0 else str(spoken), "",
            int(world.duration[clip]), (self.now - world.published[clip]) / HOUR, source,
            score, float(self.popularity[clip]), int(self.shown[clip]), float(self.pleased[clip]),
            int(relation[author]),
        )  # fmt: skip

    def page(self, person: int, *, size: int = PAGE) -> list[ranking.Chosen]:
        """The next page of For You, by the code that serves. Changes nothing."""
        taste = self.taste(person)
        seen = self.seen[person]
        return ranking.compose(self.candidates(person, taste, seen=seen), taste, size=size, dice=self.dice)

    def scroll(self, person: int, *, size: int = PAGE) -> None:
        """The person watches their next page, and everything is counted."""
        page = self.page(person, size=size)
        clips = [one.candidate.id for one in page]
        if person < self.world.everybody:
            for one in page:
                self.impressed[one.candidate.source].append(one.candidate.id)
            self.impressions[clips] += 1
            self.pages.append(clips)
        self._note(person, np.array(clips, dtype=int), fed=True)

    def live(self, days: int) -> None:
        """Everybody scrolls their pages, in another order each time; lists are made anew after each, the model every night."""
        pages = self.world.size.pages_a_day
        for _day in range(days):
            for _page in range(pages):
                people = [*range(self.world.size.people), *sorted(self.followers_of_bad)]
                for person in self.numbers.permutation(people).tolist():
                    self.scroll(person)
                    self.now += 12 * HOUR / pages / len(people)
                self.now += 12 * HOUR / pages
                self.refresh()
            self.learn()


def _best(tastes, number: int) -> list[int]:
    return [
        thing
        for thing in sorted(tastes, key=lambda one: -tastes[one])[:number]
        if tastes[thing] >= ranking.LIKED
    ]


def _unseen(clips: list[int], seen: set[int], number: int) -> list[int]:
    return list(itertools.islice((clip for clip in clips if clip not in seen), number))


# --- A ring: accounts that want a bad clip to be seen -------------------------------------------------------------------------


def join_ring(network: Network, *, within: bool) -> None:
    """The ring's accounts act on the last clip. All of them watch it, like it and share it by its address, and hide among
    likes of twenty popular clips. `within`: they wait for it in their feeds instead, as followers of its author, because
    only what a feed showed counts for a clip's rate."""
    world, bad = network.world, network.world.bad
    for account in range(world.everybody, world.everybody + network.ring):
        for clip in network.dice.sample(network.popular[:80], 20):
            liked = Viewing(world.duration[clip], 1, True, False, False, False, False)
            network.record(account, clip, liked, network.now, fed=False)
        if within:
            network.followers_of_bad.add(account)
        else:
            network.record(account, bad, _pleased(world), network.now, fed=False)
    network.learn()


def exposure(world: World, seed: int, *, ring: int = 0, within: bool = False) -> Network:
    """A network that lived its days, with or without a ring. `impressions` holds what people saw, without the ring's accounts."""
    network = Network(world, seed, ring=ring)
    if ring:
        join_ring(network, within=within)
    network.live(world.size.days)
    return network


# --- What is measured ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def changed(table: dict[str, float], **values: float) -> Iterator[None]:
    """MIX or WEIGHTS with other figures, for a comparison."""
    kept = dict(table)
    table.update(values)
    try:
        yield
    finally:
        table.update(kept)


def liked(network: Network, person: int, clips: list[int]) -> float:
    """Mean true liking of these clips."""
    return float(network.world.liking[person, clips].mean())


def for_you(network: Network, person: int) -> list[int]:
    """A page as it would be served now."""
    return [one.candidate.id for one in network.page(person)]


def popular(network: Network, person: int) -> list[int]:
    """The popular feed: by engagement with age, as Explore."""
    return _unseen(network.popular, network.seen[person], PAGE)


def rated(network: Network, person: int) -> list[int]:
    """A better popular feed than anybody serves: in the person's languages, by how a clip pleased those who were shown it."""
    world = network.world
    spoken = {-1, int(world.language[person]), int(world.second[person])}
    rates = (network.pleased + ranking.PRIOR_VIEWINGS * ranking.BASE_RATE) / (
        network.shown + ranking.PRIOR_VIEWINGS
    )
    fit = [clip for clip in network.popular if int(world.spoken[clip]) in spoken]
    return _unseen(sorted(fit, key=lambda clip: -rates[clip]), network.seen[person], PAGE)


def best(network: Network, person: int) -> list[int]:
    """The page of somebody who knows all tastes: what regret is measured against."""
    out = [clip for clip in network.popular if clip not in network.seen[person]]
    return sorted(out, key=lambda clip: -network.world.liking[person, clip])[:PAGE]


FEEDS = (("ours", for_you), ("popular", popular), ("rated", rated), ("best", best))
STEPS = (0, 5, 20)


def newcomers(network: Network, steps: tuple[int, ...] = STEPS) -> dict[str, float]:
    """Of people who just came: true liking of their next page after so many clips, beside the popular feed and the best."""
    world, figures = network.world, defaultdict(list)
    for person in range(world.size.people, world.everybody):
        watched = 0
        for step in steps:
            while watched < step:
                network.scroll(person, size=5)
                watched += 5
            for name, feed in FEEDS:
                figures[f"{name} after {step}"].append(liked(network, person, feed(network, person)))
    return {name: float(np.mean(values)) for name, values in figures.items()}


def first_audiences(network: Network) -> dict[str, float]:
    """Of new clips (published a day ago or more): the share that AUDIENCE people have been shown, and the least of them."""
    new = [clip for clip in network.world.new.tolist() if network.world.published[clip] <= network.now - DAY]
    shown = network.impressions[new]
    return {
        "reached": float((shown >= AUDIENCE).mean()),
        "least shown": float(shown.min()),
        "clips": float(len(new)),
    }


def price_of_fresh(network: Network, people: int) -> dict[str, float]:
    """True liking of everybody's next page with the places of fresh clips, and with those places given to the others."""
    with_them = [liked(network, person, for_you(network, person)) for person in range(people)]
    candidates = network.candidates
    network.candidates = lambda *a, **k: [one for one in candidates(*a, **k) if one.source != "fresh"]
    try:
        without = [liked(network, person, for_you(network, person)) for person in range(people)]
    finally:
        del network.candidates
    return {"with fresh": float(np.mean(with_them)), "without fresh": float(np.mean(without))}


def variety(network: Network) -> dict[str, float]:
    """Different authors and topics of each full page that was served: mean, and the hundredth page from below."""
    world = network.world
    pages = [page for page in network.pages if len(page) == PAGE]
    authors = [len({int(world.author[clip]) for clip in page}) / PAGE for page in pages]
    topics = [len({world.tags[clip][0] for clip in page if world.tags[clip]}) / PAGE for page in pages]
    return {
        "authors": float(np.mean(authors)), "authors p1": float(np.quantile(authors, 0.01)),
        "topics": float(np.mean(topics)), "topics p1": float(np.quantile(topics, 0.01)),
        "catalogue": float((network.impressions[np.array(network.popular)] > 0).mean()),
    }  # fmt: skip


def reciprocity(network: Network) -> dict[str, float]:
    """True liking of the next pages of people with friends: with what a mutual follow adds, and without any of it."""
    people = [
        person for person in range(network.world.size.authors) if (network.world.relation[person] == 2).any()
    ]

    def mean() -> tuple[float, float]:
        pages = {person: for_you(network, person) for person in people}
        friends = [
            float((network.world.relation[person, network.world.author[page]] == 2).mean())
            for person, page in pages.items()
        ]
        return float(np.mean([liked(network, person, page) for person, page in pages.items()])), float(
            np.mean(friends)
        )

    with_it, share_with = mean()
    with changed(ranking.WEIGHTS, mutual=0.0), changed(ranking.MIX, friends=0.0):
        without, share_without = mean()
    return {
        "mutual": with_it,
        "no mutual": without,
        "friends' share": share_with,
        "friends' share without": share_without,
    }


class _Raw:
    """Instead of norms: the place of a viewing is its watched time (or share of the length) and nothing else."""

    def __init__(self, longest: float, share: bool) -> None:
        self.longest, self.share = longest, share

    def place(self, watched_ms: float, duration_ms: float) -> float:
        return min(watched_ms / (duration_ms if self.share else self.longest), 1.0)


def label_kinds(network: Network, people: int) -> dict[str, float]:
    """By each kind of label: how it ranks with true liking (Spearman, all viewings), and what a model of it finds.

    The kinds differ in the watching alone. The model's figure is the true liking of the twenty unseen clips it puts first.
    """
    world, rows = network.world, [(p, c, row) for p, of in enumerate(network.rows) for c, row, _at in of]
    longest = float(np.quantile([row.watched for _p, _c, row in rows], 0.99))
    truth = [world.liking[p, c] for p, c, _row in rows]

    def by(norms, completions: bool):
        return lambda clip, row: label(
            row.watched, world.duration[clip], row.completions if completions else 0, liked=row.liked,
            saved=row.saved, shared=row.shared, followed=row.followed, quick_skip=row.skipped, norms=norms,
        )  # fmt: skip

    kinds = {
        "corrected": by(network.norms, True),
        "raw time": by(_Raw(longest, False), False),
        "share": by(_Raw(longest, True), False),
    }
    figures = {}
    for name, kind in kinds.items():
        figures[f"{name} agrees"] = float(stats.spearmanr([kind(c, row) for _p, c, row in rows], truth)[0])
        model = recommender.train(network.interactions(kind), now=network.now)
        found = []
        for person in range(people):
            history = [(clip, kind(clip, row), at) for clip, row, at in network.rows[person][-HISTORY:]]
            unseen = frozenset(network.seen[person])
            found.append(liked(network, person, [
                one.item for one in model.rank(history, now=network.now, size=PAGE, exclude=unseen)
            ]))  # fmt: skip
        figures[f"{name} finds"] = float(np.mean(found))
    return figures


# --- The rows of the benchmark ---------------------------------------------------------------------------------------


def measure(seed: int, size: Size) -> dict[str, float]:
    """Every figure of one seed: a network that lives its days, and one with more of a past for what needs no days."""
    world = World(seed, size)
    network = Network(world, seed)
    network.live(1)
    some = min(100, size.people)
    figures = price_of_fresh(network, some)
    network.live(size.days - 1)
    figures |= first_audiences(network) | variety(network)
    figures["once"] = float(network.impressions[world.bad])
    figures["again"] = float(exposure(world, seed + 1_000).impressions[world.bad])
    figures["calm"] = (figures["once"] + figures["again"]) / 2
    for name, within in (("ring", False), ("ring within", True)):
        figures[name] = float(exposure(world, seed, ring=RING, within=within).impressions[world.bad])
    town = Network(World(seed, size.town()), seed)
    figures |= reciprocity(town) | label_kinds(town, some) | newcomers(town)
    apart = reciprocity(Network(World(seed, size, friendship=0.0), seed))
    return figures | {f"{name}, friends liked as others": value for name, value in apart.items()}


def interval(values: list[float]) -> tuple[float, float]:
    """Mean and half of its 95 % interval over seeds."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, math.nan
    return mean, float(stats.t.ppf(0.975, len(values) - 1) * stats.sem(values))


# name, ours, baseline, unit, target for the ratio
COMPARED = [
    ("newcomer, true liking of the next 20 after {n} clips; baseline popular",
     "ours after {n}", "popular after {n}", "liking", "≥ 1"),
    ("newcomer after {n} clips; baseline best rated in their languages",
     "ours after {n}", "rated after {n}", "liking", ""),
    ("true liking of a page with places for fresh clips; baseline without",
     "with fresh", "without fresh", "liking", ""),
    ("people who see a bad clip, no ring; baseline the same world with other luck", "again", "once", "people", ""),
    ("people who see a bad clip that a ring of 50 pushes by its address; baseline no ring, mean of two",
     "ring", "calm", "people", "≤ 1.1"),
    ("the same, the ring following its author and waiting in feeds; baseline no ring, mean of two",
     "ring within", "calm", "people", "≤ 1.1"),
    ("true liking of pages of people with friends, friends liked more; baseline no mutual signal",
     "mutual", "no mutual", "liking", ""),
    ("the same where friends are liked as others",
     "mutual, friends liked as others", "no mutual, friends liked as others", "liking", ""),
    ("share of friends' clips on those pages; baseline no mutual signal",
     "friends' share", "friends' share without", "share", ""),
    ("labels' agreement with true liking (Spearman); baseline raw watch time",
     "corrected agrees", "raw time agrees", "rank corr.", "≥ 1"),
    ("true liking of what a model of them finds; baseline raw watch time",
     "corrected finds", "raw time finds", "liking", "≥ 1"),
    ("the same; baseline share of the length", "corrected finds", "share finds", "liking", ""),
]  # fmt: skip
STATED = [
    ("new clips that {a} people were shown within the days", "reached", 1.0, "share", "≥ 1"),
    ("the least shown new clip", "least shown", float(AUDIENCE), "people", "≥ 1"),
    ("different authors of a page, the hundredth page from below; baseline the floor",
     "authors p1", ranking.FLOORS["authors"], "share", "≥ 1"),
    ("different topics of a page, the hundredth page from below; baseline the floor",
     "topics p1", ranking.FLOORS["topics"], "share", "≥ 1"),
]  # fmt: skip
RING = 50


def rows(quick: bool = False, progress=None) -> list[dict]:
    """The benchmark's lines: name, ours, baseline, unit, ratio, target. The interval stands in the name."""
    size, worlds = QUICK if quick else Size(), []
    for seed in range(1, SEEDS + 1):
        worlds.append(measure(seed, size))
        if progress:
            progress(seed, worlds[-1])

    def of(name: str) -> list[float]:
        return [figures[name] for figures in worlds]

    lines = []
    stepped = [tuple(part.format(n=n) for part in line) for n in STEPS for line in COMPARED[:2]]
    for name, ours, base, unit, target in [*stepped, *COMPARED[2:]]:
        lines.append(
            _row(
                f"{name} ({_difference(of(ours), of(base), unit)})",
                np.mean(of(ours)),
                np.mean(of(base)),
                unit,
                target,
            )
        )
    for name, ours, base, unit, target in STATED:
        mean, half = interval(of(ours))
        lines.append(_row(f"{name.format(a=AUDIENCE)} (± {half:.3f})", mean, base, unit, target))
    for n in STEPS:
        mean, half = interval(
            [b - a for a, b in zip(of(f"ours after {n}"), of(f"best after {n}"), strict=True)]
        )
        other = np.mean(of(f"best after {n}")) - np.mean(of(f"popular after {n}"))
        lines.append(
            _row(
                f"newcomer's regret after {n} clips (± {half:.3f}); baseline popular",
                mean,
                other,
                "liking",
                "≤ 1",
            )
        )
    return [{**line, "name": f"{line['name']}, {SEEDS} seeds"} for line in lines]


def _difference(ours: list[float], base: list[float], unit: str) -> str:
    """Mean and interval of the difference; of people in per cent of each world, with the worlds that are furthest apart."""
    if unit != "people":
        mean, half = interval([a - b for a, b in zip(ours, base, strict=True)])
        return f"difference {mean:+.3f} ± {half:.3f}"
    more = [100 * (a / b - 1) for a, b in zip(ours, base, strict=True)]
    mean, half = interval(more)
    return f"{mean:+.1f} % ± {half:.1f}, single worlds {min(more):+.1f} to {max(more):+.1f} %"


def _row(name: str, ours: float, baseline: float, unit: str, target: str) -> dict:
    return {
        "name": name, "ours": round(float(ours), 3), "baseline": round(float(baseline), 3), "unit": unit,
        "ratio": round(float(ours / baseline), 3) if baseline else None, "target": target,
    }  # fmt: skip


def _tell(seed: int, figures: dict[str, float]) -> None:
    print(seed, json.dumps(figures), file=sys.stderr, flush=True)


if __name__ == "__main__":
    for line in rows(quick="--quick" in sys.argv, progress=_tell):
        print(json.dumps(line), flush=True)
