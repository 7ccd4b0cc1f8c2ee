"""POST events/: what is taken, what is dropped, and what the sender is told."""

import json

import orjson
import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from analytics import inbox, rollups, visits
from analytics.models import CreatorDay, DroppedDay, Event, VideoDay
from socialapp.lib.redis import connection

URL = "/api/v1/events/"


def viewing(clip, **fields):
    return {
        "video": str(clip.pk),
        "session": "visit-1",
        "watched_ms": 4000,
        "duration_ms": 10_000,
        "loops": 0,
        "source": "for_you",
    } | fields


def send(client, *events, **extra):
    return client.post(URL, {"events": list(events), **extra}, format="json")


def a_visit():
    """A signed visit of somebody who is not logged in."""
    return visits.issue(AnonymousUser())


def dropped():
    return dict(DroppedDay.objects.values_list("reason", "events"))


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.alice, duration_ms=10_000)


@pytest.fixture
def bob(api, cast):
    """A client of bob, who is logged in and names his sessions himself."""
    return api.as_(cast.bob)


@pytest.fixture(autouse=True)
def _time_to_watch(monkeypatch, request):
    """Tests bring along in a moment what takes minutes to watch."""
    if "bounded" not in request.node.name:
        monkeypatch.setattr(inbox, "WATCH_SLACK_MS", 10**10)


def test_views_of_logged_in_people_and_of_visitors_are_counted_after_a_flush(api, cast, clip):
    assert send(api.as_(cast.bob), viewing(clip)).json() == {"accepted": 1, "dropped": 0}
    answer = send(api, viewing(clip), visit=a_visit())
    assert answer.status_code == 202
    assert not Event.objects.exists(), "a request writes nothing to the database"

    assert rollups.flush() == 2
    assert list(Event.objects.order_by("id").values_list("viewer_id", "watched_ms", "source")) == [
        (cast.bob.pk, 4000, "for_you"),
        (None, 4000, "for_you"),
    ]
    day = VideoDay.objects.get()
    assert (day.video_id, day.creator_id, day.views, day.watch_ms, day.completions) == (
        clip.pk,
        cast.alice.pk,
        2,
        8000,
        0,
    )
    assert list(CreatorDay.objects.values_list("creator_id", "views", "watch_ms")) == [
        (cast.alice.pk, 2, 8000)
    ]
    clip.refresh_from_db()
    assert clip.views_count == 2
    assert clip.score > 0


def test_a_batch_of_a_hundred_events_is_taken_and_one_of_101_refused(bob, clip):
    events = [viewing(clip, session=f"s{n}") for n in range(100)]
    assert send(bob, *events).json() == {"accepted": 100, "dropped": 0}
    answer = send(bob, *events, viewing(clip, session="one-more"))
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {"events": "A list of 1 to 100 events."}
    assert inbox.waiting() == 100


@pytest.mark.parametrize(
    ("watched", "loops", "views", "completions"),
    [(0, 0, 0, 0), (1999, 0, 0, 0), (2000, 0, 1, 0), (9499, 0, 1, 0), (9500, 0, 1, 1), (25_000, 2, 1, 1)],
)
def test_what_counts_as_a_view_and_as_a_completion(bob, clip, watched, loops, views, completions):
    send(bob, viewing(clip, watched_ms=watched, loops=loops))
    rollups.flush()
    day = VideoDay.objects.get()
    assert (day.views, day.completions, day.watch_ms) == (views, completions, watched)


def test_half_of_a_clip_shorter_than_four_seconds_is_a_view(bob, cast, make_video):
    short = make_video(cast.alice, duration_ms=1001)
    send(
        bob,
        viewing(short, watched_ms=500, duration_ms=1000, session="a"),
        viewing(short, watched_ms=501, duration_ms=1000, session="b"),
    )
    rollups.flush()
    assert VideoDay.objects.get().views == 1


def test_own_views_are_dropped_and_counted_as_dropped(api, cast, clip):
    assert send(api.as_(cast.alice), viewing(clip)).json() == {"accepted": 0, "dropped": 1}
    rollups.flush()
    assert dropped() == {"own": 1}
    assert not VideoDay.objects.exists()


