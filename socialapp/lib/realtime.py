"""Events for a person's open tabs: numbered, kept for a while for those who were away, sent only after commit.

The socket itself is messaging's. Any app may push; what is pushed is checked again when it is delivered.
"""

import hashlib
import itertools
import logging
import threading
import time
from collections.abc import Iterable
from typing import Any

import orjson
import redis
from django.db import transaction

from .redis import connection

log = logging.getLogger(__name__)

LOG_LENGTH = 500  # events a person can catch up on; older than that the client is told to reset
LOG_SECONDS = 86_400
MAKE_GOOD_SECONDS = 1.0  # between tries to reach a Redis that was away
_missed: set[int] = set()  # people for whom a push of this process was lost
_missed_lock = threading.Lock()
_made_good = threading.Event()  # cleared while a thread waits for Redis on their behalf
_made_good.set()

# The number never falls, even when Redis lost its data: it starts again from the clock in milliseconds.
_PUSH = """
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
local seq = tonumber(redis.call('GET', KEYS[1]) or 0) + 1
if seq < now then seq = now end
local text = string.format('%.0f', seq)
redis.call('SET', KEYS[1], text)
local frame = string.gsub(ARGV[1], '"seq":0', '"seq":' .. text, 1)
redis.call('ZADD', KEYS[2], text, frame)
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -tonumber(ARGV[2]) - 1)
redis.call('EXPIRE', KEYS[2], ARGV[3])
if ARGV[4] ~= '' then frame = string.gsub(ARGV[4], '"seq":0', '"seq":' .. text, 1) end
redis.call('PUBLISH', KEYS[3], frame)
return seq
"""
_SHA = hashlib.sha1(_PUSH.encode(), usedforsecurity=False).hexdigest()  # how EVALSHA names a script


def channel(person_id: int) -> str:
    """The pub/sub channel of one person's frames."""
    return f"rt:{{{person_id}}}:live"


def seq_key(person_id: int) -> str:
    """Where the last number given to this person's frames is kept."""
    return f"rt:{{{person_id}}}:seq"


def log_key(person_id: int) -> str:
    """The sorted set of this person's recent frames, scored by their number."""
    return f"rt:{{{person_id}}}:log"


def push_on_commit(
    person_ids: Iterable[int], event: str, data: dict[str, Any], live: dict[str, Any] | None = None
) -> None:
    """After the surrounding transaction commits, send `{"type": event, "seq": n, "data": data}` to each person.

    `live` is what the frame is going to say, where that is known already: it travels with the published frame and is kept
    nowhere. Losing Redis loses the push only: clients fetch by API what they missed. One round trip for all people.
    """
    people = list(dict.fromkeys(person_ids))
    if people:
        transaction.on_commit(lambda: push(people, event, data, live))


def push(
    person_ids: Iterable[int], event: str, data: dict[str, Any], live: dict[str, Any] | None = None
) -> None:
    """Send now. Only for facts that no transaction holds."""
    people = list(person_ids)
    frame = orjson.dumps({"type": event, "seq": 0, "data": data})
    shown = b""
    if live is not None:
        said = {"type": event, "seq": 0, "data": data, "live": live}
        shown = orjson.dumps(said, default=str, option=orjson.OPT_UTC_Z)
    try:
        try:
            _push_all(people, frame, shown, known=True)
        except (
            redis.exceptions.NoScriptError
        ):  # a new server; nothing was sent, since each command failed alike
            _push_all(people, frame, shown, known=False)
    except redis.RedisError as error:
        log.warning("push of %s not sent: %s", event, error)
        _make_good_later(people)


def _push_all(person_ids: Iterable[int], frame: bytes, shown: bytes, *, known: bool) -> None:
    with connection().pipeline(transaction=False) as pipe:
        for person in person_ids:
            keys = (seq_key(person), log_key(person), channel(person))
            command = ("EVALSHA", _SHA) if known else ("EVAL", _PUSH)
            pipe.execute_command(*command, 3, *keys, frame, LOG_LENGTH, LOG_SECONDS, shown)  # type: ignore[no-untyped-call]
        pipe.execute()


def _make_good_later(people: Iterable[int]) -> None:
    """Nobody may go on believing that they know everything: `reset` for these people as soon as Redis answers."""
    with _missed_lock:
        _missed.update(people)
        if not _made_good.is_set():
            return
        _made_good.clear()
    threading.Thread(target=_make_good, name="resets", daemon=True).start()


def _make_good() -> None:
    frame = orjson.dumps({"type": "reset", "seq": 0, "data": {}})
    while True:
        time.sleep(MAKE_GOOD_SECONDS)
        with _missed_lock:
            people = list(itertools.islice(_missed, 500))
            if not people:
                _made_good.set()
                return
        try:
            _push_all(people, frame, b"", known=False)
        except redis.RedisError:
            continue
        with _missed_lock:
            _missed.difference_update(people)


def push_unlogged(person_ids: Iterable[int], event: str, data: dict[str, Any]) -> None:
    """Send a frame that nobody needs later (typing, presence): no number, no log."""
    frame = orjson.dumps({"type": event, "seq": 0, "data": data})
    try:
        with connection().pipeline(transaction=False) as pipe:
            for person in person_ids:
                pipe.publish(channel(person), frame)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("push of %s not sent: %s", event, error)
