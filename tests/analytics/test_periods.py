"""Which days a dashboard shows: ranges on offer, ranges of one's own, what is refused and how."""

from datetime import date, timedelta

import pytest
import time_machine
from django.http import QueryDict

from analytics.access import Period, period, period_asked
from socialapp.lib.errors import Invalid


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel("2026-03-31 12:00Z", tick=False):
        yield


def test_ranges_on_offer_end_today_and_are_compared_with_as_many_days_before():
    span = period("7")
    assert (span.start, span.end, span.days) == (date(2026, 3, 25), date(2026, 3, 31), 7)
    assert (span.start_before, span.end_before) == (date(2026, 3, 18), date(2026, 3, 24))
    assert span.query == {"days": "7"}
    assert period().days == 28
    assert period(365).days == 365


def test_a_range_of_ones_own_is_in_the_address_and_wins():
    span = period_asked(QueryDict("days=7&start=2026-02-01&end=2026-02-28"))
    assert (span.days, span.custom) == (28, True)
    assert span.query == {"start": "2026-02-01", "end": "2026-02-28"}
    assert (span.start_before, span.end_before) == (date(2026, 1, 4), date(2026, 1, 31))
    assert span.dates[0] == span.start
    assert span.dates[-1] == span.end
    assert len(span.dates_before) == 28


def test_a_range_without_an_end_goes_to_today_and_one_day_is_a_range():
    assert period(start="2026-03-31").days == 1
    assert period(start="2026-03-30").end == date(2026, 3, 31)


def test_a_leap_year_fits_and_a_day_more_does_not():
    assert period(start="2024-01-01", end="2024-12-31").days == 366
    with pytest.raises(Invalid) as refused:
        period(start="2024-01-01", end="2025-01-01")
    assert refused.value.fields == {"start": "Choose at most 366 days."}


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("days=8", "days", "Choose the last 7, 28, 60 or 365 days."),
        ("end=2026-03-01", "start", "Choose the first day too."),
        ("start=2026-03-05&end=2026-03-01", "start", "The first day is after the last one. Swap them."),
        (
            "start=2026-03-05&end=2026-04-01",
            "end",
            "The last day is in the future. Choose today or a day before.",
        ),
        ("start=2026-02-30", "start", "Write a day as year-month-day, for example 2026-03-31."),
        (
            "start=0001-01-01&end=0001-01-02",
            "start",
            "Write a day as year-month-day, for example 2026-03-31.",
        ),
        ("start=2026-03-01&end=x", "end", "Write a day as year-month-day, for example 2026-03-31."),
    ],
)
def test_ranges_that_cannot_be_are_refused_with_a_sentence_for_the_field(query, field, sentence):
    with pytest.raises(Invalid) as refused:
        period_asked(QueryDict(query))
    assert refused.value.fields == {field: sentence}


def test_a_period_of_dates_compares_as_many_days():
    span = Period(date(2026, 3, 1), date(2026, 3, 10))
    assert span.start - span.start_before == timedelta(days=10)
