"""How a daily budget of impressions is spread over a UTC day. Arithmetic only: no rows, no clock.

After D. Agarwal, S. Ghosh, K. Wei, S. You, "Budget Pacing for Targeted Online Advertisements at LinkedIn", KDD 2014: what was
spent follows the share of the day's traffic that has passed. There a campaign that is ahead takes part in fewer auctions, by a
probability that is corrected each minute, and may overshoot; here, where an impression is a row with a number, the share of
the budget that traffic allows by now is a hard bound, and there is nothing to tune. docs/decisions/promotions.md.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

Curve = Sequence[float]

DAY = 86_400
# The plan is through so long before midnight: the last people of a day come at some moment before its end, not at its end.
LEAD = 15 * 60
UNIFORM: Curve = (1.0,) * 24
# Pages that an hour's share is drawn towards the even one by, as if so many had been seen spread evenly over the day: hours of
# a site that is hardly used say little.
PRIOR = 48
LEARNED_DAYS = 28
# Behind the plan by more than this part of the budget (and this many impressions), what is left is planned anew.
BEHIND, BEHIND_LEAST = 0.02, 3


def share(curve: Curve, at: datetime) -> float:
    """The part of a day's traffic that has passed at a moment (UTC), from 0 to 1, the day being over LEAD before midnight."""
    seconds = at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6
    hours = min(seconds * DAY / (DAY - LEAD), DAY) / 3600
    full = int(hours)
    passed = sum(curve[:full]) + (curve[full] * (hours - full) if full < 24 else 0.0)
    return min(1.0, passed / sum(curve))


def allowed(
    budget: int, curve: Curve, at: datetime, anchor: datetime | None = None, anchor_spent: int = 0
) -> int:
    """How many impressions of a day's budget may be spent by a moment: what is left at `anchor` (the day's start without one)
    is spread over the traffic from there on. Never above the budget."""
    begun = share(curve, anchor) if anchor else 0.0
    left = max(budget - anchor_spent, 0)
    part = (share(curve, at) - begun) / (1 - begun) if begun < 1 else 1.0
    return min(budget, anchor_spent + math.ceil(left * max(part, 0.0) - 1e-9))


def is_behind(budget: int, may: int, spent: int) -> bool:
    """Whether a promotion missed so much of its plan that what is left is to be spread anew, instead of being shown to the
    next people who come, one after the other."""
    return may - spent > max(BEHIND_LEAST, budget * BEHIND)


def curve_of(hours: Iterable[tuple[date, int, int]], day: date) -> Curve:
    """The curve of a day, from (day, hour, pages) of the LEARNED_DAYS before: of the same weekdays when they are known, of all
    days otherwise; uniform when nothing is. Days without any page say nothing: nobody was there to count."""
    known = [row for row in hours if timedelta(0) < day - row[0] <= timedelta(LEARNED_DAYS) and row[2] > 0]
    same = [row for row in known if row[0].weekday() == day.weekday()]
    chosen = same if sum(row[2] for row in same) >= 10 * PRIOR else known
    if not chosen:
        return UNIFORM
    days = len({row[0] for row in chosen})
    mean = [PRIOR / 24 / days] * 24
    for _day, hour, pages in chosen:
        mean[hour] += pages / days
    return tuple(mean)
