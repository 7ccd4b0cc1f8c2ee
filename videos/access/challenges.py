"""Which challenges a viewer may come upon, and what of their entries. All entries stand on the gate of clips: counts, places
and winners are what this viewer would count, so that nothing here tells of clips that they may not see.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import followed_ids, visible_people
from accounts.models import User
from privacy.access import is_moderator
from privacy.models import AuditEntry
from socialapp.lib.errors import Forbidden, Invalid, NotFound
from socialapp.lib.pagination import Page, decode_cursor, encode_cursor, keyset_page

from ..challenges import Phase
from ..challenges import phase as phase_of
from ..models import Challenge, ChallengeMark, Video
from .gate import Viewer, findable_videos, visible_videos, with_people

COUNTED = 1000  # entries are counted exactly up to here: beyond it nobody reads the last digit, and counting costs a row each

_OUT = ChallengeMark.Verdict.OUT
_WINNER = ChallengeMark.Verdict.WINNER


# --- Challenges ---------------------------------------------------------------------------------------------------


def may_host(viewer: Viewer) -> bool:
    """Whether the viewer may invite people to a challenge: business accounts and staff. No query."""
    return isinstance(viewer, User) and (viewer.is_business or viewer.is_staff)


def visible_challenges(viewer: Viewer) -> QuerySet[Challenge]:
    """The published challenges of people who are there for the viewer, and all of the viewer's own. Lazy."""
    shown = Q(Exists(visible_people(viewer).filter(pk=OuterRef("host_id"))), published_at__isnull=False)
    shown &= Q(removed_at=None)
    if isinstance(viewer, User):
        shown |= Q(host_id=viewer.pk)
    return Challenge.objects.filter(shown).select_related("host", "tag")


def findable_challenges(viewer: Viewer) -> QuerySet[Challenge]:
    """The published ones that the viewer may come upon in lists and searches: not those of people whom a moderator limited,
    unless the viewer follows them. Lazy."""
    found = visible_challenges(viewer).filter(published_at__isnull=False, removed_at=None)
    limited = Q(Exists(User.objects.filter(pk=OuterRef("host_id"), is_limited=True)))
    if isinstance(viewer, User):
        limited &= ~Q(host_id=viewer.pk) & ~Q(host_id__in=followed_ids(viewer))
    return found.exclude(limited)


def list_challenges(
    viewer: Viewer, phase: str = Phase.RUNNING, country: str = "", cursor: str | None = None, size: int = 20
) -> Page[Challenge]:
    """A page of findable challenges in one phase: running ones by their end behind one that is sponsored, coming ones by
    their start, ended ones the latest first. With `country` those of that country and those for everywhere. One query.
    Invalid for another phase.
    """
    now = timezone.now()
    found = findable_challenges(viewer)
    if country:
        found = found.filter(country__in=("", country.upper()[:2]))
    if phase == Phase.RUNNING:
        return _running(found, country.upper()[:2], cursor, size)
    match phase:
        case Phase.COMING:
            found, order = found.filter(starts_at__gt=now), ("starts_at", "id")
        case Phase.ENDED:
            found, order = found.filter(ends_at__lte=now), ("-ends_at", "-id")
        case _:
            raise Invalid(code="bad_state")
    return keyset_page(found, cursor, order=order, size=size)


def _running(found: QuerySet[Challenge], country: str, cursor: str | None, size: int) -> Page[Challenge]:
    """Running ones by their end, behind one that is sponsored: of the country's own before one for everywhere, the one that ends
    first. One query."""
    now = timezone.now()
    found = found.filter(starts_at__lte=now, ends_at__gt=now)
    sponsored = found.filter(sponsorship=Challenge.Sponsorship.APPROVED).exclude(sponsor="")
    own_first = Case(When(country=country, then=Value(0)), default=Value(1), output_field=IntegerField())
    lead = sponsored.order_by(own_first, "ends_at", "id").values("pk")[:1]
    behind = Case(When(pk=Subquery(lead), then=Value(0)), default=Value(1), output_field=IntegerField())
    return keyset_page(found.annotate(behind=behind), cursor, order=("behind", "ends_at", "id"), size=size)


