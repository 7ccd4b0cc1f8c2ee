"""Reads the facts of one media file with PyAV and prints them as JSON. Started by videos.probe in a process of its own.

A hostile file may crash libav or eat memory; here it takes nothing with it. Knows no rule and imports nothing of ours.
Usage: probe_child.py <file> <demuxer> <codecs> <max seconds> <max pixels>
"""

import json
import sys
from typing import Any

import av
from av.sidedata.sidedata import Type as SideData

DECODED_FRAMES = (
    12  # enough to see interlacing, rotation and colour as they are in the picture, not only in the header
)
IDENTITY = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)


def main(path: str, demuxer: str, codecs: str, max_seconds: float, max_pixels: int) -> dict[str, Any]:
    limits = {
        "protocol_whitelist": "file",
        "format_whitelist": demuxer,
        "codec_whitelist": codecs,
        "max_streams": "64",
    }
    with av.open(path, format=demuxer, options=limits, metadata_errors="ignore") as container:
        facts: dict[str, Any] = {
            "duration": container.duration / av.time_base if container.duration else None,
            "bit_rate": container.bit_rate,
        }
        pictures = [s for s in container.streams.video if "attached_pic" not in str(s.disposition)]
        facts["pictures"] = len(pictures)
        facts["sounds"] = len(container.streams.audio)
        video = max(pictures, key=_picture_rank, default=None)
        audio = max(container.streams.audio, key=_sound_rank, default=None)
        facts["audio"] = audio and _sound(audio)
        facts["sound_end"] = None
        if video is None:
            if audio is not None and (facts["duration"] or 0) <= max_seconds:
                facts["sound_end"] = _scan_sound(container, audio, max_seconds)
            return facts
        facts["video"] = picture = _picture(video)
        duration = facts["duration"] or picture["duration"] or 0
        if (
            duration > max_seconds
            or not picture["decodable"]
            or picture["width"] * picture["height"] > max_pixels
        ):
            return facts  # what follows costs time, and the answer is known
        facts["end_of_index"] = max((entry.pos + entry.size for entry in _index(video)), default=0)
        index = video.index  # the stream dies with its container
        facts["scan"] = _scan(container, video, audio, max_seconds)
    with av.open(path, format=demuxer, options=limits, metadata_errors="ignore") as container:
        facts["frame"] = _decode(container, index)
    return facts


def _index(stream: Any) -> list[Any]:
    entries = stream.index_entries
    return [entries[number] for number in range(max(0, len(entries) - 50), len(entries))]


def _decodable(stream: Any) -> bool:
    return getattr(stream, "codec_context", None) is not None


def _picture_rank(stream: Any) -> tuple[bool, bool, int, int]:
    context = stream.codec_context
    return (
        _decodable(stream),
        "default" in str(stream.disposition),
        (context.width * context.height) if context else 0,
        -stream.index,
    )


def _sound_rank(stream: Any) -> tuple[bool, bool, int, int]:
    context = stream.codec_context
    return (
        _decodable(stream),
        "default" in str(stream.disposition),
        context.channels if context else 0,
        -stream.index,
    )


def _seconds(stream: Any, value: int | None) -> float | None:
    return None if value is None else float(value * stream.time_base)


