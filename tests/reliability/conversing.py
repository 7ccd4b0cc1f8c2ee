"""Clients that hold conversations by the public API and the socket alone, for the drills: each keeps a model of what it knows.

They speak as contract.md says: frames from the socket, `resume` after a break, `changed_after` wherever a change may be missing.
"""

import asyncio
import contextlib
import http.client
import json
import random
import threading
import time
import uuid
from collections import defaultdict
from urllib.parse import urlsplit

from django.conf import settings
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

EMOJI = ("❤️", "😂", "👍")
PATIENCE = 60  # seconds that a request may take on a busy machine
PAGE = 200


class Api:
    """JSON over one kept connection a thread, logged in by the session cookie. Tries again when the connection breaks."""

    def __init__(self, session):
        self.session, self.local = session, threading.local()

    def ask(self, base, method, path, body=None, *, lose_answer=False):
        """(status, answer). `lose_answer`: the connection dies after the request went out, and it is made again."""
        host = urlsplit(base).netloc
        headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}; csrftoken={'c' * 32}",
            "X-CSRFToken": "c" * 32,
            "Origin": base,
            "Content-Type": "application/json",
        }
        for attempt in range(8):
            kept = getattr(self.local, "kept", None)
            if kept is None or self.local.host != host:
                kept = http.client.HTTPConnection(host, timeout=PATIENCE)
                self.local.kept, self.local.host = kept, host
            try:
                kept.request(method, path, json.dumps(body) if body is not None else None, headers)
                if lose_answer and attempt == 0:
                    kept.sock.shutdown(1)
                    raise OSError("the answer is lost")
                answer = kept.getresponse()
                data = answer.read()
                return answer.status, json.loads(data) if data else None
            except (OSError, http.client.HTTPException):
                kept.close()
                self.local.kept = None
        raise AssertionError(f"{method} {path}: no answer")


class Room:
    """What a client knows of one conversation: cards by seq, and up to which change it has everything."""

    def __init__(self):
        self.cards, self.synced = {}, 0

    def take(self, card):
        """Whether the card says more than what was known."""
        known = self.cards.get(card["seq"])
        if known is not None and known["change"] >= card["change"]:
            return False
        self.cards[card["seq"]] = card
        return True


