"""The laboratory: videos.recommender on MovieLens 100k, full ranking, against its rivals; and what training and ranking cost.

    python -m tests.benchmarks.recommender [--quick]

What is measured is `train` and `Model.rank` themselves, asked as the site asks them: a history, a time, what to leave out. Models
see the training part only; histories too; the validation part is left out of what is ranked for the test (RecBole's protocol).
Every choice (CHOICES of ours, settings of the rivals) is made on the validation parts of the first seeds (TRIED_ON); the test is
looked at once. Seeds move the random split, the order of equal times and the start of iALS. Intervals are 95 % of Student's t
over the seeds where the split is drawn, over people where there is one split; p values are of paired tests on people (their
means over the seeds): the t test and Wilcoxon's, the larger one is printed.
"""

import dataclasses
import json
import statistics
import sys
import time

import numpy as np
from scipy import stats

from videos.recommender import Interactions, Options, train

from . import movielens, rivals
from .movielens import DEPTH, TEST, TRAIN, VALIDATION

SEEDS = (1, 2, 3, 4, 5)
TRIED_ON = 2  # seeds
# What is tried on the validation parts. "random" has no order in time: what was watched last says nothing there.
UNORDERED = Options(half_life=0, half_length=0, factors=1.0)
CHOICES = {
    "random": [
        UNORDERED,
        dataclasses.replace(UNORDERED, walk=0, next=0),
    ],
    "time": [
        Options(),
        Options(half_length=5, lasting=0, factors=1.0, walk=0.4, next=0.35),
        Options(half_length=20, lasting=0.25),
    ],
}


def ours(data, parts, asked, options, seed):
    """`Model.rank` of every person: people × DEPTH."""
    rows = parts == TRAIN
    weights = np.ones(rows.sum(), np.float32)
    model = train(
        Interactions(data.person[rows], data.item[rows], weights, data.at[rows]),
        options=dataclasses.replace(options, seed=seed),
    )
    lists = np.full((data.people, DEPTH), -1)
    order = np.lexsort((data.at, data.person))
    for person, known in enumerate(np.split(order, np.cumsum(np.bincount(data.person))[:-1])):
        history = [(int(data.item[row]), 1.0, float(data.at[row])) for row in known if parts[row] == TRAIN]
        left_out = {int(data.item[row]) for row in known if parts[row] < asked}
        ranked = model.rank(history, now=history[-1][2], size=DEPTH, exclude=left_out)
        lists[person, : len(ranked)] = [one.item for one in ranked]
    return lists


def theirs(data, parts, asked, rival, settings, seed):
    scores = rival(data, movielens.matrix(data, parts == TRAIN), seed, **settings)
    return movielens.best(scores, movielens.matrix(data, parts < asked))


def chosen(data, splits, candidates, lists_of):
    """The candidate with the highest mean NDCG on the validation parts of the first seeds."""
    if len(candidates) == 1:
        return candidates[0]

    def found(candidate):
        return statistics.mean(
            movielens.quality(
                data, parts, VALIDATION, lists_of(parts, VALIDATION, candidate, seed)
            ).ndcg.mean()
            for seed, parts in list(splits.items())[:TRIED_ON]
        )

    return max(candidates, key=found)


@dataclasses.dataclass(frozen=True)
class Result:
    """Of one contestant on one kind of split: seeds × people, and means over the seeds."""

    ndcg: np.ndarray
    recall: float
    coverage: float
    choice: object

    @property
    def mean(self):
        return float(self.ndcg.mean())

    def interval(self, order):
        sample = self.ndcg.mean(axis=1) if order == "random" else self.ndcg.mean(axis=0)
        return float(stats.sem(sample) * stats.t.ppf(0.975, len(sample) - 1))


def measured(data, splits, candidates, lists_of):
    choice = chosen(data, splits, candidates, lists_of)
    found = [
        movielens.quality(data, parts, TEST, lists_of(parts, TEST, choice, seed))
        for seed, parts in splits.items()
    ]
    return Result(
        np.array([one.ndcg for one in found]),
        statistics.mean(float(one.recall.mean()) for one in found),
        statistics.mean(one.coverage for one in found),
        choice,
    )


def apart(one, other):
    """The larger p of the paired t test and Wilcoxon's signed ranks, over people."""
    first, second = one.ndcg.mean(axis=0), other.ndcg.mean(axis=0)
    return max(stats.ttest_rel(first, second).pvalue, stats.wilcoxon(first, second).pvalue)


def contest_of_ours(order, seeds, candidates):
    data = movielens.ratings()
    return measured(
        data,
        {seed: movielens.split(data, order, seed) for seed in seeds},
        candidates,
        lambda parts, asked, options, seed: ours(data, parts, asked, options, seed),
    )


