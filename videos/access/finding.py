"""Tags, search and suggestions: only what the gate shows."""

from typing import Any

from django.db import connection
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, When
from django.db.models.functions import Lower
from django.urls import reverse

from accounts.access import followed_ids, person_card, ties, visible_people
from accounts.models import User
from privacy.access import privacy_of
from privacy.rules import Deed, may

from ..hashtags import fold
from ..models import RecentSearch, Sound, Tag, Video
from .gate import Viewer, findable_videos
from .sounds import _sounds


def tag_videos(viewer: Viewer, name: str) -> QuerySet[Video]:
    """The visible, published clips with a tag. An unknown tag and one of hidden clips only look alike: empty."""
    tag = Tag.objects.filter(name=fold(name)).first()
    if tag is None:
        return Video.objects.none()
    return findable_videos(viewer).filter(tags=tag)


def findable_tags(viewer: Viewer) -> QuerySet[Tag]:
    """The tags of a clip the viewer may come upon (a tag's name can itself be a secret). Lazy."""
    return Tag.objects.filter(Exists(findable_videos(viewer).filter(tags=OuterRef("pk"))))


def findable_people(viewer: Viewer) -> QuerySet[User]:
    """The people who allow to be found. Whom a moderator limited is found by their followers and themselves only. Lazy."""
    shown = Q(is_limited=False)
    if isinstance(viewer, User):
        shown |= Q(pk=viewer.pk) | Q(pk__in=followed_ids(viewer))
    return visible_people(viewer).filter(shown, privacy__findable=True)


def findable_sounds(viewer: Viewer) -> QuerySet[Sound]:
    """The sounds whose page the viewer may open. Lazy."""
    return _sounds(viewer)


def recent_searches(viewer: Viewer) -> QuerySet[RecentSearch]:
    """What the viewer searched for lately, the newest first."""
    if not isinstance(viewer, User):
        return RecentSearch.objects.none()
    return RecentSearch.objects.filter(person=viewer).order_by("-searched_at", "-pk")


SUGGESTIONS = 8


def suggest_tags(viewer: Viewer, text: str) -> list[dict[str, str]]:
    """The most used tags that begin so, of clips the viewer sees. One query, none for no letters.

    How many clips carry one is not told: the count knows clips that the viewer does not.
    """
    prefix = fold(text)
    if not prefix:
        return []
    begin = findable_tags(viewer).filter(starts_with("name", prefix))
    names = begin.order_by("-videos_count", "-id").values_list("name", flat=True)
    return [{"name": name, "url": reverse("tag", args=[name])} for name in names[:SUGGESTIONS]]


def suggest_people(viewer: Viewer, text: str) -> list[dict[str, Any]]:
    """People whose user name begins so and whom the viewer may mention: those they follow first. Two queries.

    Whoever does not want to be found is suggested only to those who follow them already.
    """
    prefix = text.strip().lstrip("@").lower()
    if not prefix or "\x00" in prefix or not isinstance(viewer, User):
        return []
    people = visible_people(viewer).exclude(pk=viewer.pk).select_related("privacy")
    followed = Case(When(pk__in=followed_ids(viewer), then=1), default=0, output_field=IntegerField())
    people = people.annotate(lower=Lower("username"), is_followed=followed).filter(
        starts_with("lower", prefix), Q(privacy__findable=True) | Q(is_followed=1)
    )
    # Some of them may not want to be mentioned: a few more than are shown.
    found = list(people.order_by("-is_followed", "-followers_count", "-id")[: 4 * SUGGESTIONS])
    stands = ties(viewer, found, unblocked=True)
    open_to = [p for p in found if may(Deed.MENTION, privacy_of(p).mention_audience, stands[p.pk].relation)]
    return [person_card(viewer, person) for person in open_to[:SUGGESTIONS]]


def starts_with(column: str, prefix: str) -> Q:
    """Rows whose column begins so, by its index. LIKE is enough where the index knows patterns (PostgreSQL).

    SQLite's LIKE ignores case, so it reads no index; a range says the same there, since it compares code points.
    """
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix + "\U0010ffff"})
    return Q(**{f"{column}__startswith": prefix})
