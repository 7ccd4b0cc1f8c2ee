"""What a text is found by, and what is one typing error away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.search.words import fold, has_variants, holds_nearly, one_edit, pairs, runs, variants, words_of

LETTERS = "abcdeé日本語のهاتأ"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Café", "cafe"),
        ("STRASSE", fold("Straße")),
        ("Ångström", "angstrom"),
        ("smørrebrød", "smorrebrod"),
        ("ﬁlm", "film"),
        ("Ｆｕｌｌ", "full"),
        ("العَرَبِيَّة", "العربيه"),
        ("أحمد", "احمد"),
        ("مـــرحبا", "مرحبا"),
        ("یک", fold("يك")),
        ("שָׁלוֹם", "שלום"),
        ("ラーメン", "らーめん"),
        ("が", "が"),
        ("한국", "한국"),
        ("ёлка", "елка"),
        ("don't", "dont"),
    ],
)
def test_texts_compare_without_what_people_leave_out(written, folded):
    assert fold(written) == folded
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Sunset at the sea", {"sunset", "at", "the", "sea"}),
        ("#deep_sea", {"deep", "sea", "deepsea"}),
        ("sea.fox_99", {"sea", "fox", "99", "seafox99"}),
        ("東京", {"東京", "京"}),
        ("東京塔", {"東京", "京塔", "東·塔", "塔"}),
        ("iPhone入手", {"iphone", "入手", "手"}),
        ("हिन्दी", {"हिन्दी"}),
        ("ยาว", {"ยา", "าว", "ย·ว", "ว"}),
        ("🎉 …", set()),
    ],
)
def test_a_text_is_found_by_its_words(text, words):
    assert words_of(fold(text)) == words


def test_a_text_of_very_many_words_is_found_by_the_first():
    assert len(words_of(fold(" ".join(f"word{n}" for n in range(5000))))) == 120
    assert max(map(len, words_of("x" * 500))) == 40


def edited(data, word):
    """`word` with one letter missing, too many, wrong or swapped with the next."""
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    return data.draw(
        st.sampled_from(
            [
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
            ]
        )
    )


@given(st.data(), st.text(LETTERS, min_size=2, max_size=12))
def test_words_one_edit_apart_share_a_variant(data, word):
    other = edited(data, word)
    assert one_edit(word, other)
    assert one_edit(other, word)
    assert variants(word) & variants(other)
    assert len(variants(word)) <= 8


@given(st.text(LETTERS, max_size=5), st.text(LETTERS, max_size=5))
def test_an_edit_is_one_of_damerau(a, b):
    def made_of(word):
        every = set(LETTERS)
        yield word
        for at in range(len(word) + 1):
            yield word[:at] + word[at + 1 :]
            yield word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
            for letter in every:
                yield word[:at] + letter + word[at:]
                yield word[:at] + letter + word[at + 1 :]

    assert one_edit(a, b) == (b in set(made_of(a)))


@pytest.mark.parametrize(
    ("text", "run", "part"),
    [
        ("夜の東京タワー", "東京夕ワー", "東京タワー"),
        ("東京タワー", "京東タワー", "東京タワー"),
        ("東京タワー", "東京タワ", ""),
        ("大阪城公園", "東京塔", ""),
    ],
)
def test_a_stretch_without_spaces_is_met_in_a_text_but_for_one_letter(text, run, part):
    found = holds_nearly(fold(text), fold(run))
    assert found == fold(part) or (not part and (not found or fold(run) in fold(text)))


@given(st.text("ab東京", max_size=9), st.text("ab東京都", min_size=1, max_size=6))
def test_a_stretch_is_met_wherever_trying_each_place_meets_it(text, run):
    sizes = (len(run), len(run) - 1, len(run) + 1)
    parts = [text[at : at + size] for size in sizes for at in range(len(text) - size + 1)]
    assert holds_nearly(text, run) == next((part for part in parts if one_edit(part, run)), "")


def test_numbers_and_pairs_are_not_looked_for_in_spite_of_errors():
    assert [has_variants(word) for word in ("2024", "東京", "東·塔", "ab", "sea", "мор")] == [
        False,
        False,
        False,
        False,
        True,
        True,
    ]


@given(st.text(max_size=200))
def test_any_text_can_be_cut_into_words(text):
    folded = fold(text)
    for run in runs(folded):
        assert run.text
        assert pairs(run.text)
    assert all(0 < len(word) <= 40 and " " not in word for word in words_of(folded))
