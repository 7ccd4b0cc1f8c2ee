"""What people's clips are about, for those who look for people: told to accounts by receivers.py."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from accounts.follow_back import Recent
from accounts.models import User

from .access import Viewer, findable_videos


def topics_of(viewer: Viewer, people: QuerySet[User], tags: Iterable[str], size: int) -> dict[int, str]:
    """Who of `people` shows the viewer clips with these tags (in small letters), most clips first, each with that tag.

    At most `size` people. One query.
    """
    rows = (
        findable_videos(viewer)
        .filter(author__in=people.values("pk"), tags__name__in=list(tags))
        .values_list("author_id", "tags__name")
        .annotate(clips=Count("id"))
        .order_by("-clips", "-author_id")
    )
    found: dict[int, str] = {}
    for author, tag, _clips in rows[: 4 * size]:
        if len(found) < size or author in found:
            found.setdefault(author, tag)
    return found


def recent_of(viewer: Viewer, people: Iterable[int], days: int) -> dict[int, Recent]:
    """What each of these people published that the viewer may come upon: clips and likes of the last so many days, the latest of
    all, and the tags of their clips. Nobody without clips is in it. Two queries."""
    ids = list(people)
    lately = Q(published_at__gte=timezone.now() - timedelta(days=days))
    clips = findable_videos(viewer).filter(author__in=ids)
    tags: dict[int, set[str]] = defaultdict(set)
    for author, tag in clips.filter(tags__isnull=False).values_list("author_id", "tags__name").distinct():
        tags[author].add(tag)
    sums: Any = clips.values("author_id").annotate(
        n=Count("pk", filter=lately), liked=Sum("likes_count", filter=lately), latest=Max("published_at")
    )
    return {
        row["author_id"]: Recent(
            row["n"], row["liked"] or 0, row["latest"], frozenset(tags[row["author_id"]])
        )
        for row in sums.order_by()
    }
