"""Explore: what rises in a country, then everywhere, then what is popular; its rails; by page and by API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from videos import exploring, trends
from videos.hashtags import apply_tags
from videos.models import Challenge, Sound, Tag, Trend, Video

from .test_trends import NOW, clips_of, crowd, watches

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


def rank(kind, country, *subjects):
    """A list as trends.compute would have left it, the first the strongest."""
    for place, subject in enumerate(subjects):
        Trend.objects.create(
            kind=kind, country=country, subject=subject.pk, score=100 - place, people=9, computed_at=NOW
        )


def ids(cards):
    return [int(card["id"]) for card in cards]


def test_the_grid_goes_from_the_country_to_everywhere_to_the_popular_and_repeats_nothing(api, cast):
    french, worldwide, _others = (clips_of(cast.alice, 25) for _ in range(3))
    rank("video", "FR", *french[:22])
    rank("video", "", *french[:5], *worldwide[:22])
    seen, address = [], "/api/v1/feeds/explore/?country=FR"
    while address:
        answer = api.get(address).json()
        seen += ids(answer["results"])
        address = answer["next"]
    assert seen[:44] == [clip.pk for clip in french[:22] + worldwide[:22]]
    assert len(seen) == len(set(seen)) == 75


def test_ones_own_country_is_shown_when_it_has_a_list_and_everywhere_otherwise(api, cast):
    french, german = clips_of(cast.alice, 2)
    rank("video", "FR", french)
    rank("video", "", german)
    cast.bob.country = "FR"
    cast.bob.save()
    cast.carol.country = "DE"
    cast.carol.save()
    at_home = api.as_(cast.bob).get("/api/v1/explore/").json()
    assert (at_home["country"], ids(at_home["clips"]["results"])[0]) == ("FR", french.pk)
    assert at_home["countries"] == ["FR"]
    away = api.as_(cast.carol).get("/api/v1/explore/").json()
    assert (away["country"], ids(away["clips"]["results"])[0]) == ("", german.pk)
    chosen = api.as_(cast.bob).get("/api/v1/explore/?country=").json()
    assert (chosen["country"], ids(chosen["clips"]["results"])[0]) == ("", german.pk)


@pytest.mark.parametrize("country", ["F", "FRA", "1F", "f\x00"])
def test_what_is_no_country_code_is_refused(api, db, country):
    answer = api.get("/api/v1/explore/", {"country": country})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_country"


@pytest.mark.parametrize("cursor", ["x", "cxyz", "é", "e" + "A" * 50])
def test_a_made_up_cursor_is_refused(api, db, cursor):
    answer = api.get("/api/v1/feeds/explore/", {"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_cursor"


def test_the_rails_show_what_rises_with_its_covers(api, cast):
    (clip,) = clips_of(cast.alice, caption="At #dusk")
    (veiled,) = clips_of(cast.alice, caption="More #dusk", is_sensitive=True)
    sound = Sound.objects.create(title="Waves", owner=cast.alice, file="sound.m4a")
    clip.sound = sound
    clip.save()
    rank("tag", "", Tag.objects.get(name="dusk"))
    rank("sound", "", sound)
    rank("video", "", veiled, clip)
    answer = api.get("/api/v1/explore/").json()
    assert [tag["name"] for tag in answer["tags"]] == ["dusk"]
    assert len(answer["tags"][0]["covers"]) == 1
    assert clip.folder in answer["tags"][0]["covers"][0]
    assert [(row["title"], bool(row["cover"])) for row in answer["sounds"]] == [("Waves", True)]


def test_a_quiet_network_shows_the_tags_and_sounds_that_are_used(api, cast):
    clips_of(cast.alice, 3, caption="#often")
    clips_of(cast.alice, 1, caption="#seldom")
    assert [tag["name"] for tag in api.get("/api/v1/explore/").json()["tags"]] == ["often", "seldom"]


def test_running_challenges_of_the_country_and_of_everywhere_are_there(api, cast):
    cast.alice.is_business = True
    cast.alice.save()
    tag = Tag.objects.create(name="cook")
    for number, (country, starts, ends) in enumerate(
        (("", -1, 3), ("FR", -1, 2), ("DE", -1, 4), ("", 1, 3), ("", -3, -1))
    ):
        Challenge.objects.create(
            slug=f"cook-{number}",
            tag=tag,
            host=cast.alice,
            title=f"Cook {number}",
            brief="Cook",
            country=country,
            starts_at=timezone.now() + timedelta(days=starts),
            ends_at=timezone.now() + timedelta(days=ends),
            published_at=NOW,
        )

    def shown(query):
        return [row["slug"] for row in api.get(f"/api/v1/explore/{query}").json()["challenges"]]

    assert shown("?country=FR") == ["cook-1", "cook-0"]
    assert shown("?country=") == ["cook-1", "cook-0", "cook-2"]


def test_nothing_that_is_hidden_or_refused_is_explored(api, cast):
    (hidden,) = clips_of(cast.alice, caption="Canary #canary")
    apply_tags(hidden)
    sound = Sound.objects.create(title="Canary", owner=cast.alice, file="sound.m4a")
    hidden.sound = sound
    hidden.save()
    rank("video", "", hidden)
    rank("tag", "", Tag.objects.get(name="canary"))
    rank("sound", "", sound)
    for viewer, sees in ((cast.bob, True), (cast.mallory, False)):
        text = api.as_(viewer).get("/api/v1/explore/").content.decode().lower()
        assert ("canary" in text) is sees
    from videos.actions import prefer

    prefer(cast.bob, "hide", tag=Tag.objects.get(name="canary"))
    assert "canary" not in api.as_(cast.bob).get("/api/v1/explore/").content.decode().lower()
    hidden.audience = "only_me"
    hidden.save()
    assert "canary" not in api.as_(cast.dave).get("/api/v1/explore/").content.decode().lower()


def test_people_to_follow_are_for_those_who_are_logged_in(api, cast):
    assert api.get("/api/v1/explore/").json()["people"] == []
    found = api.as_(cast.dave).get("/api/v1/explore/").json()["people"]
    assert "alice" in {person["username"] for person in found}
    assert all(person["reasons"] for person in found)


def test_what_the_viewer_may_not_meet_leaves_its_place_to_the_next(cast):
    """Also when it fills more than one batch of the list."""
    hidden = [
        clip.tags.get()
        for n in range(60)
        for clip in clips_of(cast.alice, caption=f"#mine{n}x", audience="only_me")
    ]
    shown = [clip.tags.get() for n in range(3) for clip in clips_of(cast.alice, caption=f"#open{n}x")]
    rank("tag", "FR", *hidden, shown[0])
    rank("tag", "", shown[1], shown[0], *hidden[:5], shown[2])
    assert [tag["name"] for tag in exploring.rails(cast.bob, "FR")["tags"]] == ["open0x", "open1x", "open2x"]
    assert len(exploring.rails(cast.alice, "FR")["tags"]) == exploring.TAGS


def test_the_rails_cost_the_same_for_many(cast, django_assert_max_num_queries):
    tags = [clip.tags.get() for n in range(9) for clip in clips_of(cast.alice, caption=f"#tag{n}x")]
    rank("tag", "FR", *tags[:3])
    rank("tag", "", *tags[3:])
    # 1 what rises of all kinds · 2 tags · 3 sounds used most, as none rise · 4 and 5 faces of tags and sounds · 6 challenges
    # that run, as none rise
    with django_assert_max_num_queries(6):
        assert len(exploring.rails(cast.bob, "FR")["tags"]) == 9


def test_the_whole_page_costs_what_is_said_here(browser, cast, django_assert_max_num_queries):
    """A quiet network, where each list has to be filled up: the page costs no more than this."""
    cast.bob.country = "FR"
    cast.bob.save()
    clips = clips_of(cast.alice, 3, caption="At #dusk")
    sound = Sound.objects.create(title="Waves", owner=cast.alice, file="sound.m4a")
    Video.objects.filter(pk=clips[0].pk).update(sound=sound)
    tag = Tag.objects.get(name="dusk")
    dates = {"starts_at": NOW - timedelta(days=1), "ends_at": timezone.now() + timedelta(days=1)}
    said = {"title": "Dusk", "brief": "Film it.", "published_at": NOW}
    challenge = Challenge.objects.create(slug="dusk", tag=tag, host=cast.alice, **said, **dates)
    for country in ("FR", ""):
        rank("video", country, *clips[: 1 if country else 2])
        for kind, subject in (("tag", tag), ("sound", sound), ("challenge", challenge)):
            rank(kind, country, subject)
    client = browser.as_(cast.bob)
    client.get("/inbox/")  # the session is in the cache from now on
    # 1 the viewer · 1 countries · 5 the grid: rising here, everywhere, both with their rows; popular · 3 its renditions, likes
    # and saves, ties · 1 what rises of tags, sounds, challenges · 3 their rows · 3 filled up with tags and sounds that are
    # used, challenges that run · 2 faces of tags and sounds · 5 people to follow: known by friends, whose, their rows, ties,
    # popular ones · 1 blocks · 2 badges
    with django_assert_max_num_queries(27):
        answer = client.get("/explore/")
    assert [len(answer.context[name]) for name in ("cards", "tags", "sounds", "challenges")] == [3, 1, 1, 1]


def test_the_page_has_the_rails_the_picker_and_the_grid(browser, cast):
    (clip,) = clips_of(cast.alice, caption="At #dusk")
    watches(crowd("someone", 9, country="FR"), [clip])
    trends.compute(NOW)
    answer = browser.as_(cast.dave).get("/explore/")
    text = answer.content.decode()
    assert answer.context["countries"] == ["FR"]
    assert 'value="FR"' in text
    assert "/tags/dusk/" in text
    assert ids(answer.context["cards"]) == [clip.pk]
    piece = browser.get("/explore/?fragment=1")
    assert "<html" not in piece.content.decode()
