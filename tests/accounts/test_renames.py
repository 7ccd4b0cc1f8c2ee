"""A user name changes: the old one leads to its person for 30 days and is nobody else's meanwhile."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import access, actions
from accounts.models import FormerUsername, User
from privacy.actions import block
from socialapp.lib.errors import Invalid, TooMany

pytestmark = pytest.mark.engines


@pytest.fixture
def anna(cast):
    """alice, who calls herself anna since a moment ago."""
    actions.change_username(cast.alice, "anna")
    return cast.alice


def overdue():
    FormerUsername.objects.update(until=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/@alice/", "/@anna/"),
        ("/@ALICE/?tab=clips", "/@anna/?tab=clips"),
        ("/@alice/followers/?cursor=x", "/@anna/followers/?cursor=x"),
        ("/api/v1/users/alice/", "/api/v1/users/anna/"),
        ("/api/v1/users/alice/videos/", "/api/v1/users/anna/videos/"),
    ],
)
def test_the_old_address_leads_to_the_new_one_for_a_page_and_a_program(browser, anna, old, new):
    answer = browser.get(old)
    assert (answer.status_code, answer["Location"]) == (302, new)
    assert "no-store" in answer["Cache-Control"]  # after 30 days it may be somebody else's


def test_an_old_clip_address_leads_to_the_clip(browser, anna, make_video):
    clip = make_video(anna)
    answer = browser.get(f"/@alice/video/{clip.pk}/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/@anna/video/{clip.pk}/"
    assert answer.status_code == 200


def test_a_button_that_was_drawn_before_the_change_goes_on_working(api, cast, anna):
    answer = api.as_(cast.dave).post("/api/v1/users/alice/follow/", follow=True)
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert answer.redirect_chain == [("/api/v1/users/anna/follow/", 307)]


def test_whom_the_person_blocked_is_told_nothing_of_the_new_name(api, cast, anna):
    client = api.as_(cast.mallory)
    assert client.get("/api/v1/users/alice/").status_code == 404
    assert client.get("/api/v1/users/alice/").content == client.get("/api/v1/users/nobody/").content


def test_the_name_of_a_hidden_person_leads_nowhere(api, browser, anna):
    actions.deactivate(anna)
    assert browser.get("/@alice/").status_code == 404
    assert access.renamed(User.objects.get(username="bob"), "alice") is None


@pytest.mark.parametrize("name", ["", "a\x00b", "nobody"])
def test_names_that_nobody_gave_up_lead_nowhere(cast, name):
    assert access.renamed(cast.bob, name) is None


def test_nobody_else_takes_the_name_meanwhile(cast, anna):
    with pytest.raises(Invalid) as refusal:
        actions.change_username(cast.dave, "Alice")
    assert "username" in refusal.value.fields
    overdue()
    actions.change_username(cast.dave, "Alice")
    assert access.get_person(cast.bob, "alice").pk == cast.dave.pk


def test_nobody_signs_up_with_the_name_meanwhile(api, browser, anna):
    form = {
        "username": "ALICE",
        "email": "new@example.com",
        "password1": "a-long-password-9",
        "birth_date": "1990-01-01",
    }
    assert "taken" in browser.post("/accounts/signup/", form).content.decode()
    sent = {**form, "password": form["password1"]}
    answer = api.post("/_allauth/app/v1/auth/signup", sent, format="json")
    assert answer.status_code == 400
    assert not User.objects.filter(email="new@example.com").exists()


def test_one_may_go_back_to_ones_own_old_name(browser, anna):
    actions.change_username(anna, "alice")
    assert browser.get("/@alice/").status_code == 200
    assert browser.get("/@anna/")["Location"] == "/@alice/"
    assert [row.username for row in access.former_usernames(anna)] == ["anna"]


def test_another_way_of_writing_the_same_name_is_no_change(browser, cast):
    for name in ("Alice", "ALICE", "aLice", "alicE", "Alice"):
        actions.change_username(cast.alice, name)
    assert not FormerUsername.objects.exists()
    assert browser.get("/@alice/")["Location"] == "/@Alice/"


def test_a_name_changes_three_times_in_thirty_days(cast):
    for name in ("a1", "a2", "a3"):
        actions.change_username(cast.alice, name)
    with pytest.raises(TooMany):
        actions.change_username(cast.alice, "a4")
    assert User.objects.get(pk=cast.alice.pk).username == "a3"


def test_a_refused_name_does_not_count_as_a_change(cast):
    for _try in range(5):
        with pytest.raises(Invalid):
            actions.change_username(cast.alice, "bob")
    actions.change_username(cast.alice, "anna")


def test_names_are_let_go_when_their_time_is_over(browser, anna):
    assert actions.forget_former_usernames() == 0
    overdue()
    assert browser.get("/@alice/").status_code == 404
    assert not access.former_usernames(anna).exists()
    assert actions.forget_former_usernames() == 1


def test_a_block_placed_later_closes_the_old_address_too(browser, cast, anna):
    assert browser.as_(cast.dave).get("/@alice/").status_code == 302
    block(anna, cast.dave)
    assert browser.as_(cast.dave).get("/@alice/").status_code == 404


def test_an_address_in_use_pays_nothing(browser, cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(0):
        browser.get("/healthz")
    with django_assert_max_num_queries(
        1
    ):  # the person is not asked for; the name that was given up is not either
        assert access.get_person(cast.bob, "alice").pk == cast.alice.pk


def test_the_settings_say_which_names_lead_here(browser, anna):
    assert "@alice" in browser.as_(anna).get("/settings/account/").content.decode()
