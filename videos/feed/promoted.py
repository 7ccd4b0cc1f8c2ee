"""Promoted clips in For You: whose turn it is on a page, and the charge for it.

A page composes its clips as ever. With the same query that asks the gate for them, the gate is asked for a few promoted clips
that fit this viewer and are not ahead of their plan; of those that pass, one statement takes the one that is most behind and
charges it, or none. What runs at the moment is known to each process for LIVE_SECONDS, so while nothing is promoted a page costs
what it costs without promotions, and otherwise one statement more. Nothing here stands on Redis.

Nobody without an account sees promoted clips: the cap a day could be kept only by recognising visitors. Nobody under 16 does.
"""

import functools
import hashlib
import logging
import random
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F, Max, OuterRef, Subquery
from django.utils import timezone

from accounts.models import User

from .. import pacing
from ..access import Passed, ShownAs, Viewer
from ..models import Promotion, PromotionDay, PromotionShowing, TrafficHour
from ..promotions import hindrance, matches, wording_of

log = logging.getLogger(__name__)

LIVE_SECONDS = 5.0
CURVE_SECONDS = 900.0
MOST_LIVE = 500
# Promoted clips that go through the gate with a page: with SIZE + SPARE they fill the gate's statement for 30 (access.passed).
OFFERED = 6
# Clips before a promoted one: the first two places are never sold, and two pages' promoted clips are 10 places apart at least.
EARLIEST, LATEST = 3, 8
AFTER_SHOWN = 9  # when the screen holds clips already, perhaps with a promoted one among the last


@dataclass(frozen=True)
class Live:
    """A promotion that runs today, as it stood some seconds ago."""

    id: int
    video: int
    owner: int
    goal: str
    countries: Sequence[str]
    languages: Sequence[str]
    interests: Sequence[str]
    budget: int
    approved_as: str
    spent: int
    anchor_at: datetime | None
    anchor_spent: int

    def allowed(self, curve: pacing.Curve, now: datetime) -> int:
        return pacing.allowed(self.budget, curve, now, self.anchor_at, self.anchor_spent)


@dataclass
class _Known:
    """What a process knows of what runs: by day, because yesterday's spending says nothing at midnight."""

    day: date | None = None
    rows: list[Live] = field(default_factory=list)
    until: float = 0.0
    curve: pacing.Curve = pacing.UNIFORM
    curve_until: float = 0.0


_known = _Known()
_lock = threading.Lock()


def forget() -> None:
    """What runs is looked up again for the next page of this process; the others notice within LIVE_SECONDS."""
    _known.until = _known.curve_until = 0.0
    _known.day = None


def live(now: datetime | None = None) -> tuple[list[Live], pacing.Curve]:
    """What runs today, and today's curve. One query every LIVE_SECONDS, a second one every CURVE_SECONDS while anything runs;
    other pages of the process meanwhile go by what was known."""
    now = now or timezone.now()
    today, clock = now.astimezone(UTC).date(), time.monotonic()
    if (_known.day == today and clock < _known.until) or not _lock.acquire(blocking=_known.day != today):
        return _known.rows, _known.curve
    try:
        if _known.day != today or clock >= _known.until:
            rows = _read(today)
            if rows and (_known.day != today or clock >= _known.curve_until):
                _known.curve, _known.curve_until = _curve(today), clock + CURVE_SECONDS
            _known.rows, _known.day, _known.until = rows, today, clock + LIVE_SECONDS
    finally:
        _lock.release()
    return _known.rows, _known.curve


def _read(today: date) -> list[Live]:
    of_day = PromotionShowing.objects.filter(promotion=OuterRef("pk"), day=today).order_by()
    planned = PromotionDay.objects.filter(promotion=OuterRef("pk"), day=today)
    rows = (
        Promotion.objects.filter(state=Promotion.State.APPROVED, starts_on__lte=today, ends_on__gte=today)
        .annotate(
            spent=Subquery(of_day.values("promotion").annotate(most=Max("number")).values("most")),
            anchor_at=Subquery(planned.values("anchor_at")),
            anchor_spent=Subquery(planned.values("anchor_spent")),
            budget=F("daily_budget"),
        )
        .order_by("-id")
        .values_list(
            "id", "video_id", "owner_id", "goal", "countries", "languages", "interests", "budget", "approved_as",
            "spent", "anchor_at", "anchor_spent",
        )[:MOST_LIVE]
    )  # fmt: skip
    return [Live(*row[:9], row[9] or 0, row[10], row[11] or 0) for row in rows]


def _curve(today: date) -> pacing.Curve:
    since = today - timedelta(days=pacing.LEARNED_DAYS)
    return pacing.curve_of(
        TrafficHour.objects.filter(day__gte=since, day__lt=today).values_list("day", "hour", "pages"), today
    )


def offers(
    viewer: Viewer,
    spent: Collection[int],
    *,
    personal: bool = True,
    only: Collection[int] | None = None,
    now: datetime | None = None,
) -> list[Live]:
    """Promotions that could take a place on a page of this viewer's, those most behind their plan first; OFFERED at most.

    `spent` are clips that must not come any more. `only` are the promotions (their ids) that a session that was composed ahead
    may still show. Whether the clips pass the gate, and whether the viewer has had enough of one, is asked later.
    """
    if not isinstance(viewer, User) or viewer.is_teen:
        return []
    now = now or timezone.now()
    rows, curve = live(now)
    found = []
    for row in rows:
        if row.owner == viewer.pk or row.video in spent or (only is not None and row.id not in only):
            continue
        behind = row.allowed(curve, now) - row.spent
        # Ahead by what this process knows, which is some seconds old: others may have spent more, never less.
        if behind > 0 and matches(viewer, row.countries, row.languages, row.interests, personal=personal):
            found.append((behind / row.budget, random.random(), row))  # noqa: S311 (whose turn, no secret)
    found.sort(key=lambda one: one[:2], reverse=True)
    return [row for _behind, _dice, row in found[:OFFERED]]


