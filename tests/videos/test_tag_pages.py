"""The pages of a tag and of a sound: top or newest, counted as far as the viewer sees, with the challenge that runs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from videos.access import count_clips, discovering, tag_videos
from videos.hashtags import apply_tags
from videos.models import Challenge, Sound, Tag, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def dusk(cast, make_video):
    """Three clips with #dusk, the older the better liked."""
    clips = []
    for days in range(3):
        published = timezone.now() - timedelta(days=days)
        clip = make_video(cast.alice, caption=f"Day {days} #dusk", published_at=published, score=days)
        apply_tags(clip)
        clips.append(clip)
    return clips


def ids(cards):
    return [int(card["id"]) for card in cards]


def test_a_tag_opens_with_the_best_liked_and_turns_to_the_newest(browser, dusk):
    newest = [clip.pk for clip in dusk]
    assert ids(browser.get("/tags/dusk/").context["cards"]) == newest[::-1]
    answer = browser.get("/tags/dusk/?sort=newest")
    assert ids(answer.context["cards"]) == newest
    assert [tab["current"] for tab in answer.context["tabs"]] == [False, True]


def test_the_api_of_a_tag_gives_the_newest_unless_asked_for_the_top(api, dusk):
    newest = [clip.pk for clip in dusk]
    assert ids(api.get("/api/v1/tags/dusk/videos/").json()["results"]) == newest
    assert ids(api.get("/api/v1/tags/dusk/videos/?sort=top").json()["results"]) == newest[::-1]


@pytest.mark.parametrize("address", ["/api/v1/tags/dusk/videos/", "/tags/dusk/"])
def test_an_unknown_order_is_refused(api, dusk, address):
    answer = api.get(address, {"sort": "best"})
    assert answer.status_code == 400


def test_pages_of_the_top_follow_each_other(browser, cast, make_video):
    clips = [make_video(cast.alice, caption="#dusk", score=number // 2) for number in range(25)]
    for clip in clips:
        apply_tags(clip)
    first = browser.get("/tags/dusk/")
    second = browser.get("/tags/dusk/", {"cursor": first.context["next_cursor"], "fragment": 1})
    assert "<html" not in second.content.decode()
    clips.sort(key=lambda clip: (clip.score, clip.pk), reverse=True)
    assert ids(first.context["cards"]) + ids(second.context["cards"]) == [clip.pk for clip in clips]


def test_clips_are_counted_as_far_as_one_sees_them(browser, cast, dusk):
    Video.objects.filter(pk=dusk[0].pk).update(audience="only_me")
    Video.objects.filter(pk=dusk[1].pk).update(audience="followers")
    for viewer, count in ((cast.alice, 3), (cast.bob, 2), (cast.dave, 1), (cast.mallory, 0)):
        assert browser.as_(viewer).get("/tags/dusk/").context["tag"]["clips"] == count


def test_counting_ends_at_a_thousand(dusk, cast, monkeypatch):
    monkeypatch.setattr(discovering, "COUNTED", 2)
    assert count_clips(tag_videos(cast.bob, "dusk")) == {"clips": 2, "more": True}


def test_an_unknown_tag_and_one_of_hidden_clips_look_alike(browser, cast, dusk):
    Video.objects.filter(tags__name="dusk").update(audience="only_me")
    hidden, unknown = (browser.get(f"/tags/{name}/") for name in ("dusk", "dawn"))
    assert hidden.content.decode().replace("dusk", "dawn").count("dawn") == unknown.content.decode().count(
        "dawn"
    )
    assert hidden.context["tag"] | {"name": "", "url": ""} == unknown.context["tag"] | {"name": "", "url": ""}


def test_a_tag_is_named_as_it_compares(browser, dusk):
    answer = browser.get("/tags/DUSK/")
    assert answer.context["title"] == "#dusk"
    assert len(answer.context["cards"]) == 3


def test_the_challenge_that_runs_with_a_tag_is_linked(browser, api, cast, dusk):
    now = timezone.now()
    for slug, ends in (("over", -1), ("soon", 1), ("later", 2)):
        Challenge.objects.create(
            slug=slug,
            tag=Tag.objects.get(name="dusk"),
            host=cast.alice,
            title=f"Film the dusk {slug}",
            brief="Go out",
            starts_at=now - timedelta(days=3),
            ends_at=now + timedelta(days=ends),
            published_at=now,
        )
    assert "/challenges/soon/" in browser.get("/tags/dusk/").content.decode()
    assert api.get("/api/v1/tags/dusk/").json()["challenge"]["slug"] == "soon"
    assert api.as_(cast.mallory).get("/api/v1/tags/dusk/").json()["challenge"] is None


def test_a_sounds_page_lists_top_and_newest_and_counts_what_one_sees(browser, cast, dusk):
    sound = Sound.objects.create(title="Waves", owner=cast.alice, file="sound.m4a", uses_count=9)
    Video.objects.filter(tags__name="dusk").update(sound=sound)
    Video.objects.filter(pk=dusk[2].pk).update(audience="only_me")
    top, newest = (browser.get(f"/sounds/{sound.pk}/?sort={sort}") for sort in ("top", "newest"))
    assert ids(top.context["cards"]) == [dusk[1].pk, dusk[0].pk]
    assert ids(newest.context["cards"]) == [dusk[0].pk, dusk[1].pk]
    assert (top.context["sound"]["clips"], top.context["sound"]["more"]) == (2, False)
    assert "2 clips" in top.content.decode()


def test_a_tag_page_costs_the_same_for_many_clips(
    browser, cast, make_video, dusk, django_assert_max_num_queries
):
    for _ in range(15):
        apply_tags(make_video(cast.alice, caption="#dusk"))
    client = browser.as_(cast.bob)
    client.get("/tags/dusk/")
    with django_assert_max_num_queries(12):
        client.get("/tags/dusk/")
