"""The notifications page by hand: what arrives shows by itself, is read when it was seen, and is answered where it stands."""

import os

import pytest
from django.conf import settings
from playwright.sync_api import expect

from accounts import actions as accounts
from accounts.models import Follow
from messaging import access
from messaging.models import Notification, NotificationSettings
from privacy.actions import block, update_privacy
from tests.messaging.conftest import live, servers, session_of  # noqa: F401
from videos.actions import comment, delete_comment, like

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture(autouse=True, scope="module")
def _database_beside_playwright():
    # Playwright's loop runs in this thread, which is no reason for Django to refuse the database to the test.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def window(chromium, live, session_of):  # noqa: F811
    """`window(person, path)` is a page of that person's own browser; an error of a script fails the test."""
    contexts, errors = [], []

    def make(person, path, viewport=DESKTOP):
        context = chromium.new_context(viewport=viewport, base_url=live)
        contexts.append(context)
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(person), "url": live}]
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        # A view transition that a quick next page interrupts is not an error of ours.
        page.on("pageerror", lambda e: None if "Transition" in str(e) else errors.append(str(e)))
        with page.expect_websocket():
            page.goto(path)
        page.wait_for_timeout(700)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not errors


def bell(page):
    return page.locator('.sidebar [data-badge="notifications"]')


def test_what_happens_shows_on_open_pages_and_is_read_once_it_was_seen(cast, make_video, window):
    clip = make_video(cast.alice)
    elsewhere = window(cast.alice, "/settings/profile/")
    inbox = window(cast.alice, "/inbox/")
    like(cast.bob, clip)
    expect(inbox.get_by_text("bob liked your clip")).to_be_visible()
    expect(bell(elsewhere)).to_have_text("1")
    expect(elsewhere).to_have_title("(1) Profile · Glint")
    # Read by one page, the number goes from all; the mark stays on the page that showed it, until it is left.
    expect(bell(elsewhere)).to_be_hidden()
    expect(elsewhere).to_have_title("Profile · Glint")
    assert not Notification.objects.filter(read_at=None).exists()
    expect(inbox.locator(".notice--unread")).to_have_count(1)
    inbox.reload()
    expect(inbox.locator(".notice")).to_have_count(1)
    expect(inbox.locator(".notice--unread")).to_have_count(0)


def test_what_is_taken_back_or_blocked_vanishes_without_reloading(cast, make_video, window):
    clip = make_video(cast.alice)
    like(cast.carol, clip)
    inbox = window(cast.alice, "/inbox/")
    said = comment(cast.bob, clip, "hello")
    comment(cast.carol, clip, "hi")
    expect(inbox.get_by_text("carol and bob commented on your clip")).to_be_visible()
    delete_comment(cast.bob, said)
    block(cast.alice, cast.carol)
    expect(inbox.locator(".notice")).to_have_count(0)
    expect(inbox.get_by_text("All quiet")).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_requests_to_follow_are_answered_where_they_stand(cast, window, viewport):
    update_privacy(cast.bob, is_private=True)
    accounts.follow(cast.dave, cast.bob)
    inbox = window(cast.bob, "/inbox/", viewport)
    inbox.get_by_role("button", name="Accept @dave").click()
    expect(inbox.locator("[data-asking]")).to_have_count(0)
    assert Follow.objects.get(follower=cast.dave, followed=cast.bob).state == "accepted"
    accounts.follow(cast.carol, cast.bob)
    inbox.get_by_role("button", name="Decline @carol").click()
    expect(inbox.locator("[data-asking]")).to_have_count(0)
    assert not Follow.objects.filter(follower=cast.carol, followed=cast.bob).exists()
    assert inbox.evaluate("location.pathname") == "/inbox/"


def test_following_back_and_marking_all_read(cast, make_video, window):
    accounts.follow(cast.dave, cast.alice)
    for _number in range(35):
        like(cast.bob, make_video(cast.alice))
    inbox = window(cast.alice, "/inbox/?group=follows")
    with inbox.expect_response("**/users/dave/follow/"):
        inbox.get_by_role("button", name="Follow", exact=True).click()
    expect(inbox.get_by_role("button", name="Following", exact=True)).to_be_visible()
    assert Follow.objects.filter(follower=cast.alice, followed=cast.dave, state="accepted").exists()
    inbox.get_by_role("link", name="All", exact=True).click()
    inbox.get_by_role("button", name="Mark all as read").click()
    expect(inbox.locator(".notice--unread")).to_have_count(0)
    expect(bell(inbox)).to_be_hidden()
    assert access.badges(cast.alice)["notifications"] == 0
    # Older ones join their section, in order, and stay when something new arrives.
    inbox.get_by_role("link", name="Older").click()
    expect(inbox.locator(".notice")).to_have_count(36)
    expect(inbox.locator("[data-section]")).to_have_count(1)
    like(cast.carol, make_video(cast.alice))
    expect(inbox.get_by_text("carol liked your clip")).to_be_visible()
    expect(inbox.locator(".notice")).to_have_count(37)
    ids = inbox.locator(".notice").evaluate_all("rows => rows.map((row) => row.dataset.at)")
    assert ids == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    "viewport", [DESKTOP, PHONE, {"width": 320, "height": 640}], ids=["desktop", "phone", "small"]
)
def test_one_chooses_how_to_be_told(cast, window, viewport):
    page = window(cast.alice, "/settings/notifications/", viewport)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row = page.get_by_role("group", name="Likes")
    row.get_by_role("checkbox", name="In the app").uncheck()
    page.locator("[name=quiet_from]").fill("22:00")
    page.locator("[name=quiet_to]").fill("07:30")
    page.get_by_label("E-mail digest").select_option("daily")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    kept = NotificationSettings.objects.get(person=cast.alice)
    assert kept.channels == {"likes": {"in_app": False}}
    assert (str(kept.quiet_from), str(kept.quiet_to), kept.digest) == ("22:00:00", "07:30:00", "daily")
    assert kept.time_zone  # proposed by the page: the browser's own


def test_the_sound_is_off_until_this_browser_wants_it_and_never_in_quiet_hours(cast, window):
    page = window(cast.alice, "/settings/notifications/")
    assert not page.get_by_label("A sound in open pages").is_checked()
    page.get_by_label("A sound in open pages").check()
    page.reload()
    assert page.get_by_label("A sound in open pages").is_checked()
    quiet = """async (hours) => (await import("app/bell")).isQuiet(
        { quiet_from: hours[0], quiet_to: hours[1], time_zone: hours[2] }, new Date("2026-06-10T23:30:00Z"))"""
    for hours, expected in [
        (["22:00", "07:00", ""], True),
        (["22:00", "07:00", "Asia/Tokyo"], False),
        (["08:00", "12:00", "Asia/Tokyo"], True),
        ([None, None, ""], False),
    ]:
        assert page.evaluate(quiet, hours) is expected
