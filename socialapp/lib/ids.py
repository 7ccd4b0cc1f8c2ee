"""Primary keys: 63-bit, time-ordered, made by the application. What an id may show is the gate's business, not its shape."""

import secrets
import threading
import time
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Model, QuerySet

from .errors import NotFound

M = TypeVar("M", bound=Model)

# 2025-01-01T00:00:00Z in milliseconds; 42 bits of milliseconds last until 2164.
EPOCH_MS = 1_735_689_600_000
RANDOM_BITS = 21
AHEAD = timedelta(hours=1)


# Ids of one millisecond of one process lie this far apart at most: far enough not to be counted through by eye, near
# enough that two thousand fit.
_STEP = 1 << 10
# A clock that is further back than this was set back; ids follow it. Less is a correction, and order goes before truth.
_SET_BACK_MS = 10_000
_lock = threading.Lock()
_last = 0


def new_id() -> int:
    """A new id: 42 bits of milliseconds since EPOCH_MS, then 21 random bits (the idea of Twitter's Snowflake).

    Ordered by id is ordered by creation, so `ORDER BY id` pages without another index. Within one process ids only grow, those
    of one millisecond too, and none comes twice (RFC 9562, section 6.2, method 2: monotonic random).
    """
    global _last
    now = time.time_ns() // 1_000_000 - EPOCH_MS
    with _lock:
        ahead = (_last >> RANDOM_BITS) - now
        if 0 <= ahead <= _SET_BACK_MS:
            _last += 1 + secrets.randbelow(_STEP)
        else:
            _last = (now << RANDOM_BITS) | secrets.randbits(RANDOM_BITS)
        return _last


def created_since(rows: QuerySet[M], moment: datetime) -> QuerySet[M]:
    """Of `rows`, whose ids are `new_id`'s, those with a `created_at` of `moment` or later: a range of the primary key, so that
    no other index is needed. An id is made at most AHEAD before what its row says (a slow request, clocks that differ)."""
    first = int((moment - AHEAD).timestamp() * 1000) - EPOCH_MS << RANDOM_BITS
    return rows.filter(pk__gte=first, created_at__gte=moment)


def parse_id(text: str) -> int:
    """The id in an address or a body; 0, which no row has, when it is not one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < 2**63 else 0


def parse_ids(text: str, most: int = 200) -> list[int]:
    """The ids in a list with commas, the first `most`; what is no id is left out."""
    return [number for part in text.split(",", most)[:most] if (number := parse_id(part))]


def row_of(rows: QuerySet[M], row_id: str | int) -> M:
    """The one of `rows` that has this id, a number or as an address says it. NotFound for any other, and for what is no id, so
    that absent and hidden answer alike. One query."""
    row = rows.filter(pk=row_id if isinstance(row_id, int) else parse_id(row_id)).first()
    if row is None:
        raise NotFound()
    return row
