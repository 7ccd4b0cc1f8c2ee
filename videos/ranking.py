"""From candidates to a page: what each term of the score weighs, how the sources are mixed, and that a page stays varied.

Pure: it knows clips as numbers. Who may see them was decided by the gate before, and must be.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from operator import itemgetter
from typing import NamedTuple

# --- The table ----------------------------------------------------------------------------------------------------------
#
# Of each ten places of a page so many go to each source. A source that is dry gives its turns to the others in their own
# proportions, except to "fresh", whose share is the price of first audiences and must not grow with newcomers' pages.
MIX: dict[str, float] = {
    "similar": 5.3,  # what people with the same taste watched: the model
    "topics": 1.0,  # chosen interests and tags that were liked, so that one clip can open a subject
    "sounds": 0.25,  # sounds that were liked
    "followed": 0.75,  # enough to meet one's people; all of them are in the Following feed
    "friends": 0.2,  # those who follow back: one in fifty, because a place of their own costs liking
    "rising": 0.5,  # what rises in one's language and country
    "popular": 0.75,  # the safest guess about somebody of whom little is known; the heir of sources that are dry
    "newest": 0.25,  # what a returning person cannot have seen
    "fresh": 1.0,  # the first audience that every new clip is owed
}

# How many clips each source brings: some pages' worth, so that ranking has a choice and a busy author can be passed over.
BRINGS: dict[str, int] = {
    "similar": 60,
    "topics": 8,  # of each of TOPICS tags
    "sounds": 6,  # of each of SOUNDS sounds
    "followed": 30,
    "friends": 15,
    "rising": 20,  # of one's country, and as many of everywhere
    "popular": 60,
    "newest": 24,
    "fresh": 24,  # clips whose first audience is not complete, those first that the fewest have met
}
TOPICS, SOUNDS = 6, 3
LIKED = 0.2  # from here on a tag or a sound is liked enough to look for more of it

# What each term adds to a clip's score when it is fully there. Terms are between 0 and 1, tastes between -1 and 1. The
# proportions are those of a least-squares fit of what people truly like on these terms in tests/benchmarks/simulator.py, save
# for the social ones: whom one follows was chosen, and need not be earned by each clip anew.
WEIGHTS: dict[str, float] = {
    "rate": 1.00,  # how it pleased those whom a feed showed it, smoothed; nobody outside the feed can move it
    "similar": 0.40,  # the model's score, relative to the best at hand
    "language": 0.30,  # speaks the clip's language
    "tag": 0.20,  # likes this tag; below zero when less of it was asked for
    "mutual": 0.05,  # both follow each other: on top of "following"
    "author": 0.10,  # likes clips of this author
    "following": 0.10,
    "sound": 0.08,
    "country": 0.05,
    "rising": 0.05,
    "popular": 0.03,  # engagement with age, relative to the best at hand: decides between equals
    "new": 0.03,  # half of it after NEW_HOURS
    "draw": 0.60,  # of fresh clips instead of "rate": a draw from what is known about it (Thompson sampling)
    "waiting": 0.30,  # of fresh clips: how long it has waited for its first audience
}
NEW_HOURS = 48.0
# So many different people are shown every new clip, whatever becomes of it.
FIRST_AUDIENCE = 100
# A fresh clip that has waited this long stands before every draw: no clip starves behind luckier ones.
WAITING_HOURS = 24.0

# A clip of which nothing is known pleases this much (the mean label of served clips), with the trust of so many viewings.
BASE_RATE, PRIOR_VIEWINGS = 0.30, 12.0
# How far tastes move what is expected of a clip that nobody has seen: the content prior.
PRIOR_TASTE = 0.35

# What one page holds at most, as shares of its size, while there is anything else. With these a page of 20 holds at least
# 10 authors and 4 topics (FLOORS), whatever the sources bring, if they bring that many.
PER_AUTHOR, PER_SOUND, PER_TOPIC = 0.10, 0.15, 0.30
FLOORS = {"authors": 0.5, "topics": 0.2}  # different ones ÷ clips of a page
IN_A_ROW = 2  # clips of one topic
# A tag that is on more of the candidates than this says nothing about any of them.
COMMONPLACE = 0.6

# A term that adds less than this is no reason to show a clip.
REASON = 0.02
MOST_REASONS = 3


class Candidate(NamedTuple):
    """One clip that may be shown, as a source brought it. The same clip may come from several."""

    id: int
    author: int
    sound: int | None
    tags: tuple[int, ...]
    language: str
    country: str
    duration_ms: int
    age_hours: float
    source: str  # a key of MIX
    model: float = 0.0  # the recommender's score; only its proportions matter, below zero counts as zero
    popularity: float = (
        0.0  # any figure that grows with success; only its place between least and most matters
    )
    shown: int = 0  # people to whom a feed showed it
    pleased: float = 0.0  # the sum of their labels
    relation: int = 0  # 1: the viewer follows the author; 2: they follow each other
    because: int | None = None  # the clip of the viewer's history that brought it


@dataclass(frozen=True)
class Taste:
    """What is known of a viewer: by id how much they like tags, authors and sounds (-1 … 1), and where they are at home."""

    tags: Mapping[int, float] = field(default_factory=dict)
    authors: Mapping[int, float] = field(default_factory=dict)
    sounds: Mapping[int, float] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    country: str = ""
    interests: frozenset[int] = frozenset()  # tags that they chose as interests
    more: frozenset[tuple[str, int]] = frozenset()  # ("video" | "author" | "sound" | "tag", id) asked for


class Chosen(NamedTuple):
    """A clip with its place on the page: why is said by `reasons`, the strongest first, at most MOST_REASONS."""

    candidate: Candidate
    score: float
    reasons: tuple[str, ...]


def expected(pleased: float, shown: int) -> float:
    """The rate at which a clip pleases: the mean of the Beta posterior.

    Labels are corrected for length already (videos.labels), so that clips of all lengths share one prior.
    """
    return (pleased + PRIOR_VIEWINGS * BASE_RATE) / (shown + PRIOR_VIEWINGS)


def draw(pleased: float, shown: int, *, prior: float, dice: random.Random) -> float:
    """One draw from the Beta posterior of a clip's rate: what is hardly known is sometimes high, and gets tried.

    Thompson sampling with fractional successes (Chapelle and Li, NIPS 2011).
    """
    mean = min(max(prior, 0.02), 0.98)
    pleased = min(max(pleased, 0.0), float(shown))
    return dice.betavariate(PRIOR_VIEWINGS * mean + pleased, PRIOR_VIEWINGS * (1.0 - mean) + shown - pleased)


def compose(
    candidates: Sequence[Candidate],
    taste: Taste,
    *,
    size: int,
    dice: random.Random,
    previous: Sequence[Candidate] = (),
) -> list[Chosen]:
    """A page of up to `size` different clips: mixed by MIX, the best of each source first, varied by author, sound and topic.

    `previous` are the last clips of the page before, newest last, so that a row does not go on over the edge. The same
    candidates and dice give the same page. Never shorter than the number of different candidates allows. Linear in the
    candidates, apart from sorting them.
    """
    pages = compose_pages(candidates, taste, size=size, pages=1, dice=dice, previous=previous)
    return pages[0] if pages else []


def compose_pages(
    candidates: Sequence[Candidate],
    taste: Taste,
    *,
    size: int,
    pages: int,
    dice: random.Random,
    previous: Sequence[Candidate] = (),
) -> list[list[Chosen]]:
    """As `compose`, up to so many pages that follow each other, none of them empty: each varied for itself, no clip twice.

    Scores cost most of it, and are the same for all. The first page is the one that `compose` makes.
    """
    known = _known(candidates)
    scale = _Scale.of(known)
    scored: dict[int, tuple[float, dict[str, float]]] = {}
    queues: dict[str, list[tuple[float, Candidate]]] = {}
    for clip, (candidate, sources) in known.items():
        place, terms = scored[clip] = _score(candidate, sources, taste, scale)
        for source in sources:
            own = _owed(candidate, terms, dice) if source == "fresh" else place
            queues.setdefault(source, []).append((own, candidate))
    for queue in queues.values():
        queue.sort(key=lambda entry: (-entry[0], entry[1].id))
    made: list[list[Chosen]] = []
    taken: set[int] = set()
    for _page in range(pages):
        page = []
        for source, place, candidate in _fill(queues, _Room(size, scale.commonplace, previous), size):
            here = candidate._replace(source=source)
            page.append(Chosen(here, place, _reasons(here, taste, scored[candidate.id][1])))
        if not page:
            break
        made.append(page)
        taken.update(one.candidate.id for one in page)
        previous = [one.candidate for one in page]
        queues = {
            name: [entry for entry in queue if entry[1].id not in taken] for name, queue in queues.items()
        }
    return made


# --- Scores ---------------------------------------------------------------------------------------------------------------


def _known(candidates: Iterable[Candidate]) -> dict[int, tuple[Candidate, list[str]]]:
    """Each clip once, with the best that any source knew about it, and the sources that brought it."""
    known: dict[int, tuple[Candidate, list[str]]] = {}
    for one in candidates:
        if one.id not in known:
            known[one.id] = (one, [one.source])
            continue
        held, sources = known[one.id]
        if one.source not in sources:
            sources.append(one.source)
        if one.model > held.model or (held.because is None and one.because is not None):
            because = held.because if one.because is None else one.because
            known[one.id] = (held._replace(model=max(one.model, held.model), because=because), sources)
    return known


class _Scale(NamedTuple):
    """What the figures of one page's candidates are measured against."""

    model: float  # the highest score
    least: float  # popularity
    span: float
    commonplace: frozenset[int]  # tags that nearly every candidate has

    @classmethod
    def of(cls, known: Mapping[int, tuple[Candidate, list[str]]]) -> "_Scale":
        if not known:
            return cls(0.0, 0.0, 0.0, frozenset())
        clips = [candidate for candidate, _sources in known.values()]
        popularity = [clip.popularity for clip in clips]
        counts = Counter(tag for clip in clips for tag in clip.tags)
        limit = COMMONPLACE * len(clips)
        return cls(
            max(clip.model for clip in clips),
            min(popularity),
            max(popularity) - min(popularity),
            frozenset(tag for tag, count in counts.items() if count > limit),
        )


