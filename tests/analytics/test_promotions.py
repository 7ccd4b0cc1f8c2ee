"""What promotions took and brought, against what the same clips brought by themselves; on the page, by API and as CSV.

That every figure equals a recount of events and showings is test_every_figure.py's.
"""

from datetime import UTC, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from analytics import access, uniques
from analytics.models import CreatorDay, PromotedDay, Sketch, SourceDay, VideoDay
from videos.models import Promotion, PromotionDay

pytestmark = pytest.mark.engines
PATH = "/api/v1/analytics/promotions/"


def today():
    return timezone.now().astimezone(UTC).date()


@pytest.fixture
def shop(make_person):
    return make_person("shop", is_business=True)


@pytest.fixture
def promote(make_video):
    """A promotion with days: (days ago, spent, seen, views as an ad, all views, visits, followers won). By itself its clip wins
    `organic` followers a day."""

    def make(owner, goal, *days, caption="Cups", organic=0):
        clip = make_video(owner, caption=caption)
        row = Promotion.objects.create(
            owner=owner,
            video=clip,
            goal=goal,
            daily_budget=100,
            starts_on=today() - timedelta(days=60),
            ends_on=today(),
            state="approved",
        )
        for ago, spent, seen, views, whole, visits, won in days:
            day = today() - timedelta(days=ago)
            PromotionDay.objects.create(promotion=row, day=day, spent=spent, reach=spent, visits=visits)
            of_clip = {"video": clip, "creator": owner, "day": day}
            PromotedDay.objects.create(
                promotion=row, creator=owner, day=day, impressions=seen, views=views, followers_won=won
            )
            VideoDay.objects.create(**of_clip, views=whole, followers_won=won + organic)
        return row

    return make


def test_an_ad_is_held_against_what_the_clip_does_by_itself(api, shop, promote):
    row = promote(shop, "followers", (1, 100, 80, 40, 55, 6, 4), (2, 98, 70, 30, 30, 2, 1), organic=3)
    found = api.as_(shop).get(PATH).json()
    assert found["totals"] == {
        "spent": 198,
        "seen": 150,
        "promoted_views": 70,
        "organic_views": 15,
        "visits": 8,
        "organic_visits": 0,
        "followers_won": 5,
        "organic_followers": 6,
        "results": 5,
        "cost": 40,
    }
    [line] = found["promotions"]
    assert (line["id"], line["goal"], line["spent"], line["results"]) == (str(row.pk), "followers", 198, 5)
    by_day = {day["day"]: day for day in found["series"]}
    assert by_day[str(today() - timedelta(days=1))]["organic_views"] == 15
    assert by_day[str(today())]["cost"] is None


@pytest.mark.parametrize(
    ("goal", "results", "organic"), [("views", 40, 15), ("profile", 6, 21), ("followers", 4, 9)]
)
def test_the_result_is_what_the_promotion_is_for_and_stands_beside_its_own_organic_figure(
    shop, promote, goal, results, organic
):
    CreatorDay.objects.create(creator=shop, day=today() - timedelta(days=1), profile_views=27)
    promote(shop, goal, (1, 100, 80, 40, 55, 6, 4), organic=9)
    found = access.promotions(shop)
    [line] = found["promotions"]
    assert found["totals"]["results"] == line["results"] == results
    assert line["organic_results"] == organic


def test_visits_that_no_ad_brought_are_of_the_account_and_count_once_a_day(shop, promote):
    yesterday = today() - timedelta(days=1)
    CreatorDay.objects.create(creator=shop, day=yesterday, profile_views=20)
    CreatorDay.objects.create(creator=shop, day=today() - timedelta(days=3), profile_views=50)  # nothing ran
    promote(shop, "profile", (1, 10, 0, 0, 0, 6, 0))
    promote(shop, "profile", (1, 10, 0, 0, 0, 4, 0), (2, 10, 0, 0, 0, 5, 0))
    found = access.promotions(shop)
    # Neither is what one ad brought organic to the other, nor are they counted for each; a look that was not counted is none.
    assert (found["totals"]["visits"], found["totals"]["organic_visits"]) == (15, 10)
    assert [line["organic_results"] for line in found["promotions"]] == [10, 10]


def test_two_promotions_of_a_clip_on_one_day_have_each_their_own_and_the_clip_its_organic_figures_once(
    shop, promote
):
    """The clip had 100 views and 9 new followers that day: 40 and 4 by the first ad, 25 and 2 by the second one."""
    first = promote(shop, "views", (1, 50, 45, 40, 100, 6, 4), organic=5)
    second = Promotion.objects.get(pk=first.pk)
    second.pk, second.goal, second._state.adding = None, "followers", True
    first.state = "ended"
    first.save()
    second.save(force_insert=True)
    yesterday = today() - timedelta(days=1)
    PromotionDay.objects.create(promotion=second, day=yesterday, spent=30, reach=30, visits=1)
    PromotedDay.objects.create(
        promotion=second, creator=shop, day=yesterday, impressions=20, views=25, followers_won=2
    )
    found = access.promotions(shop)
    names = (
        "spent",
        "seen",
        "promoted_views",
        "organic_views",
        "followers_won",
        "organic_followers",
        "results",
    )
    assert [found["totals"][name] for name in names] == [80, 65, 65, 35, 6, 3, 42]
    lines = {line["id"]: [line[name] for name in names] for line in found["promotions"]}
    assert lines == {str(first.pk): [50, 45, 40, 35, 4, 3, 40], str(second.pk): [30, 20, 25, 35, 2, 3, 2]}


