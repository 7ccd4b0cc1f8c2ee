"""The broker dies, or hangs, while people publish and clips are made: nobody is refused, nothing is lost, no hand is needed.

FULL=1 keeps it away for a minute, as quality.md asks; a few seconds otherwise.
"""

import os
import signal
import time

import pytest
import requests

from tests import redis_server
from tests.videos.clips import clip

from .killing import Person, open_site, partial_files, programs_of, rows, state, wait_for

AWAY = 60 if os.environ.get("FULL") else 6
PROMPT = 20  # seconds: a silent broker costs each of several questions its two seconds, on a busy machine; none may hang
MENDED = 60  # seconds from its return to the clip that plays


class Broker:
    """A Redis-protocol server of our own, on a socket that stays the same."""

    def __init__(self, folder):
        self.folder = folder
        self.process, url = redis_server.start(folder)
        self.url = f"{url}?db=0"

    def go_away(self, how):
        self.process.send_signal(signal.SIGKILL if how == "killed" else signal.SIGSTOP)
        if how == "killed":
            self.process.wait(10)

    def come_back(self, how):
        if how == "killed":
            self.process, _url = redis_server.start(self.folder)
        else:
            self.process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    made = Broker(tmp_path_factory.mktemp("broker"))
    yield made
    made.process.kill()
    made.process.wait(10)


@pytest.fixture(scope="module")
def site(broker):
    made = open_site(0, REDIS_URL=broker.url)
    made.worker()
    yield made
    made.close()


@pytest.fixture
def away(broker):
    """Takes the broker away for a while; it is back at the end of the test in any case."""
    gone = []

    def go(how):
        broker.go_away(how)
        gone.append((how, time.monotonic()))

    def back():
        if gone:
            how, since = gone.pop()
            time.sleep(max(0.0, AWAY - (time.monotonic() - since)))
            broker.come_back(how)

    go.back = back
    yield go
    back()


@pytest.mark.parametrize("how", ["killed", "hung"])
def test_people_publish_while_the_broker_is_away(site, away, how):
    alice, source = Person(site), clip(size="360x640", seconds=2)
    before = len(rows(site, "SELECT id FROM videos_video"))
    away(how)
    took = []

    def promptly(ask):
        began = time.monotonic()
        answer = ask()
        took.append(round(time.monotonic() - began, 1))
        return answer

    url = promptly(lambda: alice.announce(source.stat().st_size))
    assert promptly(lambda: alice.send(url, source.read_bytes(), 0)).status_code == 204
    made = promptly(lambda: alice.publish(url, caption=f"While it was {how}"))
    assert made.status_code == 201, made.text
    assert promptly(lambda: alice.publish(url)).json()["id"] == made.json()["id"]
    for path in ("/api/v1/feeds/for-you/", "/", "/api/v1/users/alice/videos/"):
        answer = promptly(lambda path=path: requests.get(site.url + path, timeout=60))
        assert answer.status_code == 200, path
    assert promptly(lambda: requests.get(f"{site.url}/readyz", timeout=60)).status_code == 503
    away.back()
    back = time.monotonic()
    video = made.json()["id"]
    assert wait_for(lambda: state(site, video)["state"] == "ready", MENDED), state(site, video)
    print(f"broker {how} for {AWAY} s: answers in {took} s, ready {time.monotonic() - back:.1f} s after")
    assert max(took) < PROMPT
    assert partial_files(site, alice, video) == []
    assert len(rows(site, "SELECT id FROM videos_video")) == before + 1


@pytest.mark.parametrize("how", ["killed", "hung"])
def test_a_clip_under_way_is_finished_though_the_broker_goes(site, away, how):
    alice = Person(site)
    one_key_frame = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "1000")
    video = alice.upload_and_publish(
        clip("way.mp4", size="720x1280", seconds=8, rate=24, video=one_key_frame)
    )
    assert wait_for(lambda: programs_of(site), 30, 0.02)
    away(how)
    away.back()
    back = time.monotonic()
    assert wait_for(lambda: state(site, video)["job"] in {"done", "failed"}, MENDED), state(site, video)
    print(f"broker {how} in mid-clip: ready {time.monotonic() - back:.1f} s after its return")
    now = state(site, video)
    assert (now["state"], now["error_code"]) == ("ready", "")
    assert partial_files(site, alice, video) == []
