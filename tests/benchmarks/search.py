"""Search: p95 of a page of results over the API in a large network, with words as written, beginnings and typing errors in
Latin, Cyrillic, Arabic and CJK text, on SQLite and on PostgreSQL; what the index weighs and what publishing pays for it.

    python -m tests.benchmarks.search [--quick] [--sqlite | --postgres] [--explain]

100,000 clips (10,000 with --quick), 5,000 people. Captions are drawn from vocabularies whose words are used as unevenly as
real ones (Zipf's law). PostgreSQL is left out where it is not installed.
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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

QUESTIONS = 60  # of each sort
LIMIT = 50  # ms that 95 of 100 searches may take
WORDS = 30_000  # of one script's vocabulary
ALPHABETS = {
    "latin": "etaoinshrdlucmfwypvbgkjqxz",
    "cyrillic": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэф",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "cjk": "".join(map(chr, range(0x4E00, 0x4E00 + 800))),
}
CASES = ("as written", "two words", "beginning", "typing error")


def _vocabulary(script: str, dice: random.Random) -> list[str]:
    letters = ALPHABETS[script]
    shortest, longest = (2, 5) if script == "cjk" else (3, 10)
    weights = [1 / (n + 2) for n in range(len(letters))]
    words = {
        "".join(dice.choices(letters, weights, k=dice.randint(shortest, longest))) for _n in range(WORDS * 2)
    }
    return sorted(sorted(words), key=lambda word: dice.random())[:WORDS]  # the same words in each process


def _drawn(words: list[str], dice: random.Random, count: int) -> list[str]:
    """Words by Zipf's law: the n-th most frequent one about n times less often than the first."""
    return [words[min(int(len(words) ** dice.random()) - 1, len(words) - 1)] for _n in range(count)]


def _captions(clips: int, dice: random.Random) -> Iterator[tuple[str, str]]:
    vocabularies = {script: _vocabulary(script, dice) for script in ALPHABETS}
    for _n in range(clips):
        script = dice.choices(list(vocabularies), [55, 10, 15, 20])[0]
        words = _drawn(vocabularies[script], dice, dice.randint(3, 14))
        yield script, ("" if script == "cjk" else " ").join(words[: 6 if script == "cjk" else 14])


def _fill(clips: int) -> list[tuple[str, str]]:
    from datetime import timedelta

    from django.utils import timezone

    from accounts.models import User
    from privacy.models import PrivacySettings
    from videos.models import Video

    dice, now, first, people = random.Random(11), timezone.now(), 10_000_000_000, 5000
    User.objects.bulk_create(
        User(pk=first + n, username=f"bench{n}", display_name=f"Bench {n}", followers_count=n)
        for n in range(people)
    )
    PrivacySettings.objects.bulk_create(
        PrivacySettings(person_id=first + n, is_private=n % 20 == 7, changed_at=now) for n in range(people)
    )
    captions = list(_captions(clips, dice))
    for start in range(0, clips, 5000):
        Video.objects.bulk_create(
            Video(
                pk=first + n,
                author_id=first + dice.randrange(1, people),
                caption=captions[n][1],
                audience="public" if dice.random() < 0.9 else "followers",
                state="ready",
                folder=f"bench{n}",
                cover="cover.webp",
                playlist="master.m3u8",
                duration_ms=10_000,
                width=1080,
                height=1920,
                views_count=int(dice.paretovariate(0.7)),
                published_at=now - timedelta(seconds=30 * n),
            )
            for n in range(start, min(start + 5000, clips))
        )
    return captions


def _index_in_bulk() -> None:
    """The rows that `indexing.rebuild` would write, in a tenth of its time: it works beside a running site, this does not."""
    from django.db import connection, transaction

    from videos.search import indexing
    from videos.search.words import fold, has_variants, variants, words_of

    words: dict[str, list[int]] = {}  # id, uses
    documents, postings = [], []
    for kind, (model, read) in indexing.SOURCES.items():
        for subject, facts in read(model._default_manager.all()):
            text, rank = fold(facts.text), indexing.rank_of(facts.popularity)
            documents.append((kind, subject, text, rank))
            for word in words_of(text):
                known = words.setdefault(word, [len(words) + 1, 0])
                known[1] += 1
                postings.append((known[0], kind, rank, subject))
    postings.sort()
    near = sorted(
        (key, pk) for word, (pk, _uses) in words.items() if has_variants(word) for key in variants(word)
    )
    tables = (
        ("document (kind, subject, text, rank)", documents),
        ("word (text, id, uses)", [(word, pk, uses) for word, (pk, uses) in words.items()]),
        ("variant (key, word_id)", near),
        ("posting (word_id, kind, rank, subject)", postings),
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in tables:
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO videos_search{table} VALUES ({marks})", rows)
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('videos_searchword', 'id'), %s)", [len(words)]
            )


