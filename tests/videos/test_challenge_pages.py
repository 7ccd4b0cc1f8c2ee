"""Challenges over the API and on pages: the whole life of one, what visitors and hosts read, what it costs, how it refuses."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from videos import actions, media
from videos.hashtags import apply_tags
from videos.models import Challenge, Video

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LIST = "/api/v1/challenges/"


@pytest.fixture
def brand(cast, make_person):
    return make_person("brand", is_business=True, display_name="Brand House")


def plan(**said):
    now = timezone.now()
    return {
        "title": "Golden hour",
        "brief": "Film the last light of the day.",
        "tag": "GoldenHour",
        "starts_at": now - DAY,
        "ends_at": now + DAY,
        **said,
    }


@pytest.fixture
def challenge(brand):
    return actions.create_challenge(brand, publish=True, **plan(rules="One clip each."))


@pytest.fixture
def enter(make_video):
    def make(person, **fields):
        clip = make_video(person, caption="Dusk #goldenhour", **fields)
        apply_tags(clip)
        return clip

    return make


def banner(size=(1800, 600), name="banner.png"):
    out = io.BytesIO()
    Image.new("RGB", size, (200, 90, 30)).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def test_the_whole_life_of_a_challenge_over_the_api(api, cast, brand, enter):
    host, visitor = api.as_(brand), api
    made = host.post(LIST, plan(), format="json")
    assert made.status_code == 201, made.content
    one = made.json()
    where = f"{LIST}{one['slug']}/"
    assert (one["phase"], one["tag"]["name"], one["counts"]["entries"]) == ("draft", "goldenhour", 0)
    assert visitor.get(where).status_code == 404
    picture = host.post(f"{where}banner/", {"banner": banner()}, format="multipart").json()["banner"]
    assert visitor.get(picture)["Content-Type"] == "image/webp"
    assert host.patch(where, {"publish": True}, format="json").json()["phase"] == "running"
    entry = enter(cast.alice, likes_count=3)
    shown = visitor.get(where).json()
    assert shown["counts"] == {"entries": 1, "people": 1, "more": False}
    assert (shown["host"]["username"], shown["figures"], shown["left"]) == ("brand", None, "24 hours left")
    assert shown["join_url"] == "/upload/?tag=goldenhour"
    assert [row["id"] for row in visitor.get(f"{where}videos/").json()["results"]] == [str(entry.pk)]
    board = visitor.get(f"{where}leaderboard/").json()["results"]
    assert [(row["place"], row["likes"], row["video"]["id"]) for row in board] == [(1, 3, str(entry.pk))]
    judge = f"{where}entries/{entry.pk}/"
    assert host.put(judge, {"verdict": "winner", "place": 1}, format="json").json() == {
        "verdict": "winner",
        "place": 1,
    }
    mine = host.get(f"{where}entries/").json()["results"]
    assert [(row["verdict"], row["place"], row["video"]["id"]) for row in mine] == [
        ("winner", 1, str(entry.pk))
    ]
    assert visitor.get(where).json()["winners"] == []
    ended = host.patch(where, {"end": True}, format="json").json()
    assert (ended["phase"], ended["join_url"], ended["figures"]["likes"]) == ("ended", None, 3)
    assert [row["place"] for row in visitor.get(where).json()["winners"]] == [1]
    assert host.delete(judge).status_code == 204
    assert host.delete(f"{where}banner/").status_code == 204
    assert host.get(where).json()["banner"] is None
    assert host.delete(where).status_code == 204
    assert visitor.get(where).status_code == 404
    assert Video.objects.filter(pk=entry.pk).exists()


def test_lists_over_the_api(api, brand, challenge):
    actions.create_challenge(brand, **plan(title="Draft"))

    def slugs(client, **query):
        return [row["slug"] for row in client.get(LIST, query).json()["results"]]

    assert slugs(api) == ["golden-hour"]
    assert slugs(api, state="ended") == slugs(api, state="mine") == []
    assert slugs(api.as_(brand), state="mine") == ["draft", "golden-hour"]
    refused = api.get(LIST, {"state": "odd"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_state")


def test_refusals_name_the_field(api, cast, brand, make_video):
    host = api.as_(brand)
    answer = host.post(LIST, plan(tag="two words"), format="json")
    assert (answer.status_code, set(answer.json()["error"]["fields"])) == (400, {"tag"})
    hidden = make_video(cast.alice, audience="only_me")
    assert host.post(LIST, plan(example=str(hidden.pk)), format="json").status_code == 404
    assert not Challenge.objects.exists()
    asked = api.as_(cast.bob).post(LIST, plan(), format="json")
    assert (asked.status_code, asked.json()["error"]["code"]) == (403, "business_only")
    assert api.post(LIST, plan(), format="json").status_code == 401
    unknown = host.post(LIST, plan(color="red"), format="json")
    assert unknown.status_code == 400


def test_publishing_at_once_that_is_refused_leaves_no_draft(api, cast, challenge):
    answer = api.as_(cast.mod).post(LIST, plan(publish=True), format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "tag_taken")
    assert Challenge.objects.get() == challenge


@pytest.mark.parametrize("file", [b"", b"GIF89a no", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_a_banner_that_is_no_picture_is_refused(api, brand, challenge, file):
    host = api.as_(brand)
    where = f"{LIST}{challenge.slug}/banner/"
    answer = host.post(where, {"banner": SimpleUploadedFile("b.png", file, "image/png")}, format="multipart")
    assert answer.status_code == 400
    whole = host.generic("POST", where, file, content_type="image/png")
    assert whole.status_code == 400
    assert "banner" in whole.json()["error"]["fields"]
    assert media.names(f"clips/{challenge.folder}") == []


def test_a_banner_that_is_too_large_is_refused_unread(api, brand, challenge):
    answer = api.as_(brand).generic(
        "POST",
        f"{LIST}{challenge.slug}/banner/",
        b"x",
        content_type="image/png",
        CONTENT_LENGTH=str(16 << 20),
    )
    assert answer.status_code == 413


def test_the_page_tells_what_it_is_about(browser, cast, challenge, enter):
    entry = enter(cast.alice, likes_count=2)
    page = browser.get("/challenges/golden-hour/").content.decode()
    for words in (
        "Golden hour",
        "Film the last light of the day.",
        "One clip each.",
        "Brand House",
        "24 hours left",
    ):
        assert words in page
    assert f'href="/@alice/video/{entry.pk}/"' in page
    assert 'href="/upload/?tag=goldenhour"' in page
    board = browser.get("/challenges/golden-hour/?tab=leaderboard").content.decode()
    assert "@alice" in board
    assert "You take part." in browser.as_(cast.alice).get("/challenges/golden-hour/").content.decode()
    assert browser.get("/challenges/absent/").status_code == 404
    assert browser.get("/challenges/golden-hour/?tab=odd").status_code == 404
    running = browser.get("/challenges/").content.decode()
    assert "Golden hour" in running
    assert "Golden hour" not in browser.get("/challenges/?state=ended").content.decode()


def test_rules_are_in_sight_unless_they_are_long_and_unmentioned_when_there_are_none(
    browser, brand, challenge
):
    def page(rules):
        Challenge.objects.filter(pk=challenge.pk).update(rules=rules)
        return browser.get(f"/challenges/{challenge.slug}/").content.decode()

    assert '<details class="challenge-rules" open>' in page("One clip each.")
    assert '<details class="challenge-rules">' in page("One clip each. " * 30)
    assert "challenge-rules" not in page("")


def test_one_meets_the_challenges_of_ones_own_country_first(browser, cast, brand, challenge):
    french = actions.create_challenge(
        brand, publish=True, **plan(title="Lumière", tag="lumiere", country="FR")
    )
    cast.bob.country = "DE"
    cast.bob.save()
    bob = browser.as_(cast.bob)
    assert french.title not in bob.get("/challenges/").content.decode()
    assert french.title in bob.get("/challenges/?country=all").content.decode()
    assert french.title in bob.get("/challenges/?country=FR").content.decode()
    assert french.title in browser.get("/challenges/").content.decode()


def test_studio_pages_are_for_hosts(browser, cast, brand, challenge, enter):
    enter(cast.alice)
    host = browser.as_(brand)
    assert "Golden hour" in host.get("/studio/challenges/").content.decode()
    manage = host.get("/studio/challenges/golden-hour/").content.decode()
    assert "@alice" in manage
    assert "data-judge" in manage
    assert 'value="goldenhour"' in host.get("/studio/challenges/golden-hour/edit/").content.decode()
    assert host.get("/studio/challenges/new/").status_code == 200
    bob = browser.as_(cast.bob)
    assert "For business accounts" in bob.get("/studio/challenges/").content.decode()
    assert bob.get("/studio/challenges/new/").status_code == 302
    assert bob.get("/studio/challenges/golden-hour/").status_code == 403
    assert bob.get("/studio/challenges/absent/").status_code == 404


def test_a_draft_is_previewed_by_its_host_alone(browser, cast, brand):
    actions.create_challenge(brand, **plan())
    assert (
        "This is a draft. Only you see it."
        in browser.as_(brand).get("/challenges/golden-hour/").content.decode()
    )
    assert browser.as_(cast.mod).get("/challenges/golden-hour/").status_code == 404


def test_deactivating_kills_the_addresses_of_banners(
    brand, challenge, browser, django_capture_on_commit_callbacks
):
    from accounts.actions import deactivate

    with django_capture_on_commit_callbacks(execute=True):
        changed = actions.set_banner(brand, challenge, banner())
    address = media.banner_url(changed)
    assert browser.get(address).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        deactivate(brand)
    assert browser.get(address).status_code == 404


def test_pages_cost_the_same_however_many_there_are(
    api, browser, cast, brand, challenge, enter, make_person, django_assert_max_num_queries
):
    """A list: session, person, challenges. A page: session, person, the challenge, entries, renditions, marks, ties; its
    winners, example, counts and the viewer's part."""
    for n in range(25):
        enter(make_person(f"maker{n}"), likes_count=n + 1)
        if n < 15:
            actions.create_challenge(cast.mod, publish=True, **plan(title=f"No {n}", tag=f"tag{n}"))
    visitor, bob = api.as_(cast.bob), browser.as_(cast.bob)
    with django_assert_max_num_queries(4):
        assert len(visitor.get(LIST).json()["results"]) == 16
    with django_assert_max_num_queries(8):
        assert len(visitor.get(f"{LIST}golden-hour/leaderboard/").json()["results"]) == 20
    with django_assert_max_num_queries(8):
        assert len(visitor.get(f"{LIST}golden-hour/videos/").json()["results"]) == 20
    with django_assert_max_num_queries(12):
        assert bob.get("/challenges/golden-hour/").status_code == 200


def test_moderators_remove_and_bring_back_in_the_admin(browser, cast, challenge):
    from django.urls import reverse

    page, where = browser.as_(cast.mod), reverse("admin:videos_challenge_changelist")

    def do(name):
        chosen = {"action": name, "_selected_action": [challenge.pk], "reason": "spam"}
        return page.post(where, chosen, follow=True).content.decode()

    assert "1 challenge removed." in do("remove_challenges")
    assert browser.get("/challenges/golden-hour/").status_code == 404
    assert "1 challenge is back." in do("restore_challenges")
    assert browser.get("/challenges/golden-hour/").status_code == 200
