"""Which days a dashboard shows, and which it compares them with. No queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from socialapp.lib.errors import Invalid

from ..definitions import LONGEST_RANGE, RANGES


@dataclass(frozen=True)
class Period:
    """Whole UTC days, both ends included, and as many right before them to compare with."""

    start: date
    end: date
    # Chosen by its dates, not as "the last so many days".
    custom: bool = False

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def start_before(self) -> date:
        return self.start - timedelta(days=self.days)

    @property
    def end_before(self) -> date:
        return self.start - timedelta(days=1)

    @property
    def query(self) -> dict[str, str]:
        """What an address says to show these days again."""
        if self.custom:
            return {"start": self.start.isoformat(), "end": self.end.isoformat()}
        return {"days": str(self.days)}

    @property
    def dates(self) -> list[date]:
        return [self.start + timedelta(days=i) for i in range(self.days)]

    @property
    def dates_before(self) -> list[date]:
        return [self.start_before + timedelta(days=i) for i in range(self.days)]


def period(
    days: str | int | None = None, start: str | date | None = None, end: str | date | None = None
) -> Period:
    """The last 7, 28, 60 or 365 days, 28 when nothing is said; or `start` to `end` (today when left out), 366 days at most.

    Dates are UTC and win over `days`. Raises Invalid with a sentence for the field that is wrong.
    """
    if start or end:
        return _custom(start or None, end or None)
    text = str(days or 28)
    if text not in {str(choice) for choice in RANGES}:
        raise _bad("days", _("Choose the last 7, 28, 60 or 365 days."))
    today = timezone.now().date()
    return Period(today - timedelta(days=int(text) - 1), today)


def period_asked(query: Mapping[str, str]) -> Period:
    """The period that an address names by `days`, or `start` and `end`. Raises as `period`."""
    return period(query.get("days"), query.get("start"), query.get("end"))


def _custom(start: str | date | None, end: str | date | None) -> Period:
    today = timezone.now().date()
    first, last = _date("start", start), _date("end", end) if end else today
    if first is None or last is None:
        raise _bad("start", _("Choose the first day too."))
    if last > today:
        raise _bad("end", _("The last day is in the future. Choose today or a day before."))
    if first > last:
        raise _bad("start", _("The first day is after the last one. Swap them."))
    if (last - first).days >= LONGEST_RANGE:
        raise _bad("start", _("Choose at most %(days)s days.") % {"days": LONGEST_RANGE})
    return Period(first, last, custom=True)


def _date(field: str, given: str | date | None) -> date | None:
    if given is None or isinstance(given, date):
        return given
    try:
        found = parse_date(given)
    except ValueError:  # well formed, and no day: February 30
        found = None
    # Before there were clips there are no figures, and the days before year 1 do not exist.
    if found is None or found.year < 2000:
        raise _bad(field, _("Write a day as year-month-day, for example 2026-03-31."))
    return found


def _bad(field: str, message: str) -> Invalid:
    return Invalid(message, code="bad_range", fields={field: message})
