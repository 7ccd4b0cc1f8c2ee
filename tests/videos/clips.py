"""Small clips made with ffmpeg for the tests, each once a run."""

import functools
import subprocess
from pathlib import Path

from socialapp.lib.ffmpeg import binary
from tests.environment import ROOT

COLOURS = "color=c=0x2060c0:s={size}:r={rate}:d={seconds},drawbox=x=0:y=0:w=iw/3:h=ih/3:color=red:t=fill"


@functools.cache
def clip(
    name: str = "clip.mp4",
    *,
    size: str = "360x640",
    rate: int = 30,
    seconds: float = 2,
    video: tuple[str, ...] = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30"),
    audio: tuple[str, ...] | None = ("-c:a", "aac", "-b:a", "96k"),
    picture: str = "testsrc2=s={size}:r={rate}:d={seconds}",
    extra: tuple[str, ...] = (),
) -> Path:
    """The path of a clip with these properties; the name's ending chooses the container."""
    folder = ROOT / "clips" / f"{abs(hash((name, size, rate, seconds, video, audio, picture, extra)))}"
    folder.mkdir(parents=True, exist_ok=True)
    sources = ["-f", "lavfi", "-i", picture.format(size=size, rate=rate, seconds=seconds)]
    if audio is not None:
        sources += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}:sample_rate=48000"]
    command = [
        binary(),
        "-v",
        "error",
        "-y",
        *sources,
        *video,
        *(audio or ("-an",)),
        *extra,
        "-t",
        str(seconds),
        str(folder / name),
    ]
    subprocess.run(command, check=True, timeout=120)
    return folder / name
