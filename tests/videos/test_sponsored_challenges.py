"""Sponsored challenges: handed in, approved or refused by staff, labelled, one of them first in the list of its country."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as people
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound
from videos import access, actions
from videos.models import Challenge, Tag

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

DAY = timedelta(days=1)


@pytest.fixture
def brand(cast, make_person):
    return make_person("brand", is_business=True)


def said(**more):
    now = timezone.now()
    plan = {"title": "Golden hour", "brief": "Film the last light.", "tag": "GoldenHour"}
    return plan | {"starts_at": now - DAY, "ends_at": now + DAY} | more


SPONSOR = {"sponsor": "Aurora Glass", "sponsor_url": "https://aurora.example/opal"}


def test_a_sponsored_challenge_waits_for_staff_before_it_is_out(
    api, cast, brand, django_capture_on_commit_callbacks
):
    row = actions.create_challenge(brand, **said(), **SPONSOR)
    row = actions.publish_challenge(brand, row)
    assert (row.published_at, row.sponsorship) == (None, "waiting")
    assert api.as_(cast.dave).get(f"/api/v1/challenges/{row.slug}/").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.approve_sponsor(cast.mod, row)
        assert not actions.approve_sponsor(cast.mod, row)
    shown = api.as_(cast.dave).get(f"/api/v1/challenges/{row.slug}/").json()
    assert shown["sponsor"] == {"name": "Aurora Glass", "url": "https://aurora.example/opal"}
    assert shown["sponsorship"] == ""  # the host's affair
    told = api.as_(brand).get("/api/v1/notifications/").json()["results"][0]
    assert told["text"] == "Your sponsored challenge was approved and is out"


def test_a_refused_sponsor_leaves_a_draft_with_words_for_its_host(api, cast, brand):
    row = actions.publish_challenge(brand, actions.create_challenge(brand, **said(), **SPONSOR))
    assert actions.refuse_sponsor(cast.mod, row, "Who are they?")
    mine = api.as_(brand).get(f"/api/v1/challenges/{row.slug}/").json()
    assert (mine["phase"], mine["sponsorship"], mine["sponsor_note"]) == ("draft", "refused", "Who are they?")
    # Without the sponsor it is an ordinary challenge.
    row = actions.update_challenge(brand, Challenge.objects.get(pk=row.pk), sponsor="", sponsor_url="")
    assert actions.publish_challenge(brand, row).published_at


def test_who_is_not_staff_approves_no_sponsor(cast, brand):
    row = actions.publish_challenge(brand, actions.create_challenge(brand, **said(), **SPONSOR))
    for person in (brand, cast.alice):
        with pytest.raises(NotFound):
            actions.approve_sponsor(person, row)
        with pytest.raises(NotFound):
            actions.refuse_sponsor(person, row)


def test_an_account_that_is_no_business_any_more_has_no_sponsored_challenge_approved(cast, brand):
    row = actions.publish_challenge(brand, actions.create_challenge(brand, **said(), **SPONSOR))
    type(brand).objects.filter(pk=brand.pk).update(is_business=False)
    with pytest.raises(Conflict, match="business_only"):
        actions.approve_sponsor(cast.mod, row)
    row.refresh_from_db()
    assert (row.published_at, row.sponsorship) == (None, "waiting")
    assert actions.refuse_sponsor(cast.mod, row)


def test_ending_the_business_takes_back_what_waits_for_approval(
    cast, brand, django_capture_on_commit_callbacks
):
    out = actions.publish_challenge(brand, actions.create_challenge(brand, **said(), **SPONSOR))
    actions.approve_sponsor(cast.mod, out)
    row = actions.create_challenge(brand, **said(tag="waits"), **SPONSOR)
    row = actions.publish_challenge(brand, row)
    with django_capture_on_commit_callbacks(execute=True):
        people.end_business(brand)
    row.refresh_from_db()
    assert (row.published_at, row.sponsorship) == (None, "")
    assert Challenge.objects.get(pk=out.pk).sponsorship == "approved"
    with pytest.raises(Conflict, match="bad_state"):
        actions.approve_sponsor(cast.mod, row)
    with pytest.raises(Forbidden):
        actions.publish_challenge(type(brand).objects.get(pk=brand.pk), row)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sponsor_url": "http://aurora.example"}, "sponsor_url"),
        ({"sponsor": ""}, "sponsor"),
        ({"sponsor": "x" * 61}, "sponsor"),
    ],
)
def test_a_sponsor_has_a_name_and_an_honest_link(brand, change, field):
    with pytest.raises(Invalid) as refused:
        actions.create_challenge(brand, **said(), **(SPONSOR | change))
    assert field in refused.value.fields


def test_staff_who_host_have_no_sponsor(cast):
    with pytest.raises(Invalid):
        actions.create_challenge(cast.mod, **said(), **SPONSOR)


def test_what_staff_approved_of_a_sponsored_one_stands(cast, brand):
    row = actions.publish_challenge(brand, actions.create_challenge(brand, **said(), **SPONSOR))
    actions.approve_sponsor(cast.mod, row)
    row = Challenge.objects.get(pk=row.pk)
    for change in ({"sponsor": "Another"}, {"sponsor_url": ""}, {"title": "Buy"}, {"brief": "Buy"}):
        with pytest.raises(Conflict):
            actions.update_challenge(brand, row, **change)
    assert actions.update_challenge(brand, row, rules="Be kind.").rules == "Be kind."
    plain = actions.create_challenge(brand, **said(tag="plain"), publish=True)
    with pytest.raises(Conflict):
        actions.update_challenge(brand, plain, **SPONSOR)


def test_one_sponsored_challenge_leads_the_list_of_its_country_and_comes_once(
    api, cast, brand, django_assert_num_queries
):
    def out(tag, days, **more):
        now = timezone.now()
        return Challenge.objects.create(
            slug=tag, host=brand, tag=Tag.objects.create(name=tag), title=tag, brief="Go",
            starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=days), published_at=now, **more,
        )  # fmt: skip

    for n in range(3):
        out(f"plain{n}", 2 + n)
    paid = {"sponsor": "Aurora", "sponsorship": "approved"}
    out("everywhere", 8, **paid)
    out("france", 9, country="FR", **paid)
    out("notyet", 1, sponsor="Aurora", sponsorship="waiting")

    def slugs(country, **more):
        return [row.slug for row in access.list_challenges(cast.dave, "running", country, **more).items]

    assert slugs("FR") == ["france", "notyet", "plain0", "plain1", "plain2", "everywhere"]
    assert slugs("DE")[0] == "everywhere"
    with django_assert_num_queries(1):
        first = access.list_challenges(cast.dave, "running", "FR", None, 2)
    rest = access.list_challenges(cast.dave, "running", "FR", first.next_cursor, 20)
    seen = [row.slug for row in (*first.items, *rest.items)]
    assert seen == ["france", "notyet", "plain0", "plain1", "plain2", "everywhere"]


@pytest.mark.parametrize(
    "path",
    ["/challenges/", "/challenges/paid/", "/explore/", "/tags/paid/", "/search/?type=challenges&q=paid"],
)
def test_sponsored_is_written_wherever_it_is_shown(browser, cast, brand, path):
    from videos.search import indexing

    now = timezone.now()
    Challenge.objects.create(
        slug="paid", host=brand, tag=Tag.objects.create(name="paid"), title="paid", brief="Go", sponsor="Aurora",
        sponsorship="approved", starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=3), published_at=now,
    )  # fmt: skip
    indexing.reconcile()
    indexing.index_due()
    assert "Sponsored" in browser.as_(cast.dave).get(path).content.decode()
