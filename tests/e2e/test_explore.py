"""Explore in a real browser: another country at once, rails that turn over, following from a rail, the orders of a tag."""

import re

import pytest
from playwright.sync_api import expect

from tests.stack.running import embedded

pytestmark = pytest.mark.e2e

WORLD = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from videos import trends
from videos.hashtags import apply_tags
from videos.models import Video, Watch
now = timezone.now()
make = lambda n, **more: User.objects.create_user(n, f"{n}@example.com", "demo-password", **more)
make("alice")
author = make("author", display_name="An author", followers_count=9)
def clip(caption, hours):
    made = Video.objects.create(author=author, caption=caption, state="ready", duration_ms=1000, width=360, height=640,
        playlist="master.m3u8", score=hours, published_at=now - timedelta(hours=hours))
    apply_tags(made)
    return made
for n in range(12):
    clip(f"Number {n} #tag{n}x", 40 + n)
french, german = clip("In Paris #city", 5), clip("In Berlin #city", 6)
for country, met in (("FR", french), ("DE", german)):
    for n in range(6):
        fan = make(f"{country.lower()}{n}", country=country)
        Watch.objects.create(person=fan, video=met, watched_ms=900, viewings=1, completions=1,
            first_at=now - timedelta(hours=1), last_at=now - timedelta(hours=1))
trends.compute()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("explore")) as site:
        site.manage("shell", "-c", WORLD)
        yield site


@pytest.fixture
def page(site, chromium):
    context = chromium.new_context(base_url=site.url, viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: "Transition" in str(error) or page.problems.append(str(error)))
    page.on("console", lambda said: said.type == "error" and page.problems.append(said.text))
    page.set_default_timeout(20_000)
    yield page
    assert page.problems == []
    context.close()


def log_in(page):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "alice")
    page.fill("input[name=password]", "demo-password")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")


def test_another_country_is_one_choice_away(page):
    page.goto("/explore/")
    picker = page.get_by_label("Country")
    assert picker.locator("option").all_inner_texts() == ["Everywhere", "France", "Germany"]
    picker.select_option(label="France")
    page.wait_for_url("**/explore/?country=FR")
    expect(page.locator("[data-tile]").first).to_contain_text("In Paris")
    page.get_by_label("Country").select_option(label="Germany")
    page.wait_for_url("**/explore/?country=DE")
    expect(page.locator("[data-tile]").first).to_contain_text("In Berlin")
    expect(page.get_by_label("Country")).to_have_value("DE")


def test_a_rail_turns_over_by_its_buttons_and_back(page):
    page.goto("/explore/")
    rail = page.locator("clip-rail", has=page.get_by_role("heading", name="Trending tags"))
    back, on = rail.get_by_role("button", name="Back"), rail.get_by_role("button", name="More")
    expect(back).to_be_disabled()
    on.click()
    expect(back).to_be_enabled()
    assert rail.locator(".rail__list").evaluate("list => list.scrollLeft") > 100
    back.click()
    expect(back).to_be_disabled()


def test_a_person_is_followed_from_the_rail(page):
    log_in(page)
    page.goto("/explore/")
    person = page.locator(".rail-person", has_text="An author")
    with page.expect_response("**/follow/"):
        person.get_by_role("button", name="Follow").click()
    expect(person.get_by_role("button", name="Following")).to_be_visible()
    page.reload()
    expect(page.locator(".rail-person", has_text="An author")).to_have_count(0)


def test_a_tag_shows_top_and_newest_and_is_joined_with_its_name(page):
    log_in(page)
    page.goto("/explore/")
    page.get_by_role("link", name="#city", exact=True).click()
    expect(page.get_by_role("heading", name="#city")).to_be_visible()
    expect(page.get_by_text("2 clips")).to_be_visible()
    expect(page.locator("[data-tile]").first).to_contain_text("In Berlin")
    page.get_by_role("link", name="Newest").click()
    expect(page.locator("[data-tile]").first).to_contain_text("In Paris")
    expect(page.get_by_role("link", name="Newest")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Join").click()
    page.wait_for_url(re.compile(r"/upload/\?tag=city"))
