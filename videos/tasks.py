"""Nudges and the timetable of clips. The rows are the queue; a lost task loses time only."""

import logging
from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from . import actions, counters, jobs, training
from .search import indexing

log = logging.getLogger(__name__)


@shared_task(name="videos.tasks.transcode")
def transcode() -> bool:
    """Work on one clip or extra, whichever is next; False when none waits or this machine works on enough already.

    A worker that did something asks for more: nudges of people who came while all places were taken had no effect.
    """
    worked = jobs.run_next()
    if worked and jobs.waiting():
        try:
            transcode.apply_async(expires=60)
        except Exception as error:  # the broker is away: the sweep nudges
            log.warning("no further nudge: %s", error)
    return worked


@shared_task(name="videos.tasks.sweep_transcodes")
def sweep_transcodes() -> int:
    """Nudge once for each clip and extra that waits or whose worker is silent, and clear away what was left behind.

    The nudges expire before the next sweep, so they never pile up behind a long queue.
    """
    jobs.clear_left_behind()
    actions.queue_arrived()
    actions.erase_doomed()
    waiting = jobs.waiting()
    for _number in range(min(waiting, 20)):
        transcode.apply_async(expires=15)
    return waiting


@shared_task(name="videos.tasks.expire_uploads")
def expire_uploads() -> int:
    return actions.expire_uploads()


@shared_task(name="videos.tasks.publish_due")
def publish_due() -> int:
    """Show the drafts whose hour has come."""
    return actions.publish_due()


@shared_task(name="videos.tasks.tend_promotions")
def tend_promotions() -> dict[str, int]:
    """Sum up what promotions took, plan anew what fell behind, end what is over."""
    return actions.tend_promotions()


@shared_task(name="videos.tasks.move_folders")
def move_folders() -> int:
    """Kill the addresses that are out there of clips that not everybody may watch any more."""
    return actions.move_asked()


@shared_task(name="videos.tasks.reconcile_counters")
def reconcile_counters() -> dict[str, int]:
    actions.forget_sounds()
    return counters.reconcile()


@shared_task(name="videos.tasks.compute_trends")
def compute_trends() -> int:
    """Say anew what rises."""
    from . import trends  # numpy and scipy, for the workers that count only

    return trends.compute()


@shared_task(name="videos.tasks.index_search")
def index_search() -> int:
    """Bring the search index up to date with what changed."""
    return indexing.index_due()


@shared_task(name="videos.tasks.reconcile_search")
def reconcile_search() -> int:
    """Queue what changed without saying so, and popularity that grew; then index it."""
    queued = indexing.reconcile()
    indexing.index_due(most=queued)
    return queued


@shared_task(name="videos.tasks.train_recommender")
def train_recommender(only_when_due: bool = False) -> bool:
    """Train the model of For You anew and serve from it; whether it did. The row says how it went (videos.training)."""
    training.settle()
    actions.close_audiences()
    if only_when_due and not training.is_due():
        return False
    row = training.run()
    return row is not None and row.serving


@worker_ready.connect
def _sweep_at_start(sender: Any = None, **kwargs: Any) -> None:
    """A worker that comes back looks at once for what its predecessor dropped, and says what rises now."""
    sweep_transcodes.delay()
    compute_trends.delay()
    train_recommender.delay(only_when_due=True)
    reconcile_search.delay()
