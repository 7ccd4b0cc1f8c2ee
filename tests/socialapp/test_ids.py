"""Primary keys: in the order of their making, never twice, and where the clock says."""

import time
from concurrent.futures import ThreadPoolExecutor

import time_machine

from socialapp.lib.ids import EPOCH_MS, new_id


def made_at(key):
    return (key >> 21) + EPOCH_MS


def test_ids_of_one_moment_are_in_the_order_of_their_making_and_none_comes_twice():
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(set(ids))


def test_threads_get_different_ids():
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _n: new_id(), range(20_000)))
    assert len(set(ids)) == len(ids)


def test_an_id_says_when_it_was_made():
    before = time.time_ns() // 1_000_000
    assert before <= made_at(new_id()) <= before + 1_000


def test_ids_follow_a_clock_that_is_set_back_and_outlive_a_small_correction():
    with time_machine.travel("2027-06-01T12:00:00Z", tick=False):
        later = new_id()
    with time_machine.travel("2027-06-01T11:59:59Z", tick=False):
        assert new_id() > later
    with time_machine.travel("2027-05-01T12:00:00Z", tick=False):
        assert new_id() < later


def test_an_id_fits_a_signed_64_bit_column_until_2164():
    with time_machine.travel("2164-01-01T00:00:00Z", tick=False):
        assert new_id() < 2**63