def test_what_an_ad_brought_after_its_last_midnight_counts_and_the_clips_other_views_of_that_day_do_not(
    shop, promote
):
    row = promote(shop, "views", (2, 50, 45, 40, 55, 6, 4), (1, 0, 1, 3, 90, 0, 0))
    found = access.promotions(shop, access.period(7))
    names = ("spent", "promoted_views", "organic_views", "results")
    assert [found["totals"][name] for name in names] == [50, 43, 15, 43]
    # Also when its last day is the last one before the days that are asked about.
    PromotionDay.objects.filter(promotion=row, spent=50).update(day=today() - timedelta(days=7))
    for views, ago in ((40, 7), (3, 6)):
        PromotedDay.objects.filter(promotion=row, views=views).update(day=today() - timedelta(days=ago))
    [line] = access.promotions(shop, access.period(7))["promotions"]
    assert [line[name] for name in names] == [0, 3, 0, 3]


def test_what_clips_had_as_an_ad_before_it_was_kept_by_promotion_is_taken_over(shop, make_video, promote):
    row = promote(shop, "views", (3, 50, 0, 0, 55, 6, 4), (2, 0, 0, 0, 9, 0, 0))
    PromotedDay.objects.all().delete()
    for clip, ago, views in ((row.video, 3, 40), (row.video, 2, 3), (make_video(shop), 3, 7)):
        SourceDay.objects.create(
            video=clip, creator=shop, day=today() - timedelta(days=ago), source="promoted", views=views
        )
    import_module("analytics.migrations.0003_what_each_promotion_brought").take_over(apps, None)
    assert set(PromotedDay.objects.values_list("promotion", "day", "views")) == {
        (row.pk, today() - timedelta(days=3), 40),
        (row.pk, today() - timedelta(days=2), 3),
    }


def test_the_days_before_are_compared_and_older_ones_left_out(shop, promote):
    promote(shop, "views", (1, 50, 0, 5, 5, 0, 0), (8, 25, 0, 5, 5, 0, 0), (20, 90, 0, 1, 1, 0, 0))
    found = access.promotions(shop, access.period(7))
    assert (found["totals"]["spent"], found["before"]["spent"], found["delta"]["spent"]) == (50, 25, 1.0)
    old = promote(shop, "views", (10, 30, 0, 5, 5, 0, 0))
    shown = [line["id"] for line in access.promotions(shop, access.period(7))["promotions"]]
    assert str(old.pk) not in shown


def test_reach_is_of_different_people_and_of_fewer_than_five_nothing_is_told(shop, promote):
    many, few = (promote(shop, "views", (1, 50, 0, 5, 5, 0, 0)) for _n in range(2))
    for row, people in ((many, 40), (few, 4)):
        prints = {uniques.fingerprint(10_000 + n) for n in range(people)}
        for ago in (1, 2):  # the same people on two days
            key = (Sketch.Kind.PROMOTION, row.pk, today() - timedelta(days=ago))
            uniques.add({key: (shop.pk, prints)})
    reach = {line["id"]: line["reach"] for line in access.promotions(shop)["promotions"]}
    assert reach == {str(many.pk): 40, str(few.pk): None}


def test_nobody_reads_the_figures_of_another_ones_promotions(api, cast, shop, promote):
    promote(shop, "views", (1, 50, 0, 5, 5, 0, 0))
    found = api.as_(cast.alice).get(PATH).json()
    assert (found["totals"]["spent"], found["promotions"]) == (0, [])
    assert api.get(PATH).status_code == 401


def test_a_day_a_row_as_csv(api, shop, promote):
    promote(shop, "views", (1, 50, 30, 5, 5, 0, 0))
    rows = api.as_(shop).get(f"{PATH}?days=7&format=csv").content.decode().splitlines()
    assert rows[0] == (
        "day,spent,seen,promoted_views,organic_views,visits,organic_visits,followers_won,organic_followers,results,cost"
    )
    assert len(rows) == 8
    assert f"{today() - timedelta(days=1)},50,30,5,0,0,0,0,0,5,10" in rows


def test_the_page_shows_cards_a_chart_and_each_promotion(browser, shop, promote):
    client = browser.as_(shop)
    assert "No promotion in these days" in client.get("/studio/analytics/promotions/").content.decode()
    promote(shop, "followers", (1, 100, 80, 40, 55, 6, 4), caption="Our new cups", organic=1234)
    page = client.get("/studio/analytics/promotions/?metric=organic_views").content.decode()
    for words in (
        "Our new cups",
        "Impressions paid for",
        "Organic views",
        "fewer than 5",
        "New followers",
        "Results",
        "1,234",
    ):
        assert words in page
    assert "What the figures mean" in page


def test_the_page_costs_the_same_for_many_promotions(shop, promote, django_assert_max_num_queries):
    for _n in range(8):
        promote(shop, "views", (1, 50, 0, 5, 5, 0, 0), (2, 50, 0, 5, 5, 0, 0))
    # Promotions, their days, promoted and all views, looks at the profile, reach, when it was counted last.
    with django_assert_max_num_queries(7):
        access.promotions(shop)
