"""The For You page: p95 in a large network against a small one, and requests a second against a static Django view.

    python -m tests.benchmarks.feeds [--quick] [--explain] [--profile]

Both sides run in one process, interleaved, on whatever DATABASE_URL names (default: a SQLite file of its own, thrown
away afterwards). Sizes: 10,000 clips against 1,000,000, or 100,000 with --quick. Five rounds; the median counts. Asked are
sessions of PAGES_A_SESSION pages, each by the cursor of the one before, by somebody who follows FOLLOWED people and has watched
and liked clips. Two rates: by the clock, and by the processor's time of the process that answers (which other programs of a
busy machine disturb less). --profile writes cProfile's table of each child to stderr.
"""

import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

AUTHORS_A_CLIP = 20  # clips of one author, on average
FOLLOWED = 100
ROUNDS = 5
PAGES = 40  # timed pages a round
PAGES_A_SESSION = 8
FEED = "/api/v1/feeds/for-you/"
WATCHED = 100  # clips in the viewer's history
OWED = 500  # new clips whose first audience is not complete


@contextlib.contextmanager
def _house(clips: int) -> Iterator[None]:
    """A migrated, empty house of its own, filled with `clips` clips."""
    from tests import redis_server

    with tempfile.TemporaryDirectory(prefix="glint-bench-", ignore_cleanup_errors=True) as folder:
        server, url = redis_server.start(Path(folder) / "redis")
        os.environ.update(
            DATA_DIR=folder,
            REDIS_URL=f"{url}?db=0",
            SECRET_KEY="x" * 50,
            DJANGO_SETTINGS_MODULE="socialapp.settings",
        )
        try:
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            _fill(clips)
            yield
        finally:
            server.terminate()
            server.wait(10)


