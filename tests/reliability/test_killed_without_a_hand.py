"""The site as `make up` starts it: its media worker is killed in mid-transcode, and nobody does anything."""

import time

import pytest
import requests

from tests.stack.running import embedded
from tests.videos.clips import clip

TUS = {"Tus-Resumable": "1.0.0"}
PEOPLE = (
    "from accounts.models import User; User.objects.create_user('alice', 'a@example.com', 'demo-password')"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    # A short lease: the test is about what happens, not about the product's half a minute.
    with embedded(tmp_path_factory.mktemp("killed"), TRANSCODE_LEASE_SECONDS="5") as site:
        site.manage("shell", "-c", PEOPLE)
        yield site


@pytest.fixture
def alice(site):
    """Alice's program: the JSON API with her session token."""
    session = requests.Session()
    answer = session.post(
        f"{site.url}/_allauth/app/v1/auth/login",
        json={"username": "alice", "password": "demo-password"},
        timeout=30,
    )
    session.headers["X-Session-Token"] = answer.json()["meta"]["session_token"]
    return session


def publish(alice, site, file):
    made = alice.post(
        f"{site.url}/api/v1/uploads/", headers={**TUS, "Upload-Length": str(file.stat().st_size)}, timeout=30
    )
    url = made.headers["Location"]
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert alice.patch(url, data=file.read_bytes(), headers=headers, timeout=60).status_code == 204
    upload = url.rstrip("/").rpartition("/")[2]
    answer = alice.post(
        f"{site.url}/api/v1/videos/", json={"upload": upload, "caption": "Killed"}, timeout=30
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def look(alice, site, video):
    return alice.get(f"{site.url}/api/v1/videos/{video}/", timeout=30).json()


def until(what, truth, seconds):
    end = time.monotonic() + seconds
    while not (found := truth()):
        assert time.monotonic() < end, f"{what} did not happen in {seconds} s"
        time.sleep(0.1)
    return found


def test_a_killed_worker_delays_a_clip_and_loses_nothing(site, alice):
    source = clip("long.mp4", size="720x1280", seconds=20)
    video = publish(alice, site, source)

    def in_the_ladder():
        now = look(alice, site, video)
        assert now["state"] == "processing", "the clip was ready before the worker could be killed"
        return now["progress"]["stage"] == "ladder"

    until("the ladder", in_the_ladder, 60)
    site.kill("media")
    ready = until("the clip", lambda: (now := look(alice, site, video))["state"] == "ready" and now, 120)
    heights = [rendition["height"] for rendition in ready["playback"]["mp4"]]
    assert heights == sorted(set(heights), reverse=True)
    assert len(heights) >= 2
    own = alice.get(f"{site.url}/api/v1/users/alice/videos/", timeout=30).json()["results"]
    assert [one["id"] for one in own] == [video]
    for rendition in ready["playback"]["mp4"]:
        assert len(requests.get(site.url + rendition["url"], timeout=30).content) > 10_000
