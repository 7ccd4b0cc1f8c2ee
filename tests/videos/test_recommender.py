"""What the recommender promises to those who feed it and ask it; tests/benchmarks/recommender.py measures how well it does."""

import dataclasses
import math
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videos.recommender import Interactions, Model, Options, train

DAY = 86400.0
NOW = 1_700_000_000.0
EVERYTHING = Options(ease=1, factors=0.3, walk=0.3, next=0.3, popular=0.1, rank=8, rounds=5)
COOKS, DANCES = range(100, 120), range(200, 220)


def interactions(rows):
    people, items, weights, at = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Interactions(
        np.array(people, np.int64),
        np.array(items, np.int64),
        np.array(weights, np.float32),
        np.array(at, float),
    )


def two_tastes(people=60, each=8):
    """Half of the people watch cooking, half dances."""
    dice = np.random.default_rng(7)
    rows = []
    for person in range(people):
        taste = COOKS if person % 2 else DANCES
        for place, item in enumerate(dice.choice(taste, each, replace=False)):
            rows.append((person, int(item), 1.0, NOW - 50_000 + 100 * place + person))
    return rows


@pytest.fixture(scope="module")
def model():
    return train(interactions(two_tastes()), options=EVERYTHING, now=NOW)


def watched(*items, weight=1.0, at=NOW):
    return [(item, weight, at) for item in items]


class TestRanking:
    def test_somebody_unknown_to_training_gets_their_own_taste(self, model):
        best = model.rank(watched(100, 101, 102), now=NOW, size=10)
        assert all(one.item in COOKS for one in best)

    @pytest.mark.parametrize("part", ["ease", "factors", "walk", "next"])
    def test_each_part_alone_knows_the_taste(self, part):
        alone = dict.fromkeys(("ease", "factors", "walk", "next", "popular"), 0.0) | {part: 1.0}
        model = train(interactions(two_tastes()), options=dataclasses.replace(EVERYTHING, **alone), now=NOW)
        best = model.rank(watched(100, 101, 102), now=NOW, size=5)
        assert all(one.item in COOKS for one in best)
        assert all(one.because in (100, 101, 102) for one in best)

    def test_the_history_and_what_is_excluded_stay_out(self, model):
        ranked = model.rank(watched(100, 101), now=NOW, size=1000, exclude={102, 103, 999_999})
        assert {one.item for one in ranked} == (set(COOKS) | set(DANCES)) - {100, 101, 102, 103}

    def test_the_best_come_first_and_their_scores_are_those_of_scores(self, model):
        history = watched(100, 205, 101)
        ranked = model.rank(history, now=NOW, size=12)
        scores = dict(zip(model.items.tolist(), model.scores(history, now=NOW).tolist(), strict=True))
        assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
        assert all(math.isclose(one.score, scores[one.item], rel_tol=1e-6) for one in ranked)

    def test_because_is_the_clip_of_the_history_that_speaks_for_it(self, model):
        for one in model.rank(watched(100, 200), now=NOW, size=10):
            assert one.because == (100 if one.item in COOKS else 200)

    def test_what_was_skipped_speaks_against_its_kind_and_is_no_reason(self, model):
        history = [*watched(100, 101, weight=-1.0), *watched(200)]
        best = model.rank(history, now=NOW, size=8)
        assert all(one.item in DANCES and one.because == 200 for one in best)

    def test_with_nothing_known_the_popular_come_without_a_reason(self, model):
        count = dict.fromkeys(model.items.tolist(), 0)
        for _person, item, _weight, _at in two_tastes():
            count[item] += 1
        for history in ([], watched(999_999), watched(100, weight=0.0)):
            best = model.rank(history, now=NOW, size=1)[0]
            assert count[best.item] == max(count.values())
            assert best.because is None

    def test_an_old_taste_gives_way_to_a_new_one(self, model):
        history = [*watched(100, 101, 102, at=NOW - 20 * EVERYTHING.half_life * DAY), *watched(200)]
        assert model.rank(history, now=NOW, size=1)[0].item in DANCES

    def test_similar_knows_its_kind_and_never_names_itself(self, model):
        alike = model.similar(210, 5)
        assert len(alike) == 5
        assert all(one.item in DANCES and one.item != 210 for one in alike)
        assert model.similar(999_999, 5) == []

    def test_asking_for_none_gives_none(self, model):
        assert model.rank(watched(100), now=NOW, size=0) == []


class TestTraining:
    def test_the_same_interactions_give_the_same_model_in_any_order_of_rows(self):
        rows = two_tastes()
        shuffled = [rows[place] for place in np.random.default_rng(3).permutation(len(rows))]
        one, other = (train(interactions(some), options=EVERYTHING, now=NOW) for some in (rows, shuffled))
        history = watched(100, 205, 101)
        assert one.rank(history, now=NOW, size=30) == other.rank(history, now=NOW, size=30)

    def test_many_rows_of_a_person_with_a_clip_are_one_opinion(self):
        rows = two_tastes()
        often = [*rows, *[(0, rows[0][1], 1.0, rows[0][3])] * 50]
        one, other = (train(interactions(some), options=EVERYTHING, now=NOW) for some in (rows, often))
        assert np.allclose(one.scores(watched(200), now=NOW), other.scores(watched(200), now=NOW))

    def test_without_interactions_nothing_is_ranked(self):
        model = train(interactions([]))
        assert model.rank(watched(1), now=NOW, size=5) == []
        assert len(model.scores([], now=NOW)) == 0

    def test_skips_alone_rank_nothing_above_zero(self):
        model = train(interactions([(1, 7, -1.0, NOW), (2, 8, -0.5, NOW)]), options=EVERYTHING)
        assert all(one.score <= 0 for one in model.rank(watched(7), now=NOW, size=5))

    def test_clips_beyond_the_head_are_ranked_too(self):
        model = train(interactions(two_tastes()), options=dataclasses.replace(EVERYTHING, head=10), now=NOW)
        best = model.rank(watched(100, 101, 102), now=NOW, size=len(COOKS) - 3)
        assert sum(one.item in COOKS for one in best) >= 15

    def test_only_the_newest_of_a_very_long_history_is_learned_from(self):
        rows = [(person, item, 1.0, NOW + item) for person in range(5) for item in range(30)]
        model = train(interactions(rows), options=dataclasses.replace(EVERYTHING, longest=10), now=NOW)
        learned = {
            item for item, score in zip(model.items, model.scores([], now=NOW), strict=True) if score > 0
        }
        assert learned == set(range(20, 30))

    @pytest.mark.parametrize(
        ("weights", "at"), [([1.0, float("nan")], [1, 2]), ([1.0, 1.0], [1, float("inf")]), ([1.0], [1, 2])]
    )
    def test_what_cannot_be_interactions_is_refused(self, weights, at):
        with pytest.raises(ValueError, match="must be"):
            Interactions(
                np.array([1, 2]), np.array([1, 2]), np.array(weights, np.float32), np.array(at, float)
            )


