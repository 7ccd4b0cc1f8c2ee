"""Charts as plain geometry: the templates draw the SVG (components/chart*.html), this module says where everything goes.

Lines lie in 100 × 100 units stretched to their box; words stay outside of it as text, so they never stretch. What a chart
shows is this period in Ember and, hollow, the one before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil, floor, log10
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from socialapp.templatetags.look import clock

from .definitions import Metric
from .figures import brief, full

WIDTH = HEIGHT = 100.0
TICKS = 4
HEAT_LEVELS = 5
_MINUTE, _HOUR = 60_000, 3_600_000


@dataclass(frozen=True)
class Point:
    """One step of a line: where it lies, and what is read out. Without a height where there is no figure."""

    x: float
    y: float | None
    y_before: float | None
    label: str
    value: str
    value_before: str


@dataclass(frozen=True)
class Chart:
    """A drawn line: paths in drawing units, ticks and labels as words, the table's rows as `points`.

    The line is broken where there is no figure, as a median of nothing: that is not zero. `before` is an empty path where there
    is nothing to compare with.
    """

    name: str
    title: str
    summary: str
    line: str
    area: str
    before: str
    zero: float
    ticks: list[str]
    labels: list[str]
    points: list[Point] = field(default_factory=list)
    step: str = ""  # what a step is called in the table's head

    @property
    def last(self) -> Point | None:
        """The latest step; None when it has no figure."""
        return self.points[-1] if self.points[-1].y is not None else None

    @property
    def peak(self) -> Point | None:
        """The highest point of this period, to be labelled; None when nothing stands out."""
        higher = (point for point in self.points if point.y is not None and point.y < self.zero)
        return min(higher, key=lambda point: point.y or 0, default=None)

    @property
    def ys(self) -> str:
        """Heights of this period for the read-out: one number a step, or a dash."""
        return _heights(point.y for point in self.points)

    @property
    def ys_before(self) -> str:
        return _heights(point.y_before for point in self.points) if self.before else ""

    @property
    def grid(self) -> list[float]:
        return [round(HEIGHT * i / (len(self.ticks) - 1), 2) for i in range(len(self.ticks))]


def nice_step(span: float, ticks: int = TICKS, *, kind: str = "count") -> float:
    """The smallest pleasant step (1, 2, 2.5, 5 × 10ⁿ; whole for counts; clock-like for times) that covers `span`."""
    rough = span / ticks
    if kind == "duration":
        unit = _HOUR if rough >= _HOUR else _MINUTE if rough >= _MINUTE else 1000
        if unit != _HOUR:
            steps = [1, 2, 5, 10, 15, 20, 30, 60]
            return unit * next((step for step in steps if step * unit >= rough), 60)
        return unit * nice_step(span / unit, ticks)
    if rough <= 0:
        return 0.01 if kind == "percent" else 1
    power = 10 ** floor(log10(rough))
    choices = (1, 2, 2.5, 5, 10) if kind == "percent" or power >= 10 else (1, 2, 5, 10)
    step = next(choice for choice in choices if choice * power >= rough * 0.999999) * power
    return step if kind == "percent" else max(1, ceil(step))


def line_chart(
    metric: Metric, series: Sequence[dict[str, Any]], before: Sequence[dict[str, Any]] | None = None
) -> Chart:
    """A metric's days (rows with `day` and the metric's name), with the same days of the period before behind them."""
    labels = [date_format(day["day"], "MONTH_DAY_FORMAT") for day in series]
    values = [day[metric.name] for day in series]
    old = None if before is None else [day[metric.name] for day in before]
    summary = _summary(metric, labels, values)
    return stepped_chart(metric, labels, values, old, step=_("Day"), summary=summary)


def stepped_chart(
    metric: Metric,
    labels: Sequence[str],
    values: Sequence[float | None],
    before: Sequence[float | None] | None = None,
    *,
    step: str = "",
    summary: str = "",
) -> Chart:
    """A metric at equal steps that are named by `labels`: days, weeks, minutes. `before` has as many values, or is None; a value
    that is None is drawn as a gap."""
    known = [value for value in [*values, *(before or [])] if value is not None]
    top, bottom = max([0.0, *known]), min([0.0, *known])
    tick = nice_step(top - bottom or 1, kind=metric.kind)
    low = floor(bottom / tick) * tick
    high = max(ceil(top / tick) * tick, low + tick)
    count = round((high - low) / tick)

    def y(value: float | None) -> float | None:
        return None if value is None else round(HEIGHT * (high - value) / (high - low), 2)

    last = max(len(values) - 1, 1)
    xs = [round(WIDTH * i / last, 3) for i in range(len(values))]
    points = [
        Point(
            x,
            y(values[i]),
            y(before[i]) if before else None,
            labels[i],
            full(metric.kind, values[i]),
            full(metric.kind, before[i]) if before else "",
        )
        for i, x in enumerate(xs)
    ]
    zero = round(HEIGHT * high / (high - low), 2)
    runs = _runs(xs, [point.y for point in points])
    return Chart(
        name=metric.name,
        title=str(metric.label),
        summary=summary or _summary_of_steps(metric, labels, values),
        line=_line(runs),
        area=_area(runs, zero),
        before=_line(_runs(xs, [point.y_before for point in points])),
        zero=zero,
        ticks=[brief(metric.kind, high - tick * i) for i in range(count + 1)],
        labels=[labels[i] for i in _label_places(len(labels))],
        points=points,
        step=step,
    )


def sparkline(metric: Metric, series: Sequence[dict[str, Any]]) -> dict[str, str]:
    """A small line without axes for a card, averaged down to at most 60 points: `line` and `area`."""
    size = ceil(len(series) / 60)
    values = [_mean([day[metric.name] for day in series[i : i + size]]) for i in range(0, len(series), size)]
    known = [value for value in values if value is not None]
    high, low = max([0.0, *known]), min([0.0, *known])
    xs = [round(WIDTH * i / max(len(values) - 1, 1), 2) for i in range(len(values))]
    span = high - low or 1
    ys = [None if value is None else round(HEIGHT - HEIGHT * (value - low) / span, 2) for value in values]
    runs = _runs(xs, ys)
    return {"line": _line(runs), "area": _area(runs, HEIGHT)}


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _heights(ys: Iterable[float | None]) -> str:
    return " ".join("-" if y is None else f"{y:g}" for y in ys)


def _runs(xs: Sequence[float], ys: Sequence[float | None]) -> list[list[tuple[float, float]]]:
    """The points that follow each other without a gap, run by run."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if y is not None:
            runs[-1].append((x, y))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _line(runs: Sequence[Sequence[tuple[float, float]]]) -> str:
    """Runs as a path; one point between two gaps is a dot, by its round ends."""
    return "".join(
        "M" + "L".join(f"{x:g} {y:g}" for x, y in run) + ("h.001" if len(run) == 1 else "") for run in runs
    )


