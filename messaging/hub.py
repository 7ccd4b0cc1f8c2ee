"""One Redis subscription a process, handing frames straight to this process's sockets. Nothing here knows HTTP or Channels.

Order of things: a frame arrives, waits in one queue, is rendered with the others that wait (messaging/delivery.py), and
goes to the bounded outbox of each of the person's sockets. What needs no rendering, because it came with its words and the
gate was asked about the seat a moment ago (messaging/standing.py), goes out at once unless it would overtake something.
A socket that falls behind is told to `reset`; one that still does not read is ended. After Redis was away, each socket
catches up from the person's log, or is told to reset.
"""

import asyncio
import contextlib
import functools
import logging
import random
import weakref
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import redis
import redis.asyncio
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connections

from socialapp.lib.realtime import LOG_SECONDS, channel, log_key, seq_key
from socialapp.lib.redis import async_connection

from . import access, actions, delivery, presence
from .delivery import frame_text
from .sockets import still_holds
from .standing import Standing

log = logging.getLogger(__name__)

OUTBOX = 256  # frames a socket may be behind before it has to reset
INBOX = 20_000  # frames this process may be behind before everybody has to reset
BATCH = 200  # frames rendered together; bounds how long the first of them waits
# Frames between our own processes, never shown: which session to end, that sessions should be looked at again, and that
# what the gate said about this person may no longer be so.
SESSION_ENDED, SESSION_CHECK, STANDING_CHANGED = "session.ended", "session.check", "standing.changed"
BADGES_AT_ONCE = 20  # counted in one go, so that a log-in does not wait long behind them
BADGE_SECONDS = 1.0  # how often a person's numbers are counted, however much arrives for them
LIVE_SECONDS = 1.0  # words that waited longer than this in our queue are read again from the database
_BETWEEN_US = {SESSION_ENDED, SESSION_CHECK, STANDING_CHANGED}
JOIN_SECONDS = 5  # how long a new socket waits for Redis before it is sent away to come back
PATROL_SECONDS = 30
_QUIET_SECONDS = 15  # ping the subscription after this long without a word; twice as long means it is dead

# A log needs a first entry to say "nothing before this is missing": a mark, made when somebody connects and finds none.
_HELLO = """
local seq = redis.call('GET', KEYS[1])
if not seq then
  local t = redis.call('TIME'); seq = string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
  redis.call('SET', KEYS[1], seq)
end
if redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('ZADD', KEYS[2], seq, '{"type":"mark","seq":' .. seq .. ',"data":{}}')
  redis.call('EXPIRE', KEYS[2], ARGV[1])
end
return seq
"""


class Sink:
    """One socket as the hub sees it. `send` may block as long as the client likes; only this socket waits for it.

    Thousands of these idle in a process, so what is not always needed (a task, a lock, an outbox) is made when it is.
    """

    __slots__ = (
        "_ended",
        "_outbox",
        "_resets",
        "_task",
        "catching_up",
        "end",
        "held",
        "hello_seq",
        "identity",
        "last_seq",
        "missed",
        "send",
    )

    def __init__(
        self, identity: Any, send: Callable[[str], Awaitable[None]], end: Callable[[int], Awaitable[None]]
    ) -> None:
        self.identity = identity
        self.send = send
        self.end = end  # closes the socket with a code
        self.last_seq = 0
        self.hello_seq = 0
        # While held, numbered frames are not taken: they are in the log, and `Hub.catch_up` fetches them in order.
        self.held = True
        self.missed = False
        self.catching_up: asyncio.Lock | None = None
        self._outbox: deque[str] | None = None
        self._task: asyncio.Task[None] | None = None  # writes the outbox while there is one
        self._resets = 0
        self._ended = False

    def put(self, text: str) -> None:
        """Queue a frame. When the outbox is full everything in it gives way to one `reset`; the second time in a row,
        without the client having read anything, ends the socket."""
        if self._ended:
            return
        if self._outbox is None:
            self._outbox = deque((text,))
            self._task = asyncio.create_task(self._write(self._outbox))
            return
        if len(self._outbox) >= OUTBOX:
            self._outbox.clear()
            self._resets += 1
            if self._resets > 1:
                self.finish(1013)
                return
            text = frame_text("reset", self.last_seq, {})
        self._outbox.append(text)

    def finish(self, code: int, last: str | None = None) -> None:
        """Stop writing, send `last` if the client still reads, and close with `code`."""
        if self._ended:
            return
        self.stop()
        self._task = asyncio.create_task(self._finish(code, last))

    async def _finish(self, code: int, last: str | None) -> None:
        with contextlib.suppress(Exception):
            if last is not None:
                await asyncio.wait_for(self.send(last), 1)
        await self.end(code)

    def stop(self) -> None:
        """The socket is gone, or about to be."""
        self._ended = True
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    async def _write(self, outbox: deque[str]) -> None:
        try:
            while outbox:
                await self.send(outbox.popleft())
                self._resets = 0
        except (RuntimeError, OSError) as error:  # the client is gone; the consumer hears of it by itself
            log.debug("socket not written: %s", error)
            self._ended = True
        finally:
            if self._outbox is outbox:
                self._outbox = self._task = None