def _score(
    clip: Candidate, sources: Sequence[str], taste: Taste, scale: _Scale
) -> tuple[float, dict[str, float]]:
    """The sum of WEIGHTS × terms, and what each term adds to it."""
    terms, heard = _liking(clip, taste), _heard(clip)
    if scale.model > 0 and clip.model > 0:
        terms["similar"] = WEIGHTS["similar"] * heard * clip.model / scale.model
    if scale.span > 0:
        terms["popular"] = WEIGHTS["popular"] * heard * (clip.popularity - scale.least) / scale.span
    if clip.relation:
        terms["following"] = WEIGHTS["following"]
        if clip.relation > 1:
            terms["mutual"] = WEIGHTS["mutual"]
    if "rising" in sources:
        terms["rising"] = WEIGHTS["rising"] * heard
    terms["rate"] = WEIGHTS["rate"] * expected(clip.pleased, clip.shown)
    terms["new"] = WEIGHTS["new"] * 2.0 ** (-max(clip.age_hours, 0.0) / NEW_HOURS)
    return sum(terms.values()), terms


def _heard(clip: Candidate) -> float:
    """How far we believe what others do with a clip: as far as it pleased those whom the feed showed it, and on its first day as
    far as there are any. Before that fifty accounts are most of what is known of it; the model and the lists speak with their
    voice.
    """
    believed = min(expected(clip.pleased, clip.shown) / BASE_RATE, 1.0)
    return believed if clip.age_hours >= WAITING_HOURS else believed * min(clip.shown / FIRST_AUDIENCE, 1.0)


