"""The register of figures: for each answer of analytics's API, every number in it once more, by SQL over the rows it stands on.

A page adds itself with `@page`. What its function returns has the shape of the answer, numbers only; lists of rows are dicts by
what names a row. test_every_figure.py holds the two against each other, and finds pages and figures that nobody recounted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

# Words, names and times: everything in an answer that is no figure.
NO_FIGURES = frozenset(
    (
        "audience caption cover days definitions duration end id label next published_at start state studio_url "
        "updated_at url"
    ).split()
)
# What names a row of a list, in the order it is looked for.
NAMES = ("day", "minute", "second", "source", "country", "channel", "id")


@dataclass
class Page:
    """An answer: its route's name, how it is asked, what SQL says, and the figures that are estimates."""

    route: str
    query: dict[str, Any]
    recount: Callable[[Any], dict[str, Any]]
    subject: Callable[[Any], list[Any]] = field(default=lambda world: [])
    estimates: frozenset[str] = frozenset()


PAGES: list[Page] = []


def page(route: str, *, subject: Any = None, estimates: tuple[str, ...] = (), **query: Any) -> Any:
    """Registers the recount of an answer. `subject(world)` are the arguments of its route, `estimates` figures that are within
    two percent rather than equal."""

    def register(recount: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
        PAGES.append(Page(route, query, recount, subject or (lambda world: []), frozenset(estimates)))
        return recount

    return register


def rows(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    """What the database answers. `sql` runs on both engines."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def number(sql: str, *params: Any) -> int:
    """The one number of a query, 0 for none."""
    return int(rows(sql, *params)[0][0] or 0)


def leaves(answer: Any, path: str = "") -> dict[str, Any]:
    """Every figure of an answer by its path: `totals.views`, `series[2026-03-01].likes`."""
    if isinstance(answer, dict):
        found: dict[str, Any] = {}
        for key, value in answer.items():
            if key not in NO_FIGURES and not (key in NAMES and path.endswith("]")):
                found |= leaves(value, f"{path}.{key}" if path else key)
        return found
    if isinstance(answer, list):
        found = {}
        for row in answer:
            name = next(row[key] for key in NAMES if key in row)
            found |= leaves(row, f"{path}[{name}]")
        return found
    return {path: answer}


def flat(recounted: Any, path: str = "") -> dict[str, Any]:
    """The same of a recount, in which lists are dicts whose keys begin with `[`."""
    if not isinstance(recounted, dict):
        return {path: recounted}
    found: dict[str, Any] = {}
    for key, value in recounted.items():
        found |= flat(value, f"{path}{key}" if str(key).startswith("[") else f"{path}.{key}" if path else key)
    return found
