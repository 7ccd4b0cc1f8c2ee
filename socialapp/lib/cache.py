"""The cache: Redis that is away is a cache that knows nothing, never a page that fails. What must be kept is a row."""

import logging
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

log = logging.getLogger(__name__)


class _OneClient(RedisCacheClient):
    """Django's client, which makes a new one of redis-py for each command: a table of 170 answers, for 0.2 ms. Here it is one
    for each pool of connections; such a client keeps nothing of a command, and threads share it."""

    def __init__(self, servers: Any, **options: Any) -> None:
        super().__init__(servers, **options)
        self._clients: dict[Any, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]
        client = self._clients.get(pool)
        if client is None:
            client = self._clients[pool] = self._client(connection_pool=pool)  # type: ignore[attr-defined]
        return client


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache for reads and writes that may be lost (sessions stand in the database besides)."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _OneClient

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except redis.RedisError as error:
            log.warning("cache not read: %s", error)
            return default

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except redis.RedisError as error:
            log.warning("cache not written: %s", error)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        try:
            return bool(super().add(key, value, timeout, version))
        except redis.RedisError as error:
            log.warning("cache not written: %s", error)
            return True

    def delete(self, key: str, version: int | None = None) -> bool:
        try:
            return bool(super().delete(key, version))
        except redis.RedisError as error:
            log.warning("cache not emptied: %s", error)
            return False

    def has_key(self, key: str, version: int | None = None) -> bool:
        """Programs' session tokens are looked up by this; the database is asked next."""
        try:
            return bool(super().has_key(key, version))
        except redis.RedisError as error:
            log.warning("cache not read: %s", error)
            return False
