"""The waiting room of events: a Redis list between the request that brings them and the flush that writes them.

Every step is one atomic script, so an event is in the list, in exactly one batch, or written. What an event means is
not known here.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
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

# Marks are kept in two buckets of one window each: what was seen within a window is always in one of them. A mark holds
# "milliseconds, loops, last piece". A viewing's record gets two more values: whether this piece makes it a view, and
# whether this piece completes it.
_PUT = """
local put, again = {}, 0
for i = 2, #ARGV, 6 do
  local mark, need, full = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  local watched, loops, record = tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), ARGV[i + 5]
  local replay = false
  if mark ~= '' then
    local seen = redis.call('HGET', KEYS[2], mark) or redis.call('HGET', KEYS[3], mark)
    local total, turns, last = 0, 0, ''
    if seen then
      total, turns, last = string.match(seen, '(%d+),(%d+),(.*)')
      total, turns = tonumber(total), tonumber(turns)
    end
    local piece = watched .. '/' .. loops
    replay = seen and (need == 0 or piece == last)
    if not replay then
      local sum, all = total + watched, turns + loops
      redis.call('HSET', KEYS[2], mark, string.format('%.0f,%.0f,%s', sum, all, piece))
      if need > 0 then
        local before = total >= need and (turns > 0 or total >= full)
        local now = sum >= need and (all > 0 or sum >= full)
        local view = total < need and sum >= need
        local done = now and not before
        record = string.sub(record, 1, -2) .. ',' .. (view and 'true' or 'false') .. ',' .. (done and 'true' or 'false') .. ']'
      end
    end
  end
  if replay then again = again + 1 else put[#put + 1] = record end
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


@dataclass(frozen=True)
class Item:
    """A record on its way in. Its `mark` tells it again, none means always new.

    For a viewing, `need` and `full` are the milliseconds that make it a view and a completion; for anything else they
    are 0, and whatever has the same mark is a replay.
    """

    record: list[Any]
    mark: bytes = b""
    need: int = 0
    full: int = 0
    watched: int = 0
    loops: int = 0


def put(items: Iterable[Item], *, now: float) -> int:
    """Queue items but leave out replays; returns how many. One round trip, all or nothing; Unavailable without Redis.

    A piece of a viewing that was seen within the window goes on where it stood; one equal to the piece before it is a
    replay (a beacon that was sent twice).
    """
    arguments: list[bytes | int] = [2 * REPLAY_WINDOW_S]
    for item in items:
        arguments += (item.mark, item.need, item.full, item.watched, item.loops, orjson.dumps(item.record))
    if len(arguments) == 1:
        return 0
    window = int(now) // REPLAY_WINDOW_S
    try:
        return int(
            connection().eval(
                _PUT, 3, QUEUE, f"{{events}}:watched:{window}", f"{{events}}:watched:{window - 1}", *arguments
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
    """The batch's records as they were put. They come as one text: ten thousand replies cost more than the rest."""
    text = connection().eval(
        "return '[' .. table.concat(redis.call('LRANGE', KEYS[1], 0, -1), ',') .. ']'", 1, _batch_key(batch)
    )
    records: list[Any] = orjson.loads(text)
    return records


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
