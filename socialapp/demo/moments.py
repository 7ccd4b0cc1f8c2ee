"""Times of the demo: rows dated in the past, with ids that say the same, and dice that always fall the same way."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import numpy as np
from django.db import models

from socialapp.lib.ids import EPOCH_MS

LOW_BITS = 21  # of an id are free of time (socialapp.lib.ids)
MASK = (1 << LOW_BITS) - 1


def dice(*words: object) -> np.random.Generator:
    """Random numbers that depend on these words only."""
    return np.random.default_rng(zlib.crc32("|".join(map(str, words)).encode()))


def keenness(username: str) -> float:
    """How often somebody comes compared to others, 1 on average."""
    return float(dice("keen", username).gamma(7.0, 1 / 7.0))


def mark(*words: object) -> int:
    """The low bits of an id of the demo: by them a row is found again, whenever it was made."""
    return zlib.crc32("|".join(map(str, words)).encode()) & MASK


def id_at(moment: datetime, *words: object) -> int:
    """An id as it would have been made at `moment`, so that ordering by id is ordering by time."""
    return (int(moment.timestamp() * 1000) - EPOCH_MS << LOW_BITS) | mark(*words)


def spread(
    rng: np.random.Generator, start: datetime, end: datetime, count: int, fade: float
) -> list[datetime]:
    """Moments between two, dense at the start; half of them lie in the first `fade` days."""
    span = (end - start).total_seconds()
    ages = rng.exponential(fade * 86_400 / 0.69, count) % max(span, 1)
    return [start + timedelta(seconds=float(age)) for age in ages]


@contextmanager
def own_times(*tables: type[models.Model]) -> Iterator[None]:
    """Let bulk_create keep the times we give in columns that would otherwise be stamped with now."""
    stamped = [
        (field, name)
        for table in tables
        for field in table._meta.fields
        for name in ("auto_now_add", "auto_now")
        if getattr(field, name, False)
    ]
    for field, name in stamped:
        setattr(field, name, False)
    try:
        yield
    finally:
        for field, name in stamped:
            setattr(field, name, True)
