"""What a dashboard costs on a site of many events: p95 of each page with 10,000,000 events' worth of roll-ups against 100,000.

    python -m tests.benchmarks.dashboards [--quick]

One house of its own (SQLite, thrown away). A creator of 40 clips and 365 days has about 100,000 events (12 a clip and lively
day): the small site is one such creator, the big one the same creator among a hundred (--quick: ten). What is measured are that
creator's pages on both: what a site's growth costs a creator. Each creator has 200 followers (the same people), 40 conversations,
300 invites and 20 promotions of 15 days besides (dashboard_rows.py). Also, without a target: a creator of the big site whose own
views are a hundredfold (as many rows, greater numbers, full sketches), and what the roll-ups weigh. Calls alternate; p95 of 60
of each, of the processor's time, because the database is in the process and the machine has other work.
"""

import gc
import json
import random
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from .dashboard_rows import make_dealings, make_fans, make_promoted
from .house import house

CLIPS, DAYS = 40, 365
EVENTS_A_CREATOR = 100_000
# Creators' ids are this far apart; their clips lie between.
APART, FIRST = 1_000, 10_000_000
CALLS = 60


def _people(numbers: range) -> list[Any]:
    """Creators with their clips, without figures."""
    from django.utils import timezone

    from accounts.models import User
    from privacy.models import PrivacySettings
    from videos.models import Video

    now = timezone.now()
    people = [
        User(pk=FIRST + APART * n, username=f"bench{n}", email=f"bench{n}@example.com", is_business=True)
        for n in numbers
    ]
    User.objects.bulk_create(people)
    PrivacySettings.objects.bulk_create(
        [PrivacySettings(person_id=one.pk, is_private=False, changed_at=now) for one in people]
    )
    more = {"state": "ready", "playlist": "m.m3u8", "duration_ms": 20_000, "published_at": now}
    Video.objects.bulk_create(
        [Video(pk=one.pk + n, author=one, **more) for one in people for n in range(CLIPS)], 500
    )
    return people


def _copies(creators: int) -> None:
    """The first creator's roll-ups once more for each of the others, by the database itself."""
    from django.db import connection

    for model in _tables():
        names = [str(field.column) for field in model._meta.concrete_fields if not field.primary_key]
        shifted = [
            f"{name} + %s" if name in ("creator_id", "video_id", "promotion_id", "subject") else name
            for name in names
        ]
        sql = (
            f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) SELECT {', '.join(shifted)} "
            f"FROM {model._meta.db_table} WHERE creator_id = {FIRST}"
        )
        with connection.cursor() as cursor:
            for n in range(1, creators):
                cursor.execute(sql, [APART * n] * sql.count("%s"))


def _tables() -> tuple[Any, ...]:
    from analytics import models

    days = (models.VideoDay, models.SourceDay, models.CountryDay, models.CreatorDay, models.HourDay)
    return (*days, models.PromotedDay, models.RetentionDay, models.Sketch)


def _creator(person: Any, dice: random.Random, today: Any, days: int, busy: int) -> None:
    """The roll-ups of so many days, `busy` times a usual creator's, and an hour of raw events for the live page."""
    from django.db import transaction

    from videos.models import Video

    dates = [today - timedelta(days=ago) for ago in range(days)]
    with transaction.atomic():
        clips = list(Video.objects.filter(author=person))
        _creator_days(person, dice, dates, busy)
        for clip in clips:
            _clip_days(clip, dice, dates, busy)
        _last_hour(person, dice, clips)
        make_promoted(person, today, busy, _sketch(dice, min(busy * 50, 5000)))


def _creator_days(person: Any, dice: random.Random, dates: list[Any], busy: int) -> None:
    """What is counted by creator: days, hours of days, and who watched."""
    from analytics.models import CreatorDay, HourDay, Sketch

    own = {"creator_id": person.pk}
    CreatorDay.objects.bulk_create(
        [
            CreatorDay(**own, day=day, views=400 * busy, watch_ms=10**6, impressions=800 * busy)
            for day in dates
        ]
    )
    HourDay.objects.bulk_create(
        [HourDay(**own, day=day, hour=hour, views=busy) for day in dates for hour in range(24)], 5_000
    )
    sketch = _sketch(dice, 10 * busy)
    Sketch.objects.bulk_create(
        [
            Sketch(**own, kind=Sketch.Kind.CREATOR, subject=person.pk, day=day, registers=sketch)
            for day in dates
        ]
    )


