"""The recommender: interactions in, ranked ids with their evidence out. It knows nothing of Django, people's names or clips.

`train` makes a Model of item–item kind: a person is nothing but a history given to `Model.rank`, so somebody new, or somebody who
just watched five clips, is served at once and without training. Four models see the same interactions and are blended:

- EASE with the diagonal of EDLAE, in closed form, on the head of the catalogue (Steck: "Embarrassingly Shallow Autoencoders for
  Sparse Data", WWW 2019; "Autoencoders that don't overfit towards the Identity", NeurIPS 2020);
- iALS factors for the whole catalogue, a history being folded in (Hu, Koren, Volinsky: "Collaborative Filtering for Implicit
  Feedback Datasets", ICDM 2008), trained by the `implicit` wheel;
- RP3β, a random walk of three steps that leaves the popular items behind (Paudel et al., ACM TiiS 2017), for coverage;
- what is watched soon after what: a first-order chain with a window, for histories that have an order.

All four are linear in the history, so what a history's item gave to a score is known exactly: that is `Ranked.because`.
docs/decisions/recommender.md says why these, and tests/benchmarks/recommender.py measures this very code.
"""

import dataclasses
import functools
import io
import json
import os
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController, threadpool_limits

DAY = 86400.0
NOISE = (
    0.01  # factors tell how sure a like is, 0 … 1: where all say less, regularisation left nothing but noise
)
FORMAT = 1  # of the file; a file of another format is refused by load

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
History = Sequence[tuple[int, float, float]]


@dataclasses.dataclass(frozen=True)
class Options:
    """What training and ranking can be told. The defaults were chosen on the validation parts of the laboratory alone.

    `ease`, `factors`, `walk`, `next`, `popular` weigh the parts of the blend, each part being brought to a standard deviation of
    one for each history first; a part of weight 0 is not trained."""

    ease: float = 1.0
    factors: float = 0.7
    walk: float = 0.1
    next: float = 0.1
    popular: float = 0.0

    head: int = 4000  # items in EASE at most: head² · 20 bytes to train, head² · 4 in the file, head³ in time
    ridge: float = 5.0  # EASE: added to the diagonal, times the diagonal's mean: sites are small and large
    drop: float = 0.25  # EDLAE: the share of a history that training leaves out, 0 ≤ drop < 1
    near: float = 0.4  # EASE: how much it counts that two items were met within `reach` of each other, 0 … 1
    reach: int = 20  # places in a history; pairs weigh linearly less up to there

    rank: int = 64  # factors an item
    alpha: float = 1.5  # iALS: confidence of a seen item is 1 + alpha · weight
    shrink: float = 0.8  # iALS: regularisation, times the mean number of interactions of a person or item
    rounds: int = 10  # iALS: alternations

    hop: float = 0.7  # RP3β: exponent of the transition probabilities
    beta: float = 0.6  # RP3β: how much a popular item is held back
    kept: int = 200  # RP3β and next: neighbours an item keeps

    window: int = 10  # next: how many places later still counts, with weight 1 / places
    gravity: float = 0.0  # next: how much a popular follower is held back

    half_life: float = 60.0  # days after which an entry of a history counts half
    half_length: float = 10.0  # later entries after which an entry counts half; 0: places do not matter
    lasting: float = 0.1  # what of an entry stays, however many came after it
    popular_half_life: float = 30.0  # days
    longest: int = 1000  # newest interactions of a person that training looks at
    threads: int = 1  # of BLAS and implicit, while training
    seed: int = 1


