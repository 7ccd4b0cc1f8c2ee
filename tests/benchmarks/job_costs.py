"""What each kind of work costs: CPU seconds for a second of clip; and what an edit adds.

    python -m tests.benchmarks.job_costs [--quick]

By the real queue and pipeline on generated footage; medians of five runs (three with --quick). These figures have no target:
they say where time goes, and how many clips a machine takes in a day.
"""

import json
import sys
from collections import defaultdict

from . import by_hand, footage
from .by_hand import interleaved, row
from .house import house, publish

KINDS = {
    "probe": "check of the file",
    "loudness": "loudness (first pass)",
    "first": "first playable",
    "ladder": "ladder after it",
    "cover": "frames for the cover",
    "preview": "preview",
    "sound": "its own sound",
    "own": "queue, cover, blurhash and storing (Python)",
}
EDIT = {
    "version": 1,
    "reframe": "blur",
    "texts": [
        {"text": "A first line", "y": 0.2, "start": 0.0, "end": 3.0},
        {"text": "and 🎉 a second one", "y": 0.8, "background": "box", "start": 1.0},
    ],
}


def by_kind(source, seconds, rounds, words):
    """A row for each kind of run in publishing `source`."""
    taken = defaultdict(list)
    for _round in range(rounds):
        published = publish(source)
        for kind, cost in published.kinds().items():
            taken[kind].append(cost.cpu)
    for kind, name in KINDS.items():
        if kind in taken:
            yield row(f"{words}: {name}", by_hand.median(taken[kind]) / seconds, None, None, "", "CPU s/s", 3)


def edited(folder, source, sound, seconds, rounds):
    """The whole of a clip with an edit against the same without one."""
    edit = {**EDIT, "sound": {"id": str(sound.pk), "fade_in": 0.5, "fade_out": 1.0}}
    taken = interleaved(
        rounds, edited=lambda: publish(source, edit).whole, plain=lambda: publish(source).whole
    )
    mine, theirs = taken["edited"].cpu, taken["plain"].cpu
    name = f"{seconds} s lying down, set upright on its blurred copy with two texts and a sound, against as it is"
    yield row(name, mine, theirs, mine / theirs, "", "CPU s")


def rows(quick):
    """All of it; each row as soon as it is taken."""
    rounds, seconds = (3, 6) if quick else (5, 12)
    with house() as folder:
        conforming, other = footage.conforming(seconds), footage.other(seconds)
        publish(conforming)  # loads modules, once in a worker's life
        yield from by_kind(other, seconds, rounds, "a second of an encoded clip")
        yield from by_kind(conforming, seconds, rounds, "a second of a copied clip")

        from videos.sounds import add_to_library

        sound = add_to_library("Tone", "Bench", other)
        yield from edited(folder, footage.lying(seconds), sound, seconds, rounds)


if __name__ == "__main__":
    for figure in rows("--quick" in sys.argv):
        print(json.dumps(figure, ensure_ascii=False), flush=True)
