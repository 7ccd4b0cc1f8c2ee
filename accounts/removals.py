"""What a second thought needs: follows that their owner just removed, kept for minutes so that the removal can be undone.

Kept in Redis, not in a table: a follow that somebody ended leaves no trace once the moment has passed. While Redis is away
a removal works and cannot be undone.
"""

import logging
from datetime import datetime

import orjson
import redis

from socialapp.lib.redis import connection

from .models import Follow

log = logging.getLogger(__name__)

SECONDS = 120


# Who ended it, and may bring it back: the followed removed a follower, or the follower tidied up.
REMOVED, TIDIED = "removed-follower", "tidied-follow"


def _key(follower_id: int, followed_id: int, how: str = REMOVED) -> str:
    return f"{how}:{followed_id}:{follower_id}"


def remember(row: Follow, how: str = REMOVED) -> None:
    """Keep an accepted follow that was just ended."""
    facts = {"id": row.pk, "created_at": row.created_at, "accepted_at": row.accepted_at}
    try:
        connection().set(_key(row.follower_id, row.followed_id, how), orjson.dumps(facts), ex=SECONDS)
    except redis.RedisError as error:
        log.warning("a removed follower cannot be taken back: %s", error)


def recall(follower_id: int, followed_id: int, how: str = REMOVED) -> Follow | None:
    """The follow as it was, unsaved, and forget it; None when there is none or its time is over."""
    try:
        kept = connection().getdel(_key(follower_id, followed_id, how))
    except redis.RedisError as error:
        log.warning("a removed follower cannot be taken back: %s", error)
        return None
    if kept is None:
        return None
    facts = orjson.loads(kept)
    return Follow(
        pk=facts["id"],
        follower_id=follower_id,
        followed_id=followed_id,
        state=Follow.State.ACCEPTED,
        created_at=datetime.fromisoformat(facts["created_at"]),
        accepted_at=datetime.fromisoformat(facts["accepted_at"]) if facts["accepted_at"] else None,
    )


def forget(follower_id: int, followed_id: int) -> None:
    """Nothing is to be restored between these two: the follower left by themselves, or a block stands."""
    try:
        connection().delete(*(_key(follower_id, followed_id, how) for how in (REMOVED, TIDIED)))
    except redis.RedisError as error:
        log.warning("a removed follower is remembered until it expires: %s", error)
