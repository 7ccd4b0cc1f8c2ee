"""Whose acts count how much when we say what rises: people and not acts, and people who act as one count little.

Knows nothing of Django: arrays in, weights out. Every factor is a number from 0 to 1, and an act's weight is their product:

- strength: how much the act says (STRENGTH). Against views that cost nothing.
- activity: 1 / √(1 + acts of the person / BUSY). Against one account that likes everything.
- devotion: 1 / √(clips of this author that the person acts on). Against one account that likes all of somebody's clips.
- age: days of the account / RIPE_DAYS, at least NEW. Against accounts that were made for it.
- breadth: authors / (authors + NARROW) of whom the person acts on clips. Against accounts that exist for one author.
- lockstep: 1 / (1 + ALIKE · (alike − typical)), how alike the people behind the clip act. Against rings of old accounts.

Lockstep stands on the idea of CopyCatch (Beutel et al., WWW 2013), that rings are seen by their acting together, and of
pairwise-bounded matching (Buterin 2019), that what a pair agrees on counts less the more they agree elsewhere. "Alike" is
the mean cosine between the other acts of any two people behind a clip, where a clip that everybody meets tells nothing
(weighed by its rarity); it is computed from a random projection of DIMENSIONS numbers a person (Johnson–Lindenstrauss: a
sum's squared length keeps to about √(2 / DIMENSIONS)), so it costs time and memory in proportion to the acts, not to the
pairs. "Typical" is the median over clips: a small network where everybody watches the same is no ring.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# What an act says, from 0 to 1. Of several by one person on one clip the strongest counts, and only that.
STRENGTH = {
    "glance": 0.1,  # watched a little
    "view": 0.4,
    "finished": 0.6,
    "like": 1.0,
    "comment": 1.0,
    "save": 1.0,
    "share": 1.0,
    "publish": 1.0,  # an author's word for the tag and the sound of their clip, never for the clip itself
}
BUSY = 50  # acts in the window after which another one is worth 0.7
RIPE_DAYS = 14  # an account of this age counts in full
NEW = 0.05  # what one of today counts
NARROW = 2.0  # who looks at so many authors counts half
ALIKE = 6.0
DIMENSIONS = 64
FEWEST = 5  # people behind a clip from whom on their likeness is judged


@dataclass(frozen=True)
class Acts:
    """One row for each person and clip. `people` and `clips` are places in the arrays that describe them, from 0."""

    people: Ints
    clips: Ints
    strength: Floats
    at: Floats  # POSIX seconds, of the first act

    def __len__(self) -> int:
        return len(self.people)


def merge(people: Ints, clips: Ints, strength: Floats, at: Floats) -> Acts:
    """One row of several for a person and a clip: the strongest act, at the moment of the first."""
    if not len(people):
        return Acts(people, clips, strength, at)
    keys, place = np.unique(people * (int(clips.max()) + 1) + clips, return_inverse=True)
    strongest = np.zeros(len(keys))
    np.maximum.at(strongest, place, strength)
    first = np.full(len(keys), np.inf)
    np.minimum.at(first, place, at)
    width = int(clips.max()) + 1
    return Acts(keys // width, keys % width, strongest, first)


def weigh(acts: Acts, *, age_days: Floats, author: Ints) -> Floats:
    """The weight of each act, by the table above. `age_days` is of each person, `author` of each clip (any number a name).

    Costs O(acts · DIMENSIONS) time and (people + clips) · DIMENSIONS · 8 bytes. The same data give the same weights.
    """
    if not len(acts):
        return np.zeros(0)
    weights = acts.strength * _single(acts, age_days, author)
    alike = likeness(acts, weights, len(age_days), len(author))
    judged = np.bincount(acts.clips, minlength=len(author)) >= FEWEST
    typical = float(np.median(alike[judged])) if judged.any() else 0.0
    lockstep = 1 / (1 + ALIKE * np.maximum(alike - typical, 0))
    return np.asarray(weights * np.where(judged, lockstep, 1.0)[acts.clips])


def _single(acts: Acts, age_days: Floats, author: Ints) -> Floats:
    """What can be said of an act by looking at its person alone."""
    count = np.bincount(acts.people, minlength=len(age_days))
    _names, author = np.unique(author, return_inverse=True)
    pairs, pair, of_author = np.unique(
        acts.people * len(_names) + author[acts.clips], return_inverse=True, return_counts=True
    )
    authors = np.bincount(pairs // len(_names), minlength=len(age_days))
    person = (
        (1 / np.sqrt(1 + count / BUSY))
        * np.clip(age_days / RIPE_DAYS, NEW, 1.0)
        * (authors / (authors + NARROW))
    )
    return np.asarray(person[acts.people] / np.sqrt(of_author[pair]))


def likeness(acts: Acts, weights: Floats, people: int, clips: int) -> Floats:
    """For each clip, how alike the people behind it act elsewhere: 0 not at all, 1 the same. Estimated; 0 for one person."""
    seen_by = np.bincount(acts.clips, minlength=clips)
    active = max(len(np.unique(acts.people)), 2)
    rarity = np.clip(np.log(active / np.maximum(seen_by, 1)) / np.log(active), 0, 1)
    signs = np.random.default_rng(20110401).choice([-1.0, 1.0], size=(clips, DIMENSIONS)) / np.sqrt(
        DIMENSIONS
    )
    features = signs * np.sqrt(rarity)[:, None]
    matrix = sparse.csr_matrix((np.ones(len(acts)), (acts.people, acts.clips)), shape=(people, clips))
    tastes = matrix @ features  # a row for each person: the sum of what they acted on
    squares = matrix @ rarity

    # Without the clip itself, which all of them share: lengths, then sums, stay linear.
    length = np.sqrt(np.maximum(squares[acts.people] - rarity[acts.clips], 0))
    scale = np.divide(weights, length, out=np.zeros(len(acts)), where=length > 1e-9)
    scaled = sparse.csr_matrix((scale, (acts.clips, acts.people)), shape=(clips, people))
    together = scaled @ tastes - np.bincount(acts.clips, scale, clips)[:, None] * features
    known = np.where(scale > 0, weights, 0.0)
    total = np.bincount(acts.clips, weights, clips)
    itself = np.bincount(acts.clips, known**2, clips)  # each with themselves: cosine 1
    pairs = total**2 - np.bincount(acts.clips, weights**2, clips)
    agreed = np.square(together).sum(axis=1) - itself
    return np.clip(np.divide(agreed, pairs, out=np.zeros(clips), where=pairs > 1e-9), 0, 1)
