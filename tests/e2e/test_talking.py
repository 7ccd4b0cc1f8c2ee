"""Comments and collections by hand: what waits is approved where it stands, hiding and deleting can be undone, many at once in
the studio, and a long press on Save opens the collections. The figures on the page are the server's."""

import pytest
from playwright.sync_api import expect

from tests.stack.running import embedded

pytestmark = pytest.mark.e2e

WORLD = """
from django.utils import timezone
from accounts.models import User
from privacy.actions import update_privacy
from videos.actions import comment
from videos.models import Rendition, Video
a, b = (User.objects.create_user(n, f"{n}@example.com", "demo-password") for n in ("alice", "bob"))
shown = {"state": "ready", "playlist": "master.m3u8", "duration_ms": 4000, "width": 720, "height": 1280}
clip = Video.objects.create(pk=4001, author=a, caption="Harbour", published_at=timezone.now(), **shown)
Rendition.objects.create(
    video=clip, name="720.mp4", width=720, height=1280, short_side=720, bitrate=900_000, size=1000
)
first = comment(b, clip, "What light")
comment(b, clip, "A reply", reply_to=first)
update_privacy(a, comment_keywords=["spoiler"])
for n in range(3):
    comment(b, clip, f"Sp0iler number {n}")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("talking")) as site:
        site.manage("shell", "-c", WORLD)
        yield site


@pytest.fixture
def page(site, chromium):
    context = chromium.new_context(base_url=site.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "alice")
    page.fill("input[name=password]", "demo-password")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")
    yield page
    context.close()


def clip_of(page):
    page.goto("/@alice/video/4001/")
    return page.locator("article.clip").first


def test_a_creator_tends_the_comments_of_a_clip(page):
    clip = clip_of(page)
    figure = clip.locator("[data-count=comments]")
    expect(figure).to_have_attribute("data-exact", "2")
    clip.locator("[data-act=comments]").click()
    expect(page.locator(".comments__review .badge")).to_contain_text("3")

    top = page.locator("#comments .comment", has_text="What light").first
    top.locator("[data-do=menu]").first.click()
    page.get_by_role("button", name="Hide from everybody else").click()
    expect(top).to_have_attribute("data-state", "hidden")
    expect(figure).to_have_attribute("data-exact", "0")  # its reply goes with it
    page.locator("#toasts button").last.click()
    expect(figure).to_have_attribute("data-exact", "2")

    waits = page.locator("#comments .comment", has_text="number 0").first
    expect(waits).to_contain_text("It has a word you filter")
    waits.locator("[data-do=approve]").click()
    expect(waits).to_have_attribute("data-state", "shown")
    expect(figure).to_have_attribute("data-exact", "3")

    page.fill("#comment-text", "Thanks @bob #harbour")
    page.click(".comments__send")
    mine = page.locator("#comments .comment", has_text="Thanks").first
    expect(mine.locator("a.mention")).to_have_attribute("href", "/@bob/")
    expect(mine).to_have_attribute("data-may", "own delete pin")
    mine.locator("[data-do=menu]").click()
    page.get_by_role("button", name="Pin to the top").click()
    expect(mine).to_have_attribute("data-pinned", "")
    mine.locator("[data-do=menu]").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(figure).to_have_attribute("data-exact", "3")
    page.locator("#toasts button").last.click()
    expect(figure).to_have_attribute("data-exact", "4")
    page.click("[data-sort=newest]")
    expect(page.locator("[data-sort=newest]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#comments .comment").first).to_contain_text("Thanks")

    expect(clip_of(page).locator("[data-count=comments]")).to_have_attribute("data-exact", "4")


def test_many_are_reviewed_at_once_and_deleting_waits_for_undo(page):
    page.goto("/studio/comments/")
    rows = page.locator("[data-row]:visible")
    count = rows.count()
    assert count >= 2
    page.check("[data-all]")
    page.click("[data-bulk=decline]")
    expect(page.locator("[data-none]")).to_be_visible()
    page.locator("#toasts button").last.click()
    expect(rows).to_have_count(count)
    rows.first.locator("[data-do=approve]").click()
    expect(rows).to_have_count(count - 1)
    expect(page.locator("#toasts")).to_contain_text("there for everybody")
    page.reload()
    expect(page.locator("[data-row]")).to_have_count(count - 1)


def test_holding_save_opens_the_collections(page):
    clip = clip_of(page)
    save = clip.locator("[data-act=save]")
    save.click(delay=800)
    page.fill(".collect__new input", "Evening light")
    page.click(".collect__new button")
    expect(page.locator(".collect__row input")).to_be_checked()
    expect(save).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    page.goto("/@alice/?tab=saved")
    page.get_by_role("link", name="Evening light").click()
    expect(page.locator("[data-tile]")).to_have_count(1)
    page.click("[data-do=choose]")
    page.locator("[data-tile]").click()
    expect(page.locator("[data-count=clips]")).to_contain_text("0")
    page.locator("#toasts button").last.click()
    expect(page.locator("[data-count=clips]")).to_contain_text("1")
