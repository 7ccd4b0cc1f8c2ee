"""Damaged and hostile uploads through the worker's own code (check, conversion, publishing), with and without bubblewrap's walls.

MUTATIONS=500 breaks that many clips, spread over the kinds of tests.reliability.mutations (a few of each otherwise);
MEDIA_CORPUS adds the corpus' hostile files. FIRST_SEED=n begins at another seed. FULL=1 gives each trap to each demuxer.
"""

import contextlib
import os
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import av
import pytest
from django.core.files.storage import default_storage

from socialapp.lib import sandbox
from videos import media, probe
from videos.failures import SENTENCES, Unusable, sentence
from videos.models import Transcode, Upload

from .canaries import WORDS, canaries
from .mutations import KINDS, SOUND_KINDS, mutated, whole
from .traps import clip_with_subtitles_and_data, traps

MUTATIONS = int(os.environ.get("MUTATIONS", "20"))
FIRST_SEED = int(os.environ.get("FIRST_SEED", "0"))
CORPUS = Path(os.environ["MEDIA_CORPUS"]).resolve() / "hostile" if os.environ.get("MEDIA_CORPUS") else None
PATIENCE = 90  # seconds for a clip of a second and a half, on a busy machine
FULL = bool(os.environ.get("FULL"))
WALLS = ["walled", "bare"]
EVERY = [*KINDS, *SOUND_KINDS]
ROLES = (
    "clip",
    "clip",
    "edited",
    "part",
    "clip",
)  # by seed: an odd number, so that each is tried with and without walls
DEMUXERS = ("mov", "matroska", "avi", "mpegts")
LINUX = sandbox.sys.platform == "linux"


@dataclass
class Ran:
    """What ran in the sandbox: how often a limit on time was hit, and what the programs said."""

    over: Counter = field(default_factory=Counter)
    codes: Counter = field(default_factory=Counter)
    words: list[bytes] = field(default_factory=list)


@pytest.fixture
def ran(monkeypatch):
    seen, real = Ran(), sandbox.run

    def watched(*args, **options):
        ending = real(*args, **options)
        seen.over[ending.over] += 1
        seen.codes[ending.code] += 1
        seen.words += [ending.out, ending.log.encode()]
        return ending

    monkeypatch.setattr(sandbox, "run", watched)
    return seen


@pytest.fixture
def walls(monkeypatch):
    """Says whether bubblewrap stands; `bare` is a machine without it, where the allow-lists alone must hold."""

    def build(kind):
        if kind == "bare":
            monkeypatch.setattr(sandbox, "_bubblewrap", lambda: None)
        elif not sandbox.walls_are_up():
            pytest.skip("bubblewrap does not work on this machine")

    return build


@pytest.fixture
def canary(settings, tmp_path):
    """The files are whole clips, so that whoever opens one could also use it."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with canaries(settings.WORK_DIR / "uploads", elsewhere, whole("mp4")) as made:
        made.touched()
        yield made


@pytest.fixture
def end_of(cast, publish, upload_of, work, tmp_path, settings):
    """What becomes of these bytes as an upload: the clip, when its worker has done with it."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"upload": "100000/3600"}
    settings.UPLOADS_WAITING = 100_000

    def do(data, name="clip.mp4", role="clip"):
        path = tmp_path / name
        path.write_bytes(data)
        began = time.monotonic()
        if role == "clip":
            video = work(publish(cast.alice, path))
        elif role == "edited":  # nothing is copied
            video = work(publish(cast.alice, path, edit={"reframe": "blur", "speed": 1.5}))
        else:
            good = tmp_path / "good.mp4"
            good.write_bytes(whole("mp4"))
            named = {"upload": upload_of(cast.alice, path).pk}
            edit = {"parts": [named]} if role == "part" else {"voice": {**named, "start": 0.2}}
            video = work(publish(cast.alice, good, edit=edit))
        took = time.monotonic() - began
        assert took < PATIENCE, f"{took:.0f} s"
        return video

    return do