class Hub:
    """The sockets of one event loop. All methods run on that loop."""

    def __init__(self) -> None:
        self.sinks: dict[int, set[Sink]] = {}
        self._redis = async_connection()
        self._commands: asyncio.Queue[tuple[str | bytes, ...]] = asyncio.Queue()
        self._confirmed: dict[bytes, asyncio.Event] = {}
        self._ready = asyncio.Event()
        self._was_away = False
        self._look_around = asyncio.Event()
        self._inbox: deque[tuple[int, dict[str, Any]]] = deque()
        self._arrived = asyncio.Event()
        self._waiting: dict[
            int, int
        ] = {}  # numbered frames of each person that wait: nothing may overtake them
        self._standing = Standing()
        self._came: set[int] = set()  # people with a new socket, not yet named as being here
        self._uncounted: set[int] = set()  # people whose badge is to be counted
        self._counted_at: dict[int, float] = {}
        self._counting: asyncio.Task[None] | None = None
        self._stale: set[tuple[int, int]] = set()  # seats to ask about again
        self._refreshing: asyncio.Task[None] | None = None
        # Rendering has a thread and a database connection of its own, so a burst of page requests never delays it.
        self._delivery = ThreadPoolExecutor(1, thread_name_prefix="delivery")
        # Log-ins, re-checks and typing have another. Not asgiref's threads: those copy the task's context, and with it
        # would leave a Redis connection (Django's cache, one a context) behind for each socket.
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="asking")
        self._tasks = [
            asyncio.create_task(work())
            for work in (self._listen, self._distribute, self._patrol, self._keep_presence)
        ]

    # --- Joining and leaving ---

    async def join(self, sink: Sink) -> bool:
        """Take a socket in: subscribe, then say hello. False when Redis is away; the client should come back later."""
        person = sink.identity.person_id
        self.sinks.setdefault(person, set()).add(sink)
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                await self._subscribed(person)
                seq = int(await self._redis.eval(_HELLO, 2, seq_key(person), log_key(person), LOG_SECONDS))
        except (TimeoutError, redis.RedisError, OSError):
            self.leave(sink)
            return False
        sink.last_seq = sink.hello_seq = seq
        sink.put(frame_text("hello", seq, {"seq": seq}))
        self._came.add(person)
        return True

    def leave(self, sink: Sink) -> None:
        """Let a socket go; the last of a person's sockets ends the subscription."""
        sink.stop()
        person = sink.identity.person_id
        mine = self.sinks.get(person)
        if mine is None:
            return
        mine.discard(sink)
        if not mine:
            del self.sinks[person]
            self._standing.forget(person)
            self._counted_at.pop(person, None)
            if self._confirmed.pop(channel(person).encode(), None):
                self._commands.put_nowait(("UNSUBSCRIBE", channel(person)))

    async def _subscribed(self, person: int) -> None:
        """Wait until Redis said that this person's channel is subscribed."""
        name = channel(person).encode()
        await self._ready.wait()
        if name not in self._confirmed:
            self._confirmed[name] = asyncio.Event()
            self._commands.put_nowait(("SUBSCRIBE", name))
        await self._confirmed[name].wait()

    # --- Catching up ---

    async def catch_up(self, sink: Sink, after: int | None = None) -> None:
        """Queue what the person's log holds after `after` (default: the last frame sent), then let live frames flow.

        `reset` when the log does not reach back that far. Frames that arrive meanwhile are fetched by another look.
        """
        sink.catching_up = sink.catching_up or asyncio.Lock()
        async with sink.catching_up:
            # A client that resumes late has had live frames already: it gets what lies between, and nothing twice.
            until = None if sink.held or after is None else sink.hello_seq
            since = sink.last_seq if after is None else min(after, sink.last_seq)
            if until is not None:
                await self._replay(sink, since, until)
                return
            sink.held = sink.missed = True
            try:
                while sink.missed:
                    sink.missed = False
                    since = await self._replay(sink, since)
            except (redis.RedisError, OSError):
                return  # no live frames either; it stays held until the subscription is back, which brings us here again
            sink.held = False

    async def _replay(self, sink: Sink, since: int, until: int | None = None) -> int:
        """Queue logged frames newer than `since`, or a `reset`; the number reached."""
        person = sink.identity.person_id
        found, complete, newest = await self._logged(person, since)
        if not complete:
            sink.last_seq = max(sink.last_seq, newest)
            sink.put(frame_text("reset", sink.last_seq, {}))
            return sink.last_seq
        found = [(seq, frame) for seq, frame in found if until is None or seq <= until]
        texts = await self._render([(person, frame) for _seq, frame in found])
        for (seq, _frame), text in zip(found, texts, strict=True):
            sink.last_seq = max(sink.last_seq, seq)
            if text is not None:
                sink.put(text)
        return max(since, sink.last_seq)

    async def _logged(self, person: int, after: int) -> tuple[list[tuple[int, dict[str, Any]]], bool, int]:
        """Frames newer than `after` with their numbers, whether the log goes back that far, and the newest number."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrangebyscore(log_key(person), f"({after}", "+inf", withscores=True)
            pipe.zrange(log_key(person), 0, 0, withscores=True)
            pipe.get(seq_key(person))
            newer, oldest, newest = await pipe.execute()
        newest = int(newest or 0)
        # A number below the one that somebody holds already: Redis lost its data, and with it whatever came since.
        complete = (bool(oldest) and int(oldest[0][1]) <= after) or newest == after
        frames = [(int(score), orjson.loads(raw)) for raw, score in newer]
        return [(seq, frame) for seq, frame in frames if frame["type"] != "mark"], complete, newest

    # --- From Redis to the sockets ---

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                await self._listen_once()
            except (redis.RedisError, OSError) as error:
                log.warning("subscription lost: %s", error)
            failures = 0 if self._ready.is_set() else failures + 1
            # A cut connection is back at the first try. When Redis itself was away, pushes were lost and no log has them.
            self._was_away = self._was_away or failures > 0
            self._ready.clear()
            self._confirmed.clear()
            for sink in self._everybody():
                sink.held = True  # frames may be missing from now on: only the log knows the order
            await asyncio.sleep(min(2, 0.1 * 2**failures) * random.uniform(0.5, 1))  # noqa: S311 (spreads reconnects)

    async def _listen_once(self) -> None:
        client = redis.asyncio.Redis.from_url(settings.REDIS_URL, protocol=2, socket_connect_timeout=2)
        subscription = client.connection_pool.make_connection()
        tasks = []
        try:
            await subscription.connect()
            people = list(self.sinks)
            self._commands = asyncio.Queue()
            self._confirmed = {channel(person).encode(): asyncio.Event() for person in people}
            # One name is always subscribed, so that the connection stays in subscriber mode when nobody is here.
            names = ["rt:hub", *(channel(person) for person in people)]
            for start in range(0, len(names), 500):
                self._commands.put_nowait(("SUBSCRIBE", *names[start : start + 500]))
            self._ready.set()
            if self._was_away:
                self._was_away = False
                for sink in self._everybody():
                    sink.put(frame_text("reset", sink.last_seq, {}))
                self._look_around.set()  # word of sessions that ended was lost as well
            tasks = [
                asyncio.create_task(self._command(subscription)),
                asyncio.create_task(self._catch_everybody_up(people)),
            ]
            await self._read(subscription)
        finally:
            for task in tasks:
                task.cancel()
            await subscription.disconnect(nowait=True)
            await client.aclose()

    async def _command(self, subscription: Any) -> None:
        """Send what sockets ask for. A task of its own: a socket that is cancelled must not tear the connection down."""
        try:
            while True:
                await subscription.send_command(*await self._commands.get())
        except (redis.RedisError, OSError):
            await subscription.disconnect(nowait=True)  # the reader notices

    async def _read(self, subscription: Any) -> None:
        quiet = 0
        while True:
            reply = await subscription.read_response(timeout=_QUIET_SECONDS)
            if reply is None:
                quiet += 1
                if quiet > 1:
                    raise redis.TimeoutError("no answer to ping")
                self._commands.put_nowait(("PING",))
                continue
            quiet = 0
            if reply[0] == b"message":
                self._take(reply[1], reply[2])
            elif reply[0] == b"subscribe" and (event := self._confirmed.get(reply[1])):
                event.set()

    def _take(self, name: bytes, raw: bytes) -> None:
        person = int(name[4 : name.index(b"}")])
        if person not in self.sinks:
            return
        try:
            frame = orjson.loads(raw)
        except orjson.JSONDecodeError:
            log.warning("a frame on %r is not JSON", name)
            return
        if frame["type"] in _BETWEEN_US:
            self._standing.forget(person)
            self._look_at_sessions(person, frame)
            return
        if frame["type"] == "badge":
            self._uncounted.add(person)
            if self._counting is None or self._counting.done():
                self._counting = asyncio.create_task(self._count_badges())
            return
        if self._hand_out_at_once(person, frame):
            return
        if len(self._inbox) >= INBOX:
            self._inbox.clear()
            self._waiting.clear()
            log.warning("delivery fell behind: everybody resets")
            for sink in self._everybody():
                sink.put(frame_text("reset", sink.last_seq, {}))
        frame["taken"] = self._standing.now()
        self._inbox.append((person, frame))
        if frame["seq"]:
            self._waiting[person] = self._waiting.get(person, 0) + 1
        self._arrived.set()

    def _hand_out_at_once(self, person: int, frame: dict[str, Any]) -> bool:
        """Whether the frame could go to its sockets without asking anything, and went."""
        if frame["seq"] and person in self._waiting:
            return False
        data = delivery.plain_data(frame)
        if data is None:
            return False
        seat = person, int(frame["data"]["conversation"])
        if not self._standing.holds(*seat):
            return False
        self._hand_out(person, frame["seq"], frame_text(frame["type"], frame["seq"], data))
        if self._standing.is_stale(*seat):
            self._stale.add(seat)
            if self._refreshing is None or self._refreshing.done():
                self._refreshing = asyncio.create_task(self._refresh())
        return True

    async def _count_badges(self) -> None:
        """Count what is to be counted, each person at most once in BADGE_SECONDS, aside from what people wait for."""
        while self._uncounted:
            now = asyncio.get_running_loop().time()
            due = {p: self._counted_at.get(p, -BADGE_SECONDS) + BADGE_SECONDS for p in self._uncounted}
            if (soonest := min(due.values())) > now:
                await asyncio.sleep(soonest - now)
                continue
            people = [person for person, when in due.items() if when <= now][:BADGES_AT_ONCE]
            self._uncounted.difference_update(people)
            self._counted_at |= dict.fromkeys((p for p in people if p in self.sinks), now)
            frames = [(person, {"type": "badge", "seq": 0, "data": {}}) for person in people]
            try:
                texts = await self.ask(delivery.render_batch, frames)
            except DatabaseError as error:  # the next one says it
                log.warning("badges not counted: %s", error)
                return
            for person, text in zip(people, texts, strict=True):
                self._hand_out(person, 0, text)

    async def _refresh(self) -> None:
        """Ask the gate again about seats whose answer gets old, so that the next frame need not wait for it."""
        while self._stale:
            seats, self._stale = self._stale, set()
            asked, generation = self._standing.now(), self._standing.generation
            try:
                undisturbed = await self.ask(access.undisturbed, seats)
            except DatabaseError as error:  # the answers run out; then frames are rendered, or say `reset`
                log.warning("seats not asked about again: %s", error)
                return
            self._standing.learn(undisturbed, asked=asked, generation=generation)

    async def _distribute(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._inbox:
                batch = [self._inbox.popleft() for _ in range(min(BATCH, len(self._inbox)))]
                old = self._standing.now() - LIVE_SECONDS
                for _person, frame in batch:
                    if frame["taken"] < old:
                        frame.pop("live", None)
                texts = await self._render(batch)
                for (person, frame), text in zip(batch, texts, strict=True):
                    self._hand_out(person, frame["seq"], text)
                    if frame["seq"]:
                        self._let_pass(person)

    def _let_pass(self, person: int) -> None:
        left = self._waiting.get(person, 0) - 1
        if left > 0:
            self._waiting[person] = left
        else:
            self._waiting.pop(person, None)

    def _hand_out(self, person: int, seq: int, text: str | None) -> None:
        for sink in tuple(self.sinks.get(person, ())):
            if seq and sink.held:
                sink.missed = True
            elif not sink.hello_seq:
                continue  # hello comes first
            elif seq and seq <= sink.last_seq:
                continue
            else:
                sink.last_seq = seq or sink.last_seq
                if text is not None:
                    sink.put(text)

    async def _render(self, frames: list[tuple[int, dict[str, Any]]]) -> list[str | None]:
        if not any(delivery.needs_rendering(frame["type"]) for _person, frame in frames):
            return delivery.render_batch(frames)
        asked, generation = self._standing.now(), self._standing.generation
        loop = asyncio.get_running_loop()
        texts, undisturbed = await loop.run_in_executor(self._delivery, _render_safely, frames)
        self._standing.learn(undisturbed, asked=asked, generation=generation)
        return texts

    async def ask(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Run something that asks the database, on a thread and a connection that last."""
        asked = functools.partial(_with_lasting_connection, functools.partial(function, **options), *args)
        return await asyncio.get_running_loop().run_in_executor(self._asking, asked)

    async def _catch_everybody_up(self, people: list[int]) -> None:
        for person in people:
            if confirmed := self._confirmed.get(channel(person).encode()):
                await confirmed.wait()
            for sink in tuple(self.sinks.get(person, ())):
                if sink.hello_seq:
                    await self.catch_up(sink)

    def _everybody(self) -> list[Sink]:
        return [sink for mine in self.sinks.values() for sink in mine]

    # --- Presence ---

    async def _keep_presence(self) -> None:
        """Name who is here, and tell whose time ran out (messaging/presence.py)."""
        refreshed = 0.0
        while True:
            await asyncio.sleep(presence.LOOK_SECONDS * random.uniform(0.9, 1.1))  # noqa: S311 (processes take turns)
            came, self._came = self._came & self.sinks.keys(), set()
            now = asyncio.get_running_loop().time()
            try:
                if now - refreshed > presence.REFRESH_SECONDS:
                    came, refreshed = set(self.sinks), now
                if came and (new := await presence.say_here(self._redis, came)):
                    await self.ask(actions.tell_presence, new, online=True)
                if gone := await presence.take_gone(self._redis):
                    await self.ask(actions.tell_presence, gone, online=False)
            except (redis.RedisError, OSError, DatabaseError) as error:
                log.warning("presence not kept: %s", error)

    # --- Sessions ---

    def _look_at_sessions(self, person: int, frame: dict[str, Any]) -> None:
        for sink in tuple(self.sinks.get(person, ())):
            if frame["type"] == SESSION_CHECK:
                asyncio.get_running_loop().create_task(self.recheck(sink))
            elif frame["type"] == SESSION_ENDED and sink.identity.session == frame["data"].get("session"):
                self.end_session(sink)

    async def recheck(self, sink: Sink) -> None:
        """End the socket when its session no longer logs its person in. When the database is away, it stays."""
        try:
            holds = await self.ask(still_holds, sink.identity)
        except DatabaseError as error:
            log.warning("session not re-checked: %s", error)
            return
        if not holds:
            self.end_session(sink)

    async def _patrol(self) -> None:
        """Events end sessions at once; this finds those whose event was lost."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look_around.wait(), PATROL_SECONDS)
            self._look_around.clear()
            for sink in self._everybody():
                await self.recheck(sink)

    def end_session(self, sink: Sink) -> None:
        """`session.ended`, then close 4401."""
        sink.finish(4401, frame_text("session.ended", sink.last_seq, {}))

    async def aclose(self) -> None:
        """End the hub: at the end of its loop, or of a test."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._redis.aclose()
        for thread in (self._delivery, self._asking):
            await asyncio.get_running_loop().run_in_executor(thread, connections.close_all)
            thread.shutdown(wait=False)


