"""Nudges and the timetable of privacy: downloads of one's data, e-mails of moderation.

The rows are the queue; a lost task loses time only.
"""

import logging

from celery import shared_task

from . import actions, mailing

log = logging.getLogger(__name__)


@shared_task(name="privacy.tasks.build_export")
def build_export() -> bool:
    """Make one archive, and ask for more workers' time when more wait."""
    made = actions.make_export()
    if made and actions.waiting_exports():
        build_export.apply_async(expires=60)
    return made


@shared_task(name="privacy.tasks.sweep_exports")
def sweep_exports() -> int:
    """Nudge for archives that wait or whose worker is silent, and remove those whose time is over."""
    actions.expire_exports()
    waiting = actions.waiting_exports()
    if waiting:
        build_export.apply_async(expires=25)
    return waiting


@shared_task(name="privacy.tasks.mail_decision")
def mail_decision(decision_id: int, kind: str) -> bool:
    """Tell a person of a decision about them."""
    return mailing.mail(decision_id, kind)


@shared_task(name="privacy.tasks.mail_decisions")
def mail_decisions() -> int:
    """Send what its own task did not, because the broker or the mail server was away; how many."""
    sent = 0
    for decision_id, kind in mailing.due():
        try:
            sent += mailing.mail(decision_id, kind)
        except Exception as error:  # one refused address must not keep the others waiting
            log.warning("mail %s of decision %s not sent: %s", kind, decision_id, error)
    return sent
