"""A full disk and a disk that became read-only, with real file systems of a few megabytes (root on Linux; elsewhere skipped).

Nothing that was acknowledged is lost, people read whose fault it is, and everything goes on by itself once there is room.
"""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from socialapp.lib import sandbox
from tests.videos.clips import clip
from videos import jobs, media, uploads
from videos.models import Transcode

TUS = {"HTTP_TUS_RESUMABLE": "1.0.0"}
PERIOD = timedelta(minutes=5)  # longer than any lease


class SmallDisk:
    """A file system of its own in memory, whose size and writability can change."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self._run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder))

    def _run(self, *command):
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.decode().strip()}")

    def fill(self):
        """Not a block is left."""
        with (self.folder / "filling").open("ab", buffering=0) as file:
            size = 1 << 20
            while size >= 4096:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    size //= 2

    def empty(self):
        (self.folder / "filling").unlink()

    def leave(self, size):
        """Fill it but for about `size` bytes."""
        self.fill()
        os.truncate(self.folder / "filling", (self.folder / "filling").stat().st_size - size)

    def read_only(self, yes):
        self._run("mount", "-o", "remount,ro" if yes else "remount,rw", str(self.folder))

    def close(self):
        subprocess.run(["umount", "-l", str(self.folder)], check=False)


@pytest.fixture
def disk(tmp_path):
    if sys.platform != "linux":
        pytest.skip("needs mount(8)")
    made = SmallDisk(tmp_path / "disk")
    yield made
    made.close()


@pytest.fixture
def working_disk(disk, settings, monkeypatch):
    """Uploads and conversions are on the small disk."""
    settings.WORK_DIR = disk.folder
    monkeypatch.setattr(uploads, "SPARE_BYTES", 0)
    return disk


@pytest.fixture
def storing_disk(disk, settings):
    """Published files are on the small disk."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(disk.folder)},
        },
    }
    return disk


@pytest.fixture
def again(work):
    """Work on what waits, as after the longest time that a given-back clip waits."""

    def do(video):
        Transcode.objects.filter(pk=video.pk, state="running").update(lease_until=timezone.now() - PERIOD)
        return work(video)

    return do


def heavy():
    """Its renditions take far more than a few blocks; it cannot be copied."""
    one_key_frame = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "40", "-g", "1000")
    return clip("heavy.mp4", size="360x640", seconds=6, rate=10, video=one_key_frame)


def waits_without_blame(video):
    job = Transcode.objects.get(pk=video.pk)
    assert (video.state, video.error_code) == ("processing", ""), (video.error_code, job.log[-500:])
    assert job.state in {"queued", "running"}
    return job


@pytest.mark.parametrize(
    ("code", "words"), [(228, "No space left on device"), (226, "Read-only file system")]
)
def test_a_disk_that_takes_nothing_is_not_taken_for_a_damaged_file(
    cast, publish, again, monkeypatch, code, words
):
    """What ffmpeg says on such a disk, on machines where none can be mounted."""
    video, real = publish(cast.alice, heavy()), sandbox.run

    def refused(argv, **options):
        return sandbox.Ending(code, log=words) if "ffmpeg" in argv[0] else real(argv, **options)

    with monkeypatch.context() as patched:
        patched.setattr(sandbox, "run", refused)
        for _attempt in range(jobs.ATTEMPTS + 1):
            assert words in waits_without_blame(again(video)).log
    assert again(video).state == "ready"


def test_a_clip_waits_while_the_disk_for_work_is_full(cast, publish, again, working_disk):
    video = publish(cast.alice, heavy())
    working_disk.leave(150_000)
    for _attempt in range(jobs.ATTEMPTS + 1):  # a full disk takes longer to mend than a few attempts
        job = waits_without_blame(again(video))
        assert "No space left" in job.log
    assert not list((working_disk.folder / "jobs").iterdir())
    working_disk.empty()
    assert again(video).state == "ready"


def test_a_clip_waits_while_the_store_is_full(cast, publish, again, storing_disk):
    video = publish(cast.alice, heavy())
    storing_disk.fill()
    for _attempt in range(jobs.ATTEMPTS + 1):
        waits_without_blame(again(video))
        assert not video.renditions.exists()
    # Nothing half written stands where people could get it, nor fills the disk further.
    assert not [path for path in (storing_disk.folder / "clips").rglob("*") if path.is_file()]
    storing_disk.empty()
    assert again(video).state == "ready"
    folder = default_storage.path(media.key_of(video.folder, ""))
    assert not list(jobs.Path(folder).glob(".*"))


def test_a_clip_waits_while_the_store_is_read_only(cast, publish, again, storing_disk):
    video = publish(cast.alice, heavy())
    storing_disk.read_only(True)
    for _attempt in range(jobs.ATTEMPTS + 1):
        waits_without_blame(again(video))
    storing_disk.read_only(False)
    assert again(video).state == "ready"


@pytest.mark.parametrize("fault", ["full", "read_only"])
def test_an_upload_is_refused_in_words_and_goes_on_later(cast, api, working_disk, fault):
    alice, data = api.as_(cast.alice), b"0123456789" * 2000
    made = alice.post("/api/v1/uploads/", HTTP_UPLOAD_LENGTH=str(len(data)), **TUS)
    assert made.status_code == 201
    url = made["Location"].removeprefix("http://testserver")

    def send(at):
        return alice.patch(
            url,
            data=data[at:],
            content_type="application/offset+octet-stream",
            HTTP_UPLOAD_OFFSET=str(at),
            **TUS,
        )

    working_disk.fill() if fault == "full" else working_disk.read_only(True)
    refused = send(0)
    assert (refused.status_code, refused.json()["error"]["code"]) in {
        (507, "storage_full"),
        (503, "unavailable"),
    }
    another = alice.post("/api/v1/uploads/", HTTP_UPLOAD_LENGTH=str(10 << 20), **TUS)
    assert another.status_code in {507, 503}
    assert alice.get("/api/v1/users/alice/").status_code == 200  # reads go on
    working_disk.empty() if fault == "full" else working_disk.read_only(False)
    at = int(alice.head(url, **TUS)["Upload-Offset"])
    assert send(at).status_code == 204
    assert (working_disk.folder / "uploads" / url.rstrip("/").rpartition("/")[2]).read_bytes() == data
