"""Promoted clips in For You: where they stand, who gets them, what they cost, how they are labelled, explained and hidden."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from accounts.models import Follow, User
from privacy.models import Block, Mute
from socialapp.lib.redis import connection
from videos import access, actions, feed
from videos.feed import promoted
from videos.models import Promotion, PromotionShowing
from videos.promotions import wording_of

pytestmark = pytest.mark.engines


def today():
    return timezone.now().astimezone(UTC).date()


@pytest.fixture(autouse=True)
def _late_in_the_day(monkeypatch):
    """All of a day's budget may be spent, so that what is offered does not depend on the hour of the test."""
    promoted.forget()
    monkeypatch.setattr(promoted.pacing, "share", lambda curve, at: 1.0)


@pytest.fixture
def shop(make_person):
    return make_person("shop", is_business=True, display_name="The Shop")


@pytest.fixture
def network(make_person, make_video):
    """Sixty clips by twelve people."""
    people = [make_person(f"maker{n}") for n in range(12)]
    return [make_video(people[n % 12], caption=f"Clip {n} #t{n}") for n in range(60)]


@pytest.fixture
def promote(shop, make_video):
    def make(clip=None, **fields):
        clip = clip or make_video(
            shop, caption="Buy our cups", published_at=timezone.now() - timedelta(days=200)
        )
        fields = {"daily_budget": 1000, "starts_on": today(), "ends_on": today(), "goal": "views", **fields}
        row = Promotion.objects.create(
            owner=clip.author, video=clip, state="approved", approved_as=wording_of(clip), **fields
        )
        promoted.forget()
        return row

    return make


def promoted_on(page):
    return [(place, clip.pk) for place, clip in enumerate(page.items, 1) if getattr(clip, "promotion", None)]


def shows(person, row):
    return any(pk == row.video_id for _place, pk in promoted_on(feed.for_you(person)))


# --- Where ----------------------------------------------------------------------------------------------------------


def test_one_of_a_page_is_promoted_and_never_among_the_first_two(cast, network, promote):
    rows = [promote() for _n in range(1)]
    for _session in range(2):
        page = feed.for_you(cast.dave)
        [(place, pk)] = promoted_on(page)
        assert pk == rows[0].video_id
        assert 3 <= place <= 9
        assert len(page.items) == 21  # on top of the twenty


def test_pages_of_a_session_are_ten_places_apart_and_no_clip_comes_twice(
    cast, network, promote, make_video, shop
):
    for _n in range(5):
        promote(make_video(shop, published_at=timezone.now() - timedelta(days=200)))
    page, shown, places, before = feed.for_you(cast.dave), [], [], 0
    while True:
        places += [before + place for place, _pk in promoted_on(page)]
        shown += [clip.pk for clip in page.items]
        before += len(page.items)
        if not page.next_cursor:
            break
        page = feed.for_you(cast.dave, page.next_cursor)
    assert len(places) >= 2
    assert all(after - one >= 10 for one, after in pairwise(places))
    assert len(shown) == len(set(shown))


def test_a_clip_that_stands_further_down_anyway_is_brought_forward(cast, promote, make_video):
    """In a small network every clip is on the page."""
    row = promote()
    ids = [*(make_video(cast.alice).pk for _n in range(12)), row.video_id]
    passed = access.passing(cast.dave, ids)
    offered = promoted.offers(cast.dave, ())
    page, taken = promoted.place(cast.dave, [passed[pk] for pk in ids], offered, passed, slot="a page")
    places = [place for place, clip in enumerate(page, 1) if clip.pk == row.video_id]
    assert taken.id == row.pk
    assert len(page) == 13
    assert len(places) == 1
    assert 4 <= places[0] <= 9


def test_a_clip_that_stands_among_the_first_anyway_is_not_charged(cast, promote, make_video, shop):
    for _n in range(4):
        make_video(cast.alice, published_at=timezone.now() - timedelta(days=300))
    promote(make_video(shop))
    page = feed.for_you(cast.dave)
    assert (len(page.items), promoted_on(page)) == (5, [])
    assert not PromotionShowing.objects.exists()