def _liking(clip: Candidate, taste: Taste) -> dict[str, float]:
    """What the viewer's taste adds for a clip's tags, author, sound, language and country."""
    terms: dict[str, float] = {}
    if taste.tags and clip.tags:
        liked = sum(taste.tags.get(tag, 0.0) for tag in clip.tags)
        terms["tag"] = WEIGHTS["tag"] * min(max(liked, -1.0), 1.0)
    if clip.author in taste.authors:
        terms["author"] = WEIGHTS["author"] * min(max(taste.authors[clip.author], -1.0), 1.0)
    if clip.sound is not None and clip.sound in taste.sounds:
        terms["sound"] = WEIGHTS["sound"] * min(max(taste.sounds[clip.sound], -1.0), 1.0)
    # A clip without speech, or a viewer of whom no language is known, stands in the middle.
    if not clip.language or not taste.languages:
        terms["language"] = WEIGHTS["language"] / 2
    elif clip.language in taste.languages:
        terms["language"] = WEIGHTS["language"]
    if clip.country and clip.country == taste.country:
        terms["country"] = WEIGHTS["country"]
    return terms


def _owed(clip: Candidate, terms: Mapping[str, float], dice: random.Random) -> float:
    """Where a fresh clip stands among the fresh: a draw from what is known of it, and how long it has waited."""
    liked = sum(terms.get(name, 0.0) / WEIGHTS[name] for name in ("tag", "author", "sound"))
    spoken = terms.get("language", 0.0) / WEIGHTS["language"] - 0.5
    prior = BASE_RATE + PRIOR_TASTE * (min(max(liked, -1.0), 1.0) + spoken)
    waited = min(max(clip.age_hours, 0.0) / WAITING_HOURS, 1.0)
    place = (
        WEIGHTS["draw"] * draw(clip.pleased, clip.shown, prior=prior, dice=dice) + WEIGHTS["waiting"] * waited
    )
    # New, but no longer owed anything: behind all that are, or the lucky ones would take the others' first audience.
    return place if clip.shown < FIRST_AUDIENCE else place - WEIGHTS["draw"] - WEIGHTS["waiting"]


