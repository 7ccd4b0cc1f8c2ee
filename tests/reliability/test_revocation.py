"""Whoever loses a right loses it at once: sockets are closed or silent within 2 s, media is refused within 60 s.

Measured from the answer to the deed, on a site with real processes. REVOCATIONS=200 for quality.md's number (10 otherwise);
`-s` prints the distribution.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.videos.live import ROOT, Site

TOTAL = int(os.environ.get("REVOCATIONS", "10"))
DEEDS = ("log_out", "block", "private", "ban", "delete")
ROUNDS = max(1, TOTAL // len(DEEDS))
SOCKET_SECONDS, MEDIA_SECONDS = 2.0, 60.0

pytestmark = pytest.mark.xdist_group("revocation")


class Hand:
    """tests/reliability/revoking.py as a running process: `hand.ban("alice")`."""

    def __init__(self, site):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.revoking"],
            cwd=ROOT,
            env=site.environment | {"DJANGO_SETTINGS_MODULE": "socialapp.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lock = threading.Lock()

    def __getattr__(self, deed):
        def do(*arguments):
            with self.lock:
                self.process.stdin.write(json.dumps([deed, *arguments]) + "\n")
                self.process.stdin.flush()
                said = json.loads(self.process.stdout.readline())
            assert "error" not in said, said["error"]
            return said["answer"]

        return do

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)


class Ear:
    """A socket that listens in a thread and remembers when it last heard something of somebody, and when it was closed."""

    def __init__(self, site, session):
        self.heard, self.closed, self.frames = 0.0, None, 0
        self.socket = connect(
            site.url.replace("http", "ws") + "/ws/",
            additional_headers={"X-Session-Token": session},
            compression=None,
        )
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        try:
            for text in self.socket:
                if json.loads(text)["type"] in {"typing", "message.new", "notification.new"}:
                    self.heard = time.monotonic()
                    self.frames += 1
        except ConnectionClosed:
            pass
        self.closed = time.monotonic()

    def say(self, **frame):
        with contextlib.suppress(ConnectionClosed):
            self.socket.send(json.dumps(frame))

    def close(self):
        self.socket.close()


@pytest.fixture(scope="module")
def live():
    names = ("alice", "bob", "mod")
    limits = ",".join(
        f"{name}=100000/1" for name in ("follow", "message", "message_to_stranger", "like", "edit", "comment")
    )
    site = Site(people=names, database=58, RATE_LIMITS=limits)
    site.serve()
    site.worker()
    hand = Hand(site)
    hand.staff("mod")
    hand.follows("bob", "alice")
    room = hand.talk("alice", "bob")
    yield SimpleNamespace(site=site, hand=hand, room=room, waits=[])
    hand.close()
    site.close()


class Caller:
    """The JSON API as one person uses it."""

    def __init__(self, live, name):
        self.live, self.session = live, live.hand.session(name)
        self.headers = {"X-Session-Token": self.session}

    def ask(self, method, path, **body):
        return requests.request(
            method, f"{self.live.site.url}{path}", json=body or None, headers=self.headers, timeout=30
        )

    def media(self, video):
        shown = self.ask("GET", f"/api/v1/videos/{video}/").json()
        return self.live.site.url + shown["playback"]["mp4"][0]["url"].replace(self.live.site.url, "")


def chatter(speaker, room, ended):
    """Somebody types all the time: whoever may hear it hears it twenty times a second."""
    while not ended.wait(0.06):
        speaker.say(type="typing", conversation=room)


def refused_after(address, since, deadline=75.0):
    """Seconds from `since` until the address is refused for good; polled twice a second."""
    while time.monotonic() - since < deadline:
        answer = requests.get(address, timeout=10, headers={"Range": "bytes=0-0"})
        if answer.status_code == 404:
            return time.monotonic() - since
        time.sleep(0.5)
    return float("inf")


def log_out(live, alice, bob, ear):
    answer = bob.ask("DELETE", "/_allauth/app/v1/auth/session")
    assert answer.status_code == 401  # allauth's word for "logged out now"


def block(live, alice, bob, ear):
    assert alice.ask("POST", "/api/v1/users/bob/block/").status_code == 200


def private(live, alice, bob, ear):
    answer = alice.ask("PATCH", "/api/v1/me/privacy/", is_private=True)
    assert answer.status_code == 200, answer.text


def ban(live, alice, bob, ear):
    live.hand.ban("bob")


def delete(live, alice, bob, ear):
    live.hand.delete("bob")


def undo(live, deed, alice):
    match deed:
        case "block":
            live.hand.unblock("alice", "bob")
            live.hand.follows("bob", "alice")
        case "private":
            assert alice.ask("PATCH", "/api/v1/me/privacy/", is_private=False).status_code == 200
        case "ban":
            live.hand.reinstate("bob")
        case "delete":
            live.hand.restore("bob")


def distribution(name, values):
    values = sorted(values)
    middle = values[len(values) // 2]
    print(f"{name}: n={len(values)} median={middle:.3f} s max={values[-1]:.3f} s")


def run(live, deed):
    """One revocation: (socket seconds or None, [(what, address, when)] to be refused later)."""
    alice, bob = Caller(live, "alice"), Caller(live, "bob")
    # Whose files are looked at by whom: bob watches a clip for followers; everybody a public one of whoever goes.
    inner = live.hand.clip("alice", "followers")
    watched = [("followers' clip", bob.media(inner))] if deed == "block" else []
    if deed in {"ban", "delete", "private"}:
        goer = "alice" if deed == "private" else "bob"
        watched.append(("public clip", Caller(live, goer).media(live.hand.clip(goer))))
    ear, mouth = Ear(live.site, bob.session), Ear(live.site, alice.session)
    ended = threading.Event()
    talking = threading.Thread(target=chatter, args=(mouth, live.room, ended), daemon=True)
    talking.start()
    try:
        for _attempt in range(100):
            if ear.frames >= 3:
                break
            time.sleep(0.05)
        assert ear.frames >= 3, "nothing is heard before: the silence after would prove nothing"
        for _what, address in watched:
            assert requests.get(address, timeout=10).status_code == 200
        globals()[deed](live, alice, bob, ear)
        done = time.monotonic()
        time.sleep(SOCKET_SECONDS + 0.5)
        if deed == "private":
            took = None  # their conversation goes on
        elif deed == "block":
            took = max(0.0, ear.heard - done)
        else:
            took = max(0.0, ear.closed - done) if ear.closed else float("inf")
    finally:
        ended.set()
        talking.join()
        ear.close()
        mouth.close()
    left = [(what, address, done) for what, address in watched]
    return took, left


@pytest.mark.parametrize("deed", DEEDS)
def test_a_right_that_is_taken_away_is_gone(deed, live):
    sockets, refusals, threads = [], [], []

    def follow_up(address, since):
        refusals.append(refused_after(address, since))

    for _round in range(ROUNDS):
        took, left = run(live, deed)
        if took is not None:
            sockets.append(took)
        # An address lives on its own from here, so the next round need not wait for it.
        for _what, address, since in left:
            threads.append(threading.Thread(target=follow_up, args=(address, since)))
            threads[-1].start()
        undo(live, deed, Caller(live, "alice"))
    for thread in threads:
        thread.join()
    if sockets:
        distribution(f"{deed}: socket", sockets)
        assert max(sockets) <= SOCKET_SECONDS
    if refusals:
        distribution(f"{deed}: media", refusals)
        assert max(refusals) <= MEDIA_SECONDS
    assert sockets or refusals


def test_a_deleted_clip_is_refused_at_once(live):
    """Deleting, and taking back to oneself alone: nobody waits for an address to run out."""
    taken = []
    for number in range(max(2, ROUNDS)):
        alice, bob = Caller(live, "alice"), Caller(live, "bob")
        video = live.hand.clip("alice")
        address = bob.media(video)
        assert requests.get(address, timeout=10).status_code == 200
        if number % 2:
            assert alice.ask("DELETE", f"/api/v1/videos/{video}/").status_code == 204
        else:
            answer = alice.ask("PATCH", f"/api/v1/videos/{video}/", audience="only_me")
            assert answer.status_code == 200
        taken.append(refused_after(address, time.monotonic()))
    distribution("clip deleted or closed: media", taken)
    assert max(taken) <= 5
