"""What the drills with kill -9 share: a site with server, workers and beat, and a judge of whatever it lets people fetch."""

import base64
import contextlib
import functools
import hashlib
import io
import os
import re
import shutil
import signal
import sqlite3
import struct
import tempfile
import time
from pathlib import Path

import av
import requests
from PIL import Image

from tests.videos.live import Site

LEASE = 5  # seconds, the shortest that the site allows; the product's default is 30, and this is about what happens
SECRET = "only-for-drills-" + "z" * 20
TUS = {"Tus-Resumable": "1.0.0"}
OCTETS = "application/offset+octet-stream"
_NAME = re.compile(r"[a-z0-9_-]{1,60}\.(?:mp4|m4a|m3u8|webp|jpg|vtt)\Z")


class DrillSite(Site):
    """A site whose published files may be elsewhere."""

    files: Path

    def close(self):
        super().close()
        shutil.rmtree(self.files, ignore_errors=True)


def open_site(database, people=("alice",), **settings):
    """A site that serves, with its timetable running; workers are started by the drill.

    KILL_STORE=folder keeps published files there: on another file system than the work, where publishing copies.
    """
    if store := os.environ.get("KILL_STORE"):
        settings["STORAGE_URL"] = f"file://{tempfile.mkdtemp(prefix='glint-store-', dir=store)}"
    site = DrillSite(
        people=people,
        database=database,
        TRANSCODE_LEASE_SECONDS=LEASE,
        MEDIA_SECRET=SECRET,
        **settings,
    )
    site.files = Path(settings["STORAGE_URL"].removeprefix("file://")) if store else site.folder / "files"
    site.serve()
    site.start(
        *("-m", "celery", "-q", "-A", "socialapp", "beat", "--loglevel", "error"),
        *("-s", str(site.folder / "beat"), "--pidfile="),
    )
    return site


def kill(process):
    """What a power cut does to a process and its children: all of them at once, without a word."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def wait_for(what, seconds, step=0.1):
    """The first true answer of `what()`, or None when the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := what():
            return result
        time.sleep(step)
    return None


def programs_of(site):
    """Processes of ffmpeg and of the check that work for this site, by their folder in the command line."""
    folder = str(site.folder).encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes()
        except OSError:
            continue
        if folder in words and (b"ffmpeg" in words or b"probe_child" in words) and b"bwrap" not in words:
            found.append(int(entry.parent.name))
    return found


# --- What the database says ------------------------------------------------------------------------------------------


def rows(site, statement, *values):
    """Read straight from the file: starting Django for each look would take longer than the clip."""
    with contextlib.closing(sqlite3.connect(site.folder / "db.sqlite3", timeout=20)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(statement, values)]


def state(site, video):
    """The clip and its job as they are now."""
    [row] = rows(
        site,
        "SELECT v.state, v.folder, v.original, v.cover, v.playlist, v.sound_id, v.upload_id, v.error_code, "
        "t.state AS job, t.stage, t.attempts, t.log "
        "FROM videos_video v JOIN videos_transcode t ON t.video_id = v.id WHERE v.id = ?",
        video,
    )
    made = rows(
        site, "SELECT name, short_side FROM videos_rendition WHERE video_id = ? ORDER BY short_side", video
    )
    return row | {"renditions": [one["short_side"] for one in made], "names": [one["name"] for one in made]}


# --- What people can fetch ------------------------------------------------------------------------------------------


class Person:
    """A program that uses the JSON API with a session token."""

    def __init__(self, site, name="alice"):
        self.site = site
        self.headers = {"X-Session-Token": site.token(name)}

    def get(self, path):
        return requests.get(f"{self.site.url}{path}", headers=self.headers, timeout=30)

    def video(self, number):
        return self.get(f"/api/v1/videos/{number}/").json()

    def announce(self, length, name="clip.mp4"):
        told = base64.b64encode(name.encode()).decode()
        headers = {**self.headers, **TUS, "Upload-Length": str(length), "Upload-Metadata": f"filename {told}"}
        made = requests.post(f"{self.site.url}/api/v1/uploads/", headers=headers, timeout=30)
        assert made.status_code == 201, made.text[:3000]
        return made.headers["Location"]

    def offset(self, url):
        return int(requests.head(url, headers={**self.headers, **TUS}, timeout=30).headers["Upload-Offset"])

    def send(self, url, data, at):
        headers = {**self.headers, **TUS, "Upload-Offset": str(at), "Content-Type": OCTETS}
        return requests.patch(url, headers=headers, data=data, timeout=60)

    def publish(self, url, **fields):
        body = {"upload": url.rstrip("/").rpartition("/")[2], **fields}
        return requests.post(f"{self.site.url}/api/v1/videos/", json=body, headers=self.headers, timeout=30)

    def upload_and_publish(self, path, **fields):
        url = self.announce(path.stat().st_size, path.name)
        assert self.send(url, path.read_bytes(), 0).status_code == 204
        answer = self.publish(url, **fields)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]


