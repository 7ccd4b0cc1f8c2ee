"""People to follow, with the reasons why. Only people who allow others to find them, and whom no moderator limited.

A reason tells nothing that its reader could not find out: lists that are open to them, clips that they may see.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from privacy.access import muted_ids
from privacy.rules import Audience

from . import interests
from .access import Viewer, followed_ids, people_cards, visible_people
from .models import Follow, User

# Filled by videos: (viewer, people, tags, size) → who of the people shows the viewer clips with these tags, with the tag.
Topics = Callable[[Viewer, QuerySet[User], Iterable[str], int], dict[int, str]]
_topics: list[Topics] = []


def register_topics(find: Topics) -> None:
    """Let an app above say what people's clips are about."""
    _topics.append(find)


def suggestions(viewer: Viewer, *, size: int = 20) -> list[dict[str, Any]]:
    """People to follow, each a card with `reasons: [{kind, text}]`: known by one's own, of one's interests, popular.

    At most 7 queries. Nobody whom the viewer follows, asked, muted or is blocked with. "Followed by people you follow"
    counts only those whose following list the viewer may read.
    """
    people = findable(viewer)
    shared = _shared(viewer, people, size)
    topical = _topical(viewer, people.exclude(pk__in=list(shared)), size - len(shared))
    chosen = [*shared, *topical]
    found = people.in_bulk(chosen) if chosen else {}
    known = sorted(
        (found[pk] for pk in shared if pk in found),
        key=lambda person: (-shared[person.pk][0], -person.followers_count),
    )
    akin = sorted((found[pk] for pk in topical if pk in found), key=lambda person: -person.followers_count)
    left = size - len(known) - len(akin)
    popular = (
        list(people.exclude(pk__in=chosen).order_by("-followers_count", "-id")[:left]) if left > 0 else []
    )
    cards = people_cards(viewer, [*known, *akin, *popular])
    for card in cards:
        row_id = int(card["id"])
        card["reasons"] = _reasons(card, *shared.get(row_id, (0, "")), topical.get(row_id, ""))
    return cards


def findable(viewer: Viewer, *, followed: bool = False) -> QuerySet[User]:
    """Everybody who may be suggested to `viewer`; with `followed` also those whom they follow or asked already. Lazy."""
    people = visible_people(viewer).filter(privacy__findable=True, is_limited=False)
    if not viewer.is_authenticated:
        return people
    people = people.exclude(pk=viewer.pk).exclude(pk__in=muted_ids(viewer))
    asked = Follow.objects.filter(follower=viewer.pk).values("followed_id")
    return people if followed else people.exclude(pk__in=asked)


def _shared(viewer: Viewer, people: QuerySet[User], size: int) -> dict[int, tuple[int, str]]:
    """Whom those that the viewer follows follow: how many of them, and the name of one."""
    if not viewer.is_authenticated:
        return {}
    open_lists = followed_ids(viewer).filter(
        followed__is_active=True,
        followed__deactivated_at=None,
        followed__privacy__following_audience__in=(Audience.PUBLIC, Audience.FOLLOWERS),
    )
    between = Follow.objects.filter(
        follower__in=open_lists, state=Follow.State.ACCEPTED, followed__in=people.values("pk")
    )
    counts = dict(
        between.values("followed_id")
        .annotate(common=Count("id"))
        .order_by("-common", "-followed_id")
        .values_list("followed_id", "common")[:size]
    )
    if not counts:
        return {}
    names: dict[int, str] = {}
    rows = between.filter(followed__in=list(counts)).order_by("-follower__followers_count", "id")
    for followed, name in rows.values_list("followed_id", "follower__username")[: 10 * size]:
        names.setdefault(followed, name)
    return {person: (count, names.get(person, "")) for person, count in counts.items()}


def _topical(viewer: Viewer, people: QuerySet[User], size: int) -> dict[int, str]:
    """Whose clips are about what the viewer chose, with the tag that says so."""
    wanted = interests.tags(interests.known(viewer.interests)) if isinstance(viewer, User) else {}
    found: dict[int, str] = {}
    for find in _topics if wanted and size > 0 else ():
        found |= find(viewer, people, wanted, size)
    return found


def _reasons(card: dict[str, Any], common: int, name: str, tag: str) -> list[dict[str, str]]:
    reasons = []
    if card["relation"]["follows_me"]:
        reasons.append({"kind": "follows_you", "text": _("Follows you")})
    if common and name:
        text = (
            _("Followed by @%(name)s")
            if common == 1
            else ngettext(
                "Followed by @%(name)s and %(count)s more you follow",
                "Followed by @%(name)s and %(count)s more you follow",
                common - 1,
            )
        )
        reasons.append({"kind": "friends_of_friends", "text": text % {"name": name, "count": common - 1}})
    if tag:
        reasons.append({"kind": "topic", "text": _("Makes clips about #%(tag)s") % {"tag": tag}})
    if not reasons:
        reasons.append({"kind": "popular", "text": _("Popular here")})
    return reasons
