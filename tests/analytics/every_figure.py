"""The register of figures: for each answer of analytics's API, every number in it once more, by SQL over the rows it stands on.

A page adds itself with `@page`. What its function returns has the shape of the answer, numbers only; lists of rows are dicts by
what names a row. test_every_figure.py holds the two against each other, and finds pages and figures that nobody recounted.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

# The moment at which every answer is asked for (a Friday), and the days that those with a period are asked about.
NOON = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
TODAY = NOON.date()
DAYS = 7

# Words, names and times: everything in an answer that is no figure.
NO_FIGURES = frozenset(
    (
        "audience audience_label caption cover created_at days definitions duration end ends_on finished_at goal "
        "goal_label id label made_at next preview published_at start starts_on state state_label studio_url text "
        "updated_at url"
    ).split()
)
# What names a row of a list, in the order it is looked for.
NAMES = ("day", "minute", "second", "hour_of_week", "source", "country", "channel", "figure", "id")


@dataclass
class Page:
    """An answer: its route's name, how it is asked, what SQL says, the figures that are estimates, and the names of those parts
    that other tests verify."""

    route: str
    query: dict[str, Any]
    recount: Callable[[Any], dict[str, Any]]
    subject: Callable[[Any], list[Any]] = field(default=lambda world: [])
    estimates: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()
    asked_by: Callable[[Any], Any] = field(default=lambda world: world.erin)


PAGES: list[Page] = []


def page(
    route: str,
    *,
    subject: Any = None,
    estimates: tuple[str, ...] = (),
    elsewhere: tuple[str, ...] = (),
    asked_by: Any = None,
    **query: Any,
) -> Any:
    """Registers the recount of an answer. `subject(world)` are the arguments of its route, `estimates` figures that are within
    two percent rather than equal. `elsewhere` names what is left out here; who says it says where it is verified.
    `asked_by(world)` is who may ask, erin if nobody is named."""

    def register(recount: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
        PAGES.append(
            Page(
                route,
                query,
                recount,
                subject or (lambda world: []),
                frozenset(estimates),
                frozenset(elsewhere),
                asked_by or (lambda world: world.erin),
            )
        )
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


def moment(said: Any) -> datetime | None:
    """A time as the database answers it: text on SQLite."""
    if said is None:
        return None
    found = datetime.fromisoformat(said) if isinstance(said, str) else said
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day_of(said: Any) -> date:
    """The same for a date."""
    return date.fromisoformat(said) if isinstance(said, str) else said


def leaves(answer: Any, path: str = "", *, besides: Collection[str] = ()) -> dict[str, Any]:
    """Every figure of an answer by its path: `totals.views`, `series[2026-03-01].likes`; without what `besides` names."""
    if isinstance(answer, dict):
        found: dict[str, Any] = {}
        for key, value in answer.items():
            is_name = key in NAMES and path.endswith("]")
            if key not in NO_FIGURES and key not in besides and not is_name:
                found |= leaves(value, f"{path}.{key}" if path else key, besides=besides)
        return found
    if isinstance(answer, list):
        found = {}
        for row in answer:
            name = next(row[key] for key in NAMES if key in row)
            found |= leaves(row, f"{path}[{name}]", besides=besides)
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