def _area(runs: Sequence[Sequence[tuple[float, float]]], ground: float) -> str:
    return "".join(f"{_line([run])}V{ground:g}H{run[0][0]:g}Z" for run in runs)


def _label_places(steps: int) -> list[int]:
    count = min(steps, 7 if steps == 7 else 4 if steps == 28 else 5)
    return [round(i * (steps - 1) / (count - 1)) for i in range(count)] if count > 1 else [0] * count


def _ends(
    values: Sequence[float | None], labels: Sequence[str]
) -> tuple[tuple[float, str], tuple[float, str]]:
    """The lowest and the highest value with their labels; the latest of equals. There is one at least."""
    known = [(value, i) for i, value in enumerate(values) if value is not None]
    low, at_low = min(known, key=lambda pair: (pair[0], -pair[1]))
    high, at_high = max(known)
    return (low, labels[at_low]), (high, labels[at_high])


def _summary(metric: Metric, labels: Sequence[str], values: Sequence[float | None]) -> str:
    """What the picture shows, in a sentence, for those who do not see it."""
    if all(value is None for value in values):
        return _("Nothing in these days.")
    (low, low_day), (high, high_day) = _ends(values, labels)
    if low == high:
        return _("%(metric)s a day from %(first)s to %(last)s: always %(value)s.") % {
            "metric": metric.label,
            "first": labels[0],
            "last": labels[-1],
            "value": full(metric.kind, high),
        }
    return _(
        "%(metric)s a day from %(first)s to %(last)s. Highest: %(high)s on %(high_day)s. Lowest: %(low)s on %(low_day)s."
    ) % {
        "metric": metric.label,
        "first": labels[0],
        "last": labels[-1],
        "high": full(metric.kind, high),
        "high_day": high_day,
        "low": full(metric.kind, low),
        "low_day": low_day,
    }


