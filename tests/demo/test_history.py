"""The history of the demo in analytics: every roll-up is the sum of what lies below it, and of the raw rows as far as they go."""

from collections import Counter, defaultdict
from datetime import UTC, timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import Follow, User
from analytics.counting import week_of
from analytics.models import (
    CountryDay,
    CreatorDay,
    EngagementWeek,
    Event,
    HourDay,
    RetentionDay,
    Sketch,
    SourceDay,
    VideoDay,
)
from analytics.recount import recount, rolled
from analytics.retention import unpack
from analytics.uniques import merged
from socialapp.demo.growth import seed_growth
from socialapp.demo.story import raw_since
from videos.models import (
    Channel,
    Invite,
    Like,
    Promotion,
    PromotionDay,
    Share,
    Video,
)

from .past import make_past

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture(scope="module")
def past(django_db_setup, django_db_blocker):
    """Two creators of the demo with all that happened to their clips; no pictures. The moment it was made. Made once for the
    tests here, which only read."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_past(timezone.now())
        transaction.set_rollback(True)


def by(model, *key, **sums):
    found = model.objects.values_list(*key).annotate(**{name: Sum(column) for name, column in sums.items()})
    return {row[: len(key)]: row[len(key) :] for row in found.order_by() if any(row[len(key) :])}


def test_roll_ups_agree_with_each_other_on_every_day_of_every_clip(past):
    figures = {"n": "views", "ms": "watch_ms"}
    assert by(SourceDay, "video", "day", **figures) == by(VideoDay, "video", "day", **figures)
    assert by(CountryDay, "video", "day", **figures) == by(VideoDay, "video", "day", **figures)
    assert by(HourDay, "creator", "day", **figures) == by(CreatorDay, "creator", "day", **figures)
    shown = {"i": "impressions"}
    assert by(SourceDay, "video", "day", **shown) == by(VideoDay, "video", "day", **shown)
    won = {"f": "followers_won"}
    assert by(SourceDay, "video", "day", **won) == by(VideoDay, "video", "day", **won)
    every = {
        name: name for name in ("impressions", "views", "watch_ms", "likes", "comments", "shares", "saves")
    }
    assert by(VideoDay, "creator", "day", **every) == by(CreatorDay, "creator", "day", **every)
    sums = by(VideoDay, "video", views="views", likes="likes", shares="shares")
    for clip in Video.objects.all():
        likes, shares = (model.objects.filter(video=clip).count() for model in (Like, Share))
        assert sums.get((clip.pk,), (0, 0, 0)) == (clip.views_count, likes, shares)
        assert clip.likes_count == likes
    came = by(CreatorDay, "creator", "day", n="followers_new")
    for day, (won,) in by(VideoDay, "creator", "day", n="followers_won").items():
        assert won <= came[day][0]


def test_a_recount_of_the_raw_rows_finds_the_roll_ups_of_every_day_they_are_kept(past):
    start = raw_since(past).date()
    days = [start + timedelta(days=n) for n in range((past.date() - start).days + 1)]
    assert len(days) == 29
    for day in days:
        counted, kept = recount(day), rolled(day)
        for name in ("videos", "creators", "sources", "countries", "hours", "curves", "people"):
            assert getattr(kept, name) == getattr(counted, name), (day, name)
    assert Event.objects.filter(at__lt=raw_since(past)).count() == 0
    assert Event.objects.filter(at__gt=past).count() == 0


def test_weeks_are_those_of_followers_from_the_day_they_followed(past):
    alice = User.objects.get(username="alice")
    since = dict(
        Follow.objects.filter(followed=alice, state="accepted").values_list("follower", "accepted_at")
    )
    weeks = set(EngagementWeek.objects.filter(creator=alice).values_list("person", "week"))
    assert len({week for _person, week in weeks}) > 15
    assert all(week >= week_of(since[person].astimezone(UTC).date()) for person, week in weeks)
    whole = week_of(past.date()) - timedelta(weeks=1)  # a week whose raw rows are all there
    counted = defaultdict(Counter)
    for row in Event.objects.filter(kind=Event.Kind.VIEW, creator=alice, viewer__isnull=False).values():
        if (
            week_of(row["at"].date()) == whole
            and row["viewer_id"] in since
            and since[row["viewer_id"]] <= row["at"]
        ):
            counted[row["viewer_id"]].update(
                views=row["is_view"], watch_ms=row["watched_ms"], completions=row["is_completion"]
            )
    kept = EngagementWeek.objects.filter(creator=alice, week=whole, watch_ms__gt=0)
    assert counted
    assert {row.person_id: (row.views, row.watch_ms, row.completions) for row in kept} == {
        person: (figures["views"], figures["watch_ms"], figures["completions"])
        for person, figures in counted.items()
    }
    given = Like.objects.filter(video__author=alice).values_list("person", "created_at")
    assert sum(EngagementWeek.objects.filter(creator=alice).values_list("likes", flat=True)) == sum(
        person in since and since[person] <= moment for person, moment in given
    )


def test_curves_drop_at_the_start_and_rise_where_people_go_back(past):
    alice = User.objects.get(username="alice")
    for name in ("contours", "pendulums"):
        clip = Video.objects.get(caption=name)
        rows = RetentionDay.objects.filter(video=clip)
        reached, replays, skips = (
            sum(unpack(getattr(row, column)).astype(int) for row in rows)
            for column in ("reached", "replays", "skips")
        )
        assert list(reached) == sorted(reached, reverse=True) or skips.any()
        assert 0.7 < reached[2] / reached[0] < 0.9
        assert reached[-1] < 0.65 * reached[0]
        assert replays[1:-1].max() > 1.05 * replays[1:3].min(), "the moment some go back to"
        assert reached[0] > clip.views_count * 0.9
    watched = {hour: n for (hour,), (n,) in by(HourDay, "hour", n="views").items()}
    assert max(watched, key=watched.get) in range(18, 23)
    assert HourDay.objects.filter(creator=alice).exists()


def test_people_are_counted_once_however_often_they_came(past):
    alice = User.objects.get(username="alice")
    today = past.date()
    month = merged(Sketch.Kind.CREATOR, [alice.pk], today - timedelta(days=27), today)[alice.pk]
    rows = Event.objects.filter(
        creator=alice, is_view=True, at__date__gte=today - timedelta(days=27)
    ).values_list("viewer", "session")
    people = {viewer or session for viewer, session in rows}
    assert abs(month - len(people)) <= 0.02 * len(people)
    assert len(people) < len(rows)


def test_alice_has_a_past_and_somebody_watches_her_right_now(past):
    alice = User.objects.get(username="alice")
    assert alice.followers_count > 100
    days = set(CreatorDay.objects.filter(creator=alice, views__gt=0).values_list("day", flat=True))
    assert all(past.date() - timedelta(days=n) in days for n in range(60))
    live = Event.objects.filter(creator=alice, at__gte=past - timedelta(hours=1), is_view=True)
    assert live.count() >= 10
    countries = Counter(User.objects.filter(follows_made__followed=alice).values_list("country", flat=True))
    languages = Counter(User.objects.filter(follows_made__followed=alice).values_list("language", flat=True))
    assert sum(n >= 5 for n in countries.values()) >= 5
    assert sum(n >= 5 for n in languages.values()) >= 3


def test_a_private_account_is_watched_by_followers_only(past):
    wen = User.objects.get(username="wen.garden")
    followers = set(Follow.objects.filter(followed=wen, state="accepted").values_list("follower", flat=True))
    seen = Event.objects.filter(creator=wen, kind__in=(Event.Kind.VIEW, Event.Kind.IMPRESSION))
    assert set(seen.values_list("viewer", flat=True)) <= followers
    only_me = Video.objects.filter(audience="only_me").values("pk")
    assert not Event.objects.filter(video__in=only_me).exists()


def test_what_invites_and_promotions_brought_is_in_the_figures_once(past):
    people = {person.username: person for person in User.objects.all()}
    clip, day = Video.objects.get(caption="current"), past.date() - timedelta(days=2)
    promotion = Promotion.objects.create(
        owner=clip.author,
        video=clip,
        goal=Promotion.Goal.VIEWS,
        daily_budget=40,
        starts_on=day,
        ends_on=past.date(),
        state=Promotion.State.APPROVED,
    )
    PromotionDay.objects.create(promotion=promotion, day=day, spent=40, reach=30)
    Invite.objects.create(
        inviter=clip.author,
        video=clip,
        channel=Channel.COPY,
        expires_at=past + timedelta(days=9),
        opened_at=past - timedelta(days=3),
        viewed_at=past - timedelta(days=3),
    )
    for _again in range(2):
        seed_growth(people, past)
        rows = SourceDay.objects.filter(source__in=("invite", "promoted"))
        sums = {row.source: (row.video_id, row.day, row.impressions) for row in rows}
        assert sums == {
            "invite": (clip.pk, day - timedelta(days=1), 1),
            "promoted": (clip.pk, day, 40),
        }
    assert merged(Sketch.Kind.PROMOTION, [promotion.pk], day, day) == {promotion.pk: 30}
    clip.refresh_from_db()
    assert by(VideoDay, "video", views="views")[clip.pk,] == (clip.views_count,)
    for one in (day, day - timedelta(days=1)):
        counted, kept = recount(one), rolled(one)
        assert (kept.videos, kept.sources, kept.people) == (counted.videos, counted.sources, counted.people)
        assert kept.promotions == counted.promotions
