"""Rows that are queues: taken by a conditional UPDATE, held by a lease, handed on when their worker falls silent.

Shared by the two queues of clips, Transcode and MediaJob. What the work is and what comes of it is elsewhere.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db.models import Count, F, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from .models import MediaJob, Transcode

Job = TypeVar("Job", bound=Transcode | MediaJob)
LOG_LENGTH = 4000  # characters of a tool's own words that are kept
# When somebody's work was begun or done last: who was served longest ago goes first.
_SERVED = {Transcode: "started_at", MediaJob: "finished_at"}


class LeaseLost(Exception):
    """Another worker has this job now, or it is gone: stop at once and publish nothing."""


def lease_end() -> datetime:
    """When a lease taken or renewed now runs out."""
    return timezone.now() + timedelta(seconds=settings.TRANSCODE_LEASE_SECONDS)


def _claimable(queue: type[Job]) -> Q:
    # Not EXPECTED ones: the bytes of those still travel.
    return Q(state=queue.State.QUEUED) | Q(state=queue.State.RUNNING, lease_until__lt=timezone.now())


def waiting(queue: type[Job]) -> int:
    """How many jobs could be claimed now. One query."""
    return queue.objects.filter(_claimable(queue)).count()


def waits_since(queue: type[Job]) -> datetime | None:
    """Since when the oldest job waits that could be claimed now. One query."""
    return queue.objects.filter(_claimable(queue)).aggregate(since=Min("queued_at"))["since"]


def _fairest(queue: type[Job]) -> QuerySet[Job]:
    """What waits, in the order in which it should be served: whose author has least under way, then who was served longest ago
    (never counts as longest), then who waits longest. So ten clips of one person hold up nobody else's by more than one."""
    of_author = queue.objects.filter(video__author=OuterRef("video__author")).order_by()
    running = of_author.filter(state=queue.State.RUNNING, lease_until__gte=timezone.now())
    under_way = running.values("video__author").annotate(n=Count("pk")).values("n")
    served = of_author.values("video__author").annotate(at=Max(_SERVED[queue])).values("at")
    fairest = (
        queue.objects.filter(_claimable(queue))
        .annotate(
            under_way=Coalesce(Subquery(under_way, output_field=IntegerField()), 0), served=Subquery(served)
        )
        .order_by("under_way", F("served").asc(nulls_first=True), "queued_at", "pk")
    )
    return cast("QuerySet[Job]", fairest)


def claim(queue: type[Job]) -> Job | None:
    """Take the job whose turn it is, or None when none waits.

    Safe against any number of workers: a conditional UPDATE decides (one statement), losers look for another row.
    """
    for _attempt in range(20):
        row = _fairest(queue).first()
        if row is None:
            return None
        changes: dict[str, Any] = {
            "state": queue.State.RUNNING,
            "lease_token": secrets.token_hex(8),
            "lease_until": lease_end(),
            "attempts": F("attempts") + 1,
        }
        if queue is Transcode:
            changes["started_at"] = timezone.now()
        unchanged = Q(pk=row.pk, lease_token=row.lease_token, attempts=row.attempts)
        if queue.objects.filter(_claimable(queue), unchanged).update(**changes):
            return cast("Job", queue.objects.get(pk=row.pk))
    return None


def _held(job: Job) -> QuerySet[Job]:
    held = type(job).objects.filter(pk=job.pk, state=job.State.RUNNING, lease_token=job.lease_token)
    return cast("QuerySet[Job]", held)


def renew(job: Job, **changes: Any) -> None:
    """A sign of life, with what else changed of the row. One UPDATE. LeaseLost when it is not ours any more."""
    if not _held(job).update(lease_until=lease_end(), **changes):
        raise LeaseLost()


def hold(job: Job) -> None:
    """Lock the row of a job that is still ours until the transaction ends. LeaseLost when it is not."""
    if _held(job).select_for_update().first() is None:
        raise LeaseLost()


def end(job: Job, state: str, words: str = "", **changes: Any) -> None:
    """The job is over; `words` are the tools' own, for the operator. The row must be held by this transaction."""
    type(job).objects.filter(pk=job.pk).update(
        state=state,
        lease_token="",
        lease_until=None,
        finished_at=timezone.now(),
        log=words[-LOG_LENGTH:],
        **changes,
    )


def let_go(job: Job, words: str, *, at_once: bool = False, counts: bool = True) -> None:
    """This attempt came to nothing, through no fault of the file: the next one starts after a lease's time, or at once
    (and then this one does not count; nor does it unless `counts`). The row must be held by this transaction."""
    changes: dict[str, Any] = {"lease_token": "", "log": words[-LOG_LENGTH:], "lease_until": lease_end()}
    if at_once:
        changes |= {"state": job.State.QUEUED, "lease_until": None}
    if at_once or not counts:
        changes["attempts"] = max(0, job.attempts - 1)
    type(job).objects.filter(pk=job.pk).update(**changes)