# --- The page -------------------------------------------------------------------------------------------------------------


class _Room:
    """What the page still has room for, by what it holds so far and what came right before it."""

    # In this order rules give way when no source has a clip that keeps them all.
    STRICT, ANY_TOPIC, ANY_SOUND, ANY_AUTHOR, ANYTHING = range(5)

    def __init__(self, size: int, commonplace: frozenset[int], previous: Sequence[Candidate]) -> None:
        self.of_author, self.of_sound = ceil(PER_AUTHOR * size), ceil(PER_SOUND * size)
        self.of_topic = ceil(PER_TOPIC * size)
        self.authors: Counter[int] = Counter()
        self.sounds: Counter[int] = Counter()
        self.topics: Counter[int] = Counter()
        self.commonplace = commonplace
        self.last: list[Candidate] = list(previous[-IN_A_ROW:])

    def takes(self, clip: Candidate, leniency: int) -> bool:
        """Whether the clip may come next."""
        if leniency >= self.ANYTHING:
            return True
        last = self.last[-1] if self.last else None
        if last and last.author == clip.author:
            return False
        if leniency >= self.ANY_AUTHOR:
            return True
        if self.authors[clip.author] >= self.of_author:
            return False
        if leniency >= self.ANY_SOUND:
            return True
        if clip.sound is not None and (
            self.sounds[clip.sound] >= self.of_sound or (last and last.sound == clip.sound)
        ):
            return False
        return leniency >= self.ANY_TOPIC or not any(self._full(tag) for tag in clip.tags)

    def _full(self, tag: int) -> bool:
        if tag in self.commonplace:
            return False
        if self.topics[tag] >= self.of_topic:
            return True
        return len(self.last) >= IN_A_ROW and all(tag in clip.tags for clip in self.last)

    def place(self, clip: Candidate) -> None:
        """The clip comes next."""
        self.authors[clip.author] += 1
        if clip.sound is not None:
            self.sounds[clip.sound] += 1
        self.topics.update(clip.tags)
        self.last = [*self.last, clip][-IN_A_ROW:]


def _fill(
    queues: Mapping[str, list[tuple[float, Candidate]]], room: _Room, size: int
) -> Iterator[tuple[str, float, Candidate]]:
    """The page's clips in their order: each from the source whose turn it is, or the next one that has any to give."""
    left = {name: list(queue) for name, queue in queues.items() if queue}
    credit = dict.fromkeys(left, 0.0)
    taken: set[int] = set()
    shares: dict[str, float] = {}
    for _place in range(size):
        left = {name: rest for name, queue in left.items() if (rest := _rest(queue, taken))}
        if not left:
            return
        if len(shares) != len(left):  # sources only ever run dry
            shares = _shares(left)
        for name, share in shares.items():
            credit[name] += share
        turns = sorted(left, key=credit.__getitem__, reverse=True)
        source, index = _next(left, turns, taken, room)
        place, clip = left[source].pop(index)
        credit[source] -= 1.0
        taken.add(clip.id)
        room.place(clip)
        yield source, place, clip


