"""The notifications page as the server draws it: sections, groups, what waits for an answer, what is empty."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as accounts
from messaging import access, actions
from messaging.models import Notification
from messaging.templatetags.notices import in_sections
from privacy import actions as privacy
from videos import actions as videos

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("hours", "titles"),
    [
        ((0,), ["Today"]),
        ((0, 15), ["Today", "This week"]),
        ((0, 5 * 24, 8 * 24, 40 * 24), ["Today", "This week", "Earlier"]),
        ((8 * 24,), ["Earlier"]),
        ((), []),
    ],
)
def test_sections_are_of_today_this_week_and_earlier(hours, titles, monkeypatch):
    noon = timezone.now().replace(hour=12, minute=0)
    monkeypatch.setattr(timezone, "localtime", lambda: noon)
    cards = [{"updated_at": noon - timedelta(hours=ago)} for ago in hours]
    assert [section["title"] for section in in_sections(cards)] == titles


def test_today_begins_at_midnight_of_the_reader(cast, browser, make_video):
    videos.like(cast.bob, make_video(cast.alice))
    tokyo = timezone.now() + timedelta(hours=9)
    before_midnight_there = tokyo.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(
        hours=9, minutes=1
    )
    Notification.objects.update(updated_at=before_midnight_there)
    actions.change_notification_settings(cast.alice, time_zone="Asia/Tokyo")
    page = browser.as_(cast.alice).get("/inbox/").content.decode()
    assert 'data-section="week"' in page
    assert 'data-section="today"' not in page


def test_a_group_shows_its_own_only_and_keeps_to_it_when_going_on(cast, browser, make_video):
    clip = make_video(cast.alice)
    videos.like(cast.bob, clip)
    videos.comment(cast.bob, clip, "hello")
    for number in range(31):
        Notification.objects.create(
            recipient=cast.alice, kind="clip_ready", group_key=f"clip:{number}", actors_count=0
        )
    page = browser.as_(cast.alice)
    comments = page.get("/inbox/?group=comments").content.decode()
    assert "commented on your clip" in comments
    assert "liked your clip" not in comments
    assert "group=clips&amp;cursor=" in page.get("/inbox/?group=clips").content.decode()


def test_a_group_that_there_is_not_is_refused_with_a_page(cast, browser):
    assert browser.as_(cast.alice).get("/inbox/?group=nothing").status_code == 400


@pytest.mark.parametrize(
    ("query", "sentence"), [("", "All quiet"), ("?group=remixes", "Somebody makes a clip with yours.")]
)
def test_an_empty_list_says_what_will_be_there(cast, browser, query, sentence):
    assert sentence in browser.as_(cast.dave).get(f"/inbox/{query}").content.decode()


def test_requests_to_follow_stand_on_top_and_are_answered_there(cast, browser):
    privacy.update_privacy(cast.bob, is_private=True)
    accounts.follow(cast.dave, cast.bob)
    page = browser.as_(cast.bob)
    shown = page.get("/inbox/")
    (row,) = shown.context["asking"]
    assert f'action="/follow-requests/{row["id"]}/"' in shown.content.decode()
    assert "Waiting for your answer" in shown.content.decode()
    page.post(f"/follow-requests/{row['id']}/", {"answer": "accept"})
    assert "Waiting for your answer" not in page.get("/inbox/").content.decode()


def test_of_many_requests_the_first_are_shown_and_the_number_of_all(cast, browser, make_person):
    privacy.update_privacy(cast.bob, is_private=True)
    for number in range(5):
        accounts.follow(make_person(f"fan{number}"), cast.bob)
    shown = browser.as_(cast.bob).get("/inbox/")
    assert [row["person"]["username"] for row in shown.context["asking"]] == ["fan4", "fan3", "fan2"]
    assert shown.context["asking_count"] == 5
    assert "All requests to follow you" in shown.content.decode()


def test_who_blocked_me_asks_for_nothing(cast, browser):
    privacy.update_privacy(cast.bob, is_private=True)
    accounts.follow(cast.dave, cast.bob)
    type(cast.dave).objects.filter(pk=cast.dave.pk).update(is_active=False)
    assert "Waiting for your answer" not in browser.as_(cast.bob).get("/inbox/").content.decode()


def test_who_followed_alone_has_a_button_to_follow_back(cast, browser):
    accounts.follow(cast.dave, cast.alice)
    page = browser.as_(cast.alice)
    assert '<follow-button username="dave" state="no"' in page.get("/inbox/").content.decode()
    accounts.follow(cast.alice, cast.dave)
    assert "<follow-button" not in page.get("/inbox/").content.decode()


def test_the_fragment_is_the_list_and_nothing_else(cast, browser, make_video):
    videos.like(cast.bob, make_video(cast.alice))
    text = browser.as_(cast.alice).get("/inbox/?fragment=1").content.decode()
    assert "liked your clip" in text
    assert "<html" not in text


def test_what_is_shown_is_not_read_yet(cast, browser, make_video):
    videos.like(cast.bob, make_video(cast.alice))
    browser.as_(cast.alice).get("/inbox/")
    assert access.badges(cast.alice)["notifications"] == 1


def test_the_page_costs_a_constant_number_of_queries(
    cast, browser, make_video, make_person, django_assert_max_num_queries
):
    privacy.update_privacy(cast.alice, is_private=False)
    for number in range(8):
        fan = make_person(f"fan{number}")
        videos.like(fan, make_video(cast.alice))
        accounts.follow(fan, cast.alice)
    page = browser.as_(cast.alice)
    page.get("/inbox/")
    # session and person 2; settings (clock); rows; their people; who is followed back 2; requests to follow and their
    # number 2; requests to write; the three of the badges
    with django_assert_max_num_queries(14):
        page.get("/inbox/")
