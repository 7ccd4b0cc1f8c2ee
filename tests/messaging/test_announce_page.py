"""The studio's page of announcements works without scripts too, and says what is wrong beside the form."""

import pytest

from messaging import actions
from messaging.models import Announcement

pytestmark = pytest.mark.django_db
ADDRESS = "/studio/announce/"


@pytest.fixture
def draft(cast, make_video):
    return make_video(cast.alice, state="draft", published_at=None, caption="Rough cut")


def test_it_offers_ones_own_clips_only(cast, make_video, draft, browser):
    make_video(cast.alice, caption="Harbour")
    make_video(cast.alice, caption="canary-mine", audience="only_me")
    make_video(cast.alice, caption="canary-held", held_for="term")
    make_video(cast.bob, caption="canary-bob")
    page = browser.as_(cast.alice).get(ADDRESS).content.decode()
    assert "Harbour" in page
    assert "Rough cut" in page
    assert "canary" not in page


def test_the_clip_in_the_address_is_chosen(cast, make_video, browser):
    first = make_video(cast.alice)
    make_video(cast.alice)
    context = browser.as_(cast.alice).get(f"{ADDRESS}?video={first.pk}").context
    assert context["chosen"] == str(first.pk)
    assert context["clips"][0]["id"] == str(first.pk)


def test_a_form_without_script_announces(cast, make_video, browser):
    clip = make_video(cast.alice)
    body = {"act": "announce", "video": clip.pk, "text": "New", "audience": "friends"}
    answer = browser.as_(cast.alice).post(ADDRESS, body)
    assert (answer.status_code, answer.headers["Location"]) == (302, ADDRESS)
    row = Announcement.objects.get()
    assert (row.text, row.audience, row.is_preview) == ("New", "friends", False)


def test_a_draft_is_sent_as_a_preview(cast, draft, browser):
    body = {"act": "announce", "video": draft.pk, "drafts": [draft.pk], "audience": "followers"}
    browser.as_(cast.alice).post(ADDRESS, body)
    assert Announcement.objects.get().is_preview


def test_what_is_wrong_stands_beside_the_form_and_the_text_stays(cast, make_video, browser):
    clip = make_video(cast.alice, audience="friends")
    body = {"act": "announce", "video": clip.pk, "text": "Half a sentence", "audience": "followers"}
    answer = browser.as_(cast.alice).post(ADDRESS, body)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Only friends can watch this clip" in page
    assert "Half a sentence" in page


def test_after_one_it_says_when_the_next_can_go_out(cast, make_video, browser):
    actions.announce(cast.alice, video_id=make_video(cast.alice).pk, text="Today", audience="followers")
    page = browser.as_(cast.alice).get(ADDRESS).content.decode()
    assert "One announcement a day" in page
    assert "data-announce " not in page
    assert "Today" in page


@pytest.mark.parametrize(("act", "state"), [("stop", "stopped"), ("take_back", "undoing")])
def test_one_that_goes_out_can_be_stopped_or_taken_back(cast, make_video, browser, act, state):
    row = actions.announce(cast.alice, video_id=make_video(cast.alice).pk, audience="followers")
    browser.as_(cast.alice).post(ADDRESS, {"act": act, "announcement": row.pk})
    row.refresh_from_db()
    assert row.state == state


def test_others_announcements_are_not_there(cast, make_video, browser):
    row = actions.announce(
        cast.alice, video_id=make_video(cast.alice).pk, text="canary", audience="followers"
    )
    bob = browser.as_(cast.bob)
    assert "canary" not in bob.get(ADDRESS).content.decode()
    assert bob.post(ADDRESS, {"act": "stop", "announcement": row.pk}).status_code == 404


def test_nobody_gets_in_without_a_log_in(browser, db):
    assert browser.get(ADDRESS).status_code == 302
