"""The one place that finds and starts ffmpeg. Every conversion of the site goes through `run_ffmpeg`."""

import errno
import functools
import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import imageio_ffmpeg
from django.conf import settings

from . import sandbox
from .sandbox import Limits

# The oldest branch whose fixes for demuxers and decoders are in; older ones lack options that we rely on.
MINIMUM_VERSION = (8, 0)
GIGABYTE = 1 << 30
# ffmpeg ends with the low byte of the negated errno of what went wrong.
_DISK_FAULTS = {256 - number: number for number in (errno.ENOSPC, errno.EROFS)}


class FfmpegFailed(Exception):
    """ffmpeg did not do it. `over` names the limit it hit ("wall", "cpu", "file") or is empty; `log` is its own words."""

    def __init__(self, over: str, log: str) -> None:
        super().__init__(over or "ffmpeg failed")
        self.over, self.log = over, log


@functools.cache
def binary() -> str:
    """The absolute path of ffmpeg: FFMPEG_BINARY when set, else the one that comes with imageio-ffmpeg."""
    return str(Path(settings.FFMPEG_BINARY or imageio_ffmpeg.get_ffmpeg_exe()).resolve())


@functools.cache
def version(path: str) -> tuple[int, ...]:
    """The version of this ffmpeg as numbers; a development build that names none counts as newest."""
    done = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=20, check=False)
    found = re.match(r"ffmpeg version n?(\d+(?:\.\d+)*|N-)", done.stdout)
    if found is None:
        return ()
    return tuple(int(part) for part in found.group(1).split(".")) if found.group(1) != "N-" else (999,)


def problem() -> str:
    """What is wrong with ffmpeg on this machine, in one sentence for the operator; empty when it will do."""
    try:
        found = version(binary())
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        return f"FFMPEG_BINARY: ffmpeg does not start ({error})."
    if found < MINIMUM_VERSION:
        have, need = (".".join(map(str, numbers)) or "unknown" for numbers in (found, MINIMUM_VERSION))
        return f"FFMPEG_BINARY: ffmpeg {have} is too old to be given strangers' files; {need} or newer is needed."
    return ""


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    inputs: Sequence[Path],
    folder: Path,
    wall: float,
    cpu: int | None = None,
    memory_bytes: int = 6 * GIGABYTE,
    file_bytes: int = 2 * GIGABYTE,
    on_progress: Callable[[float], None] | None = None,
    on_tick: Callable[[], None] | None = None,
) -> str:
    """Run ffmpeg with `arguments` (what follows the program's name) and return the tail of what it logged.

    It may read `inputs` (absolute paths) and write below `folder`, which should be empty but for this job; no network,
    limits on CPU, memory, file size and wall time (seconds). `on_progress` gets the seconds of output written so far.
    The arguments must name the demuxer and its allow-lists themselves (see videos.transcoding.source_arguments).
    Raises FfmpegFailed, or OSError when the disk took nothing more; what `on_progress` or `on_tick` raises ends the run and
    comes out.
    """

    def read(line: str) -> None:
        name, _equals, value = line.partition("=")
        if name == "out_time_us" and on_progress is not None and value.strip().isdigit():
            on_progress(int(value) / 1e6)

    program = Path(binary())
    ending = sandbox.run(
        [
            str(program),
            "-hide_banner",
            "-nostdin",
            "-loglevel",
            "warning",
            "-progress",
            "pipe:1",
            "-stats_period",
            "0.5",
            *arguments,
        ],
        readable=[program, *inputs],
        folder=folder,
        limits=Limits(wall, cpu or int(wall * 4), memory_bytes, file_bytes),
        on_line=read,
        on_tick=on_tick,
    )
    if (fault := _DISK_FAULTS.get(ending.code)) and not ending.over:
        raise OSError(fault, f"{os.strerror(fault)}: {ending.log}")
    if ending.code != 0 or ending.over:
        raise FfmpegFailed(ending.over, ending.log)
    return ending.log
