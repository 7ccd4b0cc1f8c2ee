"""Unique people: merged over days, by day, and never twice from the cache."""

from datetime import timedelta

import pytest
from datasketches import hll_sketch, tgt_hll_type
from django.utils import timezone

from analytics.models import Sketch
from analytics.reach import reach

pytestmark = pytest.mark.django_db
KIND = Sketch.Kind.CREATOR


@pytest.fixture
def seen(cast):
    """Says that people (numbers) were seen so many days ago."""

    def see(ago, people, kind=KIND, subject=7):
        sketch = hll_sketch(14, tgt_hll_type.HLL_4)
        for person in people:
            sketch.update(person)
        day = timezone.now().date() - timedelta(days=ago)
        Sketch.objects.update_or_create(
            kind=kind,
            subject=subject,
            day=day,
            defaults={"creator": cast.alice, "registers": sketch.serialize_compact()},
        )
        return day

    return see


def last(days):
    today = timezone.now().date()
    return today - timedelta(days=days - 1), today


def test_who_comes_on_three_days_is_one_person_of_the_span_and_one_of_each_day(seen):
    days = [seen(0, range(100)), seen(1, range(50, 150)), seen(5, range(10))]
    found = reach(KIND, 7, *last(7))
    assert found.people == pytest.approx(150, abs=2)
    assert [round(found.by_day[day], -1) for day in days] == [100, 100, 10]


def test_other_days_subjects_and_kinds_do_not_count(seen):
    seen(7, range(100))
    seen(0, range(100), subject=8)
    seen(0, range(100), kind=Sketch.Kind.VIDEO)
    assert reach(KIND, 7, *last(7)).people == 0
    assert reach(KIND, 7, *last(8)).people == pytest.approx(100, abs=1)


def test_many_people_are_counted_within_two_percent(seen):
    for ago in range(4):
        seen(ago, range(ago * 10_000, ago * 10_000 + 20_000))
    assert reach(KIND, 7, *last(7)).people == pytest.approx(50_000, rel=0.02)


def test_finished_days_are_read_once_and_todays_every_time(seen, django_assert_num_queries):
    seen(5, range(10))
    seen(0, range(5))
    with django_assert_num_queries(2):  # the finished days, the open ones
        assert reach(KIND, 7, *last(7)).people == 10
    seen(0, range(100, 120))
    with django_assert_num_queries(1):  # the open days
        assert reach(KIND, 7, *last(7)).people == 30


def test_an_empty_sketch_is_nobody(cast):
    day = timezone.now().date()
    Sketch.objects.create(kind=KIND, subject=7, creator=cast.alice, day=day, registers=b"")
    assert reach(KIND, 7, *last(7)).people == 0