def test_the_api_and_the_page_label_it_and_nothing_else(api, browser, cast, network, promote):
    row = promote()
    results = api.as_(cast.dave).get("/api/v1/feeds/for-you/").json()["results"]
    marks = [clip["promotion"] for clip in results if clip["promotion"]]
    assert marks == [{"id": str(row.pk), "label": "Promoted", "goal": "views"}]
    page = browser.as_(cast.bob).get("/").content.decode()
    assert page.count("clip__promoted") == 1
    assert f'data-promotion="{row.pk}"' in page
    # The same clip elsewhere is no ad, however it was shown a moment ago.
    assert api.as_(cast.dave).get(f"/api/v1/videos/{row.video_id}/").json()["promotion"] is None
    assert "clip__promoted" not in browser.as_(cast.dave).get(row.video.get_absolute_url()).content.decode()


# --- Who ------------------------------------------------------------------------------------------------------------


def test_it_goes_to_those_whose_own_settings_fit(make_person, network, promote):
    row = promote(countries=["FR", "BE"], languages=["fr"], interests=["food", "art"])
    fits = {"country": "FR", "language": "fr", "interests": ["art"]}
    assert shows(make_person("fits", **fits), row)
    for number, other in enumerate(
        ({"country": "DE"}, {"country": ""}, {"language": "en"}, {"interests": ["music"]})
    ):
        assert not shows(make_person(f"other{number}", **(fits | other)), row)


def test_one_for_followers_goes_to_nobody_who_follows_or_asked_to(
    cast, make_person, shop, network, promote, make_video, django_assert_num_queries
):
    row = promote(goal="followers")
    other = promote(make_video(shop, published_at=timezone.now() - timedelta(days=200)), goal="profile")
    follower, asker, stranger = (make_person(name) for name in ("follower", "asker", "stranger"))
    Follow.objects.create(follower=follower, followed=shop, state="accepted", accepted_at=timezone.now())
    Follow.objects.create(follower=asker, followed=shop, state="pending")
    Follow.objects.create(follower=shop, followed=stranger, state="accepted", accepted_at=timezone.now())
    clips = [clip.pk for clip in network[:20]]
    for person, met in ((follower, [other.pk]), (asker, [other.pk]), (stranger, [row.pk, other.pk])):
        passed = access.passing(person, [*clips, row.video_id, other.video_id])
        page = [passed[pk] for pk in clips]
        for one in (row, other):
            offers = [live for live in promoted.offers(person, ()) if live.id == one.pk]
            with django_assert_num_queries(int(one.pk in met)):  # the charge
                _page, taken = promoted.place(person, page, offers, passed, slot=f"{person.pk}:{one.pk}")
            assert (taken is not None) is (one.pk in met)


def test_the_card_has_a_button_by_the_goal(browser, make_person, shop, network, promote):
    def card(name):
        said = browser.as_(make_person(name)).get("/").content.decode()
        start = said.index("data-promotion=")
        return said[start : said.index("</article>", start)]

    row = promote()
    assert "clip__goal" not in card("views")
    for goal, button in (("followers", '<follow-button username="shop"'), ("profile", "See profile")):
        Promotion.objects.filter(pk=row.pk).update(goal=goal)
        promoted.forget()
        goals = card(f"for_{goal}").partition('class="clip__goal"')[2].partition("</p>")[0]
        assert button in goals
        assert (' href="/@shop/"' in goals) is (goal == "profile")  # which the page counts as a visit


def test_why_this_ad_says_whom_one_for_followers_leaves_out(api, cast, network, promote):
    row = promote(goal="followers")
    was_shown(cast.dave, row)
    said = api.as_(cast.dave).get(f"/api/v1/promotions/{row.pk}/why/").json()["reasons"]
    assert [one["kind"] for one in said] == ["promoted", "everybody", "new_followers"]
    assert "The Shop" in said[2]["text"]


