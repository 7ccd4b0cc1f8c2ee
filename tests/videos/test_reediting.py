"""Clips of several files and clips that are edited again: what the worker makes of them, and what plays meanwhile."""

from datetime import timedelta
from pathlib import Path

import av
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from socialapp.lib.errors import NotFound
from videos import jobs, media, sounds
from videos.actions import publish_video, update_video
from videos.actions.pipeline import LeaseLost
from videos.failures import Unusable
from videos.models import Part, Transcode, Upload, Video

from .clips import clip

QUICK = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "300")
TALL = {"size": "480x854", "rate": 10}


def stored(video, name):
    return Path(default_storage.path(media.key_of(video.folder, name)))


def files(video):
    return set(media.names(media.key_of(video.folder, "")))


def length(path):
    with av.open(str(path)) as file:
        return max(
            float((p.pts + (p.duration or 0)) * p.time_base) for p in file.demux(video=0) if p.pts is not None
        )


def loudest(path, start, end):
    """The largest sample between two moments (seconds), 0 to 1."""
    with av.open(str(path)) as file:
        found = 0.0
        for frame in file.decode(audio=0):
            if start <= frame.time < end:
                found = max(found, float(abs(frame.to_ndarray()).max()))
        return found


@pytest.fixture
def wav(tmp_path):
    """A recording of a voice, as a browser or a phone makes one: here, a tone."""

    def make(name="voice.wav", seconds=1, kind=("-c:a", "pcm_s16le")):
        import subprocess

        from socialapp.lib.ffmpeg import binary

        path = tmp_path / name
        tone = f"sine=frequency=900:duration={seconds}:sample_rate=44100"
        subprocess.run([binary(), "-v", "error", "-f", "lavfi", "-i", tone, *kind, str(path)], check=True)
        return path

    return make


def test_clips_are_joined_and_their_files_kept(cast, upload_of, work):
    second = upload_of(cast.alice, clip(**TALL, seconds=1))
    video = publish_video(
        cast.alice,
        upload=upload_of(cast.alice, clip()),
        edit={"parts": [{"upload": second.pk, "trim": {"start": 0.5}}]},
    )
    work(video)
    assert (video.state, video.error_code) == ("ready", "")
    assert length(stored(video, "360.mp4")) == pytest.approx(2.5, abs=0.1)
    assert video.duration_ms == pytest.approx(2500, abs=60)
    part = video.parts.get()
    for name in (video.original, part.original):
        assert default_storage.exists(media.original_key(video, name))
    assert video.original_bytes == clip().stat().st_size + clip(**TALL, seconds=1).stat().st_size
    assert not Upload.objects.exists()


def test_the_sentence_says_which_of_the_clips_is_damaged(cast, upload_of, work, tmp_path):
    text = tmp_path / "notes.mp4"
    text.write_text("These are notes, not pictures.")
    parts = [{"upload": upload_of(cast.alice, path).pk} for path in (clip(seconds=1), text)]
    video = work(publish_video(cast.alice, upload=upload_of(cast.alice, clip()), edit={"parts": parts}))
    assert (video.state, video.error_code) == ("failed", "not_media")
    assert video.error_message.startswith("Clip 3: This is not a video file.")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("voice.wav", ("-c:a", "pcm_s16le")),
        ("voice.webm", ("-c:a", "libopus")),
        ("voice.mp3", ()),
        ("voice.ogg", ()),
    ],
)
def test_a_voice_is_heard_where_it_was_put(cast, upload_of, work, wav, name, kind):
    voice = upload_of(cast.alice, wav(name, 1, kind))
    silent = clip("silent.mp4", audio=None)
    video = publish_video(
        cast.alice,
        upload=upload_of(cast.alice, silent),
        edit={"voice": {"upload": voice.pk, "start": 0.75, "volume": 1}},
    )
    work(video)
    assert (video.state, video.error_code) == ("ready", "")
    made = stored(video, "360.mp4")
    assert loudest(made, 0, 0.6) < 0.01
    assert loudest(made, 0.9, 1.6) > 0.1
    assert video.parts.get().original.startswith("part-")


