"""Whom to follow back and why, and whom one follows for nothing. Reading only; the deeds are actions/returning.py.

A reason tells nothing that its reader could not find out: likes and comments, which they were told of, and clips that they may
see. How often one follower watched is only in the order of the list (docs/decisions/follow-back.md).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import log1p
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from privacy.access import muted_ids, restricted_ids
from privacy.rules import TEEN_AGE
from socialapp.lib.errors import NotSignedIn
from socialapp.lib.pagination import Page, keyset_page

from .access import Viewer, people_cards, visible_people
from .models import Follow, FollowBackSettings, FollowerScore, User
from .suggestions import findable

SHOWN = 60
POOL = 240  # the most engaged, of whom topics and clips are looked at
RECENT_DAYS = 30
QUIET_DAYS = 60
KNOWN_WEEKS = 12
# Above so many a Following feed shows each of them less than once a week to somebody who watches an hour a day.
MANY_FOLLOWED = 500
_ACCEPTED = Follow.State.ACCEPTED


@dataclass(frozen=True)
class Recent:
    """Of one person's clips that the viewer may come upon: how many lately and their likes, the latest of all, their tags."""

    clips: int = 0
    likes: int = 0
    latest: datetime | None = None
    tags: frozenset[str] = field(default_factory=frozenset)


# Filled by videos: (viewer, ids of people, days) → what they published.
Clips = Callable[[Viewer, Iterable[int], int], dict[int, Recent]]
_clips: list[Clips] = []


def register_clips(find: Clips) -> None:
    """Let an app above say what people published lately."""
    _clips.append(find)


def _recent(viewer: Viewer, people: Iterable[int], days: int = RECENT_DAYS) -> dict[int, Recent]:
    found: dict[int, Recent] = {}
    for find in _clips:
        found |= find(viewer, people, days)
    return found


def settings_of(viewer: Viewer) -> FollowBackSettings:
    """The viewer's criteria, or unsaved defaults. One query."""
    if not isinstance(viewer, User):
        raise NotSignedIn()
    return FollowBackSettings.objects.filter(pk=viewer.pk).first() or FollowBackSettings(person_id=viewer.pk)


def criteria(settings: FollowBackSettings) -> dict[str, Any]:
    """The API's shape of them."""
    return {
        "minimum": settings.minimum,
        "topics": settings.topics,
        "posted_within": settings.posted_within,
        "most_following": settings.most_following,
        "digest": settings.digest,
    }


def to_follow_back(viewer: Viewer) -> QuerySet[User]:
    """The viewer's followers whom they may be told to follow back: nobody followed or asked already, muted, restricted,
    blocked, limited, private, young, or who does not want to be found. Lazy."""
    if not viewer.is_authenticated:
        return User.objects.none()
    followers = Follow.objects.filter(followed=viewer.pk, state=_ACCEPTED).values("follower_id")
    return (
        findable(viewer)
        .filter(pk__in=followers, privacy__is_private=False)
        .exclude(birth_date__gt=_born_after())
        .exclude(pk__in=restricted_ids(viewer))
    )


def _born_after() -> date:
    """Whoever was born after this day is under TEEN_AGE."""
    today = timezone.now().date()
    try:
        return today.replace(year=today.year - TEEN_AGE)
    except ValueError:  # 29 February
        return today.replace(year=today.year - TEEN_AGE, day=28)


