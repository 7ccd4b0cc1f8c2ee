"""Limits on what one person or one address may cause, counted in Redis so that every process agrees."""

import hashlib
import logging

import redis
from django.conf import settings
from django.utils.translation import gettext as _

from .errors import TooMany, Unavailable
from .redis import connection

log = logging.getLogger(__name__)

# Generic cell rate algorithm (ITU-T I.371): one key a subject, no window edges to burst across.
_GCRA = """
local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)
local interval = tonumber(ARGV[1]); local burst = tonumber(ARGV[2])
local tat = tonumber(redis.call('GET', KEYS[1]) or now)
if tat < now then tat = now end
local wait = tat + interval - now - burst
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], tat + interval, 'PX', math.ceil(tat + interval - now))
return 0
"""


def limit(scope: str, subject: object, *, closed: bool = False, times: int = 1) -> None:
    """Count one event of `scope` (a name in settings.RATE_LIMITS) by `subject`; raise TooMany past the limit.

    `times` multiplies how many may pass, for a subject that stands for many. `closed` says what happens while Redis is away:
    True refuses (codes, log-in), False lets it pass.
    Costs one round trip.
    """
    count, seconds = (int(part) for part in settings.RATE_LIMITS[scope].split("/"))
    count *= times
    key = f"limit:{scope}:{hashlib.blake2b(str(subject).encode(), digest_size=12).hexdigest()}"
    try:
        wait_ms = int(connection().eval(_GCRA, 1, key, seconds * 1000 / count, seconds * 1000))
    except redis.RedisError as error:
        log.warning("rate limit %s not counted: %s", scope, error)
        if closed:
            raise Unavailable() from error
        return
    if wait_ms:
        seconds_left = -(-wait_ms // 1000)
        sentence = _("That was a lot at once. Try again in %(seconds)s seconds.") % {"seconds": seconds_left}
        raise TooMany(sentence, retry_after=seconds_left)
