"""The whole product in one story, told in two browsers at once, on both engines.

Alice signs up, uploads a real file, watches it become playable. Bob meets it in the feed, follows, likes, comments and writes
to her; her badge and her conversation change without a reload. Her analytics count his view; the admin finds all of it.
"""

import os
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.stack.running import compose, embedded

pytestmark = pytest.mark.e2e
PASSWORD = "harbour-lights-42"
CORPUS = os.environ.get("MEDIA_CORPUS")


@pytest.fixture
def clip_file(tmp_path):
    """A real phone's file where the corpus is there, else a clip of two seconds made here."""
    if CORPUS:
        return Path(CORPUS) / "valid" / "bunny_720p_sound.mp4"
    import subprocess

    from socialapp.lib.ffmpeg import binary

    path = tmp_path / "clip.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=size=360x640:rate=30:duration=2"]
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"]
    encode = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path)]
    subprocess.run([str(binary()), "-v", "error", *source, *tone, *encode], check=True)
    return path


class Person:
    """A person at a browser of their own, whose console must stay clean."""

    def __init__(self, chromium, url, name, artefacts, phone=False):
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        self.context = chromium.new_context(viewport=size, base_url=url, has_touch=phone, is_mobile=phone)
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.name, self.artefacts, self.errors = name, artefacts, []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)

    def shoot(self, what):
        self.page.screenshot(path=str(self.artefacts / f"{what}.png"))

    def sign_up(self):
        self.page.goto("/accounts/signup/")
        self.page.fill("input[name=username]", self.name)
        self.page.fill("input[name=email]", f"{self.name}@example.com")
        self.page.fill("input[name=password1]", PASSWORD)
        self.page.fill("input[name=birth_date]", "1994-05-17")
        self.page.press("input[name=password1]", "Enter")
        self.page.wait_for_url(lambda url: "/accounts/signup" not in url)
        expect(self.page.locator("meta[name=person]")).to_have_attribute("content", re.compile(r"\d+"))


def seconds_played(page):
    return page.evaluate("Math.max(0, ...[...document.querySelectorAll('video')].map((v) => v.currentTime))")


def wait_for(what, truth, seconds=30):
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, f"{what} did not happen in {seconds} s"
        time.sleep(0.25)


@pytest.fixture(params=["embedded", "compose"])
def site(request, tmp_path):
    if request.param == "compose":
        with compose(tmp_path / "site") as site:
            site.kind = "compose"
            yield site
    else:
        with embedded(tmp_path / "site") as site:
            site.kind = "embedded"
            yield site


def test_a_clip_travels_from_a_file_to_a_follower_and_into_the_figures(site, chromium, artefacts, clip_file):
    alice = Person(chromium, site.url, "alice_story", artefacts)
    bob = Person(chromium, site.url, "bob_story", artefacts, phone=True)
    alice.sign_up()
    bob.sign_up()
    link = publish(alice, clip_file, site.kind)
    meet(bob, alice, link, site.kind)
    talk(alice, bob, site.kind)
    count(alice, site.kind)
    oversee(site, chromium, artefacts, alice, bob)
    # A view transition that the next page interrupts says so on the console; it is not an error of ours.
    assert [e for e in alice.errors + bob.errors if "ransition" not in e] == []


def publish(alice, clip_file, kind):
    """Upload by the page, see stages move, watch it play. Returns the clip's address."""
    page = alice.page
    page.goto("/upload/")
    page.set_input_files("#files", str(clip_file))
    page.fill("textarea[name=caption]", "First light over the water #harbour")
    page.wait_for_selector("article.up [type=submit]")
    page.click("article.up [type=submit]")
    stages = set()

    def live():
        stages.add(page.locator("[data-field=status]").first.inner_text())
        return page.locator("article.up[data-stage=ready]").count() == 1

    page.wait_for_selector("article.up[data-stage=processing], article.up[data-stage=ready]")
    wait_for("the clip", live, 120)
    assert len(stages) >= 2, stages
    alice.shoot(f"{kind}-1-upload")
    link = page.locator("article.up [data-field=ways] a").first.get_attribute("href")
    page.goto(link)
    wait_for("the clip playing for its author", lambda: seconds_played(page) > 0.4)
    alice.shoot(f"{kind}-2-own-clip")
    return link