def complaint(video):
    """Why this is no end that a clip may come to; empty when it is one."""
    job = Transcode.objects.get(pk=video.pk)
    if video.state == "ready":
        return "" if (job.state, job.stage) == ("done", "done") else f"ready, but the job is {job.state}"
    if video.state != "failed":
        return f"no end: {video.state}, {job.state}, {job.log[-300:]}"
    if video.error_code not in SENTENCES or video.error_code == "internal":
        return f"{video.error_code}: {job.log[-300:]}"
    said = sentence(video.error_code, video.error_params)
    return "" if "%(" not in said and len(said) > 20 else f"no sentence for {video.error_code}"


def files_of(video):
    """Everything that a person could get of this clip, as paths."""
    folder = Path(default_storage.path(media.key_of(video.folder, "x"))).parent
    return [path for path in folder.glob("*") if path.is_file()] if folder.is_dir() else []


def unplayable(video):
    """What is wrong with the files of a clip that is ready; empty when players can use them to their end."""
    if not video.renditions.exists():
        return "ready without renditions"
    for rendition in video.renditions.all():
        with av.open(default_storage.path(media.key_of(video.folder, rendition.name))) as container:
            frames = sum(1 for _frame in container.decode(video=0))
        if not frames:
            return f"{rendition.name} has no picture"
    return ""


# --- Damaged ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_an_undamaged_clip_of_each_kind_is_published(end_of, kind):
    """Otherwise the mutations below would be of something that is refused anyway."""
    video = end_of(whole(kind), KINDS[kind][0])
    assert (video.state, unplayable(video)) == ("ready", "")


@pytest.mark.parametrize("kind", SOUND_KINDS)
def test_an_undamaged_voice_of_each_kind_is_heard(end_of, kind):
    video = end_of(whole(kind), SOUND_KINDS[kind][0], "voice")
    assert (video.state, unplayable(video)) == ("ready", "")


@pytest.mark.parametrize("kind", EVERY)
def test_a_damaged_file_comes_to_an_end_that_people_understand(
    end_of, ran, settings, kind, monkeypatch, record_property, canary
):
    share, rest = divmod(MUTATIONS, len(EVERY))
    share += EVERY.index(kind) < rest
    ends, bad, slowest = Counter(), [], 0.0
    for seed in range(FIRST_SEED, FIRST_SEED + share):
        deed, data = mutated(kind, seed)
        with monkeypatch.context() as patched:
            if seed % 2:  # every other one without bubblewrap
                patched.setattr(sandbox, "_bubblewrap", lambda: None)
            began = time.monotonic()
            role = "voice" if kind in SOUND_KINDS else ROLES[seed % len(ROLES)]
            video = end_of(data, role=role)
            slowest = max(slowest, time.monotonic() - began)
        wrong = complaint(video) or (unplayable(video) if video.state == "ready" else "")
        if wrong:
            bad.append(f"{kind} {seed} ({deed}) as {role}: {wrong}")
        ends[video.error_code or video.state] += 1
        Upload.objects.all().delete()
    told = (
        f"{kind}: {share} mutations, {dict(ends)}, slowest {slowest:.1f} s, "
        f"limits hit {dict(ran.over)}, exit codes {dict(ran.codes)}"
    )
    print(told)
    record_property("mutations", told)
    assert not bad, "\n".join(bad)
    assert not ran.over["wall"], "a program hung until its time was up"
    assert not list((settings.WORK_DIR / "jobs").glob("*"))
    assert canary.touched() == (0, 0)


# --- Reaching out ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not LINUX, reason="files are watched by inotify")
def test_the_canaries_notice_what_is_forbidden_here(canary, tmp_path):
    """The control: an ffmpeg that is allowed everything does call the port and open the files."""
    import subprocess

    from socialapp.lib.ffmpeg import binary

    def play(name, *options):
        path = canary.beside.with_name("trap")
        path.write_bytes(traps(canary)[name])
        free = ["-protocol_whitelist", "file,http,tcp,crypto,data,concat,subfile,async,cache"]
        command = [binary(), "-v", "error", *free, *options, "-i", str(path), "-f", "null", "-"]
        subprocess.run(command, timeout=60, capture_output=True, check=False)
        path.unlink()
        return canary.touched()

    listed = (
        "-f",
        "hls",
        "-allowed_extensions",
        "ALL",
        "-allowed_segment_extensions",
        "ALL",
        "-extension_picky",
        "0",
    )
    assert play("HLS, http", *listed)[0] > 0
    assert play("HLS, beside", *listed)[1] > 0
    assert play("HLS, file-far", *listed)[1] > 0
    assert play("ffconcat, far", "-f", "concat", "-safe", "0")[1] > 0
    aliases = ("-enable_drefs", "1", "-use_absolute_path", "1")
    assert play("MP4 whose samples lie in an aliased file", *aliases)[1] > 0
    assert play("MP4 whose samples lie in an aliased file beside", *aliases)[1] > 0


