"""Whose clip comes next, how many a machine works on at a time, and what waits for its bytes."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from videos import jobs, tasks
from videos.models import MediaJob, Transcode
from videos.workplace import place

from .clips import clip

pytestmark = pytest.mark.engines


@pytest.fixture
def queue(make_video):
    """A clip in the queue, without files; `ago` is how many minutes it has waited."""

    def make(author, ago=0, **fields):
        video = make_video(author, state="processing", playlist="", published_at=None)
        Transcode.objects.create(video=video, queued_at=timezone.now() - timedelta(minutes=ago), **fields)
        return video.pk

    return make


def done(pk):
    Transcode.objects.filter(pk=pk).update(state="done", lease_token="", lease_until=None)


def test_ten_clips_of_one_person_hold_up_nobody_elses_with_a_single_worker(cast, queue):
    many = [queue(cast.alice, ago=20 - number) for number in range(10)]
    order = []
    for _turn in range(3):
        job = jobs.claim()
        order.append(job.pk)
        done(job.pk)
        if len(order) == 1:
            other = queue(cast.bob)
    assert order == [many[0], other, many[1]]


def test_people_with_many_clips_alternate(cast, queue):
    hers = [queue(cast.alice, ago=30 - number) for number in range(3)]
    his = [queue(cast.bob, ago=10 - number) for number in range(3)]
    order = []
    while job := jobs.claim():
        order.append(job.pk)
        done(job.pk)
    assert order == [hers[0], his[0], hers[1], his[1], hers[2], his[2]]


def test_with_several_workers_whoever_has_less_under_way_goes_first(cast, queue):
    hers = [queue(cast.alice, ago=30 - number) for number in range(4)]
    assert [jobs.claim().pk, jobs.claim().pk] == hers[:2]
    his = [queue(cast.bob) for _number in range(2)]
    assert [jobs.claim().pk for _turn in range(4)] == [his[0], his[1], hers[2], hers[3]]


def test_a_clip_that_fails_again_and_again_holds_nobody_up(cast, queue):
    poison = queue(cast.alice, ago=60)
    assert jobs.claim().pk == poison
    Transcode.objects.filter(pk=poison).update(lease_until=timezone.now() - timedelta(seconds=1))
    other = queue(cast.bob)
    assert [jobs.claim().pk, jobs.claim().pk] == [other, poison]


def test_a_clip_whose_bytes_travel_is_nobodys_turn(cast, queue):
    queue(cast.alice, ago=60, state="expected")
    assert jobs.claim() is None
    assert jobs.waiting() == 0


def test_extras_are_fair_too(cast, make_video):
    from videos import leases

    hers = [MediaJob.objects.create(video=make_video(cast.alice), kind="watermark") for _number in range(3)]
    first = leases.claim(MediaJob)
    assert first.pk == hers[0].pk
    MediaJob.objects.filter(pk=first.pk).update(state="done", finished_at=timezone.now())
    his = MediaJob.objects.create(video=make_video(cast.bob), kind="watermark")
    assert [leases.claim(MediaJob).pk for _turn in range(2)] == [his.pk, hers[1].pk]


def test_a_machine_works_on_no_more_than_it_should(cast, publish, settings):
    settings.CONVERSIONS_AT_ONCE = 2
    publish(cast.alice, clip())
    with place() as first, place() as second:
        assert (first, second) == (True, True)
        with place() as third:
            assert not third
        assert not jobs.run_next()
        assert Transcode.objects.get().state == "queued"
    assert jobs.run_next()


def test_places_are_shared_between_threads(settings):
    settings.CONVERSIONS_AT_ONCE = 1
    seen = []
    with place():
        thread = threading.Thread(target=lambda: seen.extend([place().__enter__()]))
        thread.start()
        thread.join()
    assert seen == [False]


def test_a_place_is_free_again_when_its_holder_is_killed(settings):
    import os
    import signal
    import subprocess
    import sys

    settings.CONVERSIONS_AT_ONCE = 1
    code = (
        "import django; django.setup()\nfrom videos.workplace import place\nimport time\n"
        "with place() as free:\n    print(free, flush=True)\n    time.sleep(60)\n"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "socialapp.settings"}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"True\n"
        with place() as free:
            assert not free
        other.send_signal(signal.SIGKILL)
        other.wait(10)
    with place() as free:
        assert free


def test_a_worker_that_finished_asks_for_more(cast, publish, monkeypatch):
    nudges = []
    monkeypatch.setattr(tasks.transcode, "apply_async", lambda **options: nudges.append(options))
    publish(cast.alice, clip()), publish(cast.alice, clip())
    assert tasks.transcode()
    assert len(nudges) == 1
    assert tasks.transcode()
    assert not tasks.transcode()
    assert len(nudges) == 1


def test_the_sweep_covers_extras(cast, make_video, monkeypatch):
    nudges = []
    monkeypatch.setattr(tasks.transcode, "apply_async", lambda **options: nudges.append(options))
    MediaJob.objects.create(video=make_video(cast.alice), kind="watermark")
    assert tasks.sweep_transcodes() == 1
    assert len(nudges) == 1


def test_what_is_scheduled_appears_by_itself(cast, make_video):
    video = make_video(cast.alice, state="draft", published_at=None, publish_at=timezone.now())
    Transcode.objects.create(video=video, state="done")
    assert tasks.publish_due() == 1
    video.refresh_from_db()
    assert (video.state, video.published_at is not None) == ("ready", True)