def test_interests_are_left_alone_where_the_feed_uses_nothing_personal(make_person, network, promote):
    row = promote(interests=["art"])
    person = make_person("quiet", interests=["art"])
    assert shows(person, row)
    actions.change_feed(person, personal=False)
    feed.forget(person.pk)  # as after the commit
    assert not shows(person, row)


def test_visitors_the_young_and_the_owner_see_none(shop, make_person, network, promote):
    from django.contrib.auth.models import AnonymousUser

    row = promote()
    year = date.today().year
    assert not shows(AnonymousUser(), row)
    assert not shows(make_person("young", birth_date=date(year - 14, 1, 1)), row)
    assert not shows(shop, row)
    assert shows(make_person("grown", birth_date=date(year - 30, 1, 1)), row)


def test_who_blocked_muted_or_is_blocked_sees_none(cast, shop, network, promote):
    row = promote()
    Block.objects.create(blocker=cast.dave, blocked=shop)
    Block.objects.create(blocker=shop, blocked=cast.bob)
    Mute.objects.create(muter=cast.carol, muted=shop)
    assert not any(shows(person, row) for person in (cast.dave, cast.bob, cast.carol))
    assert shows(cast.alice, row)


@pytest.mark.parametrize(
    "change",
    [
        {"audience": "followers"},
        {"state": "removed"},
        {"held_for": "links"},
        {"is_sensitive": True},
        {"is_limited": True},
        {"caption": "Something else"},
        {"product_url": "https://elsewhere.example"},
        {"captions_tracks": [{"language": "en", "name": "captions-en-1.vtt", "automatic": False}]},
    ],
)
def test_a_clip_that_is_not_what_was_approved_any_more_is_not_shown(cast, network, promote, change):
    row = promote()
    assert shows(cast.dave, row)
    type(row.video).objects.filter(pk=row.video_id).update(**change)
    assert not shows(cast.bob, row)


@pytest.mark.parametrize("change", ["private", "personal", "deactivated", "suspended", "limited"])
def test_an_account_that_may_not_promote_any_more_is_not_shown(cast, shop, network, promote, change):
    row = promote()
    if change == "private":
        shop.privacy.is_private = True
        shop.privacy.save()
    columns = {
        "personal": {"is_business": False},
        "deactivated": {"deactivated_at": timezone.now()},
        "suspended": {"is_active": False},
        "limited": {"is_limited": True},
        "private": {},
    }[change]
    User.objects.filter(pk=shop.pk).update(**columns)
    assert not shows(cast.bob, row)


def test_nobody_is_shown_it_above_the_cap(cast, network, promote, settings):
    settings.PROMOTION_CAP_A_DAY = 2
    row = promote()
    assert [shows(cast.dave, row) for _n in range(4)] == [True, True, False, False]
    assert shows(cast.bob, row)


# --- What it costs ----------------------------------------------------------------------------------------------------


def test_a_page_that_is_asked_for_again_is_the_same_and_not_charged_again(
    cast, network, promote, make_video, shop
):
    promote()
    promote(make_video(shop, published_at=timezone.now() - timedelta(days=200)))
    first = feed.for_you(cast.dave)
    second = feed.for_you(cast.dave, first.next_cursor)
    assert len(promoted_on(second)) == 1
    charged = PromotionShowing.objects.count()
    for _again in range(3):
        again = feed.for_you(cast.dave, first.next_cursor)
        assert [clip.pk for clip in again.items] == [clip.pk for clip in second.items]
        assert promoted_on(again) == promoted_on(second)
    assert PromotionShowing.objects.count() == charged == 2


def test_nor_when_redis_forgot_the_page(cast, network, promote, make_video, shop):
    for _n in range(3):
        promote(make_video(shop, published_at=timezone.now() - timedelta(days=200)))
    first = feed.for_you(cast.dave)
    feed.for_you(cast.dave, first.next_cursor)
    charged = PromotionShowing.objects.count()
    connection().flushdb()
    for _again in range(3):
        feed.for_you(cast.dave, first.next_cursor)
    assert PromotionShowing.objects.count() == charged


