"""Events that name a promotion: promoted for whom it was shown to that day or the day before, ordinary for everybody else."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from accounts.models import Follow
from analytics import counting, inbox, recount, rollups, uniques, visits
from analytics.models import Event, PromotedDay, Sketch, SourceDay
from videos import actions
from videos.models import Promotion, PromotionDay, PromotionShowing

pytestmark = pytest.mark.engines  # the flush asks with many ORs, which engines take in different measures
URL = "/api/v1/events/"
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.alice, duration_ms=10_000)


@pytest.fixture
def promotion(cast, clip):
    return Promotion.objects.create(
        owner=cast.alice,
        video=clip,
        goal="views",
        daily_budget=100,
        starts_on=NOON.date() - 5 * DAY,
        ends_on=NOON.date() + 5 * DAY,
        state="approved",
    )


@pytest.fixture
def show(promotion):
    def make(person, at=NOON, row=promotion):
        of_day = PromotionShowing.objects.filter(promotion=row, day=at.date())
        return PromotionShowing.objects.create(
            promotion=row,
            person=person,
            day=at.date(),
            number=of_day.count() + 1,
            nth=of_day.filter(person=person).count() + 1,
            slot=f"{row.pk} {at:%j %H}",
            at=at,
        )

    return make


@pytest.fixture
def send(api, clip, promotion):
    """A viewing, an impression, or both (or a follow), as they come from a page that says it showed the promotion."""

    def post(person, kinds=("view", "impression"), source="promoted", visit=None, **more):
        event = {
            "video": str(clip.pk),
            "source": source,
            "promotion": str(promotion.pk),
            "session": "s",
            "watched_ms": 4000,
            "duration_ms": 10_000,
            **more,
        }
        body = {"v": 1, "events": [{"kind": kind, **event} for kind in kinds]} | (
            {"visit": visit} if visit else {}
        )
        client = api.as_(person) if person else api
        answer = client.post(URL, body, format="json", headers={"User-Agent": "Mozilla/5.0"})
        assert answer.json() == {"accepted": len(kinds), "dropped": 0}

    return post


def written():
    """Flushed, and as a recount says: (source, promotion) of each raw row."""
    rollups.flush()
    for day in set(Event.objects.values_list("at__date", flat=True)):
        rolled, counted = recount.rolled(day), recount.recount(day)
        for name in ("videos", "creators", "sources", "people"):
            assert getattr(rolled, name) == getattr(counted, name), name
    return list(Event.objects.order_by("pk").values_list("source", "promotion"))


def reached(promotion):
    day = NOON.date()
    return uniques.merged(Sketch.Kind.PROMOTION, [promotion.pk], day - 3 * DAY, day + 3 * DAY).get(
        promotion.pk, 0
    )


def test_what_was_shown_counts_as_promoted(cast, promotion, send, show):
    show(cast.bob)
    send(cast.bob)
    assert written() == [("promoted", promotion.pk)] * 2
    row = SourceDay.objects.get()
    assert (row.source, row.views, row.impressions) == ("promoted", 1, 1)
    row = PromotedDay.objects.get()
    assert (row.promotion, row.views, row.impressions) == (promotion, 1, 1)
    assert reached(promotion) == 1


def test_a_promotion_that_was_not_shown_to_them_counts_as_for_you(cast, promotion, send, show):
    show(cast.bob)
    send(cast.dave)
    assert written() == [("for_you", None)] * 2
    row = SourceDay.objects.get()
    assert (row.source, row.views, row.impressions) == ("for_you", 1, 1)
    assert not PromotedDay.objects.exists()
    assert reached(promotion) == 0


def test_what_names_another_place_is_counted_there(cast, send):
    send(cast.dave, ["view"], source="search")
    assert written() == [("search", None)]


def test_the_place_of_what_was_shown_is_the_promotion(cast, promotion, send, show):
    show(cast.bob)
    send(cast.bob, ["view"], source="for-you")
    assert written() == [("promoted", promotion.pk)]


@pytest.mark.parametrize(("was_shown", "source"), [(True, "promoted"), (False, "for_you")])
def test_a_follower_is_won_by_the_promotion_that_was_shown_to_them(
    cast, clip, promotion, send, show, was_shown, source
):
    if was_shown:
        show(cast.dave)
    Follow.objects.create(follower=cast.dave, followed=cast.alice, state="accepted", accepted_at=NOON)
    send(cast.dave, ["follow"], follow="alice")
    assert written() == [(source, promotion.pk if was_shown else None)]
    row = SourceDay.objects.get()
    assert (row.video, row.source, row.followers_won) == (clip, source, 1)
    won = PromotedDay.objects.values_list("promotion", "followers_won")
    assert list(won) == ([(promotion.pk, 1)] if was_shown else [])


def test_another_promotion_that_was_shown_does_not_help(cast, send, show, make_video):
    other = Promotion.objects.create(
        owner=cast.alice,
        video=make_video(cast.alice),
        goal="views",
        daily_budget=10,
        starts_on=NOON.date(),
        ends_on=NOON.date(),
    )
    show(cast.dave, row=other)
    send(cast.dave)
    assert written() == [("for_you", None)] * 2


def test_visitors_without_an_account_are_never_counted_as_reached(cast, promotion, send, show):
    show(cast.bob)
    send(None, visit=visits.issue(AnonymousUser()))
    assert written() == [("for_you", None)] * 2
    assert reached(promotion) == 0


@pytest.mark.parametrize(
    ("later", "promoted"), [(timedelta(hours=12, minutes=5), True), (DAY, True), (2 * DAY, False)]
)
def test_a_page_that_stays_open_is_believed_until_the_day_after_however_often_days_are_folded(
    cast, promotion, send, show, later, promoted
):
    show(cast.bob)
    for hours in range(0, int(later / timedelta(hours=1)) + 1, 12):
        actions.tend_promotions(NOON + timedelta(hours=hours))
    with time_machine.travel(NOON + later, tick=False):
        actions.tend_promotions()
        send(cast.bob)
        assert written() == [("promoted", promotion.pk) if promoted else ("for_you", None)] * 2
        assert PromotionDay.objects.get(promotion=promotion, day=NOON.date()).spent == 1


def test_events_that_waited_are_asked_for_their_own_day(cast, promotion, send, show):
    send(cast.bob, ["view"])  # of a day before the showing
    with time_machine.travel(NOON + DAY, tick=False):
        show(cast.bob, NOON + DAY)
        send(cast.bob, ["impression"])
        assert written() == [("for_you", None), ("promoted", promotion.pk)]


def test_a_flush_asks_once_for_all_promotions_and_not_at_all_without_any(
    cast, clip, promotion, show, make_person, make_video, django_assert_num_queries, monkeypatch
):
    def records(promotions):
        at = int(NOON.timestamp() * 1000)
        for person in people:
            for number in promotions:
                facts = {"video": clip.pk, "viewer": person.pk, "promotion": number}
                yield counting.record(Event.Kind.IMPRESSION, cast.alice.pk, at, **facts)

    people = [make_person(f"p{n}") for n in range(6)]
    for person in people[::2]:
        show(person)
    with django_assert_num_queries(0):
        assert len(rollups._as_shown(list(records([None])))) == 6
    several = range(promotion.pk, promotion.pk + 5)
    with django_assert_num_queries(1):
        found = rollups._as_shown(list(records(several)))
    assert [event.viewer for event in found if event.promotion] == [person.pk for person in people[::2]]
    monkeypatch.setattr(rollups, "PROMOTIONS_A_QUERY", 2)
    with django_assert_num_queries(3):
        assert rollups._as_shown(list(records(several))) == found


def test_as_many_promotions_as_run_at_once_fit_into_one_question(cast, clip, promotion, show):
    show(cast.bob)
    at = int(NOON.timestamp() * 1000)
    facts = {"video": clip.pk, "viewer": cast.bob.pk}
    inbox.put(
        (
            inbox.Item(
                list(counting.record(Event.Kind.IMPRESSION, cast.alice.pk, at, promotion=number, **facts))
            )
            for number in range(promotion.pk, promotion.pk + rollups.PROMOTIONS_A_QUERY + 20)
        ),
        now=NOON.timestamp(),
    )
    assert written().count(("promoted", promotion.pk)) == 1
