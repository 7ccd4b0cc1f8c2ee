"""Trains one model in a process of its own, whose memory goes when it is done. Started by videos.training.

Usage: python -m videos.training_child <interactions.npz> <model file> <now> <people to ask>
Prints one line of JSON: the figures on each asked person's held-out last liked item, and what training cost.
Imports the recommender and nothing else of ours.
"""

import json
import math
import sys
import time

import numpy as np

from videos.recommender import Interactions, Model, train

LIKED = 0.3  # from this label on a clip counts as liked
FEWEST = 5  # interactions of a person before they are asked
TOP = 10
MOST = 3_000_000  # interactions beyond which nothing is held out: training twice would take too long
SEED = 20_240_601


def read(path: str) -> Interactions:
    """The arrays that videos.training wrote."""
    with np.load(path, allow_pickle=False) as file:
        return Interactions(file["people"], file["items"], file["weights"], file["at"])


def held_out(found: Interactions, asked: int) -> "np.ndarray":
    """The rows that are held out: the last liked clip of up to `asked` people, drawn at random."""
    order = np.lexsort((found.at, found.people))
    liked = order[found.weights[order] >= LIKED]
    last = (
        liked[np.append(found.people[liked][1:] != found.people[liked][:-1], True)] if len(liked) else liked
    )
    people, counts = np.unique(found.people, return_counts=True)
    busy = people[counts >= FEWEST]
    last = last[np.isin(found.people[last], busy)]
    if len(last) > asked:
        last = np.random.default_rng(SEED).choice(last, asked, replace=False)
    return last


def measure(found: Interactions, asked: int, now: float) -> dict[str, float]:
    """NDCG@10 and the share of people whose held-out clip is among the first ten, for the model and for popularity."""
    last = held_out(found, asked)
    if not len(last) or len(found) > MOST:
        return {}
    rest = np.ones(len(found), bool)
    rest[last] = False
    known = Interactions(found.people[rest], found.items[rest], found.weights[rest], found.at[rest])
    model = train(known, now=now)
    items, counts = np.unique(known.items[known.weights >= LIKED], return_counts=True)
    popular = items[np.argsort(-counts, kind="stable")].tolist()
    order = np.lexsort((known.at, known.people))
    people, starts = np.unique(known.people[order], return_index=True)
    ends = np.append(starts[1:], len(order))
    sums = {"ndcg@10": 0.0, "hit@10": 0.0, "popular_ndcg@10": 0.0, "popular_hit@10": 0.0}
    for row in last:
        place = int(np.searchsorted(people, found.people[row]))
        mine = order[starts[place] : ends[place]]
        history = [(int(known.items[i]), float(known.weights[i]), float(known.at[i])) for i in mine[-200:]]
        seen = {int(known.items[i]) for i in mine}
        target = int(found.items[row])
        ranked = [one.item for one in model.rank(history, now=float(found.at[row]), size=TOP, exclude=seen)]
        plain = [item for item in popular[: TOP + len(seen)] if item not in seen][:TOP]
        for name, order_of in (("", ranked), ("popular_", plain)):
            if target in order_of:
                sums[f"{name}hit@10"] += 1
                sums[f"{name}ndcg@10"] += 1 / math.log2(order_of.index(target) + 2)
    return {name: round(total / len(last), 4) for name, total in sums.items()} | {"asked": len(last)}


def main(source: str, target: str, now: str, asked: str) -> None:
    """Measure, train on everything, save."""
    found = read(source)
    figures = measure(found, int(asked), float(now))
    model: Model = train(found, now=float(now))
    model.save(target)
    sys.stdout.write(json.dumps({"figures": figures, "cpu_seconds": round(time.process_time(), 2)}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
