"""Nudges and the timetable of clips. The rows are the queue; a lost task loses time only."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from . import actions, counters, jobs


@shared_task(name="videos.tasks.transcode")
def transcode() -> bool:
    """Work on one waiting clip, whichever is next; False when none waits."""
    return jobs.run_next()


@shared_task(name="videos.tasks.sweep_transcodes")
def sweep_transcodes() -> int:
    """Nudge once for each clip that waits or whose worker is silent, and clear away what was left behind.

    The nudges expire before the next sweep, so they never pile up behind a long queue.
    """
    jobs.clear_left_behind()
    actions.erase_doomed()
    waiting = jobs.waiting()
    for _number in range(min(waiting, 20)):
        transcode.apply_async(expires=15)
    return waiting


@shared_task(name="videos.tasks.expire_uploads")
def expire_uploads() -> int:
    return actions.expire_uploads()


@shared_task(name="videos.tasks.move_folders")
def move_folders(person_id: int) -> int:
    """Kill every address of a person's clips that is out there: the account became private or was hidden."""
    return actions.move_folders_of(person_id)


@shared_task(name="videos.tasks.reconcile_counters")
def reconcile_counters() -> dict[str, int]:
    return counters.reconcile()


@worker_ready.connect
def _sweep_at_start(sender: Any = None, **kwargs: Any) -> None:
    """A worker that comes back looks at once for what its predecessor dropped."""
    sweep_transcodes.delay()