@dataclasses.dataclass(frozen=True)
class Interactions:
    """Who met what, when: parallel arrays in any order. Weights are 1 for what pleased most, 0 for what left cold, negative for a
    skip; `at` is POSIX seconds. Several rows of a person with one item count as one, summed into −1 … 1, at the newest time."""

    people: Ints
    items: Ints
    weights: Floats
    at: NDArray[np.float64]

    def __post_init__(self) -> None:
        if len({len(self.people), len(self.items), len(self.weights), len(self.at)}) != 1:
            raise ValueError("people, items, weights and at must be equally long")
        if not (np.isfinite(self.weights).all() and np.isfinite(self.at).all()):
            raise ValueError("weights and at must be finite")

    def __len__(self) -> int:
        return len(self.people)


class Ranked(NamedTuple):
    item: int
    score: (
        float  # only proportions within one ranking mean something; at or below 0 nothing speaks for the item
    )
    because: int | None  # the item of the history that gave most to the score; None where none gave anything


class _Table(NamedTuple):
    """Interactions as training wants them: one row a person and item, people and items numbered from 0, by person and time."""

    items: Ints  # the ids, ascending: place → id
    person: Ints
    item: Ints
    weight: Floats
    at: NDArray[np.float64]
    people: int

    def matrix(self, weights: Floats) -> sp.csr_matrix:
        """People × items with these weights; rows without weight are left out."""
        some = weights != 0
        return sp.csr_matrix(
            (weights[some], (self.person[some], self.item[some])),
            shape=(self.people, len(self.items)),
            dtype=np.float32,
        )


def train(interactions: Interactions, *, options: Options = Options(), now: float | None = None) -> "Model":
    """The Model of these interactions; `now` (POSIX seconds, the newest interaction by default) is when popularity is looked at.

    The same interactions in the same order of time give the same model. Time: head³ for EASE; (interactions + people +
    items) · rank² a round for iALS; the sum of the squared lengths of the histories (≤ interactions · longest) for the rest.
    Memory: head² · 20 bytes and (people + items) · rank · 4 bytes. No interactions give a model that ranks nothing."""
    table = _table(interactions, options.longest)
    if now is None:
        now = float(table.at.max()) if len(table.at) else 0.0
    liked = np.maximum(table.weight, 0)
    matrix = table.matrix(liked)
    parts: dict[str, NDArray[Any]] = {"items": table.items}
    parts["popularity"] = _popularity(table, liked, options, now)
    if len(table.items) and matrix.nnz:
        with threadpool_limits(options.threads):
            if options.ease:
                parts |= _ease(table, liked, options)
            if options.factors:
                parts |= _factors(table, options)
            if options.walk:
                parts |= _stored("walk", _walk(matrix, options))
            if options.next:
                parts |= _stored("next", _next(table, liked, options))
    return Model(parts, options)


def _table(raw: Interactions, longest: int) -> _Table:
    people, person = np.unique(raw.people, return_inverse=True)
    items, item = np.unique(raw.items, return_inverse=True)
    order = np.lexsort((item, raw.at, person))
    person, item = person[order], item[order]
    weight, at = np.asarray(raw.weights, np.float32)[order], np.asarray(raw.at, float)[order]
    # One row for a person and an item: the newest keeps its place in time and takes the sum.
    pair = person * max(len(items), 1) + item
    _pairs, newest, which = np.unique(pair[::-1], return_index=True, return_inverse=True)
    summed = np.bincount(which, weights=weight[::-1], minlength=len(newest))
    rows = len(pair) - 1 - newest
    back = np.argsort(rows, kind="stable")
    rows, summed = rows[back], summed[back]
    person, item, at = person[rows], item[rows], at[rows]
    weight = np.clip(summed, -1, 1).astype(np.float32)
    # The newest of each person: the place counted from the end of the person's rows.
    ends = np.searchsorted(person, person, side="right")
    recent = ends - np.arange(len(person)) <= longest
    return _Table(
        items.astype(np.int64), person[recent], item[recent], weight[recent], at[recent], len(people)
    )


def _popularity(table: _Table, liked: Floats, options: Options, now: float) -> Floats:
    fresh = _halved(now - table.at, options.popular_half_life * DAY)
    return np.bincount(table.item, weights=liked * fresh, minlength=len(table.items)).astype(np.float32)


