"""Switching to a business account and back, what it says of itself, and who reads it."""

from datetime import date

import pytest

from accounts import actions, signals
from accounts.models import BusinessProfile, User
from privacy.models import AuditEntry
from socialapp.lib.errors import Forbidden, NotSignedIn

PATH = "/api/v1/me/business/"
SAID = {
    "category": "food",
    "email": "hello@example.org",
    "phone": "+33 6 12 34 56 78",
    "website": "https://www.example.org/menu/",
}


def test_an_account_switches_says_what_it_is_and_everybody_reads_it(api, cast):
    answer = api.as_(cast.alice).put(PATH, SAID, format="json")
    assert answer.status_code == 200
    assert answer.json()["is_business"]
    shown = api.as_(cast.dave).get("/api/v1/users/alice/").json()
    assert shown["is_business"]
    assert shown["business"] == {
        "category": "food",
        "category_label": "Food and drink",
        "email": "hello@example.org",
        "phone": "+33612345678",
        "website": "https://www.example.org/menu/",
        "website_label": "example.org/menu",
    }
    assert AuditEntry.objects.get(verb="business.start").target_id == cast.alice.pk


def test_whom_one_blocked_reads_none_of_it(api, browser, cast):
    actions.set_business(cast.alice, **SAID)
    assert api.as_(cast.mallory).get("/api/v1/users/alice/").status_code == 404
    assert "example.org" not in browser.as_(cast.mallory).get("/@alice/").content.decode()


def test_the_profile_has_category_contact_and_a_link_that_passes_nothing_on(browser, cast):
    actions.set_business(cast.alice, **SAID)
    page = browser.as_(cast.dave).get("/@alice/").content.decode()
    assert "Food and drink" in page
    assert 'href="mailto:hello@example.org"' in page
    assert 'href="tel:+33612345678"' in page
    link = page.split('href="https://www.example.org/menu/"')[1].split(">")[0]
    assert {"nofollow", "noopener"} <= set(link.replace('"', " ").split())


def test_switching_back_keeps_what_was_said_and_shows_it_to_nobody(
    api, cast, django_capture_on_commit_callbacks
):
    told = []
    signals.business_ended.connect(
        lambda person_id, **_k: told.append(person_id), weak=False, dispatch_uid="t"
    )
    try:
        actions.set_business(cast.alice, **SAID)
        client = api.as_(cast.alice)
        with django_capture_on_commit_callbacks(execute=True):
            assert client.delete(PATH).status_code == 204
            assert client.delete(PATH).status_code == 204
    finally:
        signals.business_ended.disconnect(dispatch_uid="t")
    assert told == [cast.alice.pk]
    shown = api.as_(cast.dave).get("/api/v1/users/alice/").json()
    assert (shown["is_business"], shown["business"]) == (False, None)
    kept = client.get(PATH).json()
    assert (kept["is_business"], kept["email"]) == (False, "hello@example.org")
    assert client.put(PATH, {}, format="json").json()["category"] == "food"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "pirate"}, "category"),
        ({"category": ""}, "category"),
        ({"email": "hello@"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"phone": "0612345678"}, "phone"),
        ({"website": "http://example.org"}, "website"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "https://example.com@evil.example"}, "website"),
        ({"website": "https://ex\u202eample.org"}, "website"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(api, cast, change, field):
    answer = api.as_(cast.alice).put(PATH, SAID | change, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert not BusinessProfile.objects.exists()
    assert not User.objects.get(pk=cast.alice.pk).is_business


def test_a_category_must_be_chosen_the_first_time(api, cast):
    assert api.as_(cast.alice).put(PATH, {}, format="json").json()["error"]["fields"].keys() == {"category"}


def test_what_is_not_said_stays_and_a_change_is_audited(cast):
    actions.set_business(cast.alice, **SAID)
    actions.set_business(cast.alice, phone="")
    row = BusinessProfile.objects.get(person=cast.alice)
    assert (row.phone, row.website) == ("", SAID["website"])
    assert AuditEntry.objects.get(verb="business.change").detail == {"fields": ["phone"]}


def test_refused_words_are_refused_here_as_well(api, cast):
    from privacy.actions.terms import add_terms

    add_terms(cast.mod, ["casino"], act="refuse")
    answer = api.as_(cast.alice).put(PATH, SAID | {"website": "https://casino.example/casino"}, format="json")
    assert answer.status_code == 400


def test_under_sixteen_nobody_has_a_business_account(api, browser, cast):
    today = date.today()
    User.objects.filter(pk=cast.alice.pk).update(birth_date=date(today.year - 14, 1, 1))
    young = User.objects.get(pk=cast.alice.pk)
    with pytest.raises(Forbidden):
        actions.set_business(young, **SAID)
    assert api.as_(young).put(PATH, SAID, format="json").status_code == 403
    assert not api.as_(young).get(PATH).json()["allowed"]
    assert "16 and older" in browser.as_(young).get("/settings/business/").content.decode()


def test_visitors_have_none(api, db):
    from django.contrib.auth.models import AnonymousUser

    assert api.get(PATH).status_code == 401
    with pytest.raises(NotSignedIn):
        actions.set_business(AnonymousUser(), **SAID)


def test_the_page_switches_changes_and_switches_back(browser, cast):
    client = browser.as_(cast.alice)
    assert "Switch to a business account" in client.get("/settings/account/").content.decode()
    assert client.post("/settings/business/", {}).status_code == 400
    answer = client.post("/settings/business/", {"category": "music"}, follow=True)
    assert "This is a business account now." in answer.content.decode()
    assert "See my profile" in answer.content.decode()
    wrong = client.post("/settings/business/", {"category": "music", "website": "nowhere"})
    assert (wrong.status_code, "beginning with https://" in wrong.content.decode()) == (400, True)
    assert client.post("/settings/business/", {"end": "1"}).status_code == 302
    assert not User.objects.get(pk=cast.alice.pk).is_business


def test_a_profile_costs_one_query_more_for_a_business_account_only(cast, django_assert_num_queries):
    from accounts import access

    with django_assert_num_queries(4):
        access.profile(cast.dave, "alice")
    actions.set_business(cast.alice, **SAID)
    with django_assert_num_queries(5):
        access.profile(cast.dave, "alice")
