"""The download of one's data: a zip that is read in a browser without a network, and by programs as JSON.

`data/` has one JSON file a table, `pages/` the same for people, beside them the files themselves. What stands in it is
declared by each app (privacy.personal_data). The queue is privacy.actions.exporting.
"""

import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import orjson
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .personal_data import Declaration, ExportedFile, Row, declared

ROWS_A_PAGE = 500  # a page of a million rows opens in no browser
CHUNK = 1 << 20  # bytes read at a time
SPARE = 256 << 20  # bytes that stay free on the disk for everything else
# What the words of rows mean to people; others show as they are, without underscores.
WORDS = {
    "at": gettext_lazy("When"),
    "person": gettext_lazy("Person"),
    "by": gettext_lazy("By"),
    "clip": gettext_lazy("Clip"),
    "text": gettext_lazy("Text"),
    "sender": gettext_lazy("From"),
    "state": gettext_lazy("State"),
    "caption": gettext_lazy("Caption"),
    "direction": gettext_lazy("Direction"),
    "reason": gettext_lazy("Reason"),
}

Report = Callable[[str, int], None]


class NoRoom(Exception):
    """The disk has no room for this archive now."""


class Builder:
    """One archive under way. `report(stage, percent)` is called about every chunk, to keep the lease and to show progress."""

    def __init__(self, person: Any, folder: Path, report: Report) -> None:
        self.person, self.folder, self.report = person, folder, report
        self.sections: list[dict[str, Any]] = []
        self.missing: list[str] = []

    def build(self) -> Path:
        """The finished archive, in `folder`. Raises NoRoom, and what reading raises."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        path = self.folder / "archive.zip"
        language = getattr(self.person, "language", "") or settings.LANGUAGE_CODE
        with translation.override(language), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            tables = [entry for entry in declared().values() if entry.exported and entry.rows is not None]
            tables.sort(key=lambda entry: _place(entry.label.partition(".")[0]))
            for number, entry in enumerate(tables):
                self.report("rows", 2 + 38 * number // len(tables))
                self._table(archive, entry)
            files = [file for entry in tables if entry.files for file in entry.files(self.person)]
            self._files(archive, files)
            self._cover(archive)
        return path

    # --- Tables ---------------------------------------------------------------------------------------------

    def _table(self, archive: zipfile.ZipFile, entry: Declaration) -> None:
        name = entry.label.lower().replace(".", "-")
        rows = entry.rows(self.person) if entry.rows else ()
        buffer: list[Row] = []
        count = pages = 0
        data = self.folder / "table.json"
        with data.open("wb") as out:
            out.write(b"[")
            for row in rows:
                out.write(b",\n" if count else b"\n")
                out.write(orjson.dumps(row, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS))
                count += 1
                buffer.append(row)
                if len(buffer) == ROWS_A_PAGE:
                    pages += 1
                    self._page(archive, entry, name, pages, buffer)
                    buffer = []
                    self.report("rows", 0)
            out.write(b"\n]\n")
        if buffer or not pages:
            pages += 1
            self._page(archive, entry, name, pages, buffer)
        archive.write(data, f"data/{name}.json")
        data.unlink()
        group = apps.get_app_config(entry.label.partition(".")[0]).label
        self.sections.append(
            {
                "label": entry.label,
                "title": str(entry.title)[:1].upper() + str(entry.title)[1:],
                "group": group,
                "count": count,
                "facts": entry.layout == "facts",
                "json": f"data/{name}.json",
                "pages": [f"pages/{_page_name(name, number)}" for number in range(1, pages + 1)],
            }
        )

    def _page(
        self, archive: zipfile.ZipFile, entry: Declaration, name: str, number: int, rows: list[Row]
    ) -> None:
        columns = list(dict.fromkeys(key for row in rows for key in row))
        context = {
            "title": str(entry.title)[:1].upper() + str(entry.title)[1:],
            "up": "../",
            "name": name,
            "number": number,
            "before": _page_name(name, number - 1) if number > 1 else "",
            "after": _page_name(name, number + 1) if len(rows) == ROWS_A_PAGE else "",
            "columns": [_word(column) for column in columns],
            "rows": [_shown(row, columns) for row in rows],
            "talks": _by_talk(rows) if entry.layout == "messages" else [],
            "language": translation.get_language(),
            "site_name": settings.SITE_NAME,
        }
        page = render_to_string(f"privacy/export/{entry.layout}.html", context)
        archive.writestr(f"pages/{_page_name(name, number)}", page)

    # --- Files ----------------------------------------------------------------------------------------------

    def _files(self, archive: zipfile.ZipFile, files: list[ExportedFile]) -> None:
        total = sum(_size(file.find()) for file in files)
        if shutil.disk_usage(self.folder).free < total + SPARE:
            raise NoRoom
        done = 0
        for file in files:
            done = self._file(archive, file, done, max(total, 1))

    def _file(self, archive: zipfile.ZipFile, file: ExportedFile, done: int, total: int) -> int:
        source = _open(file.find()) or _open(file.find())  # once more: its clip may have moved in between
        if source is None:
            self.missing.append(file.path)
            return done
        # Films and pictures are compressed already.
        entry = zipfile.ZipInfo(file.path, timezone.now().timetuple()[:6])
        with source, archive.open(entry, "w", force_zip64=True) as out:
            while chunk := source.read(CHUNK):
                out.write(chunk)
                done += len(chunk)
                self.report("files", 40 + min(58, 58 * done // total))
        return done

    # --- What is read first -----------------------------------------------------------------------------------

    def _cover(self, archive: zipfile.ZipFile) -> None:
        self.report("closing", 99)
        groups: dict[str, list[dict[str, Any]]] = {}
        for section in self.sections:
            groups.setdefault(_heading(section["group"]), []).append(section)
        manifest = {
            "site": settings.SITE_NAME,
            "username": self.person.get_username(),
            "made_at": timezone.now(),
            "tables": {
                section["label"]: {"rows": section["count"], "file": section["json"]}
                for section in self.sections
            },
            "missing": self.missing,
        }
        context = {
            "groups": groups.items(),
            "person": self.person,
            "made_at": timezone.now(),
            "missing": self.missing,
            "title": _("Your data"),
            "picture": bool(getattr(self.person, "avatar", None)),
            "language": translation.get_language(),
            "site_name": settings.SITE_NAME,
        }
        archive.writestr("data/manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        archive.writestr("pages/style.css", render_to_string("privacy/export/style.css"))
        archive.writestr("index.html", render_to_string("privacy/export/index.html", context))


# In which order the parts of the index stand; what stands in none of them is about the account and comes first.
_ORDER = ("videos", "messaging", "analytics", "privacy")


def _place(app_label: str) -> int:
    return _ORDER.index(app_label) + 1 if app_label in _ORDER else 0


def _heading(app_label: str) -> str:
    match app_label:
        case "privacy":
            return _("Privacy and safety")
        case "videos":
            return _("Clips, and what you did with clips")
        case "messaging":
            return _("Messages and notifications")
        case "analytics":
            return _("Statistics, and what you watched")
    return _("You and your account")


def _page_name(name: str, number: int) -> str:
    return f"{name}.html" if number == 1 else f"{name}-{number}.html"


def _word(column: str) -> str:
    return str(WORDS.get(column) or column.replace("_", " ").capitalize())


def _text(value: Any) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return _("Yes") if value else _("No")
        case datetime():
            return date_format(timezone.localtime(value), "DATETIME_FORMAT")
        case date():
            return date_format(value, "DATE_FORMAT")
        case int():
            return number_format(value, use_l10n=True, force_grouping=True)
        case list() | tuple():
            return ", ".join(_text(item) for item in value)
        case dict():
            return orjson.dumps(value, default=str).decode() if value else ""
    return str(value)


def _shown(row: Row, columns: list[str]) -> dict[str, Any]:
    """A row as its page shows it: (word, text) in the order of the columns, and its files apart."""
    cells = [(_word(column), _text(row.get(column))) for column in columns if column != "files"]
    return {"cells": cells, "files": row.get("files") or {}, "raw": row}


def _by_talk(rows: list[Row]) -> list[dict[str, Any]]:
    """Messages under the conversation they belong to, in the order of the rows."""
    talks: dict[str, dict[str, Any]] = {}
    for row in rows:
        talk = talks.setdefault(row["conversation"], {"people": row.get("people") or [], "messages": []})
        talk["messages"].append(row | {"when": _text(row.get("at"))})
    return list(talks.values())


def _size(place: str | Path | None) -> int:
    try:
        if isinstance(place, Path):
            return place.stat().st_size
        return default_storage.size(place) if place else 0
    except FileNotFoundError:
        return 0


def _open(place: str | Path | None) -> "IO[bytes] | Any | None":
    try:
        if isinstance(place, Path):
            return place.open("rb")
        return default_storage.open(place) if place else None
    except FileNotFoundError:
        return None


def labels_without_rows() -> Iterator[str]:
    """Tables that are declared as exported and give no rows: a mistake in some app's personal_data.py."""
    return (entry.label for entry in declared().values() if entry.exported and entry.rows is None)
