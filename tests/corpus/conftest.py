"""The corpus, the site that takes it, and what becomes of every file of it: as it is, and with edit lists.

FULL=1 edits every file in every way of EDITS; otherwise the few of EDITED.
"""

import os
import time
from pathlib import Path

import pytest
import requests
from tusclient import client as tus_client

from tests.videos.conftest import site, token  # noqa: F401  (the same site as the other live tests)

CORPUS = Path(os.environ["MEDIA_CORPUS"]).resolve() if os.environ.get("MEDIA_CORPUS") else None
FULL = bool(os.environ.get("FULL"))

# Seconds, as the corpus' makers state them or independent tools measure them.
VALID = {
    "bt601.mov": 1.06,
    "bunny_720p_sound.mp4": 5.31,
    "edit_list.mp4": 2.55,
    "fragmented.mp4": 1.1,
    "hdr10_av1.mp4": 4.24,
    "hdr_hlg10.mp4": 0.3,
    "mpeg4.avi": 4.09,
    "nasa.mp4": 13.06,
    "pixel7_silent.mp4": 1.21,
    "portrait_4k60.mp4": 0.31,
    "rotated_270.mp4": 4.97,
    "rotated_bunny.mp4": 2.0,
    "sample.mkv": 1.07,
    "transport_stream.ts": 2.5,
    "variable_frame_rate.mp4": 8.73,
    "vp8_60fps.webm": 1.01,
}
SILENT = {"pixel7_silent.mp4", "variable_frame_rate.mp4"}
HOSTILE = {
    "audio_only.mp4": {"no_video"},
    "bitflips.mp4": {"damaged", "incomplete", None},
    "concat_sibling.mp4": {"playlist"},
    "empty.mp4": {"empty"},
    "huge_dimensions.mp4": {"dimensions"},
    "image_named_video.mp4": {"image"},
    "playlist_local_file.avi": {"playlist"},
    "playlist_loopback.mp4": {"playlist"},
    "text.mp4": {"not_media"},
    "truncated.mp4": {"incomplete"},
    "two_hours.mp4": {"too_long"},
}
TOO_LONG = "long_1080p.mp4"


def trimmed(seconds):
    """The middle of a clip, cut to 9:16 a little left of the centre."""
    start, end = round(0.1 * seconds, 3), round(0.8 * seconds, 3)
    return {"trim": {"start": start, "end": end}, "reframe": "crop", "focus_x": 0.3}, end - start


def hurried(seconds):
    """The whole clip at one and a half times its speed, fitted into 9:16."""
    return {"reframe": "blur", "speed": 1.5}, seconds / 1.5


EDITS = {"trimmed": trimmed, "hurried": hurried}  # name → (edit list, seconds that it makes of a clip)
EDITED = [("rotated_270.mp4", "trimmed"), ("transport_stream.ts", "hurried"), ("hdr_hlg10.mp4", "hurried")]
if FULL:
    EDITED = [(name, edit) for name in VALID for edit in EDITS]
LONG_TRIM = {"trim": {"start": 200.5, "end": 206.25}}


class Person:
    """A program that uses the site as any other does."""

    def __init__(self, site, token):  # noqa: F811
        self.site, self.headers = site, {"X-Session-Token": token}

    def publish(self, path, **fields):
        if path.stat().st_size:
            client = tus_client.TusClient(f"{self.site.url}/api/v1/uploads/", headers=self.headers)
            uploader = client.uploader(str(path), chunk_size=1 << 20, metadata={"filename": path.name})
            uploader.upload()
            url = uploader.url
        else:  # tuspy sends nothing for an empty file
            made = requests.post(
                f"{self.site.url}/api/v1/uploads/",
                headers={**self.headers, "Tus-Resumable": "1.0.0", "Upload-Length": "0"},
                timeout=30,
            )
            url = made.headers["Location"]
        body = {"upload": url.rpartition("/")[2], "caption": path.name, **fields}
        answer = requests.post(f"{self.site.url}/api/v1/videos/", json=body, headers=self.headers, timeout=30)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def video(self, number):
        return requests.get(
            f"{self.site.url}/api/v1/videos/{number}/", headers=self.headers, timeout=30
        ).json()

    def get(self, url):
        answer = requests.get(f"{self.site.url}{url}", timeout=60)
        assert answer.status_code == 200
        return answer.content


def pytest_collection_modifyitems(items):
    skip = pytest.mark.skip(reason="MEDIA_CORPUS does not name the folder of real and hostile uploads")
    for item in items:
        if item.get_closest_marker("corpus") and (CORPUS is None or not CORPUS.is_dir()):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def person(site, token):  # noqa: F811
    return Person(site, token)


@pytest.fixture(scope="session")
def every(site, person):  # noqa: F811
    """Everything uploaded by a foreign client and worked on by real workers: (file's name, edit's name) → the API's answer."""
    valid = CORPUS / "valid"
    numbers = {
        (path.name, ""): person.publish(path)
        for path in sorted([*valid.iterdir(), *(CORPUS / "hostile").iterdir()])
    }
    for name, edit in EDITED:
        numbers[name, edit] = person.publish(valid / name, edit=EDITS[edit](VALID[name])[0])
    numbers[TOO_LONG, "trimmed"] = person.publish(valid / TOO_LONG, edit=LONG_TRIM)
    site.worker()
    site.python("from videos.tasks import sweep_transcodes\nsweep_transcodes()")
    ended, deadline = {}, time.monotonic() + (1800 if FULL else 600)
    while len(ended) < len(numbers) and time.monotonic() < deadline:
        for name in numbers.keys() - ended.keys():
            now = person.video(numbers[name])
            if now["state"] in {"ready", "failed"}:
                ended[name] = now
        time.sleep(1)
    missing = numbers.keys() - ended.keys()
    assert not missing, f"no end for {sorted(missing)}"
    return ended


@pytest.fixture(scope="session")
def clips(every):
    """Every file as it is."""
    return {name: clip for (name, edit), clip in every.items() if not edit}


@pytest.fixture(scope="session")
def edited(every):
    """Every file that was edited: (file's name, edit's name) → clip."""
    return {key: clip for key, clip in every.items() if key[1]}
