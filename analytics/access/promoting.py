"""What the viewer's promotions brought, against what the same clips brought by themselves."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from accounts.access import Viewer
from privacy.rules import SMALLEST_GROUP
from videos.access import promotions_between
from videos.cards_promotions import audience_label, state_label
from videos.models import Promotion

from .. import uniques
from ..definitions import PROMOTION_LINE_METRICS
from ..models import CreatorDay, Sketch, Source, SourceDay, VideoDay
from .comparing import clip_line, definitions, side_by_side, signed_in, updated_at
from .periods import Period, period

# Of a day; `cost` follows from them.
SUMS = (
    "spent",
    "seen",
    "promoted_views",
    "organic_views",
    "visits",
    "organic_visits",
    "followers_won",
    "organic_followers",
    "results",
)
# What a promotion is for: as an ad, and what came of itself.
_RESULT = {
    Promotion.Goal.VIEWS: ("promoted_views", "organic_views"),
    Promotion.Goal.PROFILE: ("visits", "organic_visits"),
    Promotion.Goal.FOLLOWERS: ("followers_won", "organic_followers"),
}
# By clip and day: impressions, views and followers won as an ad, and all views and followers won.
_Brought = Mapping[tuple[int, date], Mapping[str, int]]


def promotions(viewer: Viewer, span: Period | None = None) -> dict[str, Any]:
    """Totals and days of all of the viewer's promotions against the period before, and each promotion of the period with its
    sums. Seven queries; they grow with promotions times days, never with views."""
    signed_in(viewer)
    span = span or period()
    rows = promotions_between(viewer, span.start_before, span.end)
    brought = _brought({row.video_id for row in rows}, span.start_before, span.end)
    visits = _organic_visits(viewer, rows, span.start_before, span.end)
    lines = {row.pk: _days(row, brought, visits) for row in rows}
    by_day: dict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(SUMS, 0))
    for days in lines.values():
        for day, figures in days.items():
            for name in SUMS:
                by_day[day][name] += figures[name]
    for day, figures in by_day.items():  # of the account, so once a day however many promotions ran
        figures["organic_visits"] = visits[day]
    now = [{"day": day, **_whole(by_day.get(day, {}))} for day in span.dates]
    before = [{"day": day, **_whole(by_day.get(day, {}))} for day in span.dates_before]
    shown = [row for row in rows if any(day >= span.start for day in lines[row.pk])]
    reach = uniques.merged(Sketch.Kind.PROMOTION, [row.pk for row in shown], span.start, span.end)
    return {
        **side_by_side(span, (_sum(now), now), (_sum(before), before)),
        "promotions": [
            _line(row, _sum(one for day, one in lines[row.pk].items() if day >= span.start), reach[row.pk])
            for row in shown
        ],
        "updated_at": updated_at(),
        "definitions": definitions(PROMOTION_LINE_METRICS),
    }


def _brought(videos: set[int], first: date, last: date) -> _Brought:
    found: dict[tuple[int, date], dict[str, int]] = defaultdict(dict)
    met = SourceDay.objects.filter(video__in=videos, source=Source.PROMOTED, day__gte=first, day__lte=last)
    for video, day, seen, views, won in met.values_list(
        "video", "day", "impressions", "views", "followers_won"
    ):
        found[video, day] = {"seen": seen, "views": views, "won": won}
    everything = VideoDay.objects.filter(video__in=videos, day__gte=first, day__lte=last)
    for video, day, views, won in everything.values_list("video", "day", "views", "followers_won"):
        found[video, day] |= {"all_views": views, "all_won": won}
    return found


def _organic_visits(viewer: Viewer, rows: Iterable[Promotion], first: date, last: date) -> Mapping[date, int]:
    """Looks at the profile that no promotion brought, by day. From which clip somebody came is not kept, so they are those of
    the whole account. One query."""
    days = CreatorDay.objects.filter(creator=viewer.pk, day__gte=first, day__lte=last)
    found: dict[date, int] = defaultdict(int, days.values_list("day", "profile_views"))
    for row in rows:
        for one in row.shown_days:  # type: ignore[attr-defined]
            found[one.day] = max(found[one.day] - one.visits, 0)
    return found


def _days(row: Promotion, brought: _Brought, visits: Mapping[date, int]) -> dict[date, dict[str, int]]:
    """What one promotion took and brought on each day that it was shown. A clip has one promotion at a time."""
    days = {}
    for one in row.shown_days:  # type: ignore[attr-defined]
        if not one.spent:
            continue
        there = brought.get((row.video_id, one.day), {})
        views, won = there.get("views", 0), there.get("won", 0)
        figures = {
            "spent": one.spent,
            "seen": there.get("seen", 0),
            "promoted_views": views,
            "organic_views": max(there.get("all_views", 0) - views, 0),
            "visits": one.visits,
            "organic_visits": visits[one.day],
            "followers_won": won,
            "organic_followers": max(there.get("all_won", 0) - won, 0),
        }
        days[one.day] = figures | {"results": figures[_RESULT[Promotion.Goal(row.goal)][0]]}
    return days


def _whole(sums: Mapping[str, int]) -> dict[str, Any]:
    """The sums with the impressions paid for each result: None while there is none to divide by."""
    said: dict[str, Any] = {name: sums.get(name, 0) for name in SUMS}
    return said | {"cost": round(said["spent"] / said["results"]) if said["results"] else None}


def _sum(days: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    sums = dict.fromkeys(SUMS, 0)
    for day in days:
        for name in SUMS:
            sums[name] += day[name]
    return _whole(sums)


def _line(row: Promotion, sums: Mapping[str, Any], reach: int) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "url": f"/studio/promotions/{row.pk}/",
        "video": clip_line(row.video),
        "goal": row.goal,
        "goal_label": str(row.get_goal_display()),
        "audience_label": audience_label(row),
        "state": row.state,
        "state_label": state_label(row),
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "daily_budget": row.daily_budget,
        # Different people who had it in sight. Of fewer than five nothing is told.
        "reach": reach if reach >= SMALLEST_GROUP else None,
        **sums,
        "organic_results": sums[_RESULT[Promotion.Goal(row.goal)][1]],
    }