class TestFile:
    def test_a_saved_model_ranks_the_same(self, model, tmp_path):
        model.save(tmp_path / "model.npz")
        loaded = Model.load(tmp_path / "model.npz")
        history = watched(100, 205)
        assert loaded.rank(history, now=NOW, size=40) == model.rank(history, now=NOW, size=40)
        assert loaded.options == model.options
        assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]

    def test_numpy_reads_it_without_pickle(self, model, tmp_path):
        model.save(tmp_path / "model.npz")
        with np.load(tmp_path / "model.npz", allow_pickle=False) as file:
            assert (file["items"] == model.items).all()

    def test_arrays_are_mapped_at_aligned_places(self, model, tmp_path):
        model.save(tmp_path / "model.npz")
        for part in Model.load(tmp_path / "model.npz")._parts.values():
            assert isinstance(part.base, np.memmap)
            assert part.base.offset % 64 == 0

    def test_an_empty_model_survives_its_file(self, tmp_path):
        train(interactions([])).save(tmp_path / "model.npz")
        assert Model.load(tmp_path / "model.npz").rank([], now=NOW, size=3) == []

    def test_what_is_no_model_is_refused(self, tmp_path):
        path = tmp_path / "model.npz"
        with pytest.raises(OSError, match="No such file"):
            Model.load(path)
        path.write_bytes(b"not a zip file")
        with pytest.raises(ValueError, match="not a model"):
            Model.load(path)
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("items.npy", b"nonsense")
        with pytest.raises(ValueError, match="magic"):
            Model.load(path)

    def test_a_model_of_another_format_is_refused(self, model, tmp_path, monkeypatch):
        monkeypatch.setattr("videos.recommender.FORMAT", 99)
        model.save(tmp_path / "model.npz")
        monkeypatch.undo()
        with pytest.raises(ValueError, match="format 99"):
            Model.load(tmp_path / "model.npz")


HISTORY = st.lists(
    st.tuples(
        st.sampled_from([*COOKS, *DANCES, 5]),
        st.floats(-1, 1, allow_nan=False),
        st.floats(NOW - 400 * DAY, NOW + DAY),
    ),
    max_size=30,
)


@settings(max_examples=100, deadline=None)
@given(history=HISTORY, size=st.integers(0, 50), exclude=st.sets(st.sampled_from([*COOKS, *DANCES])))
def test_any_history_gets_finite_scores_distinct_clips_and_reasons_of_its_own(model, history, size, exclude):
    ranked = model.rank(history, now=NOW, size=size, exclude=exclude)
    liked = {item for item, weight, _at in history if weight > 0}
    assert len({one.item for one in ranked}) == len(ranked) <= size
    assert all(math.isfinite(one.score) for one in ranked)
    assert not {one.item for one in ranked} & ({item for item, _weight, _at in history} | exclude)
    assert all(one.because is None or one.because in liked for one in ranked)


def test_a_history_of_which_no_part_says_a_word_gets_the_popular():
    rows = [(person, 1, 1.0, NOW) for person in range(9)] + [(20, 2, 1.0, NOW), (21, 3, -1.0, NOW)]
    best = train(interactions(rows), options=EVERYTHING, now=NOW).rank(watched(3), now=NOW, size=1)
    assert [(one.item, one.because) for one in best] == [(1, None)]


FACTORS_ALONE = dataclasses.replace(EVERYTHING, ease=0, walk=0, next=0, popular=0)


def test_factors_that_regularisation_left_empty_say_nothing():
    crushed = dataclasses.replace(FACTORS_ALONE, shrink=100.0)
    best = train(interactions(two_tastes()), options=crushed, now=NOW).rank(watched(100), now=NOW, size=1)[0]
    assert best == train(interactions(two_tastes()), options=crushed, now=NOW).rank([], now=NOW, size=1)[0]


def test_factors_alone_hold_a_skip_against_its_kind():
    model = train(interactions(two_tastes()), options=FACTORS_ALONE, now=NOW)
    best = model.rank([*watched(100, 101, weight=-1.0), *watched(200)], now=NOW, size=8)
    assert all(one.item in DANCES for one in best)


def test_an_entry_counts_less_the_more_came_after_it(model):
    later, earlier = (
        [*watched(100), *watched(*range(200, 206))],
        [*watched(*range(200, 206)), *watched(100)],
    )
    cook = model.items.tolist().index(110)
    assert model.scores(earlier, now=NOW)[cook] > model.scores(later, now=NOW)[cook]