def _halved(age: NDArray[Any], half_life: float) -> NDArray[np.float64]:
    if half_life <= 0:
        return np.ones(len(age))
    return np.exp2(-np.maximum(age, 0) / half_life)


def _ease(table: _Table, liked: Floats, options: Options) -> dict[str, NDArray[Any]]:
    """B = I − C / diag(C), C = (G + Λ)⁻¹, Λ = ridge · mean(diag(G)) + drop / (1 − drop) · diag(G), by Cholesky.

    G is XᵀX of EASE, where any two items of a history are met together, mixed with pairs that were met soon after one another:
    Bartlett's window keeps it positive semidefinite."""
    support = np.bincount(table.item, weights=liked, minlength=len(table.items))
    head = np.sort(np.argsort(-support, kind="stable")[: options.head])
    head = head[support[head] > 0]
    column = np.full(len(table.items), -1)
    column[head] = np.arange(len(head))
    kept = (column[table.item] >= 0) & (liked > 0)
    person, item, weight = table.person[kept], column[table.item[kept]], liked[kept].astype(np.float64)
    ours = sp.csr_matrix((weight, (person, item)), shape=(table.people, len(head)))
    gram = (1 - options.near) * (ours.T @ ours).toarray()
    if options.near:
        pairs = _pairs(
            person, item, weight, len(head), [1 - d / options.reach for d in range(1, options.reach)]
        )
        gram += options.near * (pairs + pairs.T).toarray()
        gram[np.diag_indices_from(gram)] += options.near * np.bincount(
            item, weights=weight**2, minlength=len(head)
        )
    diagonal = gram.diagonal().copy()
    ridge = options.ridge * diagonal.mean()
    gram[np.diag_indices_from(gram)] += ridge + options.drop / (1 - options.drop) * diagonal
    factor, failed = scipy.linalg.lapack.dpotrf(gram, lower=1, overwrite_a=1)
    inverse, broken = scipy.linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
    if failed or broken:
        raise ArithmeticError("the Gram matrix is not positive definite: ridge must be above 0")
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    weights = (-inverse / inverse.diagonal()).astype(np.float32)
    np.fill_diagonal(weights, 0)
    return {"head": head.astype(np.int64), "ease": np.ascontiguousarray(weights)}


def _factors(table: _Table, options: Options) -> dict[str, NDArray[Any]]:
    from implicit.cpu.als import AlternatingLeastSquares  # half a second, for training alone

    # implicit's convention: the sign says liked or not, the size is the confidence.
    confidence = np.where(table.weight < 0, -1, 1) * (1 + options.alpha * np.abs(table.weight))
    rank = min(options.rank, len(table.items))
    shrink = options.shrink * len(confidence) / (table.people + len(table.items))
    als = AlternatingLeastSquares(
        factors=rank,
        regularization=shrink,
        alpha=1.0,
        iterations=options.rounds,
        use_cg=False,
        num_threads=options.threads,
        random_state=options.seed,
    )
    with np.errstate(all="ignore"):
        als.fit(table.matrix(confidence.astype(np.float32)), show_progress=False)
    factors = np.ascontiguousarray(als.item_factors, dtype=np.float32)
    gram = factors.T.astype(np.float64) @ factors + shrink * np.eye(rank)
    return {"factors": factors, "gram": gram}


def _walk(matrix: sp.csr_matrix, options: Options) -> sp.csr_matrix:
    """Item → person → item, a row of `matrix` being a person's; RP3β with both steps raised to `hop`."""
    to_items = _rows_to_one(matrix)
    to_people = _rows_to_one(matrix.T.tocsr())
    to_items.data **= options.hop
    to_people.data **= options.hop
    degree = np.asarray(matrix.sum(axis=0)).ravel()
    return _nearest(lambda some: to_people[some] @ to_items, degree, options.beta, options.kept)