def _sound(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    if context is None:
        return {"index": stream.index, "codec": "", "decodable": False}
    return {
        "index": stream.index,
        "decodable": True,
        "codec": context.codec.canonical_name,
        "profile": context.profile,
        "channels": context.channels,
        "rate": context.sample_rate,
        "bit_rate": context.bit_rate,
        "start": _seconds(stream, stream.start_time),
        "duration": _seconds(stream, stream.duration),
    }


def _picture(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    if context is None:
        return {
            "index": stream.index,
            "codec": "",
            "decodable": False,
            "width": 0,
            "height": 0,
            "duration": None,
        }
    sar = stream.sample_aspect_ratio
    return {
        "index": stream.index,
        "decodable": True,
        "codec": context.codec.canonical_name,
        "profile": context.profile,
        "width": context.width,
        "height": context.height,
        "pix_fmt": context.pix_fmt,
        "sar": [sar.numerator, sar.denominator] if sar else [1, 1],
        "rate": float(stream.average_rate or 0),
        "nominal_rate": float(stream.base_rate or 0),
        "start": _seconds(stream, stream.start_time),
        "duration": _seconds(stream, stream.duration),
    }


def _scan(container: Any, video: Any, audio: Any, max_seconds: float) -> dict[str, Any]:
    """Walk all packets without decoding: how long it really is, where its key frames are, whether it breaks off."""
    seen: dict[str, Any] = dict.fromkeys(("end", "sound_end"), 0.0)
    seen |= {"first": None, "last": None, "packets": 0, "bytes": 0, "corrupt": 0, "discarded": 0, "error": ""}
    seen["keys"] = []
    try:
        for packet in container.demux([stream for stream in (video, audio) if stream is not None]):
            if packet.pts is None or not packet.size:
                continue
            time = float(packet.pts * packet.time_base)
            stop = time + float((packet.duration or 0) * packet.time_base)
            if packet.stream.index != video.index:
                seen["sound_end"] = max(seen["sound_end"], stop)
                continue
            seen["packets"] += 1
            seen["bytes"] += packet.size
            seen["corrupt"] += bool(packet.is_corrupt)
            seen["discarded"] += bool(packet.is_discard)
            seen["first"] = time if seen["first"] is None else min(seen["first"], time)
            seen["last"] = time if seen["last"] is None else max(seen["last"], time)
            seen["end"] = max(seen["end"], stop)
            if packet.is_keyframe:
                seen["keys"].append(round(time, 4))
            if time - seen["first"] > max_seconds:
                break
    except av.FFmpegError as problem:
        seen["error"] = str(problem)
    return seen


def _scan_sound(container: Any, audio: Any, max_seconds: float) -> float:
    """How long a file of sound alone really is, in seconds: recorders that stream do not write it into the header."""
    begin, end = None, 0.0
    try:
        for packet in container.demux(audio):
            if packet.pts is None or not packet.size:
                continue
            time = float(packet.pts * packet.time_base)
            begin = time if begin is None else min(begin, time)
            end = max(end, time + float((packet.duration or 0) * packet.time_base))
            if end - begin > max_seconds:
                break
    except av.FFmpegError:
        pass  # what came before the damage counts
    return end - (begin or 0.0)


def _decode(container: Any, index: int) -> dict[str, Any] | None:
    """What the first pictures say of themselves; None when none can be decoded."""
    stream = next(stream for stream in container.streams.video if stream.index == index)
    stream.codec_context.thread_count = 1
    seen: dict[str, Any] | None = None
    for number, packet in enumerate(container.demux(stream)):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            frames = []
        for frame in frames:
            if seen is None:
                seen = _look(frame)
            seen["interlaced"] |= bool(frame.interlaced_frame)
            seen["frames"] += 1
        if number > 300 or (seen and seen["frames"] >= DECODED_FRAMES):
            break
    return seen


def _look(frame: Any) -> dict[str, Any]:
    matrix = frame.side_data.get(SideData.DISPLAYMATRIX)
    plain = matrix is None or tuple(memoryview(bytes(matrix)).cast("i")) == IDENTITY
    return {
        "width": frame.width, "height": frame.height, "pix_fmt": frame.format.name, "rotation": frame.rotation,
        "plain_matrix": plain, "interlaced": False, "frames": 0, "primaries": int(frame.color_primaries),
        "transfer": int(frame.color_trc), "matrix": int(frame.colorspace), "range": int(frame.color_range),
    }  # fmt: skip


if __name__ == "__main__":
    try:
        answer = main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), int(sys.argv[5]))
    except av.FFmpegError as problem:
        answer = {"problem": str(problem)}
    json.dump(answer, sys.stdout)
