"""Figures as CSV: what `?format=csv` answers, for people with spreadsheets."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from rest_framework.renderers import BaseRenderer


def cell(value: Any) -> Any:
    """A value no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return (
        f"'{value}"
        if isinstance(value, str) and value[:1] in "=+-@\t\r" and value
        else ""
        if value is None
        else value
    )


def to_csv(rows: Iterable[dict[str, Any]]) -> str:
    """A table with the first row's keys as its head; nested values are left out."""
    rows = [
        {name: value for name, value in row.items() if not isinstance(value, (dict, list))} for row in rows
    ]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["day"])
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


class CsvRenderer(BaseRenderer):
    """The rows of an answer: its daily `series`, or the `results` of a list."""

    media_type, format, charset = "text/csv", "csv", "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> str | bytes:
        return to_csv(data["series"] if "series" in data else data["results"])
