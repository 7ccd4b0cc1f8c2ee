"""How far clips are watched, second by second: parts that were played, the seconds they reach, and arrays of counts.

A second counts as played when its middle was: pieces of one viewing that meet inside a second count it once. Sets of
seconds are whole numbers here, one bit a second, so that thousands of viewings add up in one step of numpy.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from socialapp.lib import rows

from .models import RetentionDay

Counts = npt.NDArray[np.uint32]
Part = tuple[int, int]  # from, to in milliseconds of the clip


def seconds_of(duration_ms: int) -> int:
    """How many seconds of a clip are counted: those whose middle lies in it; one at least."""
    return max(1, (duration_ms + 499) // 1000)


def span(begin_ms: int, end_ms: int, seconds: int) -> int:
    """The seconds whose middles lie in a part, end excluded, as bits."""
    first, last = (begin_ms + 499) // 1000, min(seconds, (end_ms + 499) // 1000)
    return (1 << last) - (1 << first) if last > first else 0


def said(parts: Iterable[Part]) -> str:
    """Parts as the raw rows keep them: "0-5200,3000-8000"."""
    return ",".join(f"{begin}-{end}" for begin, end in parts)


def parts_of(text: str) -> list[Part]:
    """What `said` wrote."""
    found = []
    for part in text.split(","):
        begin, end = part.split("-")
        found.append((int(begin), int(end)))
    return found


def reached_by(parts: Iterable[Part], seconds: int) -> int:
    """All seconds that were played, as bits."""
    bits = 0
    for begin, end in parts:
        bits |= span(begin, end, seconds)
    return bits


def digits(bits: int) -> str:
    """Bits as text, the first four seconds first: what a raw row and the waiting room keep. "" when there are none."""
    return f"{bits:x}"[::-1] if bits else ""


def bits_of(text: str) -> int:
    """What `digits` wrote."""
    return int(text[::-1], 16) if text else 0


@dataclass
class Curves:
    """One clip's day while it is summed: sets of seconds, each of which counts once for every set it is in."""

    creator: int
    seconds: int = 0
    reached: list[int] = field(default_factory=list)
    replays: list[int] = field(default_factory=list)
    skips: list[int] = field(default_factory=list)

    def watch(self, played: str, before: str, seconds: int) -> None:
        """A piece of a viewing of which earlier pieces reached `before`. What is played again is a replay, what is jumped
        over forwards a skip."""
        self.seconds = max(self.seconds, seconds)
        known, end = bits_of(before), None
        for begin, stop in parts_of(played):
            bits = span(begin, stop, seconds)
            if fresh := bits & ~known:
                self.reached.append(fresh)
            if again := bits & known:
                self.replays.append(again)
            if end is not None and begin > end and (over := span(end, begin, seconds)):
                self.skips.append(over)
            known |= bits
            end = stop

    def __iter__(self) -> Iterator[Counts]:
        yield from (counted(sets, self.seconds) for sets in (self.reached, self.replays, self.skips))


def counted(sets: Sequence[int], seconds: int) -> Counts:
    """How many of these sets hold each second."""
    if not sets:
        return np.zeros(seconds, dtype="<u4")
    width = (seconds + 7) // 8
    packed = np.frombuffer(b"".join(bits.to_bytes(width, "little") for bits in sets), dtype=np.uint8)
    bits = np.unpackbits(packed.reshape(len(sets), width), axis=1, bitorder="little", count=seconds)
    return bits.sum(axis=0, dtype=np.uint32).astype("<u4")


def add(found: dict[tuple[int, date], Curves]) -> None:
    """Add to the curves of these clips and days. In the caller's transaction; 3 queries, rows locked in order."""
    if not found:
        return
    rows.make_missing(
        RetentionDay,
        ("video_id", "day", "creator_id"),
        [(*key, curves.creator) for key, curves in found.items()],
        empty=b"",
        unique=("video_id", "day"),
    )
    fresh = []
    for day in sorted({day for _video, day in found}):
        videos = [video for video, its in found if its == day]
        held = RetentionDay.objects.select_for_update().filter(day=day, video__in=videos).order_by("video")
        for pk, video, *packed in held.values_list("pk", "video_id", "reached", "replays", "skips"):
            sums = (pack(_sum(unpack(old), new)) for old, new in zip(packed, found[video, day], strict=True))
            fresh.append((pk, *sums))
    rows.replace(RetentionDay, ("reached", "replays", "skips"), fresh)


def _sum(one: Counts, other: Counts) -> Counts:
    """Both together, as long as the longer."""
    long, short = (one, other) if len(one) >= len(other) else (other, one)
    both = long.copy()
    both[: len(short)] += short
    return both


def unpack(packed: bytes | memoryview) -> Counts:
    """One count a second from what a RetentionDay keeps."""
    return np.frombuffer(packed, dtype="<u4")


def pack(counts: npt.ArrayLike) -> bytes:
    """Counts by second as a RetentionDay keeps them: little-endian uint32."""
    return np.asarray(counts, dtype="<u4").tobytes()


def by_second(packed: bytes | memoryview) -> list[int]:
    """The same as plain numbers."""
    return [int(count) for count in unpack(packed)]
