"""Geometry and words of the charts; numbers as people read them."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from analytics.charts import (
    bar_chart,
    hours_chart,
    line_chart,
    nice_step,
    retention_chart,
    sparkline,
    stepped_chart,
)
from analytics.definitions import OF_THE_ACCOUNT, RETENTION_METRICS
from analytics.figures import brief, delta, full

VIEWS, WATCH, LIKES = (OF_THE_ACCOUNT[name] for name in ("views", "watch_ms", "likes"))


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


AVERAGE = OF_THE_ACCOUNT["average_ms"]


def test_a_day_without_a_figure_is_a_gap_and_not_zero():
    chart = line_chart(AVERAGE, days(4000, 2000, None, 3000, None, name="average_ms"))
    assert chart.line == "M0 0L25 50M75 25h.001"  # two days, then one by itself: a dot
    assert chart.area == "M0 0L25 50V100H0ZM75 25h.001V100H75Z"
    assert chart.ys == "0 50 - 25 -"
    assert [point.value for point in chart.points][2:] == ["–", "3.0 s", "–"]
    assert (chart.peak.label, chart.last) == ("March 1", None)
    assert chart.summary.endswith("Highest: 4.0 s on March 1. Lowest: 2.0 s on March 2.")


def test_days_without_any_figure_say_so_and_draw_nothing():
    nothing = days(None, None, name="average_ms")
    chart = line_chart(AVERAGE, nothing, nothing)
    assert (chart.line, chart.area, chart.before, chart.peak, chart.last) == ("", "", "", None, None)
    assert chart.summary == "Nothing in these days."
    assert sparkline(AVERAGE, nothing) == {"line": "", "area": ""}


def test_a_sparkline_averages_the_days_that_have_a_figure():
    spark = sparkline(AVERAGE, days(*[2000, None] * 30, *[None, 4000] * 30, name="average_ms"))
    assert spark["line"].startswith("M0 50L1.69 50L")
    assert spark["line"].endswith("L100 0")


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


def test_a_line_without_a_period_before_draws_and_reads_out_one():
    chart = line_chart(VIEWS, days(1, 4))
    assert (chart.before, chart.ys_before, chart.points[1].value_before) == ("", "", "")
    assert chart.peak.value == "4"


def test_steps_may_be_minutes():
    chart = stepped_chart(VIEWS, ["12:00", "12:01", "12:02"], [0, 7, 2], step="Minute")
    assert chart.labels == ["12:00", "12:01", "12:02"]
    assert chart.summary == "Views. Highest: 7 at 12:01. Lowest: 0 at 12:00."


def test_bars_are_as_long_as_their_share_of_the_longest_and_say_their_share_of_all():
    rows = [
        {"label": "For You", "views": 60, "before": 120, "watch_ms": 90_000},
        {"label": "Search", "views": 20, "before": 0, "watch_ms": 1000},
    ]
    chart = bar_chart(VIEWS, rows, step="Source", columns=[WATCH])
    first, second = chart.bars
    assert (first.width, first.width_before, first.part) == (50, 100, "75 %")
    assert (second.width, second.width_before) == (16.67, 0)
    assert first.cells == ["120", "0:01:30"]
    assert chart.heads == ["Before", "Watch time"]
    assert chart.summary == "Most: For You with 60, 75 % of all."


def test_the_most_is_what_has_a_name_even_where_the_rest_is_more():
    rows = [{"label": "France", "views": 3}, {"label": "Others", "views": 5, "rest": True}]
    assert bar_chart(VIEWS, rows, step="Country").summary == "Most: France with 3, 37.5 % of all."
    rows[0]["views"] = 0
    assert bar_chart(VIEWS, rows, step="Country").summary == "Most: Others with 5, 100 % of all."


def test_bars_of_nothing_have_no_length_and_labels_are_escaped():
    chart = bar_chart(VIEWS, [{"label": "<b>", "views": 0}], step="Source")
    assert (chart.bars[0].width, chart.bars[0].width_before) == (0, None)
    assert chart.summary == "Nothing in these days."
    assert "&lt;b&gt;" in bar_chart(VIEWS, [{"label": "<b>", "views": 1}], step="Source").summary
    assert bar_chart(VIEWS, [], step="Source").bars == []


def test_hours_of_the_week_grow_warmer_and_name_the_busiest():
    chart = hours_chart(VIEWS, {(4, 18): 50, (0, 0): 1})
    assert len(chart.cells) == 168
    by_label = {cell.label: cell for cell in chart.cells}
    assert by_label["Friday, 18:00 – 19:00"].level == 5
    assert by_label["Monday, 00:00 – 01:00"].level == 1
    assert by_label["Sunday, 23:00 – 00:00"].level == 0
    assert chart.summary == "Busiest: Friday, 18:00 – 19:00 UTC, with 50."
    assert chart.cells[chart.busiest].label == "Friday, 18:00 – 19:00"
    assert chart.table[18][1][4] == "50"
    assert hours_chart(VIEWS, {}).summary == "Nothing in these days."
    assert hours_chart(VIEWS, {}).busiest is None


def test_a_retention_curve_starts_at_the_top_and_its_replays_stay_low():
    seconds = [
        {"second": i, "watching": share, "reached": 0, "replays": replays, "jumps": 0}
        for i, (share, replays) in enumerate([(1, 0), (0.5, 8), (0.25, 4)])
    ]
    chart = retention_chart(RETENTION_METRICS, seconds)
    assert [point.y for point in chart.points] == [0, 50, 75]
    assert [point.replay_y for point in chart.points] == [100, 78, 89]
    assert chart.points[1].cells == ["50 %", "0", "8", "0"]
    assert chart.summary == "50 % are still watching at 0:01, 25 % at the end."
    assert retention_chart(RETENTION_METRICS, seconds[:1]).line == "M0 0h.001"
