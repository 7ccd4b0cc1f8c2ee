"""Damaged uploads, the same every time: small clips of several containers, broken in ways that a seed decides."""

import random
import struct
from collections.abc import Callable, Iterator

from tests.videos.clips import clip

SMALL = {"size": "96x170", "rate": 10, "seconds": 1.5}
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "5", "-threads", "1")
EXACT = ("-fflags", "+bitexact")
# What phones, recorders and browsers upload, and a few that only attackers would. Name → how the clip is made.
KINDS: dict[str, tuple[str, dict]] = {
    "mp4": ("plain.mp4", {"video": H264, "extra": EXACT}),
    "faststart": ("fast.mp4", {"video": H264, "extra": (*EXACT, "-movflags", "+faststart")}),
    "fragmented": ("parts.mp4", {"video": H264, "extra": (*EXACT, "-movflags", "+frag_keyframe+empty_moov")}),
    "hevc": (
        "phone.mp4",
        {
            "video": (
                "-c:v",
                "libx265",
                "-preset",
                "ultrafast",
                "-x265-params",
                "pools=1:log-level=error",
                "-tag:v",
                "hvc1",
            ),
            "extra": EXACT,
        },
    ),
    "mov": ("camera.mov", {"video": ("-c:v", "mjpeg"), "audio": ("-c:a", "pcm_s16le"), "extra": EXACT}),
    "mkv": ("film.mkv", {"video": H264, "audio": ("-c:a", "ac3"), "extra": EXACT}),
    "webm": (
        "record.webm",
        {
            "video": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-threads", "1"),
            "audio": ("-c:a", "libopus"),
            "extra": EXACT,
        },
    ),
    "avi": ("old.avi", {"video": ("-c:v", "mpeg4"), "audio": ("-c:a", "libmp3lame"), "extra": EXACT}),
    "ts": ("broadcast.ts", {"video": ("-c:v", "mpeg2video"), "audio": ("-c:a", "mp2"), "extra": EXACT}),
}
# Voices that are spoken over a clip.
SOUND_KINDS: dict[str, tuple[str, dict]] = {
    "wav": ("voice.wav", {"audio": ("-c:a", "pcm_s16le")}),
    "mp3": ("voice.mp3", {"audio": ("-c:a", "libmp3lame")}),
    "m4a": ("voice.m4a", {"audio": ("-c:a", "aac")}),
    "ogg": ("voice.ogg", {"audio": ("-c:a", "libopus")}),
    "flac": ("voice.flac", {"audio": ("-c:a", "flac")}),
}
NESTED = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"udta", b"mvex", b"moof", b"traf"}


def whole(kind: str) -> bytes:
    """An undamaged clip of this kind."""
    if kind in SOUND_KINDS:
        name, how = SOUND_KINDS[kind]
        return clip(name, **SMALL, video=("-vn",), extra=EXACT, **how).read_bytes()
    name, how = KINDS[kind]
    return clip(name, **SMALL, **how).read_bytes()


def mutated(kind: str, seed: int) -> tuple[str, bytes]:
    """(what was done, the damaged bytes). The same seed does the same."""
    dice = random.Random(f"{kind} {seed}")
    data = bytearray(whole(kind))
    deeds = []
    for _deed in range(dice.choice((1, 1, 1, 2, 3))):
        deed = dice.choice(DEEDS)
        if len(data) > 16:
            deed(data, dice, kind)
            deeds.append(deed.__name__)
    return "+".join(deeds), bytes(data)


# --- What is done to them -------------------------------------------------------------------------------------------


def flip_bits(data: bytearray, dice: random.Random, kind: str) -> None:
    for _bit in range(dice.choice((1, 4, 20, 200))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def flip_bits_in_headers(data: bytearray, dice: random.Random, kind: str) -> None:
    """Where the tables are: the first kilobyte, and an MP4's moov wherever it lies."""
    moov = data.find(b"moov")
    start = moov if moov >= 0 and dice.random() < 0.7 else 0
    stop = min(len(data), start + 2500)
    for _bit in range(dice.choice((1, 3, 12, 60))):
        data[dice.randrange(start, stop)] ^= 1 << dice.randrange(8)


def truncate(data: bytearray, dice: random.Random, kind: str) -> None:
    del data[dice.randrange(1, len(data)) :]


def truncate_the_start(data: bytearray, dice: random.Random, kind: str) -> None:
    del data[: dice.randrange(1, min(len(data), 5000))]


def edit_a_size(data: bytearray, dice: random.Random, kind: str) -> None:
    """A box, chunk or element claims to be another size than it is."""
    places = list(_sizes(data, kind))
    if not places:
        return flip_bits_in_headers(data, dice, kind)
    at, form = dice.choice(places)
    (size,) = struct.unpack_from(form, data, at)
    top = 256 ** struct.calcsize(form) - 1
    new = dice.choice(
        (0, 1, 7, 8, 9, size - 1, size + 1, size * 2, size + 8, size // 2, top // 2, top - 7, top)
    )
    struct.pack_into(form, data, at, max(0, min(top, new)))
    return None


def edit_a_number(data: bytearray, dice: random.Random, kind: str) -> None:
    """Four bytes in the tables become an extreme: lengths, counts, offsets, rates, dimensions."""
    moov = data.find(b"moov")
    start = moov if moov >= 0 and dice.random() < 0.8 else 0
    at = dice.randrange(start, max(start + 1, min(len(data) - 4, start + 2500)))
    value = dice.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x00FFFFFF, dice.getrandbits(32)))
    data[at : at + 4] = struct.pack(">I", value)


