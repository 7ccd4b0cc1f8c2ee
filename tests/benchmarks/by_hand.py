"""The other side of the publishing figures: ffmpeg as one would write it by hand, and as the nearest peers call it.

Every command here makes H.264 with AAC from one file, at CRF 23, in the fragmented wrapper that ours has. Where an argument set
says nothing about the most bits a second, it gets our ceilings, so that sizes can be compared.
"""

import resource
import statistics
import subprocess
import time
from dataclasses import dataclass

CEILINGS = {
    1080: 5000,
    720: 2800,
    480: 1400,
    360: 800,
}  # kbit/s by short side, as videos.transcoding has them
SIDES = (1080, 720, 480, 360)
WRAP = ("-movflags", "+frag_keyframe+delay_moov+global_sidx+default_base_moof")
SOUND = ("-c:a", "aac", "-b:a", "128k", "-ac", "2")


# --- Measuring ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What something took: seconds by the clock, and CPU seconds of this process and its children (steady under load)."""

    wall: float
    cpu: float


def _cpu():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def cost(work):
    """The Cost of calling `work`."""
    began, cpu = time.perf_counter(), _cpu()
    work()
    return Cost(time.perf_counter() - began, _cpu() - cpu)


def interleaved(rounds, **sides):
    """The median of each side, run in turns: of Costs by wall and by CPU, else of numbers."""
    taken = {name: [] for name in sides}
    for _round in range(rounds):
        for name, work in sides.items():
            taken[name].append(work())
    return {name: median(values) for name, values in taken.items()}


def median(values):
    if isinstance(values[0], Cost):
        return Cost(
            statistics.median(one.wall for one in values), statistics.median(one.cpu for one in values)
        )
    return statistics.median(values)


def row(name, ours, baseline, ratio, target="", unit="s", digits=2):
    """One line of the table; `baseline` and `ratio` may be None."""
    figures = {"ours": ours, "baseline": baseline, "ratio": ratio}
    rounded = {key: None if value is None else round(value, digits) for key, value in figures.items()}
    return {"name": name, **rounded, "unit": unit, "target": target}


# --- Commands -----------------------------------------------------------------------------------------------------------


def hand(*arguments):
    """Run ffmpeg, as politely as our own runs are (lib.sandbox), so that a busy machine slows both sides alike."""
    from socialapp.lib.ffmpeg import binary

    subprocess.run(["nice", "-n", "5", binary(), "-v", "error", "-y", *map(str, arguments)], check=True)


def scaled(side):
    """The picture with `side` as its short side, which is its width in all footage held upright."""
    return f"scale='if(lt(iw,ih),{side},-2)':'if(lt(iw,ih),-2,{side})'"


def _capped(side):
    limit = CEILINGS[side]
    return ("-maxrate", f"{limit}k", "-bufsize", f"{2 * limit}k")


def _keys(seconds):
    return ("-force_key_frames", f"expr:gte(t,n_forced*{seconds})", "-sc_threshold", "0")


def veryfast(side, crf=23):
    """What the quality targets mean by "by hand"."""
    return ("-c:v", "libx264", "-preset", "veryfast", "-crf", crf, *_capped(side), *_keys(2), *SOUND, *WRAP)


def mediacms(side):
    """MediaCMS: `medium`, CRF 23, key frames every four seconds."""
    return ("-c:v", "libx264", "-preset", "medium", "-crf", 23, *_capped(side), *_keys(4), *SOUND, *WRAP)


def peertube(side):
    """PeerTube: `veryfast` with up to 16 B-frames and the quick choice between them, key frames every two seconds."""
    frames = ("-bf", 16, "-b_strategy", 1)
    quick = ("-c:v", "libx264", "-preset", "veryfast", *frames, "-crf", 23)
    return (*quick, *_capped(side), *_keys(2), *SOUND, *WRAP)


def loops(side):
    """Loops: one rendition of 720 lines, slow and for film."""
    return ("-c:v", "libx264", "-preset", "slow", "-crf", 23, "-tune", "film", *SOUND, *WRAP)


def copy(source, folder):
    """The file's own streams in a new wrapper."""
    hand("-i", source, "-c", "copy", *WRAP, folder / "copy.mp4")


def one(source, folder, side, how=veryfast, **options):
    """One rendition in a run of its own."""
    hand("-i", source, "-vf", scaled(side), *how(side, **options), folder / f"{side}.mp4")


def each(source, folder, sides=SIDES, how=veryfast):
    """All renditions, a run for each."""
    for side in sides:
        one(source, folder, side, how)


def split(source, folder, sides=SIDES, **options):
    """All renditions from one decode in one run, each scaled from the full size."""
    names = "".join(f"[v{side}]" for side in sides)
    scales = ";".join(f"[v{side}]{scaled(side)}[o{side}]" for side in sides)
    outputs = [
        part
        for side in sides
        for part in ("-map", f"[o{side}]", "-map", "0:a?", *veryfast(side, **options), folder / f"{side}.mp4")
    ]
    hand("-i", source, "-filter_complex", f"[0:v]split={len(sides)}{names};{scales}", *outputs)