def _next(table: _Table, liked: Floats, options: Options) -> sp.csr_matrix:
    """What came 1 … window places later in a person's history, a place weighing 1 / distance; each row ends in sum one."""
    shares = [1 / distance for distance in range(1, options.window + 1)]
    chain = _pairs(table.person, table.item, liked, len(table.items), shares)
    degree = np.asarray(chain.sum(axis=0)).ravel()
    rows = _rows_to_one(chain)
    return _nearest(lambda some: rows[some], degree, options.gravity, options.kept)


def _pairs(
    person: Ints, item: Ints, weight: NDArray[Any], size: int, shares: Sequence[float]
) -> sp.csr_matrix:
    """Items × items: what a person met 1, 2, … places after what, each pair weighing the product of both times its share."""
    found = sp.csr_matrix((size, size), dtype=weight.dtype)
    for distance, share in enumerate(shares, 1):
        same = person[:-distance] == person[distance:]
        before, after = item[:-distance][same], item[distance:][same]
        strength = weight[:-distance][same] * weight[distance:][same] * share
        found = found + sp.csr_matrix((strength, (before, after)), shape=(size, size))
    found.eliminate_zeros()
    return found


def _rows_to_one(matrix: sp.csr_matrix) -> sp.csr_matrix:
    sums = np.asarray(matrix.sum(axis=1)).ravel()
    return sp.csr_matrix(sp.diags(np.divide(1, sums, out=np.zeros_like(sums), where=sums > 0)) @ matrix)


