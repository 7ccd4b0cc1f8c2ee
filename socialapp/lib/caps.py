"""Strict caps: never more than so many in any stretch of so many seconds, several at once or none, refused while unknown.

`ratelimit` smooths what people do; this is for what must never be exceeded because it costs money or guards a secret.
"""

import hashlib
import logging
import secrets

import redis
from django.conf import settings
from django.utils.translation import gettext as _

from .errors import TooMany, Unavailable
from .redis import connection

log = logging.getLogger(__name__)

# A sorted set of times a subject. First every cap is asked, then all are counted: one that refuses leaves no trace.
_CAPS = """
local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)
local longest = 0
for i, key in ipairs(KEYS) do
  local most = tonumber(ARGV[2 * i]); local window = tonumber(ARGV[2 * i + 1])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  if redis.call('ZCARD', key) >= most then
    local nth = redis.call('ZRANGE', key, -most, -most, 'WITHSCORES')
    local wait = tonumber(nth[2]) + window - now
    if wait > longest then longest = wait end
    if longest < 1 then longest = 1 end
  end
end
if longest > 0 then return math.ceil(longest) end
for i, key in ipairs(KEYS) do
  redis.call('ZADD', key, now, ARGV[1])
  redis.call('PEXPIRE', key, tonumber(ARGV[2 * i + 1]))
end
return 0
"""


def count(*subjects: tuple[str, object]) -> None:
    """Count one event against each (scope, subject), all of them or none. Scopes are names in settings.RATE_LIMITS.

    Raises TooMany with the longest wait, and Unavailable while Redis is away. One round trip.
    """
    keys, arguments = [], [secrets.token_hex(8)]
    for scope, subject in subjects:
        most, seconds = settings.RATE_LIMITS[scope].split("/")
        digest = hashlib.blake2b(str(subject).encode(), digest_size=12).hexdigest()
        keys.append(f"cap:{scope}:{digest}")
        arguments += [most, str(int(seconds) * 1000)]
    try:
        wait_ms = int(connection().eval(_CAPS, len(keys), *keys, *arguments))
    except redis.RedisError as error:
        log.warning("caps of %s not counted: %s", ", ".join(scope for scope, _ in subjects), error)
        raise Unavailable() from error
    if wait_ms:
        seconds_left = -(-wait_ms // 1000)
        raise TooMany(_wait(seconds_left), retry_after=seconds_left)


def _wait(seconds: int) -> str:
    if seconds < 120:
        return _("That was a lot at once. Try again in %(seconds)s seconds.") % {"seconds": seconds}
    if seconds < 7200:
        return _("That was a lot at once. Try again in %(minutes)s minutes.") % {"minutes": -(-seconds // 60)}
    return _("That was a lot at once. Try again in %(hours)s hours.") % {"hours": -(-seconds // 3600)}
