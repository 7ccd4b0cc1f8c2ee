"""What a history says of tags, authors and sounds."""

import pytest

from videos.tastes import HALF_LIFE, TRUST, leanings

NOW = 1_800_000_000.0
MAYA, TOM, SONG = 1, 2, 5


def test_one_liked_clip_says_half_of_what_many_say():
    once, _authors, _sounds = leanings([(1.0, NOW, MAYA, 0, [7])], NOW)
    often, _authors, _sounds = leanings([(1.0, NOW, MAYA, 0, [7])] * 50, NOW)
    assert once[7] == pytest.approx(1 / (1 + TRUST))
    assert 0.95 < often[7] < 1


def test_a_clip_speaks_of_its_author_its_sound_and_each_of_its_tags():
    assert leanings([(1.0, NOW, MAYA, SONG, [7, 8])], NOW) == ({7: 0.5, 8: 0.5}, {MAYA: 0.5}, {SONG: 0.5})


def test_a_clip_without_a_sound_speaks_of_none():
    assert leanings([(1.0, NOW, MAYA, 0, [])], NOW)[2] == {}


def test_what_was_skipped_speaks_against_its_kind():
    assert leanings([(-0.5, NOW, MAYA, 0, [7])], NOW)[0][7] < 0


def test_what_pleased_long_ago_counts_less_than_what_displeases_now():
    history = [(1.0, NOW - 3 * HALF_LIFE, MAYA, 0, [7]), (-0.5, NOW, TOM, 0, [7])]
    assert leanings(history, NOW)[0][7] < 0 < leanings(history[:1], NOW)[0][7]