def contest(order, seeds, quick):
    """The results of all contestants by name, ours first."""
    data = movielens.ratings()
    splits = {seed: movielens.split(data, order, seed) for seed in seeds}
    results = {"ours": contest_of_ours(order, seeds, CHOICES[order][:1] if quick else CHOICES[order])}
    for name, (rival, settings) in rivals.RIVALS.items():
        results[name] = measured(
            data,
            splits,
            settings,
            lambda parts, asked, setting, seed, rival=rival: theirs(data, parts, asked, rival, setting, seed),
        )
    return results


TARGETS = {"random": {}, "time": {"EASE": "≥ 1.05", "popularity": "≥ 1.6"}}


def quality_rows(order, seeds, quick):
    results = contest(order, seeds, quick)
    mine = results["ours"]
    split = {"random": "random 8:1:1", "time": "time-ordered 8:1:1"}[order]
    said = f"± {mine.interval(order):.4f}, {len(seeds)} seeds"
    if order == "random":
        yield row(
            f"For You on MovieLens 100k, {split} (NDCG@10 {said}) against the target",
            mine.mean,
            0.33,
            "NDCG@10",
            "≥ 1",
        )
    for name, other in results.items():
        if name != "ours":
            p = apart(mine, other)
            where = f"± {mine.interval(order):.4f} / {other.interval(order):.4f}, paired p {p:.1g}"
            yield row(
                f"{split}: For You against {name} ({where})",
                mine.mean,
                other.mean,
                "NDCG@10",
                TARGETS[order].get(name, ""),
            )
    if order == "time":
        plain = contest_of_ours(order, seeds, [Options()])
        p = apart(plain, results["EASE"])
        what = f"{split}: with the options that the site trains with, against EASE (paired p {p:.1g})"
        yield row(what, plain.mean, results["EASE"].mean, "NDCG@10", "≥ 1.05")
    for name, other in results.items():
        if name == "EASE":
            yield row(f"{split}: recall against EASE", mine.recall, other.recall, "recall@10")
            yield row(
                f"{split}: share of the catalogue shown, against EASE",
                mine.coverage,
                other.coverage,
                "of items",
            )
    plain = Options()
    changed = {
        key: value for key, value in dataclasses.asdict(mine.choice).items() if value != getattr(plain, key)
    }
    settings = {name: other.choice for name, other in results.items() if name != "ours" and other.choice}
    print(
        f"{split}: chosen on the validation part: ours {changed or 'the defaults'}; {settings}",
        file=sys.stderr,
    )


def row(name, ours, baseline, unit, target="", digits=4):
    return {
        "name": name,
        "ours": round(ours, digits),
        "baseline": round(baseline, digits) if baseline is not None else None,
        "unit": unit,
        "ratio": round(ours / baseline, 3) if baseline else None,
        "target": target,
    }


# --- What it costs ------------------------------------------------------------------------------------------------------


def network(people, items, each, seed=1):
    """Interactions of a network with popular and unpopular clips (Zipf) and tastes (a taste is a stretch of the catalogue)."""
    dice = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), each)
    popular = (items * dice.random(len(person)) ** 3).astype(np.int64)
    near = (person * 7919 % items + (items / 50 * dice.standard_normal(len(person))).astype(np.int64)) % items
    item = np.where(dice.random(len(person)) < 0.5, popular, near)
    at = 1_700_000_000 + dice.random(len(person)) * 30 * 86400
    return Interactions(person, item, dice.random(len(person)).astype(np.float32), at)


def cost_rows(quick):
    """CPU time of this process, which is steady under load; training is told to use one thread, ranking does by itself."""
    people, items, each = (2_000, 4_000, 50) if quick else (10_000, 20_000, 50)
    taken, models = [], []
    for times in (1, 2):
        data = network(people * times, items * times, each)
        began = time.process_time()
        models.append(train(data))
        taken.append(time.process_time() - began)
    met, who, what = (f"{2 * number:,}" for number in (people * each, people, items))
    what = f"training on {met} interactions of {who} people with {what} clips, against half of each"
    yield row(what, taken[1], taken[0], "CPU s", digits=2)
    model, now = models[1], 1_700_000_000 + 30 * 86400.0
    dice = np.random.default_rng(2)
    for length in (5, 200):
        spent = []
        for _turn in range(30):
            history = [(int(item), 1.0, now) for item in dice.choice(model.items, length)]
            began = time.process_time()
            model.rank(history, now=now, size=200)
            spent.append(time.process_time() - began)
        yield row(
            f"ranking {len(model.items):,} clips for a history of {length}, median",
            statistics.median(spent) * 1000,
            None,
            "CPU ms",
            digits=1,
        )


def main():
    quick = "--quick" in sys.argv
    for order in ("random", "time"):
        for one in quality_rows(order, SEEDS[:2] if quick else SEEDS, quick):
            print(json.dumps(one, ensure_ascii=False), flush=True)
    for one in cost_rows(quick):
        print(json.dumps(one, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