def test_a_clip_one_may_not_see_and_one_that_does_not_exist_answer_alike_and_count_nothing(
    api, cast, make_video
):
    secret = make_video(cast.alice, audience="only_me")
    hidden = send(api.as_(cast.bob), viewing(secret, duration_ms=1000))
    absent = send(api.as_(cast.bob), viewing(secret, video="1", duration_ms=1000))
    blocked = send(api.as_(cast.mallory), viewing(make_video(cast.alice), duration_ms=1000))
    assert hidden.json() == absent.json() == blocked.json() == {"accepted": 0, "dropped": 1}
    assert hidden.status_code == absent.status_code == blocked.status_code == 202
    rollups.flush()
    assert dropped() == {"hidden": 3}
    assert not Event.objects.exists()


def test_implausible_watch_times_and_lengths_are_dropped(bob, clip):
    answer = send(
        bob,
        viewing(clip, session="a", watched_ms=30_000),
        viewing(clip, session="b", watched_ms=2_000_000_000, loops=5),
        viewing(clip, session="c", loops=2000),
        viewing(clip, session="d", duration_ms=60_000),
        viewing(clip, session="e", duration_ms=11_400),
    )
    assert answer.json() == {"accepted": 1, "dropped": 4}
    rollups.flush()
    assert dropped() == {"implausible": 3, "length": 1}


def test_the_same_viewing_again_is_a_replay_within_a_batch_and_across_batches(api, cast, clip, make_video):
    other = make_video(cast.alice, duration_ms=10_000)
    visit = a_visit()
    answer = send(api, viewing(clip), viewing(clip), viewing(other), visit=visit)
    assert answer.json() == {"accepted": 2, "dropped": 1}
    assert send(api, viewing(clip), visit=visit).json() == {"accepted": 0, "dropped": 1}
    assert send(api.as_(cast.bob), viewing(clip)).json() == {"accepted": 1, "dropped": 0}
    rollups.flush()
    assert dropped() == {"replay": 2}
    assert VideoDay.objects.get(video=clip).views == 2


def test_a_viewing_in_pieces_is_one_view_with_all_its_time(bob, clip):
    pieces = [(1500, 0), (700, 0), (4000, 0), (3300, 0), (9000, 1)]
    for watched, loops in pieces:
        assert send(bob, viewing(clip, watched_ms=watched, loops=loops)).json()["accepted"] == 1
    rollups.flush()
    events = list(Event.objects.order_by("id").values_list("is_view", "is_completion"))
    assert events == [(False, False), (True, False), (False, False), (False, True), (False, False)]
    day = VideoDay.objects.get()
    assert (day.views, day.completions, day.watch_ms) == (1, 1, sum(watched for watched, _loops in pieces))


def test_a_viewing_goes_on_across_the_hour_and_is_new_after_two(bob, clip, time_machine):
    for moment, views in (
        ("2025-05-05 10:30", 1),
        ("2025-05-05 11:10", 1),
        ("2025-05-05 12:59", 1),
        ("2025-05-05 15:30", 2),
    ):
        time_machine.move_to(moment + "Z", tick=False)
        send(bob, viewing(clip, watched_ms=3000 + int(moment[11:13])))
        rollups.flush()
        assert sum(VideoDay.objects.values_list("views", flat=True)) == views, moment


def test_profile_views_are_counted_without_keeping_who_looked(api, cast):
    look = {"profile": "Alice", "session": "visit-1"}
    assert send(api.as_(cast.bob), look, look).json() == {"accepted": 1, "dropped": 1}
    assert send(api, look, visit=a_visit()).json() == {"accepted": 1, "dropped": 0}
    assert send(api.as_(cast.alice), look).json() == {"accepted": 0, "dropped": 1}
    assert send(api.as_(cast.mallory), look).json() == {"accepted": 0, "dropped": 1}
    rollups.flush()
    assert CreatorDay.objects.get().profile_views == 2
    assert dropped() == {"replay": 1, "own": 1, "hidden": 1}
    looks = list(Event.objects.values_list("kind", "creator", "viewer", "session"))
    assert [look[:3] for look in looks] == [(Event.Kind.PROFILE_VIEW, cast.alice.pk, None)] * 2
    assert len({look[3] for look in looks}) == 2
    assert str(cast.bob.pk) not in str(looks)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"video": None}, "events.0.video"),
        ({"video": True}, "events.0.video"),
        ({"session": ""}, "events.0.session"),
        ({"session": "x" * 41}, "events.0.session"),
        ({"session": "tab\there"}, "events.0.session"),
        ({"session": 5}, "events.0.session"),
        ({"watched_ms": -1}, "events.0.watched_ms"),
        ({"watched_ms": "long"}, "events.0.watched_ms"),
        ({"watched_ms": True}, "events.0.watched_ms"),
        ({"duration_ms": 10**30}, "events.0.duration_ms"),
        ({"loops": None}, "events.0.loops"),
        ({"profile": "no such name!"}, "events.0.profile"),
        ({"profile": 7}, "events.0.profile"),
    ],
)
def test_a_malformed_event_names_its_field_and_keeps_nothing(bob, clip, change, field):
    answer = send(bob, viewing(clip, **change), viewing(clip, session="fine"))
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]
    assert field in answer.json()["error"]["message"]
    assert inbox.waiting() == 0


