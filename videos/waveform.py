"""The waveform of a sound, as it is drawn beside it. Knows no files and no rows."""

from typing import Any

import numpy

PEAKS = 200  # values: more than a phone's screen can tell apart


def peaks_of(samples: Any) -> list[int]:
    """The waveform of one channel of 16-bit samples: PEAKS values, 0 to 100 of the loudest."""
    pieces = numpy.array_split(numpy.abs(samples.astype("int32")), min(PEAKS, len(samples)))
    loudest = numpy.array([piece.max() for piece in pieces], dtype=float)
    most = max(loudest.max(), 1.0)
    return [int(value) for value in numpy.round(loudest / most * 100)]
