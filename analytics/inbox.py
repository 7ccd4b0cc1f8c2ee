"""The waiting room of events: a Redis list between the request that brings them and the flush that writes them.

Every step is one atomic script, so an event is in the list, in exactly one batch, or written. What an event means is
not known here.
"""

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

import orjson
import redis

from socialapp.lib.errors import Unavailable
from socialapp.lib.redis import connection

from .definitions import REPLAY_WINDOW_S

# One hash tag, so that a cluster keeps all of it on one node and the scripts stay atomic.
QUEUE, BATCHES = "{events}:queue", "{events}:batches"
# About 0.3 s of writing on SQLite: short enough that a person's like never waits long behind it.
BATCH = 10_000

# Marks are kept in two buckets of one window each: a replay within a window is always in one of them.
_PUT = """
local put, again = {}, 0
for i = 2, #ARGV, 2 do
  local mark = ARGV[i]
  if mark ~= '' and (redis.call('SISMEMBER', KEYS[3], mark) == 1 or redis.call('SADD', KEYS[2], mark) == 0) then
    again = again + 1
  else
    put[#put + 1] = ARGV[i + 1]
  end
end
if #put > 0 then redis.call('RPUSH', KEYS[1], unpack(put)) end
redis.call('EXPIRE', KEYS[2], ARGV[1])
return again
"""

_TAKE = """
local n = 0
while n < tonumber(ARGV[2]) and redis.call('LMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT') do n = n + 1 end
if n > 0 then redis.call('SADD', KEYS[3], ARGV[1]) end
return n
"""


def _batch_key(batch: str) -> str:
    return f"{{events}}:batch:{batch}"


def mark_of(*parts: object) -> bytes:
    """A short fingerprint by which the same event is known again. Holds no readable trace of the person."""
    return hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=9).digest()


def put(records: Iterable[tuple[bytes, list[Any]]], *, now: float) -> int:
    """Queue (mark, record) pairs; a pair whose mark was seen within the replay window is left out. An empty mark is never a
    replay. Returns how many were left out. One round trip, all or nothing; raises Unavailable when Redis is away.
    """
    arguments: list[bytes | int] = [2 * REPLAY_WINDOW_S]
    for mark, record in records:
        arguments += (mark, orjson.dumps(record))
    if len(arguments) == 1:
        return 0
    window = int(now) // REPLAY_WINDOW_S
    try:
        return int(
            connection().eval(
                _PUT, 3, QUEUE, f"{{events}}:seen:{window}", f"{{events}}:seen:{window - 1}", *arguments
            )
        )
    except redis.RedisError as error:
        raise Unavailable() from error


def take() -> str | None:
    """Move up to BATCH events from the queue into a batch of their own; its id, or None when nothing waits."""
    batch = secrets.token_hex(16)
    return batch if connection().eval(_TAKE, 3, QUEUE, _batch_key(batch), BATCHES, batch, BATCH) else None


def unfinished() -> list[str]:
    """Batches that were taken and not acknowledged: a flush that is under way, or one that died."""
    return sorted(bytes(batch).decode() for batch in connection().smembers(BATCHES))  # type: ignore[arg-type]


def read(batch: str) -> list[Any]:
    """The batch's records as they were put."""
    return [orjson.loads(record) for record in connection().lrange(_batch_key(batch), 0, -1)]


def acknowledge(batch: str) -> None:
    """Forget a batch whose events are committed."""
    with connection().pipeline(transaction=True) as pipe:
        pipe.delete(_batch_key(batch))
        pipe.srem(BATCHES, batch)
        pipe.execute()


def waiting() -> int:
    """How many events wait in the queue; 0 when Redis is away."""
    try:
        return int(connection().llen(QUEUE))
    except redis.RedisError:
        return 0
