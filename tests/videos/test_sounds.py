"""Sounds: a clip's own one, the library's, their files and waveforms, how many clips use them, and what becomes of them."""

import subprocess

import av
import pytest
from django.core.files.storage import default_storage

from socialapp.lib.ffmpeg import binary
from videos import counters, media, sounds
from videos.actions import delete_video, forget_sounds, publish_draft, remove_video, restore_video
from videos.failures import Unusable
from videos.models import DoomedFolder, Sound
from videos.probe import probe_sound

from .clips import clip

QUICK = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "300")


@pytest.fixture
def tone(tmp_path):
    """A sound file: a tone that stops half-way. The name's ending chooses the container."""

    def make(name="tone.wav", *options, volume=1.0, seconds=2):
        path = tmp_path / name
        source = f"sine=frequency=440:duration={seconds / 2}:sample_rate=48000,volume={volume},apad=whole_dur={seconds}"
        command = [binary(), "-v", "error", "-f", "lavfi", "-i", source, *options, str(path)]
        subprocess.run(command, check=True)
        return path

    return make


def path_of(sound):
    return default_storage.path(media.key_of(sound.folder, sound.file))


def loudness(path):
    """Integrated loudness in LUFS, as ffmpeg measures it."""
    command = [binary(), "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return float(words.rpartition("I:")[2].split()[0])


@pytest.mark.parametrize("video", [None, QUICK], ids=["copied", "encoded"])
def test_a_clips_sound_can_be_used_by_others(cast, publish, work, video):
    options = {"video": video} if video else {}
    made = work(publish(cast.alice, clip(seconds=4, rate=10, **options)))
    sound = made.sound
    assert (sound.owner, sound.file, sound.uses_count) == (cast.alice, "sound.m4a", 1)
    assert sound.duration_ms == pytest.approx(4000, abs=80)
    assert len(sound.peaks) == 200
    assert max(sound.peaks) == 100
    assert min(sound.peaks) >= 0
    with av.open(path_of(sound)) as file:
        assert not file.streams.video
        assert file.streams.audio[0].codec_context.name == "aac"
        assert file.metadata.get("title") is None
    assert loudness(path_of(sound)) == pytest.approx(-16, abs=1.5)


def test_a_waveform_shows_where_it_is_loud(tone, db):
    made = sounds.add_to_library("Half a tone", "", tone())
    assert min(made.peaks[10:90]) > 80
    assert max(made.peaks[110:190]) < 5


def test_a_clip_without_sound_has_none(cast, publish, work):
    assert work(publish(cast.alice, clip("silent.mp4", audio=None))).sound is None
    assert not Sound.objects.exists()


def test_a_clip_with_a_chosen_sound_brings_none_of_its_own(cast, publish, work, tone):
    chosen = sounds.add_to_library("Waves", "The Sea", tone())
    video = work(publish(cast.bob, clip(), edit={"sound": {"id": str(chosen.pk), "original_volume": 0}}))
    assert (video.state, video.sound) == ("ready", chosen)
    assert Sound.objects.count() == 1
    chosen.refresh_from_db()
    assert chosen.uses_count == 1


def test_anothers_sound_can_be_used_and_is_counted(cast, publish, work):
    first = work(publish(cast.alice, clip()))
    second = work(publish(cast.bob, clip(), edit={"sound": {"id": str(first.sound_id)}}))
    sound = Sound.objects.get()
    assert second.sound_id == sound.pk
    assert (sound.owner, sound.uses_count) == (cast.alice, 2)


@pytest.mark.engines
def test_uses_are_counted_while_clips_are_published(cast, publish, work):
    draft = work(publish(cast.alice, clip(), draft=True))

    def uses():
        return Sound.objects.get(pk=draft.sound_id).uses_count

    assert uses() == 0
    publish_draft(cast.alice, draft)
    assert uses() == 1
    remove_video(cast.mod, draft)
    remove_video(cast.mod, draft)
    assert uses() == 0
    restore_video(cast.mod, draft)
    assert uses() == 1


@pytest.mark.engines
def test_wrong_numbers_of_uses_are_mended(cast, make_video):
    sound = Sound.objects.create(title="Waves", uses_count=7)
    make_video(cast.alice, sound=sound)
    make_video(cast.alice, sound=sound, state="removed")
    make_video(cast.alice, sound=sound, state="draft", published_at=None)
    assert counters.reconcile()["videos.Sound.uses_count"] == 1
    sound.refresh_from_db()
    assert sound.uses_count == 1


def test_a_deleted_clip_takes_its_own_sound_along(cast, publish, work, django_capture_on_commit_callbacks):
    video = work(publish(cast.alice, clip()))
    path = path_of(video.sound)
    with django_capture_on_commit_callbacks(execute=True):
        delete_video(cast.alice, video)
    assert not Sound.objects.exists()
    assert not default_storage.exists(path)
    assert not DoomedFolder.objects.exists()


def test_a_sound_that_others_use_outlives_its_first_clip(cast, publish, work):
    first = work(publish(cast.alice, clip()))
    second = work(publish(cast.bob, clip(), edit={"sound": {"id": str(first.sound_id)}}))
    delete_video(cast.alice, first)
    sound = Sound.objects.get()
    assert default_storage.exists(path_of(sound))
    assert sound.uses_count == 1
    delete_video(cast.bob, second)
    assert Sound.objects.get().uses_count == 0


def test_a_deleted_account_leaves_no_file_of_its_sounds(
    cast, publish, work, django_capture_on_commit_callbacks
):
    path = path_of(work(publish(cast.alice, clip())).sound)
    with django_capture_on_commit_callbacks(execute=True):
        cast.alice.delete()
    assert not default_storage.exists(path)


def test_sounds_that_nobody_uses_any_more_are_forgotten(cast, tone):
    from datetime import timedelta

    from django.utils import timezone

    old = timezone.now() - timedelta(days=2)
    library = sounds.add_to_library("Waves", "The Sea", tone())
    unused = Sound.objects.create(title="Unused", owner=cast.alice)
    fresh = Sound.objects.create(title="Fresh", owner=cast.alice)
    Sound.objects.filter(pk__in=(library.pk, unused.pk)).update(created_at=old)
    assert forget_sounds() == 1
    assert set(Sound.objects.all()) == {library, fresh}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("tone.wav", ()),
        ("tone.mp3", ()),
        ("tone.m4a", ("-c:a", "aac")),
        ("tone.ogg", ("-c:a", "libvorbis")),
        ("tone.flac", ()),
        ("tone.webm", ("-c:a", "libopus")),
        ("tone.aac", ("-c:a", "aac", "-f", "adts")),
    ],
)
def test_the_library_takes_every_common_kind_of_file(tone, db, name, options):
    made = sounds.add_to_library("Tone", "Nobody", tone(name, *options))
    assert (made.owner, made.file) == (None, "sound.m4a")
    assert made.duration_ms == pytest.approx(2000, abs=100)
    assert sounds.add_to_library("Tone", "Nobody", tone("other.wav")) == made


