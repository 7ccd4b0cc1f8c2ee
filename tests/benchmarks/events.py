"""Views: how many are taken a second, how quickly they are written, and what a dashboard costs among many of them.

    python -m tests.benchmarks.events [--quick]

Everything runs on a SQLite file of its own, thrown away afterwards. The dashboard is measured among 100,000 raw events and
among 10,000,000 (1,000,000 with --quick) in turns, on the same clips and days.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROUNDS = 5
BEACON = 20  # events of one request
REQUESTS = 60  # timed requests a round
FLUSHED = 10_000  # events of one flush: a full batch
PAGES = 60  # timed dashboards a round
CLIPS = 200


@contextlib.contextmanager
def _house() -> Iterator[None]:
    from tests import redis_server

    with tempfile.TemporaryDirectory(prefix="glint-bench-", ignore_cleanup_errors=True) as folder:
        server, url = redis_server.start(Path(folder) / "redis")
        os.environ.pop("DATABASE_URL", None)
        os.environ.update(
            DATA_DIR=folder,
            REDIS_URL=f"{url}?db=0",
            SECRET_KEY="x" * 50,
            DJANGO_SETTINGS_MODULE="socialapp.settings",
            RATE_LIMITS="events=1000000/60",
        )
        try:
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            yield
        finally:
            server.terminate()
            server.wait(10)


def _cast() -> Any:
    """One creator with CLIPS clips and a year of roll-ups, and one viewer."""
    from datetime import timedelta
    from types import SimpleNamespace

    from django.utils import timezone

    from accounts.models import User
    from analytics import rollups
    from videos.models import Video

    creator = User.objects.create_user("creator", "creator@example.com")
    viewer = User.objects.create_user("viewer", "viewer@example.com")
    now = timezone.now()
    Video.objects.bulk_create(
        Video(author=creator, state="ready", duration_ms=10_000, published_at=now, playlist="m.m3u8")
        for _n in range(CLIPS)
    )
    days = {
        (creator.pk, now.date() - timedelta(days=ago)): {"views": 100 + ago, "watch_ms": 5000, "likes": 9}
        for ago in range(365)
    }
    rollups.add_creator_days(days)
    return SimpleNamespace(
        creator=creator, viewer=viewer, clips=list(Video.objects.values_list("pk", flat=True))
    )


def _seconds(deed: Callable[[], Any]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def _interleaved(ours: Callable[[], Any], baseline: Callable[[], Any]) -> tuple[float, float]:
    """Median seconds of each over ROUNDS rounds that take turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for _round in range(ROUNDS):
        times[0].append(_seconds(ours))
        times[1].append(_seconds(baseline))
    return statistics.median(times[0]), statistics.median(times[1])


def _row(name: str, ours: float, baseline: float, unit: str, target: str) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours, 3 if ours < 100 else 0),
        "baseline": round(baseline, 3 if baseline < 100 else 0),
        "unit": unit,
        "ratio": round(ours / baseline, 3),
        "target": target,
    }


def accepted(cast: Any) -> list[dict[str, Any]]:
    """Requests through the whole stack (middleware, session, gate) against a static view in the same stack."""
    import types

    from django.http import HttpResponse
    from django.test import Client, override_settings
    from django.urls import include, path

    urls = types.ModuleType("tests.benchmarks.static_urls")
    urls.urlpatterns = [
        path("static-view/", lambda request: HttpResponse(b"ok")),
        path("", include("socialapp.urls")),
    ]  # type: ignore[attr-defined]
    sys.modules[urls.__name__] = urls
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(cast.viewer, backend="allauth.account.auth_backends.AuthenticationBackend")
    bodies = iter(
        json.dumps(
            {
                "events": [
                    {
                        "video": str(cast.clips[n % CLIPS]),
                        "session": f"s{turn}-{n}",
                        "watched_ms": 5000,
                        "duration_ms": 10_000,
                        "loops": 0,
                    }
                    for n in range(BEACON)
                ]
            }
        )
        for turn in range(10**9)
    )

    def ours() -> None:
        for _n in range(REQUESTS):
            answer = client.post("/api/v1/events/", next(bodies), content_type="application/json")
            assert answer.json() == {"accepted": BEACON, "dropped": 0}, answer.content

    def static() -> None:
        for _n in range(REQUESTS):
            assert client.get("/static-view/").status_code == 200

    with override_settings(ROOT_URLCONF=urls.__name__):
        ours(), static()
        took, baseline = _interleaved(ours, static)
    rate, static_rate = REQUESTS * BEACON / took, REQUESTS / baseline
    return [
        _row(
            f"view events accepted, {BEACON} a beacon, beside requests to a static view",
            rate,
            static_rate,
            "1/s",
            "≥ 0.5",
        )
    ]


