"""Playlists for the renditions: reads the index of our own fragmented MP4s and writes HLS that points into them.

One file a rendition serves both as a progressive MP4 and as byte ranges of HLS (RFC 8216). Boxes are those of
ISO/IEC 14496-12; only files that our own ffmpeg wrote are read here.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PLAYLIST_VERSION = (
    7  # EXT-X-MAP outside I-frame playlists needs 6, fragmented MP4 with byte ranges is 7 in practice
)


@dataclass(frozen=True)
class Segment:
    """One fragment: where it lies in the file (bytes) and how long it plays (seconds)."""

    offset: int
    size: int
    seconds: float


@dataclass(frozen=True)
class Index:
    """What a player must know of a fragmented MP4."""

    header: int  # bytes of ftyp and moov, at the start of the file
    size: int
    segments: tuple[Segment, ...]
    codecs: str  # RFC 6381

    @property
    def seconds(self) -> float:
        return sum(segment.seconds for segment in self.segments)

    @property
    def bitrate(self) -> int:
        """Bits a second, on average."""
        return int(self.size * 8 / max(self.seconds, 0.001))

    @property
    def peak(self) -> int:
        """Bits a second of the dearest segment (the BANDWIDTH of RFC 8216, 4.3.4.2). Very short ones count as half a second."""
        return max((int(part.size * 8 / max(part.seconds, 0.5)) for part in self.segments), default=0)


class BadIndex(ValueError):
    """The file has no index that players could use."""


@dataclass(frozen=True)
class Variant:
    """A rendition as the master playlist lists it."""

    name: str  # of its media playlist
    width: int
    height: int
    index: Index
    frame_rate: float


def read_index(path: Path) -> Index:
    """The index of a fragmented MP4 with a global sidx before its first fragment. Reads headers only."""
    header, moov = 0, b""
    segments: tuple[Segment, ...] = ()
    with path.open("rb") as file:
        for kind, start, size in _boxes(file, path.stat().st_size):
            if kind in {b"ftyp", b"moov"}:
                header = start + size
            if kind == b"moov":
                file.seek(start)
                moov = file.read(size)
            if kind == b"sidx" and not segments:
                # One sidx a track; the first is the picture's, as it is the first track of what we write.
                file.seek(start)
                segments = tuple(_references(file.read(size), start + size))
    if not moov or not segments:
        raise BadIndex("no moov or no sidx")
    return Index(header, path.stat().st_size, segments, _codecs(moov))


def _boxes(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int]]:
    at = 0
    while at + 8 <= end:
        file.seek(at)
        size, kind, large = struct.unpack(">I4sQ", file.read(16).ljust(16, b"\0"))
        size = large if size == 1 else size or end - at
        if size < 8:
            raise BadIndex("a box without a size")
        yield kind, at, size
        at += size


def _references(box: bytes, anchor: int) -> Iterator[Segment]:
    """The references of a sidx (14496-12, 8.16.3); `anchor` is the byte after it, from which offsets count."""
    version = box[8]
    (timescale,) = struct.unpack_from(">I", box, 16)
    offset = anchor + struct.unpack_from(">I" if version == 0 else ">Q", box, 24 if version == 0 else 28)[0]
    at = 28 if version == 0 else 36
    (count,) = struct.unpack_from(">H", box, at + 2)
    for number in range(count):
        size, duration, _access = struct.unpack_from(">III", box, at + 4 + 12 * number)
        size &= 0x7FFFFFFF
        yield Segment(offset, size, duration / timescale)
        offset += size


def _codecs(moov: bytes) -> str:
    """`avc1.PPCCLL[,mp4a.40.2]` from the sample descriptions."""
    at = moov.find(b"avcC")
    if at < 0:
        raise BadIndex("no H.264")
    picture = f"avc1.{moov[at + 5 : at + 8].hex()}"
    return f"{picture},mp4a.40.2" if b"mp4a" in moov else picture


def media_playlist(file_name: str, index: Index) -> str:
    """The playlist of one rendition: byte ranges of `file_name`, which lies beside it."""
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{PLAYLIST_VERSION}",
        f"#EXT-X-TARGETDURATION:{max(1, *(round(part.seconds + 0.499) for part in index.segments))}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{file_name}",BYTERANGE="{index.header}@0"',
    ]
    for part in index.segments:
        lines += [f"#EXTINF:{part.seconds:.5f},", f"#EXT-X-BYTERANGE:{part.size}@{part.offset}", file_name]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def variant_lines(variant: Variant) -> str:
    """What the master playlist says of one rendition (RFC 8216, 4.3.4.2)."""
    index = variant.index
    return (
        f"#EXT-X-STREAM-INF:BANDWIDTH={index.peak},AVERAGE-BANDWIDTH={index.bitrate},"
        f'RESOLUTION={variant.width}x{variant.height},FRAME-RATE={variant.frame_rate:.3f},CODECS="{index.codecs}"\n'
        f"{variant.name}\n"
    )


def master_playlist(variants: dict[int, str]) -> str:
    """The playlist of all renditions, given by their short sides. Players start with the first that is listed: the one
    nearest to 480 lines, quick and good enough; the others follow from the largest down."""
    sides = sorted(variants, reverse=True)
    start = min(sides, key=lambda side: abs(side - 480))
    sides.sort(key=lambda side: side != start)
    head = f"#EXTM3U\n#EXT-X-VERSION:{PLAYLIST_VERSION}\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    return head + "".join(variants[side] for side in sides)