def test_pages_composed_ahead_are_charged_when_they_are_handed_out(
    cast, promote, make_person, make_video, shop
):
    for _n in range(3):
        promote(make_video(shop, published_at=timezone.now() - timedelta(days=200)))
    people = [make_person(f"maker{n}") for n in range(12)]
    for n in range(110):
        make_video(people[n % 12])
    actions.change_feed(cast.dave, personal=False)  # whoever has no history gets their pages composed ahead
    page = feed.for_you(cast.dave)
    assert PromotionShowing.objects.count() == 1
    page = feed.for_you(cast.dave, page.next_cursor)
    assert PromotionShowing.objects.count() == 2
    assert len(promoted_on(page)) == 1


def test_it_leaves_a_page_that_is_asked_for_again_once_it_does_not_run(cast, network, promote):
    row = promote()
    first = feed.for_you(cast.dave)
    cursor = first.next_cursor
    page = feed.for_you(cast.dave, cursor)
    if not promoted_on(page):  # the one promotion stood on the first page
        assert [pk for _p, pk in promoted_on(first)] == [row.video_id]
        return
    Promotion.objects.filter(pk=row.pk).update(state="paused")
    promoted.forget()
    assert row.video_id not in [clip.pk for clip in feed.for_you(cast.dave, cursor).items]


def test_a_page_costs_one_statement_more_while_something_runs_and_none_when_nothing_does(
    api, cast, network, promote, django_assert_max_num_queries
):
    client = api.as_(cast.bob)
    client.get("/api/v1/me/")
    promoted.live()
    # 1 session · 2 person · 3 taste · 4 candidates · 5 the chosen ones through the gate
    with django_assert_max_num_queries(5):
        assert len(client.get("/api/v1/feeds/for-you/").json()["results"]) == 20
    promote()
    promoted.live()
    feed.forget(cast.bob.pk)
    with django_assert_max_num_queries(6):  # and 6 the charge
        answer = client.get("/api/v1/feeds/for-you/").json()
    assert len(answer["results"]) == 21


def test_a_page_is_not_lost_for_an_ad(cast, network, promote, monkeypatch):
    from django.db import OperationalError

    promote()

    class Refuses:
        def execute(self, *args):
            raise OperationalError("read-only")

        def __enter__(self):
            return self

        def __exit__(self, *args):
            return False

    page = feed.for_you(cast.dave)
    monkeypatch.setattr(type(promoted.connection), "cursor", lambda self: Refuses(), raising=False)
    offered = promoted.offers(cast.bob, ())
    assert promoted.charge(cast.bob, offered, "x") is None
    assert page.items


# --- Why, and never again -----------------------------------------------------------------------------------------------


def was_shown(person, row, ago=0, nth=1):
    number = PromotionShowing.objects.filter(promotion=row).count() + 1
    day = today() - timedelta(days=ago)
    PromotionShowing.objects.create(
        promotion=row, person=person, day=day, number=number, nth=nth, slot=f"{row.pk}{number}"[-24:],
        at=timezone.now() - timedelta(days=ago),
    )  # fmt: skip


def test_why_this_ad_names_the_settings_that_it_asked_for_and_no_others(api, make_person, network, promote):
    row = promote(countries=["FR"], interests=["food", "art"])
    person = make_person("fits", country="FR", language="fr", interests=["art", "music"])
    was_shown(person, row)
    reasons = api.as_(person).get(f"/api/v1/promotions/{row.pk}/why/").json()["reasons"]
    assert [one["kind"] for one in reasons] == ["promoted", "country", "interest"]
    assert "The Shop pays" in reasons[0]["text"]
    assert "FR" in reasons[1]["text"]
    assert "Art" in reasons[2]["text"]
    everybody = promote(make_video_of(row.owner))
    was_shown(person, everybody)
    said = api.as_(person).get(f"/api/v1/promotions/{everybody.pk}/why/").json()["reasons"]
    assert [one["kind"] for one in said] == ["promoted", "everybody"]


