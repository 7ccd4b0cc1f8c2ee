"""How near a rendition is to its source: structural similarity (ffmpeg's ssim filter), and what that is at another bitrate.

The source is brought to the rendition's size by a scaler that neither side uses (Lanczos), so that none is at home.
"""

import math
import re
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Quality:
    """Of one file's picture: kbit/s, and SSIM over all planes in dB (−10·log10(1 − SSIM); 13 dB is 0.95)."""

    kbits: float
    decibels: float


def of(made, source, side):
    """The Quality of the file `made` whose short side is `side`."""
    from socialapp.lib.ffmpeg import binary

    from .by_hand import scaled

    # Both named alike, else ffmpeg would convert what one of them does not say.
    named = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
    same = f"{named},format=yuv420p,setpts=PTS-STARTPTS"
    source_like = f"[1:v]{named},{scaled(side)}:flags=lanczos+accurate_rnd,{same}[source]"
    graph = f"{source_like};[0:v]{same}[made];[made][source]ssim"
    command = [binary(), "-hide_banner", "-nostats", "-i", made, "-i", source]
    done = subprocess.run(
        [*command, "-filter_complex", graph, "-an", "-f", "null", "-"],
        stderr=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"All:([\d.]+)", done.stderr)
    return Quality(_kbits(made), -10 * math.log10(1 - min(float(found[1]), 0.999999)))


def _kbits(made):
    import av

    with av.open(str(made)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        seconds = len(packets) / float(container.streams.video[0].average_rate)
        return sum(packet.size for packet in packets) * 8 / seconds / 1000


def at(kbits, curve):
    """The dB that the other side reaches at `kbits`, on a line through its own Qualities near there."""
    import numpy

    near = sorted(curve, key=lambda quality: abs(math.log(quality.kbits / kbits)))[:2]
    if math.isclose(near[0].kbits, near[1].kbits, rel_tol=0.01):  # both at the ceiling
        return near[0].decibels
    slope, level = numpy.polyfit([math.log(q.kbits) for q in near], [q.decibels for q in near], 1)
    return float(slope * math.log(kbits) + level)
