"""The life of a promotion: written, handed in, decided, paused, changed, ended; who may, and what is refused."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from privacy.models import AuditEntry
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound
from videos import access, actions, captions, views_promotions
from videos.feed import promoted
from videos.models import Promotion, PromotionDay, PromotionShowing
from videos.promotions import hindrance

pytestmark = pytest.mark.engines
PATH = "/api/v1/promotions/"
SPOKEN = "00:00.100 --> 00:00.900\nOur new cups."


def today():
    return timezone.now().astimezone(UTC).date()


def said(**more):
    return {
        "goal": "views",
        "daily_budget": 100,
        "starts_on": today(),
        "ends_on": today() + timedelta(days=6),
        **more,
    }


@pytest.fixture(autouse=True)
def _looks_again():
    promoted.forget()


@pytest.fixture
def shop(make_person):
    return make_person("shop", is_business=True)


@pytest.fixture
def clip(shop, make_video):
    return make_video(shop, caption="Our new cups")


@pytest.fixture
def running(shop, clip, cast):
    row = actions.create_promotion(shop, video=clip, submit=True, **said())
    actions.approve_promotion(cast.mod, row)
    return Promotion.objects.get(pk=row.pk)


# --- Writing --------------------------------------------------------------------------------------------------------


def test_a_business_account_writes_a_draft_and_hands_it_in(api, shop, clip):
    client = api.as_(shop)
    body = said(video=str(clip.pk), countries=["fr", "BE"], languages=["fr"], interests=["food", "art"])
    made = client.post(PATH, body, format="json")
    assert made.status_code == 201
    assert made.json()["state"] == "draft"
    assert (made.json()["countries"], made.json()["interests"]) == (["BE", "FR"], ["art", "food"])
    assert made.json()["may"]["submit"]
    path = f"{PATH}{made.json()['id']}/"
    assert client.post(f"{path}submit/").json()["state"] == "submitted"
    assert client.post(f"{path}submit/").status_code == 200  # again: nothing happens
    assert [one["id"] for one in client.get(PATH).json()["results"]] == [made.json()["id"]]
    assert [entry.verb for entry in AuditEntry.objects.order_by("pk")] == [
        "promotion.create",
        "promotion.submit",
    ]


def test_personal_accounts_promote_nothing(api, cast, make_video):
    answer = api.as_(cast.alice).post(PATH, said(video=str(make_video(cast.alice).pk)), format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "business_only")


def test_a_clip_of_a_personal_account_says_in_words_why_it_cannot_be_promoted(cast, make_video):
    assert hindrance(make_video(cast.alice)).startswith("Promotions are for business accounts.")


def test_another_ones_clip_is_not_promoted(shop, cast, make_video):
    with pytest.raises(Invalid) as refused:
        actions.create_promotion(shop, video=make_video(cast.alice), **said())
    assert set(refused.value.fields) == {"video"}


@pytest.mark.parametrize(
    "change",
    [
        {"audience": "followers"},
        {"audience": "only_me"},
        {"state": "processing"},
        {"state": "draft", "published_at": None},
        {"held_for": "links"},
        {"is_sensitive": True},
    ],
)
def test_a_clip_that_not_everybody_may_watch_is_not_promoted(shop, make_video, change):
    with pytest.raises(Invalid) as refused:
        actions.create_promotion(shop, video=make_video(shop, **change), **said())
    assert set(refused.value.fields) == {"video"}


def test_a_private_account_promotes_nothing(shop, clip):
    shop.privacy.is_private = True
    shop.privacy.save()
    with pytest.raises(Invalid):
        actions.create_promotion(shop, video=clip, **said())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"goal": "fame"}, "goal"),
        ({"daily_budget": 9}, "daily_budget"),
        ({"daily_budget": 1_000_001}, "daily_budget"),
        ({"countries": ["F1"]}, "countries"),
        ({"languages": ["tlh"]}, "languages"),
        ({"interests": ["crime"]}, "interests"),
        ({"starts_on": "2020-01-01"}, "starts_on"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"ends_on": str(datetime.now(UTC).date() + timedelta(days=200))}, "ends_on"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(api, shop, clip, change, field):
    answer = api.as_(shop).post(PATH, said(video=str(clip.pk)) | change, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert not Promotion.objects.exists()


def test_a_clip_has_one_promotion_under_way(shop, clip, running):
    other = actions.create_promotion(shop, video=clip, **said())
    with pytest.raises(Conflict):
        actions.submit_promotion(shop, other)
    actions.end_promotion(shop, running)
    assert actions.submit_promotion(shop, other).state == "submitted"


def test_there_is_an_end_to_how_many_one_has(shop, clip, monkeypatch):
    monkeypatch.setattr(actions.promoting, "OPEN_ONES", 2)
    for _n in range(2):
        actions.create_promotion(shop, video=clip, **said())
    with pytest.raises(Conflict):
        actions.create_promotion(shop, video=clip, **said())


# --- Deciding -------------------------------------------------------------------------------------------------------


def test_staff_approve_and_the_owner_is_told(shop, clip, cast, django_capture_on_commit_callbacks):
    from messaging.models import Notification
    from messaging.wording import notification_url

    row = actions.create_promotion(shop, video=clip, submit=True, **said())
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.approve_promotion(cast.mod, row)
        assert not actions.approve_promotion(cast.mod, row)
    entry = AuditEntry.objects.get(verb="promotion.approved")
    assert (entry.actor_id, entry.target_id) == (cast.mod.pk, row.pk)
    note = Notification.objects.get(recipient=shop)
    assert notification_url(note, []) == f"/studio/promotions/{row.pk}/"


def test_staff_refuse_with_a_reason_that_the_owner_reads(
    api, browser, shop, clip, cast, django_capture_on_commit_callbacks
):
    row = actions.create_promotion(shop, video=clip, submit=True, **said())
    with pytest.raises(Invalid):
        actions.reject_promotion(cast.mod, row, "because")
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.reject_promotion(cast.mod, row, "misleading", "The cups are plates.")
    told = api.as_(shop).get("/api/v1/notifications/").json()["results"][0]
    assert told["text"] == "Your promotion was not approved"
    page = browser.as_(shop).get(told["url"]).content.decode()
    assert "It is misleading" in page
    assert "The cups are plates." in page
    # It can be put right and handed in again.
    actions.change_promotion(shop, row, goal="followers")
    assert actions.submit_promotion(shop, row).reason == ""


@pytest.mark.parametrize("name", ["alice", "shop"])
def test_who_is_not_staff_decides_nothing(shop, clip, cast, name):
    row = actions.create_promotion(shop, video=clip, submit=True, **said())
    person = shop if name == "shop" else cast.alice
    with pytest.raises(NotFound):
        actions.approve_promotion(person, row)
    with pytest.raises(NotFound):
        actions.reject_promotion(person, row, "other")


def test_what_was_not_handed_in_is_not_decided(shop, clip, cast):
    row = actions.create_promotion(shop, video=clip, **said())
    with pytest.raises(Conflict):
        actions.approve_promotion(cast.mod, row)
    with pytest.raises(Conflict):
        actions.reject_promotion(cast.mod, row, "other")


def test_a_clip_that_was_closed_meanwhile_is_not_approved(shop, clip, cast):
    row = actions.create_promotion(shop, video=clip, submit=True, **said())
    clip.audience = "friends"
    clip.save()
    with pytest.raises(Conflict):
        actions.approve_promotion(cast.mod, row)


def test_the_admin_approves_and_refuses_with_reason_and_words(browser, shop, clip, cast, make_video):
    first = actions.create_promotion(shop, video=clip, submit=True, **said())
    second = actions.create_promotion(shop, video=make_video(shop), submit=True, **said())
    page = browser.as_(cast.mod)
    listed = "/admin/videos/promotion/"
    page.post(listed, {"action": "approve_promotions", "_selected_action": [first.pk]})
    body = {
        "action": "reject_promotions",
        "_selected_action": [second.pk],
        "reason": "link",
        "note": "It is gone.",
    }
    page.post(listed, body)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.state == "approved"
    assert (second.state, second.reason, second.note) == ("rejected", "link", "It is gone.")


def test_the_page_of_one_in_the_admin_refuses_with_what_stands_beside_the_button(browser, shop, clip, cast):
    row = actions.create_promotion(shop, video=clip, submit=True, **said())
    address = f"/admin/videos/promotion/{row.pk}/change/"
    page = browser.as_(cast.mod)
    assert "Our new cups" in page.get(address).content.decode()
    body = {"reason": "rights", "note": "Ask the band.", "videos_promotion_reject_one": "1"}
    body |= {"days-TOTAL_FORMS": 0, "days-INITIAL_FORMS": 0}
    page.post(address, body)
    row.refresh_from_db()
    assert (row.state, row.reason, row.note) == ("rejected", "rights", "Ask the band.")


# --- While it runs --------------------------------------------------------------------------------------------------


def test_it_is_paused_and_resumed(shop, running):
    assert actions.pause_promotion(shop, running).state == "paused"
    assert promoted.live()[0] == []
    assert actions.pause_promotion(shop, running).state == "paused"
    assert actions.resume_promotion(shop, running).state == "approved"
    promoted.forget()
    assert [row.id for row in promoted.live()[0]] == [running.pk]


def test_what_is_left_of_the_day_is_spread_from_the_resuming_on(shop, running, cast):
    for number in range(1, 4):
        PromotionShowing.objects.create(
            promotion=running, person=cast.dave, day=today(), number=number, nth=number, slot=str(number),
            at=timezone.now(),
        )  # fmt: skip
    actions.pause_promotion(shop, running)
    actions.resume_promotion(shop, running)
    day = PromotionDay.objects.get(promotion=running)
    assert day.anchor_spent == 3
    assert timezone.now() - day.anchor_at < timedelta(minutes=1)


def test_budget_and_last_day_can_change_and_nothing_else(api, shop, running):
    client, path = api.as_(shop), f"{PATH}{running.pk}/"
    changed = client.patch(path, {"daily_budget": 200, "ends_on": str(today())}, format="json").json()
    assert (changed["daily_budget"], changed["ends_on"]) == (200, str(today()))
    refused = client.patch(path, {"countries": ["FR"]}, format="json")
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (409, ["countries"])


def test_what_waits_is_taken_back_to_be_changed(shop, clip):
    row = actions.create_promotion(shop, video=clip, submit=True, **said())
    with pytest.raises(Conflict):
        actions.change_promotion(shop, row, daily_budget=50)
    actions.withdraw_promotion(shop, row)
    assert actions.change_promotion(shop, row, daily_budget=50).daily_budget == 50


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("submitted", "It waits for approval. Take it back to change it."),
        ("ended", "It has ended. Begin another one."),
        ("approved", "Only budget and last day can change now. End it and begin another one."),
    ],
)
def test_what_stands_is_said_to_stand_whatever_its_days_are_by_now(api, shop, clip, state, sentence):
    fields = said(starts_on=today() - timedelta(days=9), ends_on=today() - timedelta(days=3))
    row = Promotion.objects.create(owner=shop, video=clip, state=state, countries=["FR"], **fields)
    client, path = api.as_(shop), f"{PATH}{row.pk}/"
    change = {"goal": "followers"} if state == "approved" else {"daily_budget": 50}
    answer = client.patch(path, change, format="json")
    assert answer.status_code == 409
    assert answer.json()["error"]["fields"] == dict.fromkeys(change, sentence)
    if state != "approved":
        # What it says already is no change.
        assert (
            client.patch(path, {"daily_budget": 100, "countries": ["fr"]}, format="json").status_code == 200
        )
    row.refresh_from_db()
    assert (row.goal, row.daily_budget, row.state) == ("views", 100, state)


def test_what_ran_is_ended_and_not_deleted(api, shop, running):
    client = api.as_(shop)
    assert client.delete(f"{PATH}{running.pk}/").status_code == 409
    assert client.post(f"{PATH}{running.pk}/end/").json()["state"] == "ended"
    assert client.post(f"{PATH}{running.pk}/resume/").status_code == 409
    draft = actions.create_promotion(shop, video=running.video, **said())
    assert client.delete(f"{PATH}{draft.pk}/").status_code == 204


def test_nobody_else_reads_or_touches_it(api, cast, running):
    for person in (cast.alice, cast.mod):
        client = api.as_(person)
        assert client.get(f"{PATH}{running.pk}/").status_code == 404
        assert client.post(f"{PATH}{running.pk}/end/").status_code == 404
        with pytest.raises(NotFound):
            actions.end_promotion(person, running)
    assert api.get(PATH).status_code == 401


def test_switching_back_to_a_personal_account_ends_what_runs(
    shop, running, django_capture_on_commit_callbacks
):
    from accounts.actions import end_business

    with django_capture_on_commit_callbacks(execute=True):
        end_business(shop)
    running.refresh_from_db()
    assert running.state == "ended"
    assert promoted.live()[0] == []
    with pytest.raises(Forbidden):
        actions.create_promotion(shop, video=running.video, **said())


# --- Every minute ---------------------------------------------------------------------------------------------------


def test_a_day_is_summed_up_and_who_saw_it_is_forgotten_after_the_next(running, cast):
    now = timezone.now()
    for day in (0, 2):
        for number, person in enumerate((cast.dave, cast.bob, cast.dave), 1):
            PromotionShowing.objects.create(
                promotion=running, person=person, day=today() - timedelta(days=day), number=number,
                nth=1 + (number == 3), slot=f"{day} {number}", at=now,
            )  # fmt: skip
    actions.tend_promotions()
    actions.tend_promotions()
    days = {one.day: (one.spent, one.reach) for one in PromotionDay.objects.filter(promotion=running)}
    assert days[today()] == days[today() - timedelta(days=2)] == (3, 2)
    assert PromotionShowing.objects.filter(day__lt=today()).count() == 0


def test_who_is_erased_lowers_nothing_that_was_handed_out(running, make_person):
    """The one before the last of the day, whom no fold had counted yet, then the last, whom one had."""
    people = [make_person(f"viewer{number}") for number in range(1, 7)]
    for number, person in enumerate(people, 1):
        PromotionShowing.objects.create(
            promotion=running, person=person, day=today(), number=number, nth=1, slot=str(number),
            at=timezone.now(), visited_at=timezone.now(),
        )  # fmt: skip

    def folded():
        actions.tend_promotions()
        return PromotionDay.objects.values_list("spent", "reach", "visits").get(promotion=running)

    people[4].delete()
    assert folded() == (6, 5, 5)
    people[5].delete()
    assert folded() == (6, 5, 5)


def test_the_last_day_passes(running):
    Promotion.objects.filter(pk=running.pk).update(
        starts_on=today() - timedelta(days=3), ends_on=today() - timedelta(days=1)
    )
    actions.tend_promotions()
    running.refresh_from_db()
    assert running.state == "ended"


def test_a_clip_that_says_something_else_than_was_approved_waits_again(
    api, shop, running, django_capture_on_commit_callbacks
):
    clip = running.video
    clip.caption = "Other cups, from https://elsewhere.example"
    clip.save()
    with django_capture_on_commit_callbacks(execute=True):
        actions.tend_promotions()
    running.refresh_from_db()
    assert running.state == "submitted"
    assert (
        "waits for approval again" in api.as_(shop).get("/api/v1/notifications/").json()["results"][0]["text"]
    )


def test_captions_of_its_author_are_part_of_what_is_approved_and_automatic_ones_are_not(shop, running, cast):
    clip = running.video
    heard = captions.parse(f"WEBVTT\n\n{SPOKEN}", duration_ms=clip.duration_ms)
    assert actions.keep_automatic(clip.pk, "en", heard)
    actions.tend_promotions()
    running.refresh_from_db()
    assert running.state == "approved"
    steps = (
        lambda: actions.set_captions(shop, clip, "en", f"WEBVTT\n\n{SPOKEN} Half price today!"),
        lambda: actions.set_captions(shop, clip, "en", f"WEBVTT\n\n{SPOKEN} Free today!"),
        lambda: actions.delete_captions(shop, clip, "en"),
    )
    for change in steps:
        change()
        actions.tend_promotions()
        running.refresh_from_db()
        assert running.state == "submitted"
        actions.approve_promotion(cast.mod, running)


def test_what_its_owner_paused_does_not_run_until_they_resume_it(shop, running, cast):
    actions.pause_promotion(shop, running)
    clip = running.video
    clip.caption = "Other cups"
    clip.save()
    actions.tend_promotions()
    running.refresh_from_db()
    assert running.state == "paused"
    # Staff have nothing to decide, so no approval starts it over its owner's head.
    assert not actions.approve_promotion(cast.mod, running)
    running.refresh_from_db()
    assert running.state == "paused"
    assert promoted.live()[0] == []


def test_resuming_one_whose_clip_was_changed_asks_for_approval_and_says_so(api, browser, shop, running, cast):
    actions.pause_promotion(shop, running)
    clip = running.video
    clip.caption = "Other cups"
    clip.save()
    page = browser.as_(shop)
    said_then = page.post(
        f"/studio/promotions/{running.pk}/", {"act": "resume"}, follow=True
    ).content.decode()
    assert "a moderator looks at it again before it runs" in said_then
    assert "It runs again." not in said_then
    running.refresh_from_db()
    assert running.state == "submitted"
    assert promoted.live()[0] == []
    assert actions.approve_promotion(cast.mod, running)
    promoted.forget()
    assert [row.id for row in promoted.live()[0]] == [running.pk]
    # By the API the answer's state says it; as it was approved, it simply runs.
    actions.pause_promotion(shop, running)
    assert api.as_(shop).post(f"{PATH}{running.pk}/resume/").json()["state"] == "approved"
    actions.pause_promotion(shop, running)
    clip.caption = "Still other cups"
    clip.save()
    assert api.as_(shop).post(f"{PATH}{running.pk}/resume/").json()["state"] == "submitted"


def test_pages_are_counted_by_the_hour(cast, make_video):
    from videos import feed
    from videos.models import TrafficHour

    make_video(cast.alice)
    for _n in range(3):
        feed.for_you(cast.dave)
    actions.tend_promotions()
    feed.for_you(cast.dave)
    actions.tend_promotions()
    assert sum(TrafficHour.objects.values_list("pages", flat=True)) == 4


# --- The estimate ---------------------------------------------------------------------------------------------------


@pytest.fixture
def active(cast, make_video):
    """Makes so many people of these settings who were here `days` ago."""
    from accounts.models import User
    from videos.models import Watch

    clip = make_video(cast.alice)

    def make(count, name, *, days=0, **settings):
        rows = [User(username=f"{name}{n}", email=f"{name}{n}@example.com", **settings) for n in range(count)]
        at = timezone.now() - timedelta(days=days)
        Watch.objects.bulk_create(
            Watch(person=person, video=clip, first_at=at, last_at=at)
            for person in User.objects.bulk_create(rows)
        )

    return make


def test_an_estimate_counts_active_grown_ups_who_fit_and_tells_of_no_small_group(api, shop, active):
    adult = date(1990, 1, 1)
    active(100, "fr", country="FR", birth_date=adult)
    active(49, "be", country="BE", birth_date=adult)
    active(60, "young", country="LU", birth_date=today() - timedelta(days=14 * 365))
    active(60, "gone", country="CH", birth_date=adult, days=20)
    client = api.as_(shop)
    found = {
        asked: client.get(f"{PATH}estimate/?countries={asked}").json()
        for asked in ("FR", "BE", "LU", "CH", "FR,BE")
    }
    assert {asked: one["people"] for asked, one in found.items()} == {
        "FR": 100,
        "BE": 0,
        "LU": 0,
        "CH": 0,
        "FR,BE": 100,
    }
    assert "Fewer than 50 people" in found["BE"]["text"]
    assert "About 100 people" in found["FR"]["text"]


def test_two_estimates_do_not_tell_one_person_from_nobody(api, shop, active):
    """Subtracting what a group is without somebody from what it is with them says nothing of their country or interests."""
    active(60, "fr", country="FR", interests=["food"])
    active(1, "li", country="LI", interests=["art"])
    ask = api.as_(shop)
    for narrower, wider in (
        ("countries=FR", "countries=FR,LI"),
        ("countries=FR,LI&interests=food", "countries=FR,LI&interests=food,art"),
    ):
        without, with_them = (
            ask.get(f"{PATH}estimate/?{asked}").json()["people"] for asked in (narrower, wider)
        )
        assert without == with_them == 50


def test_estimates_are_for_those_only_who_may_promote(api, cast):
    answer = api.as_(cast.dave).get(f"{PATH}estimate/?countries=FR")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "business_only")
    assert api.__class__().get(f"{PATH}estimate/?countries=FR").status_code == 401


def test_estimates_are_rounded_down_to_coarse_steps():
    from videos.promotions import rough

    asked = (0, 5, 49.9, 50, 99, 100, 128, 499, 500, 999, 1_000, 1_999, 123_456)
    assert [rough(n) for n in asked] == [0, 0, 0, 50, 50, 100, 100, 200, 500, 500, 1_000, 1_000, 100_000]


def test_an_estimate_looks_at_old_accounts_as_well_as_at_new_ones(shop, active, monkeypatch):
    """A hundred of four hundred stand for all: not the newest, and the same ones whenever it is asked."""
    from videos import access
    from videos.access import promoting

    monkeypatch.setattr(promoting, "SAMPLE", 100)
    active(240, "old", country="FR")
    active(160, "new", country="BE")
    found = [access.estimated_reach(shop, [country], [], []) for country in ("FR", "BE", "FR", "BE")]
    assert found[:2] == found[2:]
    assert set(found) <= {100, 200}


# --- The pages ------------------------------------------------------------------------------------------------------


def test_a_day_tells_of_five_people_and_more_only(api, browser, shop, running):
    for ago, reach in ((0, 4), (1, 5)):
        day = today() - timedelta(days=ago)
        told = {"spent": 40 + reach, "reach": reach}
        PromotionDay.objects.update_or_create(promotion=running, day=day, defaults=told)
    days = api.as_(shop).get(f"{PATH}{running.pk}/").json()["days"]
    assert [(one["spent"], one["reach"]) for one in days] == [(44, None), (45, 5)]
    page = browser.as_(shop).get(f"/studio/promotions/{running.pk}/").content.decode()
    assert '<td class="number">44</td><td class="number">fewer than 5</td>' in page
    assert '<td class="number">45</td><td class="number">5</td>' in page


def test_the_studio_writes_changes_and_ends_one(browser, shop, clip):
    page = browser.as_(shop)
    assert "No promotion yet" in page.get("/studio/promotions/").content.decode()
    assert "Our new cups" in page.get("/studio/promotions/new/").content.decode()
    body = {
        **said(starts_on=str(today()), ends_on=str(today())),
        "video": clip.pk,
        "countries": "fr, be",
        "interests": ["food"],
        "act": "submit",
    }
    wrong = page.post("/studio/promotions/new/", {**body, "daily_budget": "1"})
    assert wrong.status_code == 400
    answer = page.post("/studio/promotions/new/", body, follow=True).content.decode()
    row = Promotion.objects.get()
    assert (row.state, row.countries) == ("submitted", ["BE", "FR"])
    assert "A moderator looks at it" in answer
    assert "BE, FR" in page.get("/studio/promotions/").content.decode()
    page.post(f"/studio/promotions/{row.pk}/", {"act": "withdraw"})
    edited = page.post(f"/studio/promotions/{row.pk}/edit/", {**body, "daily_budget": 77}, follow=True)
    assert "Saved." in edited.content.decode()
    row.refresh_from_db()
    assert (row.state, row.daily_budget) == ("draft", 77)
    page.post(f"/studio/promotions/{row.pk}/", {"act": "delete"})
    assert not Promotion.objects.exists()


FORM = "/studio/promotions/new/"


def test_each_clip_that_can_be_promoted_leads_to_its_promotion(browser, shop, clip, make_video):
    others = [
        make_video(shop, audience="followers"),
        make_video(shop, state="draft", published_at=None),
        make_video(shop, held_for="links"),
        make_video(shop, is_sensitive=True),
    ]
    page = browser.as_(shop)
    said = page.get("/studio/").content.decode()
    for one in (clip, *others):
        here = one is clip
        assert (f"{FORM}?video={one.pk}" in said) is here
        assert (f"{FORM}?video={one.pk}" in page.get(f"/studio/videos/{one.pk}/").content.decode()) is here
    shop.privacy.is_private = True
    shop.privacy.save()
    assert FORM not in page.get("/studio/").content.decode()


def test_personal_accounts_are_offered_no_promotion_beside_their_clips(browser, cast, make_video):
    mine = make_video(cast.alice)
    for path in ("/studio/", f"/studio/videos/{mine.pk}/"):
        assert FORM not in browser.as_(cast.alice).get(path).content.decode()


def test_the_form_offers_the_clip_that_a_link_names_however_old_it_is(
    browser, shop, clip, cast, make_video, monkeypatch
):
    monkeypatch.setattr(views_promotions, "CLIPS", 1)
    newest = make_video(shop, published_at=timezone.now() + timedelta(minutes=1))
    hidden, foreign = make_video(shop, audience="only_me"), make_video(cast.alice)

    def offered(chosen):
        answer = browser.as_(shop).get(FORM, {"video": chosen})
        checked = re.findall(r'name="video" value="(\d+)" checked', answer.content.decode())
        return [card["id"] for card in answer.context["clips"]], checked

    assert offered(clip.pk) == ([str(clip.pk), str(newest.pk)], [str(clip.pk)])
    assert offered(newest.pk) == ([str(newest.pk)], [str(newest.pk)])
    for other in (hidden.pk, foreign.pk, "x"):
        assert offered(other) == ([str(newest.pk)], [])


def test_personal_accounts_are_shown_how_to_become_one(browser, cast):
    page = browser.as_(cast.alice)
    assert "/settings/business/" in page.get("/studio/promotions/").content.decode()
    assert page.get("/studio/promotions/new/").status_code == 302


def test_a_page_of_promotions_costs_no_query_a_row(browser, shop, make_video, django_assert_max_num_queries):
    for _n in range(12):
        actions.create_promotion(shop, video=make_video(shop), **said())
    page = browser.as_(shop)
    page.get("/explore/")
    # Session and person (2), promotions (1), spent (1), the cards of clips (5), badges (3).
    with django_assert_max_num_queries(12):
        page.get("/studio/promotions/")


def test_only_ones_own_days_are_read(cast, running):
    with pytest.raises(NotFound):
        access.promotion_days(cast.alice, running)
