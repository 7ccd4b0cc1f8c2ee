"""One pool of connections a process to the Redis-protocol server, and nothing about what is kept there."""

import functools

import redis
import redis.asyncio
from django.conf import settings


@functools.cache
def connection() -> redis.Redis:
    """The blocking client, shared by threads (the pool inside is thread-safe)."""
    return redis.Redis.from_url(settings.REDIS_URL, decode_responses=False, **settings.REDIS_OPTIONS)


def async_connection() -> redis.asyncio.Redis:
    """A new asyncio client, bound to the running loop; the caller closes it."""
    return redis.asyncio.Redis.from_url(settings.REDIS_URL, decode_responses=False, socket_connect_timeout=2)