@pytest.mark.parametrize("role", ["clip", "voice", "part"])
@pytest.mark.parametrize("kind", WALLS)
def test_an_upload_that_names_another_place_is_not_followed(end_of, walls, canary, ran, kind, role):
    walls(kind)
    bad, ends = [], Counter()
    steps = {("bare", "clip"): 1, ("walled", "clip"): 4}  # without walls is the harder case
    step = 1 if FULL else steps.get((kind, role), 12)
    for name, data in list(traps(canary).items())[::step]:
        video = end_of(data, role=role)
        touched = canary.touched()
        told = any(WORDS in path.read_bytes() for path in files_of(video)) or any(
            WORDS in said for said in ran.words
        )
        if (
            wrong := complaint(video)
            or (touched != (0, 0) and f"touched {touched}")
            or (told and "it was told")
        ):
            bad.append(f"{name}: {wrong}")
        ends[video.error_code or video.state] += 1
        ran.words.clear()
    print(f"{kind}, as {role}: {sum(ends.values())} traps, {dict(ends)}")
    assert not bad, "\n".join(bad)
    assert not ran.over["wall"]


@pytest.mark.parametrize("kind", WALLS)
def test_what_reads_a_file_follows_nothing_even_where_the_first_bytes_deceived(
    walls, canary, tmp_path, monkeypatch, ran, kind
):
    """Behind the check of the first bytes stand the allow-lists: no demuxer but the one that was named, no protocol but files."""
    walls(kind)
    path = canary.beside.with_name("deceiver")
    for number, (name, data) in enumerate(traps(canary).items()):
        path.write_bytes(data)
        for demuxer in DEMUXERS if FULL else DEMUXERS[number % 4 :][: number % 2 if kind == "walled" else 1]:
            monkeypatch.setattr(probe, "sniff", lambda _path, demuxer=demuxer: demuxer)
            folder = tmp_path / "probe"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            with contextlib.suppress(Unusable):  # some hold a picture besides
                probe.probe(path, folder)
            assert canary.touched() == (0, 0), (name, demuxer)
    assert not any(WORDS in said for said in ran.words)
    path.unlink()


@pytest.mark.parametrize("kind", WALLS)
def test_subtitles_data_and_attachments_of_an_upload_are_nowhere(end_of, walls, ran, tmp_path, kind):
    walls(kind)
    video = end_of(clip_with_subtitles_and_data(tmp_path), "subtitled.mkv")
    assert (video.state, unplayable(video)) == ("ready", "")
    assert files_of(video)
    assert not any(WORDS in path.read_bytes() for path in files_of(video))
    assert not any(WORDS in said for said in ran.words)


@pytest.mark.parametrize("kind", WALLS)
@pytest.mark.skipif(CORPUS is None or not CORPUS.is_dir(), reason="MEDIA_CORPUS names no hostile files")
def test_the_hostile_files_of_the_corpus_end_the_same_with_and_without_walls(
    end_of, walls, canary, ran, kind
):
    walls(kind)
    paths = sorted(CORPUS.iterdir())
    ends = {}
    for path in paths:
        video = end_of(path.read_bytes(), path.name)
        ends[path.name] = complaint(video) or video.error_code or video.state
    print(kind, ends)
    assert len(set(ends.values())) >= 8
    assert all(end in SENTENCES or end == "ready" for end in ends.values()), ends
    assert not ran.over["wall"]
    assert canary.touched() == (0, 0)