def test_a_voice_without_sound_has_its_own_sentence(cast, upload_of, work):
    voice = upload_of(cast.alice, clip("silent.mp4", audio=None))
    video = publish_video(
        cast.alice, upload=upload_of(cast.alice, clip()), edit={"voice": {"upload": voice.pk}}
    )
    assert work(video).error_code == "no_sound"
    assert "no sound in this recording" in video.error_message


@pytest.mark.engines
def test_a_new_edit_takes_over_whole_while_the_old_one_plays(cast, publish, work, monkeypatch):
    video = work(publish(cast.alice, clip(**TALL, video=QUICK)))
    before = files(video)
    assert {"480.mp4", "360.mp4", "master.m3u8", "cover.webp", "preview.webp"} <= before
    update_video(cast.alice, video, edit={"trim": {"start": 0.5, "end": 1.5}})
    video.refresh_from_db()
    assert (video.state, video.revision, video.playlist) == ("ready", 1, "master.m3u8")
    seen = []
    real = jobs.transcoding.make

    def spy(c, rungs, folder, **options):
        now = Video.objects.get(pk=video.pk)
        seen.append((now.state, now.playlist, now.duration_ms, {r.name for r in now.renditions.all()}))
        assert all(stored(now, r.name).exists() for r in now.renditions.all())
        return real(c, rungs, folder, **options)

    monkeypatch.setattr(jobs.transcoding, "make", spy)
    work(video)
    assert seen == [
        ("ready", "master.m3u8", 2000, {"480.mp4", "360.mp4"}),
        ("ready", "r1-first.m3u8", 1000, {"r1-480.mp4"}),
    ]
    assert (video.state, video.error_code, video.playlist) == ("ready", "", "r1-master.m3u8")
    assert {r.name for r in video.renditions.all()} == {"r1-480.mp4", "r1-360.mp4"}
    assert (video.cover, video.preview) == ("r1-cover.webp", "r1-preview.webp")
    assert length(stored(video, "r1-480.mp4")) == pytest.approx(1, abs=0.11)
    # Of the old edit nothing is left, and what is there has its row.
    assert not files(video) & before
    assert "r1-360.mp4" in stored(video, "r1-360.m3u8").read_text()
    assert video.sound.file == "r1-sound.m4a"
    assert set(media.names(media.key_of(video.sound.folder, ""))) == {"r1-sound.m4a"}
    assert default_storage.exists(media.original_key(video))


def test_an_edit_that_cannot_be_made_leaves_the_clip_as_it_was(cast, publish, work, upload_of, tmp_path):
    video = work(publish(cast.alice, clip()))
    text = tmp_path / "notes.mp4"
    text.write_text("no clip")
    part = upload_of(cast.alice, text)
    update_video(cast.alice, video, edit={"parts": [{"upload": part.pk}]})
    work(video)
    assert (video.state, video.playlist) == ("ready", "master.m3u8")
    assert video.published_at is not None
    assert "Clip 2" in video.error_message
    assert stored(video, "360.mp4").exists()
    cast.alice.refresh_from_db()
    assert cast.alice.videos_count == 1
    # What was wrong is taken out again: the upload of the part goes with it, and the clip is made.
    update_video(cast.alice, video, edit={"parts": [], "trim": {"end": 1.0}})
    work(video)
    assert (video.state, video.error_code, video.playlist) == ("ready", "", "r2-master.m3u8")
    assert not Part.objects.exists()
    assert not Upload.objects.exists()


def test_a_clip_whose_new_ladder_fails_plays_with_what_it_has(cast, publish, work, monkeypatch):
    video = work(publish(cast.alice, clip(**TALL, video=QUICK)))
    update_video(cast.alice, video, edit={"trim": {"end": 1.0}})
    real = jobs.transcoding.make

    def only_the_first(c, rungs, folder, **options):
        if rungs[0].short_side == 360:
            raise Unusable("too_hard")
        return real(c, rungs, folder, **options)

    monkeypatch.setattr(jobs.transcoding, "make", only_the_first)
    work(video)
    assert (video.state, video.error_code, video.playlist) == ("ready", "too_hard", "r1-first.m3u8")
    assert video.published_at is not None


