"""Figures that take too long for a page: wanted by somebody, made in the background, fresh for a day. The row is the queue.

What the followers are like is counted in audience.py, whether following back paid off in follow_back.py; this module says
when, and reads the panel for the latter.
"""

import logging
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Q
from django.utils import timezone

from accounts.models import Follow, User

from . import audience, follow_back
from .models import CreatorDay, EngagementWeek, Report

log = logging.getLogger(__name__)

FRESH = timedelta(days=1)
LEASE = timedelta(minutes=10)
KEPT = timedelta(days=30)  # of a report that nobody looks at any more
WEEKS = 52
WEEK = timedelta(days=7)
# Of a very large following so many are compared, drawn once for an account; more would not move the interval.
MOST_FOLLOWED_BACK, MOST_OTHERS = 3_000, 20_000


def want(creator_id: int, kind: str) -> bool:
    """Have a report made when there is none of the last day; whether one is to be made. Idempotent; at most two queries.

    One that found too few followers is never fresh: with the next follower there may be enough, and looking is one count.
    """
    row, _created = Report.objects.get_or_create(
        creator_id=creator_id, kind=kind, defaults={"wanted_at": timezone.now()}
    )
    old = timezone.now() - FRESH
    stale = Q(made_at=None) | Q(made_at__lte=old) | Q(body__state="too_few")
    if row.wanted_at is None and (
        row.made_at is None or row.made_at <= old or row.body.get("state") == "too_few"
    ):
        Report.objects.filter(stale, pk=row.pk, wanted_at=None).update(wanted_at=timezone.now())
        return True
    return row.wanted_at is not None


def make_due(limit: int = 20) -> int:
    """Make the reports that are wanted; how many were made. One that fails is logged and tried again after its lease."""
    made = 0
    for _turn in range(limit):
        row = _claim()
        if row is None:
            break
        try:
            _make(row)
            made += 1
        except Exception:  # one creator's figures must not keep the others waiting
            log.exception("report %s of %s not made", row.kind, row.creator_id)
    return made


def forget_unseen() -> int:
    """Delete reports that were last made long ago: nobody has asked since. How many."""
    return Report.objects.filter(wanted_at=None, made_at__lt=timezone.now() - KEPT).delete()[0]


def _claim() -> Report | None:
    now = timezone.now()
    free = Report.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), wanted_at__isnull=False)
    for row in free.order_by("wanted_at")[:10]:
        if free.filter(pk=row.pk).update(lease_until=now + LEASE):
            row.lease_until = now + LEASE
            return row
    return None


def _make(row: Report) -> None:
    makers: dict[str, Callable[[User], dict[str, Any]]] = {
        Report.Kind.AUDIENCE: audience.body,
        Report.Kind.FOLLOW_BACK: follow_back_body,
    }
    body = makers[row.kind](User.objects.get(pk=row.creator_id))
    # Whoever took the row over after our lease writes it; a creator who left meanwhile has none.
    Report.objects.filter(pk=row.pk, lease_until=row.lease_until).update(
        body=body, made_at=timezone.now(), wanted_at=None, lease_until=None
    )


# --- Whether following back paid off ----------------------------------------------------------------------------


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def follow_back_body(creator: User) -> dict[str, Any]:
    """What the follow-back report of a creator says; `state` is "ready" or "missing".

    Reads every follow of and by the creator once, and their EngagementWeek rows of a year: linear in both.
    """
    this_week = monday(timezone.now().date())
    known = EngagementWeek.objects.filter(creator=creator, week__lt=this_week).order_by("week")
    first = known.values_list("week", flat=True).first()
    first = max(first, this_week - WEEKS * WEEK) if first else this_week
    weeks = (this_week - first).days // 7
    follows = _follows(creator.pk)
    panel = _panel(creator.pk, follows, first, weeks)
    found = follow_back.estimate(panel, seed=creator.pk % 2**32)
    shared = {
        "weeks": weeks,
        "from": first.isoformat(),
        "to": (this_week - timedelta(days=1)).isoformat(),
        "followed_back": found.followed_back,
        "compared": found.compared,
        "too_new": found.too_new,
        "alone": found.alone,
    }
    if isinstance(found, follow_back.Missing):
        return {"state": "missing", **shared}
    backs = [first + int(week) * WEEK for week in panel.back[found.who]]
    return {
        "state": "ready",
        **shared,
        "apart_before": round(found.apart_before, 2),
        "apart_after": round(found.apart_after, 2),
        "effects": {
            name: {
                "value": effect.value,
                "low": effect.low,
                "high": effect.high,
                "before": effect.before,
                "after": effect.after,
                "other_before": effect.other_before,
                "other_after": effect.other_after,
            }
            for name, effect in found.effects.items()
        },
        "account": _account_around(creator.pk, backs),
    }


