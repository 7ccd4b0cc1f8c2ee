"""How much a clip pleased somebody, as one number from what they did with it. Pure: no database, no settings.

Watch time alone says mostly how long a clip is. So it is compared only with how others watched clips of a similar length.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

# What each act says, as the share of the doubt it removes: label = 1 − Π (1 − weight). So acts add up without passing 1, and
# none of them is needed. Watching to the end of what few watch to the end says more than to the end of a short loop.
WATCHED = 0.55  # times how it was watched beside clips of its length, from 0 (least) to 1 (longest)
COMPLETED = 0.25  # times the share of viewings of its length that did not get to the end
LIKED = 0.50
SAVED = 0.50
SHARED = 0.60
FOLLOWED = 0.60  # followed the author from this clip
# A clip that was left at once. Less than a like weighs, because a thumb in a hurry is no judgement.
SKIPPED = -0.50

# Players stop a few frames early (as analytics.definitions.COMPLETION).
END = 0.95
BUCKETS = 12  # of duration, with the same number of viewings each
LEAST = 40  # viewings that a bucket needs to be one
STEPS = 32  # quantiles kept of a bucket
PRIOR = 30.0  # viewings' worth of trust in `_expected`, before there are any


def _expected(share: float) -> float:
    """Where a share of a clip's length stands among viewings when nothing has been measured yet: half at 0.58, end at 0.7."""
    return 1.0 - 2.0 ** (-1.74 * share)


@dataclass(frozen=True)
class Norms:
    """How clips of each length are usually watched.

    `edges` are the durations (ms) that part the buckets; `cuts` of each bucket its STEPS + 1 quantiles of
    watched time ÷ duration, ascending; `counts` how many viewings they stand for.

    Sources: bucket by duration, then quantile: Zhan et al., "Deconfounding Duration Bias in Watch-time Prediction" (KDD
    2022); only against the same length: Zheng et al., "DVR: Micro-Video Recommendation Optimizing Watch-Time-Gain under
    Duration Bias" (MM 2022). Within a bucket the share of the length is compared, not the milliseconds, because the last
    bucket is wide.
    """

    edges: tuple[float, ...] = ()
    cuts: tuple[tuple[float, ...], ...] = ((),)
    counts: tuple[int, ...] = (0,)

    @classmethod
    def fit(cls, durations: ArrayLike, watched: ArrayLike) -> "Norms":
        """Norms of viewings: milliseconds of clip and of watching, side by side. O(n log n); rows without length are left out."""
        length = np.asarray(durations, dtype=np.float64)
        share = np.asarray(watched, dtype=np.float64)
        if length.shape != share.shape:
            raise ValueError("Each viewing needs a duration and a watched time.")
        known = length > 0
        length, share = length[known], np.maximum(share[known], 0) / length[known]
        if not len(length):
            return cls()
        buckets = max(1, min(BUCKETS, len(length) // LEAST))
        edges = np.unique(np.quantile(length, np.arange(1, buckets) / buckets))
        edges = edges[edges < length.max()]
        # A bucket holds the lengths above the edge before it, up to and with its own edge.
        place = np.searchsorted(edges, length, side="left")
        steps = np.linspace(0, 1, STEPS + 1)
        cuts, counts = [], []
        for bucket in range(len(edges) + 1):
            inside = share[place == bucket]
            counts.append(len(inside))
            cuts.append(tuple(np.quantile(inside, steps).round(4).tolist()) if len(inside) else ())
        return cls(tuple(edges.tolist()), tuple(cuts), tuple(counts))

    def place(self, watched_ms: float, duration_ms: float) -> float:
        """Where a viewing stands among those of similar clips, from 0 to 1. Ties stand in the middle of what they tie with.

        Few viewings are mixed with a plain expectation, by their number. 0.0 for a clip without a length.
        """
        if duration_ms <= 0:
            return 0.0
        share = max(watched_ms, 0) / duration_ms
        bucket = bisect_left(self.edges, duration_ms)
        cuts, count = self.cuts[bucket], self.counts[bucket]
        if not count:
            return _expected(share)
        return (count * _quantile(cuts, share) + PRIOR * _expected(share)) / (count + PRIOR)

    def to_json(self) -> dict[str, Any]:
        """Plain lists and numbers, for `json.dumps` or a JSONField."""
        return {
            "edges": list(self.edges),
            "cuts": [list(cut) for cut in self.cuts],
            "counts": list(self.counts),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Norms":
        """What `to_json` gave. KeyError or TypeError for anything else; nothing at all for an empty mapping."""
        if not data:
            return cls()
        cuts = tuple(tuple(float(cut) for cut in bucket) for bucket in data["cuts"])
        edges, counts = tuple(map(float, data["edges"])), tuple(map(int, data["counts"]))
        if len(cuts) != len(edges) + 1 or len(counts) != len(cuts):
            raise TypeError("The buckets of the norms do not fit together.")
        return cls(edges, cuts, counts)


def _quantile(cuts: Sequence[float], value: float) -> float:
    low, high = bisect_left(cuts, value), bisect_right(cuts, value)
    last = len(cuts) - 1
    if low != high:  # on one cut or several: the middle of them
        return (low + high - 1) / 2 / last
    if low == 0:
        return 0.0
    if low > last:
        return 1.0
    below, above = cuts[low - 1], cuts[low]
    return (low - 1 + (value - below) / (above - below)) / last


def label(
    watched_ms: float,
    duration_ms: float,
    completions: int,
    *,
    liked: bool = False,
    saved: bool = False,
    shared: bool = False,
    followed: bool = False,
    quick_skip: bool = False,
    norms: Norms,
) -> float:
    """How much a clip pleased: from 0 (nothing) to 1 (very much), SKIPPED for one that was left at once.

    `watched_ms` and `completions` are what the person watched of it in all. A quick skip counts only while nothing speaks
    for the clip: who liked, saved, shared or finished it before has seen it already. Rises with every argument but
    `quick_skip` and `duration_ms`.
    """
    marked = liked or saved or shared or followed
    if quick_skip and not marked and completions < 1:
        return SKIPPED
    doubt = 1.0 - WATCHED * norms.place(watched_ms, duration_ms)
    if completions > 0:
        # The end of a clip that is usually left early says much; a second and third time say half as much again each.
        rarity = norms.place(END * duration_ms, duration_ms)
        doubt *= 1.0 - COMPLETED * rarity * (2.0 - 2.0 ** (1 - min(completions, 8)))
    for happened, weight in ((liked, LIKED), (saved, SAVED), (shared, SHARED), (followed, FOLLOWED)):
        if happened:
            doubt *= 1.0 - weight
    return 1.0 - doubt