@pytest.mark.parametrize("volume", [0.25, 4.0])
def test_library_sounds_are_as_loud_as_clips(tone, db, volume):
    made = sounds.add_to_library("Tone", "", tone("tone.flac", volume=volume, seconds=4))
    assert loudness(path_of(made)) == pytest.approx(-16, abs=2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"words", "not_sound"),
        (b"OggS" + b"\0" * 500, "sound_damaged"),
        (b"#EXTM3U\nhttp://x/", "not_sound"),
    ],
)
def test_what_is_no_sound_is_refused(tmp_path, content, code):
    path = tmp_path / "given"
    path.write_bytes(content)
    folder = tmp_path / "probe"
    folder.mkdir()
    with pytest.raises(Unusable) as refusal:
        probe_sound(path, folder)
    assert refusal.value.code == code


def test_a_clip_without_sound_is_no_voice(tmp_path):
    folder = tmp_path / "probe"
    folder.mkdir()
    with pytest.raises(Unusable) as refusal:
        probe_sound(clip("silent.mp4", audio=None), folder)
    assert refusal.value.code == "no_sound"


def test_a_sounds_address_is_signed_and_serves_it(browser, cast, publish, work):
    sound = work(publish(cast.alice, clip())).sound
    url = media.sound_url(sound)
    response = browser.get(url, headers={"Range": "bytes=0-99"})
    assert (response.status_code, response["Content-Type"]) == (206, "audio/mp4")
    assert browser.get(url.replace(sound.folder, "A" * 24)).status_code == 404
    assert media.sound_url(Sound(title="not extracted yet")) == ""


def test_addresses_of_peoples_sounds_die_within_a_minute(cast):
    import time

    def life(sound):
        return int(media.sound_url(sound, now=time.time()).split("/")[-4]) - time.time()

    assert life(Sound(owner=cast.alice, file="sound.m4a")) <= 60
    assert life(Sound(file="sound.m4a")) > 1500
