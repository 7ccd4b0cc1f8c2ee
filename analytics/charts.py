"""Line charts as plain geometry: the template draws the SVG, this module says where everything goes.

The drawing is 100 × 100 units stretched to its box; words stay outside of it as text, so they never stretch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil, floor, log10
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .definitions import Metric
from .figures import brief, full

WIDTH = HEIGHT = 100.0
TICKS = 4
_MINUTE, _HOUR = 60_000, 3_600_000


@dataclass(frozen=True)
class Point:
    """One day of the chart: where it lies and what is read out."""

    day: date
    x: float
    y: float
    y_before: float
    label: str
    value: str
    value_before: str


@dataclass(frozen=True)
class Chart:
    """A drawn metric: paths in drawing units, ticks and labels as words, the table's rows as `points`."""

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

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def ys(self) -> str:
        """Heights of this period for the read-out, one number a day."""
        return " ".join(f"{point.y:g}" for point in self.points)

    @property
    def ys_before(self) -> str:
        return " ".join(f"{point.y_before:g}" for point in self.points)

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


def line_chart(metric: Metric, series: Sequence[dict[str, Any]], before: Sequence[dict[str, Any]]) -> Chart:
    """A metric's days, with the same days of the period before behind them."""
    now = [float(day[metric.name] or 0) for day in series]
    old = [float(day[metric.name] or 0) for day in before]
    top, bottom = max([0.0, *now, *old]), min([0.0, *now, *old])
    step = nice_step(top - bottom or 1, kind=metric.kind)
    low = floor(bottom / step) * step
    high = max(ceil(top / step) * step, low + step)
    count = round((high - low) / step)

    def y(value: float) -> float:
        return round(HEIGHT * (high - value) / (high - low), 2)

    last = max(len(now) - 1, 1)
    xs = [round(WIDTH * i / last, 3) for i in range(len(now))]
    points = [
        Point(
            day["day"],
            x,
            y(value),
            y(earlier),
            date_format(day["day"], "MONTH_DAY_FORMAT"),
            full(metric.kind, day[metric.name]),
            full(metric.kind, was[metric.name]),
        )
        for day, was, x, value, earlier in zip(series, before, xs, now, old, strict=True)
    ]
    line = _path(xs, [point.y for point in points])
    return Chart(
        name=metric.name,
        title=str(metric.label),
        summary=_summary(metric, series),
        line=line,
        area=f"{line}V{y(0):g}H0Z",
        before=_path(xs, [point.y_before for point in points]),
        zero=y(0),
        ticks=[brief(metric.kind, high - step * i) for i in range(count + 1)],
        labels=[date_format(series[i]["day"], "MONTH_DAY_FORMAT") for i in _label_places(len(series))],
        points=points,
    )


def sparkline(metric: Metric, series: Sequence[dict[str, Any]]) -> dict[str, str]:
    """A small line without axes for a card, averaged down to at most 60 points: `line` and `area`."""
    values = [float(day[metric.name] or 0) for day in series]
    size = ceil(len(values) / 60)
    values = [sum(values[i : i + size]) / len(values[i : i + size]) for i in range(0, len(values), size)]
    high, low = max([0.0, *values]), min([0.0, *values])
    xs = [round(WIDTH * i / max(len(values) - 1, 1), 2) for i in range(len(values))]
    line = _path(
        xs, [round(HEIGHT * (high - value) / (high - low), 2) if high > low else HEIGHT for value in values]
    )
    return {"line": line, "area": f"{line}V{HEIGHT:g}H0Z"}


def _path(xs: Sequence[float], ys: Sequence[float]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in zip(xs, ys, strict=True))


def _label_places(days: int) -> list[int]:
    count = 7 if days == 7 else 4 if days == 28 else 5
    return [round(i * (days - 1) / (count - 1)) for i in range(count)]


def _summary(metric: Metric, series: Sequence[dict[str, Any]]) -> str:
    """What the picture shows, in a sentence, for those who do not see it."""
    values = [(day[metric.name] or 0, day["day"]) for day in series]
    (low, low_day), (high, high_day) = min(values), max(values)
    if low == high:
        return _("%(metric)s a day from %(first)s to %(last)s: always %(value)s.") % {
            "metric": metric.label,
            "first": date_format(series[0]["day"], "MONTH_DAY_FORMAT"),
            "last": date_format(series[-1]["day"], "MONTH_DAY_FORMAT"),
            "value": full(metric.kind, high),
        }
    return _(
        "%(metric)s a day from %(first)s to %(last)s. Highest: %(high)s on %(high_day)s. Lowest: %(low)s on %(low_day)s."
    ) % {
        "metric": metric.label,
        "first": date_format(series[0]["day"], "MONTH_DAY_FORMAT"),
        "last": date_format(series[-1]["day"], "MONTH_DAY_FORMAT"),
        "high": full(metric.kind, high),
        "high_day": date_format(high_day, "MONTH_DAY_FORMAT"),
        "low": full(metric.kind, low),
        "low_day": date_format(low_day, "MONTH_DAY_FORMAT"),
    }
