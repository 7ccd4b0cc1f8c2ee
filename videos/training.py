"""Training of the recommender: what goes in, the run in a process of its own, and the swap to the new model.

The row is the queue: Training.state RUNNING with a lease, of which there is one at a time. A run writes a new file beside the one
that serves; then one transaction moves `serving`, and a notice tells every process (feed.trained). What a run that died left is
cleared by the next. Whoever wants no personal feed is in no training, nor is what was before somebody started over.
"""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import Follow
from privacy.rules import Audience

from .feed import trained
from .labels import Norms, label
from .models import Comment, FeedSettings, Like, Preference, Save, Share, Training, Video, Watch

log = logging.getLogger(__name__)

EVERY_SECONDS = 1_800
WALL_SECONDS = 2_400  # a run that takes longer is given up; less than the broker waits for a task
KEPT = 2  # files of models: the one that serves and the one before
HISTORY_DAYS = 180  # what is older says little about what pleases now
MOST = 5_000_000  # of the newest viewings: 120 MB while training
ASKED = 1_000  # people on whose last liked clip a run is measured
NICE = 10  # pages come before training


class Gathered(NamedTuple):
    """Arrays as videos.recommender.Interactions wants them, and how clips of each length are watched."""

    people: "np.ndarray[Any, Any]"
    items: "np.ndarray[Any, Any]"
    weights: "np.ndarray[Any, Any]"
    at: "np.ndarray[Any, Any]"
    norms: Norms


Pair = tuple[int, int]
LIKED, SAVED, SHARED, FOLLOWED, MORE, LESS = 1, 2, 4, 8, 16, 32


# --- What goes in -----------------------------------------------------------------------------------------------------------


def gather(now: datetime | None = None) -> Gathered:
    """What people did with public clips in the last HISTORY_DAYS, one row a person and clip. Streams the tables: seven queries,
    memory for MOST rows."""
    now = now or timezone.now()
    since = now - timedelta(days=HISTORY_DAYS)
    left_out, fresh_start = _settings()
    public = {"video__state": Video.State.READY, "video__audience": Audience.PUBLIC}
    columns = (
        "person_id",
        "video_id",
        "watched_ms",
        "completions",
        "viewings",
        "video__duration_ms",
        "first_at",
        "last_at",
        "video__author_id",
    )
    watches = Watch.objects.filter(last_at__gte=since, last_at__lte=now, **public).order_by("-last_at")
    rows = [
        row
        for row in watches.values_list(*columns)[:MOST].iterator(chunk_size=10_000)
        if row[0] not in left_out and row[7] >= fresh_start.get(row[0], since)
    ]
    acts, when = _acts(since, public, left_out, fresh_start)
    follows = _follows(since)
    norms = Norms.fit([row[5] for row in rows], [row[2] for row in rows])
    found: dict[Pair, tuple[float, float]] = {}
    for person, video, watched, completions, viewings, duration, first_at, last_at, author in rows:
        flags = acts.pop((person, video), 0)
        followed_at = follows.get((person, author))
        if followed_at and first_at <= followed_at <= last_at + timedelta(minutes=10):
            flags |= FOLLOWED
        weight = _weight(flags, watched, duration, completions, viewings, norms)
        found[person, video] = (weight, last_at.timestamp())
    for pair, flags in acts.items():  # liked, saved or asked for without having been watched
        found[pair] = (_weight(flags, 0, 1, 0, 1, norms), when[pair].timestamp())
    pairs = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
    values = np.array([found[int(p), int(v)] for p, v in pairs], dtype=np.float64).reshape(-1, 2)
    return Gathered(pairs[:, 0], pairs[:, 1], values[:, 0].astype(np.float32), values[:, 1], norms)


def _settings() -> tuple[set[int], dict[int, datetime]]:
    """Who is left out, and since when somebody's history counts."""
    rows = FeedSettings.objects.values_list("person_id", "personal", "started_over_at")
    left_out, since = set(), {}
    for person, personal, started_over_at in rows:
        if not personal:
            left_out.add(person)
        elif started_over_at:
            since[person] = started_over_at
    return left_out, since


def _marks(since: datetime, public: dict[str, Any]) -> Iterator[tuple[int, int, datetime, int]]:
    """(person, clip, when, flag) of everything people did with clips besides watching."""
    recent: dict[str, Any] = {"created_at__gte": since, **public}
    tables: list[tuple[QuerySet[Any], str, int]] = [
        (Like.objects.filter(**recent), "person_id", LIKED),
        (Save.objects.filter(**recent), "person_id", SAVED),
        (Share.objects.filter(person__isnull=False, **recent), "person_id", SHARED),
        # Who has something to say about a clip was held by it, about as much as by a like.
        (Comment.objects.filter(removed_at=None, held_for="", **recent), "author_id", LIKED),
        (Preference.objects.filter(video__isnull=False, **public), "person_id", 0),
    ]
    for rows, person, flag in tables:
        extra = "id" if flag else "stance"
        for who, video, at, last in rows.values_list(person, "video_id", "created_at", extra).iterator(
            10_000
        ):
            yield who, video, at, flag or (MORE if last == Preference.Stance.MORE else LESS)


def _acts(
    since: datetime, public: dict[str, Any], left_out: set[int], fresh_start: dict[int, datetime]
) -> tuple[dict[Pair, int], dict[Pair, datetime]]:
    acts: dict[Pair, int] = {}
    when: dict[Pair, datetime] = {}
    for person, video, at, flag in _marks(since, public):
        if person in left_out or at < fresh_start.get(person, since):
            continue
        pair = (person, video)
        acts[pair] = acts.get(pair, 0) | flag
        when[pair] = max(at, when.get(pair, at))
    return acts, when