class Reader:
    """One person's client. `bases`: the realtime processes, of which each connection takes another one."""

    def __init__(self, name, session, bases, rooms, dice):
        self.name, self.api, self.session = name, Api(session), session
        self.bases, self.dice = bases, dice
        self.rooms = {room: Room() for room in rooms}
        self.dirty, self.wake = set(rooms), asyncio.Event()
        self.seq, self.socket, self.stopped = 0, None, False
        self.away = asyncio.Event()  # set: the network is there
        self.away.set()
        self.told = defaultdict(int)  # what happened to this client
        self.newest = defaultdict(int)  # by room, the newest seq that the socket showed as new
        self.reorders = []
        self.learned = 0.0  # when anything new was learned last

    async def run(self):
        """Until `stopped`: connect, listen, and come back after every break."""
        syncing = asyncio.create_task(self._sync())
        while not self.stopped:
            await self.away.wait()
            base = self.dice.choice(self.bases)
            with contextlib.suppress(OSError, WebSocketException, TimeoutError, EOFError):
                async with connect(
                    base.replace("http", "ws") + "/ws/",
                    additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}"},
                    origin=base,
                    compression=None,
                    open_timeout=20,
                ) as self.socket:
                    async for text in self.socket:
                        self._hear(json.loads(text))
            self.socket = None
            self.told["breaks"] += 1
            await asyncio.sleep(0.1 + self.dice.random() * 0.3)
        syncing.cancel()

    def _hear(self, frame):
        if frame["type"] == "hello":
            if self.seq:
                self._say(type="resume", seq=self.seq)
            else:
                self.seq = frame["data"]["seq"]
                self._ask_everything()
            return
        if frame["seq"]:
            if frame["seq"] <= self.seq and frame["type"] != "reset":
                self.told["twice"] += 1
                return
            self.seq = max(self.seq, frame["seq"])
        data = frame["data"]
        if frame["type"] == "reset":
            self.told["resets"] += 1
            self._ask_everything()
        elif frame["type"] in ("message.new", "message.updated"):
            self._take(data, new=frame["type"] == "message.new")
        elif frame["type"] == "message.removed":
            self._ask_for(data["conversation"])

    def _say(self, **frame):
        task = asyncio.ensure_future(self.socket.send(json.dumps(frame)))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _take(self, card, *, new):
        """Show a card only when everything before it is known; two who write at once may be announced the wrong way round."""
        number = card["conversation"]
        room = self.rooms.get(number)
        if room is None:
            return
        self.told["frames"] += 1
        if new:
            self.told["overtaken"] += card["seq"] < self.newest[number]
            self.newest[number] = max(self.newest[number], card["seq"])
        if card["change"] > room.synced + 1:
            self._ask_for(number)
            return
        self._learn(number, card)
        room.synced = max(room.synced, card["change"])

    def _learn(self, number, card):
        room = self.rooms[number]
        if card["seq"] not in room.cards and card["seq"] < max(room.cards, default=0):
            self.reorders.append((number, max(room.cards), card["seq"]))
        if room.take(card):
            self.learned = time.monotonic()

    def _ask_for(self, room):
        self.dirty.add(room)
        self.wake.set()

    def _ask_everything(self):
        self.dirty.update(self.rooms)
        self.wake.set()

    async def _sync(self):
        """Fetch what changed in the rooms where something may be missing, one after the other."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.dirty:
                await self.away.wait()
                number = self.dirty.pop()
                # In the order of changes: what is new among them is shown in its own order, once all of it is here.
                cards = await self._changed(number, self.rooms[number].synced)
                for card in sorted(cards, key=lambda card: card["seq"]):
                    self._learn(number, card)
                room = self.rooms[number]
                room.synced = max([room.synced, *(card["change"] for card in cards)])

    async def _changed(self, number, after):
        """Every card that changed after this."""
        cards, more = [], True
        while more:
            path = f"/api/v1/conversations/{number}/messages/?changed_after={after}&limit={PAGE}"
            base = self.dice.choice(self.bases)
            status, page = await asyncio.to_thread(self.api.ask, base, "GET", path)
            assert status == 200, (status, page)
            self.told["fetches"] += 1
            cards += page["results"]
            more = page["next"]
            after = max([after, *(card["change"] for card in page["results"])])
        return cards

    def cut(self):
        """The network goes, without a word. Comes back by `back`."""
        self.away.clear()
        if self.socket is not None:
            self.socket.transport.abort()

    def back(self):
        self.away.set()


class Writer:
    """Acts by the API in the name of many: writes, answers, reacts, takes back. `sent` is what was acknowledged."""

    def __init__(self, readers, members, dice):
        self.readers, self.members, self.dice = readers, members, dice  # members: {room: [names]}
        self.sent = defaultdict(set)  # by room, the client ids that were acknowledged
        self.mine = defaultdict(list)  # by room, (id, sender)
        self.refused = []
        self.lock = threading.Lock()

    def write(self, dice, room, *, lose_answer=False):
        """One message by one of the room."""
        name = dice.choice(self.members[room])
        client_id = uuid.uuid4().hex
        body = {"client_id": client_id, "text": f"{name} {client_id[:6]}"}
        with self.lock:
            quoted = dice.choice(self.mine[room]) if self.mine[room] and dice.random() < 0.05 else None
        if quoted:
            body["reply_to"] = quoted[0]
        status, answer = self._ask(dice, name, "POST", f"conversations/{room}/messages/", body, lose_answer)
        if status == 400 and "reply_to" in body:  # taken back meanwhile
            del body["reply_to"]
            status, answer = self._ask(dice, name, "POST", f"conversations/{room}/messages/", body, False)
        if status != 201:
            self.refused.append((status, answer))
            return
        with self.lock:
            self.sent[room].add(client_id)
            self.mine[room].append((answer["id"], name))

    def fiddle(self, dice, room):
        """React to something, or take something back."""
        with self.lock:
            if not self.mine[room]:
                return
            message, sender = dice.choice(self.mine[room])
        if dice.random() < 0.7:
            name = dice.choice(self.members[room])
            path, body = f"messages/{message}/reaction/", {"emoji": dice.choice(EMOJI)}
            status, answer = self._ask(dice, name, "PUT", path, body, False)
        else:
            status, answer = self._ask(dice, sender, "DELETE", f"messages/{message}/", None, False)
        if status not in {200, 204, 404}:  # 404: taken back meanwhile
            self.refused.append((status, answer))

    def _ask(self, dice, name, method, path, body, lose_answer):
        reader = self.readers[name]
        base = dice.choice(reader.bases)
        return reader.api.ask(base, method, f"/api/v1/{path}", body, lose_answer=lose_answer)


def dice_of(seed):
    """Chance that can be had again."""
    return random.Random(seed)
