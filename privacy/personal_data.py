"""The registry by which every app says what it keeps about people, and privacy's own entries.

A test walks every table of the project and fails on one that no app's `personal_data.py` registers. The download of one's
data (privacy.exports) reads `rows` and `files` of what is exported; erasure (privacy.erasure) leaves nothing of what is
erased. The modules of all apps are imported when privacy is ready.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from django.apps import apps
from django.db.models import QuerySet
from django.utils.functional import Promise

Erasure = Literal["cascade", "null", "kept"]
# How a page of the download shows the rows: as a table, one row as a list of facts, clips with their films, letters by
# conversation.
Layout = Literal["table", "facts", "clips", "messages"]
Row = dict[str, Any]
BATCH = 1_000  # rows read at a time: a person's million likes never stand in memory together


@dataclass(frozen=True)
class ExportedFile:
    """A file of the download. `find` says where it is now: a key of the storage, a local path, or None when it is gone."""

    path: str  # within the archive
    find: Callable[[], str | Path | None]


@dataclass(frozen=True)
class Declaration:
    """What happens to a table's rows about a person."""

    label: str
    exported: bool  # is it in the person's download?
    erased: Erasure  # cascade: the rows go; null: the rows stay without the person; kept: they stay, for the reason `why`
    why: str
    title: str | Promise = ""
    layout: Layout = "table"
    rows: Callable[[Any], Iterable[Row]] | None = None
    files: Callable[[Any], Iterable[ExportedFile]] | None = field(default=None, repr=False)


_declared: dict[str, Declaration] = {}


def register(
    app_label: str,
    model_name: str,
    *,
    exported: bool,
    erased: Erasure,
    why: str = "",
    title: str | Promise = "",
    layout: Layout = "table",
    rows: Callable[[Any], Iterable[Row]] | None = None,
    files: Callable[[Any], Iterable[ExportedFile]] | None = None,
) -> None:
    """Declare a table. What is kept or left out of the download has to say why; raises ValueError otherwise.

    `rows(person)` gives what the download says of this table, as plain values: of other people no more than user names.
    """
    if not why and (erased != "cascade" or not exported):
        raise ValueError(f"{app_label}.{model_name}: say why it is kept or not exported")
    meta = apps.get_model(app_label, model_name)._meta
    title = title or meta.verbose_name_plural or meta.label
    _declared[meta.label] = Declaration(meta.label, exported, erased, why, title, layout, rows, files)


def declared() -> dict[str, Declaration]:
    """Every declaration by the model's label, e.g. "privacy.Block". Complete once each app's module is imported."""
    return dict(_declared)


def in_batches(found: "QuerySet[Any, Any]", size: int = BATCH) -> Iterator[list[Any]]:
    """The objects of a query in batches in the order of their keys, one query a batch, whatever is written meanwhile."""
    last = None
    while batch := list((found if last is None else found.filter(pk__gt=last)).order_by("pk")[:size]):
        yield batch
        last = batch[-1].pk


def plain(app_label: str, model_name: str, column: str, **fields: str) -> Callable[[Any], Iterator[Row]]:
    """Rows of a table that names the person in `column`: each of `fields` is a name in the download and its column here.

    Ids are text, as everywhere outside the database.
    """
    model = apps.get_model(app_label, model_name)
    columns = ["pk", *fields.values()]

    def rows(person: Any) -> Iterator[Row]:
        found = model._default_manager.filter(**{column: person.pk}).order_by("pk")
        last = None
        while batch := list(
            (found if last is None else found.filter(pk__gt=last)).values_list(*columns)[:BATCH]
        ):
            for _pk, *values in batch:
                yield {
                    name: str(value) if value is not None and source.endswith("_id") else value
                    for (name, source), value in zip(fields.items(), values, strict=True)
                }
            last = batch[-1][0]

    return rows


def _settings(person: Any) -> Iterator[Row]:
    from .access import privacy_of

    settings = privacy_of(person)
    yield {
        field.name: getattr(settings, field.name)
        for field in settings._meta.concrete_fields
        if field.name != "person"
    }


register("privacy", "PrivacySettings", exported=True, erased="cascade", layout="facts", rows=_settings)
register(
    "privacy",
    "Block",
    exported=True,
    erased="cascade",
    rows=plain("privacy", "Block", "blocker", person="blocked__username", at="created_at"),
)
register(
    "privacy",
    "Mute",
    exported=True,
    erased="cascade",
    rows=plain("privacy", "Mute", "muter", person="muted__username", at="created_at"),
)
register(
    "privacy",
    "Restriction",
    exported=True,
    erased="cascade",
    rows=plain("privacy", "Restriction", "restricter", person="restricted__username", at="created_at"),
)
register(
    "privacy",
    "Report",
    exported=True,
    erased="null",
    why="Moderators need to know that a thing was reported; the name and the note of who reported go, reports about a "
    "person go with them.",
    rows=plain(
        "privacy",
        "Report",
        "reporter",
        about="target_type",
        id="target_id",
        reason="reason",
        note="note",
        state="state",
        at="created_at",
    ),
)
register(
    "privacy",
    "AuditEntry",
    exported=False,
    erased="null",
    why="Shows what was done when a deed is questioned; the actor's name and every detail of their deeds go. It may name "
    "other people, so no export.",
)
register(
    "privacy",
    "BlockedTerm",
    exported=False,
    erased="null",
    why="A word of the site's rules, not about a person; who added it loses their name.",
)
register(
    "privacy",
    "Case",
    exported=False,
    erased="cascade",
    why="The moderators' work: what came of it is exported as Decision; who reported must not be told. Goes with its person.",
)
register(
    "privacy",
    "Decision",
    exported=True,
    erased="cascade",
    rows=plain(
        "privacy",
        "Decision",
        "person",
        act="act",
        reason="reason",
        statement="statement",
        about="excerpt",
        until="until",
        at="created_at",
        taken_back_at="undone_at",
    ),
)
register(
    "privacy",
    "Appeal",
    exported=True,
    erased="cascade",
    rows=plain(
        "privacy",
        "Appeal",
        "decision__person",
        text="text",
        state="state",
        answer="answer",
        at="created_at",
        answered_at="answered_at",
    ),
)
register(
    "privacy",
    "DataExport",
    exported=True,
    erased="cascade",
    rows=plain(
        "privacy",
        "DataExport",
        "person",
        state="state",
        bytes="size",
        asked_at="created_at",
        ready_at="ready_at",
        expires_at="expires_at",
    ),
)
