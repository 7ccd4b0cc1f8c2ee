"""Every program that the pipeline starts on strangers' files: told which files, which formats, and in a folder of its own."""

from pathlib import Path

import pytest

from socialapp.lib import sandbox
from videos import captioning, jobs, sounds
from videos.actions import ask, publish_video

from .clips import clip

QUICK = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "300")
OURS = {".png", ".cube"}  # what we draw ourselves before a run: texts, marks, tables of colours


@pytest.fixture
def runs(monkeypatch):
    """What was started: the program's arguments, the files it may read, and what lay in its folder."""
    started = []
    real = sandbox.run

    def spy(argv, *, readable, folder, limits, **options):
        started.append((list(argv), set(readable), sorted(path.name for path in folder.iterdir()), limits))
        return real(argv, readable=readable, folder=folder, limits=limits, **options)

    monkeypatch.setattr(sandbox, "run", spy)
    return started


def inputs(argv):
    """Each input of an ffmpeg command with the options that stand before it."""
    options, found = {}, []
    for at, word in enumerate(argv):
        if word == "-i":
            found.append((argv[at + 1], options))
            options = {}
        elif word.startswith("-") and at + 1 < len(argv):
            options[word] = argv[at + 1]
    return found


def test_every_run_is_held_to_named_files_and_formats(
    cast, upload_of, publish, work, runs, monkeypatch, settings
):
    monkeypatch.setattr(captioning, "engine", lambda language: ("sphinx", ""))
    chosen = sounds.add_to_library("A", "B", clip())
    other = work(publish(cast.alice, clip()))
    voice, part = upload_of(cast.alice, clip(seconds=1)), upload_of(cast.alice, clip(seconds=1, video=QUICK))
    edit = {
        "trim": {"end": 1.5},
        "parts": [{"upload": part.pk}],
        "voice": {"upload": voice.pk},
        "sound": {"id": str(chosen.pk)},
        "texts": [{"text": "Hello"}],
        "filter": "warm",
        "cover_at": 0.5,
    }
    video = publish_video(cast.alice, upload=upload_of(cast.alice, clip()), edit=edit)
    assert work(video).state == "ready"
    assert work(publish(cast.bob, clip(), duet_of=other)).state == "ready"
    ask(video, "watermark")
    ask(video, "captions", "en")
    while jobs.run_next():
        pass
    media = settings.WORK_DIR.parent
    kinds = set()
    for argv, readable, before, limits in runs:
        assert limits.wall < 3600
        assert limits.cpu
        assert limits.memory_bytes
        if "ffmpeg" not in Path(argv[0]).name:
            kinds.add("child")
            assert argv[1:3] == ["-I", "-B"]
            # Of what people sent, it sees the one file that it is about.
            assert len([path for path in readable if media in path.parents]) == 1
            continue
        kinds.add("ffmpeg")
        assert {Path(name).suffix for name in before} <= OURS
        for path, options in inputs(argv):
            assert Path(path) in readable or Path(path).suffix in OURS
            assert Path(path).is_absolute()
            assert options["-protocol_whitelist"] == "file,pipe"
            assert options["-format_whitelist"] == options["-f"]
            assert options["-codec_whitelist"]
        for word in argv:
            assert "://" not in word
    assert kinds == {"child", "ffmpeg"}
