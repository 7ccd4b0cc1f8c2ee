"""Two windows of a real browser hold a conversation with the page as people use it."""

import re
import shutil

import pytest
from django.conf import settings

from accounts.access import relation
from messaging import actions
from messaging.models import Message, QuickReply

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
            page.set_default_timeout(20_000)
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
    carol.locator("[data-typing]", has_text="alice is writing").wait_for()
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
    carol.locator("[data-act=message-menu]").last.click()
    carol.get_by_label("React with 😂").click()
    alice.locator(".message__reactions", has_text="😂").wait_for()

    clip = make_video(cast.alice, caption="Harbour")
    actions.send_message(cast.alice, room, client_id="clip", video_id=str(clip.pk))
    carol.locator(".shared", has_text="@alice").wait_for()

    alice.locator(".message").nth(1).hover()
    alice.locator("[data-act=message-menu]").nth(1).click()
    alice.get_by_role("button", name="Take back for everyone").click()
    carol.get_by_text("Message taken back").wait_for()
    assert "second line" not in carol.locator("[data-list]").inner_text()


def sends(page):
    """The number of attempts to send, and a switch: while `fails`, they get no answer."""
    attempts = []

    def route(one):
        if one.request.method != "POST":
            one.continue_()
            return
        attempts.append(one.request.post_data_json["client_id"])
        one.abort() if page.fails else one.continue_()

    page.fails = True
    page.route(re.compile(r"/api/v1/conversations/\d+/messages/$"), route)
    return attempts


def test_a_message_that_could_not_be_sent_says_so_and_is_sent_once_on_retry(cast, talk, window):
    room = talk("alice", "carol")
    alice = window(cast.alice, f"/messages/{room}/")
    attempts = sends(alice)
    alice.get_by_label("Message", exact=True).fill("through the tunnel")
    alice.keyboard.press("Enter")
    alice.get_by_text("Not sent. No connection.").wait_for()
    assert alice.get_by_role("button", name="Try again").is_visible()
    assert not Message.objects.exists()
    alice.fails = False
    alice.locator(".message[data-seq='1']").wait_for()  # by itself, or by who presses the button
    assert alice.locator(".message").count() == 1
    assert Message.objects.count() == 1
    assert len(set(attempts)) == 1


def test_what_waits_is_sent_in_the_order_it_was_written(cast, talk, window):
    room = talk("alice", "carol")
    alice = window(cast.alice, f"/messages/{room}/")
    sends(alice)
    for text in ("one", "two", "three"):
        alice.get_by_label("Message", exact=True).fill(text)
        alice.keyboard.press("Enter")
    alice.locator(".message--failed").nth(2).wait_for()
    alice.fails = False
    alice.locator(".message[data-seq='3']").wait_for(timeout=30_000)
    assert list(Message.objects.order_by("seq").values_list("text", flat=True)) == ["one", "two", "three"]


def test_a_refused_message_says_why_and_lets_the_next_one_through(cast, talk, window):
    room = talk("dave", "alice")  # strangers: no links in a first message
    dave = window(cast.dave, f"/messages/{room}/")
    field = dave.get_by_label("Message", exact=True)
    field.fill("see https://example.com/x")
    field.press("Enter")
    dave.locator(".message--failed", has_text="carries no links").wait_for()
    field.fill("Hello")
    field.press("Enter")
    dave.locator(".message[data-seq='1']", has_text="Hello").wait_for()
    dave.locator(".message--failed").get_by_role("button", name="Delete").click()
    assert dave.locator(".message").count() == 1
    dave.reload()
    dave.wait_for_timeout(500)
    assert dave.locator(".message").count() == 1


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


def test_changes_made_while_away_arrive_too(cast, talk, window):
    """A reaction, a message taken back and one deleted for oneself in another tab: none of them is a new message."""
    room = talk("alice", "carol")
    first, second, third = (talk.say(cast.alice, room, text) for text in ("one", "two", "three"))
    carol = window(cast.carol, f"/messages/{room}/")
    carol.locator("[data-chat][data-live]").wait_for()
    carol.route("**/api/v1/**", lambda route: route.abort())  # frames come, but what they point at does not
    actions.react(cast.alice, first.pk, "🔥")
    actions.unsend(cast.alice, second.pk)
    actions.hide_message(cast.carol, third.pk)
    carol.wait_for_timeout(500)
    carol.unroute("**/api/v1/**")
    carol.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    talk.say(cast.alice, room, "four")
    carol.locator(".message[data-seq='4']").wait_for()
    carol.locator("[data-seq='1'] .message__reactions", has_text="🔥").wait_for()
    carol.locator(".message[data-seq='2']", has_text="Message taken back").wait_for()
    carol.locator(".message[data-seq='3']").wait_for(state="hidden")


