"""Did following followers back pay off? Matching and difference in differences over a panel of followers × weeks.

Pure numbers: arrays in, an estimate with its interval out. What is read for it and when is reports.py's; the method in
words and its sources are in docs/decisions/follow-back.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BEFORE = 4  # weeks right before a follow-back that "before" means
HISTORY = 26  # weeks before it that matching looks at, as far as the follower was there
AFTER = 4  # weeks after it that "after" means; the week of the follow-back itself belongs to neither
NEIGHBOURS = 5
# Nobody further than this from the follower who was followed back counts as similar: root mean square over the traits, in
# standard deviations. Half as much again leaves a bias of half a point in retention (tests), half as much nobody to compare.
CALIPER = 0.5
LEVEL = 0.95
RESAMPLES = 2000
# Below these an interval would be a guess: it is said what is missing instead.
LEAST_FOLLOWED_BACK = 20
LEAST_COMPARED = 20
NEVER = np.int64(1_000_000)
RETENTION = "retention"
RIDGE = 0.01
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Panel:
    """Whole weeks of one creator's followers: row = follower, column = week, oldest first.

    `figures` holds what is compared, by name, each as (followers, weeks); `active` says in which weeks the follower was
    there at all. `followed` is the week in which each began to follow (negative: before the panel), `back` the week in
    which the creator followed them back, NEVER for those not followed back. `besides` is compared, but not matched on.
    """

    figures: Mapping[str, Floats]
    active: Floats
    followed: Ints
    back: Ints
    besides: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def weeks(self) -> int:
        return int(self.active.shape[1])


@dataclass(frozen=True)
class Effect:
    """A difference in differences a week: `value` between `low` and `high` with 95 % confidence.

    `before` and `after` are the weekly means of those followed back, `other_before` and `other_after` of their matches.
    """

    value: float
    low: float
    high: float
    before: float
    after: float
    other_before: float
    other_after: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out "no effect"."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Missing:
    """Why there is no estimate: how many followers could be used of each kind, and how many it takes."""

    followed_back: int
    compared: int
    too_new: (
        int  # followed back too soon after they began to follow, or too lately, to have weeks on both sides
    )
    alone: int  # followed back, but nobody similar was not


@dataclass(frozen=True)
class Estimate:
    """What was found: an effect for each figure and for `retention` (the share of weeks in which a follower was there)."""

    effects: dict[str, Effect]
    followed_back: int
    compared: int
    too_new: int
    alone: int
    # How far apart the two groups were before, in standard deviations, before and after matching: the worst trait.
    apart_before: float
    apart_after: float
    who: Ints  # the rows of those followed back who could be compared


def usable(followed: Ints, back: Ints, weeks: int) -> npt.NDArray[np.bool_]:
    """Who was followed back with BEFORE whole weeks of following before and AFTER whole weeks after, inside the panel."""
    return (back < NEVER) & (back - BEFORE > followed) & (back - BEFORE >= 0) & (back + AFTER <= weeks - 1)


def estimate(panel: Panel, *, seed: int = 0) -> Estimate | Missing:
    """The effect of following back on those who were followed back (ATT), or what is missing to tell.

    Each of them is compared with at most NEIGHBOURS followers who, in the same calendar week, were not followed back and
    stayed so for AFTER weeks, nearest in engagement of the weeks right before, of the weeks before those, in how often
    they were there and in how long they had followed (Imai, Kim & Wang 2023; with replacement, within CALIPER). What
    difference is left is taken out by regression among the matches (Abadie & Imbens 2011). Matching on both stretches of
    the past, not on the difference alone, is what keeps regression to the mean out when the most engaged of a good week
    are the ones followed back (Daw & Hatfield 2018).

    Weeks are first averaged to one number before and one after (Bertrand, Duflo & Mullainathan 2004). Intervals: the
    bootstrap of each follower's own share in the estimate, everything of one follower together (Otsu & Rai 2017);
    drawing followers and matching anew would be wrong (Abadie & Imbens 2008). Bias-corrected and accelerated
    (Efron 1987). Deterministic for a `seed`.

    Cost: O(followed back × followers) in blocks of 64, some 100 MB at most with 20,000 followers.
    """
    usable_rows = usable(panel.followed, panel.back, panel.weeks)
    too_new = int(np.count_nonzero((panel.back < NEVER) & ~usable_rows))
    outcomes = {**panel.figures, **panel.besides, RETENTION: panel.active}
    pieces: list[_Week] = []
    for week in np.unique(panel.back[usable_rows]):
        piece = _match(panel, outcomes, int(week), np.flatnonzero(usable_rows & (panel.back == week)))
        if piece is not None:
            pieces.append(piece)
    matched = sum(len(piece.treated) for piece in pieces)
    alone = int(np.count_nonzero(usable_rows)) - matched
    compared = np.unique(np.concatenate([piece.controls for piece in pieces])) if pieces else np.empty(0)
    if matched < LEAST_FOLLOWED_BACK or len(compared) < LEAST_COMPARED:
        return Missing(matched, len(compared), too_new, alone)
    rng = np.random.default_rng(seed)
    who = np.concatenate([piece.treated for piece in pieces])
    effects = {name: _effect(pieces, name, len(panel.back), rng) for name in outcomes}
    return Estimate(effects, matched, len(compared), too_new, alone, *_balance(pieces), who)


# --- Matching -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Week:
    """The comparisons of one calendar week. `controls` are those used at least once, `weight` how much each counts."""

    treated: Ints
    controls: Ints
    weight: Floats
    room: tuple[
        Floats, Floats
    ]  # of treated and controls: the share of weeks before in which they were not there
    later: (
        Floats  # of each control: the share of the weeks after in which they had been followed back meanwhile
    )
    traits_treated: Floats
    traits_controls: Floats
    traits_everybody: Floats
    change: dict[str, tuple[Floats, Floats]]  # by figure: after less before, of treated and of controls
    levels: dict[
        str, tuple[float, float, float, float]
    ]  # sums of before, after; of treated and of weighted controls


def _match(panel: Panel, outcomes: Mapping[str, Floats], week: int, treated: Ints) -> _Week | None:
    controls = np.flatnonzero((panel.back > week) & (panel.followed < week - BEFORE))
    if len(controls) < NEIGHBOURS:
        return None
    both = np.concatenate([treated, controls])
    traits = _traits(panel, both, week)
    spread = traits[len(treated) :].std(axis=0)
    traits = traits / np.where(spread > 1e-9, spread, 1.0)
    of_treated, of_controls = traits[: len(treated)], traits[len(treated) :]
    weight = np.zeros(len(controls))
    kept = np.zeros(len(treated), dtype=bool)
    for start in range(0, len(treated), 64):
        block = np.abs(of_treated[start : start + 64, None, :] - of_controls[None, :, :])
        distance = (block**2).mean(axis=2)
        distance = np.where(distance <= CALIPER**2, distance, np.inf)
        count = min(NEIGHBOURS, distance.shape[1])
        nearest = np.argpartition(distance, count - 1, axis=1)[:, :count]
        near = np.isfinite(np.take_along_axis(distance, nearest, axis=1))
        found = near.sum(axis=1)
        kept[start : start + 64] = found > 0
        share = near / np.maximum(found, 1)[:, None]
        np.add.at(weight, nearest.ravel(), share.ravel())
    if not kept.any():
        return None
    used = np.flatnonzero(weight)
    treated, chosen, weight = treated[kept], controls[used], weight[used]
    change, levels = {}, {}
    for name, values in outcomes.items():
        before = values[:, week - BEFORE : week].mean(axis=1)
        after = values[:, week + 1 : week + 1 + AFTER].mean(axis=1)
        change[name] = (after - before)[treated], (after - before)[chosen]
        levels[name] = (
            float(before[treated].sum()),
            float(after[treated].sum()),
            float(weight @ before[chosen]),
            float(weight @ after[chosen]),
        )
    after_weeks = np.arange(week + 1, week + 1 + AFTER)[None, :] - panel.back[chosen][:, None]
    later = np.where(after_weeks > 0, 1.0, np.where(after_weeks == 0, 0.5, 0.0)).mean(axis=1)
    away = 1 - (panel.active[:, week - BEFORE : week].sum(axis=1) + 0.5) / (BEFORE + 1)
    return _Week(
        treated,
        chosen,
        weight,
        (away[treated], away[chosen]),
        later,
        of_treated[kept],
        of_controls[used],
        traits,
        change,
        levels,
    )


def _traits(panel: Panel, people: Ints, week: int) -> Floats:
    """What makes two followers similar in a week. Square roots: counts spread as their mean does, their roots evenly."""
    followed = panel.followed[people]
    start = max(week - HISTORY, 0)
    # Weeks between the beginning of following (or of the panel) and the BEFORE weeks.
    there = np.arange(start, week - BEFORE)[None, :] > followed[:, None]
    length = there.sum(axis=1)
    columns = []
    for values in (*panel.figures.values(), panel.active):
        recent = values[people, week - BEFORE : week].mean(axis=1)
        earlier = (values[people, start : week - BEFORE] * there).sum(axis=1) / np.maximum(length, 1)
        # Whoever has no earlier weeks is as they were lately; how long they followed is a trait of its own.
        columns += [np.sqrt(recent), np.sqrt(np.where(length > 0, earlier, recent))]
    columns.append(np.log1p(np.minimum(week - followed, 4 * HISTORY).astype(np.float64)))
    return np.column_stack(columns)


# --- The effect and its interval ------------------------------------------------------------------------------


def _effect(pieces: list[_Week], name: str, people: int, rng: np.random.Generator) -> Effect:
    """The effect on one figure: what those followed back changed by, less what their matches did, for each follow-back.

    Some matches were followed back themselves meanwhile. Leaving them out would choose the compared by what they did
    afterwards, so they stay, counted as followed back for a part of the weeks: the difference in change is divided by the
    difference in being followed back, as in g-estimation (Robins 1994), with one effect for all. Nobody comes back in
    more weeks than there are, so the effect on retention goes by the weeks that were left to win.
    """
    treated = sum(len(piece.treated) for piece in pieces)
    room = sum(piece.room[0].sum() for piece in pieces) / treated if name == RETENTION else 0.0
    doses = [
        (piece.room[0] / room, piece.later * piece.room[1] / room)
        if room
        else (np.ones(len(piece.treated)), piece.later)
        for piece in pieces
    ]
    # Weeks apart: the ups and downs of a week are in both groups and go out with the weighted mean of the matches.
    centred = [
        (piece.traits_treated - centre, piece.traits_controls - centre)
        for piece in pieces
        for centre in [piece.weight @ piece.traits_controls / piece.weight.sum()]
    ]
    gram = sum(
        (near * piece.weight[:, None]).T @ near for piece, (_own, near) in zip(pieces, centred, strict=True)
    )
    inverse = np.linalg.inv(gram + np.eye(len(gram)) * RIDGE * treated)
    # Regression among the matches is a second weight: it takes out by how far they are from those followed back.
    pull = inverse @ sum(own.sum(axis=0) for own, _near in centred)
    weights = [piece.weight * (1 + near @ pull) for piece, (_own, near) in zip(pieces, centred, strict=True)]
    above = sum(
        piece.change[name][0].sum() - weight @ piece.change[name][1]
        for piece, weight in zip(pieces, weights, strict=True)
    )
    below = sum(own.sum() - weight @ others for weight, (own, others) in zip(weights, doses, strict=True))
    value = float(above / below)

    bare = [
        piece.change[name][1] - value * others for piece, (_own, others) in zip(pieces, doses, strict=True)
    ]
    slope = inverse @ sum(
        (near * piece.weight[:, None]).T @ changed
        for piece, changed, (_own, near) in zip(pieces, bare, centred, strict=True)
    )
    shares, counts = np.zeros(people), np.zeros(people)  # each follower's part above and below
    for piece, weight, changed, (own, others), (far, near) in zip(
        pieces, weights, bare, doses, centred, strict=True
    ):
        middle = piece.weight @ changed / piece.weight.sum()
        np.add.at(shares, piece.treated, piece.change[name][0] - middle - far @ slope)
        np.add.at(counts, piece.treated, own)
        # Residuals as if each match had been left out (HC3, MacKinnon & White 1985): a week may have few.
        leverage = piece.weight * (1 / piece.weight.sum() + ((near @ inverse) * near).sum(axis=1))
        residual = (changed - middle - near @ slope) / (1 - np.minimum(leverage, 0.5))
        np.add.at(shares, piece.controls, -weight * (residual + value * others))
        np.add.at(counts, piece.controls, -weight * others)
    taking_part = (shares != 0) | (counts != 0)
    low, high = _interval(shares[taking_part], counts[taking_part], value, rng)
    sums = np.array([piece.levels[name] for piece in pieces]).sum(axis=0) / treated
    return Effect(value, low, high, *(float(number) for number in sums))


def _interval(shares: Floats, counts: Floats, value: float, rng: np.random.Generator) -> tuple[float, float]:
    """BCa interval of Σ shares / Σ counts, drawing followers."""
    size = len(shares)
    draws = np.empty(RESAMPLES)
    for number in range(RESAMPLES):
        times = np.bincount(rng.integers(size, size=size), minlength=size)
        total = times @ counts
        draws[number] = times @ shares / total if total else value
    # Acceleration from the influence of each follower (the infinitesimal jackknife).
    influence = shares - value * counts
    cubed = float((influence**2).sum()) ** 1.5
    accelerate = float((influence**3).sum()) / (6 * cubed) if cubed > 0 else 0.0
    below = (np.count_nonzero(draws < value) + np.count_nonzero(draws == value) / 2) / RESAMPLES
    shift = _NORMAL.inv_cdf(min(max(below, 1 / RESAMPLES), 1 - 1 / RESAMPLES))
    ends = []
    for tail in ((1 - LEVEL) / 2, (1 + LEVEL) / 2):
        z = shift + _NORMAL.inv_cdf(tail)
        ends.append(_NORMAL.cdf(shift + z / (1 - accelerate * z)))
    low, high = np.quantile(draws, ends)
    return float(low), float(high)


def _balance(pieces: list[_Week]) -> tuple[float, float]:
    """The worst trait's distance between the groups, before and after matching, in standard deviations."""
    total = sum(len(piece.treated) for piece in pieces)
    apart: Any = sum(
        len(p.treated) * (p.traits_treated.mean(axis=0) - p.traits_everybody.mean(axis=0)) for p in pieces
    )
    left: Any = sum(
        len(p.treated) * (p.traits_treated.mean(axis=0) - p.weight @ p.traits_controls / p.weight.sum())
        for p in pieces
    )
    return float(np.abs(apart / total).max()), float(np.abs(left / total).max())
