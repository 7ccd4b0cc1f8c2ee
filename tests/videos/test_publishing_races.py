"""Publishing while bytes arrive, schedules and quotas, by several threads at once on either engine."""

import shutil
import threading
import time

import pytest
from django.db import connection
from django.utils import timezone

from privacy.models import AuditEntry
from socialapp.lib.errors import TooLarge
from videos import actions, uploads
from videos.models import Transcode, Upload, Video

from .clips import clip

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]
ROUNDS = 8


def together(*deeds):
    """Do all of these at the same moment, each in a thread of its own; what they raised, in their order."""
    gate, raised = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(number, deed):
        gate.wait(10)
        try:
            deed()
        except Exception as error:
            raised[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


@pytest.fixture
def alice(make_person):
    return make_person("alice")


@pytest.fixture
def announced(alice):
    """An upload without bytes, and the deed that brings all of them."""
    path = clip(seconds=1)

    def make():
        row = actions.create_upload(alice, length=path.stat().st_size)

        def arrive(after=0.0):
            time.sleep(after)
            shutil.copyfile(path, uploads.path_of(row))
            actions.keep_upload(Upload.objects.get(pk=row.pk))

        return row, arrive

    return make


def test_the_last_byte_and_publishing_never_miss_each_other(alice, announced):
    for number in range(2 * ROUNDS):
        row, arrive = announced()
        later = number / 200  # the bytes come before, while and after it is published
        raised = together(
            lambda arrive=arrive, later=later: arrive(later),
            lambda row=row: actions.publish_video(alice, upload=row),
        )
        assert raised == [None, None]
        assert Transcode.objects.get().state == "queued"
        assert Upload.objects.get().state == "used"
        Video.objects.all().delete()


def test_the_last_bytes_of_two_uploads_queue_their_clip_once(alice, announced, monkeypatch):
    nudged = []
    monkeypatch.setattr("videos.actions.uploading.nudge", lambda video: nudged.append(video.pk))
    for _round in range(ROUNDS):
        (main, first), (part, second) = announced(), announced()
        actions.publish_video(alice, upload=main, edit={"parts": [{"upload": part.pk}]})
        nudged.clear()
        assert together(first, second) == [None, None]
        assert Transcode.objects.get().state == "queued"
        assert len(nudged) == 1
        Video.objects.all().delete()


def test_the_same_upload_published_twice_at_once_is_one_clip(alice, announced):
    for _round in range(ROUNDS):
        row, arrive = announced()
        arrive()
        publish = [lambda row=row: actions.publish_video(alice, upload=row)] * 2
        assert together(*publish) == [None, None]
        assert Video.objects.count() == 1
        Video.objects.all().delete()


def test_many_workers_publish_what_is_due_once(alice, make_video):
    videos = [
        make_video(alice, state="draft", published_at=None, publish_at=timezone.now()) for _n in range(3)
    ]
    for video in videos:
        Transcode.objects.create(video=video, state="done", as_draft=True)
    assert together(*[actions.publish_due] * 4) == [None] * 4
    alice.refresh_from_db()
    assert alice.videos_count == 3
    assert AuditEntry.objects.filter(verb="video.publish").count() == 3
    assert set(Video.objects.values_list("state", flat=True)) == {"ready"}


def test_uploads_announced_at_once_do_not_pass_the_quota_together(alice, settings):
    settings.UPLOAD_QUOTA_MB = 10
    raised = together(*[lambda: actions.create_upload(alice, length=3 << 20)] * 6)
    assert sum(error is None for error in raised) == 3
    assert all(isinstance(error, TooLarge) for error in raised if error)
    assert Upload.objects.count() == 3
