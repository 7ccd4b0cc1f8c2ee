"""Training: what goes in, the swap from one model to the next, and what is left when a run dies."""

import json
import os
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from videos import actions, feed, training
from videos.feed import trained
from videos.models import FeedSettings, Like, Preference, Training, Watch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_models(settings, tmp_path):
    settings.WORK_DIR = tmp_path
    trained.look_again()
    yield
    trained.look_again()


@pytest.fixture
def taste(make_person, make_video):
    """Two groups of people, each with clips that they and nobody else watch to the end."""
    authors = [make_person(f"author{n}") for n in range(2)]
    clips = [[make_video(author, duration_ms=10_000) for _n in range(8)] for author in authors]
    people = [[make_person(f"group{g}n{n}") for n in range(6)] for g in range(2)]
    now = timezone.now()
    for group in range(2):
        for place, person in enumerate(people[group]):
            seen = [clip for n, clip in enumerate(clips[group]) if (n + place) % 4]
            actions.record_watches(
                actions.Watched(person.pk, clip.pk, 10_000, 1, 1, "for_you", now - timedelta(hours=n + 1))
                for n, clip in enumerate(seen)
            )
    return people, clips


def test_a_training_serves_what_people_alike_watched(taste):
    people, clips = taste
    row = training.run()
    assert (row.state, row.serving, row.error) == ("done", True, "")
    assert (row.people, row.clips, row.interactions) == (12, 16, 72)
    assert row.figures["asked"] == 12
    assert 0 <= row.figures["ndcg@10"] <= 1
    assert row.cpu_seconds > 0
    model = feed.model()
    viewer = people[0][0]
    ranked = model.rank(feed.history(viewer), now=timezone.now().timestamp(), size=2)
    assert {one.item for one in ranked} <= {clip.pk for clip in clips[0]}
    assert {one.because for one in ranked} <= {clip.pk for clip in clips[0]}


def test_the_next_training_takes_over_at_once_and_old_files_go(taste):
    rows = []
    for _n in range(3):
        rows.append(training.run())
        assert trained.serving().training == rows[-1].pk
    assert list(Training.objects.filter(serving=True)) == [rows[-1]]
    kept = {path.name for path in trained.folder().glob("*.model")}
    assert kept == {row.file for row in rows[-2:]}
    assert not list(trained.folder().glob("*.npz"))


def test_a_run_that_fails_says_why_and_changes_nothing(taste, monkeypatch):
    before = training.run()

    def fails(*args):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(training, "_train", fails)
    row = training.run()
    assert (row.state, row.serving) == ("failed", False)
    assert "out of memory" in row.error
    assert trained.serving().training == before.pk
    assert Training.objects.get(serving=True) == before


def test_one_training_runs_at_a_time_and_a_silent_one_is_given_up(taste):
    now = timezone.now()
    silent = Training.objects.create(lease_until=now + timedelta(minutes=5))
    assert training.run() is None
    Training.objects.filter(pk=silent.pk).update(lease_until=now - timedelta(seconds=1))
    assert training.run().serving
    silent.refresh_from_db()
    assert silent.state == "failed"


def test_a_run_that_was_given_up_meanwhile_does_not_take_over(taste, monkeypatch):
    real = training._train

    def slow(*args):
        Training.objects.filter(state="running").update(state="failed", error="Its worker fell silent.")
        return real(*args)

    monkeypatch.setattr(training, "_train", slow)
    row = training.run()
    assert (row.state, row.serving) == ("failed", False)
    assert not Training.objects.filter(serving=True).exists()
    assert feed.model() is None
    assert not list(trained.folder().glob("*.model"))


def test_a_crash_between_the_commit_and_the_notice_heals(taste):
    row = training.run()
    os.unlink(trained.folder() / trained.NOTICE)
    trained.look_again()
    assert feed.model() is None
    training.settle()
    assert trained.serving().training == row.pk


def test_a_broken_model_leaves_the_one_before_serving(taste):
    row = training.run()
    assert feed.model() is not None
    notice = trained.folder() / trained.NOTICE
    notice.write_text(json.dumps({"training": 1, "file": "gone.model", "norms": {}}))
    trained.look_again()
    assert trained.serving().training == row.pk


def test_without_any_history_there_is_a_training_all_the_same(db):
    row = training.run()
    assert (row.state, row.interactions) == ("done", 0)
    assert feed.model().rank([], now=0.0, size=5) == []


def test_who_wants_no_personal_feed_is_in_no_training(taste):
    people, _clips = taste
    FeedSettings.objects.create(person=people[0][0], personal=False)
    assert people[0][0].pk not in training.gather().people
    assert people[0][1].pk in training.gather().people


@pytest.mark.engines
def test_what_goes_in_is_what_people_did_since_they_started_over(cast, make_video):
    now = timezone.now()
    videos = [make_video(cast.alice, duration_ms=10_000) for _n in range(5)]
    hidden = make_video(cast.alice, audience="followers")
    for n, video in enumerate([*videos, hidden]):
        at = now - timedelta(hours=10 - n)
        Watch.objects.create(
            person=cast.bob, video=video, watched_ms=6000, viewings=1, first_at=at, last_at=at
        )
    Like.objects.create(person=cast.bob, video=videos[1])
    Preference.objects.create(person=cast.bob, video=videos[2], stance="less")
    Preference.objects.create(person=cast.bob, video=videos[3], stance="more")
    Watch.objects.filter(video=videos[4]).update(watched_ms=200, viewings=0)
    found = training.gather()
    weights = dict(zip(found.items.tolist(), found.weights.tolist(), strict=True))
    assert weights.keys() == {
        video.pk for video in videos
    }  # clips that not everybody may see are no examples
    assert weights[videos[1].pk] > weights[videos[0].pk] > 0
    assert weights[videos[2].pk] == -1
    assert weights[videos[3].pk] == 1
    assert weights[videos[4].pk] < 0
    FeedSettings.objects.create(person=cast.bob, started_over_at=now - timedelta(hours=9, minutes=30))
    Like.objects.all().delete()
    Preference.objects.all().delete()
    assert set(training.gather().items) == {video.pk for video in videos[1:]}
    assert np.all(np.diff(training.gather().people) >= 0)


def test_training_is_due_when_there_is_no_model_or_an_old_one(taste):
    assert training.is_due()
    training.run()
    assert not training.is_due()
    assert training.is_due(timezone.now() + timedelta(seconds=training.EVERY_SECONDS))


def test_first_audiences_that_cannot_be_had_are_closed(cast, make_video):
    kept, hidden, old, private = (
        make_video(person) for person in (cast.alice, cast.alice, cast.alice, cast.bob)
    )
    for video in (kept, hidden, old, private):
        actions.open_audience(video)
    hidden.audience = "friends"
    hidden.save()
    old.first_audience.opened_at = timezone.now() - timedelta(days=31)
    old.first_audience.save()
    cast.bob.privacy.is_private = True
    cast.bob.privacy.save()
    assert actions.close_audiences() == 3
    kept.first_audience.refresh_from_db()
    assert kept.first_audience.done_at is None
