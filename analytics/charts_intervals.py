"""Effects with their uncertainty as plain geometry: a point on its interval, and zero (components/chart_intervals.html)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .definitions import Metric

# The longest interval leaves this much of the width free on each side.
MARGIN = 6.0


@dataclass(frozen=True)
class Interval:
    """One effect: its places in percent of the width, its words, and whether it is clearly more, less, or unclear."""

    label: str
    meaning: str
    point: float
    low: float
    width: float
    zero: float
    value: str
    between: str
    tone: str
    cells: list[str]


@dataclass(frozen=True)
class IntervalChart:
    """Effects under each other, each on a scale of its own around zero, as their units differ."""

    title: str
    summary: str
    heads: list[str]
    rows: list[Interval]

    @property
    def unclear(self) -> bool:
        """Whether any of the effects may be none."""
        return any(row.tone == "unclear" for row in self.rows)


def interval_chart(
    title: str, metrics: Sequence[Metric], effects: Mapping[str, Mapping[str, Any]], summary: str = ""
) -> IntervalChart:
    """A row for each metric among the effects. The table has the means of both groups besides."""
    rows = [_row(metric, effects[metric.name]) for metric in metrics if metric.name in effects]
    heads = [_("Followed back, before"), _("after"), _("Similar, before"), _("after")]
    return IntervalChart(title, summary, heads, rows)


def _row(metric: Metric, effect: Mapping[str, Any]) -> Interval:
    value, low, high = effect["value"], effect["low"], effect["high"]
    fine = places(metric, value, low, high)
    ends = min(low, 0.0), max(high, 0.0)
    scale = (100 - 2 * MARGIN) / ((ends[1] - ends[0]) or 1)

    def place(number: float) -> float:
        return round(MARGIN + (number - ends[0]) * scale, 2)

    return Interval(
        label=str(metric.label),
        meaning=str(metric.meaning),
        point=place(value),
        low=place(low),
        width=round(max((high - low) * scale, 0.5), 2),
        zero=place(0),
        value=amount(metric, value, fine, signed=True),
        between=_("%(low)s to %(high)s")
        % {"low": amount(metric, low, fine, signed=True), "high": amount(metric, high, fine, signed=True)},
        tone="more" if low > 0 else "less" if high < 0 else "unclear",
        cells=[
            amount(metric, effect[name], fine) for name in ("before", "after", "other_before", "other_after")
        ],
    )


def places(metric: Metric, *values: float) -> int:
    """How many decimals numbers that are read together have: one, or two where all are below 1."""
    return 1 if metric.kind == "percent" or max(map(abs, values)) >= 0.995 else 2


def amount(metric: Metric, value: float, decimals: int, *, signed: bool = False) -> str:
    """A mean of a week in words: 1.2, or in points of a hundred."""
    share = metric.kind == "percent"
    number = round(abs(value) * (100 if share else 1), decimals)
    text = number_format(number, decimal_pos=decimals)
    sign = ("−" if value < 0 else "+") if signed and number else ""
    return sign + (_("%(number)s %%") % {"number": text} if share else text)