def rename_a_box(data: bytearray, dice: random.Random, kind: str) -> None:
    places = [at for at, form in _sizes(data, kind) if form == ">I"]
    if not places:
        return flip_bits_in_headers(data, dice, kind)
    at = dice.choice(places)
    other = bytes(data[(there := dice.choice(places)) + 4 : there + 8])
    data[at + 4 : at + 8] = dice.choice((b"free", b"moov", b"trak", b"\0\0\0\0", b"cmov", b"uuid", other))
    return None


def swap_chunks(data: bytearray, dice: random.Random, kind: str) -> None:
    size = dice.choice((4, 16, 188, 512, 4096))
    if len(data) < 2 * size + 2:
        return
    first = dice.randrange(len(data) - size)
    second = dice.randrange(len(data) - size)
    one, other = bytes(data[first : first + size]), bytes(data[second : second + size])
    data[first : first + size], data[second : second + size] = other, one


def swap_boxes(data: bytearray, dice: random.Random, kind: str) -> None:
    """Two boxes (or the packets of a transport stream) change places, whole."""
    spans = [(at, size) for at, size, _depth in boxes(data) if size >= 8]
    if len(spans) < 2:
        return swap_chunks(data, dice, kind)
    (a, a_size), (b, b_size) = sorted(dice.sample(spans, 2))
    if a + a_size > b:  # one holds the other
        return swap_chunks(data, dice, kind)
    data[:] = (
        data[:a] + data[b : b + b_size] + data[a + a_size : b] + data[a : a + a_size] + data[b + b_size :]
    )
    return None


def repeat_a_piece(data: bytearray, dice: random.Random, kind: str) -> None:
    at = dice.randrange(len(data))
    piece = bytes(data[at : at + dice.choice((8, 100, 1000, 10_000))])
    data[at:at] = piece * dice.choice((1, 3, 30))


def remove_a_piece(data: bytearray, dice: random.Random, kind: str) -> None:
    at = dice.randrange(len(data))
    del data[at : at + dice.choice((1, 4, 100, 2000))]


def blank_a_piece(data: bytearray, dice: random.Random, kind: str) -> None:
    at = dice.randrange(len(data))
    size = min(len(data) - at, dice.choice((16, 256, 4096)))
    data[at : at + size] = bytes([dice.choice((0, 255, 0x47))]) * size


def graft(data: bytearray, dice: random.Random, kind: str) -> None:
    """It begins as one container and goes on as another."""
    other = whole(dice.choice(sorted(KINDS.keys() - {kind})))
    at = dice.randrange(1, len(data))
    data[at:] = other[dice.randrange(len(other)) :]


DEEDS: tuple[Callable[[bytearray, random.Random, str], None], ...] = (
    flip_bits,
    flip_bits_in_headers,
    flip_bits_in_headers,
    truncate,
    truncate_the_start,
    edit_a_size,
    edit_a_size,
    edit_a_number,
    edit_a_number,
    rename_a_box,
    swap_chunks,
    swap_boxes,
    repeat_a_piece,
    remove_a_piece,
    blank_a_piece,
    graft,
)


# --- Where sizes stand -----------------------------------------------------------------------------------------------


def boxes(data: bytes | bytearray, start: int = 0, end: int | None = None, depth: int = 0) -> Iterator[tuple]:
    """(offset, size, depth) of an MP4's boxes, containers before what they hold. Stops at what is none."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        if size < 8 or start + size > end or not kind.strip(b"\xa9").isalnum():
            return
        yield start, size, depth
        if kind in NESTED:
            yield from boxes(data, start + 8, start + size, depth + 1)
        start += size


def _sizes(data: bytearray, kind: str) -> Iterator[tuple[int, str]]:
    """Where a size is written, and how."""
    if kind in {"mp4", "faststart", "fragmented", "hevc", "mov", "m4a"}:
        for at, _size, _depth in boxes(data):
            yield at, ">I"
    elif kind in {"avi", "wav"}:
        for word in (
            b"RIFF",
            b"LIST",
            b"avih",
            b"strh",
            b"strf",
            b"idx1",
            b"00dc",
            b"01wb",
            b"fmt ",
            b"data",
        ):
            at = data.find(word)
            while 0 <= at < len(data) - 8:
                yield at + 4, "<I"
                at = data.find(word, at + 4)
    elif kind in {"mkv", "webm"}:
        # EBML: a size follows its element's id. Segment, SeekHead, Info, Tracks, TrackEntry, Cluster, SimpleBlock, Cues
        for word, id_length in (
            *((word, 4) for word in (b"\x18\x53\x80\x67", b"\x11\x4d\x9b\x74", b"\x15\x49\xa9\x66")),
            *((word, 4) for word in (b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75", b"\x1c\x53\xbb\x6b")),
            *((word, 1) for word in (b"\xae", b"\xa3", b"\xa0", b"\xa1")),
        ):
            at = data.find(word)
            while 0 <= at < len(data) - 8:
                yield at + id_length, ">B"
                at = data.find(word, at + 1)
    elif kind == "ogg":  # segments of a page
        at = data.find(b"OggS")
        while 0 <= at < len(data) - 32:
            yield at + 26, ">B"
            yield at + 27, ">B"
            at = data.find(b"OggS", at + 4)
    elif kind in {"mp3", "flac"}:
        for at in range(4, 60, 4):
            yield at, ">I"
    else:  # a transport stream: adaptation field lengths, section lengths
        for at in range(0, len(data) - 188, 188):
            yield at + 4, ">B"
            yield at + 6, ">B"
