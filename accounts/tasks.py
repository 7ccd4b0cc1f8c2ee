"""The nightly work on people: mending counters and finishing what an interrupted process left."""

import logging

from celery import shared_task

from . import actions, leaving

log = logging.getLogger(__name__)


@shared_task
def reconcile_counters() -> dict[str, int]:
    """Mend follow counters and accept requests left over on public accounts; says what it mended."""
    mended = actions.reconcile_counters()
    mended["requests_accepted"] = sum(
        actions.accept_waiting(person) for person in actions.people_with_waiting_requests()
    )
    if any(mended.values()):
        log.warning("counters mended: %s", mended)
    return mended


@shared_task
def erase_due() -> int:
    """Erase those whose days of grace are over, and go on where a worker was killed; how many were worked on."""
    return leaving.erase_due()
