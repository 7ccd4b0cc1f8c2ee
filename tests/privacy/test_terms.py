"""Blocked terms of the site: how they are kept, found and told; who may change them."""

import pytest
from django.urls import reverse

from privacy import terms
from privacy.actions.terms import add_terms, remove_term
from privacy.models import AuditEntry, BlockedTerm
from socialapp.lib.errors import Invalid, NotFound


@pytest.fixture
def block(cast):
    def add(*words, act="hold"):
        return add_terms(cast.mod, list(words), act=act)

    return add


@pytest.mark.parametrize(
    "text", ["BAD word", "a b4d  word", "bàd wórd!", "b\u0430d word", "b.a.d word", "#bad word", "baaad word"]
)
def test_a_term_is_found_in_disguise(block, text):
    block("other", "Bad  word")
    assert terms.match(text).term == "Bad word"


@pytest.mark.parametrize("text", ["", "badword", "bad words", "word bad", "bad, good word"])
def test_what_only_looks_alike_is_let_through(block, text):
    block("bad word")
    assert terms.match(text) is None


def test_what_is_refused_comes_before_what_is_held(block):
    block("one", act="hold")
    block("two", act="refuse")
    assert terms.match("one two").term == "two"


def test_a_refusal_names_the_field_and_the_term(block):
    block("bad", act="refuse")
    with pytest.raises(Invalid) as refused:
        terms.refuse(bio="so b4d", caption="fine", name="")
    assert refused.value.code == "blocked_term"
    assert refused.value.fields == {"bio": "“bad” is not allowed here. Change it and try again."}


def test_what_is_only_held_is_not_refused(block):
    block("bad")
    terms.refuse(bio="bad")


def test_the_same_term_again_changes_what_happens_and_stays_one_row(block):
    block("Bad")
    (row,) = block("BÀD", act="refuse")
    assert (BlockedTerm.objects.get().act, row.term) == ("refuse", "BÀD")


@pytest.mark.parametrize("word", ["a", "\u200b", "x" * 101])
def test_what_nothing_could_be_found_by_is_refused_with_a_sentence(block, word):
    with pytest.raises(Invalid) as refused:
        block("good", word)
    assert "too short or too long" in str(refused.value.message)
    assert not BlockedTerm.objects.exists()


@pytest.mark.parametrize("word", ["垃圾", "\u2764\ufe0f", "垃"])
def test_scripts_without_spaces_and_emoji_can_be_blocked(block, word):
    block(word)
    assert terms.match(f"so {word}so") is not None


def test_changes_are_audited(block, cast):
    (row,) = block("bad")
    assert remove_term(cast.mod, row)
    assert not remove_term(cast.mod, row)
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", "detail")) == [
        ("term.block", {"term": "bad", "act": "hold"}),
        ("term.unblock", {"term": "bad"}),
    ]


def test_only_moderators_change_the_list(block, cast):
    (row,) = block("bad")
    with pytest.raises(NotFound):
        add_terms(cast.alice, ["word"], act="hold")
    with pytest.raises(NotFound):
        remove_term(cast.alice, row)


def test_a_moderator_pastes_a_list_and_takes_one_off(browser, cast):
    page = browser.as_(cast.mod)
    add = reverse("admin:privacy_blockedterm_add")
    answer = page.post(
        add, {"terms": "bad\n\nworse one\n", "act": "refuse", "note": "seen in spam"}, follow=True
    )
    assert answer.status_code == 200
    assert set(BlockedTerm.objects.values_list("term", "act")) == {("bad", "refuse"), ("worse one", "refuse")}
    row = BlockedTerm.objects.get(term="bad")
    chosen = {"action": "remove_terms", "_selected_action": [row.pk]}
    page.post(reverse("admin:privacy_blockedterm_changelist"), chosen)
    assert list(BlockedTerm.objects.values_list("term", flat=True)) == ["worse one"]
    assert AuditEntry.objects.filter(verb__startswith="term.").count() == 3


def test_a_list_that_cannot_be_used_says_why(browser, cast):
    answer = browser.as_(cast.mod).post(
        reverse("admin:privacy_blockedterm_add"), {"terms": "a", "act": "refuse", "note": ""}
    )
    assert "too short or too long" in answer.content.decode()


def test_a_thousand_terms_are_asked_for_in_one_query(block, django_assert_num_queries):
    block(*(f"word{n} two" for n in range(1000)))
    with django_assert_num_queries(1):
        assert terms.match("nothing of it " * 20) is None
