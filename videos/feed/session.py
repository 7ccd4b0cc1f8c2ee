"""What a session of For You has shown, in Redis: nothing comes twice while somebody scrolls."""

import logging
import struct

import redis

from socialapp.lib.redis import connection

from ..access import Viewer
from .position import Position

log = logging.getLogger(__name__)

SESSION_SECONDS = 6 * 3600  # a session is one chain of pages; a new first page starts another
SESSION_CLIPS = 5_000  # what a session remembers to have shown; 40 kB in Redis at most


def _key(viewer: Viewer, here: Position) -> str:
    # The viewer is part of the key: a cursor handed to somebody else starts with nothing seen and tells nothing.
    return f"feed:seen:{viewer.pk or 0}:{here.session}"


def seen_before(viewer: Viewer, here: Position) -> set[int]:
    """The clips shown on the pages before this one."""
    try:
        pages: dict[bytes, bytes] = connection().hgetall(_key(viewer, here))  # type: ignore[assignment]
    except redis.RedisError as error:
        log.warning("feed session not read: %s", error)
        return set()
    return {
        clip
        for page, packed in pages.items()
        if int(page) < here.page
        for (clip,) in struct.iter_unpack("<q", packed)
    }


def remember(viewer: Viewer, here: Position, clips: list[int]) -> None:
    key = _key(viewer, here)
    try:
        with connection().pipeline(transaction=False) as pipe:
            pipe.hset(key, str(here.page), struct.pack(f"<{len(clips)}q", *clips))
            pipe.hdel(key, str(here.page - SESSION_CLIPS // max(len(clips), 1)))
            pipe.expire(key, SESSION_SECONDS)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("feed session not kept: %s", error)
