"""Three clients hold one conversation in a group: two windows of Chromium, and a program with the `websockets` library and
the API. Each sees what the others do while they do it: typing, words, a quote, receipts, reactions, a clip that plays, a
picture, taking back; and after a cut connection all three have the same conversation."""

import io
import json
import re
import time
import urllib.error
import urllib.request
import uuid

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.e2e.test_watching import wait_for
from tests.stack.running import embedded
from tests.videos.clips import clip

pytestmark = pytest.mark.e2e

WORLD = """
import os, shutil
from accounts.actions import follow
from accounts.models import User
from videos import actions, uploads
people = [User.objects.create_user(n, f"{{n}}@example.com", "demo-password") for n in ("alice", "bob", "carol")]
for one in people:
    for other in people:
        if one != other:
            follow(one, other)
alice = people[0]
upload = actions.create_upload(alice, length=os.path.getsize({path!r}), filename="clip.mp4")
shutil.copyfile({path!r}, uploads.path_of(upload))
actions.publish_video(alice, upload=actions.keep_upload(upload), caption="Harbour")
"""
READY = "from videos.models import Video; print('@@@', Video.objects.filter(state='ready').first())"
CLIP = "from videos.models import Video; print('@@@', Video.objects.get().pk)"


class Program:
    """A client that is no browser: it asks the API and listens to the socket."""

    def __init__(self, base, username):
        self.base = base
        self.token = ""
        self.frames = []
        body = {"username": username, "password": "demo-password"}
        self.token = self.call("POST", "/_allauth/app/v1/auth/login", body)["meta"]["session_token"]
        self.open()

    def open(self):
        self.socket = connect(
            self.base.replace("http", "ws") + "/ws/",
            additional_headers={"X-Session-Token": self.token},
            origin=self.base,
        )
        assert self.hear("hello")

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["X-Session-Token"] = self.token
        data = None if body is None else json.dumps(body).encode()
        address = self.base + (path if path.startswith("/") else f"/api/v1/{path}")
        request = urllib.request.Request(address, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.loads(response.read() or b"null")

    def say(self, room, text, **more):
        return self.call(
            "POST",
            f"conversations/{room}/messages/",
            {"client_id": uuid.uuid4().hex, "text": text, **more},
        )

    def hear(self, kind, fits=lambda data: True, seconds=20):
        """The next frame of this type whose data fits; what else comes is kept in `frames`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                frame = json.loads(self.socket.recv(timeout=left))
            except (TimeoutError, ConnectionClosed):
                break
            self.frames.append(frame)
            if frame["type"] == kind and fits(frame["data"]):
                return frame
        raise AssertionError(f"no {kind}: {[frame['type'] for frame in self.frames]}")

    def conversation(self, room):
        return self.call("GET", f"conversations/{room}/messages/?limit=200")["results"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("conversation")) as site:
        site.manage("shell", "-v", "0", "-c", WORLD.format(path=str(clip("short.mp4", seconds=4))))
        wait_for("the clip", lambda: "@@@ None" not in site.manage("shell", "-v", "0", "-c", READY), 180)
        site.clip = site.manage("shell", "-v", "0", "-c", CLIP).rpartition("@@@ ")[2].strip()
        yield site


@pytest.fixture
def windows(site, chromium):
    """`windows(username, **options)` is a page of that person's own browser; script errors fail the test."""
    contexts, wrong = [], []

    def make(username, **options):
        context = chromium.new_context(base_url=site.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda e: None if "Transition" in str(e) else wrong.append(str(e)))
        page.on("console", lambda m: wrong.append(m.text) if "Content Security Policy" in m.text else None)
        page.goto("/accounts/login/")
        page.fill("input[name=login]", username)
        page.fill("input[name=password]", "demo-password")
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/")
        return page

    yield make
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture
def carol(site):
    program = Program(site.url, "carol")
    yield program
    program.socket.close()


def written(page):
    """Numbers and words as a window shows them."""
    return page.locator(".message:not([hidden])").evaluate_all(
        "items => items.map((item) => [Number(item.dataset.seq), item.querySelector('[data-part=text]').textContent])"
    )


def same_everywhere(carol, room, *pages):
    """Whether all three have the same conversation, whole and in order."""
    known = [(card["seq"], card["text"]) for card in carol.conversation(room)]
    assert [seq for seq, _text in known] == list(range(1, len(known) + 1))
    for page in pages:
        expect(page.locator(f".message[data-seq='{len(known)}']")).to_have_count(1)
        assert [tuple(one) for one in written(page)] == known


def test_two_windows_and_a_program_hold_a_conversation(site, windows, carol):
    room = carol.call("POST", "conversations/", {"usernames": ["alice", "bob"], "name": "Harbour walk"})["id"]
    alice = windows("alice", viewport={"width": 1280, "height": 800})
    bob = windows("bob", viewport={"width": 390, "height": 844})
    for page in (alice, bob):
        page.goto(f"/messages/{room}/")
        expect(page.locator(".message__event").first).to_contain_text("carol made the group")
        page.wait_for_function("document.querySelector('[data-chat]').dataset.live")

    field = alice.get_by_label("Message", exact=True)
    field.press_sequentially("Who comes along?")
    expect(bob.locator("[data-typing]")).to_contain_text("alice is writing")
    carol.hear("typing", lambda data: data["username"] == "alice")
    field.press("Enter")
    expect(bob.locator(".message__text", has_text="Who comes along?")).to_be_visible()
    asked = carol.hear("message.new", lambda data: data["text"] == "Who comes along?")["data"]
    carol.hear("conversation.read", lambda data: (data["username"], data["seq"]) == ("bob", asked["seq"]))

    carol.socket.send(json.dumps({"type": "typing", "conversation": room}))
    expect(alice.locator("[data-typing]")).to_contain_text("carol is writing")
    carol.call("POST", f"conversations/{room}/read/", {"seq": asked["seq"]})
    expect(alice.locator("[data-seen-mark]")).to_have_text("Seen by 2")
    answer = carol.say(room, "I do", reply_to=asked["id"])
    quote = bob.locator(".message", has_text="I do").locator(".message__quote")
    expect(quote).to_contain_text("Who comes along?")
    expect(alice.locator("[data-typing]")).to_be_hidden()

    reacts_and_takes_back(site, carol, room, answer, alice, bob)
    plays_a_clip(site, carol, room, alice, bob)
    sends_a_picture(carol, alice, bob)
    same_everywhere(carol, room, alice, bob)
    survives_a_cut(carol, room, alice, bob)
    for page in (alice, bob):
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["target"]) for one in found] == []


