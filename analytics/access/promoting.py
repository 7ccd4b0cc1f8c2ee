"""What the viewer's promotions brought, against what the same clips brought by themselves."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from accounts.access import Viewer
from privacy.rules import SMALLEST_GROUP
from videos.access import promotions_between
from videos.cards_promotions import audience_label, state_label
from videos.models import Promotion

from .. import uniques
from ..definitions import PROMOTION_LINE_METRICS
from ..models import CreatorDay, PromotedDay, Sketch, VideoDay
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
# Figures by day, of a promotion or of a clip.
_Days = Mapping[date, Mapping[str, int]]
_NONE = dict.fromkeys(SUMS, 0)


def promotions(viewer: Viewer, span: Period | None = None) -> dict[str, Any]:
    """Totals and days of all of the viewer's promotions against the period before, and each promotion of the period with its
    sums. Seven queries; they grow with promotions times days, never with views."""
    signed_in(viewer)
    span = span or period()
    # What is shown on one day may be watched on the next.
    rows = promotions_between(viewer, span.start_before - timedelta(days=1), span.end)
    won = _won(rows, span.start_before, span.end)
    others = _organic(rows, won, span.start_before, span.end)
    visits = _organic_visits(viewer, rows, span.start_before, span.end)
    lines = {row.pk: _days(row, won[row.pk], others[row.video_id], visits) for row in rows}
    by_day = _by_day(rows, lines)
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


def _won(rows: Iterable[Promotion], first: date, last: date) -> Mapping[int, _Days]:
    """What was met by each of these ads: impressions, views and followers won by day. One query."""
    found: dict[int, dict[date, Mapping[str, int]]] = {row.pk: {} for row in rows}
    days = PromotedDay.objects.filter(promotion__in=list(found), day__gte=first, day__lte=last)
    for promotion, day, seen, views, won in days.values_list(
        "promotion", "day", "impressions", "views", "followers_won"
    ):
        found[promotion][day] = {"seen": seen, "promoted_views": views, "followers_won": won}
    return found


def _organic(
    rows: Iterable[Promotion], won: Mapping[int, _Days], first: date, last: date
) -> Mapping[int, _Days]:
    """What their clips had besides, whichever of their ads brought the rest: views and followers by clip and day. One query."""
    as_ad: dict[tuple[int, date], Counter[str]] = defaultdict(Counter)
    for row in rows:
        for day, figures in won[row.pk].items():
            as_ad[row.video_id, day].update(figures)
    found: dict[int, dict[date, Mapping[str, int]]] = {row.video_id: {} for row in rows}
    days = VideoDay.objects.filter(video__in=list(found), day__gte=first, day__lte=last)
    for video, day, views, followers in days.values_list("video", "day", "views", "followers_won"):
        ads = as_ad[video, day]
        found[video][day] = {
            "organic_views": max(views - ads["promoted_views"], 0),
            "organic_followers": max(followers - ads["followers_won"], 0),
        }
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


def _days(row: Promotion, won: _Days, others: _Days, visits: Mapping[date, int]) -> _Days:
    """What one promotion took and brought by day. What came without it is told of days on which it was shown."""
    days = {day: {**_NONE, **figures} for day, figures in won.items() if any(figures.values())}
    for one in row.shown_days:  # type: ignore[attr-defined]
        if one.spent:
            organic = {**others.get(one.day, {}), "organic_visits": visits[one.day]}
            own = {"spent": one.spent, "visits": one.visits}
            days[one.day] = {**days.get(one.day, _NONE), **organic, **own}
    result = _RESULT[Promotion.Goal(row.goal)][0]
    return {day: {**figures, "results": figures[result]} for day, figures in days.items()}


def _by_day(rows: Iterable[Promotion], lines: Mapping[int, _Days]) -> _Days:
    """The days of all of them together. What came without an ad is of the clip, and profile visits of the account: once a day,
    however many promotions ran."""
    found: dict[date, Counter[str]] = defaultdict(Counter)
    of_clips: dict[tuple[int, date], Counter[str]] = defaultdict(Counter)
    of_account: dict[date, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for day, figures in lines[row.pk].items():
            found[day].update({name: figures[name] for name in SUMS if not name.startswith("organic")})
            of_clips[row.video_id, day] |= {
                name: figures[name] for name in ("organic_views", "organic_followers")
            }
            of_account[day] |= {"organic_visits": figures["organic_visits"]}
    for (_video, day), figures in of_clips.items():
        found[day].update(figures)
    for day, figures in of_account.items():
        found[day].update(figures)
    return found


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