def addresses(told):
    """Every address of a media file anywhere in an answer of the API."""
    if isinstance(told, dict):
        return {address for value in told.values() for address in addresses(value)}
    if isinstance(told, list):
        return {address for value in told for address in addresses(value)}
    return {told} if isinstance(told, str) and "/media/" in told else set()


def signed(folder, name):
    """An address as the site would sign it, also for files that it never named to anybody."""
    expires = (int(time.time()) // 1800 + 2) * 1800
    digest = hashlib.md5(f"{expires}/{folder} {SECRET}".encode()).digest()
    return f"/media/{expires}/{base64.urlsafe_b64encode(digest).decode().rstrip('=')}/{folder}/{name}"


def partial_files(site, person, video):
    """What is wrong with the files that exist of this clip or whose address was told: [] when each is whole or a 404."""
    now = state(site, video)
    wrong = []
    answers = [person.video(video), requests.get(f"{site.url}/api/v1/videos/{video}/", timeout=30).json()]
    told = {address for answer in answers for address in addresses(answer)}
    folders = {now["folder"]} | {address.split("/")[-2] for address in told}
    for folder in folders:
        lying = site.files / "clips" / folder
        for path in lying.glob("*") if lying.is_dir() else []:
            told.add(signed(folder, path.name))
    for address in told | {signed(now["folder"], now["original"] or "original.mp4")}:
        answer = requests.get(site.url + address, timeout=30)
        name = address.rpartition("/")[2]
        if answer.status_code == 404:
            if name in now["names"] + [now["cover"], now["playlist"]]:
                wrong.append(f"{name} is named and not there")
        elif answer.status_code != 200 or not _NAME.match(name) or name.startswith("original"):
            wrong.append(f"{name}: {answer.status_code}")
        elif flaw := flaw_of(name, answer.content, functools.partial(_beside, site, address)):
            wrong.append(f"{name}: {flaw}")
    return wrong


def _beside(site, address, name):
    answer = requests.get(f"{site.url}{address.rpartition('/')[0]}/{name}", timeout=30)
    return answer.content if answer.status_code == 200 else None


def flaw_of(name, data, beside=None):
    """Why this file is not whole; empty when it is. `beside(name)` gives the bytes of a file in the same folder, or None."""
    kind = name.rpartition(".")[2]
    try:
        if kind in {"mp4", "m4a"}:
            return _flaw_of_mp4(data)
        if kind == "m3u8":
            return _flaw_of_playlist(data.decode(), beside)
        if kind in {"webp", "jpg"}:
            Image.open(io.BytesIO(data)).load()
        if kind == "vtt" and not data.startswith(b"WEBVTT"):
            return "not captions"
    except (OSError, ValueError, av.FFmpegError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _flaw_of_mp4(data):
    at, kinds, promised = 0, [], 0.0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data.ljust(at + 8, b"\0"), at)
        if size < 8 or at + size > len(data):
            return f"box {kind} at {at} reaches past the end"
        if kind == b"sidx" and not promised:
            scale = struct.unpack_from(">I", data, at + 16)[0]
            head = 28 if data[at + 8] == 0 else 36
            for number in range(struct.unpack_from(">H", data, at + head + 2)[0]):
                promised += struct.unpack_from(">I", data, at + head + 4 + 12 * number + 4)[0] / scale
        kinds.append(kind)
        at += size
    if b"moov" not in kinds:
        return "no moov"
    with av.open(io.BytesIO(data)) as container:
        stream = (container.streams.video or container.streams.audio)[0]
        times = [frame.time for frame in container.decode(stream)]
    if not times or (promised and times[-1] - times[0] < 0.9 * promised - 0.2):
        return f"{len(times)} frames to {times[-1] if times else 0:.2f} s of {promised:.2f}"
    return ""


def _flaw_of_playlist(text, beside):
    lines = text.splitlines()
    files = {line for line in lines if line and not line.startswith("#")}
    if not text.startswith("#EXTM3U") or not files:
        return "no playlist"
    ranges = [
        tuple(map(int, line.partition(":")[2].split("@")))
        for line in lines
        if line.startswith("#EXT-X-BYTERANGE")
    ]
    if ranges and lines[-1] != "#EXT-X-ENDLIST":
        return "no end"
    for name in files if beside is not None else ():
        there = beside(name)
        if there is None:
            return f"names {name}, which is not there"
        if name.endswith(".m3u8") and (flaw := _flaw_of_playlist(there.decode(), beside)):
            return f"{name}: {flaw}"
        if any(offset + size > len(there) for size, offset in ranges):
            return f"names bytes past the end of {name}"
    return ""
