"""What the recommender is measured against: each takes what was seen and gives people × items scores. Their settings are tried on
the validation part like ours."""

import numpy as np
import scipy.sparse as sp

DAY = 86400.0


def popularity(data, train, seed, **_nothing):
    """How many saw it."""
    return np.broadcast_to(train.sum(axis=0), train.shape)


def item_knn(data, train, seed, *, near, shrink):
    """Cosine of items with shrinkage, the `near` nearest of each (Sarwar et al., WWW 2001)."""
    together = train.T @ train
    size = np.sqrt(together.diagonal())
    alike = together / (size[:, None] * size[None, :] + shrink + 1e-9)
    np.fill_diagonal(alike, 0)
    least = np.partition(alike, -near, axis=0)[-near]
    alike[alike < least[None, :]] = 0
    return train @ alike


def ials(data, train, seed, *, rank, alpha, shrink):
    """Hu, Koren, Volinsky (ICDM 2008) by the implicit wheel, as anybody would call it."""
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=rank, regularization=shrink, alpha=1 + alpha, iterations=15, num_threads=1, random_state=seed
    )
    model.fit(sp.csr_matrix(train), show_progress=False)
    return model.user_factors @ model.item_factors.T


def ease(data, train, seed, *, ridge):
    """Steck (WWW 2019), written down once more so that it shares no line with what it is compared to."""
    gram = (train.T @ train).astype(np.float64)
    gram[np.diag_indices_from(gram)] += ridge
    inverse = np.linalg.inv(gram)
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return train @ weights.astype(np.float32)


def peer(data, train, seed, *, days):
    """The score formula of the nearest peer: freshness .25, engagement .35, personalisation .30, creator .10, and 30 % of what
    is shown drawn at random.

    MovieLens has neither uploads nor creators: freshness falls by e in `days` from an item's first rating (a million: all are as
    fresh), engagement is the share of likes (four stars or more) times the share of views of the most viewed, personalisation
    the overlap of an item's genres with those of what the person saw, creator the mean engagement of its genres."""
    rows = train[data.person, data.item] > 0
    item, at = data.item[rows], data.at[rows]
    first = np.full(data.items, at.max())
    np.minimum.at(first, item, at)
    freshness = np.exp(-(at.max() - first) / (days * DAY))
    views = np.bincount(item, minlength=data.items)
    likes = np.bincount(item, weights=data.stars[rows] >= 4, minlength=data.items)
    engagement = likes / np.maximum(views, 1) * views / views.max()
    classes = data.classes / np.maximum(data.classes.sum(axis=1, keepdims=True), 1)
    taste = train @ classes
    taste /= np.maximum(np.linalg.norm(taste, axis=1, keepdims=True), 1e-9)
    personal = taste @ classes.T
    creator = classes @ (engagement @ classes / np.maximum(classes.sum(axis=0), 1e-9))
    scores = 0.25 * freshness + 0.35 * engagement + 0.30 * personal + 0.10 * creator
    # Three places of ten in the mean go to items drawn at random, each anywhere between the best and the tenth of the formula.
    dice = np.random.default_rng(seed)
    unseen = np.where(train > 0, -np.inf, scores)
    tenth, first_place = np.sort(unseen, axis=1)[:, [-10, -1]].T
    drawn = dice.random(scores.shape) < 3 / data.items
    places = tenth[:, None] + dice.random(scores.shape) * (first_place - tenth)[:, None]
    return np.where(drawn, places, scores)


# The contestants and what is tried of each.
RIVALS = {
    "popularity": (popularity, [{}]),
    "item-kNN": (item_knn, [{"near": near, "shrink": 10} for near in (20, 50, 100, 200)]),
    "iALS": (
        ials,
        [
            {"rank": rank, "alpha": alpha, "shrink": 20}
            for rank, alpha in ((32, 1), (64, 1), (64, 2), (64, 4))
        ],
    ),
    "EASE": (ease, [{"ridge": ridge} for ridge in (100, 200, 300, 500)]),
    "the peer's formula": (peer, [{"days": days} for days in (1, 30, 1_000_000)]),
}
