"""The flush: exactly once, whatever dies when; roll-ups equal a recount."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.utils import timezone

from analytics import actions, counting, inbox, recount, rollups, visits
from analytics.definitions import drop_reason, is_completion, is_view
from analytics.models import CreatorDay, DroppedDay, Event, EventBatch, VideoDay
from socialapp.lib.redis import connection
from videos.models import Video

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


def queue(video, count=1, *, viewer=None, watched=4000, duration=10_000, loops=0, at=NOW, source="for_you"):
    at_ms = int(at.timestamp() * 1000)
    records = [
        inbox.Item(
            list(
                counting.whole_viewing(
                    video.pk,
                    video.author_id,
                    at_ms,
                    watched,
                    duration,
                    loops,
                    viewer=viewer,
                    session=f"s{n}",
                    source=source,
                )
            )
        )
        for n in range(count)
    ]
    inbox.put(records, now=at.timestamp())


def same_as_recounted(day):
    """Every roll-up is what its raw rows say; of people, of whom there are few here, not one too many."""
    rolled, counted = recount.rolled(day), recount.recount(day)
    for name in ("videos", "creators", "sources", "promotions", "countries", "hours", "curves", "people"):
        assert getattr(rolled, name) == getattr(counted, name), name
    return counted


def views():
    return sum(VideoDay.objects.values_list("views", flat=True))


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.alice, duration_ms=10_000)


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_roll_ups_equal_a_recount_of_two_thousand_simulated_viewings(api, cast, make_video, monkeypatch):
    monkeypatch.setattr(inbox, "WATCH_SLACK_MS", 10**10)  # minutes are watched in a moment here
    dice = random.Random(5)
    visit = visits.issue(AnonymousUser())
    clips = [
        make_video(person, duration_ms=dice.choice([900, 3000, 12_000]))
        for person in (cast.alice, cast.carol, cast.dave)
        for _n in range(4)
    ]
    viewers = [cast.bob, cast.mod, cast.mallory, None, cast.alice]
    expected: dict[int, Counter] = {}
    seen: dict[tuple, tuple] = {}
    accepted = 0
    for beacon in range(100):
        viewer = dice.choice(viewers)
        batch = []
        for _n in range(20):
            clip = dice.choice(clips)
            event = {
                "video": str(clip.pk),
                "session": f"v{dice.randrange(12)}",
                "watched_ms": dice.randrange(0, 40_000),
                "duration_ms": clip.duration_ms + dice.choice([0, 0, 0, 20, 5000]),
                "loops": dice.choice([0, 0, 0, 1, 3]),
                "source": dice.choice(["for_you", "profile", "search"]),
            }
            batch.append(event)
            # The straightforward count: every rule by hand, event by event.
            hidden = viewer == cast.mallory and clip.author_id == cast.alice.pk
            mine = viewer is not None and clip.author_id == viewer.pk
            wrong = drop_reason(event["watched_ms"], event["duration_ms"], event["loops"], clip.duration_ms)
            if hidden or mine or wrong:
                continue
            total, turns, last = seen.get(
                key := (viewer and viewer.pk, viewer and event["session"], clip.pk), (0, 0, None)
            )
            piece = (event["watched_ms"], event["loops"])
            if piece == last:
                continue
            accepted += 1
            now = (total + piece[0], turns + piece[1])
            seen[key] = (*now, piece)
            figures = expected.setdefault(clip.pk, Counter())
            figures["watch_ms"] += piece[0]
            figures["views"] += is_view(now[0], clip.duration_ms) and not is_view(total, clip.duration_ms)
            figures["completions"] += is_completion(now[0], clip.duration_ms, now[1]) and not is_completion(
                total, clip.duration_ms, turns
            )
        client = api.as_(viewer) if viewer else api
        beacon_said = {"events": batch} if viewer else {"v": 1, "visit": visit, "events": batch}
        assert client.post("/api/v1/events/", beacon_said, format="json").status_code == 202
        if beacon % 7 == 0:
            rollups.flush()
    rollups.flush()

    today = timezone.now().date()
    rolled = {
        row.video_id: Counter(views=row.views, watch_ms=row.watch_ms, completions=row.completions)
        for row in VideoDay.objects.all()
    }
    assert rolled == expected
    same_as_recounted(today)
    for person in (cast.alice, cast.carol, cast.dave):
        own = [
            figures
            for video, figures in expected.items()
            if any(c.pk == video and c.author_id == person.pk for c in clips)
        ]
        row = CreatorDay.objects.get(creator=person)
        assert row.views == sum(figures["views"] for figures in own)
        assert row.watch_ms == sum(figures["watch_ms"] for figures in own)
    assert dict(Video.objects.filter(views_count__gt=0).values_list("pk", "views_count")) == {
        video: figures["views"] for video, figures in expected.items() if figures["views"]
    }
    dropped = sum(DroppedDay.objects.values_list("events", flat=True))
    assert Event.objects.count() == accepted
    assert accepted + dropped == 2000


class Killed(Exception):
    """Stands for the process dying: nothing after it runs."""


STEPS = [
    "analytics.inbox.read",
    "analytics.rollups._write",
    "analytics.raw.insert",
    "analytics.rollups._roll_up",
    "socialapp.lib.rows.add",
    "socialapp.lib.rows.replace",
    "analytics.retention.add",
    "analytics.uniques.add",
    "videos.actions.record_views",
    "analytics.inbox.acknowledge",
]


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_dying_at_any_step_neither_loses_nor_doubles_an_event(cast, make_video, monkeypatch, step, when):
    import importlib

    clip = make_video(cast.alice, duration_ms=10_000)
    queue(clip, 30)
    module, name = step.rsplit(".", 1)
    real = getattr(importlib.import_module(module), name)

    def dies(*args, **kwargs):
        if when == "after":
            real(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(step, dies)
    rollups.flush()
    monkeypatch.undo()
    queue(clip, 5)

    rollups.flush()
    assert Event.objects.count() == 35
    assert views() == 35
    clip.refresh_from_db()
    assert clip.views_count == 35
    assert inbox.waiting() == 0
    assert inbox.unfinished() == []
    assert rollups.flush() == 0


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_a_flush_that_died_between_taking_and_writing_is_taken_up_again(cast, make_video):
    clip = make_video(cast.alice, duration_ms=10_000)
    queue(clip, 3)
    batch = inbox.take()
    assert inbox.unfinished() == [batch]
    assert rollups.flush() == 3
    assert views() == 3


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_two_flushes_of_one_batch_at_once_count_it_once(cast, make_video):
    from threading import Barrier, Thread

    from django.db import connections

    clip = make_video(cast.alice, duration_ms=10_000)
    queue(clip, 20)
    batch = inbox.take()
    gate = Barrier(4)

    def run():
        gate.wait()
        rollups._try_batch(batch)
        connections.close_all()

    threads = [Thread(target=run) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert views() == 20
    assert Event.objects.count() == 20


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_a_batch_the_database_refuses_stays_and_does_not_hold_up_others(cast, make_video, monkeypatch):
    clip = make_video(cast.alice, duration_ms=10_000)
    queue(clip, 2)
    real = rollups._write
    monkeypatch.setattr(rollups, "_write", lambda records: (_ for _ in ()).throw(DatabaseError("disk full")))
    assert rollups.flush() == 0
    assert not EventBatch.objects.exists()
    left = inbox.unfinished()
    assert len(left) == 1
    # The old one goes on failing, the new one is written.
    monkeypatch.setattr(
        rollups,
        "_write",
        lambda records: (
            real(records) if len(records) == 3 else (_ for _ in ()).throw(DatabaseError("disk full"))
        ),
    )
    queue(clip, 3)
    assert rollups.flush() == 3
    assert inbox.unfinished() == left


@pytest.mark.engines
def test_more_events_than_a_batch_holds_are_written_in_several(clip, monkeypatch):
    monkeypatch.setattr(inbox, "BATCH", 40)
    queue(clip, 100)
    assert rollups.flush() == 100
    assert sorted(EventBatch.objects.values_list("events", flat=True)) == [20, 40, 40]
    assert views() == 100


@pytest.mark.engines
def test_events_of_a_clip_or_person_that_went_meanwhile_go_with_it(cast, make_video):
    clip, gone = make_video(cast.alice), make_video(cast.alice)
    queue(clip, 2, viewer=cast.dave.pk)
    queue(clip, 1)
    queue(gone, 4)
    gone.delete()
    cast.dave.delete()
    assert rollups.flush() == 7
    assert views() == 1
    assert DroppedDay.objects.get().events == 6


@pytest.mark.engines
def test_a_viewing_belongs_to_the_utc_day_it_came_in(clip):
    queue(clip, 1, at=datetime(2025, 3, 30, 23, 59, 59, tzinfo=UTC))
    queue(clip, 2, at=datetime(2025, 3, 31, 0, 0, 0, tzinfo=UTC))
    rollups.flush()
    assert list(VideoDay.objects.order_by("day").values_list("day", "views")) == [
        (datetime(2025, 3, 30).date(), 1),
        (datetime(2025, 3, 31).date(), 2),
    ]
    event = Event.objects.order_by("id").first()
    assert event.at == datetime(2025, 3, 30, 23, 59, 59, tzinfo=UTC)


@pytest.mark.engines
def test_raw_events_go_after_thirty_days_and_the_sums_stay(clip):
    queue(clip, 5, at=timezone.now() - timedelta(days=31))
    queue(clip, 3, at=timezone.now() - timedelta(days=29))
    rollups.flush()
    EventBatch.objects.update(flushed_at=timezone.now() - timedelta(days=31))
    assert rollups.prune(chunk=2) == 5
    assert Event.objects.count() == 3
    assert views() == 8
    assert not EventBatch.objects.exists()


@pytest.mark.engines
def test_a_flush_costs_a_fixed_number_of_queries(cast, make_video, django_assert_max_num_queries):
    for _n in range(30):
        queue(make_video(cast.alice, duration_ms=10_000), 3)
    # 1 the batch's row is looked for, 3 savepoint, insert, release; 2 what exists; 1 raw rows; one statement for each of six
    # tables, 6 for curves and sketches of two kinds; popularity: savepoint, lock and read, write, release; the rest begins
    # and ends the transaction.
    with django_assert_max_num_queries(26):
        assert rollups.flush() == 90


@pytest.mark.engines
def test_nothing_waiting_costs_no_query(django_assert_max_num_queries, db):
    with django_assert_max_num_queries(0):
        assert rollups.flush() == 0


@pytest.mark.engines
def test_upserts_add_and_keep_the_other_figures(cast, clip):
    day = NOW.date()
    rollups.add_creator_days({(cast.alice.pk, day): {"likes": 2}, (cast.bob.pk, day): {"followers_new": 1}})
    rollups.add_creator_days({(cast.alice.pk, day): {"likes": -3, "saves": 1}})
    row = CreatorDay.objects.get(creator=cast.alice)
    assert (row.likes, row.saves, row.views, row.watch_ms) == (-1, 1, 0, 0)
    assert CreatorDay.objects.get(creator=cast.bob).followers_new == 1


def test_the_queue_keeps_no_address_and_no_user_name(api, cast, clip):
    api.as_(cast.bob).post(
        "/api/v1/events/",
        {"events": [{"video": str(clip.pk), "session": "s", "watched_ms": 1, "duration_ms": 10_000}]},
        format="json",
    )
    (record,) = connection().lrange(inbox.QUEUE, 0, -1)
    assert b"127.0.0.1" not in record
    assert b"bob" not in record


def test_counting_for_a_clip_that_is_gone_counts_nothing(db):
    actions.count_for_video(1, likes=1)
    actions.count_for_comment(1)
    assert not CreatorDay.objects.exists()
