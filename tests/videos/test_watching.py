"""What people watch becomes their history, a new clip's first audience, and what the next page knows of them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from analytics import counting, inbox, rollups
from analytics.models import Event
from socialapp.lib.redis import connection
from videos import actions, feed
from videos.feed import online
from videos.models import FeedSettings, FirstAudience, Video, Watch

pytestmark = pytest.mark.django_db(transaction=True)


def watched(person, video, ms=900, viewings=1, completions=0, source="for_you", at=None):
    return actions.Watched(
        person.pk, video.pk, ms, viewings, completions, source, at or timezone.now().replace(microsecond=0)
    )


@pytest.mark.engines
def test_watching_adds_up_in_one_row_for_a_person_and_clip(cast, make_video):
    video, now = make_video(cast.alice), timezone.now()
    actions.record_watches(
        [
            watched(cast.bob, video, 700, at=now),
            watched(cast.bob, video, 300, 0, 1, "profile", now - timedelta(hours=1)),
        ]
    )
    actions.record_watches([watched(cast.bob, video, 500, source="search", at=now - timedelta(minutes=5))])
    row = Watch.objects.get()
    assert (row.watched_ms, row.viewings, row.completions) == (1500, 2, 1)
    assert row.source == "profile"  # where they met it first
    assert (row.first_at, row.last_at) == (now - timedelta(hours=1), now) or row.first_at < row.last_at == now


def test_a_flush_writes_the_history_of_its_batch_once(cast, make_video):
    video, now = make_video(cast.alice), int(timezone.now().timestamp() * 1000)
    records = [
        counting.whole_viewing(video.pk, cast.alice.pk, now, 900, 1000, viewer=person, session=f"s{person}")
        for person in (cast.bob.pk, cast.bob.pk, cast.alice.pk, None)
    ]
    inbox.put([inbox.Item(list(record)) for record in records], now=now / 1000)
    batch = inbox.take()
    raw = inbox.read(batch)
    rollups.flush_batch(batch)
    row = Watch.objects.get()  # neither of the author nor of a visitor
    assert (row.person, row.watched_ms, row.viewings) == (cast.bob, 1800, 2)
    assert len(raw) == Event.objects.count() == 4
    rollups.flush_batch(batch)
    row.refresh_from_db()
    assert row.watched_ms == 1800


def test_whoever_wants_no_personal_feed_leaves_no_history(cast, make_video):
    FeedSettings.objects.create(person=cast.bob, personal=False)
    actions.record_watches([watched(cast.bob, make_video(cast.alice))])
    assert not Watch.objects.exists()
    assert feed.history(cast.bob) == []


@pytest.mark.engines
def test_a_first_audience_counts_people_once_and_what_pleased_them(cast, make_video):
    video = make_video(cast.alice)
    actions.open_audience(video)
    actions.open_audience(video)
    actions.record_watches([watched(cast.dave, video, 100, 0), watched(cast.mod, video, 1000, 1, 1)])
    audience = FirstAudience.objects.get()
    assert audience.shown == 2
    before = audience.pleased
    assert 0 < before < 2
    actions.record_watches([watched(cast.dave, video, 900, 1, 1)])
    audience.refresh_from_db()
    assert audience.shown == 2
    assert audience.pleased > before
    assert audience.done_at is None


def test_a_first_audience_is_done_when_enough_people_met_the_clip(cast, make_video):
    video = make_video(cast.alice)
    FirstAudience.objects.create(video=video, shown=actions.FIRST_AUDIENCE - 1)
    actions.record_watches([watched(cast.dave, video)])
    assert FirstAudience.objects.get().done_at is not None


@pytest.mark.engines
def test_only_strangers_whom_for_you_introduced_speak_for_a_clip(cast, make_video):
    video = make_video(cast.alice)
    actions.open_audience(video)
    actions.record_watches([
        watched(cast.bob, video),  # follows its author
        watched(cast.carol, video),  # her friend
        watched(cast.dave, video, source="message"),  # was sent there
    ])  # fmt: skip
    actions.record_watches([watched(cast.dave, video, 5000, 1, 3)])  # and met it in the feed only afterwards
    audience = FirstAudience.objects.get()
    assert (audience.shown, audience.pleased) == (0, 0)
    actions.record_watches([watched(cast.mod, video)])
    audience.refresh_from_db()
    assert audience.shown == 1


def test_a_clip_is_owed_a_first_audience_from_the_moment_it_is_public(cast, make_video):
    draft = make_video(cast.alice, state="draft", published_at=None)
    private = make_video(cast.alice, audience="followers")
    with transaction.atomic():
        actions.publish_draft(cast.alice, draft)
    assert list(FirstAudience.objects.values_list("video_id", flat=True)) == [draft.pk]
    actions.update_video(cast.alice, private, audience="public")
    assert FirstAudience.objects.filter(video=private).exists()


def test_what_was_watched_changes_what_the_feed_knows_at_once(cast, make_video):
    video = make_video(cast.alice)
    video.tags.create(name="cats")
    assert feed.history(cast.dave) == []  # kept from now on
    actions.record_watches([watched(cast.dave, video, 1000, 1, 1)])
    ((clip, weight, at),) = feed.history(cast.dave)
    assert clip == video.pk
    assert weight > 0.3
    assert abs(at - timezone.now().timestamp()) < 5
    taste = feed.taste_of(cast.dave)
    assert taste.tags[video.tags.get().pk] > 0
    assert taste.authors[cast.alice.pk] > 0


@pytest.mark.engines
def test_what_is_kept_ready_equals_what_the_rows_say(cast, make_video):
    videos = [make_video(cast.alice, language="de-AT"), make_video(cast.carol)]
    videos[0].tags.create(name="cats")
    feed.history(cast.dave)
    for video in videos:
        actions.record_watches([watched(cast.dave, video, 400, 1, 0), watched(cast.dave, video, 600, 1, 1)])
    kept, taste = feed.history(cast.dave), feed.taste_of(cast.dave)
    online.forget(cast.dave.pk)
    # Watched within the same millisecond, which SQLite does not tell apart: in any order.
    assert {entry[:2] for entry in feed.history(cast.dave)} == {entry[:2] for entry in kept}
    assert feed.taste_of(cast.dave).tags.keys() == taste.tags.keys()
    assert feed.taste_of(cast.dave).languages == taste.languages


def test_likes_wishes_and_interests_are_known_by_the_next_page(cast, make_video):
    video = make_video(cast.alice)
    tag = video.tags.create(name="cats")
    assert feed.taste_of(cast.dave).tags == {}
    actions.like(cast.dave, video)
    assert [clip for clip, _weight, _at in feed.history(cast.dave)] == [video.pk]
    actions.prefer(cast.dave, "less", tag=tag)
    assert feed.taste_of(cast.dave).tags[tag.pk] < 0
    actions.prefer(cast.dave, "more", author=cast.alice)
    assert feed.taste_of(cast.dave).authors[cast.alice.pk] == online.ASKED
    cast.carol.interests = ["animals"]
    cast.carol.save()
    assert feed.taste_of(cast.carol).interests == {tag.pk}


def test_starting_over_forgets_what_was_before(cast, make_video):
    actions.record_watches([watched(cast.dave, make_video(cast.alice))])
    actions.start_over(cast.dave)
    assert feed.history(cast.dave) == []
    later = make_video(cast.alice)
    actions.record_watches([watched(cast.dave, later, at=timezone.now() + timedelta(seconds=1))])
    online.forget(cast.dave.pk)
    assert [clip for clip, _weight, _at in feed.history(cast.dave)] == [later.pk]


def test_visitors_have_no_history():
    assert feed.history(AnonymousUser()) == []


def test_without_redis_the_rows_are_asked(cast, make_video, monkeypatch):
    import redis

    class Away:
        def __getattr__(self, name):
            raise redis.ConnectionError("away")

    video = make_video(cast.alice)
    monkeypatch.setattr(online, "connection", Away)
    actions.record_watches([watched(cast.dave, video)])
    assert [clip for clip, _weight, _at in feed.history(cast.dave)] == [video.pk]


def test_a_long_history_is_cut_to_its_newest_clips(cast, make_video, monkeypatch):
    monkeypatch.setattr(online, "HISTORY", 3)
    monkeypatch.setattr(online, "SLACK", 1)
    feed.history(cast.dave)
    now = timezone.now()
    clips = [make_video(cast.alice) for _n in range(6)]
    for n, clip in enumerate(clips):
        actions.record_watches([watched(cast.dave, clip, at=now + timedelta(seconds=n))])
    assert [clip for clip, _w, _at in feed.history(cast.dave)] == [clip.pk for clip in clips[-3:]]
    assert connection().hlen(f"feed:person:{{{cast.dave.pk}}}") == 4
    assert Video.objects.count() == 6
