"""Decides whether a file can become a clip, and says what a conversion must know of it. Reads it only in a sandboxed child.

The limits protect the machine (formats, pixels, very long recordings); how long a clip may be is judged when it is known what
was cut (videos.transcoding). Each refusal is a code of videos.failures.
"""

import json
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from socialapp.lib import sandbox
from socialapp.lib.sandbox import Limits

from . import probe_child
from .edits import LONGEST_SOURCE
from .failures import Unusable, clock

# What phones, cameras, screen recorders and browsers write; decoders by their names in ffmpeg.
VIDEO_CODECS = "h264,hevc,vp8,vp9,av1,libdav1d,mpeg4,mpeg2video,mpeg1video,h263,mjpeg,prores,dvvideo"
AUDIO_CODECS = (
    "aac,aac_latm,mp3,mp3float,mp2,mp2float,ac3,eac3,opus,vorbis,flac,alac,amrnb,amrwb,pcm_s16le,pcm_s16be,pcm_s24le,"
    "pcm_s24be,pcm_s32le,pcm_f32le,pcm_f32be,pcm_u8,pcm_mulaw,pcm_alaw"
)
CODEC_WHITELIST = f"{VIDEO_CODECS},{AUDIO_CODECS}"
_NAMES = {"amr_nb": "amrnb", "amr_wb": "amrwb"}  # canonical names that differ from the decoder's
MAX_SIDE = 8192
MAX_PIXELS = 4096 * 4096  # more than any phone films; a frame of it is 24 MB before scaling
MIN_SIDE = 32
LENGTH_TOLERANCE = 0.5  # seconds: cutters round up to whole frames and sound packets
SHORTEST = 0.1  # seconds
PQ, HLG = 16, 18  # transfer characteristics, ISO/IEC 23091-2 (H.273), table 3
_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_IMAGE_BRANDS = {b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"}
_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"[playlist]", b"<?xml", b"<MPD", b"<smil", b"#EXT-X-")
_MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"moof", b"styp", b"sidx"}


@dataclass(frozen=True)
class Sound:
    """The sound track that is used."""

    index: int
    codec: str
    profile: str
    channels: int
    bitrate: int


@dataclass(frozen=True)
class Source:
    """What is known of a file that can be used. Sizes are as a viewer sees them: upright, with square pixels."""

    path: Path
    demuxer: str
    size: int  # bytes
    duration: float  # seconds
    width: int
    height: int
    video_index: int
    codec: str
    profile: str
    pix_fmt: str
    frame_rate: float  # frames in a second, on average
    variable_rate: bool
    as_stored: (
        bool  # shown just as stored: no rotation, no mirror, square pixels, not interlaced, no hidden start
    )
    interlaced: bool
    primaries: int  # these four as in H.273
    transfer: int
    matrix: int
    full_range: bool
    bitrate: int  # of the picture, bits a second
    keyframes: tuple[float, ...]  # seconds
    sound: Sound | None

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)

    @property
    def hdr(self) -> bool:
        """Whether brightness is coded for HDR (PQ or HLG)."""
        return self.transfer in {PQ, HLG}


@dataclass(frozen=True)
class SoundSource:
    """What is known of a file of which only the sound is used."""

    path: Path
    demuxer: str
    size: int  # bytes
    duration: float  # seconds
    sound: Sound


def sniff_sound(path: Path) -> str:
    """The demuxer for a sound file by its first bytes. Raises Unusable for what is neither sound nor a video container."""
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"OggS"):
        return "ogg"
    if head.startswith(b"fLaC"):
        return "flac"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"ID3"):
        return "mp3"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # a frame of MPEG audio; layer 0 is ADTS
        return "mp3" if head[1] & 0x06 else "aac"
    try:
        demuxer = sniff(path)
    except Unusable as refusal:
        if refusal.code in {"incomplete", "empty"}:
            raise
        raise Unusable("not_sound") from refusal
    return demuxer


