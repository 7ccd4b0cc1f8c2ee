"""Many follow requests answered at once: chosen ones or all, on the page and by the API."""

import pytest

from accounts import actions
from accounts.models import Follow, User
from privacy.actions import update_privacy

pytestmark = pytest.mark.engines


@pytest.fixture
def asking(cast, make_person):
    """Five people who ask to follow alice, whose account is private; their requests, oldest first."""
    update_privacy(cast.alice, is_private=True)
    return [actions.follow(make_person(f"asks{number}"), cast.alice) for number in range(5)]


def states():
    return list(
        Follow.objects.filter(follower__username__startswith="asks")
        .order_by("id")
        .values_list("state", flat=True)
    )


def test_the_chosen_are_accepted_and_the_others_wait(api, cast, asking):
    ids = [str(row.pk) for row in asking[:2]]
    answer = api.as_(cast.alice).post("/api/v1/follow-requests/accept/", {"ids": ids}, format="json")
    assert answer.json() == {"answered": 2, "waiting": 0}
    assert states() == ["accepted"] * 2 + ["pending"] * 3
    assert User.objects.get(pk=cast.alice.pk).followers_count == 4


def test_all_are_declined_at_once_and_nobody_is_counted(api, cast, asking):
    answer = api.as_(cast.alice).post("/api/v1/follow-requests/decline/", {"all": True}, format="json")
    assert answer.json() == {"answered": 5, "waiting": 0}
    assert states() == []
    assert User.objects.get(pk=cast.alice.pk).followers_count == 2


def test_all_go_in_batches_and_what_is_left_is_said(cast, asking, monkeypatch):
    from accounts.actions import following

    monkeypatch.setattr(following, "ANSWER_AT_ONCE", 3)
    monkeypatch.setattr(following, "ACCEPT_AT_ONCE", 2)
    assert actions.answer_requests(cast.alice, None, accept=True) == (3, 2)
    assert states() == ["accepted"] * 3 + ["pending"] * 2
    assert actions.answer_requests(cast.alice, None, accept=True) == (2, 0)
    assert User.objects.get(pk=cast.alice.pk).followers_count == 7


def test_somebody_elses_requests_look_like_absent_ones(api, cast, asking):
    client = api.as_(cast.bob)
    path = "/api/v1/follow-requests/accept/"
    foreign = client.post(path, {"ids": [str(row.pk) for row in asking]}, format="json")
    absent = client.post(path, {"ids": ["12345"]}, format="json")
    assert foreign.content == absent.content
    assert states() == ["pending"] * 5


def test_answering_twice_changes_nothing_more(cast, asking):
    ids = [row.pk for row in asking]
    actions.answer_requests(cast.alice, ids, accept=True)
    assert actions.answer_requests(cast.alice, ids, accept=False) == (0, 0)
    assert states() == ["accepted"] * 5


def test_who_left_meanwhile_is_passed_over(cast, asking):
    actions.deactivate(asking[0].follower)
    assert actions.answer_requests(cast.alice, None, accept=True) == (4, 0)


@pytest.mark.parametrize("body", [{"ids": ["x" * 40]}, {"ids": "1"}, {"everybody": True}])
def test_nonsense_is_refused_with_a_sentence(api, cast, asking, body):
    answer = api.as_(cast.alice).post("/api/v1/follow-requests/accept/", body, format="json")
    assert answer.status_code == 400
    assert states() == ["pending"] * 5


def test_an_empty_choice_answers_nobody(api, cast, asking):
    answer = api.as_(cast.alice).post("/api/v1/follow-requests/accept/", {}, format="json")
    assert answer.json() == {"answered": 0, "waiting": 0}


@pytest.mark.parametrize(("button", "left"), [("accept", ["accepted"]), ("decline", [])])
def test_the_page_answers_the_chosen(browser, cast, asking, button, left):
    page = browser.as_(cast.alice)
    sent = page.post("/follow-requests/answer/", {"chosen": [asking[0].pk], "answer": button}, follow=True)
    assert "1 request" in sent.content.decode()
    assert states() == left + ["pending"] * 4


@pytest.mark.parametrize(("button", "left"), [("accept-all", ["accepted"] * 5), ("decline-all", [])])
def test_the_page_answers_all(browser, cast, asking, button, left):
    browser.as_(cast.alice).post("/follow-requests/answer/", {"answer": button})
    assert states() == left


def test_the_page_without_a_choice_says_so(browser, cast, asking):
    sent = browser.as_(cast.alice).post("/follow-requests/answer/", {"answer": "accept"}, follow=True)
    assert "Choose" in sent.content.decode()
    assert states() == ["pending"] * 5
