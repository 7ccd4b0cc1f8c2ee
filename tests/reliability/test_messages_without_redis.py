"""Redis dies, or hangs, while people write: no message that was acknowledged is lost, and open sockets recover by themselves.

REDIS_AWAY=60 for quality.md's minute (5 seconds otherwise); `-s` prints what happened.
"""

import asyncio
import os
import signal
import time

import pytest
import requests

from tests import redis_server
from tests.videos.live import Site

from .conversing import Reader, Writer, dice_of

AWAY = float(os.environ.get("REDIS_AWAY", "5"))
BEFORE, AFTER = 3, 5  # seconds of writing around it
RECOVERED = 60  # seconds from its return until every client knows everything
NAMES = ("alice", "bob", "carol", "dave")
WRITERS = 3


class Broker:
    """A Redis-protocol server of our own, on a socket that stays the same."""

    def __init__(self, folder):
        self.folder = folder
        self.process, url = redis_server.start(folder)
        self.url = f"{url}?db=0"

    def go(self, how):
        self.process.send_signal(signal.SIGKILL if how == "killed" else signal.SIGSTOP)
        if how == "killed":
            self.process.wait(10)

    def come_back(self, how):
        if how == "killed":
            self.process, _url = redis_server.start(self.folder)
        else:
            self.process.send_signal(signal.SIGCONT)