def sniff(path: Path) -> str:
    """The demuxer for a file by its first bytes, never by its name. Raises Unusable for what is no video container."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise Unusable("empty")
    if (
        head.startswith(_IMAGES)
        or head[8:12] == b"WEBP"
        or (head[4:8] == b"ftyp" and head[8:12] in _IMAGE_BRANDS)
    ):
        raise Unusable("image")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_PLAYLISTS):
        raise Unusable("playlist")
    if head[4:8] in _MOV_BOXES:
        if _breaks_off(path):
            raise Unusable("incomplete")
        return "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    # Transport streams: a sync byte every 188 bytes, or every 192 with a time stamp before each packet (M2TS).
    if len(head) > 580 and any(
        all(head[at + size * n] == 0x47 for n in range(3)) for at, size in ((0, 188), (4, 192))
    ):
        return "mpegts"
    raise Unusable("not_media")


def _breaks_off(path: Path) -> bool:
    """Whether an MP4's boxes reach past its end: the download or the recording stopped (ISO/IEC 14496-12, 4.2)."""
    end = path.stat().st_size
    with path.open("rb") as file:
        at, boxes = 0, 0
        while at + 8 <= end and boxes < 10_000:
            file.seek(at)
            header = file.read(16)
            size = int.from_bytes(header[:4], "big")
            if size == 1:
                size = int.from_bytes(header[8:16], "big")
            elif size == 0:
                return False  # to the end of the file, by definition
            if size < 8 or not header[4:8].isalnum():
                return False  # not a box: damage, which the demuxer judges
            at, boxes = at + size, boxes + 1
    return at > end


def _facts(path: Path, demuxer: str, folder: Path, on_tick: Callable[[], None] | None) -> dict[str, Any]:
    script = Path(probe_child.__file__).resolve()
    python = Path(sys.executable)
    readable = {
        script,
        path,
        Path(sys.prefix),
        Path(sys.base_prefix),
        Path(sysconfig.get_path("platlib")),
        python.resolve().parent,
    }
    ending = sandbox.run(
        [
            str(python),
            "-I",
            "-B",
            str(script),
            str(path),
            demuxer,
            CODEC_WHITELIST,
            str(_longest()),
            str(MAX_PIXELS),
        ],
        readable=sorted(readable),
        folder=folder,
        limits=Limits(wall=60, cpu=40, memory_bytes=3 << 30, file_bytes=0),
        on_tick=on_tick,
        out_bytes=4 << 20,
    )
    try:
        facts = json.loads(ending.out)
    except ValueError as error:  # it crashed, ran out of memory or out of time: the file did that
        raise Unusable("damaged", log=ending.log or ending.over) from error
    if "problem" in facts:
        raise Unusable("damaged", log=facts["problem"])
    return facts


def _longest() -> float:
    """Seconds that a file may have before anything is cut from it."""
    return max(LONGEST_SOURCE, settings.MAX_CLIP_SECONDS + 1)


def probe(path: Path, folder: Path, on_tick: Callable[[], None] | None = None) -> Source:
    """Everything a conversion needs to know of `path`; raises Unusable when it cannot become a clip.

    `folder` is an empty folder for the child to run in. Reads the file once without decoding it, plus a dozen frames.
    """
    demuxer = sniff(path)
    facts = _facts(path, demuxer, folder, on_tick)
    video = facts.get("video")
    if video is None:
        raise Unusable("no_video")
    _check_codecs(facts)
    for width, height in ((video["width"], video["height"]), _shown(video, facts.get("frame") or {})):
        if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
            raise Unusable("dimensions", width=width, height=height, limit=4096)
    scan, frame = facts.get("scan"), facts.get("frame")
    length = (
        max(facts["duration"] or 0, video["duration"] or 0, (scan and scan["last"] - scan["first"]) or 0)
        if (scan is None or scan["first"] is not None)
        else 0.0
    )
    if length > _longest():
        raise Unusable("too_long", length=clock(length), limit=clock(settings.MAX_CLIP_SECONDS))
    if scan is None or frame is None or scan["first"] is None:
        raise Unusable("damaged", log="no picture can be decoded")
    return _judge(path, demuxer, facts)


