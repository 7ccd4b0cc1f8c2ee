"""A page of For You: mixed from the sources, varied, no clip twice, with reasons that are true, the same for the same dice."""

import random
from collections import Counter
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videos.ranking import (
    BASE_RATE,
    FIRST_AUDIENCE,
    FLOORS,
    MIX,
    PER_AUTHOR,
    PER_SOUND,
    PER_TOPIC,
    REASONS,
    WAITING_HOURS,
    Candidate,
    Taste,
    compose,
    draw,
    expected,
)


def clip(number, source="popular", **facts):
    """A clip of its own author, without sound or tags, unless said otherwise."""
    plain = {
        "author": 10_000 + number, "sound": None, "tags": (), "language": "en", "country": "US",
        "duration_ms": 15_000, "age_hours": 30.0,
    }  # fmt: skip
    return Candidate(id=number, source=source, **{**plain, **facts})


def page(candidates, taste=None, size=20, seed=1, previous=()):
    return compose(candidates, taste or Taste(), size=size, dice=random.Random(seed), previous=previous)


def ids(chosen):
    return [one.candidate.id for one in chosen]


# --- Mixing ---------------------------------------------------------------------------------------------------------------


def test_sources_have_their_shares_of_a_page():
    candidates = [clip(1000 * index + n, source) for index, source in enumerate(MIX) for n in range(60)]
    found = Counter(one.candidate.source for one in page(candidates, size=100))
    for source, of_ten in MIX.items():
        assert found[source] == pytest.approx(10 * of_ten, abs=1)


def test_fresh_clips_take_no_more_than_their_share_when_other_sources_are_dry():
    candidates = [clip(n, "fresh") for n in range(60)] + [clip(100 + n, "popular") for n in range(60)]
    found = Counter(one.candidate.source for one in page(candidates, size=20))
    assert found == {"fresh": 2, "popular": 18}


@pytest.mark.parametrize("source", list(MIX))
def test_one_source_alone_fills_a_page(source):
    assert len(page([clip(n, source) for n in range(40)])) == 20


def test_a_page_is_as_long_as_there_are_clips():
    candidates = [clip(n, source, author=1, sound=1, tags=(1,)) for n in range(7) for source in MIX]
    assert sorted(ids(page(candidates))) == list(range(7))


def test_no_candidates_make_an_empty_page():
    assert page([]) == []


def test_the_best_of_a_source_come_first():
    candidates = [clip(n, "similar", model=score) for n, score in enumerate((0.1, 0.9, 0.5))]
    assert ids(page(candidates)) == [1, 2, 0]


def test_only_proportions_of_the_models_score_matter():
    low = [clip(n, "similar", model=n / 10) for n in range(5)]
    high = [one._replace(model=one.model * 1e6) for one in low]
    assert [one.score for one in page(low)] == pytest.approx([one.score for one in page(high)])


def test_the_same_dice_give_the_same_page():
    candidates = [clip(n, "fresh", shown=n % 7, pleased=n % 3) for n in range(50)]
    assert page(candidates, seed=3) == page(candidates, seed=3)
    assert ids(page(candidates, seed=3)) != ids(page(candidates, seed=4))


# --- Variety ---------------------------------------------------------------------------------------------------------------


