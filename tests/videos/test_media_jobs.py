"""Extras that somebody asks for: the copy with a watermark and automatic captions; their queue, their files, their failures."""

import importlib.util
import re
from datetime import timedelta
from itertools import pairwise

import av
import numpy
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from videos import captioning, jobs, leases, media, media_jobs
from videos.actions import ask, delete_video, move_folder, remove_video, update_video
from videos.actions.pipeline import END_IS_TOLD
from videos.captioning import Word, group
from videos.failures import Unusable, sentence
from videos.models import Captions, MediaJob, Transcode

from .clips import clip

GREY = "color=c=0x404040:s={size}:r={rate}:d={seconds}"


@pytest.fixture
def ready(cast, publish, work):
    """A clip by alice that is ready."""

    def make(path=None, **fields):
        return work(publish(cast.alice, path or clip(), **fields))

    return make


def stored(video, name):
    return default_storage.path(media.key_of(video.folder, name))


def do(job):
    """Work on what waits; returns the job as it is then."""
    while jobs.run_next():
        pass
    job.refresh_from_db()
    return job


def picture(path, at):
    """The frame nearest to a moment (seconds), as rows of luma."""
    with av.open(str(path)) as file:
        return (
            min(file.decode(video=0), key=lambda frame: abs(frame.time - at))
            .to_ndarray(format="gray")
            .astype(int)
        )


def test_a_copy_for_downloading_carries_a_mark_that_moves(ready):
    video = ready(clip("grey.mp4", picture=GREY))
    job = do(ask(video, "watermark"))
    assert (job.state, job.percent, job.error_code) == ("done", 100, "")
    assert re.fullmatch(r"download-[0-9a-f]{32}\.mp4", job.result)
    assert media.FILE_NAME.match(job.result)
    path = stored(video, job.result)
    plain = picture(stored(video, "360.mp4"), 0.5)
    for at, marked in ((0.5, numpy.s_[:80, :200]), (1.8, numpy.s_[560:, 160:])):
        changed = numpy.abs(picture(path, at) - plain) > 60
        assert changed[marked].any()
        inside = changed[marked].sum()
        assert inside == changed.sum()
    with av.open(path) as file:
        assert float(file.duration / av.time_base) == pytest.approx(2, abs=0.1)
        assert file.streams.audio[0].codec_context.name == "aac"
        assert not {"title", "comment", "location"} & set(file.metadata)
    with open(path, "rb") as raw:
        assert raw.read().find(b"moov") < 200  # plays before it is whole


def test_a_silent_clip_can_be_downloaded(ready):
    video = ready(clip("silent.mp4", audio=None))
    assert do(ask(video, "watermark")).state == "done"


def test_the_copy_is_made_once_for_each_edit(ready, cast, work):
    video = ready()
    job = do(ask(video, "watermark"))
    assert ask(video, "watermark").state == "done"
    assert not jobs.run_next()
    first = job.result
    update_video(cast.alice, video, edit={"trim": {"end": 1.0}})
    work(video)
    again = ask(video, "watermark")
    assert (again.pk, again.state) == (job.pk, "queued")
    assert do(again).result != first
    copies = [name for name in media.names(media.key_of(video.folder, "")) if name.startswith("download-")]
    assert copies == [again.result]


def end_a_while_ago(job):
    MediaJob.objects.filter(pk=job.pk).update(finished_at=timezone.now() - END_IS_TOLD)


def test_a_failed_extra_is_tried_again_when_it_is_asked_for(ready, monkeypatch):
    video = ready()

    def broken(*args, **options):
        raise Unusable("too_hard")

    with monkeypatch.context() as patched:
        patched.setattr(media_jobs.watermark, "make_copy", broken)
        job = do(ask(video, "watermark"))
        assert (job.state, job.error_code) == ("failed", "too_hard")
    assert ask(video, "watermark").state == "failed"  # whoever waited for it is told
    assert not jobs.run_next()
    end_a_while_ago(job)
    assert do(ask(video, "watermark")).state == "done"


def test_captions_are_made_again_only_after_who_waited_was_told(ready, monkeypatch):
    video = ready()
    job = ask(video, "captions", "en")
    MediaJob.objects.update(state="done", finished_at=timezone.now())
    assert ask(video, "captions", "en").state == "done"
    end_a_while_ago(job)
    assert ask(video, "captions", "en").state == "queued"


def test_an_extra_that_comes_to_nothing_is_tried_three_times(ready, monkeypatch):
    job = ask(ready(), "watermark")

    def broken(*args, **options):
        raise Exception("the store is away")

    monkeypatch.setattr(media_jobs.watermark, "make_copy", broken)
    for _attempt in range(media_jobs.ATTEMPTS):
        assert do(job).state in ("running", "failed")
        MediaJob.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "internal")
    assert "the store is away" in job.log