def _with_lasting_connection(function: Callable[..., Any], *args: Any) -> Any:
    """Call it on this thread's lasting connection; once more on a new one when the old one turns out to be dead."""
    try:
        return function(*args)
    except (OperationalError, InterfaceError):
        connections.close_all()
        return function(*args)


def _render(frames: list[tuple[int, dict[str, Any]]]) -> tuple[list[str | None], set[tuple[int, int]]]:
    """The frames' texts, and the seats that were found undisturbed on the way."""
    plain, undisturbed = delivery.render_plain(frames)
    rest = iter(delivery.render_batch([frame for i, frame in enumerate(frames) if i not in plain]))
    return [plain[i] if i in plain else next(rest) for i in range(len(frames))], undisturbed


def _render_safely(
    frames: list[tuple[int, dict[str, Any]]],
) -> tuple[list[str | None], set[tuple[int, int]]]:
    """Render; when that fails, say `reset` instead of staying silent: the client fetches by API."""
    try:
        return _with_lasting_connection(_render, frames)
    except Exception:
        # Whatever it was, the one task that serves every socket of this process must go on.
        log.exception("frames not rendered")
        return [frame_text("reset", frame["seq"], {}) for _person, frame in frames], set()


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def current() -> Hub:
    """The hub of the running loop, made on first use."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