def _nearest(rows: Any, degree: NDArray[Any], beta: float, kept: int) -> sp.csr_matrix:
    """Items × items, each row with its `kept` highest values after division by degree^beta; block by block, so that memory stays
    with what is kept."""
    size = len(degree)
    held_back = np.where(degree > 0, degree, 1.0) ** -beta
    block = max(1, 20_000_000 // max(size, 1))
    pointers, places, values = [np.zeros(1, np.int64)], [np.zeros(0, np.int32)], [np.zeros(0, np.float32)]
    for start in range(0, size, block):
        some = np.arange(start, min(start + block, size))
        found = sp.coo_matrix(rows(some))
        value = found.data * held_back[found.col]
        keep = (found.col != some[found.row]) & (value > 0)
        row, column, value = found.row[keep], found.col[keep], value[keep]
        order = np.lexsort((column, -value, row))
        row, column, value = row[order], column[order], value[order]
        first = np.searchsorted(row, row, side="left")
        best = np.arange(len(row)) - first < kept
        row, column, value = row[best], column[best], value[best]
        counts = np.bincount(row, minlength=len(some))
        pointers.append(pointers[-1][-1] + np.cumsum(counts, dtype=np.int64))
        places.append(column.astype(np.int32))
        values.append(value.astype(np.float32))
    return sp.csr_matrix(
        (np.concatenate(values), np.concatenate(places), np.concatenate(pointers)), shape=(size, size)
    )


def _stored(name: str, matrix: sp.csr_matrix) -> dict[str, NDArray[Any]]:
    return {
        f"{name}_values": matrix.data.astype(np.float32),
        f"{name}_places": matrix.indices.astype(np.int32),
        f"{name}_starts": matrix.indptr.astype(np.int64),
    }


@functools.cache
def _blas() -> ThreadpoolController:
    """One history is too little for threads: where cores are busy, those of BLAS wait for one another ten times longer than they
    work."""
    return ThreadpoolController()


class _Entry(NamedTuple):
    """A history in the model's own numbers, newest last."""

    place: Ints
    strength: Floats  # the weight after its decay


class Model:
    """What training found. Reading it takes no locks and changes nothing, so threads may share one."""

    def __init__(self, parts: Mapping[str, NDArray[Any]], options: Options) -> None:
        # Views without numpy's memmap class: its own indexing costs more than the work behind it.
        self._parts = {name: np.asarray(part) for name, part in parts.items()}
        self.options = options
        self.items: Ints = self._parts["items"]
        self._popularity: Floats = self._parts["popularity"]
        self._column = np.full(len(self.items), -1, np.int32)
        if "head" in self._parts:
            self._column[self._parts["head"]] = np.arange(len(self._parts["head"]), dtype=np.int32)

    # -- asking ------------------------------------------------------------------------------------------------------------

    def scores(self, history: History, *, now: float) -> Floats:
        """A score for each of `items`, in their order; see Ranked.score. Unknown items of the history are ignored; where nothing
        of it is known or says anything, the score is how popular an item is. `now` is POSIX seconds; later entries count as of
        now."""
        entry = self._entry(history, now)
        with _blas().limit(limits=1):
            return self._blended(entry)[0]

    def rank(
        self, history: History, *, now: float, size: int, exclude: Collection[int] = frozenset()
    ) -> list[Ranked]:
        """The best `size` items, best first, without those in `exclude` and without those of the history itself. Equal scores
        go by id. Time: history · head + items · rank; a history of 200 on 4,000 + 100,000 items takes some milliseconds."""
        if size <= 0 or not len(self.items):
            return []
        entry = self._entry(history, now)
        with _blas().limit(limits=1):
            total, scales = self._blended(entry)
        left_out = self._places([*exclude, *(item for item, _weight, _at in history)])
        total = total.copy()
        total[left_out] = -np.inf
        best = _highest(total, size)
        best = best[np.isfinite(total[best])]
        with _blas().limit(limits=1):
            reasons = self._because(entry, best, scales)
        return [
            Ranked(int(self.items[place]), float(total[place]), because)
            for place, because in zip(best, reasons, strict=True)
        ]

    def similar(self, item: int, size: int) -> list[Ranked]:
        """The best items for somebody of whom nothing but this one item is known; none when the item is unknown."""
        if not len(self._places([item])):
            return []
        return [one for one in self.rank([(item, 1.0, 0.0)], now=0.0, size=size) if one.score > 0]

    # -- the parts of the blend --------------------------------------------------------------------------------------------

    def _places(self, ids: Iterable[int]) -> Ints:
        wanted = np.fromiter(ids, np.int64)
        if not len(wanted) or not len(self.items):
            return np.zeros(0, np.int64)
        places = np.minimum(np.searchsorted(self.items, wanted), len(self.items) - 1)
        return places[self.items[places] == wanted]

    def _entry(self, history: History, now: float) -> _Entry:
        if not len(self.items) or not history:
            return _Entry(np.zeros(0, np.int64), np.zeros(0, np.float32))
        ids = np.fromiter((item for item, _weight, _at in history), np.int64, len(history))
        weight = np.clip(np.fromiter((weight for _item, weight, _at in history), float, len(history)), -1, 1)
        at = np.fromiter((at for _item, _weight, at in history), float, len(history))
        strength = weight * _halved(now - at, self.options.half_life * DAY)
        later = _halved(np.arange(len(ids))[::-1], self.options.half_length)
        strength *= self.options.lasting + (1 - self.options.lasting) * later
        places = np.minimum(np.searchsorted(self.items, ids), len(self.items) - 1)
        known = (self.items[places] == ids) & (strength != 0)
        return _Entry(places[known], strength[known].astype(np.float32))

    def _blended(self, entry: _Entry) -> tuple[Floats, dict[str, float]]:
        """The score of every item, and by what each part was multiplied for it; where no part says a word, popularity."""
        scales: dict[str, float] = {}
        total = np.zeros(len(self.items), np.float32)
        for name, part in (self._heard(entry) if len(entry.place) else {}).items():
            scales[name] = self._scale(name, part)
            total += np.float32(scales[name]) * part
        return (total, scales) if any(scales.values()) else (self._shape(self._popularity), {})

    def _heard(self, entry: _Entry) -> dict[str, Floats]:
        """What each part says of every item."""
        heard: dict[str, Floats] = {}
        if self.options.ease and "ease" in self._parts:
            columns = self._column[entry.place]
            known = columns >= 0
            spread = np.zeros(len(self.items), np.float32)
            spread[self._parts["head"]] = entry.strength[known] @ self._parts["ease"][columns[known]]
            heard["ease"] = spread
        if self.options.factors and "factors" in self._parts:
            person = self._folded(entry).sum(axis=1)
            heard["factors"] = self._parts["factors"] @ person.astype(np.float32)
        for name in ("walk", "next"):
            if getattr(self.options, name) and f"{name}_starts" in self._parts:
                heard[name] = self._sparse(name, entry)
        if self.options.popular:
            heard["popular"] = self._popularity
        return heard

    def _scale(self, name: str, part: Floats) -> float:
        spread = float(part.std())
        if spread == 0 or (name == "factors" and np.abs(part).max() < NOISE):
            return 0.0
        return float(getattr(self.options, name)) / spread

    def _folded(self, entry: _Entry) -> NDArray[Any]:
        """rank × history: what each entry gives to the person's factors; their sum is the person (Hu et al., section 5)."""
        known = self._parts["factors"][entry.place].astype(np.float64)
        confidence = 1 + self.options.alpha * np.abs(entry.strength.astype(np.float64))
        system = self._parts["gram"] + known.T @ (known * (confidence - 1)[:, None])
        given = np.where(entry.strength > 0, confidence, 0.0)
        return np.linalg.solve(system, known.T * given)

    def _sparse(self, name: str, entry: _Entry) -> Floats:
        rows, places, values = self._rows(name, entry)
        return np.bincount(places, weights=values * entry.strength[rows], minlength=len(self.items)).astype(
            np.float32
        )

    def _rows(self, name: str, entry: _Entry) -> tuple[Ints, Ints, Floats]:
        """The neighbours of the history's items: which entry, which item, which value."""
        starts = self._parts[f"{name}_starts"]
        begin, end = starts[entry.place], starts[entry.place + 1]
        lengths = end - begin
        rows = np.repeat(np.arange(len(begin)), lengths)
        at = (
            np.arange(lengths.sum())
            - np.repeat(np.cumsum(lengths) - lengths, lengths)
            + np.repeat(begin, lengths)
        )
        return rows, self._parts[f"{name}_places"][at], self._parts[f"{name}_values"][at]

    def _because(self, entry: _Entry, best: Ints, scales: Mapping[str, float]) -> list[int | None]:
        """For each of the best the history's item that gave most."""
        if not scales or not len(best):
            return [None] * len(best)
        given = np.zeros((len(entry.place), len(best)))
        if scales.get("ease"):
            columns, targets = self._column[entry.place], self._column[best]
            rows = np.where(columns >= 0, entry.strength, 0)[:, None]
            shares = self._parts["ease"][np.maximum(columns, 0)[:, None], np.maximum(targets, 0)[None, :]]
            given += scales["ease"] * rows * shares * (targets >= 0)
        if scales.get("factors"):
            given += scales["factors"] * (self._parts["factors"][best] @ self._folded(entry)).T
        for name in ("walk", "next"):
            if scales.get(name):
                rows, places, values = self._rows(name, entry)
                wanted = np.full(len(self.items), -1, np.int32)
                wanted[best] = np.arange(len(best), dtype=np.int32)
                hits = wanted[places] >= 0
                np.add.at(
                    given,
                    (rows[hits], wanted[places[hits]]),
                    scales[name] * values[hits] * entry.strength[rows[hits]],
                )
        given[entry.strength <= 0] = 0  # "because you skipped" is no reason to show
        ids = self.items[entry.place[given.argmax(axis=0)]].tolist()
        some = (given.max(axis=0) > 0).tolist()
        return [item if evident else None for item, evident in zip(ids, some, strict=True)]

    @staticmethod
    def _shape(part: Floats) -> Floats:
        spread = float(part.std()) if len(part) else 0.0
        return part / np.float32(spread) if spread > 0 else part

    # -- keeping -----------------------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model into one .npz file (numpy.load reads it, without pickle): first beside it, then in its place."""
        path = Path(path)
        about = json.dumps({"format": FORMAT, "options": dataclasses.asdict(self.options)})
        parts = {"about": np.frombuffer(about.encode(), np.uint8), **self._parts}
        beside = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as file:
                for name, part in parts.items():
                    _write_aligned(file, f"{name}.npy", np.ascontiguousarray(part))
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Model":
        """The model of that file, its large arrays mapped into memory: the processes of a machine share them, and what is not
        asked for is not read. Raises OSError where there is no file, ValueError where it is none of ours or of another format."""
        try:
            with zipfile.ZipFile(path) as file:
                parts = {
                    info.filename.removesuffix(".npy"): _mapped(Path(path), info) for info in file.infolist()
                }
            about = json.loads(parts.pop("about").tobytes())
            if about["format"] != FORMAT:
                raise ValueError(f"a model of format {about['format']}, this is {FORMAT}")
            known = {field.name for field in dataclasses.fields(Options)}
            options = Options(**{name: value for name, value in about["options"].items() if name in known})
            return cls(parts, options)
        except (zipfile.BadZipFile, KeyError, TypeError) as error:
            raise ValueError(f"{path} is not a model") from error


def _highest(values: Floats, size: int) -> Ints:
    """The places of the highest values, highest first, equal ones in their order."""
    if size < len(values):
        least = np.partition(values, len(values) - size)[len(values) - size]
        above = np.flatnonzero(values > least)
        level = np.flatnonzero(values == least)[: size - len(above)]
        places = np.sort(np.concatenate([above, level]))
    else:
        places = np.arange(len(values))
    return places[np.argsort(-values[places], kind="stable")]


ALIGNMENT = 64  # bytes: mapped arrays begin where BLAS likes them to
LOCAL_HEADER = 30  # bytes of a zip member's local header before its name (APPNOTE.TXT 4.3.7)


def _write_aligned(file: zipfile.ZipFile, name: str, part: NDArray[Any]) -> None:
    """One .npy member, stored, its content aligned: a private extra field takes up the room, as zipalign does it."""
    info = zipfile.ZipInfo(name)
    large = part.nbytes >= 1 << 30
    room = -(file.start_dir + LOCAL_HEADER + len(name) + 4 + (20 if large else 0)) % ALIGNMENT
    info.extra = b"\xd9\x35" + room.to_bytes(2, "little") + bytes(room)
    with file.open(info, "w", force_zip64=large) as member:
        np.lib.format.write_array(member, part, allow_pickle=False)


def _mapped(path: Path, info: zipfile.ZipInfo) -> NDArray[Any]:
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{path} is not a model: {info.filename} is compressed")
    with path.open("rb") as file:
        file.seek(info.header_offset)
        header = file.read(LOCAL_HEADER)
        lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        start = info.header_offset + LOCAL_HEADER + lengths
        file.seek(start)
        head = io.BytesIO(file.read(min(info.file_size, 4096)))
    version = np.lib.format.read_magic(head)
    if version != (1, 0):
        raise ValueError(f"{path} is not a model: {info.filename} is of .npy {version}")
    shape, fortran, kind = np.lib.format.read_array_header_1_0(head)
    if kind.hasobject or fortran:
        raise ValueError(f"{path} is not a model: {info.filename} is not a plain array")
    if not np.prod(shape):
        return np.zeros(shape, kind)
    return np.memmap(path, dtype=kind, mode="r", offset=start + head.tell(), shape=shape)