def _edited(word: str, dice: random.Random, letters: str) -> str:
    at, sort = dice.randrange(len(word)), dice.randrange(4)
    letter = dice.choice(letters)
    if sort == 0:
        return word[:at] + word[at + 1 :]
    if sort == 1:
        return word[:at] + letter + word[at:]
    if sort == 2:
        return word[:at] + letter + word[at + 1 :]
    return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def _questions(captions: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Questions drawn from what is there, so frequent words are asked for often, as people do."""
    dice = random.Random(5)
    asked: dict[str, list[str]] = {case: [] for case in CASES}
    for case in CASES:
        while len(asked[case]) < QUESTIONS:
            script, caption = dice.choice(captions)
            words = caption.split()
            word = dice.choice(words)
            if script == "cjk":
                start = dice.randrange(max(1, len(caption) - 3))
                word = caption[start : start + 4]
            if case == "as written":
                asked[case].append(word)
            elif case == "two words" and len(words) > 1:
                asked[case].append(" ".join(dice.sample(words, 2)))
            elif case == "beginning" and len(word) > 3 and script != "cjk":
                asked[case].append(word[:3])
            elif case == "typing error" and len(word) > 4 - (script == "cjk"):
                asked[case].append(_edited(word, dice, ALPHABETS[script]))
    return asked


def _sizes() -> dict[str, int]:
    """Bytes of the index's tables with their indexes."""
    from django.db import connection

    tables = [t for t in connection.introspection.table_names() if t.startswith("videos_search")]
    sizes = {}
    with connection.cursor() as cursor:
        for table in tables:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_total_relation_size(%s)", [table])
            else:
                cursor.execute(
                    "SELECT SUM(pgsize) FROM dbstat WHERE name = %s OR name IN "
                    "(SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = %s)",
                    [table, table],
                )
            with contextlib.suppress(Exception):
                sizes[table.removeprefix("videos_search")] = int(cursor.fetchone()[0])
    return sizes


def _publishing(pairs: int = 200) -> tuple[float, float]:
    """Median ms of making a clip's row with and without telling the index, in turns."""
    from django.db.models.signals import post_save

    from videos.models import Video
    from videos.search import keeping

    with_it: list[float] = []
    without: list[float] = []
    for n in range(pairs):
        for spent, tells in ((with_it, True), (without, False)):
            if not tells:
                post_save.disconnect(sender=Video, dispatch_uid="search index")
            start = time.perf_counter()
            Video.objects.create(
                author_id=10_000_000_001, caption=f"published {n}", state="ready", folder=f"p{n}{tells}"
            )
            spent.append((time.perf_counter() - start) * 1000)
            if not tells:
                post_save.connect(keeping._saved, sender=Video, dispatch_uid="search index")
    return statistics.median(with_it), statistics.median(without)


def _child(clips: int) -> None:
    """Fill, index, ask; one line of JSON."""
    from tests import redis_server

    with tempfile.TemporaryDirectory(prefix="glint-bench-", ignore_cleanup_errors=True) as folder:
        server, url = redis_server.start(Path(folder) / "redis")
        os.environ.update(
            DATA_DIR=folder,
            REDIS_URL=f"{url}?db=0",
            SECRET_KEY="x" * 50,
            DJANGO_SETTINGS_MODULE="socialapp.settings",
        )
        os.environ.setdefault("ALLOWED_HOSTS", "*")
        try:
            import django

            django.setup()
            print(json.dumps(_measured(clips)), flush=True)
        finally:
            server.terminate()
            server.wait(10)


def _measured(clips: int) -> dict[str, Any]:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.models import Value
    from django.db.models.functions import Concat
    from django.test import Client

    from accounts.models import User
    from videos.models import SearchKind, SearchPosting, SearchWord, Video
    from videos.search import indexing

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    captions = _fill(clips)
    print(f"{clips} clips are there", file=sys.stderr)
    _index_in_bulk()
    start = time.perf_counter()
    touched = list(Video.objects.order_by("pk").values_list("pk", flat=True)[:500])
    indexing.touch(SearchKind.VIDEO, *touched)
    Video.objects.filter(pk__in=touched).update(caption=Concat("caption", Value(" anew")))
    indexing.index_due()
    indexed = (time.perf_counter() - start) * 1000 / len(touched)
    print("they are indexed", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(
        User.objects.get(username="bench0"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    times: dict[str, list[float]] = {case: [] for case in CASES}
    found: dict[str, int] = dict.fromkeys(CASES, 0)
    cpu: list[float] = []
    slowest: tuple[float, str, str] = (0, "", "")
    for case, asked in _questions(captions).items():
        client.get("/api/v1/search/", {"q": asked[0]})
        for question in asked:
            start, busy = time.perf_counter(), time.process_time()
            answer = client.get("/api/v1/search/", {"q": question})
            spent = (time.perf_counter() - start) * 1000
            times[case].append(spent)
            cpu.append((time.process_time() - busy) * 1000)
            found[case] += bool(answer.json()["results"])
            slowest = max(slowest, (spent, case, question))
    if "--explain" in sys.argv:
        _explain(client, slowest[2])
    with_it, without = _publishing()
    return {
        "times": times,
        "cpu": statistics.quantiles(cpu, n=20)[-1],
        "found": found,
        "slowest": slowest,
        "indexed_ms": indexed,
        "sizes": _sizes(),
        "words": SearchWord.objects.count(),
        "postings": SearchPosting.objects.count(),
        "publishing": [with_it, without],
    }


def _explain(client: Any, question: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/search/", {"q": question})
    for query in queries:
        print(f"--- {float(query['time']) * 1000:.1f} ms  {query['sql'][:1500]}", file=sys.stderr)


def _run(clips: int, **environment: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.search", "--child", str(clips)]
    command += [a for a in sys.argv if a == "--explain"]
    kept = {k: v for k, v in os.environ.items() if k not in ("DATA_DIR", "REDIS_URL", "DATABASE_URL")}
    done = subprocess.run(
        command,
        env=kept | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _lines(engine: str, clips: int, run: dict[str, Any]) -> list[dict[str, Any]]:
    every = [spent for times in run["times"].values() for spent in times]
    p95 = statistics.quantiles(every, n=20)[-1]
    lines = [_line(f"Search, API, {clips:,} clips, {engine}: p95", p95, LIMIT, "ms", p95 / LIMIT, "≤ 1")]
    name = "… CPU time of this process alone, p95 (what it costs where nothing else runs)"
    lines.append(_line(name, run["cpu"], LIMIT, "ms", run["cpu"] / LIMIT, ""))
    for case, times in run["times"].items():
        at95 = statistics.quantiles(times, n=20)[-1]
        name = f"… {case}: p95 (found {run['found'][case]} of {len(times)})"
        lines.append(
            _line(name, at95, statistics.median(times), "ms, beside the median", at95 / LIMIT, "≤ 1")
        )
    weight = sum(run["sizes"].values()) / 2**20
    share = ", ".join(f"{name} {size / 2**20:.0f}" for name, size in run["sizes"].items())
    lines.append(
        _line(
            f"… index ({share} MiB; {run['words']:,} words, {run['postings']:,} occurrences; "
            f"a change costs a worker {run['indexed_ms']:.1f} ms)",
            weight, clips / 1000, "MiB, beside thousands of clips", weight / (clips / 1000), "",
        )
    )  # fmt: skip
    with_it, without = run["publishing"]
    lines.append(
        _line(
            "… making a clip's row, telling the index",
            with_it,
            without,
            "ms, beside not telling",
            with_it / without,
            "",
        )
    )
    return lines


def _line(name: str, ours: float, baseline: float, unit: str, ratio: float, target: str) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours, 1),
        "baseline": round(baseline, 1),
        "unit": unit,
        "ratio": round(ratio, 2),
        "target": target,
    }


def rows(quick: bool = False) -> Iterator[dict[str, Any]]:
    """The benchmark's lines, engine by engine, as they come."""
    from tests.stack import servers

    clips = 10_000 if quick else 100_000
    if "--postgres" not in sys.argv:
        yield from _lines("SQLite", clips, _run(clips))
    if servers.postgres_programs() and "--sqlite" not in sys.argv:
        folder = tempfile.TemporaryDirectory(prefix="glint-bench-pg-", ignore_cleanup_errors=True)
        with folder as name, servers.postgres(name) as url:
            yield from _lines("PostgreSQL", clips, _run(clips, DATABASE_URL=url, ALLOWED_HOSTS="*"))


if __name__ == "__main__":
    if "--child" in sys.argv:
        _child(int(sys.argv[sys.argv.index("--child") + 1]))
    else:
        for row in rows("--quick" in sys.argv):
            print(json.dumps(row, ensure_ascii=False), flush=True)
