"""How followers engage, told to accounts: on the day after it changed, by a row that is written with the figures, and at no cost
for creators whose followers did nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import actions as people
from accounts.models import Follow, FollowBackSettings, FollowerScore
from analytics import counting, engagement, inbox, rollups
from analytics.models import EngagementDue, EngagementWeek, Event
from videos import actions as videos

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
WEDNESDAY = datetime(2026, 5, 20, 12, tzinfo=UTC)
MONDAY = date(2026, 5, 18)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(WEDNESDAY, tick=False):
        yield


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """A deed whose signals are heard."""

    def do(deed, *given):
        with django_capture_on_commit_callbacks(execute=True):
            deed(*given)

    return do


def engaged(creator, person, *, ago=0, **figures):
    """Bob and carol follow alice; dave does not."""
    EngagementWeek.objects.create(creator=creator, person=person, week=MONDAY - ago * WEEK, **figures)
    rollups.tell_of([creator.pk])


def on(moment, deed=engagement.push_due):
    with time_machine.travel(moment, tick=False):
        return deed()


def watch(clip, viewer):
    at = int(timezone.now().timestamp() * 1000)
    seen = counting.whole_viewing(clip.pk, clip.author_id, at, 9000, 10_000, viewer=viewer.pk, session="s")
    inbox.put([inbox.Item(list(seen))], now=timezone.now().timestamp())
    rollups.flush()


def due():
    return list(
        EngagementDue.objects.order_by("due_on", "creator").values_list("creator__username", "due_on")
    )


def scores(creator):
    return dict(FollowerScore.objects.filter(creator=creator).values_list("person__username", "score"))


def test_engagement_is_told_to_accounts_and_what_is_gone_is_taken_back(cast):
    engaged(cast.alice, cast.bob, views=4, likes=2, comments=1)
    engaged(cast.alice, cast.bob, ago=20, views=100)
    engaged(cast.alice, cast.dave, views=9)
    old = FollowerScore.objects.create(creator=cast.alice, person=cast.carol, score=5)
    assert engagement.push_due() == 0  # the day is not over
    assert on(WEDNESDAY + DAY) == 1
    row = FollowerScore.objects.get(creator=cast.alice)
    assert (row.person_id, row.views, row.likes, row.comments, row.score) == (cast.bob.pk, 4, 2, 1, 16)
    assert not FollowerScore.objects.filter(pk=old.pk).exists()
    assert FollowBackSettings.objects.get(person=cast.alice).known_since == MONDAY - 20 * WEEK
    assert on(WEDNESDAY + DAY) == on(WEDNESDAY + 3 * DAY) == 0


def test_a_day_of_viewings_and_deeds_of_followers_leaves_one_row(cast, make_video, committed):
    clip = make_video(cast.alice, duration_ms=10_000)
    tomorrow = [("alice", WEDNESDAY.date() + DAY)]
    watch(clip, cast.bob)
    assert due() == tomorrow
    watch(clip, cast.carol)
    committed(videos.like, cast.bob, clip)
    assert due() == tomorrow
    EngagementDue.objects.all().delete()
    committed(videos.comment, cast.carol, clip, "Fine")
    assert due() == tomorrow
    assert Event.objects.count() == 2
    assert on(WEDNESDAY + DAY) == 1
    assert scores(cast.alice) == {"bob": 4, "carol": 7}


def test_what_those_do_who_do_not_follow_leaves_none(cast, make_video, committed):
    clip = make_video(cast.alice, duration_ms=10_000)
    watch(clip, cast.dave)
    committed(videos.like, cast.dave, clip)
    assert due() == []


def test_what_a_lost_follower_made_of_the_clips_is_taken_back(cast, committed):
    engaged(cast.alice, cast.bob, views=4)
    assert on(WEDNESDAY + DAY) == 1
    on(WEDNESDAY + 2 * DAY, lambda: committed(people.unfollow, cast.bob, cast.alice))
    assert scores(cast.alice) == {"bob": 4}
    assert on(WEDNESDAY + 3 * DAY) == 1
    assert scores(cast.alice) == {}


def test_weeks_leave_the_sum_when_they_are_too_old_though_nobody_did_anything(cast):
    engaged(cast.alice, cast.bob, ago=2, views=4)
    engaged(cast.alice, cast.carol, ago=1, views=5)
    assert on(WEDNESDAY + DAY) == 1
    told = [
        (MONDAY + 11 * WEEK - DAY, {"bob": 4, "carol": 5}),
        (MONDAY + 11 * WEEK, {"carol": 5}),
        (MONDAY + 12 * WEEK, {}),
    ]
    for day, left in told:
        on(datetime.combine(day, WEDNESDAY.timetz()))
        assert scores(cast.alice) == left, day
    assert due() == []


def test_a_flush_that_began_before_midnight_has_ten_minutes(cast):
    engaged(cast.alice, cast.bob, views=4)
    midnight = WEDNESDAY + timedelta(hours=12)
    assert on(midnight + timedelta(minutes=5)) == 0
    assert on(midnight + timedelta(minutes=10)) == 1


def test_who_dies_while_pushing_pushes_again(cast, monkeypatch):
    engaged(cast.alice, cast.bob, views=4)
    with monkeypatch.context() as patched:
        patched.setattr(people, "set_follower_scores", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            on(WEDNESDAY + DAY)
    assert on(WEDNESDAY + DAY) == 1
    assert scores(cast.alice) == {"bob": 4}


def test_a_run_that_takes_too_long_is_gone_on_with(cast, monkeypatch):
    engaged(cast.alice, cast.bob, views=4)
    engaged(cast.carol, cast.alice, views=4)
    monkeypatch.setattr(engagement, "AT_ONCE", 1)
    assert [on(WEDNESDAY + DAY) for _run in range(3)] == [1, 1, 0]


def test_creators_whose_followers_did_nothing_cost_nothing(cast, make_person, django_assert_num_queries):
    fan = make_person("fan")
    for number in range(20):
        creator = make_person(f"creator{number}")
        Follow.objects.create(follower=fan, followed=creator, state="accepted")
        engaged(creator, fan, views=1)
    engaged(cast.alice, cast.bob, views=4)
    while on(WEDNESDAY + DAY):
        pass

    with time_machine.travel(WEDNESDAY + 2 * DAY, tick=False):
        with django_assert_num_queries(1):  # what is due
            assert engagement.push_due() == 0
        rollups.tell_of([cast.alice.pk], timezone.now().date())
        # What is due; the weeks; what is kept of them and its upsert, the settings and their update, each two in a savepoint;
        # the row for the Monday on which the oldest week is too old; the row that is done.
        with django_assert_num_queries(12):
            assert engagement.push_due() == 1


def test_a_like_that_comes_and_goes_is_one_like_or_none(cast, make_video, committed):
    clip = make_video(cast.alice)
    for _again in range(3):
        committed(videos.like, cast.bob, clip)
        committed(videos.unlike, cast.bob, clip)
    week = EngagementWeek.objects.get(creator=cast.alice, person=cast.bob)
    assert week.likes == 0
    committed(videos.like, cast.bob, clip)
    week.refresh_from_db()
    assert week.likes == 1


def test_a_like_of_an_earlier_week_takes_nothing_from_this_one(cast, make_video, committed):
    clip = make_video(cast.alice)
    with time_machine.travel(WEDNESDAY - WEEK, tick=False):
        committed(videos.like, cast.bob, clip)
    committed(videos.unlike, cast.bob, clip)
    committed(videos.like, cast.bob, clip)
    weeks = EngagementWeek.objects.filter(creator=cast.alice).order_by("week")
    assert [row.likes for row in weeks] == [1, 1]