def test_another_cover_alone_makes_no_rendition(cast, publish, work, monkeypatch):
    video = work(
        publish(
            cast.alice,
            clip(
                picture="color=c=red:s={size}:r={rate}:d=1[a];color=c=blue:s={size}:r={rate}:d=1[b];[a][b]concat=n=2"
            ),
        )
    )

    def none(*args, **options):
        raise AssertionError("a rendition was made")

    monkeypatch.setattr(jobs.transcoding, "make", none)
    from PIL import Image

    for at, channel in ((1.5, 2), (0.2, 0)):
        update_video(cast.alice, video, edit={"cover_at": at})
        work(video)
        assert (video.state, video.revision) == ("ready", 0)
        assert video.cover == f"cover-{round(at * 1000)}.webp"
        with Image.open(stored(video, video.cover)) as picture:
            colour = picture.convert("RGB").getpixel((180, 300))
        assert colour.index(max(colour)) == channel
    assert not stored(video, "cover-1500.webp").exists()


def test_an_edit_in_mid_work_stops_the_work_on_the_old_one(cast, publish, work, monkeypatch):
    video = publish(cast.alice, clip(**TALL, video=QUICK))
    real = jobs.transcoding.make
    edited = []

    def edit_then_make(c, rungs, folder, **options):
        log = real(c, rungs, folder, **options)
        if not edited:
            edited.append(True)
            update_video(cast.alice, video, edit={"trim": {"end": 1.0}})
        return log

    monkeypatch.setattr(jobs.transcoding, "make", edit_then_make)
    work(video)
    assert (video.state, video.error_code) == ("ready", "")
    assert video.duration_ms == 1000
    assert {r.revision for r in video.renditions.all()} == {video.revision}


def test_a_worker_that_dies_before_the_old_files_are_erased_leaves_them_to_the_next(
    cast, publish, work, monkeypatch
):
    video = work(publish(cast.alice, clip()))
    update_video(cast.alice, video, edit={"trim": {"end": 1.0}})

    def dies(*args):
        raise LeaseLost

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "_erase_outdated", dies)
        work(video)
    assert video.playlist == "r1-master.m3u8"
    assert stored(video, "360.mp4").exists()
    Transcode.objects.filter(pk=video.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    work(video)
    assert video.transcode.state == "done"
    assert not stored(video, "360.mp4").exists()
    assert stored(video, "r1-360.mp4").exists()


def test_a_chosen_sound_that_is_gone_says_so(cast, publish, work, wav):
    chosen = sounds.add_to_library("Waves", "The Sea", wav())
    video = publish(cast.alice, clip(), edit={"sound": {"id": str(chosen.pk)}})
    chosen.delete()
    assert work(video).error_code == "sound_gone"


@pytest.mark.parametrize("layout", ["side", "stack"])
def test_a_duet_is_made_of_both_clips(cast, publish, work, layout):
    other = work(publish(cast.alice, clip()))
    mine = work(publish(cast.bob, clip(**TALL, seconds=1), duet_of=other, edit={"layout": layout}))
    assert (mine.state, mine.error_code) == ("ready", "")
    assert mine.duration_ms == 1000
    assert (mine.width > mine.height) == (layout == "side")


def test_a_stitch_begins_with_the_other_clip(cast, publish, work):
    other = work(publish(cast.alice, clip()))
    mine = work(publish(cast.bob, clip(**TALL, seconds=1), stitch_of=(other, 0.5, 1.5)))
    assert (mine.state, mine.error_code) == ("ready", "")
    assert mine.duration_ms == pytest.approx(2000, abs=60)


def test_a_duet_whose_other_half_went_away_is_not_published(cast, publish, work):
    other = work(publish(cast.alice, clip()))
    mine = publish(cast.bob, clip(), duet_of=other)
    Video.objects.filter(pk=other.pk).update(duet="nobody")
    work(mine)
    assert (mine.state, mine.error_code, mine.published_at) == ("failed", "remix_gone", None)


def test_only_the_author_edits_again(cast, publish, work):
    video = work(publish(cast.alice, clip(), audience="only_me"))
    with pytest.raises(NotFound):
        update_video(cast.bob, video, edit={"trim": {"end": 1.0}})