def test_a_search_result_opens_far_back_and_the_way_to_the_newest_is_whole(cast, talk, window):
    room = talk("alice", "carol")
    said = [talk.say(cast.alice, room, f"line {number}") for number in range(1, 131)]
    carol = window(cast.carol, f"/messages/{room}/?message={said[29].pk}")
    found = carol.locator(".message[data-seq='30']")
    found.wait_for()
    assert found.evaluate("node => node.getBoundingClientRect().top > 0")
    assert carol.locator(".message").count() < 131
    talk.say(cast.alice, room, "while carol reads old ones")
    scroll = carol.locator("[data-scroll]")
    for _round in range(40):
        scroll.evaluate("node => node.scrollTop = node.scrollHeight")
        carol.wait_for_timeout(150)
        if carol.locator(".message[data-seq='131']").count():
            break
    seqs = carol.locator(".message").evaluate_all("items => items.map((item) => Number(item.dataset.seq))")
    assert seqs == list(range(seqs[0], 132))


def test_the_keyboard_reaches_what_can_be_done_with_a_message(cast, talk, window):
    room = talk("alice", "carol")
    talk.say(cast.alice, room, "mine")
    talk.say(cast.carol, room, "hers")
    alice = window(cast.alice, f"/messages/{room}/")
    alice.get_by_label("Message", exact=True).focus()
    alice.keyboard.press("ArrowUp")
    assert alice.evaluate("document.activeElement.dataset.seq") == "1"
    alice.keyboard.press("ArrowDown")
    alice.keyboard.press("r")
    assert alice.locator("[data-quote]:visible").inner_text() == "carol: hers"
    alice.keyboard.press("Escape")
    alice.locator("[data-quote]").wait_for(state="hidden")
    alice.keyboard.press("ArrowUp")
    alice.keyboard.press("Enter")
    alice.get_by_role("button", name="Take back for everyone").wait_for()
    alice.keyboard.press("Escape")
    alice.keyboard.press("/")
    alice.get_by_role("searchbox", name="Search in this conversation").wait_for()


DROP = """async (root) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 30 });
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([blob], "drawn.png", { type: "image/png" }));
  const more = { dataTransfer, bubbles: true, cancelable: true };
  for (const type of ["dragenter", "dragover", "drop"]) root.dispatchEvent(new DragEvent(type, more));
}"""


def test_a_dropped_picture_waits_beside_the_field_until_it_is_sent(cast, talk, window):
    room = talk("alice", "carol")
    alice = window(cast.alice, f"/messages/{room}/")
    alice.locator("[data-chat]").evaluate(DROP)
    alice.locator(".composer__pictures img").wait_for()
    assert not Message.objects.exists()
    alice.get_by_label("Send", exact=True).click()
    alice.locator(".message[data-seq='1'] .picture[data-picture]:not([data-picture=''])").wait_for()
    assert Message.objects.get().image.width == 40


def test_an_emoji_is_found_by_its_name_and_comes_first_the_next_time(cast, talk, window):
    room = talk("alice", "carol")
    alice = window(cast.alice, f"/messages/{room}/")
    alice.get_by_label("Emoji", exact=True).click()
    search = alice.get_by_role("searchbox", name="Search emoji")
    search.fill("fire")
    search.press("Enter")
    search.press("Escape")
    assert alice.get_by_label("Message", exact=True).input_value() == "🔥"
    alice.get_by_label("Emoji", exact=True).click()
    assert alice.locator(".pick-emoji__one").first.inner_text() == "🔥"


def test_a_quick_reply_is_put_into_the_field(cast, talk, window):
    room = talk("alice", "carol")
    QuickReply.objects.create(owner=cast.alice, text="Thank you for watching")
    alice = window(cast.alice, f"/messages/{room}/")
    alice.get_by_label("Quick replies").click()
    alice.get_by_role("button", name="Thank you for watching").click()
    assert alice.get_by_label("Message", exact=True).input_value() == "Thank you for watching"


def test_a_dropped_file_that_is_no_picture_is_not_sent(cast, talk, window):
    room = talk("alice", "carol")
    alice = window(cast.alice, f"/messages/{room}/")
    alice.locator("input[name=picture]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture"}
    )
    alice.get_by_text("This file is damaged or not a picture").wait_for()
    assert alice.locator(".composer__pictures img").count() == 0


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
    alice.locator("[data-decide]").get_by_role("button", name="Accept").click()
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
    page.locator(".notice__words", has_text="bob liked your clip").wait_for()
    from messaging.models import Notification

    page.wait_for_timeout(2500)
    assert not Notification.objects.filter(read_at=None).exists()
