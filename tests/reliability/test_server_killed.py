"""Kill -9 of the web server while bytes of an upload travel: what arrived stays, the rest follows, one clip comes of it.

KILL_POINTS=20 (3 otherwise) moments are drawn from the whole act of a client that announces, sends, and publishes, and
that tries again whatever breaks off. Every second client publishes first and sends then. KILL_SEED=n draws other moments.
"""

import hashlib
import itertools
import os
import random
import threading
import time

import pytest
import requests

from tests.videos.clips import clip

from .killing import Person, kill, open_site, partial_files, rows, state, wait_for

POINTS = int(os.environ.get("KILL_POINTS", "3"))
SEED = int(os.environ.get("KILL_SEED", "7"))
SENDING = 2.0  # seconds that the bytes take
PIECE = 64 << 10


class Server:
    """The site's web server, whichever process it is now."""

    def __init__(self, site):
        self.site, self.process = site, site.processes[0]

    def kill_and_start(self):
        kill(self.process)
        self.process = self.site.serve()


class Client:
    """Sends a file slowly, and begins again where the server says, as often as it takes."""

    def __init__(self, person, data, caption, early):
        self.person, self.data, self.caption, self.early = person, data, caption, early
        self.sent, self.rounds, self.offsets = 0, 0, [0]

    def act(self):
        url = self.until_answered(lambda: self.person.announce(len(self.data)))
        if self.early:  # the page may be closed before the bytes have come
            made = self.until_answered(lambda: self.person.publish(url, caption=self.caption))
        while (at := self.until_answered(lambda: self.person.offset(url))) < len(self.data):
            self.rounds += 1
            # The server never claims bytes that were not sent, and never loses what it had claimed.
            assert self.offsets[-1] <= at <= self.sent, (self.offsets, at, self.sent)
            self.offsets.append(at)
            try:
                answer = self.person.send(url, self.pieces(at), at)
                assert answer.status_code in {204, 409, 423}, (
                    answer.text
                )  # 423: the dead server's last breath
            except requests.RequestException:
                time.sleep(0.1)
        if not self.early:
            made = self.until_answered(lambda: self.person.publish(url, caption=self.caption))
        assert made.status_code in {200, 201}, made.text
        return made.json()["id"]

    def pieces(self, at):
        for start in range(at, len(self.data), PIECE):
            piece = self.data[start : start + PIECE]
            self.sent = max(self.sent, start + len(piece))
            yield piece
            time.sleep(SENDING * PIECE / len(self.data))

    def until_answered(self, ask):
        """The answer of a request that may be repeated; the server may be away for a while."""
        for attempt in itertools.count():
            try:
                return ask()
            except requests.RequestException:
                assert attempt < 300, "the server did not come back"
                time.sleep(0.1)
        return None


@pytest.fixture(scope="module")
def site():
    made = open_site(62, RATE_LIMITS="upload=10000/3600")
    yield made
    made.close()


@pytest.fixture(scope="module")
def source():
    return clip("sent.mp4", size="360x640", seconds=14, rate=30)


def test_an_upload_survives_the_death_of_the_server(site, source, record_property):
    alice, server, dice = Person(site), Server(site), random.Random(SEED)
    data, videos, resumed = source.read_bytes(), [], []
    for point in range(POINTS):
        client, made = Client(alice, data, f"Sent {point}", early=bool(point % 2)), []
        sender = threading.Thread(target=lambda client=client, made=made: made.append(client.act()))
        sender.start()
        time.sleep(dice.uniform(0, SENDING * 1.15))
        server.kill_and_start()
        sender.join(120)
        assert made, "the client gave up"
        resumed.append(client.offsets[1:])
        [row] = rows(site, "SELECT id, upload_id FROM videos_video WHERE caption = ?", client.caption)
        assert str(row["id"]) == made[0]
        arrived = (site.folder / "work" / "uploads" / row["upload_id"]).read_bytes()
        assert hashlib.sha256(arrived).digest() == hashlib.sha256(data).digest()
        videos.append(made[0])
        assert partial_files(site, alice, made[0]) == []
        # The answer to the last request got lost, for all the client knows: asking again makes no second clip.
        again = alice.publish(f"/{row['upload_id']}", caption=client.caption)
        assert again.json()["id"] == made[0]
    told = f"{POINTS} kills of the server; offsets after them {resumed} of {len(data)} bytes"
    print(told)
    record_property("kills", told)
    assert len(rows(site, "SELECT id FROM videos_video")) == POINTS
    worker = site.worker()
    for video in videos:
        assert wait_for(lambda video=video: state(site, video)["state"] == "ready", 120), state(site, video)
        assert partial_files(site, alice, video) == []
        [original] = (site.files / "originals" / state(site, video)["folder"]).iterdir()
        assert original.read_bytes() == data
    kill(worker)


def test_half_an_upload_is_nowhere_to_be_had(site, source):
    """Nothing leads to bytes whose clip is not made yet, for their owner neither."""
    alice, data = Person(site), source.read_bytes()
    url = alice.announce(len(data))
    alice.send(url, data[: len(data) // 2], 0)
    name = url.rpartition("/")[2]
    tries = [
        f"/media/{name}",
        f"/media/uploads/{name}",
        f"/uploads/{name}",
        f"/api/v1/uploads/{name}",
        url[len(site.url) :],
    ]
    for path in tries:
        answer = alice.get(path)
        assert answer.status_code in {401, 404, 405} or data[:64] not in answer.content, path
        assert data[1000:1100] not in answer.content
    answer = alice.publish(url, caption="Too soon")
    if answer.status_code == 201:  # a clip may wait for its bytes; it shows nothing meanwhile
        assert partial_files(site, alice, answer.json()["id"]) == []
        assert not alice.video(answer.json()["id"])["playback"]["mp4"]
    else:
        assert answer.status_code == 409
