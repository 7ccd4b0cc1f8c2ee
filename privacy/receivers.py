"""What privacy does when moderators decided: it asks a worker to mail the person. Connected by apps.py."""

import logging
from typing import Any

from django.dispatch import receiver

from . import mailing, signals

log = logging.getLogger(__name__)


def _nudge(decision_id: int, kind: str) -> None:
    from .tasks import mail_decision

    try:
        mail_decision.delay(decision_id, kind)
    except Exception as error:  # the broker is away; the sweep finds the row
        log.warning("mail of decision %s waits for the sweep: %s", decision_id, error)


@receiver(signals.decided)
def on_decided(decision_id: int, **kwargs: Any) -> None:
    _nudge(decision_id, mailing.STATEMENT)


@receiver(signals.decision_undone)
def on_undone(decision_id: int, **kwargs: Any) -> None:
    _nudge(decision_id, mailing.UNDONE)


@receiver(signals.appeal_answered)
def on_answered(decision_id: int, **kwargs: Any) -> None:
    _nudge(decision_id, mailing.ANSWER)
