"""A challenge from its first word to its winners, in a browser: its host writes it with a banner, somebody joins from its page,
the host gives places, takes an entry out and ends it, and everybody sees who won."""

import io

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.stack.running import embedded

pytestmark = pytest.mark.e2e

WORLD = """
import io
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from accounts.models import User
from videos.hashtags import apply_tags
from videos.models import Rendition, Video
make = lambda n, **more: User.objects.create_user(n, f"{n}@example.com", "demo-password", **more)
make("brand", is_business=True, display_name="Brand House")
colours = [(255, 140, 70), (90, 60, 160), (30, 90, 120), (220, 90, 110), (60, 120, 80)]
for n in range(14):
    maker = User.objects.filter(username=f"maker{n % 9}").first() or make(f"maker{n % 9}", display_name=f"Maker {n % 9}")
    clip = Video.objects.create(author=maker, caption=f"Light {n} #goldenhour", state="ready", duration_ms=8000,
        width=1080, height=1920, cover="cover.webp", playlist="master.m3u8", published_at=timezone.now(),
        likes_count=(n * 7) % 40, views_count=n * 1234)
    Rendition.objects.create(video=clip, name="360.mp4", width=360, height=640, short_side=360, bitrate=500000, size=62500,
        codecs="avc1.64001e,mp4a.40.2")
    apply_tags(clip)
    top, bottom = colours[n % 5], colours[(n + 2) % 5]
    strip = Image.new("RGB", (1, 2)); strip.putpixel((0, 0), top); strip.putpixel((0, 1), bottom)
    out = io.BytesIO(); strip.resize((360, 640), Image.Resampling.BICUBIC).save(out, "WEBP")
    default_storage.save(f"clips/{clip.folder}/cover.webp", ContentFile(out.getvalue()))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("challenge")) as site:
        site.manage("shell", "-c", WORLD)
        yield site


@pytest.fixture
def enter(site, chromium):
    """A page of somebody who is logged in, or of a visitor."""
    contexts, problems = [], []

    def noted(said):
        # That something was refused, or is gone, is what these stories are about; the tests say where.
        if said.type == "error" and "Failed to load resource" not in said.text:
            problems.append(said.text)

    def open_(name=None, **more):
        context = chromium.new_context(
            base_url=site.url, viewport={"width": 1280, "height": 900}, timezone_id="America/New_York", **more
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: "Transition" in str(error) or problems.append(str(error)))
        page.on("response", lambda answer: answer.status >= 500 and problems.append(answer.url))
        page.on("console", noted)
        page.set_default_timeout(30_000)
        if name:
            page.goto("/accounts/login/")
            page.fill("input[name=login]", name)
            page.fill("input[name=password]", "demo-password")
            page.press("input[name=password]", "Enter")
            page.wait_for_url("**/")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []


def banner():
    picture = Image.new("RGB", (1800, 600), (40, 30, 70))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((700, 150, 1100, 550), fill=(255, 150, 70))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return {"name": "banner.png", "mimeType": "image/png", "buffer": out.getvalue()}


def judge(page, n, what):
    """Choose what the n-th entry is, and wait until the server has it."""
    with page.expect_response(
        lambda answer: "/entries/" in answer.url and answer.request.method in ("PUT", "DELETE")
    ):
        page.locator("[data-judge]").nth(n).select_option(what)
    expect(page.locator("[data-judge]").nth(n)).to_be_enabled()


def test_a_challenge_is_written_joined_judged_and_won(enter, artefacts):
    host = enter("brand")
    host.goto("/studio/challenges/")
    host.get_by_role("link", name="New challenge").click()
    host.get_by_role("button", name="Save the draft").click()
    expect(host.locator(".field__error").first).to_be_visible()  # the server's sentence beside the field
    expect(host.locator("#c-title")).to_be_focused()
    host.fill("#c-title", "Golden hour")
    host.fill("#c-tag", "#GoldenHour")
    host.fill("#c-brief", "Film the last light of the day.")
    host.fill("#c-rules", "One clip each.\n\nNo filters.")
    now = host.evaluate("Date.now()")
    start = host.evaluate(
        "at => new Date(at - new Date(at).getTimezoneOffset() * 60000).toISOString().slice(0, 16)",
        now - 86_400_000,
    )
    host.fill("#c-start", start)
    host.locator("#c-banner").set_input_files(banner())
    expect(host.locator("[data-banner] img")).to_be_visible()
    host.get_by_role("button", name="Save the draft").click()
    host.wait_for_url("**/studio/challenges/golden-hour/")
    host.get_by_role("button", name="Publish").click()
    expect(host.get_by_role("button", name="End now")).to_be_visible()
    shown = host.request.get("/api/v1/challenges/golden-hour/").json()
    assert abs(host.evaluate("at => Date.parse(at)", shown["starts_at"]) - (now - 86_400_000)) < 60_000
    assert shown["banner"]

    visitor = enter()
    visitor.goto("/challenges/")
    visitor.get_by_role("link", name="Golden hour").click()
    expect(visitor.get_by_role("heading", level=1, name="Golden hour")).to_be_visible()
    assert visitor.locator(".challenge-head .challenge-banner img").evaluate(
        "picture => picture.complete && picture.naturalWidth > 0"
    )
    expect(visitor.locator("[data-grid] [data-tile]")).to_have_count(14)
    visitor.get_by_role("link", name="Leaderboard").click()
    likes = [int(text) for text in visitor.locator(".standing__likes .number").all_inner_texts()]
    assert len(likes) == 9
    assert likes == sorted(likes, reverse=True)

    maker = enter("maker0")
    maker.goto("/challenges/golden-hour/")
    maker.get_by_role("link", name="Enter another clip").click()
    maker.wait_for_url("**/upload/?tag=goldenhour")
    expect(maker.locator(".toast, [data-answer]").filter(has_text="#goldenhour").first).to_be_visible()

    host.goto("/studio/challenges/golden-hour/?sort=liked")
    names = host.locator(".host-entry strong").all_inner_texts()
    judge(host, 0, "1")
    judge(host, 1, "2")
    judge(host, 1, "1")  # the two change places
    expect(host.locator("[data-judge]").nth(0)).to_have_value("2")
    judge(host, 2, "out")
    host.screenshot(path=artefacts / "challenge-judging.png")
    visitor.goto("/challenges/golden-hour/")
    expect(visitor.locator("[data-grid] [data-tile]")).to_have_count(13)
    expect(visitor.locator(".winner")).to_have_count(0)  # not before the end
    host.get_by_role("button", name="End now").click()
    host.locator("dialog").get_by_role("button", name="End now").click()
    expect(host.locator(".challenge-when--ended")).to_be_visible()
    visitor.reload()
    expect(visitor.locator(".winner .tile__who").nth(0)).to_have_text(names[1])
    expect(visitor.locator(".winner .tile__who").nth(1)).to_have_text(names[0])
    expect(visitor.get_by_role("link", name="Join")).to_have_count(0)
    visitor.screenshot(path=artefacts / "challenge-winners.png")

    host.get_by_role("button", name="Delete").click()
    host.locator("dialog").get_by_role("button", name="Delete").click()
    host.wait_for_url("**/studio/challenges/")
    assert visitor.goto("/challenges/golden-hour/").status == 404


def test_who_cannot_host_is_told_so_and_a_taken_tag_too(enter):
    maker = enter("maker1")
    maker.goto("/studio/challenges/")
    expect(maker.get_by_role("heading", name="For business accounts")).to_be_visible()
    host = enter("brand")
    for title in ("First", "Second"):
        host.goto("/studio/challenges/new/")
        host.fill("#c-title", title)
        host.fill("#c-tag", "taken")
        host.fill("#c-brief", "Go")
        host.get_by_role("button", name="Publish").click()
        if title == "First":
            host.wait_for_url("**/studio/challenges/first/")
    expect(host.locator(".field__error")).to_contain_text("Another challenge has this tag")
