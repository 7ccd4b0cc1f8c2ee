"""From a clip of the catalogue to its files: frames piped into ffmpeg once, out come the renditions in their final form.

What is made is what videos.transcoding would make of it (fragmented MP4, HLS playlists beside it), without a second
generation of encoding. Finished clips are kept in a cache by the code and the settings that made them.
"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import blurhash
import numpy as np
from PIL import Image

from socialapp.lib.ffmpeg import binary
from videos import cover, hls, preview
from videos.waveform import peaks_of

from . import canvas, sound
from .catalogue import RATE, Clip, scene_of

RUNGS = ((540, 960), (360, 640))
MASTER = "master.m3u8"
FACTS = "facts.json"
SOUND = "sound.m4a"
_SCENES = ("canvas", "fields", "life", "swarms", "shapes", "scapes", "lettering", "sound", "rendering")


def _code() -> bytes:
    here = Path(__file__).parent
    return b"".join(here.joinpath(f"{name}.py").read_bytes() for name in _SCENES)


def cache_name(clip: Clip, seconds: float | None) -> str:
    """Where a clip is kept: changes with the code that draws and with what the catalogue says of the drawing."""
    said = (
        clip.slug,
        clip.scene.__qualname__,
        clip.colours,
        clip.music,
        clip.beats,
        sorted(clip.options.items()),
        RATE,
        seconds,
    )
    return f"{clip.slug}-{hashlib.sha256(_code() + repr(said).encode()).hexdigest()[:12]}"


# A header, one index over all fragments, then a fragment for each key frame, as videos.transcoding writes them.
_FORM = (
    "-c:v libx264 -preset superfast -crf 23 -profile:v high -pix_fmt yuv420p -g 600 -sc_threshold 0 "
    "-force_key_frames expr:gte(t,n_forced*2) -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv "
    "-c:a aac -b:a 128k -map_metadata -1 -fflags +bitexact "
    "-f mp4 -movflags +frag_keyframe+delay_moov+global_sidx+default_base_moof -video_track_timescale 90000"
).split()


def _command(size: tuple[int, int], music: Path, seconds: float, folder: Path) -> list[str]:
    """One run of ffmpeg: raw frames on standard input and raw sound in a file; both renditions and the sound alone out."""
    width, height = size
    (wide, tall), (small, low) = RUNGS
    graph = (
        f"[0:v]scale={wide}:{tall}:flags=bicubic:out_color_matrix=bt709:out_range=tv,format=yuv420p,split[v{wide}][small];"
        f"[small]scale={small}:{low}:flags=bilinear[v{small}]"
    )
    command = [binary(), *"-nostdin -y -loglevel error -f rawvideo -pix_fmt rgb24".split()]
    command += ["-s", f"{width}x{height}", "-r", str(RATE), "-i", "pipe:0"]
    command += ["-f", "f32le", "-ar", str(sound.RATE), "-ac", "2", "-i", str(music), "-filter_complex", graph]
    for (short, _height), ceiling in zip(RUNGS, (3200, 800), strict=True):
        command += ["-map", f"[v{short}]", "-map", "1:a", "-t", f"{seconds:.4f}", *_FORM]
        command += ["-maxrate", f"{ceiling}k", "-bufsize", f"{2 * ceiling}k", str(folder / f"{short}.mp4")]
    command += ["-map", "1:a", "-t", f"{seconds:.4f}", "-c:a", "aac", "-b:a", "128k", "-map_metadata", "-1"]
    return [
        *command,
        "-fflags",
        "+bitexact",
        "-f",
        "mp4",
        "-movflags",
        "+faststart",
        str(folder / SOUND),
    ]


def make(clip: Clip, cache: Path, seconds: float | None = None) -> Path:
    """The clip's folder below `cache`, drawn now if it is not there. `seconds` makes a short form for tests."""
    home = cache / cache_name(clip, seconds)
    if (home / FACTS).exists():
        return home
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".drawing-", dir=cache))
    try:
        _draw(clip, folder, seconds)
        folder.chmod(0o755)
        try:
            folder.replace(home)
        except OSError:  # another process was first
            shutil.rmtree(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return home


def _draw(clip: Clip, folder: Path, seconds: float | None) -> None:
    frames = clip.frames if seconds is None else round(seconds * RATE)
    length = frames / RATE
    music = folder / "music.f32"
    samples = sound.compose(*clip.music, clip.beats, clip.seed)[:, : round(length * sound.RATE)]
    music.write_bytes(np.ascontiguousarray(samples.T, dtype="<f4").tobytes())
    scene = scene_of(clip, frames)
    first = next(scene)
    candidates = {frames * k // 6 for k in range(6)}
    best: tuple[float, np.ndarray] = (cover_worth(first), first)
    looped = range(0, min(frames, round(preview.SECONDS * RATE)), RATE // preview.FRAME_RATE)
    loop = [_small(first)]
    with subprocess.Popen(
        _command((first.shape[1], first.shape[0]), music, length, folder),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None  # noqa: S101 (for mypy: it is a pipe)
        assert process.stderr is not None  # noqa: S101
        try:
            process.stdin.write(first.tobytes())
            for number, frame in enumerate(scene, start=1):
                process.stdin.write(frame.tobytes())
                if number in looped:
                    loop.append(_small(frame))
                if number in candidates and (worth := cover_worth(frame)) > best[0]:
                    best = worth, frame
            process.stdin.close()
        except BrokenPipeError:
            pass
        words = process.stderr.read().decode(errors="replace")
    if process.returncode:
        raise RuntimeError(f"ffmpeg could not write the demo clip {clip.slug}: {words.strip()[-400:]}")
    music.unlink()
    loop[0].save(
        folder / preview.FILE,
        save_all=True,
        append_images=loop[1:],
        duration=round(1000 / preview.FRAME_RATE),
        loop=0,
        quality=preview.QUALITIES[0],
        method=1,
    )
    facts = {
        "duration_ms": round(length * 1000),
        "renditions": _playlists(folder),
        "preview": preview.FILE,
        "peaks": peaks_of(samples.mean(0) * 32767),
        **_cover(best[1], folder),
    }
    (folder / FACTS).write_text(json.dumps(facts))


def _small(frame: np.ndarray) -> Image.Image:
    """A frame as large as tiles play it."""
    side = preview.LONG_SIDE
    return Image.fromarray(frame).resize((side * 9 // 16, side), Image.Resampling.BILINEAR)


def cover_worth(frame: np.ndarray) -> float:
    """How much there is to see in a frame: contrast."""
    return float(frame[::8, ::8].mean(-1).std())


def _playlists(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for short, tall in RUNGS:
        name, playlist = f"{short}.mp4", f"{short}.m3u8"
        index = hls.read_index(folder / name)
        (folder / playlist).write_text(hls.media_playlist(name, index))
        rows.append(
            {
                "name": name,
                "width": short,
                "height": tall,
                "short_side": short,
                "bitrate": index.bitrate,
                "codecs": index.codecs,
                "size": index.size,
                "playlist_line": hls.variant_lines(hls.Variant(playlist, short, tall, index, RATE)),
            }
        )
    (folder / MASTER).write_text(
        hls.master_playlist({row["short_side"]: row["playlist_line"] for row in rows})
    )
    return rows


def _cover(frame: np.ndarray, folder: Path) -> dict[str, str]:
    picture = Image.fromarray(frame).resize((canvas.WIDTH, canvas.HEIGHT), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=cover.QUALITY, method=4)
    (folder / cover.FILE).write_bytes(out.getvalue())
    small = picture.resize((36, 64))
    red, green, blue = (int(v) for v in np.asarray(small, np.float32).mean((0, 1)))
    return {
        "cover": cover.FILE,
        "blurhash": blurhash.encode(small, x_components=3, y_components=4),
        "color": f"#{red:02x}{green:02x}{blue:02x}",
    }


def make_all(
    clips: Sequence[Clip], cache: Path, *, seconds: float | None = None, workers: int | None = None
) -> Iterator[tuple[Clip, Path]]:
    """Every clip with its folder, as they get done; the first ones of `clips` first. `workers=0` draws in this process."""
    workers = (os.cpu_count() or 2) if workers is None else workers
    missing = [clip for clip in clips if not (cache / cache_name(clip, seconds) / FACTS).exists()]
    yield from ((clip, make(clip, cache, seconds)) for clip in clips if clip not in missing)
    if not workers or len(missing) < 2:
        yield from ((clip, make(clip, cache, seconds)) for clip in missing)
        return
    # Fresh processes: a forked one would share this one's database connection.
    with ProcessPoolExecutor(min(workers, len(missing)), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(make, clip, cache, seconds): clip for clip in missing}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        finally:
            pool.shutdown(cancel_futures=True)
