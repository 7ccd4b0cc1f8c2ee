"""Many rows in one statement: figures that are added to what is there, and rows that are made where they are missing.

PostgreSQL gets one array a column (`unnest`): psycopg's executemany costs a round of the protocol a row. Other databases
get executemany, which SQLite does at a hundred thousand rows a second. Everything else goes by the ORM.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

Rows = Iterable[Sequence[Any]]


def add(
    model: type[models.Model],
    key: Sequence[str],
    figures: Sequence[str],
    rows: Rows,
    *,
    unique: Sequence[str] | None = None,
) -> None:
    """Add `figures` to the row of each `key` (columns; `unique` when fewer of them tell the row), making missing rows.

    A key comes once in `rows`. Rows are written in the order of their keys: two writers at once wait for each other and
    never deadlock. Columns that are not named must be numbers; they start at 0. One statement.
    """
    table = model._meta.db_table
    grow = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in figures)
    _insert(model, [*key, *figures], len(key), rows, 0, f"({', '.join(unique or key)}) DO UPDATE SET {grow}")


def make_missing(
    model: type[models.Model], key: Sequence[str], rows: Rows, *, empty: Any, unique: Sequence[str]
) -> None:
    """Make the rows of these keys that are not there, every other column `empty`. One statement, in the order of keys."""
    _insert(model, list(key), len(key), rows, empty, f"({', '.join(unique)}) DO NOTHING")


def _insert(
    model: type[models.Model], columns: list[str], key: int, rows: Rows, rest: Any, conflict: str
) -> None:
    found = sorted(rows, key=lambda row: tuple(row[:key]))
    if not found:
        return
    fields = {str(field.column): field for field in model._meta.concrete_fields if not field.primary_key}
    others = [name for name in fields if name not in columns]
    into = f"INSERT INTO {model._meta.db_table} ({', '.join([*columns, *others])})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{fields[name].db_type(connection)}[]" for name in columns)
            values = ", ".join([*columns, *("%s" for _ in others)])
            cursor.execute(
                f"{into} SELECT {values} FROM unnest({arrays}) AS fresh ({', '.join(columns)}) ON CONFLICT {conflict}",  # noqa: S608 (names of columns)
                [*([rest] * len(others)), *map(list, zip(*found, strict=True))],
            )
        else:
            marks = ", ".join(["%s"] * (len(columns) + len(others)))
            tail = (rest,) * len(others)
            cursor.executemany(
                f"{into} VALUES ({marks}) ON CONFLICT {conflict}", [(*row, *tail) for row in found]
            )


def replace(model: type[models.Model], columns: Sequence[str], rows: Rows) -> None:
    """Set `columns` of rows that the caller has locked: (primary key, value, …) each. One statement."""
    found = list(rows)
    if not found:
        return
    meta = model._meta
    fields = {str(field.column): field for field in meta.concrete_fields}
    own = str(fields["id"].column)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{fields[name].db_type(connection)}[]" for name in columns)
            cursor.execute(
                f"UPDATE {meta.db_table} SET {', '.join(f'{name} = fresh.{name}' for name in columns)} "  # noqa: S608
                f"FROM unnest(%s::bigint[], {arrays}) AS fresh ({own}, {', '.join(columns)}) "
                f"WHERE {meta.db_table}.{own} = fresh.{own}",
                list(map(list, zip(*found, strict=True))),
            )
        else:
            cursor.executemany(
                f"UPDATE {meta.db_table} SET {', '.join(f'{name} = %s' for name in columns)} WHERE {own} = %s",  # noqa: S608
                [(*row[1:], row[0]) for row in found],
            )