def probe_sound(path: Path, folder: Path, on_tick: Callable[[], None] | None = None) -> SoundSource:
    """Everything needed to know of a file of which only the sound is used (a voice, a library sound). Raises Unusable.

    `folder` is an empty folder for the child to run in.
    """
    demuxer = sniff_sound(path)
    try:
        facts = _facts(path, demuxer, folder, on_tick)
    except Unusable as refusal:
        raise Unusable("sound_damaged", log=refusal.log) from refusal
    audio = facts["audio"]
    if audio is None:
        raise Unusable("no_sound")
    if not audio["decodable"] or _NAMES.get(audio["codec"], audio["codec"]) not in AUDIO_CODECS.split(","):
        raise Unusable("sound_codec", codec=(audio["codec"] or "?").upper())
    duration = facts["sound_end"] or (facts.get("scan") or {}).get("sound_end") or 0.0
    if max(duration, facts["duration"] or 0.0) > _longest():
        raise Unusable("too_long", length=clock(duration), limit=clock(settings.MAX_CLIP_SECONDS))
    if duration < SHORTEST:
        raise Unusable("no_sound")
    return SoundSource(path, demuxer, path.stat().st_size, duration, _sound(audio))


def _sound(audio: dict[str, Any]) -> Sound:
    return Sound(
        audio["index"], audio["codec"], audio["profile"] or "", audio["channels"], audio["bit_rate"] or 0
    )


def _check_codecs(facts: dict[str, Any]) -> None:
    video, audio = facts["video"], facts["audio"]
    if not video["decodable"] or video["codec"] not in VIDEO_CODECS.split(","):
        raise Unusable("codec", codec=(video["codec"] or "?").upper())
    if audio and (
        not audio["decodable"] or _NAMES.get(audio["codec"], audio["codec"]) not in AUDIO_CODECS.split(",")
    ):
        raise Unusable("sound_codec", codec=(audio["codec"] or "?").upper())


def _shown(video: dict[str, Any], frame: dict[str, Any]) -> tuple[int, int]:
    """Width and height as a viewer sees them."""
    width, height = frame.get("width", video["width"]), frame.get("height", video["height"])
    across, down = video["sar"]
    if across > 0 and down > 0 and across != down:
        if not 1 / 4 <= across / down <= 4:
            across = down = 1  # no camera does this: a broken header
        # Stretch the smaller way up, so that no detail is lost.
        width, height = (
            (round(width * across / down), height)
            if across > down
            else (width, round(height * down / across))
        )
    if frame.get("rotation", 0) % 180 == 90:
        width, height = height, width
    return width, height


def _judge(path: Path, demuxer: str, facts: dict[str, Any]) -> Source:
    video, audio, scan, frame = facts["video"], facts["audio"], facts["scan"], facts["frame"]
    size = path.stat().st_size
    width, height = _shown(video, frame)
    if min(width, height) < MIN_SIDE:
        raise Unusable("too_small", width=width, height=height)
    spoken = facts["duration"] or 0.0
    seen = max(scan["end"] - max(scan["first"], 0.0), scan["sound_end"] - max(scan["first"], 0.0))
    # An index that points past the end, or packets that stop well before the time the header promises.
    if facts["end_of_index"] > size or (spoken and seen < 0.9 * spoken - 0.5):
        raise Unusable("incomplete")
    duration = spoken if spoken and abs(spoken - seen) < 1 else seen
    if duration < SHORTEST or scan["packets"] < 2:
        raise Unusable("too_short")
    measured = (scan["packets"] - 1) / max(scan["last"] - scan["first"], 0.001)
    # The header's rate is the exact one (30000/1001) as long as the packets agree with it.
    rate = video["rate"] if 0.9 * measured < video["rate"] < 1.15 * measured else measured
    variable = not 0.95 < video["nominal_rate"] / rate < 1.05 if rate else True
    start = video["start"] or 0.0
    return Source(
        path=path,
        demuxer=demuxer,
        size=size,
        duration=duration,
        width=width,
        height=height,
        video_index=video["index"],
        codec=video["codec"],
        profile=video["profile"] or "",
        pix_fmt=frame["pix_fmt"],
        frame_rate=rate,
        variable_rate=variable,
        as_stored=(
            frame["plain_matrix"]
            and (width, height) == (frame["width"], frame["height"])
            and not frame["interlaced"]
            and not scan["discarded"]
            and abs(scan["first"] - start) < 0.05
            and abs(scan["first"]) < 0.15
        ),
        interlaced=frame["interlaced"],
        primaries=frame["primaries"],
        transfer=frame["transfer"],
        matrix=frame["matrix"],
        full_range=frame["range"] == 2 or frame["pix_fmt"].startswith("yuvj"),
        bitrate=int(scan["bytes"] * 8 / duration),
        keyframes=tuple(scan["keys"]),
        sound=_sound(audio) if audio and scan["sound_end"] > 0 else None,
    )
