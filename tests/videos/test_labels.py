"""What a viewing says about a clip: compared with clips of its length, added up with marks, never beyond -1 and 1."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videos.labels import BUCKETS, SKIPPED, STEPS, Norms, label

SHORT, LONG = 8_000, 90_000


@pytest.fixture(scope="module")
def norms():
    """Of 4,000 viewings whose watched time hangs on patience alone: everybody leaves after some time, or at the end."""
    dice = np.random.default_rng(6)
    durations = dice.choice([6_000, SHORT, 15_000, 30_000, 60_000, LONG], 4_000)
    patience = dice.exponential(12_000, 4_000)
    return Norms.fit(durations, np.minimum(durations, patience))


def test_the_same_minute_is_more_for_a_clip_that_is_usually_left_early(norms):
    assert norms.place(SHORT, LONG) < norms.place(SHORT, SHORT)
    # Half a minute of a long clip is rarer than all of a short one, though a smaller share of it.
    assert norms.place(40_000, LONG) > norms.place(SHORT, SHORT)


def test_labels_of_equal_patience_do_not_hang_on_length(norms):
    dice = np.random.default_rng(7)
    patience = dice.exponential(12_000, 3_000)
    means = [
        np.mean([norms.place(min(length, one), length) for one in patience])
        for length in (SHORT, 30_000, LONG)
    ]
    raw = [np.mean(np.minimum(length, patience)) for length in (SHORT, 30_000, LONG)]
    assert max(means) - min(means) < 0.06
    assert max(raw) / min(raw) > 1.8


def test_places_of_a_bucket_are_even(norms):
    # 30 s clips that were not finished: their places are as evenly spread as ranks are.
    dice = np.random.default_rng(8)
    patience = dice.exponential(12_000, 4_000)
    places = [norms.place(one, 30_000) for one in patience if one < 30_000]
    assert np.mean(places) == pytest.approx(0.5 * np.mean(patience < 30_000), abs=0.05)


def test_unmeasured_lengths_are_judged_by_a_plain_expectation():
    empty = Norms()
    places = [empty.place(share * SHORT, SHORT) for share in (0, 0.25, 0.58, 1, 2, 50)]
    assert places[0] == 0
    assert places == sorted(places)
    assert places[2] == pytest.approx(0.5, abs=0.01)
    assert places[-1] <= 1


def test_few_viewings_move_the_expectation_only_a_little():
    three = Norms.fit([SHORT] * 3, [100, 200, 300])
    assert three.place(1_000, SHORT) < 0.35  # three people would have made it 1.0


def test_a_clip_without_length_says_nothing(norms):
    assert norms.place(5_000, 0) == 0
    assert label(5_000, 0, 0, norms=norms) == 0
    assert label(5_000, 0, 0, liked=True, norms=norms) > 0


def test_rows_without_length_are_left_out_of_the_norms():
    assert Norms.fit([0, 0], [5_000, 1_000]) == Norms()
    assert Norms.fit([0, SHORT], [5_000, 1_000]) == Norms.fit([SHORT], [1_000])


def test_norms_need_a_watched_time_for_each_duration():
    with pytest.raises(ValueError, match="duration and a watched time"):
        Norms.fit([SHORT, LONG], [1_000])


def test_norms_are_small_and_survive_json(norms):
    kept = json.loads(json.dumps(norms.to_json()))
    assert Norms.from_json(kept) == norms
    assert len(norms.counts) <= BUCKETS
    assert {len(cut) for cut in norms.cuts} == {STEPS + 1}
    assert Norms.from_json({}) == Norms()


def test_norms_that_do_not_fit_together_are_refused(norms):
    with pytest.raises(TypeError):
        Norms.from_json({**norms.to_json(), "counts": [1]})


def test_a_quick_skip_is_a_negative():
    assert label(600, SHORT, 0, quick_skip=True, norms=Norms()) == SKIPPED


@pytest.mark.parametrize("mark", ["liked", "saved", "shared", "followed"])
def test_a_quick_skip_after_a_mark_is_none(mark):
    assert label(600, SHORT, 0, quick_skip=True, norms=Norms(), **{mark: True}) > 0


def test_a_quick_skip_of_a_clip_that_was_finished_before_is_none():
    assert label(9_000, SHORT, 1, quick_skip=True, norms=Norms()) > 0


def test_finishing_a_clip_that_others_leave_says_more_than_finishing_a_short_one(norms):
    gain = {
        length: label(length, length, 1, norms=norms) - label(length, length, 0, norms=norms)
        for length in (SHORT, LONG)
    }
    assert label(LONG, LONG, 1, norms=norms) > label(SHORT, SHORT, 1, norms=norms)
    assert gain[LONG] > 0
    assert gain[SHORT] > 0


def test_watching_again_says_more(norms):
    once, twice = (label(times * SHORT, SHORT, times, norms=norms) for times in (1, 2))
    assert twice > once


ACTS = st.fixed_dictionaries({name: st.booleans() for name in ("liked", "saved", "shared", "followed")})


@settings(deadline=None)
@given(st.floats(0, 1e7), st.floats(0, 4e5), st.integers(0, 1000), ACTS, st.booleans())
def test_a_label_is_never_beyond_its_bounds(norms, watched, length, completions, acts, skipped):
    value = label(watched, length, completions, quick_skip=skipped, norms=norms, **acts)
    assert -1 <= value <= 1
    assert value >= 0 or skipped


@settings(deadline=None)
@given(st.floats(0, 3e5), st.floats(1, 1e5), st.integers(0, 20), ACTS)
def test_more_of_anything_never_lowers_a_label(norms, watched, more, completions, acts):
    base = label(watched, LONG, completions, norms=norms, **acts)
    assert label(watched + more, LONG, completions, norms=norms, **acts) >= base - 1e-9
    assert label(watched, LONG, completions + 1, norms=norms, **acts) >= base - 1e-9
    for name in acts:
        assert label(watched, LONG, completions, norms=norms, **{**acts, name: True}) >= base
