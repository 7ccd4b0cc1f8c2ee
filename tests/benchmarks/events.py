"""Events: how many are taken a second, how quickly they are written and rolled up, and what they weigh on disk.

    python -m tests.benchmarks.events [--quick]

On SQLite and, where it is installed, on PostgreSQL: databases of its own, each in a process of its own, thrown away afterwards.
What a dashboard costs among many of them is in dashboards.py.
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
CLIPS = 200
PEOPLE = 500
DAYS = 60  # of roll-ups that are weighed
STORED = 1_000_000  # raw events that are weighed; a tenth with --quick


@contextlib.contextmanager
def _house() -> Iterator[None]:
    from tests import redis_server

    with tempfile.TemporaryDirectory(prefix="glint-bench-", ignore_cleanup_errors=True) as folder:
        server, url = redis_server.start(Path(folder) / "redis")
        os.environ.update(
            DATA_DIR=folder,
            REDIS_URL=f"{url}?db=0",
            SECRET_KEY="x" * 50,
            DJANGO_SETTINGS_MODULE="socialapp.settings",
            RATE_LIMITS="events=1000000/60",
            ALLOWED_HOSTS="127.0.0.1",
            EMAIL_VERIFICATION="optional",
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
    """One creator with CLIPS clips, and PEOPLE viewers of whom every fifth follows."""
    from types import SimpleNamespace

    from django.utils import timezone

    from accounts.models import Follow, User
    from videos.models import Video

    creator = User.objects.create_user("creator", "creator@example.com")
    people = [User(username=f"viewer{n}", email=f"viewer{n}@example.com") for n in range(PEOPLE)]
    User.objects.bulk_create(people)
    now = timezone.now()
    Follow.objects.bulk_create(
        Follow(follower=person, followed=creator, state="accepted", accepted_at=now) for person in people[::5]
    )
    Video.objects.bulk_create(
        Video(author=creator, state="ready", duration_ms=20_000, published_at=now, playlist="m.m3u8")
        for _n in range(CLIPS)
    )
    return SimpleNamespace(
        creator=creator,
        viewer=people[0],
        people=[person.pk for person in people],
        clips=list(Video.objects.values_list("pk", flat=True)),
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


def accepted(cast: Any, engine: str) -> list[dict[str, Any]]:
    """Requests through the whole stack (middleware, session, gate) against a static view in the same stack."""
    import types

    from django.http import HttpResponse
    from django.test import Client, override_settings
    from django.urls import include, path

    urls = types.ModuleType("tests.benchmarks.static_urls")
    patterns = [
        path("static-view/", lambda request: HttpResponse(b"ok")),
        path("", include("socialapp.urls")),
    ]
    urls.__dict__["urlpatterns"] = patterns
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
                        "duration_ms": 20_000,
                        "loops": 0,
                        "played": [[0, 3000], [8000, 10_000]],
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

    from analytics import inbox

    inbox.WATCH_SLACK_MS = 10**12  # one person watches here for thousands
    with override_settings(ROOT_URLCONF=urls.__name__):
        ours(), static()
        took, baseline = _interleaved(ours, static)
    rate, static_rate = REQUESTS * BEACON / took, REQUESTS / baseline
    return [
        _row(
            f"{engine}: view events accepted, {BEACON} a beacon, beside requests to a static view",
            rate,
            static_rate,
            "1/s",
            "≥ 0.5",
        )
    ]


def _records(cast: Any, count: int, at_ms: int, first: int = 0) -> list[Any]:
    """Viewings as they come: half of people who are logged in, each with a part or two."""
    from analytics import counting

    return [
        counting.whole_viewing(
            cast.clips[n % CLIPS],
            cast.creator.pk,
            at_ms + n // BEACON,
            5000,
            20_000,
            viewer=cast.people[n % PEOPLE] if n % 2 else None,
            session=f"{n // 40:016d}",
            source=("for_you", "profile", "search")[n % 3],
            country=("FR", "DE", "US", "")[n % 4],
            played="0-3000,8000-10000" if n % 4 == 0 else "0-5000",
        )
        for n in range(first, first + count)
    ]


def flushed(cast: Any, engine: str) -> list[dict[str, Any]]:
    """A full batch from Redis into raw rows and roll-ups, against writing the same raw rows alone."""
    from django.db import connection, transaction

    from analytics import inbox, raw, rollups

    raw.ensure_partitions()
    now = time.time()
    records = _records(cast, FLUSHED, int(now * 1000))
    items = [inbox.Item(list(record)) for record in records]
    rows, text = raw.rows(records), raw.copy_text(records)

    def fill() -> None:
        for start in range(0, FLUSHED, 1000):
            inbox.put(items[start : start + 1000], now=now)

    def alone() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            if engine == "PostgreSQL":
                with cursor.copy(f"COPY {raw.TABLE} ({raw.COLUMNS}) FROM STDIN") as copy:
                    copy.write(text)
            else:
                cursor.executemany(raw.INSERT, rows)

    ours, baseline = [], []
    for turn in range(ROUNDS + 1):
        fill()
        took, bare = _seconds(rollups.flush), _seconds(alone)
        if turn:  # the first warms up
            ours.append(took)
            baseline.append(bare)
    rate, raw_rate = FLUSHED / statistics.median(ours), FLUSHED / statistics.median(baseline)
    way = "COPY" if engine == "PostgreSQL" else "executemany"
    name = f"{engine}: events flushed with all roll-ups, beside {way} of the raw rows alone"
    return [_row(name, rate, raw_rate, "1/s", "≥ 0.3")]


def weighed(cast: Any, engine: str, count: int) -> list[dict[str, Any]]:
    """Megabytes of a million raw events with their indexes, and bytes of a row of each roll-up."""
    from django.db import connection, transaction

    from analytics import models, raw, rollups

    for ago in range(1, DAYS + 1):  # each clip has twenty viewers a day
        with transaction.atomic():
            rollups._roll_up(_records(cast, CLIPS * 20, int(time.time() * 1000) - ago * 86_400_000))
    if engine == "PostgreSQL":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM FULL")
    before = models.Event.objects.count()
    at_ms = int(time.time() * 1000)
    for first in range(0, count, 50_000):
        with transaction.atomic():
            raw.insert(_records(cast, min(50_000, count - first), at_ms, first))
    rows = {"a million raw events": (models.Event, (before + count) / 1_000_000)}
    for model in (
        models.VideoDay,
        models.CreatorDay,
        models.SourceDay,
        models.CountryDay,
        models.HourDay,
        models.RetentionDay,
        models.Sketch,
        models.EngagementWeek,
    ):
        rows[f"a row of {model.__name__}"] = (model, model.objects.count())
    found = []
    for name, (model, number) in rows.items():
        table = model._meta.db_table
        with connection.cursor() as cursor:
            if engine == "PostgreSQL":
                cursor.execute(
                    "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(%s::regclass)"
                    if model is models.Event
                    else "SELECT pg_total_relation_size(%s::regclass)",
                    [table],
                )
            else:
                cursor.execute(
                    "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = %s)",
                    [table],
                )
            size = int(cursor.fetchone()[0])
        found.append(
            {
                "name": f"{engine}: on disk, {name}",
                "ours": round(size / number / (1e6 if model is models.Event else 1), 1),
                "baseline": None,
                "unit": "MB" if model is models.Event else "B",
                "ratio": None,
                "target": "",
            }
        )
    return found


def measure(engine: str, quick: bool) -> None:
    """Every figure on the engine that DATABASE_URL names."""
    with _house():
        cast = _cast()
        count = STORED // 10 if quick else STORED
        for row in accepted(cast, engine) + flushed(cast, engine) + weighed(cast, engine, count):
            print(json.dumps(row, ensure_ascii=False), flush=True)


def main(quick: bool) -> None:
    """Each engine in a process of its own."""
    from tests.stack import servers

    with contextlib.ExitStack() as stack:
        engines: dict[str, dict[str, str]] = {"SQLite": {}}
        if servers.postgres_programs():
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="glint-bench-"))
            engines["PostgreSQL"] = {"DATABASE_URL": stack.enter_context(servers.postgres(folder))}
        for engine, more in engines.items():
            kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "tests.benchmarks.events",
                    f"--on={engine}",
                    *(["--quick"] if quick else []),
                ],
                cwd=Path(__file__).resolve().parents[2],
                env=kept | more,
                check=True,
            )


if __name__ == "__main__":
    engine = next((word[5:] for word in sys.argv if word.startswith("--on=")), "")
    if engine:
        measure(engine, "--quick" in sys.argv)
    else:
        main("--quick" in sys.argv)