def meet(bob, alice, link, kind):
    """Bob finds the clip in For You, watches, likes, comments and follows."""
    page = bob.page
    page.goto("/")
    clip = page.locator("article.clip").first
    expect(clip).to_contain_text("First light over the water")
    wait_for("the clip playing in the feed", lambda: seconds_played(page) > 0.4)
    bob.shoot(f"{kind}-3-feed-phone")
    wait_for("watching long enough for a view", lambda: seconds_played(page) > 3)
    # The page shows what was done before the server has it; the story goes on when both have.
    with page.expect_response("**/like/"):
        clip.locator("[data-act=like]").click()
    expect(clip.locator("[data-act=like]")).to_have_attribute("aria-pressed", "true")
    with page.expect_response("**/follow/"):
        clip.locator("follow-button button").click()
    expect(clip.locator("follow-button")).to_have_attribute("state", "yes")
    clip.locator("[data-act=comments]").click()
    page.fill("textarea[name=text]", "What a light")
    with page.expect_response(lambda answer: answer.url.endswith("/comments/") and answer.status == 201):
        page.click(".comments__send")
    expect(page.locator(".comment__text").first).to_contain_text("What a light")
    bob.shoot(f"{kind}-4-comments-phone")
    # The figures of a viewing travel when the page is left.
    page.goto(f"/@{alice.name}/")
    bob.shoot(f"{kind}-5-profile-phone")


def talk(alice, bob, kind):
    """Bob writes; Alice's badge and conversation change without a reload; she answers and he sees it."""
    inbox = alice.page
    inbox.goto("/")
    before = inbox.locator("[data-badge=notifications]").first
    expect(before).not_to_have_text("0")
    bob.page.goto(f"/messages/new/?to={alice.name}")
    bob.page.wait_for_url(re.compile(r"/messages/\d+/"))
    write(bob.page, "Hello Alice, how did you film this?")
    expect(inbox.locator("[data-badge=messages]").first).to_have_text("1")
    inbox.goto(bob.page.url.replace(bob.page.url.split("/messages/")[0], ""))
    expect(inbox.locator("main")).to_contain_text("how did you film this?")
    write(inbox, "With patience")
    expect(bob.page.locator("main")).to_contain_text("With patience")
    write(bob.page, "It shows")
    expect(inbox.locator("main")).to_contain_text("It shows")
    alice.shoot(f"{kind}-6-conversation")
    bob.shoot(f"{kind}-7-conversation-phone")


def write(page, text):
    box = page.locator("form[data-composer] textarea")
    box.fill(text)
    box.press("Enter")


def count(alice, kind):
    """Within a flush or two the overview shows Bob's view, and his look at her profile."""
    page = alice.page
    wanted = ("Views", "Profile views", "New followers", "Likes", "Comments")

    def figure(label):
        card = page.locator(f'.figure:has(.figure__label:text-is("{label}")) .figure__value')
        return card.inner_text() if card.count() == 1 else "absent"

    end = time.monotonic() + 40
    figures = {}
    while figures != dict.fromkeys(wanted, "1"):
        assert time.monotonic() < end, f"one of each was to be counted, not {figures}"
        page.goto("/studio/analytics/?days=7")
        figures = {label: figure(label) for label in wanted}
    alice.shoot(f"{kind}-8-analytics")


def oversee(site, chromium, artefacts, alice, bob):
    """The admin logs in and finds the people, the clip, the comment and the conversation."""
    site.manage("shell", "-c", ADMIN)
    admin = Person(chromium, site.url, "story_admin", artefacts)
    page = admin.page
    page.goto("/admin/login/?next=/admin/")
    page.fill("input[name=username]", "story_admin")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/admin/")
    for path, text in (
        ("/admin/accounts/user/", bob.name),
        ("/admin/videos/video/", "First light over the water"),
        ("/admin/videos/comment/", "What a light"),
        ("/admin/videos/transcode/", "Done"),
        ("/admin/messaging/conversation/", alice.name),
    ):
        page.goto(path)
        expect(page.locator("#content, main").first).to_contain_text(text)
    page.goto("/admin/videos/video/")
    admin.shoot(f"{site.kind}-9-admin")


ADMIN = (
    "from accounts.models import User; "
    f"User.objects.create_superuser('story_admin', 'admin@example.com', {PASSWORD!r})"
)