def _rest(queue: list[tuple[float, Candidate]], taken: set[int]) -> list[tuple[float, Candidate]]:
    """The queue without clips that another source has brought already; the same list while its head is free."""
    if queue and queue[0][1].id in taken:
        return [entry for entry in queue if entry[1].id not in taken]
    return queue


def _shares(names: Iterable[str]) -> dict[str, float]:
    """Of the next place, how much is whose: MIX among the sources that have clips. "fresh" takes its share and no more."""
    names = list(names)
    whole = sum(MIX.values())
    others = sum(MIX[name] for name in names if name != "fresh")
    if not others:
        return dict.fromkeys(names, 1.0 / len(names))
    owed = MIX["fresh"] / whole if "fresh" in names else 0.0
    return {name: owed if name == "fresh" else (1.0 - owed) * MIX[name] / others for name in names}


def _next(
    left: Mapping[str, list[tuple[float, Candidate]]], turns: Sequence[str], taken: set[int], room: _Room
) -> tuple[str, int]:
    """Which source gives the next clip, and its index there. The turn is passed on before a rule gives way."""
    for leniency in range(room.ANYTHING + 1):
        for source in turns:
            for index, (_place, clip) in enumerate(left[source]):
                if clip.id not in taken and room.takes(clip, leniency):
                    return source, index
    raise LookupError("No source has a clip left.")


# --- Why ------------------------------------------------------------------------------------------------------------------

# Every reason that `compose` may give. What a source stands for is said when no term says anything.
REASONS = (
    "similar", "friend", "following", "tag", "interest", "more", "author", "sound", "rising", "language", "country",
    "fresh", "popular",
)  # fmt: skip
_OF_SOURCE = {
    "similar": "similar", "topics": "tag", "sounds": "sound", "followed": "following", "friends": "friend",
    "rising": "rising", "popular": "popular", "newest": "fresh", "fresh": "fresh",
}  # fmt: skip
# What every clip has is no reason: a middling rate, the benefit of the doubt about a language.
_PLAIN = {"rate": WEIGHTS["rate"] * BASE_RATE, "language": WEIGHTS["language"] / 2}
# True of so many clips that it explains little, however much it adds.
_DULL = {"rate": 0.3, "language": 0.2, "country": 0.5}


def _reasons(clip: Candidate, taste: Taste, terms: Mapping[str, float]) -> tuple[str, ...]:
    """The names of the terms that did most for the clip."""
    found = ["fresh"] if clip.source == "fresh" else []
    strong = []
    for name, value in terms.items():
        strength = (value - _PLAIN.get(name, 0.0)) * _DULL.get(name, 1.0)
        if strength >= REASON and name != "new":
            strong.append((strength, name))
    strong.sort(key=itemgetter(0), reverse=True)
    for _strength, name in strong:
        reason = _named(name, clip, taste)
        if reason not in found:
            found.append(reason)
    return tuple(found[:MOST_REASONS]) or (_OF_SOURCE[clip.source],)


def _named(term: str, clip: Candidate, taste: Taste) -> str:
    """The reason that a term of this clip is: asked for and chosen things are called so, not guesses."""
    if term in ("following", "mutual"):
        return "friend" if clip.relation > 1 else "following"
    if term == "rate":
        return "popular"
    if taste.more and any(thing in taste.more for thing in _asked(term, clip)):
        return "more"
    if term == "tag" and any(tag in taste.interests for tag in clip.tags):
        return "interest"
    return term


def _asked(term: str, clip: Candidate) -> list[tuple[str, int | None]]:
    """What one asked more of, when this term says so."""
    asked: dict[str, list[tuple[str, int | None]]] = {
        "similar": [("video", clip.because)],
        "tag": [("tag", tag) for tag in clip.tags],
        "author": [("author", clip.author)],
        "sound": [("sound", clip.sound)],
    }
    return asked.get(term, [])
