"""What invites and promotions of the demo brought, as the events that a page would have sent: views by them, and follows."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import Follow
from analytics.counting import Record, record, whole_viewing
from analytics.models import Event, Source, SourceDay
from analytics.raw import insert
from analytics.rollups import count_active, roll_up
from videos.models import Invite, Promotion, PromotionDay, Video

from .moments import dice
from .society import People
from .story import add_up, raw_since
from .visitors import HOURS, is_won_by_clip, milliseconds


def seed_growth(people: People, now: datetime) -> None:
    """The events of all invites and promotions that were seeded. Once: nothing came from either before."""
    for source, happened in (
        (Source.INVITE, _of_invites(now)),
        (Source.PROMOTED, _of_promotions(people, now)),
    ):
        if not SourceDay.objects.filter(source=source).exists():
            _write(list(happened), now)


def _write(happened: list[Record], now: datetime) -> None:
    creators = {event.creator for event in happened}
    follows = Follow.objects.filter(
        followed__in=creators, state=Follow.State.ACCEPTED, accepted_at__isnull=False
    )
    rows = follows.values_list("follower_id", "followed_id", "accepted_at")
    found = add_up(happened, {(a, b): milliseconds(at) for a, b, at in rows if at})
    kept = milliseconds(raw_since(now))
    with transaction.atomic():
        roll_up(found)
        insert([event for event in happened if event.at_ms >= kept])
        for video, views in sorted(found.gained.items()):
            Video.objects.filter(pk=video).update(views_count=F("views_count") + views)
        count_active(found)


def _seen(video: Video, at: datetime, share: float, **facts: Any) -> Iterator[Record]:
    """The clip came into sight and was watched for a share of its length, or passed over."""
    facts |= {"video": video.pk, "country": facts.get("country", "")}
    yield record(Event.Kind.IMPRESSION, video.author_id, milliseconds(at), **facts)
    watched = int(video.duration_ms * min(share, 1.0))
    if watched:
        yield whole_viewing(
            creator=video.author_id,
            at_ms=milliseconds(at),
            watched_ms=watched,
            duration_ms=video.duration_ms,
            played=f"0-{watched}",
            **facts,
        )


def _of_invites(now: datetime) -> Iterator[Record]:
    invites = Invite.objects.exclude(opened_at=None).select_related("video", "accepted_by")
    for row in invites.order_by("pk"):
        rng = dice("invited", row.pk % 2**21)
        facts = {"source": Source.INVITE.value, "session": f"demo-invite-{row.pk % 2**21}"}
        if row.opened_at:
            yield record(
                Event.Kind.INVITE_OPENED,
                row.video.author_id,
                milliseconds(row.opened_at),
                video=row.video_id,
                source=Source.INVITE.value,
            )
        if row.viewed_at and row.viewed_at <= now:
            country = row.accepted_by.country if row.accepted_by else "FR"
            yield from _seen(row.video, row.viewed_at, float(rng.uniform(0.6, 1.2)), country=country, **facts)
        follower = row.accepted_by
        if follower and row.accepted_at and not is_won_by_clip(row.inviter.username, follower.username):
            yield record(
                Event.Kind.FOLLOW,
                row.video.author_id,
                milliseconds(row.accepted_at),
                video=row.video_id,
                viewer=follower.pk,
                country=follower.country,
                **facts,
            )


def _of_promotions(people: People, now: datetime) -> Iterator[Record]:
    days = PromotionDay.objects.filter(promotion__in=Promotion.objects.all(), spent__gt=0)
    for row in days.select_related("promotion__video").order_by("day", "promotion"):
        video, rng = row.promotion.video, dice("shown", row.day)
        yield from _won_by_promotion(row, people)
        others = [person for person in people.values() if person.pk != video.author_id]
        reached = rng.choice(len(others), min(row.reach, len(others)), replace=False)
        midnight = datetime.combine(row.day, time(), UTC)
        hours = rng.choice(24, row.spent, p=HOURS / HOURS.sum()) + rng.random(row.spent)
        for number, hour in enumerate(sorted(hours)):
            person = others[reached[number % len(reached)]]
            at = midnight + timedelta(hours=float(hour))
            if at < now:
                yield from _seen(
                    video,
                    at,
                    float(rng.uniform(0.35, 1.3)) if rng.random() < 0.55 else 0.0,
                    source=Source.PROMOTED.value,
                    promotion=row.promotion_id,
                    viewer=person.pk,
                    session=f"demo-promoted-{row.day:%j}-{number}",
                    country=person.country,
                )


def _won_by_promotion(row: PromotionDay, people: People) -> Iterator[Record]:
    """Followers of that day who came by no other clip."""
    owner = next(person for person in people.values() if person.pk == row.promotion.owner_id)
    came = Follow.objects.filter(followed=owner, state=Follow.State.ACCEPTED, accepted_at__date=row.day)
    for follow in came.select_related("follower").order_by("pk"):
        if follow.accepted_at and not is_won_by_clip(owner.username, follow.follower.username):
            yield record(
                Event.Kind.FOLLOW,
                owner.pk,
                milliseconds(follow.accepted_at),
                video=row.promotion.video_id,
                viewer=follow.follower_id,
                source=Source.PROMOTED.value,
                promotion=row.promotion_id,
                session=f"demo-promoted-{row.day:%j}-f",
                country=follow.follower.country,
            )
