"""The page on which one sees and changes what one's feed goes by."""

import re

import pytest

from videos import actions, feed
from videos.hashtags import apply_tags
from videos.models import Tag


@pytest.fixture
def page(browser, cast):
    """dave's page as text, with `?…` if one likes."""

    def get(query="", person=cast.dave):
        feed.forget(person.pk)
        answer = browser.as_(person).get(f"/settings/feed/{query}")
        assert answer.status_code == 200
        return answer.content.decode()

    return get


@pytest.fixture
def liked(cast, make_video):
    clip = make_video(cast.alice, caption="Waves #sea")
    apply_tags(clip)
    actions.like(cast.dave, clip)
    return clip


def test_a_newcomer_reads_what_to_do(page):
    assert "Watch five clips" in page()


def test_it_shows_what_is_believed_and_the_clip_that_says_so(page, liked):
    text = page()
    assert "#sea" in text
    assert liked.get_absolute_url() in text
    assert "You liked or saved 1 clip." in text


def test_what_was_said_stands_there_and_is_pressed(page, cast, liked):
    actions.prefer(cast.dave, "more", tag=Tag.objects.get(name="sea"))
    text = page()
    assert "More of #sea" in text
    assert re.search(r'data-say="more"\s+aria-pressed="true"', text)


def test_the_fragment_is_what_changes_only(page, liked):
    text = page("?fragment=1")
    assert "#sea" in text
    assert "<html" not in text
    assert "data-start-over" not in text


def test_others_see_their_own(page, cast, liked):
    assert "#sea" not in page(person=cast.bob)


def test_the_switches_show_what_holds(page, cast):
    assert re.search(r'data-setting="personal"\s+checked', page())
    actions.change_feed(cast.dave, personal=False, chronological=True)
    text = page()
    assert re.search(r'data-setting="chronological"\s+checked', text)
    assert not re.search(r'data-setting="personal"\s+checked', text)
    assert "it does not use what you watch and like" in text


def test_many_words_come_page_by_page(page, cast, make_video):
    for number in range(35):
        actions.prefer(cast.dave, "hide", video=make_video(cast.alice, caption=f"Clip {number}"))
    text = page()
    assert (text.count("data-forget"), "Clip 34" in text, "“Clip 0”" in text) == (30, True, False)
    older = re.search(r'href="(\?cursor=[^"#]+)', text)[1]
    assert "“Clip 0”" in page(older)


def test_a_forged_interest_is_refused(browser, cast):
    assert browser.as_(cast.dave).post("/settings/feed/", {"interests": ["dragons"]}).status_code == 400


def test_visitors_are_asked_to_log_in(browser):
    assert browser.get("/settings/feed/").status_code == 302
