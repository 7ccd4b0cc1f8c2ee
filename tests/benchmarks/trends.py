"""What rises: the time of one computation as acts grow tenfold, beside merely reading the same rows; and reading a list.

    python -m tests.benchmarks.trends [--quick]

One house of its own (SQLite, thrown away). 50,000 against 500,000 viewings, with --quick 5,000 against 50,000; both of the
same process, one after the other, median of five rounds each, since one computation cannot be interleaved with another.
"""

import json
import random
import statistics
import sys
import time
from datetime import timedelta
from typing import Any

from .house import house

ROUNDS = 5
ACTS_A_PERSON = 25


def _fill(start: int, people: int) -> None:
    """So many people more, each with viewings of the last days; clips and authors grow with them."""
    from django.db import transaction
    from django.utils import timezone

    from accounts.models import User
    from privacy.models import PrivacySettings
    from videos.models import Video, Watch

    dice, now = random.Random(start), timezone.now()
    first = 10_000_000_000
    with transaction.atomic():
        rows = [
            User(
                pk=first + start + n,
                username=f"bench{start + n}",
                country=dice.choice(("FR", "DE", "IN", "US", "")),
                date_joined=now - timedelta(days=dice.randint(0, 300)),
            )
            for n in range(people)
        ]
        User.objects.bulk_create(rows, batch_size=5_000)
        PrivacySettings.objects.bulk_create(
            (PrivacySettings(person_id=row.pk, is_private=False, changed_at=now) for row in rows), 5_000
        )
        Video.objects.bulk_create(
            (
                Video(
                    pk=first + start + n,
                    author_id=first + dice.randrange(start + people),
                    caption="",
                    state="ready",
                    playlist="master.m3u8",
                    published_at=now - timedelta(hours=dice.randint(1, 400)),
                    score=dice.random() * 100,
                )
                for n in range(people)
            ),
            5_000,
        )
        Watch.objects.bulk_create(
            (
                _watch(dice, now, first + start + n, first + start + people)
                for n in range(people)
                for _ in range(ACTS_A_PERSON)
            ),
            5_000,
            ignore_conflicts=True,
        )


def _watch(dice: random.Random, now: Any, person: int, last: int) -> Any:
    from videos.models import Watch

    at = now - timedelta(hours=dice.random() * 210)
    video = last - 1 - int(dice.expovariate(1 / 300)) % min(2_000, last - 10_000_000_000)
    return Watch(
        person_id=person,
        video_id=video,
        watched_ms=900,
        viewings=1,
        completions=dice.randint(0, 1),
        first_at=at,
        last_at=at,
    )


def _read() -> int:
    from videos.models import Watch

    rows = Watch.objects.order_by("-last_at").values_list(
        "person_id", "video_id", "completions", "viewings", "first_at"
    )
    return sum(1 for _row in rows.iterator(5_000))


def _seconds(do: Any) -> float:
    """Of the processor, because both are done beside other work of the machine, and SQLite is in this process."""
    start = time.process_time()
    do()
    return time.process_time() - start


def _measured() -> tuple[float, float, int, float]:
    """Seconds of a computation and of reading its viewings, how many there are, and p95 of reading a list, in ms."""
    from django.contrib.auth.models import AnonymousUser

    from videos import trends
    from videos.access import trending

    trends.compute()
    computing, reading = [], []
    for _round in range(ROUNDS):
        computing.append(_seconds(trends.compute))
        reading.append(_seconds(_read))
    pages = [_seconds(lambda: trending(AnonymousUser(), "video")) for _n in range(40)]
    p95 = statistics.quantiles(pages, n=20)[-1] * 1000
    return statistics.median(computing), statistics.median(reading), _read(), p95


def rows(quick: bool = False) -> list[dict[str, Any]]:
    """The benchmark's lines: name, ours, baseline, unit, ratio, target."""
    few = 200 if quick else 2_000
    with house():
        _fill(0, few)
        small, _small_read, small_acts, small_page = _measured()
        _fill(few, 9 * few)
        large, large_read, large_acts, large_page = _measured()
    return [
        {
            "name": f"what rises, from {large_acts:,} viewings, beside reading them",
            "ours": round(large, 2),
            "baseline": round(large_read, 2),
            "unit": "s",
            "ratio": round(large / large_read, 2),
            "target": "",
        },
        {
            "name": f"what rises: time of each viewing, {large_acts:,} against {small_acts:,}",
            "ours": round(large / large_acts * 1e6, 1),
            "baseline": round(small / small_acts * 1e6, 1),
            "unit": "µs",
            "ratio": round(large / large_acts / (small / small_acts), 2),
            "target": "≤ 1.5",
        },
        {
            "name": f"a page of what rises, p95: {large_acts:,} viewings against {small_acts:,}",
            "ours": round(large_page, 1),
            "baseline": round(small_page, 1),
            "unit": "ms",
            "ratio": round(large_page / small_page, 2),
            "target": "",
        },
    ]


if __name__ == "__main__":
    for row in rows("--quick" in sys.argv):
        print(json.dumps(row))
