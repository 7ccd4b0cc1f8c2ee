"""The queue of downloads of one's data: asked for, made by a worker under a lease, fetched for a while, then gone.

What an archive holds is privacy.exports; the file lies under `exports/<person>/` in the storage, where no address leads.
"""

import logging
import secrets
import shutil
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from socialapp.lib import disk
from socialapp.lib.errors import NotFound
from socialapp.lib.ratelimit import limit

from .. import exports, signals
from ..models import DataExport
from .ground import Actor, audit, lock_people, signed_in

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)  # product.md, 1.8
LEASE = timedelta(minutes=2)
RENEW_EVERY = 3  # seconds
ATTEMPTS = 3  # a worker that was killed thrice over the same archive is not asked a fourth time
_State = DataExport.State
_WAITS = (_State.QUEUED, _State.RUNNING)


class LeaseLost(Exception):
    """Another worker makes this archive now, or it is no longer wanted: stop."""


def ask_export(actor: Actor) -> DataExport:
    """Ask for an archive; while one is being made, that one is returned. Raises TooMany."""
    signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk)
        waiting = DataExport.objects.filter(person=actor.pk, state__in=_WAITS).first()
        if waiting is not None:
            return waiting
        limit("export", actor.pk)
        row = DataExport.objects.create(person_id=actor.pk)  # type: ignore[misc]
        audit(actor, "export.ask", "person", actor.pk)
        transaction.on_commit(_nudge)
    return row


def delete_export(actor: Actor, export: DataExport) -> None:
    """Cancel an archive, or remove it before its time. Idempotent; NotFound for other people's."""
    signed_in(actor)
    row = DataExport.objects.filter(pk=export.pk, person=actor.pk).first()
    if row is None:
        raise NotFound()
    if row.file:
        default_storage.delete(row.file)
    row.delete()


def _nudge() -> None:
    from ..tasks import build_export

    try:
        build_export.delay()
    except Exception as error:  # whatever the broker's client raises: the row is the queue
        log.warning("the queue was not nudged for a download: %s", error)


# --- What a worker does ---------------------------------------------------------------------------------------


def _claimable() -> Q:
    now = timezone.now()
    return Q(state=_State.QUEUED) & (Q(lease_until=None) | Q(lease_until__lt=now)) | Q(
        state=_State.RUNNING, lease_until__lt=now
    )


def waiting_exports() -> int:
    """How many archives could be begun now. One query."""
    return DataExport.objects.filter(_claimable()).count()


def claim_export() -> DataExport | None:
    """Take the archive that waits longest, or None. Safe against any number of workers: a conditional UPDATE decides."""
    for _attempt in range(20):
        row = DataExport.objects.filter(_claimable()).order_by("pk").first()
        if row is None:
            return None
        changes = {
            "state": _State.RUNNING,
            "lease_token": secrets.token_hex(16),
            "lease_until": timezone.now() + LEASE,
            "attempts": F("attempts") + 1,
        }
        same = Q(pk=row.pk, lease_token=row.lease_token, attempts=row.attempts)
        if DataExport.objects.filter(_claimable(), same).update(**changes):
            return DataExport.objects.select_related("person").get(pk=row.pk)
    return None


def make_export() -> bool:
    """Make one archive to its end; False when none waits. What fails is tried again, then told in a sentence."""
    row = claim_export()
    if row is None:
        return False
    folder = settings.WORK_DIR / "exports" / f"{row.pk}-{row.lease_token}"
    try:
        if row.attempts > ATTEMPTS:
            _fail(row, "internal")
        else:
            _make(row, folder)
    except LeaseLost:
        log.info("download %s is another worker's now, or gone", row.pk)
    except exports.NoRoom:
        _fail(row, "no_room")
    except Exception as error:
        log.exception("download %s: attempt %s failed", row.pk, row.attempts)
        if row.attempts >= ATTEMPTS:
            _fail(row, "no_room" if disk.takes_nothing(error) else "internal")
        else:  # the next try begins when the lease is over: what hinders it may pass
            _held(row).update(state=_State.QUEUED, lease_until=timezone.now() + LEASE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return True


def _make(row: DataExport, folder: Path) -> None:
    reported = time.monotonic() - RENEW_EVERY
    percent = 0

    def report(stage: str, share: int) -> None:
        nonlocal reported, percent
        percent = max(percent, share)
        if time.monotonic() - reported >= RENEW_EVERY:
            reported = time.monotonic()
            _renew(row, stage=stage, percent=percent)

    archive = exports.Builder(row.person, folder, report).build()
    size = archive.stat().st_size
    _renew(row, stage="closing", percent=99)
    with archive.open("rb") as file:
        name = default_storage.save(
            f"exports/{row.person_id}/{secrets.token_urlsafe(18)}.zip", _Finished(file)
        )
    try:
        _end(row, _State.READY, file=name, size=size, percent=100, stage="")
    except LeaseLost:
        default_storage.delete(name)
        raise


class _Finished(File):
    """A file that a local storage takes over by renaming it, so that no archive lies on the disk twice."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def _fail(row: DataExport, stage: str) -> None:
    """Why it failed is kept as a word; privacy.access says the sentence. Nothing when another worker has it by now."""
    _held(row).update(state=_State.FAILED, lease_token="", lease_until=None, stage=stage)


def _held(row: DataExport) -> Any:
    return DataExport.objects.filter(pk=row.pk, state=_State.RUNNING, lease_token=row.lease_token)


def _renew(row: DataExport, **changes: Any) -> None:
    if not _held(row).update(lease_until=timezone.now() + LEASE, **changes):
        raise LeaseLost


def _end(row: DataExport, state: str, **changes: Any) -> None:
    now = timezone.now()
    if state == _State.READY:
        changes |= {"ready_at": now, "expires_at": now + KEPT}
    with transaction.atomic():
        if not _held(row).update(state=state, lease_token="", lease_until=None, **changes):
            raise LeaseLost
        if state == _State.READY:
            facts = {"person_id": row.person_id, "export_id": row.pk}
            transaction.on_commit(lambda: signals.export_ready.send(None, **facts))


def expire_exports() -> int:
    """Remove archives whose time is over, and work folders that a killed worker left; how many archives."""
    over = DataExport.objects.filter(state=_State.READY, expires_at__lt=timezone.now())
    for row in over:
        default_storage.delete(row.file)  # before the row: repeated when it fails
        DataExport.objects.filter(pk=row.pk).update(state=_State.EXPIRED, file="")
    _clear_left_behind()
    return len(over)


def _clear_left_behind() -> None:
    folders = settings.WORK_DIR / "exports"
    if not folders.exists():
        return
    there = list(
        folders.iterdir()
    )  # looked at before the rows: one that begins now is not taken for a dead one
    running = DataExport.objects.filter(state=_State.RUNNING).values_list("pk", "lease_token")
    held = {f"{pk}-{token}" for pk, token in running}
    for path in there:
        if path.name not in held:
            shutil.rmtree(path, ignore_errors=True)