def crowd(number, seed):
    """Candidates of few authors, sounds and topics, the best of them all alike."""
    dice = random.Random(seed)
    return [
        clip(
            n, dice.choice(list(MIX)), author=min(dice.randrange(40), dice.randrange(40)), sound=dice.choice([None, *range(20)]),
            tags=(min(dice.randrange(12), dice.randrange(12)),), model=dice.random(),
        )
        for n in range(number)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_pages_keep_their_floors_of_authors_and_topics(seed):
    chosen = [one.candidate for one in page(crowd(300, seed))]
    authors, topics = (
        Counter(one.author for one in chosen),
        Counter(tag for one in chosen for tag in one.tags),
    )
    sounds = Counter(one.sound for one in chosen if one.sound is not None)
    assert max(authors.values()) <= ceil(PER_AUTHOR * 20)
    assert max(topics.values()) <= ceil(PER_TOPIC * 20)
    assert max(sounds.values()) <= ceil(PER_SOUND * 20)
    assert len(authors) >= FLOORS["authors"] * 20
    assert len(topics) >= FLOORS["topics"] * 20


def test_an_author_with_the_best_clips_does_not_own_the_page():
    loud = [clip(n, "similar", author=1, model=1.0) for n in range(40)]
    quiet = [clip(100 + n, "similar", model=0.1) for n in range(40)]
    assert sum(one.candidate.author == 1 for one in page(loud + quiet)) == 2


def test_nobody_follows_themselves_while_others_are_there():
    candidates = [clip(n, "popular", author=n % 2) for n in range(20)]
    authors = [one.candidate.author for one in page(candidates)]
    assert all(one != other for one, other in pairwise(authors))


def test_a_row_does_not_go_on_over_the_edge_of_a_page():
    candidates = [clip(1, "similar", author=1, model=1.0), clip(2, "similar", author=2, model=0.5)]
    assert ids(page(candidates, previous=[clip(9, author=1)])) == [2, 1]
    assert ids(page(candidates)) == [1, 2]


def test_no_three_clips_of_a_topic_in_a_row_while_others_are_there():
    cats = [clip(n, "similar", tags=(1,), model=1.0) for n in range(10)]
    others = [clip(100 + n, "similar", tags=(2 + n,), model=0.1) for n in range(20)]
    tags = [one.candidate.tags[0] for one in page(cats + others)]
    assert not any(tags[n : n + 3] == [1, 1, 1] for n in range(18))


def test_a_tag_that_everybody_sets_does_not_count_as_a_topic():
    everywhere = 99
    candidates = [clip(n, "similar", tags=(everywhere, n % 4), model=1 - n / 100) for n in range(100)]
    found = Counter(one.candidate.tags[1] for one in page(candidates))
    assert max(found.values()) <= ceil(PER_TOPIC * 20)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 120), st.integers(1, 30))
def test_no_clip_comes_twice_and_no_place_stays_empty(seed, number, size):
    once = crowd(number, seed)
    again = [one._replace(source=source) for one in once for source in ("popular", "fresh", "similar")]
    chosen = ids(page(once + again, size=size, seed=seed))
    assert len(chosen) == len(set(chosen)) == min(size, number)


# --- New clips -----------------------------------------------------------------------------------------------------------------


def test_a_rate_is_smoothed_by_what_was_expected():
    assert expected(0, 0) == BASE_RATE
    assert expected(1, 1) < 0.4
    assert expected(900, 1000) == pytest.approx(0.9, abs=0.01)


def test_draws_of_hardly_known_clips_vary_and_of_known_ones_do_not():
    dice = random.Random(5)
    unknown = [draw(0, 0, prior=0.3, dice=dice) for _ in range(300)]
    known = [draw(300, 1000, prior=0.3, dice=dice) for _ in range(300)]
    assert max(unknown) - min(unknown) > 0.4
    assert max(known) - min(known) < 0.12


@pytest.mark.parametrize(
    ("pleased", "shown", "prior"), [(5.0, 3, 0.3), (-1.0, 3, 0.3), (0.0, 0, -4.0), (0.0, 0, 9.0)]
)
def test_draws_of_impossible_counts_are_still_rates(pleased, shown, prior):
    assert 0 <= draw(pleased, shown, prior=prior, dice=random.Random(1)) <= 1


def test_a_fresh_clip_that_waited_stands_before_a_better_one():
    candidates = [
        clip(1, "fresh", age_hours=0, shown=20, pleased=9.0),
        clip(2, "fresh", age_hours=WAITING_HOURS, shown=20, pleased=4.0),
    ]
    first = Counter(ids(page(candidates, size=1, seed=seed))[0] for seed in range(200))
    assert first[2] > first[1]


def test_a_clip_that_is_owed_nothing_any_more_stands_behind_all_that_are():
    lucky = [
        clip(n, "fresh", shown=FIRST_AUDIENCE, pleased=0.9 * FIRST_AUDIENCE, age_hours=90) for n in range(9)
    ]
    owed = [clip(100 + n, "fresh", shown=FIRST_AUDIENCE - 1, age_hours=0) for n in range(9)]
    assert min(ids(page([*lucky, *owed], size=9))) == 100


def test_new_clips_are_first_tried_by_those_whose_taste_they_fit():
    candidates = [clip(1, "fresh", tags=(7,)), clip(2, "fresh", tags=(8,))]
    taste = Taste(tags={7: 0.8, 8: -0.8})
    first = Counter(ids(page(candidates, taste, size=1, seed=seed))[0] for seed in range(200))
    assert first[1] > 180


# --- Tastes and reasons ---------------------------------------------------------------------------------------------------------


def test_less_of_a_tag_moves_its_clips_back():
    candidates = [clip(1, "similar", tags=(7,), model=1.0), clip(2, "similar", tags=(8,), model=0.9)]
    assert ids(page(candidates)) == [1, 2]
    assert ids(page(candidates, Taste(tags={7: -1.0}))) == [2, 1]


