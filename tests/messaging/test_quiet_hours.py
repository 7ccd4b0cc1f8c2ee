"""When nobody is to be disturbed: hours of the person's own clock, over midnight and over changes of the clock."""

from datetime import UTC, datetime, time

import pytest

from messaging.channels import quiet_until
from messaging.models import NotificationSettings


def hours(begin, end, zone="UTC"):
    return NotificationSettings(
        quiet_from=time.fromisoformat(begin), quiet_to=time.fromisoformat(end), time_zone=zone
    )


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-06-10 21:59", None),
        ("2026-06-10 22:00", "2026-06-11 07:00"),
        ("2026-06-10 23:59", "2026-06-11 07:00"),
        ("2026-06-11 00:00", "2026-06-11 07:00"),
        ("2026-06-11 06:59", "2026-06-11 07:00"),
        ("2026-06-11 07:00", None),
        ("2026-06-11 12:00", None),
    ],
)
def test_a_night_goes_over_midnight(now, until):
    assert quiet_until(hours("22:00", "07:00"), at(now)) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("now", "until"),
    [("2026-06-10 12:59", None), ("2026-06-10 13:00", "2026-06-10 15:00"), ("2026-06-10 15:00", None)],
)
def test_hours_within_a_day(now, until):
    assert quiet_until(hours("13:00", "15:00"), at(now)) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        ("Asia/Tokyo", "2026-06-10 13:00", "2026-06-10 22:00"),  # 22:00 there, until 7:00
        ("Asia/Tokyo", "2026-06-10 22:30", None),
        ("America/New_York", "2026-06-11 02:00", "2026-06-11 11:00"),
        ("America/New_York", "2026-06-10 22:30", None),
    ],
)
def test_the_clock_is_the_persons(zone, now, until):
    assert quiet_until(hours("22:00", "07:00", zone), at(now)) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        # On 29 March 2026 Paris goes from 2:00 to 3:00: an end at 2:30 is 3:30, which is 1:30 of UTC.
        ("2026-03-29 00:30", "2026-03-29 01:30"),
        # On 25 October 2026 it has 2:30 twice: 0:30 and 1:30 of UTC.
        ("2026-10-24 23:30", "2026-10-25 01:30"),
        ("2026-10-25 01:10", "2026-10-25 01:30"),
    ],
)
def test_a_change_of_the_clock_never_ends_them_in_the_past(now, until):
    assert quiet_until(hours("23:00", "02:30", "Europe/Paris"), at(now)) == at(until)


@pytest.mark.parametrize(
    "chosen",
    [
        None,
        NotificationSettings(),
        NotificationSettings(quiet_from=time(22)),
        NotificationSettings(quiet_to=time(7)),
        NotificationSettings(quiet_from=time(7), quiet_to=time(7)),
    ],
)
def test_without_a_begin_and_an_end_it_is_never_quiet(chosen):
    assert quiet_until(chosen, at("2026-06-10 23:00")) is None


def test_a_time_zone_that_is_no_longer_known_counts_as_the_sites():
    assert quiet_until(hours("22:00", "07:00", "Old/Place"), at("2026-06-10 23:00")) == at("2026-06-11 07:00")
