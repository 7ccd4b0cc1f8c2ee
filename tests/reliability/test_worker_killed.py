"""Kill -9 of real Celery workers in mid-clip: the clip becomes ready without a hand, once, and nobody ever gets half a file.

KILL_POINTS=20 (2 otherwise) moments are drawn from the whole time that the clip takes. Every second time only the pool's
process dies, as when the kernel ends what eats too much memory; otherwise the whole worker does and is started again.
KILL_SEED=n draws other moments; KILL_STORE=folder publishes to another disk, where files are copied rather than renamed.
"""

import contextlib
import functools
import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.videos.clips import clip

from .killing import (
    LEASE,
    Person,
    kill,
    open_site,
    partial_files,
    programs_of,
    rows,
    state,
    wait_for,
)

POINTS = int(os.environ.get("KILL_POINTS", "2"))
SEED = int(os.environ.get("KILL_SEED", "3"))
RESUMED = 60  # seconds (quality.md)
TURN = LEASE + 15  # seconds until the timetable finds a row whose worker is silent


@pytest.fixture(scope="module")
def site():
    made = open_site(61)
    yield made
    made.close()


@pytest.fixture(scope="module")
def source():
    """Not conforming (one key frame), so that it goes through every stage; its check, first rendition and ladder take a while."""
    one_key_frame = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "1000")
    return clip("long.mp4", size="720x1280", seconds=12, rate=24, video=one_key_frame)


def ended(site, video):
    now = state(site, video)
    return now if now["job"] in {"done", "failed"} else None


def begun(site, video, attempts):
    now = state(site, video)
    return now if now["attempts"] >= attempts or now["job"] == "done" else None


def kill_the_pool(worker):
    """Only the process that works on the clip; its parent starts another."""
    for entry in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(entry), signal.SIGKILL)


def test_a_clip_survives_the_death_of_its_worker(site, source, record_property):
    alice, dice = Person(site), random.Random(SEED)
    worker = site.worker()
    began = time.monotonic()
    undisturbed = alice.upload_and_publish(source, caption="Undisturbed")
    assert wait_for(lambda: ended(site, undisturbed), 120), state(site, undisturbed)
    expected = state(site, undisturbed)
    whole_time = time.monotonic() - began
    assert expected["state"] == "ready"
    assert partial_files(site, alice, undisturbed) == []

    slowest, stages, wrong = 0.0, [], []
    for point in range(POINTS):
        video = alice.upload_and_publish(source, caption=f"Killed {point}")
        assert wait_for(functools.partial(begun, site, video, 1), 60, 0.02), state(site, video)
        time.sleep(dice.uniform(0, whole_time * 0.9))
        if point % 2:
            kill_the_pool(worker)
        else:
            kill(worker)
        killed_at = time.monotonic()
        killed = state(site, video)
        stages.append(killed["stage"] if killed["job"] != "done" else "over")
        if not point % 2:
            assert wait_for(lambda: not programs_of(site), 5), "a program outlived its worker"
        wrong += [f"killed at {killed['stage']}: {flaw}" for flaw in partial_files(site, alice, video)]
        if not point % 2:
            worker = site.worker()
        again = wait_for(functools.partial(begun, site, video, killed["attempts"] + 1), RESUMED + 30, 0.05)
        assert again, state(site, video)
        slowest = max(slowest, time.monotonic() - killed_at)
        ready = wait_for(functools.partial(ended, site, video), 120)
        assert ready, state(site, video)
        assert ready["state"] == "ready", ready
        # Just what a clip has that nobody disturbed: nothing is missing, nothing is there twice.
        for name in ("names", "cover", "playlist", "original", "upload_id", "error_code"):
            assert ready[name] == expected[name], name
        assert ready["sound_id"]
        wrong += [f"after {killed['stage']}: {flaw}" for flaw in partial_files(site, alice, video)]
        assert names_in(site, ready) == names_in(site, expected)
    told = f"{POINTS} kills of the worker at {stages}; resumed within {slowest:.1f} s"
    print(told)
    record_property("kills", told)
    assert not wrong, "\n".join(wrong)
    assert slowest <= RESUMED
    assert len(rows(site, "SELECT id FROM videos_video")) == POINTS + 1
    own = [video["id"] for video in alice.get("/api/v1/users/alice/videos/").json()["results"]]
    assert len(own) == len(set(own))
    assert len({row["id"] for row in rows(site, "SELECT id FROM videos_sound")}) == POINTS + 1
    assert wait_for(lambda: nothing_left_behind(site), 2 * TURN), "something is left in the working folder"
    kill(worker)


def names_in(site, now):
    return sorted(path.name for path in (site.files / "clips" / now["folder"]).iterdir())


def nothing_left_behind(site):
    work = site.folder / "work"
    return not [path for name in ("jobs", "uploads") for path in (work / name).glob("*")]