def _clip_days(clip: Any, dice: random.Random, dates: list[Any], busy: int) -> None:
    """What is counted by clip: days, sources, countries, curves, and who watched."""
    from analytics.models import CountryDay, RetentionDay, Sketch, SourceDay, VideoDay
    from analytics.retention import pack

    # A clip has most of its events in its first weeks; rows of days without any do not exist.
    lively = [day for n, day in enumerate(dates) if n < 60 or dice.random() < 0.5]
    own = {"creator_id": clip.author_id}
    rows = {"video_id": clip.pk, **own}
    VideoDay.objects.bulk_create(
        [
            VideoDay(**rows, day=day, views=dice.randint(1, 20) * busy, impressions=20 * busy, watch_ms=9_000)
            for day in lively
        ]
    )
    SourceDay.objects.bulk_create(
        [
            SourceDay(**rows, day=day, source=source, views=2 * busy)
            for day in lively
            for source in ("for_you", "following", "search")
        ]
    )
    CountryDay.objects.bulk_create(
        [CountryDay(**rows, day=day, country=code, views=2 * busy) for day in lively for code in ("FR", "DE")]
    )
    curve = pack([busy * 10 - second // 3 for second in range(20)])
    RetentionDay.objects.bulk_create(
        [RetentionDay(**rows, day=day, reached=curve, replays=curve, skips=curve) for day in lively[:90]]
    )
    sketch = _sketch(dice, min(busy * 5, 500))
    Sketch.objects.bulk_create(
        [
            Sketch(**own, kind=Sketch.Kind.VIDEO, subject=clip.pk, day=day, registers=sketch)
            for day in lively[:90]
        ]
    )


def _last_hour(person: Any, dice: random.Random, clips: list[Any]) -> None:
    from django.utils import timezone

    from analytics.models import Event

    now = timezone.now()
    Event.objects.bulk_create(
        [
            Event(
                kind=dice.choice((1, 2)),
                creator_id=person.pk,
                video_id=dice.choice(clips).pk,
                session=f"s{n}",
                watched_ms=3000,
                is_view=bool(n % 2),
                at=now - timedelta(seconds=dice.randrange(3600)),
            )
            for n in range(300)
        ]
    )


_SKETCHES: dict[int, bytes] = {}


def _sketch(dice: random.Random, people: int) -> bytes:
    """A sketch of so many people; one of each size is enough."""
    from datasketches import hll_sketch, tgt_hll_type

    if people not in _SKETCHES:
        sketch = hll_sketch(14, tgt_hll_type.HLL_4)
        for _n in range(people):
            sketch.update(dice.getrandbits(40))
        _SKETCHES[people] = sketch.serialize_compact()
    return _SKETCHES[people]


def _rows() -> int:
    return sum(table.objects.count() for table in _tables())


class Sites:
    """The small and the big site in one process: two database files, one of which answers at a time."""

    def __init__(self, most: int) -> None:
        from django.conf import settings
        from django.db import connection, connections
        from django.utils import timezone

        today = timezone.now().date()
        fans = make_fans(FIRST - APART)
        (self.creator,) = _people(range(1))
        make_dealings(self.creator, fans, random.Random(7), today, DAYS)
        _creator(self.creator, random.Random(5), today, DAYS, 1)
        small = settings.DATA_DIR / "small.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute("VACUUM INTO %s", [str(small)])
        self.facts = [(_rows(), small.stat().st_size)]
        more = _people(range(1, most // EVENTS_A_CREATOR + 1))
        self.busy = more[-1]
        for one in more:
            make_dealings(one, fans, random.Random(one.pk), today, DAYS)
        _copies(most // EVENTS_A_CREATOR)
        _creator(self.busy, random.Random(6), today, DAYS, 100)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        big = connections["default"]
        self.facts.append((_rows(), Path(big.settings_dict["NAME"]).stat().st_size))
        connections.databases["small"] = {**connections.databases["default"], "NAME": str(small)}
        self.connections = [connections["small"], big]
        self.clients: dict[tuple[int, int], Any] = {}

    def call(self, site: int, name: str, creator: Any) -> float:
        """Milliseconds of the processor for one page."""
        from django.db import connections
        from django.test import Client

        connections["default"] = self.connections[site]
        client = self.clients.get((site, creator.pk))
        if client is None:
            client = self.clients[site, creator.pk] = Client(SERVER_NAME="127.0.0.1")
            client.force_login(creator, backend="allauth.account.auth_backends.AuthenticationBackend")
        gc.collect()  # else the calls before pay less than the one in which it is due, always the same as calls alternate
        began = time.process_time()
        answer = client.get(_CALLS[name].format(creator.pk + 1))
        took = time.process_time() - began
        assert answer.status_code == 200
        return 1000 * took


# Whole answers of the site, log-in, frame and page.
_CALLS = {
    "overview of a year": "/studio/analytics/?days=365",
    "content, newest": "/studio/analytics/content/",
    "content of a year by views": "/studio/analytics/content/?days=365&sort=views",
    "clip of a year": "/studio/videos/{}/?days=365",
    "live": "/studio/analytics/live/",
    "followers of a year": "/studio/analytics/followers/?days=365",
    "messages of a year": "/studio/analytics/messages/?days=365",
    "invites of a year": "/studio/analytics/invites/?days=365",
    "promotions of a year": "/studio/analytics/promotions/?days=365",
}


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _say(name: str, ours: float, baseline: float | None, unit: str, target: str = "") -> None:
    ratio = round(ours / baseline, 3) if baseline else None
    row = {"name": name, "ours": round(ours, 2), "baseline": baseline and round(baseline, 2), "unit": unit}
    print(json.dumps(row | {"ratio": ratio, "target": target}), flush=True)


def main() -> None:
    most = 1_000_000 if "--quick" in sys.argv else 10_000_000
    with house():
        from django.core.management import call_command

        call_command("collectstatic", verbosity=0, interactive=False)
        sites = Sites(most)
        gc.collect()
        gc.freeze()  # what the world left behind is not looked through again
        rivals = ((0, sites.creator), (1, sites.creator), (1, sites.busy))
        took: dict[tuple[str, int], list[float]] = {}
        for name in _CALLS:
            for call in range(CALLS + 5):
                for n, (site, creator) in enumerate(rivals):
                    ms = sites.call(site, name, creator)
                    if call >= 5:  # before that, caches fill
                        took.setdefault((name, n), []).append(ms)
        for name in _CALLS:
            _say(f"{name}: p95 at {most:,} events", _p95(took[name, 1]), _p95(took[name, 0]), "ms", "≤ 1.2")
        for name in _CALLS:
            _say(f"{name}: p95, own views × 100", _p95(took[name, 2]), _p95(took[name, 0]), "ms")
        (few, light), (many, heavy) = sites.facts
        _say("roll-ups", many, few, "rows")
        _say("roll-ups with their indexes on disk", heavy / 2**20, light / 2**20, "MiB")


if __name__ == "__main__":
    main()