@pytest.mark.engines
def test_an_extra_whose_worker_died_is_taken_over(ready):
    job = ask(ready(), "watermark")
    dead = leases.claim(MediaJob)
    assert leases.claim(MediaJob) is None
    MediaJob.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert do(job).state == "done"
    with pytest.raises(leases.LeaseLost):
        leases.renew(dead)


def test_a_clip_that_goes_in_mid_work_leaves_nothing(
    ready, cast, monkeypatch, django_capture_on_commit_callbacks
):
    video = ready()
    ask(video, "watermark")
    real = media_jobs.watermark.make_copy

    def delete_then_make(*args, **options):
        with django_capture_on_commit_callbacks(execute=True):
            delete_video(cast.alice, video)
        return real(*args, **options)

    monkeypatch.setattr(media_jobs.watermark, "make_copy", delete_then_make)
    assert jobs.run_next()
    assert not MediaJob.objects.exists()


def test_a_clip_that_moves_in_mid_work_gets_its_copy_in_the_new_folder(ready, monkeypatch):
    video = ready()
    job = ask(video, "watermark")
    real, moved = media_jobs.watermark.make_copy, []

    def move_then_make(*args, **options):
        if not moved:
            moved.append(move_folder(video.pk))
        return real(*args, **options)

    monkeypatch.setattr(media_jobs.watermark, "make_copy", move_then_make)
    assert do(job).state == "done"
    video.refresh_from_db()
    assert default_storage.exists(media.key_of(video.folder, job.result))


def test_no_copy_of_a_removed_clip_is_made(ready, cast):
    video = ready()
    job = ask(video, "watermark")
    remove_video(cast.mod, video)
    assert do(job).error_code == "not_playable"


def test_clips_go_before_extras_but_not_for_long(ready, cast, publish):
    job = ask(ready(), "watermark")
    waiting = [publish(cast.alice, clip()) for _number in range(2)]
    assert jobs.run_next()
    assert Transcode.objects.filter(pk=waiting[0].pk, state="done").exists()
    MediaJob.objects.filter(pk=job.pk).update(queued_at=timezone.now() - timedelta(minutes=2))
    assert jobs.run_next()
    job.refresh_from_db()
    assert job.state == "done"
    assert Transcode.objects.filter(pk=waiting[1].pk, state="queued").exists()


# --- Captions ---------------------------------------------------------------------------------------------------------


def test_words_become_captions_that_can_be_read():
    said = "so today we bake bread | with four things and that is all you need to know about it really".split(
        "|"
    )
    words, at = [], 0.5
    for sentence_ in said:
        for text in sentence_.split():
            words.append(Word(text, at, at + 0.2))
            at += 0.25
        at += 1
    cues = group(words, at)
    assert cues[0].text == "So today we bake bread"
    assert " ".join(cue.text.lower() for cue in cues) == " ".join(" ".join(said).split())
    for before, after in pairwise(cues):
        assert before.end <= after.start
    assert all(cue.end - cue.start <= 5000 and len(cue.text) <= 70 for cue in cues)
    assert cues[0].start == 500
    assert cues[-1].end <= round(at * 1000)


def test_nothing_said_gives_no_captions():
    assert group([], 10) == []


def test_what_is_understood_becomes_the_clips_captions(ready, monkeypatch):
    video = ready()
    monkeypatch.setattr(
        captioning, "words_of", lambda *args, **options: [Word("hello", 0.2, 0.5), Word("there", 0.5, 0.9)]
    )
    monkeypatch.setattr(captioning, "engine", lambda language: ("sphinx", ""))
    job = do(ask(video, "captions", "en"))
    assert (job.state, job.error_code) == ("done", "")
    captions = Captions.objects.get()
    assert (captions.video, captions.language, captions.automatic) == (video, "en", True)
    assert "Hello there" in captions.vtt


@pytest.mark.skipif(
    importlib.util.find_spec("pocketsphinx") is None, reason="the captions extra is not installed"
)
def test_a_tone_is_not_taken_for_speech(ready):
    job = do(ask(ready(), "captions", "en"))
    assert (job.state, job.error_code) == ("failed", "no_speech")
    assert not Captions.objects.exists()


def test_a_clip_without_sound_has_nothing_to_listen_to(ready):
    job = do(ask(ready(clip("silent.mp4", audio=None)), "captions", "en"))
    assert (job.state, job.error_code) == ("failed", "no_speech")


@pytest.mark.parametrize(
    ("language", "there", "code"), [("en", False, "captions_extra"), ("fr", True, "captions_language")]
)
def test_what_cannot_be_captioned_here_says_why(ready, monkeypatch, settings, language, there, code):
    settings.CAPTIONS_MODEL = ""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if there else None)
    job = do(ask(ready(), "captions", language))
    assert (job.state, job.error_code) == ("failed", code)
    assert sentence(code, {}) != sentence("unknown", {})
