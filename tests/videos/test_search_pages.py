"""The search page, suggestions while one types, and recent searches, on the page and over the API."""

import pytest

from videos import access, actions
from videos.hashtags import apply_tags
from videos.models import FeedSettings, RecentSearch
from videos.search import indexing

pytestmark = pytest.mark.django_db


def suggested(client, text):
    indexing.catch_up()
    answer = client.get("/api/v1/search/suggestions/", {"q": text})
    assert answer.status_code == 200
    return [(row["kind"], row["text"]) for row in answer.json()["results"]]


@pytest.fixture
def world(cast, make_video):
    apply_tags(make_video(cast.alice, caption="Harbour #harbourlife"))
    apply_tags(make_video(cast.alice, caption="#harboursecret", audience="only_me"))
    cast.dave.display_name = "Harbour Dave"
    cast.dave.save()
    return cast


def test_people_tags_and_past_searches_are_suggested_as_one_types(api, world):
    client = api.as_(world.bob)
    actions.remember_search(world.bob, "Harbour at dusk")
    assert suggested(client, "harb") == [
        ("recent", "Harbour at dusk"),
        ("person", "@dave"),
        ("tag", "#harbourlife"),
    ]
    assert suggested(client, "@harb") == [("recent", "Harbour at dusk"), ("person", "@dave")]
    assert suggested(client, "") == [("recent", "Harbour at dusk")]
    assert suggested(client, "hrabour") == [("person", "@dave")]
    assert suggested(client, "hrabourlife") == [("tag", "#harbourlife")]
    assert suggested(api, "") == []
    assert ("tag", "#harbourlife") in suggested(api, "harbourl")


def test_a_suggestion_never_tells_of_what_is_hidden(api, world):
    assert suggested(api.as_(world.bob), "harboursecr") == []
    assert suggested(api.as_(world.alice), "harboursecr") == [("tag", "#harboursecret")]
    world.dave.privacy.findable = False
    world.dave.privacy.save()
    assert suggested(api.as_(world.bob), "harbour d") == []


def test_suggestions_are_limited(api, cast, settings):
    settings.RATE_LIMITS, settings.ADDRESS_FACTOR = {**settings.RATE_LIMITS, "suggest": "2/60"}, 1
    for client in (api, api.as_(cast.bob)):
        assert [client.get("/api/v1/search/suggestions/?q=sea").status_code for _n in range(3)] == [
            200,
            200,
            429,
        ]


def test_a_search_is_remembered_once_the_newest_first(api, browser, cast):
    client = api.as_(cast.bob)
    for text in ("sea", "  dusk   harbour ", "sea", "", "#"):
        client.get("/api/v1/search/", {"q": text, "type": "people"})
    browser.as_(cast.bob).get("/search/?q=noon")
    rows = client.get("/api/v1/search/recent/").json()["results"]
    assert [row["text"] for row in rows] == ["noon", "sea", "dusk harbour"]
    assert rows[1]["url"] == "/search/?q=sea"
    assert api.as_(cast.dave).get("/api/v1/search/recent/").json()["results"] == []


def test_at_most_twenty_are_kept(cast):
    for n in range(30):
        actions.remember_search(cast.bob, f"word {n}")
    kept = [row.text for row in access.recent_searches(cast.bob)]
    assert kept == [f"word {n}" for n in range(29, 9, -1)]


def test_visitors_and_people_whose_history_is_not_used_leave_no_trace(api, cast):
    FeedSettings.objects.create(person=cast.bob, personal=False)
    for client in (api, api.as_(cast.bob)):
        assert client.get("/api/v1/search/?q=sea").status_code == 200
    assert not RecentSearch.objects.exists()


def test_recent_searches_are_forgotten_one_by_one_or_all(api, cast):
    client = api.as_(cast.bob)
    for text in ("one", "two", "three"):
        actions.remember_search(cast.bob, text)
    actions.remember_search(cast.dave, "other")
    row = access.recent_searches(cast.bob).get(text="two")
    theirs = access.recent_searches(cast.dave).get()
    assert client.delete(f"/api/v1/search/recent/{theirs.pk}/").status_code == 404
    assert client.delete(f"/api/v1/search/recent/{row.pk}/").status_code == 204
    assert client.delete(f"/api/v1/search/recent/{row.pk}/").status_code == 404
    assert [row.text for row in access.recent_searches(cast.bob)] == ["three", "one"]
    assert client.delete("/api/v1/search/recent/").status_code == 204
    assert list(RecentSearch.objects.values_list("text", flat=True)) == ["other"]
    assert api.delete("/api/v1/search/recent/").status_code == 401


def test_the_page_has_tabs_results_and_what_one_may_have_meant(browser, world):
    page = browser.as_(world.bob).get("/search/?q=habrour").content.decode()
    assert "Did you mean" in page
    assert '<strong dir="auto">harbour</strong>' in page
    for kind, there in (("people", "Harbour Dave"), ("tags", "harbourlife"), ("videos", "data-tile")):
        assert there in browser.get(f"/search/?q=harbour&type={kind}").content.decode()
    assert "harboursecret" not in browser.get("/search/?q=harboursecre&type=tags").content.decode().replace(
        "harboursecre&", ""
    )
    assert "Nothing found" in browser.get("/search/?q=zzzz").content.decode()
    assert browser.get("/search/?q=x&type=ships").status_code == 400


def test_the_page_without_a_question_lists_ones_own_past_searches(browser, cast):
    actions.remember_search(cast.bob, "sea & <sun>")
    page = browser.as_(cast.bob).get("/search/").content.decode()
    assert "sea &amp; &lt;sun&gt;" in page
    assert "Clear all" in page
    assert "Clear all" not in browser.as_(cast.dave).get("/search/").content.decode()


def test_pages_of_results_follow_by_fragment(browser, cast, make_video):
    for n in range(25):
        make_video(cast.alice, caption=f"tide {n}")
    import re

    page = browser.get("/search/?q=tide").content.decode()
    cursor = re.search(r'data-next="([^"]+)"', page)[1]
    more = browser.get("/search/", {"q": "tide", "cursor": cursor, "fragment": "1"}).content.decode()
    assert more.count("data-tile") == 5
    assert "<html" not in more