MADE = """
from django.test import Client
from django.utils import timezone
from accounts.models import Follow, User
from messaging import actions
people = {name: User.objects.get(username=name) for name in %r}
for one in people.values():
    for other in people.values():
        if one != other:
            now = {"state": "accepted", "accepted_at": timezone.now()}
            Follow.objects.get_or_create(follower=one, followed=other, defaults=now)
rooms = {}
for one, other in (("alice", "bob"), ("carol", "dave"), ("alice", "carol")):
    rooms[str(actions.open_conversation(people[one], [other])[0].pk)] = [one, other]
group = actions.start_group(people["alice"], ["bob", "carol", "dave"], "All of us")
rooms[str(group.pk)] = list(people)
sessions = {}
for name, person in people.items():
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    sessions[name] = client.session.session_key
answer = {"rooms": rooms, "sessions": sessions}
"""
HELD = """
from messaging.models import Message
answer = {}
facts = ("conversation", "seq", "change", "client_id", "kind")
for room, *rest in Message.objects.order_by("seq").values_list(*facts):
    answer.setdefault(str(room), []).append(rest)
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    made = Broker(tmp_path_factory.mktemp("broker"))
    yield made
    made.process.send_signal(signal.SIGCONT)
    made.process.kill()
    made.process.wait(10)


@pytest.fixture(scope="module")
def site(broker):
    limits = ",".join(f"{name}=1000000/60" for name in ("message", "like", "write", "group"))
    made = Site(people=NAMES, REDIS_URL=broker.url, RATE_LIMITS=limits)
    made.serve()
    yield made
    made.close()


async def _write(writer, rooms, dice, stop, took):
    """One message after the other until `stop`; how long each answer took."""
    while not stop.is_set():
        began = time.monotonic()
        await asyncio.to_thread(writer.write, dice, dice.choice(rooms))
        took.append((began, time.monotonic() - began))
        await asyncio.sleep(0.15)


def refusals(site):
    """What people are told where nothing can be done without Redis."""
    began = time.monotonic()
    log_in = requests.post(
        f"{site.url}/_allauth/app/v1/auth/login",
        json={"username": "bob", "password": "demo-password"},
        timeout=60,
    )
    ready = requests.get(f"{site.url}/readyz", timeout=60)
    return log_in.status_code, log_in.text, ready.status_code, time.monotonic() - began


def gaps(readers, held):
    """(client, conversation) where what a client knows is not what the database holds."""
    wrong = []
    for reader in readers.values():
        for number, room in reader.rooms.items():
            want = {seq: change for seq, change, _client_id, _kind in held.get(number, [])}
            if {seq: card["change"] for seq, card in room.cards.items()} != want:
                wrong.append((reader.name, number))
    return wrong


@pytest.mark.parametrize("how", ["killed", "hung"])
async def test_no_acknowledged_message_is_lost_and_sockets_recover(how, site, broker, record_property):
    made = await asyncio.to_thread(site.python, MADE % (NAMES,))
    rooms, sessions, dice = made["rooms"], made["sessions"], dice_of(how)
    readers = {
        name: Reader(
            name,
            sessions[name],
            [site.url],
            [r for r, names in rooms.items() if name in names],
            dice_of(name),
        )
        for name in NAMES
    }
    writer, stop, took = Writer(readers, rooms, dice), asyncio.Event(), []
    clients = [asyncio.create_task(reader.run()) for reader in readers.values()]
    writing = [
        asyncio.create_task(_write(writer, list(rooms), dice_of(f"{how} {number}"), stop, took))
        for number in range(WRITERS)
    ]
    await asyncio.sleep(BEFORE)
    broker.go(how)
    gone = time.monotonic()
    status, text, ready, asked = await asyncio.to_thread(refusals, site)
    await asyncio.sleep(max(0, AWAY - (time.monotonic() - gone)))
    broker.come_back(how)
    back = time.monotonic()
    await asyncio.sleep(AFTER)
    stop.set()
    await asyncio.gather(*writing)
    wrote = time.monotonic()
    held = await asyncio.to_thread(site.python, HELD)
    while (wrong := gaps(readers, held)) and time.monotonic() - back < RECOVERED:
        await asyncio.sleep(0.25)
    learned = max(reader.learned for reader in readers.values())  # when the last of them heard the last news
    for reader in readers.values():
        reader.stopped = True
        reader.cut()
        reader.back()
    await asyncio.wait(clients, timeout=10)
    during = [seconds for began, seconds in took if gone <= began <= back]
    sent = sum(len(ids) for ids in writer.sent.values())
    told = {what: sum(r.told[what] for r in readers.values()) for what in ("breaks", "resets", "fetches")}
    said = f"Redis {how} for {back - gone:.0f} s: {sent} messages acknowledged, {len(during)} of them begun meanwhile "
    said += f"(slowest answer {max(during):.1f} s), {len(writer.refused)} refused, {told}; "
    said += f"log-in {status} and readyz {ready} within {asked:.1f} s; all "
    said += f"clients agree {max(0.0, learned - wrote):.1f} s after the last of them"
    print(said)
    record_property("without redis", said)
    assert wrong == []
    assert writer.refused == []
    assert during
    for room, ids in writer.sent.items():
        assert ids <= {client_id for _seq, _change, client_id, _kind in held[room]}, room
        assert [seq for seq, *_more in held[room]] == list(range(1, len(held[room]) + 1))
    assert (status, ready) == (503, 503), text
    assert "traceback" not in text.lower()
    assert '"message"' in text


async def test_a_new_socket_is_sent_away_to_come_back_and_does(site, broker):
    """Without Redis a socket could show nothing: it is closed with 1013 instead, and the client tries again by itself."""
    made = await asyncio.to_thread(site.python, MADE % (NAMES,))
    reader = Reader("alice", made["sessions"]["alice"], [site.url], list(made["rooms"]), dice_of(1))
    broker.go("killed")
    running = asyncio.create_task(reader.run())
    for _attempt in range(600):
        if reader.told["breaks"]:
            break
        await asyncio.sleep(0.1)
    heard, breaks = reader.seq, reader.told["breaks"]
    broker.come_back("killed")
    for _attempt in range(300):
        if reader.seq:
            break
        await asyncio.sleep(0.1)
    reader.stopped = True
    reader.cut()
    reader.back()
    await asyncio.wait([running], timeout=10)
    assert heard == 0
    assert breaks
    assert reader.seq