def _summary_of_steps(metric: Metric, labels: Sequence[str], values: Sequence[float | None]) -> str:
    (low, at_low), (high, at_high) = _ends(values, labels)
    return _("%(metric)s. Highest: %(high)s at %(at_high)s. Lowest: %(low)s at %(at_low)s.") % {
        "metric": metric.label,
        "high": full(metric.kind, high),
        "at_high": at_high,
        "low": full(metric.kind, low),
        "at_low": at_low,
    }


# --- Bars -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """One bar: its length and that of the period before in percent of the longest (None without one), and its words."""

    label: str
    region: str  # an ISO country code, which the page writes as a name; else empty
    value: str
    exact: str
    part: str  # its share of all bars
    width: float
    width_before: float | None
    cells: list[str]  # its other figures, one a column of `BarChart.heads`


@dataclass(frozen=True)
class BarChart:
    """Horizontal bars with their labels, values and shares; the table has `heads` after the bar's own figure."""

    name: str
    title: str
    step: str
    summary: SafeString
    heads: list[str]
    bars: list[Bar]
    has_before: bool


def bar_chart(
    metric: Metric,
    rows: Sequence[Mapping[str, Any]],
    *,
    step: str,
    columns: Sequence[Metric] = (),
    title: str = "",
) -> BarChart:
    """A bar a row, in the order given. A row has `label` (and `region` for a country), the metric by its name, `before` where
    it is compared, the figures of `columns`, and `rest` if it is all that has no row of its own. `step` is the head of the
    labels: "Source", "Country".
    """
    values = [max(row[metric.name] or 0, 0) for row in rows]
    compares = any(row.get("before") is not None for row in rows)
    longest = max([*values, *(row.get("before") or 0 for row in rows)], default=0) or 1
    whole = sum(values)
    bars = [
        Bar(
            label=str(row["label"]),
            region=row.get("region", ""),
            value=brief(metric.kind, row[metric.name]),
            exact=full(metric.kind, row[metric.name]),
            part=brief("percent", value / whole) if whole else "",
            width=round(100 * value / longest, 2),
            width_before=round(100 * max(row.get("before") or 0, 0) / longest, 2) if compares else None,
            cells=[
                *([full(metric.kind, row.get("before"))] if compares else []),
                *(full(column.kind, row[column.name]) for column in columns),
            ],
        )
        for value, row in zip(values, rows, strict=True)
    ]
    return BarChart(
        name=metric.name,
        title=title or str(metric.label),
        step=step,
        summary=_summary_of_bars(values, bars, [bool(row.get("rest")) for row in rows]),
        heads=[*([_("Before")] if compares else []), *(str(column.label) for column in columns)],
        bars=bars,
        has_before=compares,
    )


def _summary_of_bars(values: Sequence[float], bars: Sequence[Bar], rest: Sequence[bool]) -> SafeString:
    if not any(values):
        return format_html("{}", _("Nothing in these days."))
    # What has a name comes before the rest, which may be more than any of it.
    best = bars[max(range(len(values)), key=lambda at: (bool(values[at]) and not rest[at], values[at]))]
    label = (
        format_html('<span data-region="{}">{}</span>', best.region, best.label)
        if best.region
        else best.label
    )
    # The sentence is ours, the label is escaped by format_html.
    return format_html(
        _("Most: {label} with {value}, {part} of all."), label=label, value=best.exact, part=best.part
    )


# --- Hours of the week --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """One hour of the week: its place in percent of the width and in rows, how warm it is (0 to HEAT_LEVELS), its words."""

    x: float
    row: int
    level: int
    label: str
    value: str


