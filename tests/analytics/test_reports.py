"""Reports as a queue, the panel that is read from the tables, and the follow-back page: nothing is said that is not known."""

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
import time_machine
from django.utils import timezone

from accounts.models import Follow, User
from analytics import access, reports
from analytics.models import CreatorDay, EngagementWeek, Report

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
BACK_WEEK = 14  # weeks ago


def this_monday():
    return reports.monday(timezone.now().date())


def at(weeks_ago):
    """A Wednesday noon, so many weeks before this one."""
    day = this_monday() - timedelta(weeks=weeks_ago) + timedelta(days=2)
    return datetime.combine(day, time(12), UTC)


def crowd(creator, size, *, backs, lift=0):
    """Followers of 30 weeks with a steady habit each; the first `backs` of them followed back, after which they watch more."""
    rng = np.random.default_rng(5)
    people = User.objects.bulk_create(
        [User(username=f"crowd{n}", display_name=f"c{n}", email=f"c{n}@example.com") for n in range(size)]
    )
    Follow.objects.bulk_create(
        Follow(follower=one, followed=creator, state="accepted", accepted_at=at(30), created_at=at(30))
        for one in people
    )
    Follow.objects.bulk_create(
        Follow(
            follower=creator,
            followed=one,
            state="accepted",
            accepted_at=at(BACK_WEEK),
            created_at=at(BACK_WEEK),
        )
        for one in people[:backs]
    )
    rows = []
    for n, one in enumerate(people):
        for ago in range(29, 0, -1):
            views = int(rng.poisson(3 + n % 4)) + (lift if n < backs and ago < BACK_WEEK else 0)
            if views:
                rows.append(
                    EngagementWeek(
                        creator=creator,
                        person=one,
                        week=this_monday() - timedelta(weeks=ago),
                        views=views,
                        watch_ms=views * 6000,
                        likes=views // 3,
                    )
                )
    EngagementWeek.objects.bulk_create(rows)
    return people


def test_a_report_is_made_once_a_day_however_often_it_is_wanted(cast):
    assert reports.want(cast.alice.pk, "follow_back")
    assert reports.want(cast.alice.pk, "follow_back")
    assert Report.objects.count() == 1
    assert (reports.make_due(), reports.make_due()) == (1, 0)
    assert not reports.want(cast.alice.pk, "follow_back")
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert reports.want(cast.alice.pk, "follow_back")
        assert reports.make_due() == 1


def test_a_worker_that_dies_loses_its_lease_not_the_report(cast):
    reports.want(cast.alice.pk, "follow_back")
    assert reports._claim() is not None
    assert reports.make_due() == 0
    with time_machine.travel(timezone.now() + reports.LEASE + timedelta(seconds=1)):
        assert reports.make_due() == 1


def test_one_report_that_fails_does_not_hold_up_the_others(cast, monkeypatch):
    real = reports.follow_back_body
    monkeypatch.setattr(
        reports, "follow_back_body", lambda person: 1 / 0 if person.pk == cast.alice.pk else real(person)
    )
    for person in (cast.alice, cast.bob):
        reports.want(person.pk, "follow_back")
    assert reports.make_due() == 1
    assert Report.objects.get(creator=cast.alice).made_at is None


def test_reports_nobody_asks_for_are_forgotten(cast):
    reports.want(cast.alice.pk, "follow_back")
    reports.make_due()
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert reports.forget_unseen() == 1


def test_a_planted_effect_is_read_from_the_tables_and_said_in_a_sentence(cast, client):
    crowd(cast.alice, 120, backs=40, lift=2)
    CreatorDay.objects.create(
        creator=cast.alice,
        day=this_monday() - timedelta(weeks=BACK_WEEK - 1),
        views=70,
        likes=7,
        followers_new=28,
    )
    client.force_login(cast.alice)
    assert b"The report is being made" in client.get("/studio/analytics/follow-back/").content
    reports.make_due()
    report = access.follow_back(cast.alice)
    assert report["state"] == "ready"
    assert 30 <= report["followed_back"] == 40 - report["alone"]
    views = report["effects"]["views"]
    assert views["low"] <= 2 <= views["high"]
    assert views["low"] > 1
    # One day in one of the four weeks after; the account is summed over the follow-backs, which were in one week.
    assert report["account"]["after"] == {"views": 17.5, "followers_net": 7.0, "engagement": 0.1}
    assert report["account"]["before"]["views"] == 0
    page = client.get("/studio/analytics/follow-back/").content.decode()
    assert "more clips a week than similar ones you did not" in page
    csv = client.get("/api/v1/analytics/follow-back/?format=csv").content.decode().splitlines()
    assert csv[0] == "figure,value,low,high,before,after,other_before,other_after"
    assert len(csv) == 6
    assert client.get("/api/v1/analytics/follow-back/").json()["results"][0]["figure"] == "views"


def test_no_effect_is_said_to_be_none(cast, client):
    crowd(cast.alice, 120, backs=40)
    reports.want(cast.alice.pk, "follow_back")
    reports.make_due()
    client.force_login(cast.alice)
    assert "No clear difference" in client.get("/studio/analytics/follow-back/").content.decode()


def test_too_little_is_said_to_be_too_little_with_what_is_missing(cast, client):
    crowd(cast.alice, 60, backs=5)
    reports.want(cast.alice.pk, "follow_back")
    reports.make_due()
    client.force_login(cast.alice)
    page = client.get("/studio/analytics/follow-back/").content.decode()
    assert "Not enough data yet" in page
    assert "followers you followed back can be compared; it takes 20." in page
    assert client.get("/api/v1/analytics/follow-back/").json()["state"] == "missing"


def test_whom_the_creator_followed_first_is_no_follow_back(cast):
    people = crowd(cast.alice, 30, backs=10)
    Follow.objects.filter(follower=cast.alice, followed=people[0]).update(accepted_at=at(40))
    follows = reports._follows(cast.alice.pk)
    assert people[0].pk not in follows
    assert sum(back is not None for _since, back in follows.values()) == 9


def test_a_very_large_following_is_sampled(cast, monkeypatch):
    crowd(cast.alice, 30, backs=10)
    monkeypatch.setattr(reports, "MOST_OTHERS", 7)
    monkeypatch.setattr(reports, "MOST_FOLLOWED_BACK", 4)
    follows = reports._follows(cast.alice.pk)
    assert sum(back is not None for _since, back in follows.values()) == 4
    assert sum(back is None for _since, back in follows.values()) == 7
