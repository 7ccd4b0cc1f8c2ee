"""How followers engage, pushed down to accounts once a day: what "people to follow back" is ranked by."""

import time
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import F, Min, Sum
from django.utils import timezone

from accounts import actions as people
from accounts.models import Follow

from .models import EngagementWeek
from .reports import monday

WEEKS = 12
FRESH = timedelta(days=1)
SECONDS = 120  # that one run may take; the next goes on
# A comment or a share takes more than a like, and a like more than watching.
WEIGHTS = {"views": 1, "likes": 3, "comments": 6, "shares": 6}


def push(creator_id: int) -> int:
    """Sum the last WEEKS weeks of each present follower of a creator and hand them to accounts; how many followers engaged.

    Two queries over the creator's rows, and the upserts of `accounts.actions.set_follower_scores`. Idempotent.
    """
    since = monday(timezone.now().date()) - timedelta(weeks=WEEKS)
    rows = EngagementWeek.objects.filter(creator=creator_id, week__gte=since).filter(
        person__in=Follow.objects.filter(followed=creator_id, state=Follow.State.ACCEPTED).values(
            "follower_id"
        )
    )
    sums: Any = (
        rows.values("person_id").annotate(**{f"sum_{name}": Sum(F(name)) for name in WEIGHTS}).order_by()
    )
    scores = {}
    for row in sums:
        acts = {name: row[f"sum_{name}"] for name in WEIGHTS}
        score = sum(WEIGHTS[name] * acts[name] for name in WEIGHTS)
        if score:
            scores[row["person_id"]] = {**acts, "score": score}
    people.set_follower_scores(creator_id, scores, known_since())
    return len(scores)


def push_due() -> int:
    """Push everybody whose figures are older than a day, for SECONDS at most; how many creators. The next run goes on."""
    started = time.monotonic()
    since = known_since()
    if since is None:
        return 0
    people.set_known_since(since)
    fresh = people.scored_since(timezone.now() - FRESH)
    lately = EngagementWeek.objects.filter(week__gte=monday(timezone.now().date()) - timedelta(weeks=WEEKS))
    due = {
        *lately.order_by().values_list("creator_id", flat=True).distinct(),
        *people.scored_people(),
    } - fresh
    pushed = 0
    for creator in sorted(due):
        if time.monotonic() - started > SECONDS:
            break
        push(creator)
        pushed += 1
    return pushed


def known_since() -> date | None:
    """The first week of which engagement is kept; None before there is any. Looked for once a day: no index leads with it."""
    found: date | None = cache.get("analytics:known-since")
    if found is None:
        found = EngagementWeek.objects.aggregate(first=Min("week"))["first"]
        if found is not None:
            cache.set("analytics:known-since", found, 86_400)
    return found
