"""Nothing of the upload's words is left in anything that people can fetch: videos, covers, previews, sounds, playlists."""

import re
import struct

import pytest

from tests.reliability.killing import addresses

from .conftest import EDITED, TOO_LONG, VALID
from .references import opened

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("corpus")]

# What a file format itself demands, and says nothing of the upload.
TAGS = {
    "major_brand": re.compile(r"iso\d|isom|mp42|M4A "),
    "minor_version": re.compile(r"\d+"),
    "compatible_brands": re.compile(r"[\w ]+"),
    "language": re.compile("und"),
    "handler_name": re.compile("VideoHandler|SoundHandler"),
    "vendor_id": re.compile(r"\[0\]\[0\]\[0\]\[0\]"),
    "encoder": re.compile(
        r"Lavc libx264|Lavc aac"
    ),  # the format's field for the encoder; ours, without its version
}
FORBIDDEN_BOXES = {
    b"udta",
    b"meta",
    b"uuid",
    b"ilst",
    b"keys",
    b"loci",
    b"chpl",
    b"XMP_",
    b"gpmd",
    b"tmcd",
    b"mebx",
    b"amve",
}
# What ffmpeg's muxer writes where there is nothing to say: a list of no items (udta, meta, hdlr, ilst).
EMPTY_LIST = (
    struct.pack(">I4sI", 53, b"meta", 0)
    + struct.pack(">I4sQ", 33, b"hdlr", 0)
    + b"mdirappl".ljust(17, b"\0")
    + struct.pack(">I4s", 8, b"ilst")
)
NESTED = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"mvex", b"moof", b"traf"}
WORDS = (
    *(
        b"Apple",
        b"iPhone",
        b"samsung",
        b"Pixel",
        b"Google",
        b"com.android",
        b"com.apple",
        b"Xiaomi",
        b"HUAWEI",
        b"GoPro",
    ),
    *(
        b"Lavf",
        b"HandBrake",
        b"x264 - core",
        b"x265 (build",
        b"location",
        b"Copyright",
        b"creation_time",
        b"<x:xmpmeta",
        b"Exif\0\0",
    ),
)
CLIPS = [*((name, "") for name in VALID), *EDITED, (TOO_LONG, "trimmed")]


def boxes(data, start=0, end=None):
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        assert size >= 8, (kind, start)
        yield kind, data[start + 8 : start + size]
        if kind in NESTED:
            yield from boxes(data, start + 8, start + size)
        start += size


def said_in_mp4(data):
    """Everything that an MP4 says beyond picture and sound; empty when it says nothing."""
    found = [
        f"box {kind}"
        for kind, body in boxes(data)
        if (kind in FORBIDDEN_BOXES or kind[:1] == b"\xa9") and body != EMPTY_LIST
    ]
    times = {body[4:12] for kind, body in boxes(data) if kind in {b"mvhd", b"tkhd", b"mdhd"} and body[0] == 0}
    found += [f"a time in the headers: {time.hex()}" for time in times if time != b"\0" * 8]
    with opened(data) as container:
        tags = {**container.metadata}
        for stream in container.streams:
            tags |= stream.metadata
            if stream.type not in {"video", "audio"}:
                found.append(f"a stream of {stream.type}")
            if stream.type == "video":
                found += units_of(container, stream)
        found += [
            f"{name}={value}"
            for name, value in tags.items()
            if name not in TAGS or not TAGS[name].fullmatch(value)
        ]
        found += [f"chapter {chapter}" for chapter in container.chapters()]
    with opened(data) as container:
        for frame in container.decode(container.streams.video[0]) if container.streams.video else ():
            found += [f"frame data {side.type.name}" for side in frame.side_data]
            break
    return found


def units_of(container, stream):
    """NAL units of H.264 that carry words of encoders and cameras (type 6, supplemental information)."""
    extra = bytes(stream.codec_context.extradata or b"")
    width = (extra[4] & 3) + 1
    kinds = set()
    for packet in container.demux(stream):
        data, at = bytes(packet), 0
        while at + width < len(data):
            size = int.from_bytes(data[at : at + width], "big")
            kinds.add(data[at + width] & 31)
            at += width + size
    return ["supplemental information between the pictures"] if 6 in kinds else []


def said_in_webp(data):
    at, kinds = 12, set()
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        kinds.add(kind)
        at += 8 + size + size % 2
    return [f"chunk {kind}" for kind in kinds - {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}]


def files_of(site, clip):
    """Every file of a clip's folders, whether its address was told or not: (name, bytes)."""
    folders = {address.split("/")[-2] for address in addresses(clip)}
    assert folders
    for folder in folders:
        for path in sorted((site.folder / "files" / "clips" / folder).iterdir()):
            yield path.name, path.read_bytes()


@pytest.mark.parametrize(("name", "edit"), CLIPS)
def test_no_words_of_the_upload_are_left(every, site, name, edit):
    said, kinds = [], set()
    for file, data in files_of(site, every[name, edit]):
        kind = file.rpartition(".")[2]
        kinds.add(kind)
        found = said_in_mp4(data) if kind in {"mp4", "m4a"} else said_in_webp(data) if kind == "webp" else []
        found += [f"the word {word!r}" for word in WORDS if word in data]
        said += [f"{file}: {what}" for what in dict.fromkeys(found)]
    assert {"mp4", "m3u8", "webp"} <= kinds
    assert not said, "\n".join(said)
