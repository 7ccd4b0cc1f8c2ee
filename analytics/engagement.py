"""How followers engage, pushed down to accounts on the day after it changed: what "people to follow back" is ranked by.

Whose did is a row of EngagementDue, written with the figures themselves (rollups.tell_of); what nobody touched is not read.
"""

import time
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import F, Min, Sum
from django.utils import timezone

from accounts import actions as people
from accounts.models import Follow

from .models import EngagementDue, EngagementWeek
from .reports import monday
from .rollups import tell_of

WEEKS = 12
SECONDS = 120  # that one run may take; the next goes on
AT_ONCE = 2_000  # creators of one run at most
# A flush that began before midnight may still write rows that are due from midnight on.
SETTLED = timedelta(minutes=10)
# A comment or a share takes more than a like, and a like more than watching.
WEIGHTS = {"views": 1, "likes": 3, "comments": 6, "shares": 6}


def push(creator_id: int) -> int:
    """Sum the last WEEKS weeks of each present follower of a creator and hand them to accounts; how many followers engaged.

    Two queries over the creator's rows, and the upserts of `accounts.actions.set_follower_scores`. Idempotent. Leaves a row for
    the Monday on which the oldest of these weeks is one too many.
    """
    since = monday(timezone.now().date()) - timedelta(weeks=WEEKS)
    rows = EngagementWeek.objects.filter(creator=creator_id, week__gte=since).filter(
        person__in=Follow.objects.filter(followed=creator_id, state=Follow.State.ACCEPTED).values(
            "follower_id"
        )
    )
    sums: Any = (
        rows.values("person_id")
        .annotate(oldest=Min("week"), **{f"sum_{name}": Sum(F(name)) for name in WEIGHTS})
        .order_by()
    )
    scores, oldest = {}, None
    for row in sums:
        acts = {name: row[f"sum_{name}"] for name in WEIGHTS}
        score = sum(WEIGHTS[name] * acts[name] for name in WEIGHTS)
        if score:
            scores[row["person_id"]] = {**acts, "score": score}
            oldest = min(oldest or row["oldest"], row["oldest"])
    people.set_follower_scores(creator_id, scores, known_since())
    if oldest:
        tell_of([creator_id], oldest + timedelta(weeks=WEEKS + 1))
    return len(scores)


def push_due() -> int:
    """Push whose figures changed before today, for SECONDS at most; how many creators. The next run goes on.

    One query for the rows that are due, however many creators there are; those of `push` and one for each of them. A row goes
    after its push, so dying in between repeats that push. Once a day the first week is looked for as well (`known_since`).
    """
    started = time.monotonic()
    known_since()
    today = (timezone.now() - SETTLED).date()
    due = EngagementDue.objects.filter(due_on__lte=today)
    pushed = 0
    for creator in dict.fromkeys(due.order_by("due_on", "pk").values_list("creator_id", flat=True)[:AT_ONCE]):
        if time.monotonic() - started > SECONDS:
            break
        push(creator)
        due.filter(creator=creator).delete()
        pushed += 1
    return pushed


def known_since() -> date | None:
    """The first week of which engagement is kept; None before there is any. Looked for once a day, as no index leads with it,
    and told to accounts then."""
    found: date | None = cache.get("analytics:known-since")
    if found is None:
        found = EngagementWeek.objects.aggregate(first=Min("week"))["first"]
        if found is not None:
            cache.set("analytics:known-since", found, 86_400)
            people.set_known_since(found)
    return found
