"""What the feed believes of somebody: it is what ranking goes by, it names its evidence, and it tells only its person."""

import pytest
from django.utils import timezone

from accounts.models import Follow, User
from privacy.models import Block
from videos import actions, feed
from videos.beliefs import MOST, beliefs, interests_of
from videos.hashtags import apply_tags
from videos.models import Sound, Tag, Video, Watch


@pytest.fixture
def watched(cast, make_video):
    """A clip of alice's that dave watched to its end, with a sound and a tag."""

    def make(person=None, caption="Waves #sea", liked=False, **fields):
        sound = fields.pop("sound", None) or Sound.objects.create(owner=cast.alice, title="Waves")
        clip = make_video(cast.alice, caption=caption, sound=sound, duration_ms=10_000, **fields)
        apply_tags(clip)
        now = timezone.now()
        Watch.objects.create(
            person=person or cast.dave,
            video=clip,
            watched_ms=30_000,
            viewings=2,
            completions=2,
            first_at=now,
            last_at=now,
        )
        if liked:
            actions.like(person or cast.dave, clip)
        return clip

    return make


def named(rows):
    return {row["name"]: row for row in rows}


def fresh(person):
    feed.forget(person.pk)
    return beliefs(User.objects.get(pk=person.pk))


@pytest.mark.engines
@pytest.mark.django_db
def test_what_one_liked_is_believed_with_its_clips(cast, watched):
    clips = [watched(liked=True) for _ in range(3)]
    found = fresh(cast.dave)
    sea = named(found["tags"])["#sea"]
    assert (sea["subject"], sea["url"], sea["stance"]) == ("sea", "/tags/sea/", None)
    assert sea["strength"] > 0.25
    assert {clip["id"] for clip in sea["clips"]} == {str(clip.pk) for clip in clips}
    assert "You liked or saved 3 clips." in [reason["text"] for reason in sea["reasons"]]
    assert "alice" in named(found["authors"])
    assert "Waves" in named(found["sounds"])
    assert found["clips"] == 3


def test_what_was_only_watched_says_so(cast, watched):
    watched()
    sea = named(fresh(cast.dave)["tags"])["#sea"]
    assert [reason["kind"] for reason in sea["reasons"]] == ["watched"]


def test_a_newcomer_is_believed_nothing(cast):
    assert fresh(cast.dave) == {"clips": 0, "tags": [], "authors": [], "sounds": []}


def test_a_chosen_interest_is_named_as_one(cast, make_video):
    apply_tags(make_video(cast.alice, caption="Soup #cooking"))
    User.objects.filter(pk=cast.dave.pk).update(interests=["food"])
    cooking = named(fresh(cast.dave)["tags"])["#cooking"]
    assert [reason["kind"] for reason in cooking["reasons"]] == ["chosen"]
    assert cooking["clips"] == []
    chosen = [row["key"] for row in interests_of(User.objects.get(pk=cast.dave.pk)) if row["chosen"]]
    assert chosen == ["food"]


def test_what_was_said_of_it_stands_beside_it(cast, watched):
    watched()
    row = actions.prefer(cast.dave, "more", tag=Tag.objects.get(name="sea"))
    sea = named(fresh(cast.dave)["tags"])["#sea"]
    assert (sea["stance"], sea["preference"], sea["reasons"][0]["text"]) == (
        "more",
        str(row.pk),
        "You asked for more.",
    )


def test_following_is_a_reason(cast, watched):
    watched()
    Follow.objects.create(
        follower=cast.dave, followed=cast.alice, state="accepted", accepted_at=timezone.now()
    )
    alice = named(fresh(cast.dave)["authors"])["alice"]
    assert "following" in [reason["kind"] for reason in alice["reasons"]]


@pytest.mark.engines
@pytest.mark.django_db
@pytest.mark.parametrize("how", ["blocked", "narrowed", "removed"])
def test_evidence_that_is_hidden_by_now_is_not_told(cast, watched, how):
    clip = watched(caption="Secret #canary", liked=True)
    if how == "blocked":
        Block.objects.create(blocker=cast.alice, blocked=cast.dave)
    elif how == "narrowed":
        Video.objects.filter(pk=clip.pk).update(audience="private")
    else:
        Video.objects.filter(pk=clip.pk).update(state="removed")
    found = fresh(cast.dave)
    assert "canary" not in str(found)
    assert str(clip.pk) not in str(found)


def test_without_ones_history_nothing_is_believed(cast, watched):
    watched(liked=True)
    actions.change_feed(cast.dave, personal=False)
    found = fresh(cast.dave)
    assert (found["tags"], found["authors"], found["sounds"]) == ([], [], [])


def test_starting_over_forgets_what_was_believed(cast, watched):
    watched(liked=True)
    assert fresh(cast.dave)["tags"]
    actions.start_over(cast.dave)
    assert fresh(cast.dave)["tags"] == []


def test_the_strongest_come_first_and_not_too_many(cast, watched):
    watched(liked=True, caption=" ".join(f"#tag{number}x" for number in range(MOST + 3)))
    tags = fresh(cast.dave)["tags"]
    assert len(tags) == MOST
    assert [row["strength"] for row in tags] == sorted((row["strength"] for row in tags), reverse=True)


def test_it_costs_the_same_however_much_was_watched(cast, watched, django_assert_max_num_queries):
    for number in range(6):
        watched(liked=True, caption=f"#tag{number}x")
    feed.forget(cast.dave.pk)
    with django_assert_max_num_queries(11):
        beliefs(cast.dave)


def test_the_api_tells_ones_own_and_takes_interests(api, cast, watched):
    watched(liked=True)
    client = api.as_(cast.dave)
    answer = client.get("/api/v1/me/feed/interests/").json()
    assert "#sea" in named(answer["tags"])
    assert "sea" not in api.as_(cast.bob).get("/api/v1/me/feed/interests/").content.decode()
    answer = client.patch("/api/v1/me/feed/interests/", {"interests": ["food"]}, format="json").json()
    assert [row["key"] for row in answer["interests"] if row["chosen"]] == ["food"]


def test_an_interest_that_is_not_on_offer_is_refused(api, cast):
    answer = api.as_(cast.dave).patch("/api/v1/me/feed/interests/", {"interests": ["dragons"]}, format="json")
    assert answer.status_code == 400
