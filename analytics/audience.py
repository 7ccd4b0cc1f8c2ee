"""What a creator's followers are like: where they are, what they speak, when they are here, what they watch. Of groups only.

No group of fewer than SMALLEST_GROUP people is told, neither by itself nor as what is left when the told ones are taken from the
whole. Nobody's name is in a report: clips, sounds and creators are ids, and the gate is asked again when it is shown.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, Mod
from django.utils import timezone

from accounts.access import visible_people
from accounts.models import Follow, User
from privacy.rules import SMALLEST_GROUP
from videos.models import Watch

from .models import Event

FROM_FOLLOWERS = 100  # below that many nothing but growth is told
TOP = 5
LISTED = 10
# Above so many followers an even share of them stands for all.
MOST = 20_000
DAYS = 28


def followers_of(creator: User) -> QuerySet[Follow]:
    """The follows of a creator by people who are there for them. Lazy."""
    return Follow.objects.filter(
        followed=creator, state=Follow.State.ACCEPTED, follower__in=visible_people(creator).values("pk")
    )


def told(counts: Mapping[str, int], top: int = TOP) -> tuple[list[tuple[str, int]], int]:
    """The largest groups of a whole that may be told, and how many people are in all the others together.

    Groups below SMALLEST_GROUP go to the rest; and as long as the rest itself is below it, so does the smallest told group, for
    the rest is the whole less the told. A rest of one group that is large enough tells no more than the group would.
    """
    ordered = sorted(((name, n) for name, n in counts.items() if n > 0), key=lambda item: (-item[1], item[0]))
    shown = [(name, n) for name, n in ordered[:top] if n >= SMALLEST_GROUP]
    rest = sum(n for _name, n in ordered) - sum(n for _name, n in shown)
    while shown and 0 < rest < SMALLEST_GROUP:
        rest += shown.pop()[1]
    return shown, rest if rest >= SMALLEST_GROUP else 0


def body(creator: User) -> dict[str, Any]:
    """The followers' report: `state` "ready" with its figures, or "too_few" below FROM_FOLLOWERS. Background only.

    Eight statements, each over the followers' rows of DAYS days by the index of their person; at most MOST followers.
    """
    followers = followers_of(creator)
    count = followers.count()
    if count < FROM_FOLLOWERS:
        return {"state": "too_few", "followers": count}
    step = -(-count // MOST)
    if step > 1:
        # Ids end in random bits (socialapp.lib.ids), so every so-many-th is an even share.
        followers = followers.annotate(part=Mod("follower_id", step)).filter(part=0)
    people = followers.values("follower_id")
    since = timezone.now() - timedelta(days=DAYS)
    watches = Watch.objects.filter(person__in=people, last_at__gte=since, viewings__gt=0)
    clips = watches.filter(video__author=creator)
    others = watches.exclude(video__author=creator)
    return {
        "state": "ready",
        "followers": count,
        "sample": followers.count() if step > 1 else count,
        "countries": _told(_countries(people, since)),
        "languages": _told(Counter(dict(_languages(people)))),
        "hours": _hours(people, since),
        "clips": _most(clips, "video_id"),
        "sounds": _most(
            watches.filter(video__sound__isnull=False, video__sound__removed_at=None), "video__sound_id"
        ),
        "creators": _most(others.filter(video__author__privacy__is_private=False), "video__author_id"),
    }


def _told(counts: Mapping[str, int]) -> dict[str, Any]:
    shown, rest = told(counts)
    return {"groups": [{"name": name, "people": n} for name, n in shown], "rest": rest}


def _countries(people: Any, since: Any) -> Counter[str]:
    """Where each follower was most often of late, else what they said in their profile; "" for unknown."""
    found: dict[int, tuple[int, str]] = {}
    events = Event.objects.filter(viewer__in=people, at__gte=since).exclude(country="")
    for person, country, n in events.values_list("viewer_id", "country").annotate(n=Count("id")):
        found[person] = max(found.get(person, (0, "")), (n, country))
    counts: Counter[str] = Counter()
    for person, said in User.objects.filter(pk__in=people).values_list("pk", "country").iterator():
        counts[found[person][1] if person in found else said.upper()] += 1
    return counts


def _languages(people: Any) -> Any:
    return User.objects.filter(pk__in=people).values_list("language").annotate(n=Count("pk")).order_by()


def _hours(people: Any, since: Any) -> list[list[int]]:
    """[weekday (Monday 0), hour UTC, followers who watched something then], without hours of fewer than SMALLEST_GROUP."""
    rows = (
        Event.objects.filter(viewer__in=people, at__gte=since, kind=Event.Kind.VIEW)
        .annotate(weekday=ExtractIsoWeekDay("at"), hour=ExtractHour("at"))
        .values_list("weekday", "hour")
        .annotate(people=Count("viewer", distinct=True))
        .filter(people__gte=SMALLEST_GROUP)
        .order_by()
    )
    return sorted([weekday - 1, hour, n] for weekday, hour, n in rows)


def _most(watches: QuerySet[Watch], what: str) -> list[list[Any]]:
    """[id as text, how many followers], of the LISTED that most of them watched; twice as many, as some may be hidden."""
    rows = (
        watches.values(subject=F(what))
        .annotate(people=Count("person", distinct=True))
        .filter(people__gte=SMALLEST_GROUP)
        .order_by("-people", "-subject")[: 2 * LISTED]
    )
    return [[str(row["subject"]), row["people"]] for row in rows]