def test_a_mutual_follow_stands_before_a_follow():
    candidates = [clip(1, "followed", relation=1), clip(2, "followed", relation=2), clip(3, "followed")]
    assert ids(page(candidates)) == [2, 1, 3]


def test_a_language_that_is_not_understood_moves_clips_back():
    candidates = [clip(1, language="fr"), clip(2, language=""), clip(3, language="en")]
    assert ids(page(candidates, Taste(languages=frozenset({"en"})))) == [3, 2, 1]


def test_likes_from_outside_do_not_move_a_clip_that_displeased_its_audience():
    bad = clip(1, popularity=1e6, shown=100, pleased=5.0)
    good = [clip(2 + n, popularity=100.0 + n, shown=100, pleased=45.0) for n in range(5)]
    assert ids(page([bad, *good]))[-1] == 1


def test_on_its_first_day_nobody_but_its_first_audience_moves_a_clip():
    pushed = clip(1, age_hours=WAITING_HOURS - 1, popularity=1e6, model=9.0)
    other = clip(2, model=1.0)
    met = pushed._replace(shown=FIRST_AUDIENCE, pleased=BASE_RATE * FIRST_AUDIENCE)
    assert ids(page([pushed, other])) == [2, 1]
    assert ids(page([met, other])) == ids(page([pushed._replace(age_hours=WAITING_HOURS), other])) == [1, 2]


def test_others_word_for_a_clip_counts_as_far_as_it_pleased_its_own_audience():
    pushed = clip(1, popularity=1e6, model=1.0, shown=100, pleased=10.0)
    honest = clip(2, model=0.8, shown=100, pleased=10.0)
    liked = clip(3, model=0.5, shown=100, pleased=30.0)
    assert ids(page([pushed, honest, liked])) == [3, 1, 2]


@pytest.mark.parametrize(
    ("facts", "taste", "reason"),
    [
        ({"source": "similar", "model": 1.0, "because": 5}, Taste(), "similar"),
        ({"source": "similar", "model": 1.0, "because": 5}, Taste(more=frozenset({("video", 5)})), "more"),
        ({"source": "topics", "tags": (7,)}, Taste(tags={7: 1.0}), "tag"),
        ({"source": "topics", "tags": (7,)}, Taste(tags={7: 1.0}, interests=frozenset({7})), "interest"),
        ({"source": "topics", "tags": (7,)}, Taste(tags={7: 1.0}, more=frozenset({("tag", 7)})), "more"),
        ({"source": "sounds", "sound": 3}, Taste(sounds={3: 1.0}), "sound"),
        ({"source": "popular", "author": 3}, Taste(authors={3: 1.0}), "author"),
        ({"source": "followed", "relation": 1}, Taste(), "following"),
        ({"source": "friends", "relation": 2}, Taste(), "friend"),
        ({"source": "rising"}, Taste(), "rising"),
        ({"source": "fresh"}, Taste(), "fresh"),
        ({"source": "popular"}, Taste(languages=frozenset({"en"})), "language"),
        ({"source": "popular"}, Taste(country="US"), "country"),
        ({"source": "popular", "shown": 100, "pleased": 60.0}, Taste(), "popular"),
        ({"source": "popular"}, Taste(), "popular"),
    ],
)  # fmt: skip
def test_the_strongest_term_is_the_first_reason(facts, taste, reason):
    [chosen] = page([clip(1, **facts)], taste)
    assert chosen.reasons[0] == reason


def test_reasons_are_few_known_and_never_repeated():
    taste = Taste(
        tags=dict.fromkeys(range(12), 0.9), authors=dict.fromkeys(range(40), 0.9), languages=frozenset({"en"}), country="US"
    )  # fmt: skip
    candidates = [one._replace(relation=one.id % 3, because=1) for one in crowd(200, 1)]
    for chosen in page(candidates, taste, size=60):
        assert 1 <= len(chosen.reasons) == len(set(chosen.reasons)) <= 3
        assert set(chosen.reasons) <= set(REASONS)


def test_a_disliked_tag_is_no_reason():
    [chosen] = page([clip(1, "popular", tags=(7,))], Taste(tags={7: -1.0}))
    assert "tag" not in chosen.reasons


def test_the_model_speaks_for_a_clip_that_another_source_brought_too():
    both = [clip(1, "followed", relation=1), clip(1, "similar", model=0.8, because=5)]
    [chosen] = page(both)
    assert chosen.candidate.because == 5
    assert chosen.reasons[:2] == ("similar", "following")