def challenge_countries(viewer: Viewer) -> list[str]:
    """The countries that findable challenges which have not ended are for. One query."""
    open_ones = findable_challenges(viewer).filter(ends_at__gt=timezone.now()).exclude(country="")
    return list(open_ones.order_by("country").values_list("country", flat=True).distinct()[:100])


def hosted_challenges(viewer: Viewer) -> QuerySet[Challenge]:
    """The viewer's own, in every phase; also what a moderator removed. Order by -id."""
    if not isinstance(viewer, User):
        return Challenge.objects.none()
    return Challenge.objects.filter(host=viewer).select_related("host", "tag")


def waiting_sponsors(viewer: Viewer) -> QuerySet[Challenge]:
    """Sponsored challenges that wait for approval, for moderators, each with `asked_at`; empty for others. Over an index of
    their own. One that was put there without being asked for (a demo's) has waited since it was written."""
    if not is_moderator(viewer):
        return Challenge.objects.none()
    asked = AuditEntry.objects.filter(
        target_type="challenge", target_id=OuterRef("pk"), verb="challenge.ask"
    ).order_by("-id")
    waiting = Challenge.objects.filter(sponsorship=Challenge.Sponsorship.WAITING, removed_at=None)
    return waiting.annotate(
        asked_at=Coalesce(Subquery(asked.values("created_at")[:1]), F("created_at"))
    ).order_by("id")


def get_challenge(viewer: Viewer, slug: str) -> Challenge:
    """A challenge by the name in its address, with host and tag. One query. NotFound when absent or hidden."""
    found = None if "\x00" in slug else visible_challenges(viewer).filter(slug=slug).first()
    if found is None:
        raise NotFound()
    return found


def get_hosted_challenge(viewer: Viewer, slug: str) -> Challenge:
    """One of the viewer's own. Forbidden for one that they see but do not host, NotFound for any other. One query."""
    found = get_challenge(viewer, slug)
    if found.host_id != viewer.pk:
        raise Forbidden()
    return found


# --- Entries ------------------------------------------------------------------------------------------------------


def _in_time(viewer: Viewer, challenge: Challenge) -> QuerySet[Video]:
    """Findable clips with its tag, published between its dates, not the host's own."""
    clips = findable_videos(viewer).filter(tags=challenge.tag_id).exclude(author_id=challenge.host_id)
    return clips.filter(published_at__gte=challenge.starts_at, published_at__lt=challenge.ends_at)


def challenge_entries(viewer: Viewer, challenge: Challenge) -> QuerySet[Video]:
    """The entries of a challenge that the viewer may come upon. The challenge must come from this gate. Lazy."""
    out = ChallengeMark.objects.filter(challenge=challenge, video=OuterRef("pk"), verdict=_OUT)
    return _in_time(viewer, challenge).exclude(Exists(out))


def hosted_entries(viewer: Viewer, challenge: Challenge) -> QuerySet[Video]:
    """The same for its host, with those that were marked out. NotFound for others."""
    if challenge.host_id != viewer.pk or viewer.pk is None:
        raise NotFound()
    return _in_time(viewer, challenge)


def hosted_entries_page(
    viewer: Viewer, challenge: Challenge, sort: str = "newest", cursor: str | None = None, size: int = 20
) -> Page[Video]:
    """A page of these, the newest first or with `sort` "liked" the best-liked. One query."""
    order = ("-likes_count", "-id") if sort == "liked" else ("-published_at", "-id")
    return keyset_page(with_people(hosted_entries(viewer, challenge)), cursor, order=order, size=size)


def verdicts(viewer: Viewer, challenge: Challenge, videos: list[Video]) -> dict[int, ChallengeMark]:
    """What the host said of these clips, by their ids. One query. NotFound for others than the host."""
    if challenge.host_id != viewer.pk:
        raise NotFound()
    marks = ChallengeMark.objects.filter(challenge=challenge, video__in=[video.pk for video in videos])
    return {mark.video_id: mark for mark in marks}


@dataclass(frozen=True)
class Standing:
    """A clip and its place: on the board of likes, or among the winners (None without one)."""

    video: Video
    place: int | None


