"""The ladder against other ways to make it: what it costs, and how near its pictures are to the upload.

    python -m tests.benchmarks.ladder [--quick]

Sides: the hand-written split command, and the argument sets of the nearest peers (tests.benchmarks.by_hand). Ours is
everything that is run for the renditions (loudness, first rendition, the rest from one decode), theirs the renditions alone.
Medians of five interleaved rounds (three with --quick) on 12 s (6 s) of generated footage; with MEDIA_CORPUS set also how
near real footage is kept. "At equal bitrate" is what the other side reaches at our bitrate, from its own at CRF 21, 23, 25.
"""

import json
import sys
import tempfile
from functools import partial
from pathlib import Path

from . import by_hand, footage, ssim
from .by_hand import Cost, cost, interleaved, row


def _made(source, folder):
    """Make our whole ladder of `source` in `folder`; returns the short sides."""
    from videos import transcoding
    from videos.probe import probe

    for name in ("probe", "loudness", "made"):
        (folder / name).mkdir(exist_ok=True)
    clip = transcoding.plain(probe(source, folder / "probe"))
    loudness = transcoding.measure_loudness(clip, folder / "loudness")
    first = transcoding.first(clip)
    transcoding.make(clip, [first], folder / "made", loudness=loudness)
    rest = [rung for rung in transcoding.ladder(clip) if rung != first]
    if rest:
        transcoding.make(clip, rest, folder / "made", sound_of=folder / "made" / first.name)
    return [rung.short_side for rung in transcoding.ladder(clip)]


def _loops(source, folder):
    by_hand.one(source, folder, 720, by_hand.loops)


def _mediacms(source, folder):
    by_hand.each(source, folder, how=by_hand.mediacms)


def _peertube(source, folder):
    by_hand.each(source, folder, how=by_hand.peertube)


OTHERS = {
    "Loops (one 720p, slow, film)": _loops,
    "MediaCMS (medium, one run per rung)": _mediacms,
    "PeerTube (veryfast, 16 B-frames, one job per rung)": _peertube,
    "one decode split by hand": by_hand.split,
}


def against_others(source, rounds):
    """What it costs, then how near it is to the source, against each of the others."""
    from .house import watched_runs

    with tempfile.TemporaryDirectory(prefix="glint-bench-") as name:
        home = Path(name)
        folders = {words: home / str(number) for number, words in enumerate(("ours", *OTHERS))}
        for folder in folders.values():
            folder.mkdir()

        def ours():
            with watched_runs() as runs:
                whole = cost(lambda: _made(source, folders["ours"]))
            checked = sum(one.cpu for one in runs["probe"])
            return Cost(whole.wall, whole.cpu - checked)

        works = {
            words: partial(cost, partial(work, source, folders[words])) for words, work in OTHERS.items()
        }
        taken = interleaved(rounds, ours=ours, **works)
        for words in OTHERS:
            mine, theirs = taken["ours"].cpu, taken[words].cpu
            yield row(f"renditions against {words}", mine, theirs, mine / theirs, "", "CPU s")
        made, split = folders["ours"] / "made", folders["one decode split by hand"]
        for words, work in OTHERS.items():
            if work is not by_hand.split:
                yield from _likeness(source, made, folders[words], words)
        yield from at_equal_bitrate(source, made, split, "generated footage")


def _likeness(source, mine, theirs, words):
    for side in (720, 480) if (theirs / "480.mp4").exists() else (720,):
        a, b = ssim.of(mine / f"{side}.mp4", source, side), ssim.of(theirs / f"{side}.mp4", source, side)
        name = f"SSIM of {side}p against {words}: {a.kbits:.0f} and {b.kbits:.0f} kbit/s"
        yield row(name, a.decibels, b.decibels, a.decibels / b.decibels, "", "dB", 3)


def at_equal_bitrate(source, mine, folder, words, sides=by_hand.SIDES):
    """Each rendition against the split command's at the same bitrate."""
    curves = {side: [] for side in sides}
    for crf in (21, 23, 25):
        by_hand.split(source, folder, sides, crf=crf)
        for side, curve in curves.items():
            curve.append(ssim.of(folder / f"{side}.mp4", source, side))
    for side, curve in curves.items():
        own = ssim.of(mine / f"{side}.mp4", source, side)
        theirs = ssim.at(own.kbits, curve)
        name = f"SSIM of {side}p at equal bitrate ({own.kbits:.0f} kbit/s) against the split command, {words}"
        yield row(name, own.decibels, theirs, own.decibels / theirs, "≥ 1", "dB", 3)


def of_real_footage():
    """The same of what cameras made, where there is some."""
    for source in footage.corpus():
        with tempfile.TemporaryDirectory(prefix="glint-bench-") as name:
            home = Path(name)
            sides = tuple(_made(source, home))
            yield from at_equal_bitrate(source, home / "made", home, source.name, sides)


def rows(quick):
    """Costs and likeness; each row as soon as it is taken."""
    from .house import house

    rounds, seconds = (3, 6) if quick else (5, 12)
    with house():
        yield from against_others(footage.other(seconds), rounds)
        yield from of_real_footage()


if __name__ == "__main__":
    for figure in rows("--quick" in sys.argv):
        print(json.dumps(figure, ensure_ascii=False), flush=True)