def _follows(since: datetime) -> dict[Pair, datetime]:
    rows = Follow.objects.filter(state=Follow.State.ACCEPTED, accepted_at__gte=since)
    found = rows.values_list("follower_id", "followed_id", "accepted_at")
    return {(who, whom): at for who, whom, at in found if at}


def _weight(flags: int, watched: int, duration: int, completions: int, viewings: int, norms: Norms) -> float:
    if flags & LESS:
        return -1.0
    if flags & MORE:
        return 1.0
    return label(
        watched,
        duration,
        completions,
        liked=bool(flags & LIKED),
        saved=bool(flags & SAVED),
        shared=bool(flags & SHARED),
        followed=bool(flags & FOLLOWED),
        quick_skip=viewings == 0,
        norms=norms,
    )


# --- A run ------------------------------------------------------------------------------------------------------------------


def run(now: datetime | None = None) -> Training | None:
    """Train once, from the rows to the swap. None when another run is under way. What goes wrong is kept in the row; the model
    that serves goes on serving."""
    row = _claim()
    if row is None:
        return None
    work = trained.folder()
    source, target = work / f"{row.pk}.interactions.npz", work / f"{row.pk}.model"
    began = time.process_time()
    try:
        work.mkdir(parents=True, exist_ok=True)
        found = gather(now)
        np.savez(source, people=found.people, items=found.items, weights=found.weights, at=found.at)
        said = _train(source, target, (now or timezone.now()).timestamp())
        said["cpu_seconds"] += time.process_time() - began
        return _swap(row, found, said, target.name)
    except Exception as error:
        log.exception("training %s failed", row.pk)
        target.unlink(missing_ok=True)
        words = getattr(error, "stderr", None) or f"{type(error).__name__}: {error}"
        Training.objects.filter(pk=row.pk, state=Training.State.RUNNING).update(
            state=Training.State.FAILED, finished_at=timezone.now(), error=str(words)[-4000:]
        )
        row.refresh_from_db()
        return row
    finally:
        source.unlink(missing_ok=True)


def _claim() -> Training | None:
    """A row of our own, or None while another run is alive. One whose lease is over failed."""
    now = timezone.now()
    Training.objects.filter(state=Training.State.RUNNING, lease_until__lt=now).update(
        state=Training.State.FAILED, finished_at=now, error="Its worker fell silent."
    )
    try:
        with transaction.atomic():
            return Training.objects.create(lease_until=now + timedelta(seconds=WALL_SECONDS + 300))
    except IntegrityError:
        return None


def _train(source: Path, target: Path, now: float) -> dict[str, Any]:
    """The run itself: a process of its own without our secrets, behind the pages in the queue for the processor."""
    command = [sys.executable, "-m", "videos.training_child", str(source), str(target), str(now), str(ASKED)]
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        ["nice", "-n", str(NICE), *command],
        cwd=settings.BASE_DIR,
        env={**keep, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=WALL_SECONDS,
        check=True,
    )
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@transaction.atomic
def _swap(row: Training, found: Gathered, said: dict[str, Any], file: str) -> Training:
    """The new model serves from the commit on. Not if this run was given up meanwhile."""
    held = Training.objects.select_for_update().filter(pk=row.pk, state=Training.State.RUNNING).first()
    if held is None:
        raise RuntimeError("this run was given up meanwhile")
    Training.objects.filter(serving=True).update(serving=False)
    held.state, held.serving, held.file = Training.State.DONE, True, file
    held.people, held.clips = len(np.unique(found.people)), len(np.unique(found.items))
    held.interactions, held.finished_at = len(found.people), timezone.now()
    held.cpu_seconds = round(said["cpu_seconds"], 2)
    held.figures = {**said["figures"], "norms": found.norms.to_json()}
    held.save()
    transaction.on_commit(settle)
    return held


def settle() -> None:
    """Tell every process which model serves, and clear away files that no training needs. Safe to repeat; heals a crash between
    the commit and the notice."""
    row = Training.objects.filter(serving=True).first()
    folder = trained.folder()
    if row is None or not (folder / row.file).exists():
        return
    notice = {"training": row.pk, "file": row.file, "norms": row.figures.get("norms", {})}
    text = json.dumps(notice)
    there = folder / trained.NOTICE
    if not there.exists() or there.read_text() != text:
        new = folder / f"{trained.NOTICE}.{row.pk}"
        new.write_text(text)
        os.replace(new, there)
        trained.look_again()
    done = (
        Training.objects.filter(state=Training.State.DONE)
        .exclude(file="")
        .order_by(F("serving").desc(), "-id")
    )
    kept = set(done.values_list("file", flat=True)[:KEPT])
    running = set(Training.objects.filter(state=Training.State.RUNNING).values_list("pk", flat=True))
    for path in folder.glob("*.model"):
        if path.name not in kept and not any(path.name.startswith(f"{pk}.") for pk in running):
            path.unlink(missing_ok=True)


def is_due(now: datetime | None = None) -> bool:
    """Whether there is no model, or its training is older than the timetable allows."""
    row = Training.objects.filter(serving=True).first()
    if row is None or not (trained.folder() / row.file).exists():
        return True
    return row.started_at <= (now or timezone.now()) - timedelta(seconds=EVERY_SECONDS - 60)
