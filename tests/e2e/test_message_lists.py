"""What is around conversations, by hand: the list follows what happens in every tab, requests are decided where they stand,
a group is made and looked after, and a clip goes to several from the feed."""

import os
import re

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from messaging import access, actions
from messaging.models import Message
from privacy.actions import update_privacy
from tests.messaging.conftest import live, servers, session_of, talk  # noqa: F401
from videos.models import Rendition, Video

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

    def make(person, path, viewport=DESKTOP, **options):
        context = chromium.new_context(viewport=viewport, base_url=live, **options)
        contexts.append(context)
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(person), "url": live}]
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda e: None if "Transition" in str(e) else errors.append(str(e)))
        page.goto(path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not errors


def row(page, name):
    return page.locator(".conversations > .conversation", has_text=name)


def choose(page, name, act):
    """One of the choices of a row."""
    row(page, name).hover()
    row(page, name).locator('[data-act="row-menu"]').click()
    page.get_by_role("menuitem", name=act, exact=True).click()


def titles(page):
    return page.locator('.conversations > .conversation:visible [data-part="name"]').all_inner_texts()


@pytest.fixture
def three(cast, talk):  # noqa: F811
    """alice's conversations with bob (older), carol and dave (newest), each with one unread message."""
    rooms = {name: talk(name, "alice") for name in ("bob", "carol", "dave")}
    for name, room in rooms.items():
        talk.say(getattr(cast, name), room, f"from {name}")
    return rooms


def test_the_list_follows_what_happens_in_every_tab(cast, three, talk, window):  # noqa: F811
    one, other = window(cast.alice, "/messages/"), window(cast.alice, "/messages/")
    assert titles(one) == ["dave", "carol", "bob"]
    one.wait_for_timeout(500)
    talk.say(cast.bob, three["bob"], "another one")
    for page in (one, other):
        expect(row(page, "bob").locator('[data-part="preview"]')).to_have_text("another one")
        expect(row(page, "bob").locator('[data-part="count"]')).to_have_text("2")
    assert titles(one) == titles(other) == ["bob", "dave", "carol"]
    choose(one, "bob", "Mark as read")
    for page in (one, other):
        expect(row(page, "bob").locator('[data-part="dot"]')).to_be_hidden()
        expect(page.locator('.sidebar [data-badge="messages"]')).to_have_text("2")
    one.get_by_role("button", name="Unread").click()
    assert titles(one) == ["dave", "carol"]


def test_rows_are_pinned_muted_archived_and_brought_back(cast, three, talk, window):  # noqa: F811
    page = window(cast.alice, "/messages/")
    choose(page, "bob", "Pin")
    expect(row(page, "bob").locator('[data-part="pin"]')).to_be_visible()
    assert titles(page) == ["bob", "dave", "carol"]
    choose(page, "carol", "Mute")
    expect(row(page, "carol").locator('[data-part="mute"]')).to_be_visible()
    expect(page.locator('.sidebar [data-badge="messages"]')).to_have_text("2")
    choose(page, "dave", "Archive")
    expect(row(page, "dave")).to_have_count(0)
    page.locator(".toast", has_text="dave is in the archive").get_by_role("button", name="Undo").click()
    expect(row(page, "dave")).to_have_count(1)
    choose(page, "dave", "Archive")
    expect(page.locator(".toast", has_text="dave is in the archive")).to_have_count(1)
    page.goto("/messages/?archived=1")
    assert titles(page) == ["dave"]
    page.wait_for_timeout(500)
    talk.say(cast.dave, three["dave"], "back again")  # who writes brings it back
    expect(row(page, "dave")).to_have_count(0)
    page.goto("/messages/")
    assert titles(page) == ["bob", "dave", "carol"]


def pull(page, item, by):
    """A finger pulls a row sideways."""
    box = item.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    steps = [{"x": x + by * n / 8, "y": y} for n in range(9)]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [steps[0]]})
    for step in steps[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [step]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def test_a_pull_to_one_side_archives_to_the_other_marks_read(cast, three, window):
    page = window(cast.alice, "/messages/", PHONE, has_touch=True, is_mobile=True)
    page.wait_for_timeout(600)
    pull(page, row(page, "bob"), 60)  # not far enough
    expect(row(page, "bob").locator('[data-part="dot"]')).to_be_visible()
    pull(page, row(page, "bob"), 160)
    expect(row(page, "bob").locator('[data-part="dot"]')).to_be_hidden()
    pull(page, row(page, "carol"), -160)
    expect(row(page, "carol")).to_have_count(0)
    expect(page.locator(".toast", has_text="carol is in the archive")).to_be_visible()
    assert access.conversations(cast.alice, archived=True).get().conversation_id == three["carol"]
    assert page.url.endswith("/messages/")  # nothing was opened by the way


def test_keys_walk_open_and_start(cast, three, window):
    page = window(cast.alice, "/messages/")
    page.keyboard.press("ArrowDown")
    expect(row(page, "dave").locator("a")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(row(page, "carol").locator("a")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/messages/{three['carol']}/")
    page.goto("/messages/")
    page.keyboard.press("n")
    page.wait_for_url("**/messages/new/")


def test_search_finds_conversations_people_and_words(cast, three, talk, window, make_person):  # noqa: F811
    make_person("daria")
    said = talk.say(cast.carol, three["carol"], "the lighthouse at six")
    page = window(cast.alice, "/messages/")
    field = page.get_by_role("searchbox")
    field.fill("da")
    expect(page.locator(".found__row", has_text="@daria")).to_be_visible()
    expect(row(page, "dave").filter(visible=True)).to_have_count(1)
    field.fill("lighth")
    expect(page.locator(".found mark")).to_have_text("lighth")
    field.press("Escape")
    assert titles(page)[0] == "carol"
    field.fill("lighth")
    expect(page.locator(".found mark")).to_be_visible()
    field.press("Enter")
    page.wait_for_url(f"**/messages/{three['carol']}/?message={said.pk}")


def test_requests_are_decided_where_they_stand(cast, talk, window, make_person):  # noqa: F811
    update_privacy(cast.alice, message_audience="friends")
    people = [cast.dave, make_person("erin"), make_person("finn")]
    for person in people:
        conversation, _new = actions.open_conversation(person, ["alice"])
        actions.send_message(person, conversation.pk, client_id=person.username, text="canary")
    page = window(cast.alice, "/messages/requests/")
    row(page, "dave").get_by_role("button", name="Accept").click()
    expect(row(page, "dave")).to_have_count(0)
    row(page, "erin").get_by_role("button", name="Block").click()
    page.get_by_role("dialog").get_by_role("button", name="Block").click()
    expect(row(page, "erin")).to_have_count(0)
    gus = make_person("gus")
    page.wait_for_timeout(300)
    conversation, _new = actions.open_conversation(gus, ["alice"])
    actions.send_message(gus, conversation.pk, client_id="gus", text="canary")
    expect(row(page, "gus")).to_have_count(1)  # a new one comes by itself
    assert "canary" not in page.content()
    page.get_by_role("button", name="Delete all").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete all").click()
    expect(page.get_by_text("No requests")).to_be_visible()
    page.goto("/messages/")
    assert titles(page) == ["dave"]


def test_a_group_is_made_and_looked_after(cast, window):
    page = window(cast.alice, "/messages/new/")
    for name in ("carol", "dave"):
        page.get_by_role("searchbox").fill(name)
        page.locator(".pick", has_text=f"@{name}").click()
    page.get_by_label("Name of the group").fill("Harbour")
    page.get_by_role("button", name="Start a group of 3").click()
    page.wait_for_url(re.compile(r"/messages/\d+/$"))
    page.locator("[data-group-details]").click()
    sheet = page.get_by_role("dialog").filter(has=page.locator("[data-details]"))
    sheet.get_by_role("button", name="Rename").click()
    sheet.get_by_label("Name of the group").fill("Pier")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.locator('[data-part="name"]')).to_have_text("Pier")
    sheet.get_by_role("button", name="Add people").click()
    adding = page.get_by_role("dialog", name="Add people")
    adding.get_by_role("searchbox").fill("bob")
    adding.locator(".pick", has_text="@bob").click()
    adding.get_by_role("button", name="Add", exact=True).click()
    expect(sheet.locator('[data-username="bob"]')).to_be_visible()
    sheet.locator('[data-username="carol"] [data-act="person"]').click()
    page.get_by_role("menuitem", name="Make an admin").click()
    expect(sheet.locator('[data-username="carol"][data-is-admin]')).to_be_visible()
    sheet.locator('[data-username="bob"] [data-act="person"]').click()
    page.get_by_role("menuitem", name="Remove from the group").click()
    page.get_by_role("dialog", name="Remove @bob").get_by_role("button", name="Remove").click()
    expect(sheet.locator('[data-username="bob"]')).to_have_count(0)
    group = access.conversations(cast.alice).get().conversation
    assert group.name == "Pier"
    assert access.get_seat(cast.carol, group.pk).is_admin


def test_a_clip_goes_to_several_from_the_feed_and_can_be_taken_back(cast, three, window):
    shown = {"state": "ready", "playlist": "master.m3u8", "duration_ms": 4000, "width": 720, "height": 1280}
    clip = Video.objects.create(author=cast.carol, caption="Harbour", published_at=timezone.now(), **shown)
    Rendition.objects.create(
        video=clip, name="720.mp4", width=720, height=1280, short_side=720, bitrate=900_000, size=1000
    )
    page = window(cast.alice, f"/@carol/video/{clip.pk}/")
    page.locator("[data-act=share]").first.click()
    sheet = page.get_by_role("dialog", name="Share")
    sheet.get_by_role("button", name="bob").click()
    sheet.get_by_role("searchbox").fill("car")
    sheet.get_by_role("button", name="carol").click()
    sheet.get_by_label("Say something with it").fill("look at this")
    sheet.get_by_role("button", name="Send to 2").click()
    expect(sheet).to_be_hidden()
    shared = Message.objects.filter(video=clip, removed_at=None)
    assert {m.conversation_id for m in shared} == {three["bob"], three["carol"]}
    assert {m.text for m in shared} == {"look at this"}
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert not shared.all().exists()