_Times = dict[int, tuple[datetime, datetime | None]]


def _follows(creator_id: int) -> _Times:
    """When each follower began to follow, and when they were followed back. Whoever the creator followed first is left out:
    there was nothing to follow back."""
    accepted = Follow.objects.filter(state=Follow.State.ACCEPTED)
    mine = {
        person: begun or made
        for person, begun, made in accepted.filter(follower=creator_id)
        .values_list("followed_id", "accepted_at", "created_at")
        .iterator()
    }
    draw = random.Random(creator_id)  # noqa: S311 (a sample, not a secret)
    chosen: dict[bool, list[tuple[int, datetime, datetime | None]]] = {True: [], False: []}
    seen = {True: 0, False: 0}
    there = accepted.filter(followed=creator_id, follower__is_active=True).order_by("pk")
    for person, begun, made in there.values_list("follower_id", "accepted_at", "created_at").iterator():
        since, back = begun or made, mine.get(person)
        if back is not None and back <= since:
            continue
        kind = back is not None
        seen[kind] += 1
        most = MOST_FOLLOWED_BACK if kind else MOST_OTHERS
        if len(chosen[kind]) < most:
            chosen[kind].append((person, since, back))
        elif (place := draw.randrange(seen[kind])) < most:  # reservoir sampling (Vitter 1985, algorithm R)
            chosen[kind][place] = (person, since, back)
    return {person: (since, back) for people in chosen.values() for person, since, back in people}


def _panel(creator_id: int, follows: _Times, first: date, weeks: int) -> follow_back.Panel:
    place = {person: number for number, person in enumerate(follows)}
    shape = (len(place), weeks)
    views, reactions, minutes, completions = (np.zeros(shape) for _ in range(4))
    rows = EngagementWeek.objects.filter(creator=creator_id, week__gte=first, week__lt=first + weeks * WEEK)
    columns = "person_id", "week", "views", "watch_ms", "completions", "likes", "comments", "shares"
    for person, week, seen, watched, ended, likes, comments, shares in rows.values_list(*columns).iterator():
        if person in place:
            at = place[person], (week - first).days // 7
            views[at], minutes[at], completions[at] = seen, watched / 60_000, ended
            reactions[at] = likes + comments + shares

    def week_of(moment: datetime | None) -> int:
        if moment is None:
            return int(follow_back.NEVER)
        return (monday(moment.astimezone(UTC).date()) - first).days // 7

    return follow_back.Panel(
        figures={"views": views, "reactions": reactions},
        active=(views > 0).astype(np.float64),
        followed=np.array([week_of(since) for since, _back in follows.values()], dtype=np.int64),
        back=np.array([week_of(back) for _since, back in follows.values()], dtype=np.int64),
        besides={"minutes": minutes, "completions": completions},
    )


def _account_around(creator_id: int, backs: list[date]) -> dict[str, dict[str, float]]:
    """The whole account a week, on average over the follow-backs: in the weeks before theirs and in the weeks after."""
    days = CreatorDay.objects.filter(
        creator=creator_id,
        day__gte=min(backs) - follow_back.BEFORE * WEEK,
        day__lt=max(backs) + (follow_back.AFTER + 1) * WEEK,
    )
    names = ("views", "likes", "comments", "shares", "saves", "followers_new", "followers_lost")
    by_day = {row["day"]: row for row in days.values("day", *names)}
    found: dict[str, dict[str, float]] = {}
    for side, start, length in (
        ("before", -follow_back.BEFORE * 7, follow_back.BEFORE * 7),
        ("after", 7, follow_back.AFTER * 7),
    ):
        sums = dict.fromkeys(names, 0.0)
        for week in backs:
            for offset in range(start, start + length):
                row = by_day.get(week + timedelta(days=offset), {})
                for name in names:
                    sums[name] += row.get(name, 0)
        a_week = {name: value / len(backs) / (length / 7) for name, value in sums.items()}
        acts = a_week["likes"] + a_week["comments"] + a_week["shares"] + a_week["saves"]
        found[side] = {
            "views": a_week["views"],
            "followers_net": a_week["followers_new"] - a_week["followers_lost"],
            "engagement": acts / a_week["views"] if a_week["views"] else 0.0,
        }
    return found