def make_video_of(person):
    from tests.makers import video

    return video(person, published_at=timezone.now() - timedelta(days=200))


def test_an_ad_that_is_hidden_never_comes_again_and_that_can_be_undone(api, cast, network, promote):
    row = promote()
    client = api.as_(cast.dave)
    assert shows(cast.dave, row)
    answer = client.post(f"/api/v1/promotions/{row.pk}/hide/").json()
    assert not shows(cast.dave, row)
    assert not PromotionShowing.objects.filter(person=cast.dave, nth__gt=1).exists()
    assert client.delete(f"/api/v1/preferences/{answer['preference']['id']}/").status_code == 204
    assert shows(cast.dave, row)


@pytest.mark.parametrize("change", ["last day over", "paused", "ended", "moved away"])
def test_an_ad_that_stands_on_a_page_still_answers_whatever_changed_since(
    api, make_person, network, promote, change
):
    row = promote(countries=["FR"])
    person = make_person("fits", country="FR")
    was_shown(person, row, ago=1)
    was_shown(person, row, ago=1, nth=2)
    if change == "last day over":
        days = {"starts_on": today() - timedelta(days=3), "ends_on": today() - timedelta(days=1)}
        Promotion.objects.filter(pk=row.pk).update(state="ended", **days)
    elif change == "moved away":
        person.country = "DE"
        person.save()
    else:
        Promotion.objects.filter(pk=row.pk).update(state=change)
    client = api.as_(person)
    kinds = [one["kind"] for one in client.get(f"/api/v1/promotions/{row.pk}/why/").json()["reasons"]]
    assert kinds == ["promoted", "changed" if change == "moved away" else "country"]
    assert client.post(f"/api/v1/promotions/{row.pk}/visit/").status_code == 204
    assert PromotionShowing.objects.filter(promotion=row, visited_at__isnull=False).count() == 1
    assert client.post(f"/api/v1/promotions/{row.pk}/hide/").status_code == 200


def test_to_whom_it_was_not_shown_lately_can_neither_ask_why_nor_hide_it(api, cast, shop, network, promote):
    row = promote()
    hidden = promote(make_video_of(shop))
    closed = promote(make_video_of(shop))
    was_shown(cast.alice, row, ago=2)
    was_shown(cast.bob, hidden)
    was_shown(cast.carol, closed)
    Block.objects.create(blocker=shop, blocked=cast.bob)
    type(closed.video).objects.filter(pk=closed.video_id).update(audience="only_me")
    for client, path in (
        (api.as_(cast.dave), row.pk),
        (api.as_(cast.alice), row.pk),  # the day before yesterday
        (api.as_(cast.bob), hidden.pk),
        (api.as_(cast.carol), closed.pk),
        (api.as_(shop), hidden.pk),
        (api.as_(cast.dave), 1),
    ):
        assert client.get(f"/api/v1/promotions/{path}/why/").status_code == 404
        assert client.post(f"/api/v1/promotions/{path}/hide/").status_code == 404
    assert api.get(f"/api/v1/promotions/{hidden.pk}/why/").status_code == 401


def test_clocks_of_other_zones_change_nothing(cast, network, promote):
    """Days are those of UTC for everybody."""
    row = promote()
    late = datetime(row.ends_on.year, row.ends_on.month, row.ends_on.day, 23, 59, tzinfo=UTC)
    assert promoted.live(late)[0]
    assert not promoted.live(late + timedelta(minutes=2))[0]


def test_a_visit_that_an_ad_won_counts_once_a_showing(api, cast, network, promote):
    from videos.models import PromotionDay

    row = promote()
    path = f"/api/v1/promotions/{row.pk}/visit/"
    assert api.as_(cast.bob).post(path).status_code == 404  # who was never shown it wins nothing
    assert shows(cast.dave, row)
    for _again in range(3):
        assert api.as_(cast.dave).post(path).status_code == 204
    actions.tend_promotions()
    day = PromotionDay.objects.get(promotion=row)
    assert (day.spent, day.reach, day.visits) == (1, 1, 1)
