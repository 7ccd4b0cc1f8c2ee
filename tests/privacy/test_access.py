"""Whom a person shut out, check by check: whose rows, about whom, and nothing looked up for nobody."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from privacy import access, actions
from privacy.models import Block
from videos import access as clips
from videos.models import Preference
from videos.search.finding import find

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def test_nobody_shuts_nobody_out_and_no_query_is_asked(cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        for read in (access.blocked_ids, access.muted_ids, access.restricted_ids):
            assert list(read(NOBODY)) == []
        assert not access.is_blocked(NOBODY, cast.alice)
        assert not access.is_muted(NOBODY, cast.alice)
        assert not access.is_restricted(NOBODY, cast.alice)
        assert not access.is_restricted(cast.alice, NOBODY)
        assert not access.is_restricted(cast.alice, cast.alice)


def test_rows_are_those_of_one_person_about_one_person(cast):
    Block.objects.create(blocker=cast.bob, blocked=cast.dave)
    actions.restrict(cast.alice, cast.dave)
    actions.mute(cast.alice, cast.dave)
    assert [row.blocked for row in access.blocks(cast.alice)] == [cast.mallory]
    assert access.is_restricted(cast.alice, cast.dave)
    assert not access.is_restricted(cast.alice, cast.carol)
    assert not access.is_restricted(cast.bob, cast.dave)
    assert access.is_muted(cast.alice, cast.dave)
    assert not access.is_muted(cast.alice, cast.carol)
    assert not access.is_muted(cast.bob, cast.dave)


def test_a_feed_leaves_out_what_this_person_refused_and_who_is_limited_themselves(cast, make_video):
    refused, other, limited = make_video(cast.bob), make_video(cast.bob), make_video(cast.mallory)
    Preference.objects.create(person=cast.dave, video=refused, stance="hide")
    User.objects.filter(pk=cast.mallory.pk).update(is_limited=True)

    def left(viewer):
        return set(clips.visible_videos(viewer).exclude(clips.unwanted(viewer)))

    assert left(cast.dave) == {other}
    assert left(cast.carol) == {refused, other}
    assert left(NOBODY) == {refused, other}
    assert left(cast.mallory) == {refused, other, limited}


def test_what_moderators_limited_is_come_upon_by_followers_and_its_author_only(cast, make_video):
    clip, other = make_video(cast.alice, is_limited=True), make_video(cast.alice)
    assert set(clips.findable_videos(cast.bob)) == set(clips.findable_videos(cast.alice)) == {clip, other}
    assert set(clips.findable_videos(cast.dave)) == set(clips.findable_videos(NOBODY)) == {other}


def test_a_search_finds_by_name(cast):
    assert find(cast.dave, "people", "carol").page.items == [cast.carol]