def leaderboard(viewer: Viewer, challenge: Challenge, cursor: str | None = None, size: int = 20) -> Page[Any]:
    """A page (of Standing) of the best-liked entry of each author, by how many people like it; none that nobody likes. One query.

    Places go on from page to page, so the cursor carries the last one. Grows with the challenge's entries: each is compared
    with its author's others.
    """
    clips = challenge_entries(viewer, challenge).filter(likes_count__gt=0)
    better = clips.filter(author_id=OuterRef("author_id")).filter(
        Q(likes_count__gt=OuterRef("likes_count"))
        | Q(likes_count=OuterRef("likes_count"), pk__gt=OuterRef("pk"))
    )
    before = 0
    if cursor:
        likes, last, before = decode_cursor(cursor, 3)
        if type(before) is not int or not 0 <= before < 10**9:
            raise Invalid(code="bad_cursor")
        cursor = encode_cursor([likes, last])
    best = with_people(clips.exclude(Exists(better)))
    page: Page[Video] = keyset_page(best, cursor, order=("-likes_count", "-id"), size=size)
    following = None
    if page.next_cursor:
        following = encode_cursor([*decode_cursor(page.next_cursor, 2), before + len(page.items)])
    return Page([Standing(video, before + n) for n, video in enumerate(page.items, 1)], following)


def winners(viewer: Viewer, challenge: Challenge, now: datetime | None = None) -> list[Standing]:
    """Whom the host chose, as far as the viewer sees their clips, by place; those without one last. One query, none before
    it has ended: until then they are the host's secret.

    Behind one that is hidden the places are left out, for a missing second place would say that there is a clip.
    """
    if phase_of(challenge, now or timezone.now()) != Phase.ENDED and challenge.host_id != viewer.pk:
        return []
    chosen = ChallengeMark.objects.filter(challenge=challenge, verdict=_WINNER).values_list(
        "video_id", "place"
    )
    places = dict(chosen)
    clips = with_people(challenge_entries(viewer, challenge)).filter(pk__in=list(places))
    found = sorted(clips, key=lambda clip: (places[clip.pk] or 10**6, clip.pk))
    standings, whole = [], True
    for n, clip in enumerate(found, 1):
        whole = whole and places[clip.pk] == n
        shown = places[clip.pk] if whole or challenge.host_id == viewer.pk else None
        standings.append(Standing(clip, shown))
    return standings


def count_entries(viewer: Viewer, challenge: Challenge) -> dict[str, Any]:
    """How many entries of how many people the viewer sees, up to COUNTED entries: {entries, people, more}. One query."""
    authors = list(
        challenge_entries(viewer, challenge).order_by().values_list("author_id", flat=True)[: COUNTED + 1]
    )
    more = len(authors) > COUNTED
    authors = authors[:COUNTED]
    return {"entries": len(authors), "people": len(set(authors)), "more": more}


def has_entered(viewer: Viewer, challenge: Challenge) -> bool:
    """Whether a clip of the viewer's own takes part. One query, none for visitors."""
    if not isinstance(viewer, User):
        return False
    return challenge_entries(viewer, challenge).filter(author_id=viewer.pk).exists()


def challenge_example(viewer: Viewer, challenge: Challenge) -> Video | None:
    """The clip that shows how it is meant, when the viewer may see it. At most one query."""
    if challenge.example_id is None:
        return None
    clips = visible_videos(viewer).filter(pk=challenge.example_id, published_at__isnull=False)
    return with_people(clips).first()


def challenge_figures(viewer: Viewer, challenge: Challenge) -> dict[str, int]:
    """For its host: entries, the people behind them, views and likes of them. One query. NotFound for others."""
    if challenge.host_id != viewer.pk or viewer.pk is None:
        raise NotFound()
    figures: dict[str, int] = challenge_entries(viewer, challenge).aggregate(
        entries=Count("pk"),
        people=Count("author_id", distinct=True),
        views=Coalesce(Sum(F("views_count")), 0),
        likes=Coalesce(Sum(F("likes_count")), 0),
    )
    return figures