def flushed(cast: Any) -> list[dict[str, Any]]:
    """A full batch from Redis into raw rows and roll-ups, against writing the same raw rows alone."""
    from django.db import connection, transaction

    from analytics import inbox, rollups

    now = time.time()
    records = [
        rollups.view_record(
            cast.clips[n % CLIPS], cast.viewer.pk, f"s{n}", "for_you", 5000, 10_000, 0, int(now * 1000)
        )
        for n in range(FLUSHED)
    ]

    def fill() -> None:
        for start in range(0, FLUSHED, 1000):
            inbox.put([inbox.Item(record) for record in records[start : start + 1000]], now=now)

    prepared = rollups.raw_rows(records, dict.fromkeys(cast.clips, cast.alice.pk))
    insert = (
        "INSERT INTO analytics_event"
        " (kind, creator_id, video_id, viewer_id, session, source, country, watched_ms, duration_ms, loops, at, is_view,"
        " is_completion, skipped, played) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    )

    def raw() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(insert, prepared)

    ours, baseline = [], []
    for _round in range(ROUNDS):
        fill()
        ours.append(_seconds(rollups.flush))
        baseline.append(_seconds(raw))
    rate, raw_rate = FLUSHED / statistics.median(ours), FLUSHED / statistics.median(baseline)
    return [
        _row(
            "events flushed with roll-ups, beside executemany of the raw rows alone",
            rate,
            raw_rate,
            "1/s",
            "≥ 0.3",
        )
    ]


def _fill(cast: Any, upto: int) -> None:
    """Raw events until there are `upto` of them."""
    from django.db import connection, transaction

    from analytics import rollups
    from analytics.models import Event

    at_ms = int(time.time() * 1000) - 86_400_000
    have = Event.objects.count()
    while have < upto:
        size = min(100_000, upto - have)
        rows = [
            rollups.view_record(cast.clips[n % CLIPS], None, f"s{n}", "for_you", 5000, 10_000, 0, at_ms + n)
            for n in range(size)
        ]
        with transaction.atomic():
            rollups.insert_views(rows, dict.fromkeys(cast.clips, cast.alice.pk))
        have += size
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _p95(cast: Any) -> float:
    """Milliseconds of the overview's slowest twentieth."""
    from analytics import access

    times = sorted(_seconds(lambda: access.overview(cast.creator, 28)) for _n in range(PAGES))
    return times[int(0.95 * PAGES)] * 1000


def serve(events: int) -> None:
    """A house with so many events; answers each line of its input with a p95. Two of them take turns."""
    with _house():
        cast = _cast()
        _fill(cast, events)
        _p95(cast)
        print("ready", flush=True)
        for _line in sys.stdin:
            print(_p95(cast), flush=True)


def dashboard(few: int, many: int) -> list[dict[str, Any]]:
    """p95 of the overview among `many` raw events and among `few`, each in a process and database of its own."""
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.events", "--serve", str(events)],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for events in (many, few)
    ]
    times: tuple[list[float], list[float]] = ([], [])
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for _round in range(3 * ROUNDS):
        for child, found in zip(children, times, strict=True):
            assert child.stdin is not None
            assert child.stdout is not None
            print(file=child.stdin, flush=True)
            found.append(float(child.stdout.readline()))
    for child in children:
        child.communicate()
    large, small = (statistics.median(found) for found in times)
    return [_row(f"overview p95 among {many:,} events, beside {few:,}", large, small, "ms", "≤ 1.2")]


def rows(quick: bool) -> list[dict[str, Any]]:
    """Every figure of this file."""
    with _house():
        cast = _cast()
        found = accepted(cast) + flushed(cast)
    return found + dashboard(100_000, 1_000_000 if quick else 10_000_000)


if __name__ == "__main__":
    if "--serve" in sys.argv:
        sys.exit(serve(int(sys.argv[-1])))
    for row in rows("--quick" in sys.argv):
        print(json.dumps(row, ensure_ascii=False))
