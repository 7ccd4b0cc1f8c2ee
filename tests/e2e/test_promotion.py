"""A promotion from a personal account to somebody who hides it, in a browser: its owner switches to a business account and writes
it, a moderator approves it, another person meets it in For You, asks why, and does not want to see it again."""

import pytest
from playwright.sync_api import expect

from tests.stack.running import embedded

pytestmark = pytest.mark.e2e

WORLD = """
import io
from datetime import timedelta
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from accounts.models import User
from videos.models import Rendition, Video
make = lambda n, **more: User.objects.create_user(n, f"{n}@example.com", "demo-password", **more)
shop = make("shop", display_name="Brand House")
make("dave", country="FR", interests=["food"])
make("mod", is_staff=True, is_superuser=True)
makers = [make(f"maker{n}", display_name=f"Maker {n}") for n in range(12)]
now = timezone.now()
for n in range(64):
    clip = Video.objects.create(author=makers[n % 12] if n else shop, caption=f"Light {n}" if n else "Our new cups",
        state="ready", duration_ms=8000, width=1080, height=1920, cover="cover.webp", playlist="master.m3u8",
        published_at=now - timedelta(hours=n) if n else now - timedelta(days=90))
    Rendition.objects.create(video=clip, name="360.mp4", width=360, height=640, short_side=360, bitrate=500000, size=62500,
        codecs="avc1.64001e,mp4a.40.2")
    out = io.BytesIO(); Image.new("RGB", (90, 160), (n * 3, 90, 160 - n)).save(out, "WEBP")
    default_storage.save(f"clips/{clip.folder}/cover.webp", ContentFile(out.getvalue()))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("promotion")) as site:
        site.manage("shell", "-c", WORLD)
        yield site


@pytest.fixture
def enter(site, chromium):
    """A page of somebody who is logged in."""
    contexts, problems = [], []

    def open_(name):
        context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: "Transition" in str(error) or problems.append(str(error)))
        page.on("response", lambda answer: answer.status >= 500 and problems.append(answer.url))
        page.set_default_timeout(30_000)
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


def options_of_the_ad(page):
    """Bring the promoted clip into sight and open its menu."""
    ad = page.locator(".clip[data-promotion]")
    expect(ad).to_have_count(1)
    ad.evaluate("clip => clip.scrollIntoView({ behavior: 'instant' })")
    expect(ad.locator(".clip__promoted")).to_have_text("Promoted")
    ad.locator("[data-act=options]").click()
    return ad


def test_a_promotion_is_written_approved_met_explained_and_hidden(enter, artefacts):
    shop = enter("shop")
    shop.goto("/settings/account/")
    shop.get_by_role("link", name="Switch to a business account").click()
    shop.locator("label.chip", has_text="Food and drink").click()
    shop.get_by_label("Contact e-mail").fill("hello@example.org")
    shop.get_by_role("button", name="Switch", exact=True).click()
    expect(shop.get_by_role("heading", name="Business account", exact=True)).to_be_visible()

    shop.goto("/studio/promotions/")
    shop.get_by_role("link", name="New promotion").click()
    shop.locator("label.chip", has_text="New followers").click()
    shop.get_by_label("Countries").fill("fr")
    shop.locator("label.chip", has_text="Food").click()
    expect(shop.locator("[data-estimate]")).to_contain_text("Fewer than 50")
    shop.get_by_label("Impressions a day").fill("1000")
    today = shop.evaluate("new Date().toISOString().slice(0, 10)")
    shop.get_by_label("First day").fill(today)
    shop.screenshot(path=artefacts / "promotion-form.png", full_page=True)
    shop.get_by_role("button", name="Hand in for approval").click()
    expect(shop.get_by_text("A moderator looks at it before")).to_be_visible()

    dave = enter("dave")
    expect(dave.locator(".clip").first).to_be_visible()
    expect(dave.locator(".clip[data-promotion]")).to_have_count(0)

    mod = enter("mod")
    mod.goto("/admin/videos/promotion/")
    mod.get_by_role("link", name="Our new cups").first.click()
    mod.go_back()
    mod.locator("input.action-select").first.check(force=True)
    mod.locator("select[name=action]").select_option("approve_promotions")
    mod.locator("button[name=index], button:has-text('Run')").first.click()
    expect(mod.get_by_text("1 promotion approved.")).to_be_visible()

    shop.goto("/studio/promotions/")
    expect(shop.locator(".promotion-state")).to_have_text("Running")

    dave.wait_for_timeout(6_000)  # every process looks again within five seconds
    dave.goto("/")
    ad = options_of_the_ad(dave)
    assert int(ad.get_attribute("aria-posinset")) >= 3
    dave.screenshot(path=artefacts / "promotion-options.png")
    dave.get_by_role("button", name="Why this ad").click()
    why = dave.get_by_role("dialog")
    expect(why).to_contain_text("Brand House pays")
    expect(why).to_contain_text("FR, the country in your profile")
    expect(why).to_contain_text("Food")
    dave.screenshot(path=artefacts / "promotion-why.png")
    dave.keyboard.press("Escape")

    options_of_the_ad(dave)
    dave.get_by_role("button", name="Hide this ad").click()
    expect(dave.get_by_text("This ad does not come again.")).to_be_visible()
    expect(dave.locator(".clip[data-promotion]")).to_have_count(0)
    for _time in range(2):
        dave.goto("/")
        expect(dave.locator(".clip").first).to_be_visible()
        expect(dave.locator(".clip[data-promotion]")).to_have_count(0)
