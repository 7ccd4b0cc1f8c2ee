"""A house of its own for a benchmark, and publishing in it by the real queue and pipeline."""

import contextlib
import ctypes
import os
import secrets
import shutil
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from .by_hand import Cost, cost

ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def house():
    """The folder of a migrated house with one person, alice; Django is set up in this process."""
    from tests import redis_server

    with tempfile.TemporaryDirectory(prefix="glint-bench-", ignore_cleanup_errors=True) as folder:
        server, url = redis_server.start(Path(folder) / "redis")
        os.environ.update(
            DATA_DIR=folder,
            REDIS_URL=f"{url}?db=0",
            SECRET_KEY=secrets.token_urlsafe(48),
            DJANGO_SETTINGS_MODULE="socialapp.settings",
            RATE_LIMITS="upload=100000/3600",
            PYTHONPATH=str(ROOT),
        )
        os.environ.pop("DATABASE_URL", None)
        try:
            import django

            django.setup()
            from django.core.management import call_command

            from accounts.models import User

            call_command("migrate", verbosity=0)
            User.objects.create_user("alice", "alice@example.com", "demo-password")
            yield Path(folder)
        finally:
            server.terminate()
            server.wait(10)


@dataclass(frozen=True)
class Published:
    """How a clip was published: seconds until it could be watched, the Cost of everything, and of each run of a program in
    it, by the job's folder that it ran in: probe, loudness, made (renditions), cover, preview, sound."""

    playable: float
    whole: Cost
    runs: dict[str, list[Cost]]

    def kinds(self):
        """The Cost of each kind of work; "own" is what was done in this process, by the clock what is left."""
        made = {"first": self.runs.get("made", [])[:1], "ladder": self.runs.get("made", [])[1:]}
        kinds = {name: _sum(costs) for name, costs in {**self.runs, **made}.items() if costs}
        kinds.pop("made")
        started = _sum([one for costs in self.runs.values() for one in costs])
        kinds["own"] = Cost(self.whole.wall - started.wall, self.whole.cpu - started.cpu)
        return kinds


def _sum(costs):
    return Cost(sum(one.wall for one in costs), sum(one.cpu for one in costs))


def _adopt_orphans():
    """bubblewrap ends without waiting for what ran in it. Adopted by this process (Linux), its CPU time can be counted."""
    subreaper = 36  # PR_SET_CHILD_SUBREAPER
    ctypes.CDLL(None).prctl(subreaper, 1, 0, 0, 0)


def _count_orphans():
    """Take in what the last run left behind: it ends at the same moment as the run, give or take some milliseconds."""
    until, grace = time.monotonic() + 0.05, 0.003
    while time.monotonic() < until:
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                until = time.monotonic() + grace
        except ChildProcessError:
            return
        time.sleep(0.0005)


@contextlib.contextmanager
def watched_runs():
    """A dict that fills with the Cost of every program that the pipeline starts, by the folder it runs in."""
    from socialapp.lib import sandbox

    runs, real = defaultdict(list), sandbox.run
    if sandbox.walls_are_up():
        _adopt_orphans()

    def run(argv, *, folder, **options):
        kept = []

        def work():
            kept.append(real(argv, folder=folder, **options))
            if sandbox.walls_are_up():
                _count_orphans()

        runs[folder.name].append(cost(work))
        return kept[0]

    sandbox.run = run
    try:
        yield runs
    finally:
        sandbox.run = real


def publish(source, edit=None):
    """Publish a file by the real queue and pipeline in this process, and delete the clip again."""
    from accounts.models import User
    from videos import jobs, uploads
    from videos.actions import create_upload, delete_video, publish_video
    from videos.models import Transcode

    alice = User.objects.get(username="alice")
    upload = create_upload(alice, length=source.stat().st_size, filename=source.name)
    shutil.copyfile(source, uploads.path_of(upload))
    video = None

    def work():
        nonlocal video
        video = publish_video(alice, upload=upload, edit=edit)
        jobs.run_next()

    began = time.time()
    with watched_runs() as runs:
        whole = cost(work)
    job = Transcode.objects.get(video=video)
    assert job.state == "done", job.log
    playable = job.playable_at.timestamp() - began
    delete_video(alice, video)
    return Published(playable, whole, dict(runs))
