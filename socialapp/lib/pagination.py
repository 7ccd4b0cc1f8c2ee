"""Keyset pagination: a page costs the same however deep it is, and new rows never shift it."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from .errors import Invalid

T = TypeVar("T", bound=Model)


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of rows and the cursor of the next, None on the last."""

    items: list[T]
    next_cursor: str | None


def encode_cursor(values: list[Any]) -> str:
    """Opaque text for a row's ordering values (datetimes, numbers, text)."""
    plain = [{"t": v.isoformat()} if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[Any]:
    """The values of `encode_cursor`; raises Invalid for anything else."""
    try:
        raw = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        values: list[Any] = [parse_datetime(v["t"]) if isinstance(v, dict) else v for v in raw]
        valid = len(values) == length and all(
            isinstance(v, (datetime, str)) or (type(v) in (int, float) and abs(v) < 2**63) for v in values
        )
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        valid = False
    if not valid:
        raise Invalid(
            _("This link to the next page is not valid. Start from the first page."), code="bad_cursor"
        )
    return values


def keyset_page(
    queryset: QuerySet[T], cursor: str | None = None, *, order: tuple[str, ...] = ("-id",), size: int = 20
) -> Page[T]:
    """A page of `queryset` in `order`, which must end in a unique column and needs an index of the same shape.

    One query. Nullable columns must not be in `order`.
    """
    if cursor:
        values = decode_cursor(cursor, len(order))
        # Implied by the OR below; said apart because databases seek an index by a plain bound, not by an OR.
        first, bound = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
        after = Q(**{f"{first}__{bound}": values[0]})
        beyond = Q()
        equal: dict[str, Any] = {}
        for column, value in zip(order, values, strict=True):
            name = column.lstrip("-")
            beyond |= Q(**equal, **{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value})
            equal[name] = value
        try:
            queryset = queryset.filter(after & beyond)
        except (ValueError, TypeError, ValidationError) as error:
            raise Invalid(
                _("This link to the next page is not valid. Start from the first page."), code="bad_cursor"
            ) from error
    items = list(queryset.order_by(*order)[: size + 1])
    more = len(items) > size
    items = items[:size]
    cursor_of_last = (
        encode_cursor([_value(items[-1], column.lstrip("-")) for column in order]) if more else None
    )
    return Page(items, cursor_of_last)


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row