def reacts_and_takes_back(site, carol, room, answer, alice, bob):
    alice.locator(".message", has_text="I do").locator(".message__text").dblclick()
    alice.get_by_role("toolbar", name="React").get_by_label("React with 🔥").click()
    changed = carol.hear("message.updated", lambda data: data["id"] == answer["id"])["data"]
    assert changed["reactions"] == [{"emoji": "🔥", "username": "alice"}]
    carol.call("PUT", f"messages/{answer['id']}/reaction/", {"emoji": "🔥"})
    for page in (alice, bob):
        expect(page.locator(f"[data-id='{answer['id']}'] .message__reactions")).to_have_text("🔥2")

    slip = carol.say(room, "wrong window")
    expect(bob.get_by_text("wrong window")).to_have_count(2)  # the conversation and the list beside it
    carol.call("DELETE", f"messages/{slip['id']}/")
    for page in (alice, bob):
        expect(page.locator(f"[data-id='{slip['id']}']")).to_contain_text("Message taken back")
        expect(page.get_by_text("wrong window")).to_have_count(0)


def plays_a_clip(site, carol, room, alice, bob):
    sent = carol.say(room, "", video=site.clip)
    for page in (alice, bob):
        stage = page.locator(f"[data-id='{sent['id']}'] [data-act=play]")
        stage.scroll_into_view_if_needed()
        stage.click()
        page.wait_for_function(
            "(id) => document.querySelector(`[data-id='${id}'] video`)?.currentTime > 0.2", arg=sent["id"]
        )


def sends_a_picture(carol, alice, bob):
    file = io.BytesIO()
    Image.new("RGB", (900, 600), "#c93a17").save(file, "JPEG")
    alice.locator("input[name=picture]").set_input_files(
        {"name": "sunset.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}
    )
    expect(alice.locator(".composer__pictures img")).to_be_visible()
    alice.get_by_label("Message", exact=True).fill("From the pier")
    alice.get_by_label("Send", exact=True).click()
    told = carol.hear("message.new", lambda data: data["text"] == "From the pier")["data"]
    assert (told["image"]["width"], told["image"]["height"]) == (900, 600)
    shown = bob.locator(f"[data-id='{told['id']}'] .picture img")
    expect(shown).to_be_visible()
    bob.wait_for_function(
        "(id) => document.querySelector(`[data-id='${id}'] .picture img`).naturalWidth === 900",
        arg=told["id"],
    )


def survives_a_cut(carol, room, alice, bob):
    """Bob's phone loses its connection; the others go on; what he writes meanwhile is sent once he is back."""
    bob.context.set_offline(True)
    gone = carol.say(room, "this one goes again")
    expect(alice.locator(f"[data-id='{gone['id']}']")).to_be_visible()
    for number in range(3):
        carol.say(room, f"while bob is away {number}")
    carol.call("DELETE", f"messages/{gone['id']}/")
    bob.get_by_label("Message", exact=True).fill("from the tunnel")
    bob.keyboard.press("Enter")
    expect(bob.locator(".message--failed")).to_contain_text("Not sent. No connection.")
    bob.context.set_offline(False)
    bob.evaluate("dispatchEvent(new Event('online'))")
    carol.hear("message.new", lambda data: data["text"] == "from the tunnel", seconds=40)
    expect(bob.locator(".message--failed")).to_have_count(0)
    expect(bob.locator(".message__text", has_text="while bob is away 2")).to_be_visible(timeout=40_000)
    expect(bob.locator(f"[data-id='{gone['id']}']")).to_contain_text("Message taken back")
    same_everywhere(carol, room, alice, bob)


def test_what_was_written_outlives_the_page_and_is_sent_once(site, windows, carol):
    room = carol.call("POST", "conversations/", {"usernames": ["bob"]})["id"]
    carol.say(room, "hello")
    bob = windows("bob")
    posts = re.compile(r"/api/v1/conversations/\d+/messages/$")
    bob.context.route(
        posts, lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    bob.goto(f"/messages/{room}/")
    for text in ("first", "second"):
        bob.get_by_label("Message", exact=True).fill(text)
        bob.keyboard.press("Enter")
    expect(bob.locator(".message--failed")).to_have_count(2)
    bob.reload()
    expect(bob.locator(".message--failed")).to_have_count(2)
    assert [card["text"] for card in carol.conversation(room)] == ["hello"]
    bob.context.unroute(posts)
    expect(bob.locator(".message[data-seq='3']")).to_be_visible(timeout=40_000)
    same_everywhere(carol, room, bob)
    assert [card["text"] for card in carol.conversation(room)] == ["hello", "first", "second"]
    bob.reload()
    expect(bob.locator(".message")).to_have_count(3)
