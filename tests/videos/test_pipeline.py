"""From a complete upload to a clip that plays: stages, renditions, cover, sound, failures, retry, drafts, deletion."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import av
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from socialapp.lib.errors import Conflict, Forbidden, NotFound
from videos import hls, jobs, media, signals, uploads
from videos.actions import delete_video, publish_draft, publish_video, retry_video
from videos.actions.pipeline import LeaseLost, set_progress
from videos.failures import Unusable
from videos.models import DoomedFolder, Sound, Transcode, Upload, Video
from videos.probe import probe

from .clips import clip

BIG = (
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
    "-g",
    "300",
)  # one key frame: cannot be copied


@pytest.fixture
def caught(request):
    """The ids that a signal was sent with."""

    def catch(signal):
        ids = []

        def take(video_id, **kwargs):
            ids.append(video_id)

        signal.connect(take, weak=False)
        request.addfinalizer(lambda: signal.disconnect(take))
        return ids

    return catch


def stored(video, name):
    return default_storage.path(media.key_of(video.folder, name))


def test_a_conforming_upload_is_copied_and_becomes_ready(
    cast, publish, work, caught, django_capture_on_commit_callbacks
):
    ready = caught(signals.video_ready)
    video = publish(cast.alice, clip(), caption="A walk #sea")
    with django_capture_on_commit_callbacks(execute=True):
        work(video)
    assert (video.state, video.error_code) == ("ready", "")
    assert (video.width, video.height, video.duration_ms) == (360, 640, 2000)
    assert video.published_at is not None
    assert ready == [video.pk]
    [rendition] = video.renditions.all()
    assert (rendition.name, rendition.width, rendition.height) == ("360.mp4", 360, 640)
    with av.open(str(clip())) as sent, av.open(stored(video, "360.mp4")) as served:
        # Copied: the very same pictures, bit for bit.
        ours, theirs = ([bytes(frame.planes[0]) for frame in file.decode(video=0)] for file in (served, sent))
        assert ours == theirs
    assert video.cover == "cover.webp"
    assert video.blurhash
    assert video.dominant_color.startswith("#")
    assert video.sound.owner == cast.alice
    assert video.transcode.stage == "done"
    cast.alice.refresh_from_db()
    assert cast.alice.videos_count == 1


def test_the_upload_becomes_the_original_which_no_address_reaches(cast, publish, work):
    source = clip()
    video = publish(cast.alice, source)
    upload = video.upload
    work(video)
    assert not Upload.objects.filter(pk=upload.pk).exists()
    with default_storage.open(media.original_key(video)) as kept:
        assert kept.read() == source.read_bytes()
    assert media.original_key(video).startswith("originals/")


def test_other_uploads_get_one_quick_rendition_and_then_the_ladder(cast, publish, work, monkeypatch):
    made = []
    real = jobs.transcoding.make

    def spy(source, rungs, folder, **options):
        made.append([rung.short_side for rung in rungs])
        log = real(source, rungs, folder, **options)
        if len(made) == 2:  # while the ladder is made, the first rendition plays already
            now = Video.objects.get(pk=video.pk)
            assert now.is_playable
            assert now.state == "processing"
            assert now.published_at is not None
            assert now.playlist == "first.m3u8"
        return log

    monkeypatch.setattr(jobs.transcoding, "make", spy)
    video = publish(cast.alice, clip(size="720x1280", video=BIG, seconds=6, rate=6))
    work(video)
    assert made == [[480], [720, 360]]
    assert video.state == "ready"
    assert [r.short_side for r in video.renditions.order_by("-short_side")] == [720, 480, 360]
    master = Path(stored(video, "master.m3u8")).read_text()
    assert [line for line in master.splitlines() if line.endswith(".m3u8")] == [
        "480.m3u8",
        "720.m3u8",
        "360.m3u8",
    ]


def test_all_renditions_have_their_key_frames_at_the_same_times(cast, publish, work):
    video = publish(cast.alice, clip(size="720x1280", video=BIG, seconds=6, rate=6))
    work(video)
    starts = []
    for rendition in video.renditions.all():
        index = hls.read_index(Path(stored(video, rendition.name)))
        starts.append([round(segment.seconds, 3) for segment in index.segments])
    assert len(starts) == 3
    assert starts[0] == starts[1] == starts[2] == [2.0, 2.0, 2.0]


def test_a_file_that_is_no_video_fails_with_its_own_sentence(
    cast, publish, work, caught, tmp_path, django_capture_on_commit_callbacks
):
    failed = caught(signals.video_failed)
    text = tmp_path / "notes.mp4"
    text.write_text("These are notes, not pictures.")
    video = publish(cast.alice, text)
    with django_capture_on_commit_callbacks(execute=True):
        work(video)
    assert (video.state, video.error_code) == ("failed", "not_media")
    assert "not a video file" in video.error_message
    assert failed == [video.pk]
    assert video.transcode.state == "failed"
    assert uploads.is_complete(video.upload)


def test_the_sentence_names_the_limit_and_the_clips_length(cast, publish, work, settings):
    settings.MAX_CLIP_SECONDS = 1
    video = work(publish(cast.alice, clip(seconds=4)))
    assert video.error_code == "too_long"
    assert "0:04" in video.error_message
    assert "0:01" in video.error_message


def test_the_sentence_is_in_the_readers_language(cast, publish, work, tmp_path):
    from django.utils import translation

    empty = tmp_path / "empty.mp4"
    empty.touch()
    video = work(publish(cast.alice, empty))
    assert video.error_code == "empty"
    english = video.error_message
    with translation.override("fr"):
        assert isinstance(video.error_message, str)
    assert english == "This file is empty. Choose a video file."


def test_a_failed_clip_can_be_tried_again(cast, publish, work, monkeypatch):
    video = publish(cast.alice, clip())

    def broken(*args, **options):
        raise Exception("the disk caught fire")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "probe", broken)
        for _attempt in range(jobs.ATTEMPTS):
            Transcode.objects.filter(pk=video.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
            work(video)
    assert (video.state, video.error_code) == ("failed", "internal")
    assert "caught fire" in video.transcode.log
    with pytest.raises(Forbidden):
        retry_video(cast.bob, video)
    retry_video(cast.alice, video)
    video.refresh_from_db()
    assert (video.state, video.error_message) == ("processing", "")
    assert work(video).state == "ready"
    with pytest.raises(Conflict):
        retry_video(cast.alice, video)


def test_an_attempt_that_came_to_nothing_waits_before_the_next(cast, publish, work, monkeypatch):
    video = publish(cast.alice, clip())

    def broken(*args, **options):
        raise Exception("the store is away")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "probe", broken)
        work(video)
    assert video.state == "processing"
    assert not jobs.run_next()
    Transcode.objects.filter(pk=video.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert work(video).state == "ready"


def test_a_draft_is_made_but_not_shown_until_it_is_published(cast, publish, work):
    video = work(publish(cast.alice, clip(), draft=True))
    assert (video.state, video.published_at) == ("draft", None)
    assert video.is_playable
    with pytest.raises(NotFound):
        publish_draft(cast.bob, video)
    publish_draft(cast.alice, video)
    publish_draft(cast.alice, video)
    video.refresh_from_db()
    assert video.state == "ready"
    assert video.published_at is not None
    cast.alice.refresh_from_db()
    assert cast.alice.videos_count == 1


def test_a_draft_that_failed_and_is_tried_again_is_still_a_draft(cast, publish, work, monkeypatch):
    video = publish(cast.alice, clip(), draft=True)

    def refuse(*args, **options):
        raise Unusable("too_hard")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "probe", refuse)
        assert work(video).state == "failed"
    retry_video(cast.alice, video)
    assert work(video).state == "draft"
    assert video.published_at is None


def test_a_clip_whose_bytes_still_travel_is_not_begun(cast, db):
    from videos.actions import create_upload

    publish_video(cast.alice, upload=create_upload(cast.alice, length=10))
    assert not jobs.waiting()
    assert not jobs.run_next()


def test_the_same_upload_gives_the_same_clip_and_only_to_its_owner(cast, upload_of):
    upload = upload_of(cast.alice, clip())
    first = publish_video(cast.alice, upload=upload)
    assert publish_video(cast.alice, upload=upload).pk == first.pk
    with pytest.raises(NotFound):
        publish_video(cast.bob, upload=upload)


def test_deleting_a_clip_erases_its_files_at_once(
    cast, publish, work, django_capture_on_commit_callbacks, caught
):
    deleted = caught(signals.video_deleted)
    video = work(publish(cast.alice, clip(), caption="#sea"))
    path, original = stored(video, "360.mp4"), default_storage.path(media.original_key(video))
    with pytest.raises(Forbidden):
        delete_video(cast.bob, video)
    with django_capture_on_commit_callbacks(execute=True):
        delete_video(cast.alice, video)
    assert not Path(path).exists()
    assert not Path(original).exists()
    assert not DoomedFolder.objects.exists()
    assert deleted == [video.pk]
    cast.alice.refresh_from_db()
    assert cast.alice.videos_count == 0


def test_a_clip_deleted_in_mid_work_leaves_nothing(
    cast, publish, work, monkeypatch, settings, django_capture_on_commit_callbacks
):
    video = publish(cast.alice, clip())
    upload_path = uploads.path_of(video.upload)
    real = jobs.transcoding.make

    def delete_then_make(*args, **options):
        with django_capture_on_commit_callbacks(execute=True):
            delete_video(cast.alice, video)
        return real(*args, **options)

    monkeypatch.setattr(jobs.transcoding, "make", delete_then_make)
    work()
    assert not Video.objects.exists()
    assert not Sound.objects.exists()
    assert not upload_path.exists()
    assert not list((settings.WORK_DIR / "jobs").glob("*"))
    assert not default_storage.exists(media.key_of(video.folder, "360.mp4"))


def test_a_worker_that_lost_its_lease_changes_nothing(cast, publish):
    video = publish(cast.alice, clip())
    job = jobs.claim()
    Transcode.objects.filter(pk=video.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    other = jobs.claim()
    assert other.pk == job.pk
    with pytest.raises(LeaseLost):
        set_progress(job, "first", 20)
    set_progress(other, "first", 20)
    assert jobs.claim() is None


def test_a_clip_that_takes_workers_down_is_given_up(cast, publish, work):
    video = publish(cast.alice, clip())
    for _attempt in range(jobs.ATTEMPTS):
        assert jobs.claim().pk == video.pk  # and the worker dies
        Transcode.objects.filter(pk=video.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert work(video).error_code == "internal"


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_many_workers_take_each_clip_once(cast, publish):
    waiting = {publish(cast.alice, clip()).pk for _number in range(6)}

    def take():
        try:
            return [job.pk for job in iter(jobs.claim, None)]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as workers:
        taken = [pk for pks in workers.map(lambda _worker: take(), range(6)) for pk in pks]
    assert sorted(taken) == sorted(waiting)
    assert set(Transcode.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_the_whole_way_with_real_commits(cast, publish, work):
    video = work(publish(cast.alice, clip()))
    assert video.state == "ready"
    path = Path(stored(video, "360.mp4"))
    delete_video(cast.alice, video)
    assert not path.exists()
    assert not DoomedFolder.objects.exists()


def test_people_take_turns(cast, publish):
    first, second = publish(cast.alice, clip()), publish(cast.alice, clip())
    other = publish(cast.bob, clip())
    assert [jobs.claim().pk for _turn in range(3)] == [first.pk, other.pk, second.pk]


def test_progress_reaches_the_author_only_as_it_grows(
    cast, publish, monkeypatch, django_capture_on_commit_callbacks
):
    pushed = []
    monkeypatch.setattr(
        "socialapp.lib.realtime.push",
        lambda people, event, data, live=None: pushed.append((people, event, data)),
    )
    with django_capture_on_commit_callbacks(execute=True):
        publish(cast.alice, clip(size="720x1280", video=BIG, seconds=6, rate=6))
        jobs.run_next()
    progress = [data for people, event, data in pushed if event == "video.progress"]
    assert all(people == [cast.alice.pk] for people, event, data in pushed)
    assert [data["percent"] for data in progress] == sorted(data["percent"] for data in progress)
    stages = list(dict.fromkeys(data["stage"] for data in progress))
    assert stages == ["checking", "first", "cover", "ladder", "done"]
    assert progress[-1]["state"] == "ready"
    assert progress[-1]["percent"] == 100


def test_the_sweep_nudges_once_for_each_clip_that_waits(cast, publish, monkeypatch):
    from videos import tasks

    nudges = []
    monkeypatch.setattr(tasks.transcode, "apply_async", lambda **options: nudges.append(options))
    publish(cast.alice, clip()), publish(cast.bob, clip())
    assert tasks.sweep_transcodes() == 2
    jobs.claim()
    assert tasks.sweep_transcodes() == 1
    assert nudges == [{"expires": 15}] * 3


def test_job_folders_of_killed_workers_are_cleared(cast, publish, settings):
    publish(cast.alice, clip())
    job = jobs.claim()
    mine = settings.WORK_DIR / "jobs" / f"{job.pk}-{job.lease_token}"
    dead = settings.WORK_DIR / "jobs" / "1-deadbeef"
    for folder in (mine, dead):
        folder.mkdir(parents=True)
    assert jobs.clear_left_behind() == 1
    assert mine.exists()
    assert not dead.exists()


@pytest.mark.parametrize("gop", ["30", "1000"], ids=["copied", "encoded"])
def test_no_metadata_of_the_upload_is_left(cast, publish, work, gop):
    source = clip(
        "located.mp4",
        seconds=6,
        rate=10,
        extra=(
            "-metadata",
            "location=+48.8577+002.295/",
            "-metadata",
            "title=SECRET",
            "-metadata:s:v",
            "handler_name=Alice's phone",
        ),
        video=(*BIG[:-1], gop),
    )
    assert b"SECRET" in source.read_bytes()
    video = work(publish(cast.alice, source))
    for rendition in video.renditions.all():
        raw = Path(stored(video, rendition.name)).read_bytes()
        for word in (b"SECRET", b"48.8577", b"Alice", b"Lavf", b"x264 - core"):
            assert word not in raw, word


def test_what_the_probe_says_is_what_is_there(tmp_path):
    source = probe(clip(size="640x360", rate=25, seconds=3), tmp_path)
    assert (source.width, source.height, source.codec, source.demuxer) == (640, 360, "h264", "mov")
    assert source.duration == pytest.approx(3, abs=0.05)
    assert source.frame_rate == pytest.approx(25, abs=0.1)
    assert source.sound.codec == "aac"
