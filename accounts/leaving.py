"""The queue of erasures: who is due, who works on it, and that it goes on when a worker was killed.

A Deletion's row is the queue, held by a lease; what erasing means is in privacy.erasure and the erasure.py of each app.
"""

import logging
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from privacy.actions import lock_people
from privacy.erasure import Leaver, erase

from .erasure import names_of
from .models import Deletion, User
from .sessions import end_sessions

log = logging.getLogger(__name__)

LEASE = timedelta(
    minutes=2
)  # a worker renews it between its transactions, which take well under a second each


class LeaseLost(Exception):
    """Another worker erases this person now: stop."""


def claim() -> Deletion | None:
    """Take the person whose erasure is due, or None. From here on logging in no longer restores.

    Safe against any number of workers: the person is locked, then the row is taken by a conditional UPDATE.
    """
    now = timezone.now()
    waiting = Deletion.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), erase_at__lte=now)
    for person_id in waiting.order_by("erase_at").values_list("pk", flat=True)[:20]:
        with transaction.atomic():
            lock_people(person_id)
            token = secrets.token_hex(16)
            if waiting.filter(pk=person_id).update(lease_token=token, lease_until=now + LEASE):
                User.objects.filter(pk=person_id).update(is_active=False)
                end_sessions(person_id)
                return Deletion.objects.get(pk=person_id)
    return None


def erase_next() -> bool:
    """Erase one person who is due, to the end; False when none is. What fails is tried again when its lease is over."""
    row = claim()
    if row is None:
        return False

    def alive() -> None:
        held = Deletion.objects.filter(pk=row.pk, lease_token=row.lease_token)
        if not held.update(lease_until=timezone.now() + LEASE):
            raise LeaseLost()

    try:
        erase(Leaver(row.pk, names_of(row.person), alive))
    except LeaseLost:
        log.info("person %s is erased by another worker", row.pk)
    except Exception:
        log.exception("person %s is not erased yet", row.pk)
    return True


def erase_due(most: int = 50) -> int:
    """Erase everybody who is due, at most `most` in one run; how many were worked on."""
    done = 0
    while done < most and erase_next():
        done += 1
    return done
