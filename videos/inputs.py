"""One file as ffmpeg reads it: opened within its walls, and its picture brought to the form that all pictures here have.

What is done with several files together is videos.composing; what is written is videos.transcoding.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from .probe import CODEC_WHITELIST, MAX_PIXELS, Source

MAX_FRAME_RATE = 60
EVEN_RATES = (15, 24, 25, 30, 50, 60)  # of real cameras
REFERENCE_WHITE = 203  # cd/m², HDR reference white (ITU-R BT.2408-7, table 1)
NOMINAL_PEAK = 1000  # cd/m², of the displays that HLG is made for and that phones grade PQ for
# Names of H.273 code points for setparams, where a file says nothing or where filters need to be told.
_PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 12: "smpte432"}
_TRANSFERS = {
    1: "bt709",
    6: "smpte170m",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    18: "arib-std-b67",
}
_MATRICES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}
WIDE_PRIMARIES = {9, 11, 12}  # BT.2020 and P3: shown as BT.709 they would look pale
_SAMPLES = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "range": "tv"}


def open_source(path: Path, demuxer: str, **options: Any) -> Any:
    """An ffmpeg-python input that is held to one local file, one demuxer and known codecs."""
    return ffmpeg.input(
        str(path),
        f=demuxer,
        protocol_whitelist="file,pipe",
        format_whitelist=demuxer,
        codec_whitelist=CODEC_WHITELIST,
        max_pixels=MAX_PIXELS,
        max_streams=64,
        **options,
    )


def open_drawing(path: Path) -> Any:
    """An ffmpeg-python input of a PNG that we made ourselves: one frame."""
    return ffmpeg.input(
        str(path),
        f="png_pipe",
        protocol_whitelist="file,pipe",
        format_whitelist="png_pipe",
        codec_whitelist="png",
    )


def even_rate(source: Source) -> float | None:
    """The rate that a source's frames must be brought to, or None when they come evenly and not too often.

    An even rate keeps level, buffers and seeking sane.
    """
    if source.frame_rate > MAX_FRAME_RATE + 1:
        return MAX_FRAME_RATE
    if source.variable_rate:
        return next(rate for rate in EVEN_RATES if rate >= source.frame_rate - 1)
    return None


def exact_rate(rate: float) -> str:
    """A rate as a fraction: 29.97 is 30000/1001."""
    fraction = Fraction(rate).limit_denominator(1001)
    return f"{fraction.numerator}/{fraction.denominator}"


def described(stream: Any, source: Source) -> Any:
    """The pictures of `source` as they are decoded (upright: ffmpeg turns them), told what their numbers mean, not interlaced."""
    stream = stream.filter("setparams", **_colours(source))
    return stream.filter("bwdif", mode="send_frame", deint="interlaced") if source.interlaced else stream


def shaped(stream: Any, source: Source, width: int, height: int) -> Any:
    """Scaled to `width` × `height`, in 8-bit BT.709 of limited range with square pixels."""
    if source.hdr:
        stream = _tone_mapped(stream.filter("zscale", w=width, h=height, f="bilinear"))
    elif source.primaries in WIDE_PRIMARIES:
        stream = stream.filter(
            "zscale", w=width, h=height, f="bicubic", p="709", t="709", m="709", r="limited"
        )
    elif _colours(source)["colorspace"] == "bt709" and not source.full_range:
        stream = resized(stream, width, height)
    else:
        stream = stream.filter(
            "scale", width, height, flags="bicubic", out_color_matrix="bt709", out_range="tv"
        )
    stream = stream.filter("format", "yuv420p").filter("setsar", "1").filter("setparams", **_SAMPLES)
    # What cameras note beside the picture (the light around a phone, HDR displays) is the upload's, and wrong for SDR.
    return stream.filter("sidedata", mode="delete")


def resized(stream: Any, width: int, height: int) -> Any:
    """Pictures in their colours, scaled to `width` × `height`. zscale takes half as long as ffmpeg's own scaler, but blurs
    colours where it also has to change what they mean."""
    return stream.filter("zscale", w=width, h=height, f="bicubic")


def _colours(source: Source) -> dict[str, str]:
    """What the picture's numbers mean; the guess of browsers (BT.601 for SD, BT.709 from 720 lines on) where unsaid."""
    small = source.short_side < 720
    matrix = _MATRICES.get(source.matrix, "smpte170m" if small else "bt709")
    if source.hdr:
        matrix = _MATRICES.get(source.matrix, "bt2020nc")
    return {
        "color_primaries": _PRIMARIES.get(source.primaries, "bt2020" if source.hdr else "bt709"),
        "color_trc": _TRANSFERS.get(source.transfer, "bt709"),
        "colorspace": matrix,
        "range": "pc" if source.full_range else "tv",
    }


def _tone_mapped(stream: Any) -> Any:
    """HDR to SDR: reference white becomes white, what is brighter is rolled off, colours are brought into BT.709.

    Mobius leaves what is darker than the knee as it is, so faces keep their brightness, unlike Hable's curve, which darkens.
    The light is coded for screens as they are (sRGB), which show BT.709 without converting it: BT.1886's 2.4 would look pale.
    """
    return (
        stream.filter("zscale", t="linear", npl=REFERENCE_WHITE)
        .filter("format", "gbrpf32le")
        .filter("zscale", p="709")
        .filter("tonemap", "mobius", param=0.5, desat=0, peak=round(NOMINAL_PEAK / REFERENCE_WHITE, 3))
        .filter("zscale", t="iec61966-2-1", m="709", r="limited", d="ordered")
    )
