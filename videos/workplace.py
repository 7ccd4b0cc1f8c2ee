"""Where a job works: one of the machine's few places for heavy work, an empty folder, and a sign of life to its lease.

Shared by the two kinds of jobs (videos.jobs, videos.media_jobs); knows nothing of what they make.
"""

import fcntl
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from . import media
from .models import MediaJob, Rendition, Transcode


@contextmanager
def place() -> Iterator[bool]:
    """One of this machine's CONVERSIONS_AT_ONCE places, as long as the block lasts; False when all are taken.

    Each is a lock on a file, which the kernel releases whatever happens to its holder, so the number holds for any number of
    worker processes and threads. The host's name is part of it: machines that share a disk do not share places.
    """
    folder = settings.WORK_DIR / "places"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(settings.CONVERSIONS_AT_ONCE):
        file = os.open(
            folder / f"{socket.gethostname()}-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield True
            return
        finally:
            os.close(file)
    yield False


def folder_name(job: Transcode | MediaJob) -> str:
    """What a running job's folder is called; no two attempts share one."""
    return f"{'extra-' if isinstance(job, MediaJob) else ''}{job.pk}-{job.lease_token}"


@dataclass
class Work:
    """A job under way. `alive` renews its lease and raises LeaseLost when it is not its own any more."""

    job: Transcode | MediaJob
    alive: Callable[[], None]
    folder: Path = field(init=False)
    reported: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.folder = settings.WORK_DIR / "jobs" / folder_name(self.job)  # whoever works makes it

    def due(self, seconds: float) -> bool:
        """Whether the last report is that long ago; if so, the caller is going to report now."""
        if time.monotonic() - self.reported < seconds:
            return False
        self.reported = time.monotonic()
        return True

    def tick(self) -> None:
        """Called about once a second by whatever takes long: a sign of life well before the lease ends."""
        if self.due(min(5, settings.TRANSCODE_LEASE_SECONDS / 4)):
            self.alive()

    def empty(self, name: str) -> Path:
        """An empty folder of the job's own."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def fetch(self, folder: str, rendition: Rendition) -> Path:
        """A stored rendition as a local file."""
        path = self.folder / rendition.name
        if not path.exists():
            media.fetch(media.key_of(folder, rendition.name), path)
        return path

    def clear(self) -> None:
        """Nothing of the job is left on the local disk."""
        shutil.rmtree(self.folder, ignore_errors=True)


def clear_left_behind() -> int:
    """Remove the folders of jobs that are not running any more (a worker was killed). Returns how many. Two queries."""
    folders = settings.WORK_DIR / "jobs"
    if not folders.exists():
        return 0
    there = list(
        folders.iterdir()
    )  # looked at before the rows: a job that begins now is not taken for a dead one
    running: list[Transcode | MediaJob] = [
        *Transcode.objects.filter(state=Transcode.State.RUNNING).only("pk", "lease_token"),
        *MediaJob.objects.filter(state=MediaJob.State.RUNNING).only("pk", "lease_token"),
    ]
    held = {folder_name(job) for job in running}
    stale = [path for path in there if path.name not in held]
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)
    return len(stale)