def place(
    viewer: Viewer,
    page: Sequence[Any],
    offered: Sequence[Live],
    passed: Mapping[int, Passed],
    *,
    slot: str,
    shown: bool = False,
    now: datetime | None = None,
) -> tuple[list[Any], Live | None]:
    """The page with one promoted clip in it, which is charged now, and its promotion; or the page as it is and None. A clip that
    stands further down on the page anyway is brought forward, one that stands before is left alone and not charged.
    Whoever follows the owner is shown none that is to bring followers.

    `passed` are clips through the gate in this request; what cannot be promoted by its row as it is now is left out. `slot` names
    the page: the same one is never charged twice. One statement, none when nothing fits.
    """
    after = AFTER_SHOWN if shown else EARLIEST + int(_hash(slot)[:4], 16) % (LATEST - EARLIEST + 1)
    before = {clip.pk for clip in page[: after + 1]}
    fits = {
        row.id: row
        for row in offered
        if row.video in passed
        and row.video not in before
        and not _is_won(row, passed[row.video])
        and may_run(row, passed[row.video])
    }
    if not fits or not isinstance(viewer, User) or len(page) < after:
        return list(page), None
    taken = charge(viewer, list(fits.values()), slot, now)
    if taken is None:
        return list(page), None
    row = fits[taken]
    rest = [clip for clip in page[after:] if clip.pk != row.video]
    return [*page[:after], marked(passed[row.video], row), *rest], row


def _is_won(row: Live, clip: Passed) -> bool:
    """Whether the viewer is past what the promotion is to bring: new followers are not those who follow, or asked to. The
    gate's query brought it along: no query."""
    return row.goal == Promotion.Goal.FOLLOWERS and clip.marks["made"] is not None


def may_run(row: Live, clip: Passed) -> bool:
    """Whether a clip that passed the gate may be shown as this promotion: as it was approved, and promotable still. No query."""
    video = clip.video
    return wording_of(video) == row.approved_as and hindrance(video) is None


def marked(clip: Passed, row: Live) -> Passed:
    """The clip, saying that it is there as a promotion; cards label it by that."""
    clip.promotion = ShownAs(row.id, row.goal)
    return clip


def again(row_id: int, clip: Passed | None) -> Passed | None:
    """A promoted clip of a page that is handed out once more: not charged, and gone when it does not run any more."""
    row = next((row for row in live()[0] if row.id == row_id), None)
    return marked(clip, row) if row and clip and row.video == clip.pk and may_run(row, clip) else None


# --- The charge -------------------------------------------------------------------------------------------------------------


def charge(viewer: User, rows: Sequence[Live], slot: str, now: datetime | None = None) -> int | None:
    """Take one impression of the first of these promotions that may be shown to this viewer by now; its id, or None.

    One statement: it inserts the row that is the charge, so the database's unique keys keep the budget, the cap and the page,
    whatever runs at the same time: who loses a race gets None, and the plan makes it good with the next page. State and budget
    are read as they are in that moment. None also when the database refuses: a page is never lost for an ad.
    """
    now = (now or timezone.now()).astimezone(UTC)
    _rows, curve = live(now)
    values = {
        "me": viewer.pk,
        "day": connection.ops.adapt_datefield_value(now.date()),
        "at": connection.ops.adapt_datetimefield_value(now),
        "slot": _hash(f"{viewer.pk}:{slot}"),
        "cap": settings.PROMOTION_CAP_A_DAY,
    }
    for index, row in enumerate(rows):
        values |= {f"id{index}": row.id, f"may{index}": row.allowed(curve, now)}
    try:
        with connection.cursor() as cursor:
            cursor.execute(_sql(len(rows)), values)
            taken = cursor.fetchone()
    except DatabaseError as error:
        log.warning("no promotion charged: %s", error)
        return None
    return taken[0] if taken else None


@functools.cache
def _sql(count: int) -> str:
    ways = " UNION ALL ".join(
        f"SELECT {'%'}(id{n})s AS id, {'%'}(may{n})s AS may, {n} AS turn" for n in range(count)
    )
    of = "FROM videos_promotionshowing s WHERE s.promotion_id = p.id AND s.day = %(day)s"
    return (
        "INSERT INTO videos_promotionshowing (promotion_id, person_id, day, number, nth, slot, at)"  # noqa: S608
        " SELECT c.id, %(me)s, %(day)s, c.number, c.nth, %(slot)s, %(at)s FROM ("
        f" SELECT p.id, w.may, w.turn, p.daily_budget, COALESCE((SELECT MAX(s.number) {of}), 0) + 1 AS number,"
        f" COALESCE((SELECT MAX(s.nth) {of} AND s.person_id = %(me)s), 0) + 1 AS nth"
        f" FROM ({ways}) w JOIN videos_promotion p ON p.id = w.id WHERE p.state = 'approved'"
        " ) c WHERE c.number <= c.may AND c.number <= c.daily_budget AND c.nth <= %(cap)s"
        " ORDER BY c.turn LIMIT 1 ON CONFLICT DO NOTHING RETURNING promotion_id"
    )


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
