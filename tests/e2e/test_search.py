"""Searching by hand: suggestions by keyboard, a typing error, what one searched for before, forgotten again."""

import os

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.messaging.conftest import live, servers, session_of  # noqa: F401
from videos import actions
from videos.hashtags import apply_tags
from videos.search import indexing

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True, scope="module")
def _database_beside_playwright():
    # Playwright's loop runs in this thread, which is no reason for Django to refuse the database to the test.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def world(cast, make_video):
    cast.dave.display_name = "Harbour Dave"
    cast.dave.save()
    apply_tags(make_video(cast.alice, caption="Harbour lights #harbourlife"))
    make_video(cast.alice, caption="夜の東京タワー")
    actions.remember_search(cast.bob, "Harbour at dusk")
    actions.remember_search(cast.bob, "old words")
    indexing.catch_up()
    return cast


@pytest.fixture
def window(chromium, live, session_of):  # noqa: F811
    """`window(person, path)` is a page of that person's own browser; an error of a script fails the test."""
    contexts, errors = [], []

    def make(person, path, **options):
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, base_url=live, **options)
        contexts.append(context)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(person), "url": live}
        context.add_cookies([cookie])
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda e: None if "Transition" in str(e) else errors.append(str(e)))
        page.goto(path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not errors


def test_suggestions_are_chosen_by_keyboard(window, world, artefacts):
    page = window(world.bob, "/search/")
    field = page.get_by_role("combobox", name="Search")
    field.fill("harb")
    options = page.get_by_role("option")
    expect(options).to_have_count(3)
    expect(options.nth(0)).to_contain_text("Harbour at dusk")
    expect(options.nth(1)).to_contain_text("Harbour Dave")
    expect(options.nth(2)).to_contain_text("#harbourlife")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.screenshot(path=artefacts / "search-suggestions.png")
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id"))
    expect(field).to_be_focused()
    field.press("Escape")
    expect(options).to_have_count(0)
    field.press("ArrowDown")
    expect(options).to_have_count(3)
    field.press("ArrowUp")
    expect(options.nth(2)).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    page.wait_for_url("**/tags/harbourlife/")


def test_a_typing_error_still_finds_and_says_what_was_meant(window, world, artefacts):
    page = window(world.bob, "/search/")
    field = page.get_by_role("combobox", name="Search")
    field.fill("habrour lights")
    field.press("Enter")
    page.wait_for_url("**/search/?q=habrour+lights*")
    expect(page.locator("[data-tile]")).to_have_count(1)
    page.screenshot(path=artefacts / "search-meant.png")
    page.get_by_role("link", name="Did you mean harbour lights?").click()
    expect(page.get_by_role("combobox", name="Search")).to_have_value("harbour lights")
    expect(page.locator("[data-tile]")).to_have_count(1)
    page.goto("/search/?q=東京夕ワー")
    expect(page.locator("[data-tile]")).to_have_count(1)


def test_recent_searches_are_forgotten_one_by_one_and_all(window, world, artefacts):
    page = window(world.bob, "/search/")
    page.screenshot(path=artefacts / "search-recent.png")
    rows = page.locator(".search-recent li")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Forget “old words”").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Clear all").click()
    expect(page.get_by_role("heading", name="What are you looking for?")).to_be_visible()
    page.reload()
    expect(page.locator(".search-recent")).to_have_count(0)
