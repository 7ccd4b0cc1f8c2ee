"""What people like, asked at the end of a sign-up and changed in the settings: theirs alone."""

import re

import pytest

from accounts import interests
from accounts.models import User


def test_interests_are_chosen_by_the_api_in_the_order_of_the_list(api, cast):
    client = api.as_(cast.bob)
    answer = client.patch("/api/v1/me/", {"interests": ["music", "food", "music"]}, format="json")
    assert answer.json()["interests"] == ["food", "music"]
    assert client.get("/api/v1/me/").json()["interests"] == ["food", "music"]
    assert client.patch("/api/v1/me/", {"interests": []}, format="json").json()["interests"] == []


@pytest.mark.parametrize(
    "wrong", [["dragons"], ["food", ""], "food", [["food"]], [{"key": "food"}], ["x" * 300]]
)
def test_what_is_not_on_offer_is_refused_and_nothing_is_written(api, cast, wrong):
    answer = api.as_(cast.bob).patch("/api/v1/me/", {"interests": wrong, "bio": "Hi"}, format="json")
    assert (answer.status_code, "interests" in answer.json()["error"]["fields"]) == (400, True)
    cast.bob.refresh_from_db()
    assert (cast.bob.interests, cast.bob.bio) == ([], "")


def test_a_refused_bio_keeps_the_interests_too(api, cast):
    answer = api.as_(cast.bob).patch("/api/v1/me/", {"interests": ["food"], "bio": "x" * 301}, format="json")
    assert answer.status_code == 400
    assert User.objects.get(pk=cast.bob.pk).interests == []


def test_the_list_is_given_in_the_readers_language(api):
    results = api.get("/api/v1/interests/").json()["results"]
    assert [choice["key"] for choice in results] == list(interests.INTERESTS)
    assert results[0] == {"key": "animals", "name": "Animals"}


def test_nobody_else_is_told(api, browser, cast):
    User.objects.filter(pk=cast.alice.pk).update(interests=["garden"])
    assert "garden" not in api.as_(cast.bob).get("/api/v1/users/alice/").content.decode()
    assert "garden" not in browser.as_(cast.bob).get("/@alice/").content.decode()


def test_a_choice_that_is_no_longer_offered_is_dropped_quietly():
    assert interests.known(["food", "fax", 3, None]) == ["food"]
    assert interests.known(None) == []


@pytest.mark.parametrize(
    ("path", "then"), [("/welcome/", "/people/?welcome=1"), ("/settings/feed/", "/settings/feed/")]
)
def test_the_page_keeps_interests_and_language(browser, cast, path, then):
    page = browser.as_(cast.bob)
    answer = page.post(path, {"interests": ["food", "tech"], "language": "fr"})
    assert answer["Location"] == then
    assert answer.cookies["django_language"].value == "fr"
    cast.bob.refresh_from_db()
    assert (cast.bob.interests, cast.bob.language) == (["food", "tech"], "fr")
    assert page.get(path).content.decode().count('name="interests" value=') == len(interests.INTERESTS)
    kept = re.findall(r'value="(\w+)"[^>]*checked', page.get(path).content.decode())
    assert kept == ["food", "tech"]


def test_a_forged_choice_on_the_page_is_refused(browser, cast):
    assert browser.as_(cast.bob).post("/welcome/", {"interests": ["dragons"]}).status_code == 400


def test_a_sign_up_ends_with_the_question(browser, db):
    form = {
        "username": "newcomer",
        "email": "new@example.com",
        "password1": "a-long-password-9",
        "birth_date": "1990-01-01",
    }
    answer = browser.post("/accounts/signup/", form)
    assert answer["Location"] == "/welcome/"
    assert "Welcome, newcomer" in browser.get("/welcome/").content.decode()
