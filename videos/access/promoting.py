"""What of promotions somebody may read: their own whole, and of one that is shown to them, why."""

from collections.abc import Sequence
from datetime import UTC, date, timedelta

from django.db.models import F, Prefetch, QuerySet, Value
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from privacy.access import is_moderator
from socialapp.lib.errors import NotFound
from socialapp.lib.ids import RANDOM_BITS, parse_id, row_of

from ..models import Promotion, PromotionDay, Video, Watch
from ..promotions import business_only, hindrance, matches, reasons, rough
from .gate import Viewer, own_videos, visible_videos, with_people

ACTIVE_DAYS = 7
SAMPLE = 5_000  # active people whose settings an estimate looks at


def may_promote(viewer: Viewer) -> bool:
    """Whether the viewer may promote clips: business accounts. No query."""
    return isinstance(viewer, User) and viewer.is_business


def can_promote(viewer: Viewer, video: Video) -> bool:
    """Whether a promotion of this clip could be handed in: one's own, and nothing stands against it. `video` came through
    `with_people`: no query."""
    return video.author_id == viewer.pk and hindrance(video) is None


def own_promotions(viewer: Viewer) -> QuerySet[Promotion]:
    """The viewer's own, in every state, with their clips; order by -id."""
    if not isinstance(viewer, User):
        return Promotion.objects.none()
    return Promotion.objects.filter(owner=viewer.pk).select_related("video__author__privacy", "video__sound")


def get_promotion(viewer: Viewer, promotion_id: str | int) -> Promotion:
    """One of the viewer's own. NotFound for any other. One query."""
    return row_of(own_promotions(viewer), promotion_id)


def waiting_promotions(viewer: Viewer) -> QuerySet[Promotion]:
    """Those that wait for approval, for moderators; empty for others. Over an index of their own."""
    if not is_moderator(viewer):
        return Promotion.objects.none()
    return Promotion.objects.filter(state=Promotion.State.SUBMITTED).order_by("submitted_at")


def get_shown_promotion(viewer: Viewer, promotion_id: str | int) -> Promotion:
    """One that was shown to the viewer today or yesterday (UTC), for as long as they may see its clip; NotFound otherwise.
    Whether it runs still, and for whom, does not matter: the ad stands on their page all the same. Two queries.
    """
    number = promotion_id if isinstance(promotion_id, int) else parse_id(promotion_id)
    yesterday = timezone.now().astimezone(UTC).date() - timedelta(days=1)
    shown = Promotion.objects.filter(
        pk=number, showings__person=viewer.pk, showings__day__gte=yesterday
    ).select_related("owner")
    row = shown.first() if isinstance(viewer, User) else None
    if row is None:
        raise NotFound()
    clip = with_people(visible_videos(viewer)).filter(pk=row.video_id, published_at__isnull=False).first()
    if clip is None:
        raise NotFound()
    row.video = clip
    return row


def promotion_days(viewer: Viewer, promotion: Promotion) -> list[PromotionDay]:
    """What each day took, the latest first, as folded within the last minute. One query. NotFound for others than its owner."""
    if promotion.owner_id != viewer.pk:
        raise NotFound()
    return list(promotion.days.order_by("-day")[:366])


def promotions_between(viewer: Viewer, first: date, last: date) -> list[Promotion]:
    """The viewer's own that were shown between two days, the latest first, each with those days in `shown_days`. Two queries."""
    rows = own_promotions(viewer).filter(days__day__gte=first, days__day__lte=last, days__spent__gt=0)
    those = Prefetch(
        "days", PromotionDay.objects.filter(day__gte=first, day__lte=last).order_by("day"), "shown_days"
    )
    return list(rows.distinct().order_by("-id").prefetch_related(those))


def spent_of(viewer: Viewer, promotions: Sequence[Promotion]) -> dict[int, int]:
    """Impressions of each of one's own promotions in all, as folded. One query."""
    ids = [row.pk for row in promotions if row.owner_id == viewer.pk]
    found: dict[int, int] = {}
    for pk, spent in PromotionDay.objects.filter(promotion__in=ids).values_list("promotion", "spent"):
        found[pk] = found.get(pk, 0) + spent
    return found


def clips_to_promote(viewer: Viewer) -> QuerySet[Video]:
    """One's own clips among which one to promote is chosen: published ones for everybody, the newest first."""
    clips = own_videos(viewer).filter(
        state=Video.State.READY,
        audience="public",
        published_at__isnull=False,
        held_for="",
        is_sensitive=False,
    )
    return with_people(clips).order_by("-published_at", "-id")


def estimated_reach(
    viewer: Viewer, countries: Sequence[str], languages: Sequence[str], interests: Sequence[str]
) -> int:
    """About how many grown-up people who were here in the last ACTIVE_DAYS fit, less oneself: in the coarse steps of
    promotions.rough, so that nobody is found out by asking narrowly or by asking twice. At most three queries over SAMPLE people.
    Forbidden for whoever may not promote.
    """
    if not may_promote(viewer):
        raise business_only()
    since = timezone.now() - timedelta(days=ACTIVE_DAYS)
    active = Watch.objects.filter(last_at__gte=since).order_by().values("person").distinct()
    total = active.count()
    sample = list(active.order_by(_scattered(), "person")[:SAMPLE].values_list("person", flat=True))
    people = User.objects.filter(pk__in=sample, is_active=True, deactivated_at=None).exclude(
        pk=viewer.pk or 0
    )
    fitting = sum(
        1
        for person in people.only("country", "language", "interests", "birth_date")
        if not person.is_teen and matches(person, countries, languages, interests)
    )
    return rough(fitting * (total / len(sample))) if sample else 0


def _scattered() -> Combinable:
    """An order of people that has nothing to do with when they came, stays the same, and cannot be told from outside.

    Knuth's multiplicative hashing (The Art of Computer Programming 3, 6.4) of an id's random tail; the factor is this site's own.
    """
    key = salted_hmac("videos.access.promoting", "sample").digest()
    factor = int.from_bytes(key[:2], "big") * 2 + 1
    tail = (1 << RANDOM_BITS) - 1
    return (F("person").bitand(tail) * Value(factor)).bitand(tail)


def shown_reasons(viewer: Viewer, promotion: Promotion) -> list[dict[str, str]]:
    """Why an ad is shown to this viewer. `promotion` came from `get_shown_promotion`. No query."""
    return reasons(viewer, promotion, promotion.owner.get_full_name()) if isinstance(viewer, User) else []
