"""Who is online: one sorted set in Redis, person by the moment their being here runs out. Nothing of it is ever a row.

Every process that serves sockets says again every few seconds who is connected to it. Nobody says that somebody went: they
are no longer named, so their time runs out, and whichever process looks first tells the others. A page change is shorter
than that, and a process that dies takes nobody's presence with it for longer. All clocks are Redis' own.
"""

import logging
from collections.abc import Iterable
from typing import Any

import orjson
import redis
import redis.asyncio

from socialapp.lib.realtime import channel
from socialapp.lib.redis import connection

log = logging.getLogger(__name__)

KEY = "rt:online"
REFRESH_SECONDS = 4.0  # how often those who are connected are named
ONLINE_SECONDS = 12.0  # how long that counts: two refreshes may get lost
LOOK_SECONDS = 1.0  # how soon who came and who went is told
AT_ONCE = 500  # people named or taken out in one call; scripts hold up everybody else in Redis

# Name people as being here; returns those who were not. A person's time is only ever prolonged.
_HERE = """
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
local came = {}
for i = 2, #ARGV do
  local until_ = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i]) or 0)
  if until_ == 0 then came[#came + 1] = ARGV[i] end
  redis.call('ZADD', KEYS[1], 'GT', now + tonumber(ARGV[1]), ARGV[i])
end
return came
"""
# Take out those whose time ran out; each is returned to one caller only.
_GONE = """
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
if #gone > 0 then redis.call('ZREM', KEYS[1], unpack(gone)) end
return gone
"""


async def say_here(client: redis.asyncio.Redis, person_ids: Iterable[int]) -> list[int]:
    """Name these people as connected; those of them who were not online until now. One call for AT_ONCE people."""
    people, came = list(person_ids), []
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        came += await client.eval(_HERE, 1, KEY, int(ONLINE_SECONDS * 1000), *some)
    return [int(person) for person in came]


async def take_gone(client: redis.asyncio.Redis) -> list[int]:
    """People who went offline, each told to one process only. At most AT_ONCE; ask again for more."""
    return [int(person) for person in await client.eval(_GONE, 1, KEY, AT_ONCE)]


def online(person_ids: Iterable[int]) -> set[int]:
    """Of these people, those who are online. One round trip; nobody while Redis is away."""
    people = list(dict.fromkeys(person_ids))
    if not people:
        return set()
    try:
        with connection().pipeline(transaction=False) as pipe:
            pipe.time()
            pipe.zmscore(KEY, [str(person) for person in people])
            (seconds, _micros), scores = pipe.execute()
    except redis.RedisError as error:
        log.warning("presence not read: %s", error)
        return set()
    now = int(seconds) * 1000
    return {person for person, score in zip(people, scores, strict=True) if score and score >= now}


def publish(frames: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Send `presence` frames, each with its own data, to their people. One round trip; lost while Redis is away."""
    texts = [(p, orjson.dumps({"type": "presence", "seq": 0, "data": data})) for p, data in frames]
    if not texts:
        return
    try:
        with connection().pipeline(transaction=False) as pipe:
            for person, text in texts:
                pipe.publish(channel(person), text)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("presence not told: %s", error)
