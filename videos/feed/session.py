"""What a session of For You has shown, in Redis: nothing comes twice while somebody scrolls."""

import logging
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import orjson
import redis

from socialapp.lib.redis import connection

from ..access import Viewer
from .ahead import PAGES, Ahead, Taken
from .online import Standing, ask_standing, standing
from .position import Position

log = logging.getLogger(__name__)

SESSION_SECONDS = 6 * 3600  # a session is one chain of pages; a new first page starts another
SESSION_CLIPS = 5_000  # what a session remembers to have shown; 40 kB in Redis at most
PAGES_AGAIN = 10  # so many of the last pages can be had again as they were
_TRAFFIC = "feed:traffic"
WHY_CLIPS = 2_000  # of so many clips it is kept why they were shown


@dataclass
class Session:
    """What the pages before this one showed. `lost`: Redis is away, so that nobody knows."""

    seen: set[int] = field(default_factory=set)
    page: dict[str, Any] | None = (
        None  # this page, when it was made before: its clips and the cursor after it
    )
    tail: list[list[Any]] = field(
        default_factory=list
    )  # the last clips of the page before: author, sound, tags
    lost: bool = False


def _key(viewer: Viewer, here: Position) -> str:
    # The viewer is part of the key: a cursor handed to somebody else starts with nothing seen and tells nothing.
    return f"feed:seen:{viewer.pk or 0}:{here.session}"


def _count_page(pipe: Any, viewer: Viewer) -> None:
    """Count a page for the curve that promotions are paced by: of those who may be shown one, by the hour, naming nobody."""
    if viewer.pk:
        now = datetime.now(UTC)
        pipe.hincrby(_TRAFFIC, f"{now:%Y-%m-%d} {now.hour}", 1)


def take_traffic(now: datetime) -> dict[tuple[date, int], int]:
    """The pages that were handed out since the last time, by day and hour (UTC); they count as taken. Raises RedisError."""
    held: dict[bytes, bytes] = connection().hgetall(_TRAFFIC)  # type: ignore[assignment]
    taken: dict[tuple[date, int], int] = {}
    with connection().pipeline(transaction=True) as pipe:
        for name, count in held.items():
            day, hour = name.decode().split(" ")
            if int(count):
                taken[date.fromisoformat(day), int(hour)] = int(count)
                pipe.hincrby(_TRAFFIC, name.decode(), -int(count))
            elif date.fromisoformat(day) < now.date():
                pipe.hdel(_TRAFFIC, name.decode())
        pipe.execute()
    return taken


def look(viewer: Viewer, here: Position) -> tuple[dict[str, Any] | None, Ahead | None, Standing]:
    """This page when it was made before, the pages that were composed ahead, and whether they hold. One trip to Redis."""
    try:
        with connection().pipeline(transaction=False) as pipe:
            pipe.hmget(_key(viewer, here), f"p{here.page}", "ahead")
            ask_standing(pipe, viewer)
            (page, ahead), *answers = pipe.execute()
    except redis.RedisError as error:
        log.warning("feed session not read: %s", error)
        return None, None, Standing()
    if page is not None:
        return orjson.loads(page), None, Standing()
    return None, Ahead.of(ahead), standing(viewer, answers)


def remember_taken(viewer: Viewer, here: Position, page: Mapping[str, Any], taken: Taken) -> None:
    """As `remember`, for a page that was composed ahead: it was said then why its clips are there. One trip to Redis."""
    clips = [*page["ids"], *taken.refused]
    fields = {
        str(here.page): struct.pack(f"<{len(clips)}q", *clips),
        f"p{here.page}": orjson.dumps(page),
        "ahead": taken.left.as_json(),
    }
    try:
        with connection().pipeline(transaction=False) as pipe:
            pipe.hset(_key(viewer, here), mapping=fields)  # type: ignore[arg-type]
            _count_page(pipe, viewer)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("feed session not kept: %s", error)


def read(viewer: Viewer, here: Position) -> Session:
    """The session as it stood before this page. One trip to Redis."""
    try:
        fields: dict[bytes, bytes] = connection().hgetall(_key(viewer, here))  # type: ignore[assignment]
    except redis.RedisError as error:
        log.warning("feed session not read: %s", error)
        return Session(lost=True)
    session = Session(lost=here.page > 0 and not fields)
    for name, value in fields.items():
        if name[:1] == b"p":
            number = int(name[1:])
            if number == here.page:
                session.page = orjson.loads(value)
            elif number == here.page - 1:
                session.tail = orjson.loads(value)["tail"]
        elif name != b"ahead" and int(name) < here.page:
            session.seen.update(clip for (clip,) in struct.iter_unpack("<q", value))
    return session


def remember(
    viewer: Viewer,
    here: Position,
    passed_over: Iterable[int],
    page: Mapping[str, Any],
    why: Mapping[int, list[Any]],
    ahead: Ahead | None = None,
) -> None:
    """Keep a page: its clips and what the gate refused, so that neither comes again; why its clips are there; and what was
    composed ahead.

    Lost when Redis is away: the next page notices, and goes on by time.
    """
    key, clips = _key(viewer, here), [*page["ids"], *passed_over]
    try:
        with connection().pipeline(transaction=False) as pipe:
            fields: dict[Any, Any] = {
                str(here.page): struct.pack(f"<{len(clips)}q", *clips),
                f"p{here.page}": orjson.dumps(page),
            }
            if ahead is not None:
                fields["ahead"] = ahead.as_json()
            pipe.hset(key, mapping=fields)
            # Pages that are taken from those ahead leave this to the next one that is composed.
            old, oldest = here.page - PAGES_AGAIN, here.page - SESSION_CLIPS // max(len(clips), 1)
            back = range(PAGES + 1)
            pipe.hdel(
                key,
                *(f"p{old - n}" for n in back),
                *(str(oldest - n) for n in back),
                *([] if ahead else ["ahead"]),
            )
            pipe.expire(key, SESSION_SECONDS)
            _count_page(pipe, viewer)
            if viewer.pk and why:
                kept = f"feed:why:{viewer.pk}"
                pipe.hset(kept, mapping={str(pk): orjson.dumps(what) for pk, what in why.items()})
                pipe.expire(kept, SESSION_SECONDS)
                pipe.hlen(kept)
            *_done, held = pipe.execute()
            if viewer.pk and why and held > WHY_CLIPS:
                connection().delete(kept)
    except redis.RedisError as error:
        log.warning("feed session not kept: %s", error)


def kept_reasons(viewer: Viewer, video_id: int) -> tuple[list[str], int | None] | None:
    """The names of the reasons for which a clip was put on a page of this viewer's lately, and the clip of their history that
    brought it; None when it is not known."""
    if not viewer.pk:
        return None
    try:
        raw: bytes | None = connection().hget(f"feed:why:{viewer.pk}", str(video_id))  # type: ignore[assignment]
    except redis.RedisError as error:
        log.warning("reasons not read: %s", error)
        return None
    if raw is None:
        return None
    names, because = orjson.loads(raw)
    return names, because
