"""Queries that Django writes once a process and the database answers many times.

Turning a query set into SQL costs Django up to fifty times what the database needs to answer by ids. A statement is the
same query set, written once with stand-ins for what differs from one request to the next, so rules stay in one place: in
query sets.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

Row = tuple[Any, ...]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:")  # as SQLite's backend writes them
_FIRST = -(2**60)  # no row has such an id, and no rule names such a number


def stand_ins(count: int) -> list[int]:
    """So many numbers to write a query set with, each in place of an id that is known only later."""
    return list(range(_FIRST, _FIRST + count))


_PLACE = re.compile("%[s%]")


def _with_constants(sql: str, parameters: Sequence[Any]) -> tuple[str, list[Any]]:
    """The SQL with its constants in it, and the parameters that are left.

    SQLite weighs a bound value that it might find in a partial index (a state, say) when it plans, and so plans anew at each run
    for fear of another value: 0.3 ms for the gate's statement.
    """
    values, left = iter(parameters), []

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        value = next(values)
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, int) and value >= 0:
            return str(int(value))
        if isinstance(value, str) and "\0" not in value and not _is_moment(value):
            return "'" + str.__str__(value).replace("'", "''").replace("%", "%%") + "'"
        left.append(value)
        return "%s"

    written = _PLACE.sub(place, sql)
    return written, left


def _is_moment(value: Any) -> bool:
    return hasattr(value, "tzinfo") or (isinstance(value, str) and bool(_MOMENT.match(value)))


class Statement:
    """The SQL of a query set of plain columns (`values_list`), for the database of this process.

    Only stand-ins may differ between two runs: whatever else the query set compares with is kept as it was on the first day.
    So it takes no moments and no texts of a request, and refuses the former.
    """

    def __init__(self, rows: "QuerySet[Any, Any]") -> None:
        compiler = rows.query.get_compiler(connection=connection)
        self._compiler = compiler
        self.sql, parameters = compiler.as_sql()
        self._parameters = list(parameters)
        if connection.vendor == "sqlite":
            self.sql, self._parameters = _with_constants(self.sql, self._parameters)
        if any(_is_moment(value) for value in self._parameters):
            raise ValueError("a moment would stay what it is now: leave it to the database")
        self._places = [
            (index, value - _FIRST)
            for index, value in enumerate(self._parameters)
            # PostgreSQL's backend wraps numbers in classes of their own, which are integers still.
            if isinstance(value, int) and value < _FIRST // 2
        ]
        self._converters = compiler.get_converters(
            [expression for expression, _sql, _name in compiler.select[: compiler.col_count]]
        )

    def run(self, *values: Any) -> list[Row]:
        """The rows as the driver gives them; `values` take the places of the stand-ins, in their order. One query."""
        parameters = self._parameters.copy()
        for index, place in self._places:
            parameters[index] = values[place]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            found: list[Row] = cursor.fetchall()
        return found

    def read(self, row: Row) -> Sequence[Any]:
        """A row of `run` as Django gives it to the fields of models."""
        values: Sequence[Any] = next(iter(self._compiler.apply_converters([row], self._converters)))
        return values
