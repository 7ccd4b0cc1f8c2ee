"""In a small world with known tastes, served by the code that serves: what For You promises newcomers, new clips and all."""

import pytest

from tests.benchmarks import simulator
from videos.ranking import FLOORS

SEED, SIZE = 1, simulator.QUICK


@pytest.fixture(scope="module")
def world():
    return simulator.World(SEED, SIZE)


@pytest.fixture(scope="module")
def lived(world):
    """Two days of everybody's pages, nobody cheating."""
    return simulator.exposure(world, SEED)


@pytest.fixture(scope="module")
def town():
    """More people with more of a past, for what needs no days."""
    return simulator.Network(simulator.World(SEED, SIZE.town()), SEED)


def test_every_new_clip_gets_its_first_audience(lived):
    figures = simulator.first_audiences(lived)
    assert figures["clips"] >= 5
    assert figures["reached"] == 1.0


def test_pages_keep_their_floors_of_authors_and_topics(lived):
    figures = simulator.variety(lived)
    assert figures["authors p1"] >= FLOORS["authors"]
    assert figures["topics p1"] >= FLOORS["topics"]


def test_nobody_is_shown_a_clip_twice(lived):
    for rows in lived.rows:
        clips = [clip for clip, _row, _at in rows]
        assert len(clips) == len(set(clips))


def test_a_ring_of_fifty_moves_a_bad_clips_audience_by_less_than_a_tenth(world, lived):
    pushed = simulator.exposure(world, SEED, ring=simulator.RING)
    assert pushed.impressions[world.bad] <= 1.1 * lived.impressions[world.bad]


def test_a_newcomers_feed_beats_popularity_after_five_clips(town):
    figures = simulator.newcomers(town, steps=(5,))
    assert figures["ours after 5"] > 1.05 * figures["popular after 5"]
    assert figures["ours after 5"] < figures["best after 5"]


def test_labels_corrected_for_length_say_more_than_watch_time(town):
    figures = simulator.label_kinds(town, 40)
    assert figures["corrected agrees"] > figures["raw time agrees"]
    assert figures["corrected finds"] > figures["raw time finds"]