@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{}", '{"events": 1}', '{"events": []}', '{"events": [1]}', "{", "\udc80"]
)
def test_a_body_that_is_no_batch_is_refused_with_a_sentence(api, body):
    answer = api.post(URL, body.encode("utf-8", "surrogateescape"), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_a_body_that_is_too_long_is_refused(api):
    answer = api.post(URL, b'{"events": ["' + b"x" * 300_000 + b'"]}', content_type="application/json")
    assert answer.status_code == 413


def test_unknown_sources_and_fields_of_newer_pages_still_count(bob, clip):
    send(bob, viewing(clip, source="telepathy", mood="fine"), viewing(clip, session="b", source="for-you"))
    rollups.flush()
    assert sorted(Event.objects.values_list("source", flat=True)) == ["for_you", "other"]


def test_a_beacon_as_plain_text_is_taken(api, clip):
    body = orjson.dumps({"events": [viewing(clip)], "visit": a_visit()})
    assert api.post(URL, body, content_type="text/plain;charset=UTF-8").json() == {
        "accepted": 1,
        "dropped": 0,
    }


def test_a_logged_in_beacon_needs_its_csrf_token_in_the_header_or_in_the_body(cast, clip):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    token = "a" * 32
    client.cookies["csrftoken"] = token
    body = {"events": [viewing(clip)]}

    refused = client.post(URL, json.dumps(body), content_type="application/json")
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "forbidden"
    assert (
        client.post(URL, json.dumps(body | {"csrf": "b" * 32}), content_type="text/plain").status_code == 403
    )
    assert client.post(URL, json.dumps(body | {"csrf": token}), content_type="text/plain").status_code == 202
    assert (
        client.post(
            URL, json.dumps(body), content_type="application/json", headers={"X-CSRFToken": token}
        ).status_code
        == 202
    )


def test_an_anonymous_beacon_needs_no_token(clip):
    client = Client(enforce_csrf_checks=True)
    assert (
        client.post(URL, json.dumps({"events": [viewing(clip)]}), content_type="text/plain").status_code
        == 202
    )


def test_a_flood_of_batches_is_told_to_wait_and_each_batch_counts_once(api, cast, clip, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"events": "2/60"}
    client = api.as_(cast.bob)
    batch = [viewing(clip, session=f"s{n}") for n in range(30)]
    assert [send(client, *batch).status_code for _turn in range(3)] == [202, 202, 429]
    assert int(send(client, *batch)["Retry-After"]) > 0


def test_without_redis_the_sender_hears_503_and_may_send_again(bob, clip, monkeypatch):
    import redis

    class Away:
        def eval(self, *_args):
            raise redis.ConnectionError("away")

    monkeypatch.setattr("analytics.inbox.connection", Away)
    answer = send(bob, viewing(clip))
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "unavailable"
    monkeypatch.undo()
    assert send(bob, viewing(clip)).json() == {"accepted": 1, "dropped": 0}


def test_a_batch_costs_a_fixed_number_of_queries(api, cast, make_video, django_assert_max_num_queries):
    clips = [make_video(cast.alice, duration_ms=10_000) for _n in range(30)]
    client = api.as_(cast.bob)
    with django_assert_max_num_queries(4):  # session, person, the gate over clips, the gate over profiles
        answer = send(client, *[viewing(clip) for clip in clips], {"profile": "alice", "session": "visit-1"})
    assert answer.json() == {"accepted": 31, "dropped": 0}


def test_marks_of_replays_hold_no_readable_id_and_expire(api, cast, clip):
    send(api.as_(cast.bob), viewing(clip))
    keys = list(connection().keys("{events}:watched:*"))
    assert keys
    assert all(0 < connection().ttl(key) <= 7200 for key in keys)
    assert all(str(cast.bob.pk).encode() not in mark for key in keys for mark in connection().hkeys(key))
