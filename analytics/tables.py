"""Figures as CSV: what `?format=csv` answers, for people with spreadsheets."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import BaseRenderer

from socialapp.lib.errors import Invalid

# Where the rows of a table are in an answer.
Rows = Callable[[Mapping[str, Any]], list[dict[str, Any]]]
# What `?table=` may choose of an answer; the first is what its CSV has unasked.
Tables = Mapping[str, Rows]


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
    """A table with the first row's keys as its head, nothing at all without rows; what is nested in any row is left out."""
    rows = list(rows)
    if not rows:
        return ""
    head = [name for name in rows[0] if not any(isinstance(row.get(name), (dict, list)) for row in rows)]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([cell(row.get(name)) for name in head] for row in rows)
    return out.getvalue()


def part(name: str) -> Rows:
    """The rows that stand in the answer as they are."""
    return lambda figures: list(figures[name])


def totals(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a figure of the whole period: with those that no sum of days gives, as unique viewers."""
    before, change = figures["before"], figures["delta"]
    return [
        {"figure": name, "value": value, "before": before[name], "change": change[name]}
        for name, value in figures["totals"].items()
    ]


def chosen(tables: Tables, asked: str | None) -> str:
    """The table that is asked for, the first for none; Invalid for one that is not there."""
    table = asked or next(iter(tables))
    if table not in tables:
        message = _("Choose one of these tables: %(tables)s.") % {"tables": ", ".join(tables)}
        raise Invalid(message, code="bad_table", fields={"table": message})
    return table


def table_parameter(tables: Tables) -> OpenApiParameter:
    return OpenApiParameter(
        "table", str, enum=list(tables), default=next(iter(tables)), description="Which rows the CSV has."
    )


class CsvRenderer(BaseRenderer):
    """The rows of an answer: those of the view's `tables` that `?table=` chooses."""

    media_type, format, charset = "text/csv", "csv", "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> str | bytes:
        view = (renderer_context or {})["view"]
        return to_csv(view.tables[view.table](data))
