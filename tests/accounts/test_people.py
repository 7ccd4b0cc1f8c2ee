"""Profiles, lists and requests: what each viewer gets, in how many queries."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import access, actions
from accounts.models import Follow
from privacy.actions import block, update_privacy
from socialapp.lib.pagination import encode_cursor


def names(answer):
    return [row["username"] for row in answer.json()["results"]]


# --- Profile --------------------------------------------------------------------------------------------------


def test_a_profile_says_what_the_contract_says(api, cast):
    profile = api.as_(cast.carol).get("/api/v1/users/Alice/").json()
    assert profile["counts"] == {"followers": 2, "following": 1, "likes": 0, "videos": 0}
    assert profile["relation"] == {"following": "yes", "follows_me": True, "blocked": False}
    assert (profile["username"], profile["url"], profile["avatar"]) == ("alice", "/@alice/", None)
    assert isinstance(profile["id"], str)
    assert "person" not in profile
    assert "email" not in profile


def test_a_private_profile_is_met_but_its_lists_are_closed(api, cast):
    update_privacy(cast.alice, is_private=True)
    profile = api.as_(cast.dave).get("/api/v1/users/alice/").json()
    assert (profile["is_private"], profile["can_see_clips"], profile["can_see_lists"]) == (True, False, False)
    assert api.as_(cast.dave).get("/api/v1/users/alice/followers/").status_code == 404
    assert api.as_(cast.bob).get("/api/v1/users/alice/followers/").status_code == 200


def test_a_block_hides_both_from_each_other(api, cast):
    assert api.as_(cast.mallory).get("/api/v1/users/alice/").status_code == 404
    assert api.as_(cast.alice).get("/api/v1/users/mallory/").status_code == 404
    assert api.as_(cast.dave).get("/api/v1/users/mallory/").status_code == 200


def test_absent_and_blocked_have_the_same_body(api, cast):
    client = api.as_(cast.mallory)
    assert client.get("/api/v1/users/alice/").content == client.get("/api/v1/users/nobody/").content


def test_a_profile_takes_five_queries(cast, django_assert_max_num_queries):
    # The person with their settings, follows between, blocks between, mute; no more for any relation.
    with django_assert_max_num_queries(4):
        access.profile(cast.bob, "alice")


@pytest.mark.parametrize(
    ("setting", "who", "may"),
    [
        ("everyone", "dave", True),
        ("following", "carol", True),
        ("following", "bob", False),
        ("friends", "carol", True),
        ("friends", "bob", False),
        ("nobody", "carol", False),
        ("nobody", "alice", True),
        ("everyone", "mallory", False),
    ],
)
def test_may_follows_the_setting(cast, setting, who, may):
    update_privacy(cast.alice, message_audience=setting)
    assert access.may(getattr(cast, who), cast.alice, "message_audience") is may
    assert not access.may(AnonymousUser(), cast.alice, "message_audience")


def test_the_relation_is_one_word(cast):
    people = {
        name: access.relation(getattr(cast, name), cast.alice)
        for name in ("bob", "carol", "dave", "mallory", "alice")
    }
    assert people == {
        "bob": "follower",
        "carol": "friend",
        "dave": "stranger",
        "mallory": "blocked",
        "alice": "self",
    }
    assert access.relation(cast.alice, cast.bob) == "followed"
    assert access.relation(AnonymousUser(), cast.alice) == "anonymous"
    assert set(access.friend_ids(cast.alice)) == {cast.carol.pk}
    assert set(access.follower_ids(cast.alice)) == {cast.bob.pk, cast.carol.pk}
    assert set(access.followed_ids(cast.alice)) == {cast.carol.pk}
    assert not access.followed_ids(AnonymousUser())
    assert not access.friend_ids(AnonymousUser())


def test_the_relations_of_many_take_two_queries(cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):  # follows between, blocks between
        access.relations(cast.alice, [cast.bob, cast.carol, cast.dave, cast.mallory, cast.alice])


# --- Lists ----------------------------------------------------------------------------------------------------


def test_lists_leave_out_whom_the_viewer_must_not_meet(api, cast):
    actions.follow(cast.mallory, cast.carol)
    assert names(api.as_(cast.dave).get("/api/v1/users/carol/followers/")) == ["mallory", "alice"]
    assert names(api.as_(cast.alice).get("/api/v1/users/carol/followers/")) == ["alice"]
    actions.deactivate(cast.mallory)
    assert names(api.as_(cast.dave).get("/api/v1/users/carol/followers/")) == ["alice"]


@pytest.mark.parametrize(
    ("audience", "allowed"),
    [
        ("public", "anonymous dave bob carol alice"),
        ("followers", "bob carol alice"),
        ("friends", "carol alice"),
        ("only_me", "alice"),
    ],
)
@pytest.mark.parametrize("which", ["followers", "following", "friends"])
def test_who_sees_the_lists_is_the_persons_choice(api, browser, cast, audience, allowed, which):
    update_privacy(cast.alice, **{f"{which}_audience": audience})
    for name in ("anonymous", "dave", "bob", "carol", "alice"):
        person = getattr(cast, name, None)
        expected = 200 if name in allowed.split() else 404
        client = api.as_(person) if person else api
        page = browser.as_(person) if person else browser
        assert client.get(f"/api/v1/users/alice/{which}/").status_code == expected
        assert page.get(f"/@alice/{which}/").status_code == expected


def test_friends_are_those_who_follow_each_other(api, cast):
    actions.follow(cast.alice, cast.dave)
    assert names(api.as_(cast.bob).get("/api/v1/users/alice/friends/")) == ["carol"]
    actions.follow(cast.dave, cast.alice)
    assert set(names(api.as_(cast.bob).get("/api/v1/users/alice/friends/"))) == {"carol", "dave"}
    block(cast.dave, cast.bob)
    assert names(api.as_(cast.bob).get("/api/v1/users/alice/friends/")) == ["carol"]
    actions.unfollow(cast.carol, cast.alice)
    assert names(api.as_(cast.bob).get("/api/v1/users/alice/friends/")) == []


def test_the_profile_says_which_lists_are_open_and_links_only_them(api, browser, cast):
    update_privacy(cast.alice, followers_audience="only_me", friends_audience="friends")
    lists = {
        name: api.as_(getattr(cast, name)).get("/api/v1/users/alice/").json()["lists"]
        for name in ("alice", "bob", "carol")
    }
    assert lists == {
        "alice": {"followers": True, "following": True, "friends": True},
        "bob": {"followers": False, "following": True, "friends": False},
        "carol": {"followers": False, "following": True, "friends": True},
    }
    page = browser.as_(cast.bob).get("/@alice/").content.decode()
    assert "/@alice/following/" in page
    assert "/@alice/followers/" not in page


def test_a_list_pages_by_cursor_in_a_constant_number_of_queries(
    api, cast, make_person, django_assert_max_num_queries
):
    for number in range(25):
        actions.follow(make_person(f"fan{number}"), cast.alice)
    client = api.as_(cast.dave)
    # Session, user; the person; may one see the list (follows, block); the page; ties to its people (follows, blocks).
    with django_assert_max_num_queries(8):
        first = client.get("/api/v1/users/alice/followers/").json()
    second = client.get(first["next"]).json()
    seen = [row["username"] for row in first["results"] + second["results"]]
    assert (len(seen), len(set(seen)), second["next"]) == (27, 27, None)
    assert seen[0] == "fan24"


def test_a_broken_cursor_is_a_sentence(api, cast):
    answer = api.as_(cast.dave).get("/api/v1/users/alice/followers/?cursor=zz")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_cursor")


def test_a_cursor_with_words_where_a_time_stands_is_a_sentence_on_pages_too(browser, cast):
    answer = browser.as_(cast.dave).get("/@alice/", {"cursor": encode_cursor(["yesterday", 1])})
    assert answer.status_code == 400
    assert "not valid" in answer.content.decode()


# --- Requests -------------------------------------------------------------------------------------------------


@pytest.fixture
def request_row(cast):
    update_privacy(cast.alice, is_private=True)
    return actions.follow(cast.dave, cast.alice)


def test_a_request_is_listed_and_accepted(api, cast, request_row):
    client = api.as_(cast.alice)
    rows = client.get("/api/v1/follow-requests/").json()["results"]
    assert [(row["id"], row["person"]["username"]) for row in rows] == [(str(request_row.pk), "dave")]
    url = f"/api/v1/follow-requests/{request_row.pk}/accept/"
    assert client.post(url).json() == {"state": "accepted"}
    assert client.post(url).json() == {"state": "accepted"}
    cast.alice.refresh_from_db()
    assert cast.alice.followers_count == 3
    assert client.get("/api/v1/follow-requests/").json()["results"] == []
    assert client.post(f"/api/v1/follow-requests/{request_row.pk}/decline/").status_code == 409


def test_a_request_is_declined_and_may_be_made_again(api, cast, request_row):
    url = f"/api/v1/follow-requests/{request_row.pk}/decline/"
    assert api.as_(cast.alice).post(url).status_code == 204
    assert api.as_(cast.alice).post(url).status_code == 404
    assert actions.follow(cast.dave, cast.alice).state == "pending"


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_nobody_answers_for_somebody_else(api, cast, request_row, verb):
    url = f"/api/v1/follow-requests/{request_row.pk}/{verb}/"
    absent = api.as_(cast.bob).post("/api/v1/follow-requests/1/accept/")
    for person in (cast.dave, cast.bob, cast.mod):
        answer = api.as_(person).post(url)
        assert (answer.status_code, answer.content) == (404, absent.content)
    assert api.post(url).status_code == 401
    assert api.as_(cast.alice).post(f"/api/v1/follow-requests/x-{request_row.pk}/{verb}/").status_code == 404
    request_row.refresh_from_db()
    assert request_row.state == "pending"


def test_a_request_by_somebody_gone_is_neither_listed_nor_accepted(api, cast, request_row):
    actions.deactivate(cast.dave)
    assert api.as_(cast.alice).get("/api/v1/follow-requests/").json()["results"] == []
    assert api.as_(cast.alice).post(f"/api/v1/follow-requests/{request_row.pk}/accept/").status_code == 404


def test_a_block_ends_a_request(cast, request_row):
    block(cast.alice, cast.dave)
    assert not Follow.objects.filter(pk=request_row.pk).exists()


def test_going_public_lets_in_who_asked(cast, request_row, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        update_privacy(cast.alice, is_private=False)
    request_row.refresh_from_db()
    cast.alice.refresh_from_db()
    assert (request_row.state, cast.alice.followers_count) == ("accepted", 3)


def test_accepting_the_waiting_stops_at_a_private_account(cast, request_row):
    assert actions.accept_waiting(cast.alice.pk) == 0


def test_requests_are_answered_on_the_page(browser, cast, request_row):
    page = browser.as_(cast.alice)
    assert "dave" in page.get("/follow-requests/").content.decode()
    assert (
        browser.as_(cast.bob).post(f"/follow-requests/{request_row.pk}/", {"answer": "accept"}).status_code
        == 404
    )
    page.post(f"/follow-requests/{request_row.pk}/", {"answer": "accept"})
    request_row.refresh_from_db()
    assert request_row.state == "accepted"
    other = Follow.objects.create(follower=cast.mod, followed=cast.alice, state="pending")
    page.post(f"/follow-requests/{other.pk}/", {"answer": "decline"})
    assert not Follow.objects.filter(pk=other.pk).exists()


def test_lists_of_oneself_need_a_log_in(api, cast):
    for path in ("me/", "me/privacy/", "me/blocks/", "me/mutes/", "follow-requests/", "suggestions/"):
        answer = api.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")