def _fill(clips: int) -> None:
    """People, follows and clips by bulk INSERT; one logged-in viewer (bench) who follows FOLLOWED authors."""
    from datetime import timedelta

    from django.db import connection, transaction
    from django.utils import timezone

    from accounts.models import Follow, User
    from privacy.models import PrivacySettings
    from videos.models import Rendition, Video

    dice = random.Random(7)
    now = timezone.now()
    authors = max(clips // AUTHORS_A_CLIP, FOLLOWED)
    first = 10_000_000_000
    with transaction.atomic():
        for start in range(0, authors + 1, 5000):
            numbers = range(start, min(start + 5000, authors + 1))
            User.objects.bulk_create(
                User(pk=first + n, username=f"bench{n}", display_name=f"Bench {n}") for n in numbers
            )
            PrivacySettings.objects.bulk_create(
                PrivacySettings(person_id=first + n, is_private=n % 20 == 7, changed_at=now) for n in numbers
            )
        followed = dice.sample(range(1, authors), FOLLOWED)
        Follow.objects.bulk_create(
            # Ids of ours: new_id's random bits collide now and then when many are made in one millisecond.
            Follow(pk=first + n, follower_id=first, followed_id=first + n, state="accepted", accepted_at=now)
            for n in followed
        )
        for start in range(0, clips, 5000):
            rows = [
                Video(
                    pk=first + n,
                    author_id=first + dice.randrange(1, authors),
                    caption=f"Clip {n} #bench",
                    audience="public" if dice.random() < 0.9 else "followers",
                    state="ready",
                    folder=f"bench{n}",
                    cover="cover.webp",
                    playlist="master.m3u8",
                    duration_ms=10_000,
                    width=1080,
                    height=1920,
                    score=dice.gauss(0, 3) - n / 10_000,
                    published_at=now - timedelta(seconds=30 * n),
                )
                for n in range(start, min(start + 5000, clips))
            ]
            Video.objects.bulk_create(rows)
            Rendition.objects.bulk_create(
                Rendition(
                    video_id=row.pk,
                    name=f"{side}.mp4",
                    width=side,
                    height=side * 16 // 9,
                    short_side=side,
                    bitrate=side * 2000,
                    size=1,
                )
                for row in rows
                for side in (360, 480, 720)
            )
        _remember(first, clips, now, dice)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _remember(first: int, clips: int, now: Any, dice: random.Random) -> None:
    """The viewer's history, and the newest clips' first audiences."""
    from videos.models import FirstAudience, Like, Watch

    watched = dice.sample(range(OWED, clips), WATCHED)
    Watch.objects.bulk_create(
        Watch(
            person_id=first,
            video_id=first + n,
            watched_ms=8000,
            viewings=1,
            completions=1,
            first_at=now,
            last_at=now,
        )
        for n in watched
    )
    Like.objects.bulk_create(Like(person_id=first, video_id=first + n) for n in watched[:20])
    FirstAudience.objects.bulk_create(FirstAudience(video_id=first + n) for n in range(OWED))


def _client(person: Any = None) -> Any:
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    if person is not None:
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _timed(ask: Callable[[], Any], times: int) -> list[tuple[float, float]]:
    """Seconds by the clock and of the processor, of each answer."""
    spent = []
    for _n in range(times):
        start, busy = time.perf_counter(), time.process_time()
        answer = ask()
        spent.append((time.perf_counter() - start, time.process_time() - busy))
        if answer.status_code != 200:
            raise RuntimeError(f"the feed answered {answer.status_code}: {answer.content[:300]!r}")
    return spent


def _static_view() -> Callable[[], Any]:
    """A Django view that answers 9 kB of fixed text, called through the same handler and middleware as the feed."""
    from django.http import HttpResponse
    from django.urls import path

    from socialapp import urls

    if not any(getattr(p, "name", "") == "bench-static" for p in urls.urlpatterns):
        from django.urls import clear_url_caches

        urls.urlpatterns.insert(
            0, path("bench-static/", lambda request: HttpResponse(b"x" * 9000), name="bench-static")
        )
        clear_url_caches()
    client = _client()
    return lambda: client.get("/bench-static/")


def _session(client: Any) -> Callable[[], Any]:
    """Asks for the next page of a session at each call, and begins another after PAGES_A_SESSION pages."""
    following: list[str] = []

    def ask() -> Any:
        if not following:
            following.extend([FEED] * PAGES_A_SESSION)
        answer = client.get(following.pop())
        if following and answer.status_code == 200:
            following[-1] = json.loads(answer.content)["next"] or FEED
        return answer

    return ask


def _profile(ask: Callable[[], Any]) -> None:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.enable()
    for _n in range(PAGES):
        ask()
    profile.disable()
    pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats(80)


def _child(clips: int) -> None:
    """One network, asked round by round: reads a line, answers a line of JSON with the times in seconds."""
    with _house(clips):
        from accounts.models import User

        feed = _session(_client(User.objects.get(username="bench0")))
        static = _static_view()
        _timed(feed, 3)
        _timed(static, 10)
        if "--explain" in sys.argv:
            _explain()
        if "--profile" in sys.argv:
            _profile(feed)
        print("ready", flush=True)
        for line in sys.stdin:
            times = _timed(feed if line.strip() == "feed" else static, PAGES)
            print(json.dumps(times), flush=True)


def _explain() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    client = _client(User.objects.get(username="bench0"))
    with CaptureQueriesContext(connection) as queries:
        client.get(FEED)
    for query in queries:
        print(f"--- {float(query['time']) * 1000:.0f} ms  {query['sql'][:6000]}", file=sys.stderr)
        if connection.vendor == "sqlite" and query["sql"].startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN QUERY PLAN " + query["sql"])
                for row in cursor.fetchall():
                    print("    ", row[3], file=sys.stderr)


class _Network:
    """A child process with a network of so many clips."""

    def __init__(self, clips: int) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.feeds", "--child", str(clips)]
        environment = {k: v for k, v in os.environ.items() if k not in ("DATA_DIR", "REDIS_URL")}
        self.process = subprocess.Popen(
            command + [a for a in sys.argv if a in ("--explain", "--profile")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=Path(__file__).resolve().parents[2],
        )
        self._line()

    def _line(self) -> str:
        line = self.process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            raise RuntimeError("the benchmark's child process ended early")
        return line

    def ask(self, what: str) -> list[list[float]]:
        self.process.stdin.write(what + "\n")  # type: ignore[union-attr]
        self.process.stdin.flush()  # type: ignore[union-attr]
        times: list[list[float]] = json.loads(self._line())
        return times

    def close(self) -> None:
        self.process.stdin.close()  # type: ignore[union-attr]
        self.process.wait(30)


def _rate(times: list[list[float]], which: int) -> float:
    return len(times) / sum(one[which] for one in times)


def _against_static(
    asked: list[tuple[list[list[float]], list[list[float]]]], which: int, how: str
) -> dict[str, Any]:
    ours = statistics.median(_rate(feed, which) for feed, _static in asked)
    bare = statistics.median(_rate(static, which) for _feed, static in asked)
    return {
        "name": f"For You page of 20, logged in, against a static Django view in the same process ({how})",
        "ours": round(ours),
        "baseline": round(bare),
        "unit": "requests/s",
        "ratio": round(ours / bare, 3),
        "target": "≥ 0.25",
    }


def rows(quick: bool = False) -> list[dict[str, Any]]:
    """The benchmark's lines: name, ours, baseline, unit, ratio, target."""
    large = 100_000 if quick else 1_000_000
    small_network, large_network = _Network(10_000), _Network(large)
    try:
        small_p95, large_p95, asked = [], [], []
        for _round in range(ROUNDS):
            small, big, static = (
                small_network.ask("feed"),
                large_network.ask("feed"),
                small_network.ask("static"),
            )
            small_p95.append(statistics.quantiles([one[0] for one in small], n=20)[-1])
            large_p95.append(statistics.quantiles([one[0] for one in big], n=20)[-1])
            asked.append((small, static))
    finally:
        small_network.close()
        large_network.close()
    few, many = statistics.median(small_p95) * 1000, statistics.median(large_p95) * 1000
    return [
        {
            "name": f"For You page of 20, p95: {large:,} clips against 10,000",
            "ours": round(many, 1),
            "baseline": round(few, 1),
            "unit": "ms",
            "ratio": round(many / few, 2),
            "target": "≤ 1.2",
        },
        _against_static(asked, 0, "by the clock"),
        _against_static(asked, 1, "processor time"),
    ]


if __name__ == "__main__":
    if "--child" in sys.argv:
        _child(int(sys.argv[sys.argv.index("--child") + 1]))
    else:
        for row in rows("--quick" in sys.argv):
            print(json.dumps(row, ensure_ascii=False))