@dataclass(frozen=True)
class HoursChart:
    """Seven days by 24 hours of UTC, Monday first. `busiest` is the place of the highest cell, None when all are zero."""

    name: str
    title: str
    summary: str
    days: list[str]
    hours: list[str]
    cells: list[Cell]
    busiest: int | None

    @property
    def table(self) -> list[tuple[str, list[str]]]:
        """An hour a row, a day a column."""
        return [(hour, [cell.value for cell in self.cells[i::24]]) for i, hour in enumerate(self.hours)]


def hours_chart(metric: Metric, sums: Mapping[tuple[int, int], float]) -> HoursChart:
    """A metric by (weekday, hour), Monday being 0, hours UTC; what is missing is zero."""
    top = max(sums.values(), default=0) or 1
    monday = date(2024, 1, 1)
    days = [date_format(monday + timedelta(days=i), "l") for i in range(7)]
    hours = [f"{hour:02}:00" for hour in range(24)]
    cells = [
        Cell(
            round(100 * hour / 24, 3),
            day,
            ceil(HEAT_LEVELS * max(sums.get((day, hour), 0), 0) / top),
            f"{days[day]}, {hours[hour]} – {(hour + 1) % 24:02}:00",
            full(metric.kind, sums.get((day, hour), 0)),
        )
        for day in range(7)
        for hour in range(24)
    ]
    busiest = max(range(168), key=lambda i: sums.get((i // 24, i % 24), 0))
    summary = (
        _("Busiest: %(when)s UTC, with %(value)s.")
        % {"when": cells[busiest].label, "value": cells[busiest].value}
        if any(sums.values())
        else _("Nothing in these days.")
    )
    short_days = [date_format(monday + timedelta(days=i), "D") for i in range(7)]
    return HoursChart(
        metric.name,
        str(metric.label),
        summary,
        short_days,
        hours,
        cells,
        busiest if any(sums.values()) else None,
    )


# --- Retention ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Second:
    """One second of a clip: where the curve is, how high its replays stand (percent of the most), and its words."""

    x: float
    y: float
    replay_x: float
    replay_y: float
    label: str
    cells: list[str]


@dataclass(frozen=True)
class RetentionChart:
    """The share that still watches, over the clip; replays stand as thin bars on the ground."""

    summary: str
    line: str
    area: str
    bar_width: float
    heads: list[str]
    points: list[Second]
    ticks: list[str]

    @property
    def ys(self) -> str:
        return " ".join(f"{point.y:g}" for point in self.points)


# The tallest replay bar takes this part of the drawing, so that it stays under the curve it explains.
REPLAY_HEIGHT = 22


def retention_chart(metrics: Sequence[Metric], seconds: Sequence[Mapping[str, Any]]) -> RetentionChart:
    """The curve of one clip. `seconds` are rows with `second` and the figures of `metrics`, the first of which is drawn."""
    shown = metrics[0]
    most = max((row["replays"] for row in seconds), default=0) or 1
    last = max(len(seconds) - 1, 1)
    width = WIDTH / max(len(seconds), 1)
    points = [
        Second(
            x=round(WIDTH * i / last, 3),
            y=round(HEIGHT * (1 - row[shown.name]), 2),
            replay_x=round(i * width + 0.15 * width, 3),
            replay_y=round(HEIGHT - REPLAY_HEIGHT * row["replays"] / most, 2),
            label=clock(row["second"]),
            cells=[
                (brief if metric.kind == "percent" else full)(metric.kind, row[metric.name])
                for metric in metrics
            ],
        )
        for i, row in enumerate(seconds)
    ]
    runs = _runs([point.x for point in points], [point.y for point in points])
    return RetentionChart(
        summary=_("%(share)s are still watching at %(half)s, %(end)s at the end.")
        % {
            "share": brief(shown.kind, seconds[len(seconds) // 2][shown.name]),
            "half": points[len(points) // 2].label,
            "end": brief(shown.kind, seconds[-1][shown.name]),
        },
        line=_line(runs),
        area=_area(runs, HEIGHT),
        bar_width=round(0.7 * width, 3),
        heads=[str(metric.label) for metric in metrics],
        points=points,
        ticks=[points[i].label for i in _label_places(len(points))],
    )
