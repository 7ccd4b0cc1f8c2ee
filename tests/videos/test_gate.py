"""The gate: its SQL form says for many clips what the tables of privacy.rules say for one."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Follow, User
from privacy.models import Block, PrivacySettings
from privacy.rules import Audience
from socialapp.lib.errors import NotFound
from videos import access
from videos.models import Video

pytestmark = pytest.mark.django_db
PEOPLE = 4


@pytest.fixture
def people(make_person):
    return [make_person(f"person{n}") for n in range(PEOPLE)]


pairs = st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)).filter(
    lambda pair: pair[0] != pair[1]
)
clip = st.fixed_dictionaries(
    {
        "author": st.integers(0, PEOPLE - 1),
        "audience": st.sampled_from(Audience.values),
        "state": st.sampled_from(Video.State.values),
        "published": st.booleans(),
        "playlist": st.sampled_from(["", "master.m3u8"]),
    }
)
world = st.fixed_dictionaries(
    {
        "private": st.sets(st.integers(0, PEOPLE - 1)),
        "suspended": st.sets(st.integers(0, PEOPLE - 1), max_size=1),
        "hidden": st.sets(st.integers(0, PEOPLE - 1), max_size=1),
        "follows": st.dictionaries(pairs, st.sampled_from(["accepted", "pending"]), max_size=8),
        "blocks": st.sets(pairs, max_size=2),
        "clips": st.lists(clip, min_size=1, max_size=10),
    }
)


def build(people, world):
    """Turn the fixed people into this world; returns its clips."""
    for table in (Follow, Block, Video):
        table.objects.all().delete()
    now = timezone.now()
    ids = [person.pk for person in people]
    User.objects.update(is_active=True, deactivated_at=None)
    PrivacySettings.objects.update(is_private=False)
    PrivacySettings.objects.filter(person__in=[ids[n] for n in world["private"]]).update(is_private=True)
    User.objects.filter(pk__in=[ids[n] for n in world["suspended"]]).update(is_active=False)
    User.objects.filter(pk__in=[ids[n] for n in world["hidden"]]).update(deactivated_at=now)
    Follow.objects.bulk_create(
        Follow(follower_id=ids[a], followed_id=ids[b], state=state)
        for (a, b), state in world["follows"].items()
    )
    Block.objects.bulk_create(Block(blocker_id=ids[a], blocked_id=ids[b]) for a, b in world["blocks"])
    return [
        Video.objects.create(
            author_id=ids[clip["author"]],
            audience=clip["audience"],
            state=clip["state"],
            playlist=clip["playlist"],
            published_at=now if clip["published"] else None,
        )
        for clip in world["clips"]
    ]


@given(world=world)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_and_rows_agree_in_any_small_world(people, world):
    clips = build(people, world)
    for viewer in [AnonymousUser(), *User.objects.filter(pk__in=[p.pk for p in people])]:
        by_sql = set(access.visible_videos(viewer).values_list("pk", flat=True))
        by_row = {
            c.pk
            for c in access.with_people(Video.objects.filter(pk__in=[c.pk for c in clips]))
            if access.sees_video(viewer, c)
        }
        assert by_sql == by_row


def test_the_gate_costs_no_query_of_its_own(cast, make_video, django_assert_num_queries):
    make_video(cast.alice)
    with django_assert_num_queries(1):  # the caller's own query
        assert access.visible_videos(cast.bob).count() == 1


def test_a_clip_is_watchable_before_its_ladder_is_done(cast, make_video):
    early = make_video(cast.alice, state="processing")
    make_video(cast.alice, state="processing", playlist="")
    assert [v.pk for v in access.visible_videos(AnonymousUser())] == [early.pk]


def test_the_author_sees_every_state_but_removed(cast, make_video):
    for state in Video.State.values:
        make_video(cast.alice, state=state, playlist="", published_at=None)
    seen = set(access.visible_videos(cast.alice).values_list("state", flat=True))
    assert seen == set(Video.State.values) - {"removed"}
    assert set(access.own_videos(cast.alice).values_list("state", flat=True)) == seen


def test_a_moderator_is_a_stranger_here(cast, make_video):
    secret = make_video(cast.alice, audience="friends")
    with pytest.raises(NotFound):
        access.get_video(cast.mod, str(secret.pk))


def test_an_author_without_settings_counts_as_private(cast, make_video):
    video = make_video(cast.alice)
    PrivacySettings.objects.filter(person=cast.alice).delete()
    assert not access.visible_videos(cast.dave).exists()
    assert access.get_video(cast.bob, video.pk) == video


@pytest.mark.parametrize("text", ["", "x", "-1", "99999999999999999999", "1.5", "٣", "0"])
def test_what_is_no_id_is_not_found(cast, text):
    with pytest.raises(NotFound):
        access.get_video(cast.bob, text)


def test_a_private_account_narrows_what_strangers_see_of_likes(cast, make_video):
    cast.alice.privacy.likes_audience = "public"
    cast.alice.privacy.is_private = True
    cast.alice.privacy.save()
    assert access.sees_likes(cast.bob, cast.alice)
    assert not access.sees_likes(cast.dave, cast.alice)
    with pytest.raises(NotFound):
        access.likes_of(cast.dave, cast.alice)


def test_liked_lists_keep_hidden_clips_back(cast, make_video):
    from videos.actions import like

    shown, secret = make_video(cast.carol), make_video(cast.carol, audience="friends")
    like(cast.alice, shown)
    like(cast.alice, secret)
    cast.alice.privacy.likes_audience = "public"
    cast.alice.privacy.save()
    assert [row.video for row in access.likes_of(cast.dave, cast.alice)] == [shown]


def test_a_sound_is_known_only_by_a_clip_one_sees(cast, make_video):
    from videos.models import Sound

    sound = Sound.objects.create(title="A secret tune", owner=cast.alice)
    make_video(cast.alice, sound=sound, audience="friends")
    assert access.get_sound(cast.carol, str(sound.pk)) == sound
    assert list(access.findable_sounds(cast.dave)) == []
    with pytest.raises(NotFound):
        access.get_sound(cast.dave, str(sound.pk))


def test_a_tag_is_suggested_only_when_a_clip_with_it_is_seen(cast, make_video):
    from videos.hashtags import apply_tags

    apply_tags(make_video(cast.alice, caption="#canary", audience="friends"))
    assert not access.findable_tags(cast.dave).exists()
    assert access.findable_tags(cast.carol).get().name == "canary"
    assert list(access.tag_videos(cast.dave, "canary")) == list(access.tag_videos(cast.dave, "unheard")) == []
