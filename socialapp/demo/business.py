"""What the demo shows of business: what the brand says of itself, a promotion that runs since nine days, one that waits for
approval, and a sponsored challenge. By the real actions, then dated back; each step runs once."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from accounts import actions as accounts
from accounts.models import BusinessProfile, User
from videos import actions
from videos.models import Challenge, Promotion, PromotionDay, TrafficHour, Video
from videos.promotions import wording_of

from .catalogue import CLIPS
from .discovery import banner
from .moments import dice
from .society import People
from .story import find

BRAND = "brand"
Plan = tuple[str, str, list[str], list[str], int, int, int]
SAID = {
    "category": "home",
    "email": "hello@northlight.example",
    "phone": "+45 86 12 34 56",
    "website": "https://northlight.example",
}
# The slug of its clip, goal, countries, interests, impressions a day, first and last day from today.
RUNNING: Plan = ("neon", "followers", [], ["home", "art"], 40, -9, 12)
WAITING: Plan = ("lamps", "profile", ["DK", "SE", "DE"], [], 30, 1, 14)
SPONSORED: dict[str, Any] = {
    "title": "Through glass",
    "tag": "throughglass",
    "brief": "Light that went through something first: a bottle, a raindrop, a window at four in the afternoon.",
    "rules": "Real light, real glass.\nNo logos but your own.",
    "sponsor": "Aurora Glass",
    "sponsor_url": "https://aurora-glass.example/opal",
}
COLOURS = ("#0a1626", "#1d4f6b", "#7fc7d9", "#f4fbff")
TRAFFIC_DAYS = 21


def seed_business(people: People, now: datetime) -> None:
    """All of it, but what is there already."""
    brand = people[BRAND]
    videos = {clip.slug: video for clip in CLIPS if (video := find(clip, people)) is not None}
    if not BusinessProfile.objects.filter(person=brand).exists():
        accounts.set_business(brand, **SAID)
        BusinessProfile.objects.filter(person=brand).update(since=brand.date_joined)
    if not Promotion.objects.filter(owner=brand).exists():
        _running(brand, videos, now)
        _waiting(brand, videos, now)
    if not Challenge.objects.filter(tag__name=SPONSORED["tag"]).exists():
        _sponsored(brand, now)
    if not TrafficHour.objects.exists():
        _traffic(now)


def _promote(brand: User, videos: dict[str, Video], now: datetime, plan: Plan) -> Promotion | None:
    slug, goal, countries, interests, budget, first, last = plan
    if slug not in videos:
        return None
    today = now.astimezone(UTC).date()
    row = actions.create_promotion(
        brand,
        video=videos[slug],
        goal=goal,
        countries=countries,
        interests=interests,
        daily_budget=budget,
        starts_on=max(today + timedelta(days=first), today),
        ends_on=today + timedelta(days=last),
        submit=True,
    )
    asked = now + timedelta(days=min(first, 0), hours=-20)
    Promotion.objects.filter(pk=row.pk).update(
        starts_on=today + timedelta(days=first), created_at=asked, submitted_at=asked
    )
    return row


def _running(brand: User, videos: dict[str, Video], now: datetime) -> None:
    row = _promote(brand, videos, now, RUNNING)
    if row is None:
        return
    _slug, _goal, _countries, _interests, budget, first, _last = RUNNING
    begun = now + timedelta(days=first, hours=-3)
    Promotion.objects.filter(pk=row.pk).update(
        state=Promotion.State.APPROVED, approved_as=wording_of(row.video), decided_at=begun
    )
    out = row.video.published_at or begun
    days = []
    for n in range(-first):
        day = now.astimezone(UTC).date() + timedelta(days=first + n)
        if day <= out.date():
            continue  # nothing was shown before the clip was out
        rng = dice("promotion", str(day))
        spent = budget - int(rng.integers(0, 3))
        reach = int(spent * rng.uniform(0.71, 0.8))
        days.append(
            PromotionDay(
                promotion=row, day=day, spent=spent, reach=reach, visits=int(spent * rng.uniform(0.02, 0.05))
            )
        )
    PromotionDay.objects.bulk_create(days)
    if days:
        Promotion.objects.filter(pk=row.pk).update(starts_on=days[0].day)


def _waiting(brand: User, videos: dict[str, Video], now: datetime) -> None:
    _promote(brand, videos, now, WAITING)


def _sponsored(brand: User, now: datetime) -> None:
    row = actions.create_challenge(
        brand, country="", starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=11), **SPONSORED
    )
    actions.set_banner(brand, row, ContentFile(banner(COLOURS), "banner.png"))
    begun = now - timedelta(days=3)
    Challenge.objects.filter(pk=row.pk).update(
        sponsorship=Challenge.Sponsorship.APPROVED, starts_at=begun, created_at=begun, published_at=begun
    )


def _traffic(now: datetime) -> None:
    """Three weeks of pages by the hour, as evenings in Europe make them."""
    today = now.astimezone(UTC).date()
    TrafficHour.objects.bulk_create(
        TrafficHour(
            day=today - timedelta(days=n),
            hour=hour,
            pages=int(
                30 + 260 * math.exp(-((hour - 19.5) ** 2) / 14) + 90 * math.exp(-((hour - 12) ** 2) / 10)
            ),
        )
        for n in range(1, TRAFFIC_DAYS + 1)
        for hour in range(24)
    )
