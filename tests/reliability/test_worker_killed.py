"""Kill -9 of a real Celery worker in mid-transcode: the clip becomes ready after a restart, without a hand, once."""

import functools
import os
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tests.videos.clips import clip
from tests.videos.live import Site

LEASE = 5  # seconds; the product's default is 30, and the test is about what happens, not when
POINTS = int(os.environ.get("KILL_POINTS", "2"))  # 20 in the long form


@pytest.fixture(scope="module")
def site():
    made = Site(people=("alice",), database=61, TRANSCODE_LEASE_SECONDS=LEASE)
    yield made
    made.close()


def publish(site, source):
    return site.python(
        f"""
import shutil
from accounts.models import User
from videos import uploads
from videos.actions import create_upload, publish_video
alice = User.objects.get(username="alice")
upload = create_upload(alice, length={source.stat().st_size}, filename="clip.mp4")
shutil.copyfile({str(source)!r}, uploads.path_of(upload))
answer = str(publish_video(alice, upload=upload).pk)
"""
    )


def state(site, video):
    """Read straight from the file: starting Django for each look would take longer than the clip."""
    with sqlite3.connect(site.folder / "db.sqlite3", timeout=20) as database:
        database.row_factory = sqlite3.Row
        row = database.execute(
            "SELECT v.state, v.folder, v.original, v.cover, v.sound_id, t.state AS job, t.stage, t.attempts "
            "FROM videos_video v JOIN videos_transcode t ON t.video_id = v.id WHERE v.id = ?",
            [video],
        ).fetchone()
        sides = database.execute(
            "SELECT short_side FROM videos_rendition WHERE video_id = ? ORDER BY short_side", [video]
        )
        return dict(row) | {"renditions": [side for (side,) in sides.fetchall()]}


def when_ready(site, video):
    now = state(site, video)
    return now if now["state"] == "ready" else None


def sweep(site):
    site.python("from videos.tasks import sweep_transcodes\nsweep_transcodes()")


def kill(process):
    """What the kernel does to a worker that ran out of memory: every process of it, at once, without a word."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def ffmpeg_of(site):
    folder = str(site.folder).encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes()
        except OSError:
            continue
        if b"ffmpeg" in words and folder in words and b"bwrap" not in words:
            found.append(entry)
    return found


def wait_for(what, seconds, step=0.1):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := what():
            return result
        time.sleep(step)
    return None


def test_a_clip_survives_the_death_of_its_worker(site):
    source = clip(
        "long.mp4",
        size="720x1280",
        seconds=20,
        rate=24,
        video=("-c:v", "libx264", "-preset", "ultrafast", "-g", "1000"),
    )
    dice = random.Random(3)
    for _point in range(POINTS):
        video = publish(site, source)
        worker = site.worker()
        assert wait_for(lambda: ffmpeg_of(site), 60), "the worker did not begin"
        time.sleep(dice.uniform(0, 3))
        kill(worker)
        assert wait_for(lambda: not ffmpeg_of(site), 5), "ffmpeg outlived its worker"
        killed = state(site, video)
        assert killed["state"] == "processing"
        for name in (
            "360.mp4",
            "480.mp4",
            "720.mp4",
        ):  # what lies in the clip's folder is whole and has its row
            path = site.folder / "files" / "clips" / killed["folder"] / name
            assert path.exists() == (int(name[:3]) in killed["renditions"])

        time.sleep(LEASE)
        worker = site.worker()
        sweep(site)  # beat does this every 15 s
        ready = wait_for(functools.partial(when_ready, site, video), 120)
        assert ready, state(site, video)
        assert ready["attempts"] == 2
        assert ready["renditions"] == [360, 480, 720]
        assert (ready["cover"], ready["original"]) == ("cover.webp", "original.mp4")
        assert ready["sound_id"]
        folder = site.folder / "files" / "clips" / ready["folder"]
        assert sorted(path.suffix for path in folder.iterdir() if path.suffix == ".mp4") == [".mp4"] * 3
        assert not list((site.folder / "work" / "uploads").iterdir())
        sweep(site)
        wait_for(lambda: not list((site.folder / "work" / "jobs").iterdir()), 10)
        assert not list((site.folder / "work" / "jobs").iterdir())
        kill(worker)
