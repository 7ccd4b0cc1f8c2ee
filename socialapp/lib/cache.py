"""The cache: Redis that is away is a cache that knows nothing, never a page that fails. What must be kept is a row."""

import logging
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache

log = logging.getLogger(__name__)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache for reads and writes that may be lost (sessions stand in the database besides)."""

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
