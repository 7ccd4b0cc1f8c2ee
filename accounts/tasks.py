"""The nightly work on people: mending counters and finishing what an interrupted process left."""

import logging

from celery import shared_task

from . import actions, codes, follow_back_mail, leaving
from .actions import moderating

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
def forget_former_usernames() -> int:
    """Let go of user names that were given up long enough ago, and of codes that no longer hold; how many names."""
    codes.forget_old_codes()
    return actions.forget_former_usernames()


@shared_task
def erase_due() -> int:
    """Erase those whose days of grace are over, and go on where a worker was killed; how many were worked on."""
    return leaving.erase_due()


@shared_task
def lift_suspensions() -> int:
    """Let those back in whose suspension is over; how many."""
    return moderating.lift_suspensions()


@shared_task
def send_follow_back_digests() -> int:
    """Mail people to follow back to those who want that weekly and whose mail is due; how many went out."""
    return follow_back_mail.send_due()
