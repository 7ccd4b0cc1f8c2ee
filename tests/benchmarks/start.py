"""How long does `manage.py up` take to serve: the first clip on empty data, and a second start on what the first one left?

The packages are installed already. `ours` is in seconds on the clock, `baseline` what it must not exceed (30 and 5).
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from tests.stack.running import embedded
from tests.stack.servers import wait_until

FIRST_CLIP, SECOND_START = 30, 5  # seconds


def has_clip(site):
    status, _headers, body = site.get("/api/v1/feeds/for-you/")
    return status == 200 and bool(json.loads(body)["results"])


def first_clip(folder):
    """Seconds from an empty data folder to a feed with a clip in it. The demo goes on being drawn, and is stopped."""
    began = time.monotonic()
    with embedded(folder, prepared=False, DEMO="1") as site:
        wait_until(lambda: has_clip(site), "the first clip", 120, folder / "log")
        return time.monotonic() - began


def second_start(folder):
    began = time.monotonic()
    with embedded(folder, prepared=False):
        return time.monotonic() - began


def row(name, seconds, limit):
    ratio = round(seconds / limit, 2)
    return {
        "name": name,
        "ours": round(seconds, 1),
        "baseline": limit,
        "unit": "s",
        "ratio": ratio,
        "target": "≤ 1",
    }


def main(quick):
    times = {"first": [], "second": []}
    for _run in range(1 if quick else 5):
        with tempfile.TemporaryDirectory(prefix="start-") as folder:
            times["first"].append(first_clip(Path(folder)))
            times["second"].append(second_start(Path(folder)))
    first, second = (sorted(found)[len(found) // 2] for found in times.values())
    print(json.dumps(row("first start, to a clip in the feed", first, FIRST_CLIP)))
    print(json.dumps(row("second start, to an answer", second, SECOND_START)))


if __name__ == "__main__":
    main("--quick" in sys.argv)
