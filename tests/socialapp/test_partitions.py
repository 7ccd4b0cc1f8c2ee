"""Events lie in one partition a day on PostgreSQL; on SQLite in one table, and nothing of this happens."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from analytics.models import Event
from socialapp.lib.partitions import drop_before, ensure_days

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

TABLE = Event._meta.db_table
FIRST = date(2031, 5, 1)


def event(cast, day):
    at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=23, minutes=59)
    return Event.objects.create(kind=Event.Kind.PROFILE_VIEW, creator=cast.alice, session="s", at=at)


def partition_of(row):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text FROM {TABLE} WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def test_a_day_is_made_once_and_takes_its_rows(cast):
    made = ensure_days(TABLE, FIRST, FIRST + timedelta(days=2))
    row = event(cast, FIRST)
    if connection.vendor == "postgresql":
        assert made == [FIRST + timedelta(days=n) for n in range(3)]
        assert partition_of(row) == f"{TABLE}_20310501"
    else:
        assert made == []
    assert ensure_days(TABLE, FIRST, FIRST + timedelta(days=2)) == []
    assert Event.objects.get() == row


def test_rows_of_a_day_without_a_partition_are_kept_in_the_rest(cast):
    row = event(cast, FIRST)
    assert ensure_days(TABLE, FIRST, FIRST) == [], "its rows would have to move"
    assert Event.objects.get() == row
    if connection.vendor == "postgresql":
        assert partition_of(row) == f"{TABLE}_rest"


def test_old_days_go_with_their_rows(cast):
    ensure_days(TABLE, FIRST, FIRST + timedelta(days=1))
    event(cast, FIRST)
    kept = event(cast, FIRST + timedelta(days=1))
    connection.check_constraints()  # a test is one transaction, in which they would wait for its end
    gone = drop_before(TABLE, FIRST + timedelta(days=1))
    if connection.vendor == "postgresql":
        assert gone == [FIRST]
        assert list(Event.objects.all()) == [kept]
    else:
        assert gone == []
        assert Event.objects.count() == 2