def follow_back(viewer: Viewer) -> list[dict[str, Any]]:
    """People to follow back, best first, each a card with `reasons: [{kind, text}]`; at most SHOWN, by the viewer's criteria.

    Ranked by how they engage (analytics' FollowerScore), how close their topics are and how their recent clips do. At most
    seven queries: the criteria, the POOL most engaged by an index, two of clips, one for cards' ties and one of blocks.
    """
    settings, me = settings_of(viewer), viewer.pk or 0
    scores = FollowerScore.objects.filter(creator=viewer.pk, person=OuterRef("pk"))
    people = to_follow_back(viewer).annotate(
        score=Coalesce(Subquery(scores.values("score")[:1]), 0),
        liked=Coalesce(Subquery(scores.values("likes")[:1]), 0),
        commented=Coalesce(Subquery(scores.values("comments")[:1]), 0),
    )
    if settings.minimum:
        people = people.filter(liked__gte=settings.minimum - F("commented"))
    if settings.most_following:
        people = people.filter(following_count__lte=settings.most_following)
    pool: list[Any] = list(people.order_by("-score", "-pk")[:POOL])
    recent = _recent(viewer, [*(person.pk for person in pool), me])
    wanted = frozenset(settings.topics) or recent.get(me, Recent()).tags
    if settings.posted_within:
        within = timezone.now() - timedelta(days=settings.posted_within)
        pool = [person for person in pool if (recent.get(person.pk, Recent()).latest or _LONG_AGO) >= within]
    if settings.topics:
        pool = [person for person in pool if wanted & recent.get(person.pk, Recent()).tags]

    def rank(person: Any) -> tuple[float, int]:
        clips = recent.get(person.pk, Recent())
        close = len(wanted & clips.tags) / max(len(wanted), 1)
        return log1p(person.score) + 2 * close + log1p(clips.likes / max(clips.clips, 1)) / 4, person.pk

    pool.sort(key=rank, reverse=True)
    pool = pool[:SHOWN]
    keen = sorted((person.score for person in pool), reverse=True)[: max(len(pool) // 4, 1)]
    cards = people_cards(viewer, pool)
    for card, person in zip(cards, pool, strict=True):
        clips = recent.get(person.pk, Recent())
        card["reasons"] = _reasons(person, clips, wanted, is_keen=bool(keen) and 0 < keen[-1] <= person.score)
    return cards


_LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _reasons(person: Any, clips: Recent, wanted: frozenset[str], *, is_keen: bool) -> list[dict[str, str]]:
    reasons = []
    if is_keen:
        reasons.append({"kind": "engaged", "text": _("Among your most engaged followers")})
    if person.liked:
        text = ngettext("Liked your clips once", "Liked your clips %(count)s times", person.liked)
        reasons.append({"kind": "likes", "text": text % {"count": person.liked}})
    if person.commented:
        text = ngettext("Commented once", "Commented %(count)s times", person.commented)
        reasons.append({"kind": "comments", "text": text % {"count": person.commented}})
    if common := sorted(wanted & clips.tags):
        reasons.append({"kind": "topic", "text": _("Makes clips about #%(tag)s") % {"tag": common[0]}})
    if clips.clips:
        text = ngettext("%(count)s clip this month", "%(count)s clips this month", clips.clips)
        reasons.append({"kind": "recent", "text": text % {"count": clips.clips}})
    return reasons or [{"kind": "follows_you", "text": _("Follows you")}]


# --- Tidying up -----------------------------------------------------------------------------------------------

WHY = ("never", "not_back", "quiet")


def history_weeks(viewer: Viewer) -> int:
    """Of how many weeks it is known whom the viewer watched; below KNOWN_WEEKS nobody is called never watched."""
    since = _known_since() if viewer.is_authenticated else None
    return (timezone.now().date() - since).days // 7 if since else 0


def _known_since() -> date | None:
    """Since when engagement is known here: analytics tells it to every row there is. One query."""
    told = FollowBackSettings.objects.filter(known_since__isnull=False).order_by("pk")
    return told.values_list("known_since", flat=True).first()


def tidy_up(
    viewer: Viewer, why: str = "", cursor: str | None = None, *, size: int = 100
) -> tuple[Page[Any], list[dict[str, Any]]]:
    """A page of whom the viewer follows, newest first, of it those whom they might not: never watched in KNOWN_WEEKS weeks, does
    not follow back, published nothing for QUIET_DAYS. With `why` (of WHY) only those. At most six queries.

    Nobody muted, blocked or gone is in it. A page may be empty while the next is not: `next_cursor` says so.
    """
    if not viewer.is_authenticated:
        raise NotSignedIn()
    now = timezone.now()
    since = _known_since()
    known = since is not None and now.date() - since >= timedelta(weeks=KNOWN_WEEKS)
    follows = (
        Follow.objects.filter(
            follower=viewer.pk, state=_ACCEPTED, followed__in=visible_people(viewer).values("pk")
        )
        .exclude(followed__in=muted_ids(viewer))
        .annotate(
            back=Exists(
                Follow.objects.filter(follower=OuterRef("followed"), followed=viewer.pk, state=_ACCEPTED)
            ),
            watched=Exists(
                FollowerScore.objects.filter(creator=OuterRef("followed"), person=viewer.pk, score__gt=0)
            ),
        )
        .select_related("followed")
    )
    page: Page[Any] = keyset_page(follows, cursor, size=size)
    clips = _recent(viewer, [row.followed_id for row in page.items])
    found = []
    for row in page.items:
        latest = clips.get(row.followed_id, Recent()).latest
        old = now - (row.accepted_at or row.created_at) >= timedelta(weeks=KNOWN_WEEKS)
        reasons = []
        if known and old and not row.watched:
            reasons.append({"kind": "never", "text": _("Not watched by you in 12 weeks")})
        if not row.back:
            reasons.append({"kind": "not_back", "text": _("Does not follow you")})
        if latest is not None and now - latest >= timedelta(days=QUIET_DAYS):
            days = (now - latest).days
            text = ngettext("No new clip for %(days)s day", "No new clip for %(days)s days", days) % {
                "days": days
            }
            reasons.append({"kind": "quiet", "text": text})
        if reasons and (not why or any(reason["kind"] == why for reason in reasons)):
            found.append((row.followed, reasons))
    cards = people_cards(viewer, [person for person, _reasons in found])
    return page, [{**card, "reasons": reasons} for card, (_person, reasons) in zip(cards, found, strict=True)]


def chosen_cards(viewer: Viewer, ids: Iterable[int], *, following: bool) -> list[dict[str, Any]]:
    """Cards of the chosen, for the review before a bulk step: of those who may be followed back, or whom the viewer follows
    (also by request). At most three queries."""
    if following:
        mine = Follow.objects.filter(follower=viewer.pk).values("followed_id")
        people = visible_people(viewer).filter(pk__in=mine)
    else:
        people = to_follow_back(viewer)
    return people_cards(viewer, people.filter(pk__in=list(ids)).order_by("username"))
