"""Two windows of a real browser hold a conversation with the page as people use it."""

import shutil

import pytest
from django.conf import settings

from accounts.access import relation
from messaging import actions
from messaging.models import Message

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


@pytest.fixture
def window(live, session_of):
    """`window(person, path)` is a page of that person's own browser; script errors fail the test."""
    from playwright.sync_api import sync_playwright

    errors = []
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

        def make(person, path, **context_options):
            context = chromium.new_context(**context_options)
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(person), "url": live}]
            )
            page = context.new_page()
            page.set_default_timeout(8000)
            # A view transition that a quick next click interrupts is not an error of ours.
            page.on("pageerror", lambda e: None if "Transition" in str(e) else errors.append(str(e)))
            page.on(
                "console", lambda m: errors.append(m.text) if "Content Security Policy" in m.text else None
            )
            page.goto(live + path)
            return page

        yield make
        chromium.close()
    assert not errors


@pytest.fixture(autouse=True)
def _orm_beside_playwright(monkeypatch):
    # Playwright's own loop makes Django believe that this thread is asynchronous.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def test_two_windows_talk_without_reloading(cast, talk, window, make_video):
    room = talk("alice", "carol")
    talk.say(cast.carol, room, "first")
    assert relation(cast.alice, cast.carol) == "friend"
    alice = window(cast.alice, f"/messages/{room}/", viewport={"width": 1280, "height": 800})
    carol = window(cast.carol, f"/messages/{room}/", viewport={"width": 390, "height": 844})
    carol.wait_for_timeout(600)

    alice.get_by_label("Message", exact=True).type("Hello <b>Carol</b> https://example.com/a?b=1 ok")
    carol.get_by_text("alice is writing").wait_for()
    alice.keyboard.press("Shift+Enter")
    alice.keyboard.type("second line")
    alice.keyboard.press("Enter")

    told = carol.locator(".message__text").last
    carol.locator(".message__text", has_text="second line").wait_for()
    assert told.inner_text() == "Hello <b>Carol</b> https://example.com/a?b=1 ok\nsecond line"
    assert told.locator("a").get_attribute("href") == "https://example.com/a?b=1"
    assert told.locator("a").get_attribute("rel") == "noopener noreferrer nofollow ugc"
    alice.locator("[data-seen-mark]:visible").wait_for()  # carol's window read it
    assert alice.locator(".message").count() == 2

    carol.locator(".message").last.hover()
    carol.locator(".message__more").last.click()
    carol.get_by_label("React with 😂").click()
    alice.locator(".message__reactions", has_text="😂").wait_for()

    clip = make_video(cast.alice, caption="Harbour")
    actions.send_message(cast.alice, room, client_id="clip", video_id=str(clip.pk))
    carol.locator(".shared", has_text="@alice").wait_for()

    alice.locator(".message").nth(1).hover()
    alice.locator(".message__more").nth(1).click()
    alice.get_by_role("button", name="Take back for everyone").click()
    carol.get_by_text("Message taken back").wait_for()
    assert "second line" not in carol.locator("[data-list]").inner_text()


def test_a_message_that_could_not_be_sent_says_so_and_is_sent_once_on_retry(cast, talk, window):
    room = talk("alice", "carol")
    alice = window(cast.alice, f"/messages/{room}/")
    alice.wait_for_timeout(500)
    alice.context.set_offline(True)
    alice.get_by_label("Message", exact=True).fill("through the tunnel")
    alice.keyboard.press("Enter")
    alice.get_by_text("Not sent. No connection.").wait_for()
    assert not Message.objects.exists()
    alice.context.set_offline(False)
    alice.get_by_role("button", name="Try again").click()
    alice.locator(".message[data-seq='1']").wait_for()
    assert alice.locator(".message").count() == 1
    assert Message.objects.count() == 1


def test_the_list_and_the_badge_follow_what_arrives_elsewhere(cast, talk, window):
    room = talk("alice", "carol")
    carol = window(cast.carol, "/messages/", viewport={"width": 1280, "height": 800})
    carol.wait_for_timeout(700)
    actions.send_message(cast.alice, room, client_id="x", text="news for you")
    carol.get_by_text("news for you").wait_for()
    carol.locator(".sidebar [data-badge=messages]:visible").wait_for()
    assert carol.locator(".sidebar [data-badge=messages]").inner_text() == "1"


def test_after_a_break_the_conversation_is_whole(cast, talk, window):
    room = talk("alice", "carol")
    for number in range(60):
        talk.say(cast.alice, room, f"old {number}")
    carol = window(cast.carol, f"/messages/{room}/")
    carol.wait_for_timeout(600)
    carol.context.set_offline(True)
    for number in range(5):
        talk.say(cast.alice, room, f"missed {number}")
    carol.context.set_offline(False)
    carol.evaluate("dispatchEvent(new Event('online'))")
    carol.locator(".message__text", has_text="missed 4").wait_for(timeout=25_000)
    carol.locator("[data-scroll]").evaluate("node => node.scrollTop = 0")
    carol.locator(".message__text", has_text="old 0").wait_for()
    seqs = carol.locator(".message").evaluate_all("items => items.map((item) => Number(item.dataset.seq))")
    assert seqs == list(range(1, 66))


def test_a_request_is_accepted_in_the_page(cast, talk, window):
    from privacy.actions import update_privacy

    update_privacy(cast.alice, message_audience="friends")
    room = talk("dave", "alice")
    talk.say(cast.dave, room, "may I ask")
    alice = window(cast.alice, "/messages/requests/")
    assert "may I ask" not in alice.content()
    alice.locator(".conversation a").first.click()
    alice.wait_for_url(f"**/messages/{room}/")
    alice.wait_for_load_state()
    alice.get_by_role("button", name="Accept").click()
    alice.get_by_label("Message", exact=True).fill("yes")
    alice.keyboard.press("Enter")
    alice.locator(".message[data-seq='2']").wait_for()


@pytest.mark.parametrize("path", ["/messages/", "/messages/{room}/", "/messages/requests/", "/inbox/"])
def test_nothing_scrolls_sideways_at_320_pixels(cast, talk, window, path):
    room = talk("alice", "carol")
    talk.say(cast.carol, room, "x" * 300)
    page = window(cast.alice, path.format(room=room), viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_bell_rings_and_is_read_on_the_page(cast, make_video, window):
    from videos.actions import like

    clip = make_video(cast.alice)
    page = window(cast.alice, "/inbox/")
    page.wait_for_timeout(700)
    like(cast.bob, clip)
    page.get_by_text("bob liked your clip").wait_for()
    from messaging.models import Notification

    page.wait_for_timeout(2500)
    assert not Notification.objects.filter(read_at=None).exists()
