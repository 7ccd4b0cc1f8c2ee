"""People to follow: who is suggested to whom, and the reasons that are given."""

import pytest

from accounts import actions
from accounts.models import User
from accounts.suggestions import suggestions
from privacy.actions import block, mute, update_privacy
from videos.hashtags import apply_tags

pytestmark = pytest.mark.engines


def names(viewer):
    return [card["username"] for card in suggestions(viewer)]


def reasons(viewer, username):
    return {
        r["kind"]: r["text"] for c in suggestions(viewer) if c["username"] == username for r in c["reasons"]
    }


@pytest.fixture
def clip(make_video):
    def make(author, caption, **fields):
        video = make_video(author, caption=caption, **fields)
        apply_tags(video)
        return video

    return make


def test_whom_ones_own_people_follow_comes_first_with_a_name(api, cast, make_person):
    erin = make_person("erin")
    actions.follow(cast.alice, erin)
    rows = api.as_(cast.bob).get("/api/v1/suggestions/").json()["results"]
    assert {row["username"] for row in rows[:2]} == {"erin", "carol"}
    assert rows[0]["reasons"] == [{"kind": "friends_of_friends", "text": "Followed by @alice"}]
    assert rows[-1]["reasons"][0]["kind"] == "popular"
    assert "alice" not in [row["username"] for row in rows]


def test_several_who_follow_are_counted(cast, make_person):
    erin, fred = make_person("erin"), make_person("fred")
    for person in (cast.alice, erin, fred):
        actions.follow(person, cast.dave)
    for person in (erin, fred):
        actions.follow(cast.bob, person)
    assert reasons(cast.bob, "dave")["friends_of_friends"] == "Followed by @alice and 2 more you follow"


def test_suggestions_keep_to_the_gate(cast):
    update_privacy(cast.dave, findable=False)
    mute(cast.bob, cast.carol)
    block(cast.mod, cast.bob)
    update_privacy(cast.alice, is_private=True)
    assert names(cast.bob) == ["mallory"]
    assert reasons(cast.alice, "bob")["follows_you"] == "Follows you"


def test_whom_a_moderator_limited_is_not_suggested_nor_found_by_strangers(api, cast):
    User.objects.filter(pk=cast.carol.pk).update(is_limited=True)
    assert "carol" not in names(cast.bob)
    found = {
        person: [
            row["username"]
            for row in api.as_(getattr(cast, person))
            .get("/api/v1/search/?q=carol&type=people")
            .json()["results"]
        ]
        for person in ("bob", "alice", "carol")
    }
    assert found == {"bob": [], "alice": ["carol"], "carol": ["carol"]}


def test_a_closed_following_list_is_no_reason(cast):
    update_privacy(cast.alice, following_audience="only_me")
    assert {r["kind"] for card in suggestions(cast.bob) for r in card["reasons"]} == {"popular"}


def test_who_makes_clips_of_what_one_chose_is_suggested(cast, clip):
    clip(cast.dave, "Sourdough #Baking")
    actions.choose_interests(cast.bob, ["food"])
    assert reasons(cast.bob, "dave") == {"topic": "Makes clips about #baking"}
    assert "topic" not in reasons(cast.carol, "dave")


@pytest.mark.parametrize("fields", [{"audience": "followers"}, {"audience": "only_me"}, {"state": "removed"}])
def test_clips_that_the_viewer_may_not_see_are_no_reason(cast, clip, fields):
    clip(cast.dave, "Sourdough #baking", **fields)
    actions.choose_interests(cast.bob, ["food"])
    assert reasons(cast.bob, "dave") == {"popular": "Popular here"}


def test_suggestions_take_seven_queries(cast, clip, django_assert_max_num_queries):
    clip(cast.dave, "#baking")
    actions.choose_interests(cast.bob, ["food"])
    # Followed by one's own; one name each; by topic; those people; the popular; ties (follows, blocks).
    with django_assert_max_num_queries(7):
        suggestions(cast.bob)


def test_the_page_shows_people_and_why(browser, cast):
    page = browser.as_(cast.bob).get("/people/").content.decode()
    assert "@carol" in page
    assert "Followed by @alice" in page
    assert browser.get("/people/").status_code == 302
