"""Erasing a person: the steps that apps register, and what privacy itself does about its own tables.

Every step does its work in small transactions and asks what is left, never what it did before, so an erasure that was
killed goes on where it stopped. What calls it, and when, is accounts.leaving.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.storage import default_storage
from django.db import models, transaction

from .models import AuditEntry, DataExport, Report

BATCH = 200  # rows that one transaction erases: its locks are held for some tens of milliseconds


@dataclass(frozen=True)
class Leaver:
    """Who is being erased. `names` are all the ways to name them: user names, addresses, numbers.

    `alive` is called between transactions: it keeps the lease, and raises when the work is somebody else's by now.
    """

    id: int
    names: frozenset[str] = frozenset()
    alive: Callable[[], None] = field(default=lambda: None)


Step = Callable[[Leaver], None]
_steps: dict[str, Step] = {}
_last: dict[str, Step] = {}


def register_step(name: str, step: Step, *, last: bool = False) -> None:
    """Take part in erasing people. `last` steps come after all others: what removes the person's row itself."""
    (_last if last else _steps)[name] = step


def erase(leaver: Leaver) -> None:
    """Every registered step, one after the other. Safe to repeat; raises what a step raises and leaves the rest for later."""
    for step in (*_steps.values(), *_last.values()):
        leaver.alive()
        step(leaver)


def delete_in_batches(rows: "models.QuerySet[Any, Any]", leaver: Leaver, size: int = BATCH) -> None:
    """Delete rows with what hangs on them, a few at a time, each batch in a transaction of its own."""
    while True:
        leaver.alive()
        with transaction.atomic():
            batch = list(rows.order_by("pk").values_list("pk", flat=True)[:size])
            if not batch:
                return
            rows.model._default_manager.filter(pk__in=batch).delete()


def change_in_batches(
    rows: "models.QuerySet[Any, Any]", leaver: Leaver, size: int = BATCH, **changes: Any
) -> None:
    """Change rows a few at a time until none is left; `rows` must no longer find what was changed."""
    while True:
        leaver.alive()
        with transaction.atomic():
            batch = list(rows.order_by("pk").values_list("pk", flat=True)[:size])
            if not batch:
                return
            rows.model._default_manager.filter(pk__in=batch).update(**changes)


def erase_folder(folder: str) -> None:
    """Remove the files of a folder of the storage that has no folders in it. Safe to repeat."""
    try:
        _folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)  # the empty folder; nothing in an object store


def forget_admin_log(model: "type[models.Model]", ids: Iterable[Any]) -> None:
    """Remove what the admin's log says of these rows: it repeats their words. Two queries."""
    from django.contrib.admin.models import LogEntry
    from django.contrib.contenttypes.models import ContentType

    kind = ContentType.objects.get_for_model(model)
    LogEntry.objects.filter(content_type=kind, object_id__in=[str(pk) for pk in ids]).delete()


def _privacy(leaver: Leaver) -> None:
    """Reports stay without name and note, audit entries without name and details; the downloads go with their files."""
    change_in_batches(Report.objects.filter(reporter=leaver.id), leaver, reporter=None, note="")
    change_in_batches(AuditEntry.objects.filter(actor=leaver.id), leaver, actor=None, detail={})
    about = AuditEntry.objects.filter(target_type="person", target_id=leaver.id)
    change_in_batches(about.exclude(detail={}), leaver, detail={})
    # Files before rows: a worker that is killed in between comes back to rows that still stand for them.
    erase_folder(f"exports/{leaver.id}")
    delete_in_batches(DataExport.objects.filter(person=leaver.id), leaver)


register_step("privacy", _privacy)
