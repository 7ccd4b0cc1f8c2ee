"""How somebody wants their feed: newest first, without their history, from the beginning again."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from privacy.models import AuditEntry
from videos import access, actions
from videos.models import FeedSettings, Like, Preference


def test_without_a_word_it_is_personal_and_chosen(api, cast):
    answer = api.as_(cast.bob).get("/api/v1/me/feed/").json()
    assert answer == {"chronological": False, "personal": True, "started_over_at": None}
    assert not FeedSettings.objects.exists()


def test_visitors_have_the_defaults():
    kept = access.feed_settings(AnonymousUser())
    assert (kept.chronological, kept.personal) == (False, True)


@pytest.mark.engines
@pytest.mark.django_db
def test_what_is_not_named_stays(cast):
    actions.change_feed(cast.bob, chronological=True)
    actions.change_feed(cast.bob, personal=False)
    kept = FeedSettings.objects.get(person=cast.bob)
    assert (kept.chronological, kept.personal) == (True, False)


def test_the_api_changes_and_tells(api, cast):
    client = api.as_(cast.bob)
    assert client.patch("/api/v1/me/feed/", {"chronological": True}, format="json").json()["chronological"]
    assert client.get("/api/v1/me/feed/").json()["chronological"]


@pytest.mark.parametrize("body", [{"chronological": "sideways"}, {"order": "newest"}])
def test_what_cannot_be_is_refused(api, cast, body):
    assert api.as_(cast.bob).patch("/api/v1/me/feed/", body, format="json").status_code == 400
    assert not FeedSettings.objects.exists()


def test_the_same_person_sees_the_change_at_once(cast):
    assert not access.feed_settings(cast.bob).chronological
    actions.change_feed(cast.bob, chronological=True)
    assert access.feed_settings(cast.bob).chronological


def test_asking_twice_costs_one_query(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        access.feed_settings(cast.bob)
        access.feed_settings(cast.bob)


def test_a_change_is_audited_once(cast):
    actions.change_feed(cast.bob, personal=False)
    actions.change_feed(cast.bob, personal=False)
    entry = AuditEntry.objects.get(verb="feed.change")
    assert (entry.actor_id, entry.detail) == (cast.bob.pk, {"personal": False})


@pytest.mark.engines
@pytest.mark.django_db
def test_starting_over_forgets_what_was_asked_and_keeps_what_was_refused(cast, make_video):
    more, less, hide = (make_video(cast.alice) for _ in range(3))
    actions.like(cast.bob, more)
    for stance, clip in (("more", more), ("less", less), ("hide", hide)):
        actions.prefer(cast.bob, stance, video=clip)
    actions.prefer(cast.dave, "more", video=more)
    before = timezone.now()
    actions.start_over(cast.bob)
    assert [row.video for row in Preference.objects.filter(person=cast.bob)] == [hide]
    assert Preference.objects.filter(person=cast.dave).exists()
    assert FeedSettings.objects.get(person=cast.bob).started_over_at >= before
    assert Like.objects.filter(person=cast.bob).exists()
    assert AuditEntry.objects.filter(verb="feed.start_over", actor=cast.bob).exists()


def test_starting_over_keeps_the_other_settings(api, cast):
    client = api.as_(cast.bob)
    client.patch("/api/v1/me/feed/", {"chronological": True}, format="json")
    answer = client.post("/api/v1/me/feed/start-over/").json()
    assert answer["chronological"]
    assert answer["started_over_at"]
