"""What holds a comment: words in every simple disguise, and the few rules of spam."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialapp.lib.disguise import fold
from socialapp.lib.disguise import has_word as has_keyword
from videos.comment_filters import looks_like_spam


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("What a BAD idea", "bad"),
        ("What a b4d idea", "bad"),
        ("b@d", "bad"),
        ("Bàd", "bad"),
        ("ＢＡＤ", "bad"),
        ("b\u200ba\u2060d", "bad"),
        ("baaaaad!", "bad"),
        ("#bad", "bad"),
        ("bad_guy", "bad"),
        ("hello!", "hello"),
        ("so coooool", "cool"),
        ("$h1t", "shit"),
        ("a$$", "ass"),
        ("1diot", "idiot"),
        ("ki11", "kill"),
        ("h4ck", "h4ck"),
        ("hack", "h4ck"),
        ("Buy   NOW please", "buy now"),
        ("call 100", "100"),
        ("这是垃圾评论", "垃圾"),
        ("مُحَمَّد", "محمد"),
        ("no \u2764 here", "\u2764\ufe0f"),
        ("Straße", "STRASSE"),
        ("b\u0430d", "bad"),  # with a Cyrillic letter
        ("what a b.a.d idea", "bad"),
        ("what a b a d idea", "bad"),
        ("b-4-d", "b4d"),
        ("b-4-d", "bad"),
    ],
)
def test_a_word_is_found_in_disguise(text, keyword):
    assert has_keyword(text, ["other", keyword])


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("badly", "bad"),
        ("class", "ass"),
        ("col", "cool"),
        ("bail", "ball"),
        ("buy it now", "buy now"),
        ("1000", "100"),
        ("loo", "100"),
        ("i'm 15", "is"),
        ("", "bad"),
        ("anything", ""),
        ("plan b a day early", "bad"),
        ("\u0441\u043e\u0441\u043e", "coco"),  # a word of another alphabet is itself
        ("anything", " \u200b "),
    ],
)
def test_what_only_looks_alike_is_let_through(text, keyword):
    assert not has_keyword(text, [keyword])


@given(st.text(max_size=200), st.text(max_size=30))
def test_any_text_can_be_compared(text, keyword):
    has_keyword(text, [keyword])
    looks_like_spam(text, known=False, earlier=[(keyword, True)])
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="abcdefgh ", min_size=1, max_size=20).filter(str.strip), st.integers(0, 20))
def test_an_invisible_character_anywhere_changes_nothing(word, place):
    hidden = f"{word[:place]}\u200b{word[place:]}"
    assert has_keyword(f"so {hidden} then", [word])


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("see https://x.example/y", True),
        ("www.example.de", True),
        ("go to cheap-stuff.com now", True),
        ("nice.Really nice", False),
        ("so goooood", False),
        ("a" * 12, True),
        ("!" * 12, True),
        ("a a a a a a a a a a a a", True),
        ("hahahahahahahahahahaha", False),
        ("\u2764" * 40, False),
        ("@a1 @b1 @c1 @d1 @e1", False),
        ("@a1 @b1 @c1 @d1 @e1 @f1", True),
    ],
)
def test_the_rules_of_spam(text, held):
    assert looks_like_spam(text, known=False) is held


def test_a_link_of_somebody_the_author_follows_is_welcome():
    assert not looks_like_spam("see https://x.example/y", known=True)


@pytest.mark.parametrize(
    ("text", "earlier", "held"),
    [
        ("Follow me for more", [("follow me, for MORE", False)], False),
        ("Follow me for more", [("follow me, for MORE", False), ("Follow me for more!", False)], True),
        ("Follow me for more", [("Something else", False)] * 9, False),
        ("Lovely", [("lovely", False)] * 9, False),  # praise under other clips
        ("Lovely", [("lovely", True)] * 2, True),
    ],
)
def test_the_same_text_for_the_third_time(text, earlier, held):
    assert looks_like_spam(text, known=True, earlier=earlier) is held
