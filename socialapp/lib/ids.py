"""Primary keys: 63-bit, time-ordered, made by the application. What an id may show is the gate's business, not its shape."""

import secrets
import time

# 2025-01-01T00:00:00Z in milliseconds; 42 bits of milliseconds last until 2164.
EPOCH_MS = 1_735_689_600_000
_RANDOM_BITS = 21


def new_id() -> int:
    """A new id: 42 bits of milliseconds since EPOCH_MS, then 21 random bits (the idea of Twitter's Snowflake).

    Ordering by id is ordering by creation, so `ORDER BY id` pages without another index.
    """
    return ((time.time_ns() // 1_000_000 - EPOCH_MS) << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)


def parse_id(text: str) -> int:
    """The id in an address or a body; 0, which no row has, when it is not one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < 2**63 else 0


def parse_ids(text: str, most: int = 200) -> list[int]:
    """The ids in a list with commas, the first `most`; what is no id is left out."""
    return [number for part in text.split(",", most)[:most] if (number := parse_id(part))]
