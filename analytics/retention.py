"""How far clips are watched, second by second: arrays of counts, packed as the table keeps them."""

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.uint32]


def unpack(packed: bytes | memoryview) -> Counts:
    """One count a second from what a RetentionDay keeps."""
    return np.frombuffer(packed, dtype="<u4")


def pack(counts: npt.ArrayLike) -> bytes:
    """Counts by second as a RetentionDay keeps them: little-endian uint32."""
    return np.asarray(counts, dtype="<u4").tobytes()


def by_second(packed: bytes | memoryview) -> list[int]:
    """The same as plain numbers."""
    return [int(count) for count in unpack(packed)]
