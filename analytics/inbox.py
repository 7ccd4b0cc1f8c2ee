"""The waiting room of events: a Redis list between the request that brings them and the flush that writes them.

Every step is one atomic script, so an event is in the list, in exactly one batch, or written. What an event means is
not known here.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import redis

from socialapp.lib.errors import Unavailable
from socialapp.lib.redis import connection

from .definitions import REPLAY_WINDOW_S, VISIT_HOURS, WATCH_PACE, WATCH_SLACK_MS

# One hash tag, so that a cluster keeps all of it on one node and the scripts stay atomic.
QUEUE, BATCHES = "{events}:queue", "{events}:batches"
# About 0.3 s of writing on SQLite: short enough that a person's like never waits long behind it.
BATCH = 10_000

# Marks are kept in two buckets of one window each: what was seen within a window is always in one of them. The mark of a
# viewing holds "milliseconds, loops, seconds reached, last piece"; that of a client's batch "accepted,dropped"; of anything
# else "1". A viewing's record gets three more values: whether this piece makes it a view, whether it completes it, and
# which seconds earlier pieces had reached.
_PUT = """
local now, pace, slack = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local batch, ready, at = ARGV[6], tonumber(ARGV[7]), 9
if batch ~= '' then
  local told = redis.call('HGET', KEYS[2], batch) or redis.call('HGET', KEYS[3], batch)
  if told then
    local accepted, dropped = string.match(told, '(%d+),(%d+)')
    return {tonumber(accepted), tonumber(dropped)}
  end
end
local room = math.huge
for k = 4, #KEYS do
  local since = ARGV[at]
  at = at + 1
  if redis.call('EXISTS', KEYS[k]) == 0 then
    redis.call('HSET', KEYS[k], 'since', since, 'watched', 0)
    redis.call('EXPIRE', KEYS[k], ARGV[5])
  else
    since = redis.call('HGET', KEYS[k], 'since')
  end
  local left = pace * (now - since) + slack - redis.call('HGET', KEYS[k], 'watched')
  if left < room then room = left end
end
local function joined(one, other)
  if one == '' or one == other then return other end
  if other == '' then return one end
  local both = {}
  for i = 1, math.max(#one, #other) do
    local a, b = tonumber(string.sub(one, i, i), 16) or 0, tonumber(string.sub(other, i, i), 16) or 0
    both[i] = string.format('%x', bit.bor(a, b))
  end
  return table.concat(both)
end
local put, again, beyond, spent = {}, 0, 0, 0
for i = at, #ARGV - ready, 7 do
  local mark, need, full = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  local watched, loops, reached, record = tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), ARGV[i + 5], ARGV[i + 6]
  local believed = true
  if mark ~= '' then
    local seen = redis.call('HGET', KEYS[2], mark) or redis.call('HGET', KEYS[3], mark)
    if need == 0 then
      if seen then again, believed = again + 1, false else redis.call('HSET', KEYS[2], mark, '1') end
    else
      local total, turns, known, last = 0, 0, '', ''
      if seen then
        total, turns, known, last = string.match(seen, '(%d+),(%d+),(%x*),(.*)')
        total, turns = tonumber(total), tonumber(turns)
      end
      local piece = watched .. '/' .. loops .. '/' .. reached
      if seen and piece == last then
        again, believed = again + 1, false
      elseif spent + watched > room then
        beyond, believed = beyond + 1, false
      else
        spent = spent + watched
        local sum, all = total + watched, turns + loops
        redis.call('HSET', KEYS[2], mark, string.format('%.0f,%.0f,%s,%s', sum, all, joined(known, reached), piece))
        local before = total >= need and (turns > 0 or total >= full)
        local done = sum >= need and (all > 0 or sum >= full) and not before
        local view = total < need and sum >= need
        record = string.format('%s,%s,%s,"%s"]', string.sub(record, 1, -2), tostring(view), tostring(done), known)
      end
    end
  end
  if believed then put[#put + 1] = record end
end
local accepted, dropped = #put, tonumber(ARGV[8]) + again + beyond
if again > 0 then put[#put + 1] = string.format('["d","replay",%d,%.0f]', again, now) end
if beyond > 0 then put[#put + 1] = string.format('["d","implausible",%d,%.0f]', beyond, now) end
for i = #ARGV - ready + 1, #ARGV do put[#put + 1] = ARGV[i] end
if #put > 0 then redis.call('RPUSH', KEYS[1], unpack(put)) end
if spent > 0 then for k = 4, #KEYS do redis.call('HINCRBY', KEYS[k], 'watched', string.format('%.0f', spent)) end end
if batch ~= '' then redis.call('HSET', KEYS[2], batch, accepted .. ',' .. dropped) end
redis.call('EXPIRE', KEYS[2], ARGV[1])
return {accepted, dropped}
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


class Item(NamedTuple):
    """A record on its way in. Its `mark` tells it again, none means always new.

    For a viewing, `need` and `full` are the milliseconds that make it a view and a completion, and `reached` the seconds that
    it played (retention.digits); for anything else they are empty, and whatever has the same mark is a replay.
    """

    record: list[Any]
    mark: bytes = b""
    need: int = 0
    full: int = 0
    watched: int = 0
    loops: int = 0
    reached: str = ""


class Budget(NamedTuple):
    """Whose watching is bounded, and the millisecond from which it is reckoned when nothing is known of them yet."""

    who: bytes
    since_ms: int


class Taken(NamedTuple):
    accepted: int
    dropped: int


def _budget_key(who: bytes) -> bytes:
    return b"{events}:spent:" + who.hex().encode()


def known(who: bytes) -> bool:
    """Whether anything was put under this budget within VISIT_HOURS. Unavailable without Redis."""
    try:
        return bool(connection().exists(_budget_key(who)))
    except redis.RedisError as error:
        raise Unavailable() from error


def put(
    items: Iterable[Item],
    *,
    now: float,
    dropped: Mapping[str, int] | None = None,
    batch: bytes = b"",
    budgets: Sequence[Budget] = (),
) -> Taken:
    """Queue items but leave out replays and what no budget has room for; count those and `dropped` by reason.

    A piece of a viewing that was seen within the window goes on where it stood; one equal to the piece before it is a
    replay. A `batch` (mark_of) that was put within the window gets the answer it got then, and nothing is queued. One round
    trip, all or nothing; Unavailable without Redis.
    """
    arguments: list[bytes | int | str] = [budget.since_ms for budget in budgets]
    for record, mark, need, full, watched, loops, reached in items:
        arguments += (mark, need, full, watched, loops, reached, orjson.dumps(record))
    reasons = {reason: count for reason, count in (dropped or {}).items() if count}
    lost = [orjson.dumps(["d", reason, count, int(now * 1000)]) for reason, count in reasons.items()]
    window = int(now) // REPLAY_WINDOW_S
    keys = [QUEUE, *(f"{{events}}:watched:{number}" for number in (window, window - 1))]
    header = (
        *(2 * REPLAY_WINDOW_S, int(now * 1000), WATCH_PACE, WATCH_SLACK_MS, VISIT_HOURS * 3600),
        *(batch, len(lost), sum(reasons.values())),
    )
    try:
        answer = connection().eval(
            _PUT,
            len(keys) + len(budgets),
            *keys,
            *(_budget_key(budget.who) for budget in budgets),
            *header,
            *arguments,
            *lost,
        )
    except redis.RedisError as error:
        raise Unavailable() from error
    return Taken(*answer)


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
