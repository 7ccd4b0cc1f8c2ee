"""Signing up by the page and by the headless API: what it needs, what it refuses, in which words."""

from datetime import date, timedelta

import pytest
from django.core import mail

from accounts.models import User

PAGE = "/accounts/signup/"
API = "/_allauth/app/v1/auth/signup"
GOOD = {"username": "erin", "email": "erin@example.com", "birth_date": "1990-02-28"}
PASSWORD = "quite-a-long-one-7"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _confirmation_can_wait(settings):
    """As in the embedded default, whichever engines this run has."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"


def sign_up(client, **changes):
    return client.post(API, {**GOOD, "password": PASSWORD, **changes}, content_type="application/json")


def years_ago(years, days=0):
    today = date.today()
    day = today.replace(year=today.year - years, day=min(today.day, 28))
    return (day + timedelta(days=days)).isoformat()


def test_the_page_signs_in_and_goes_on_where_one_was(browser):
    answer = browser.post(PAGE + "?next=/explore/", {**GOOD, "password1": PASSWORD, "next": "/explore/"})
    assert (answer.status_code, answer["Location"]) == (302, "/explore/")
    person = User.objects.get(username="erin")
    assert str(person.birth_date) == "1990-02-28"
    assert person.privacy.is_private is False
    assert browser.session["_auth_user_id"] == str(person.pk)


def test_a_next_address_elsewhere_is_not_followed(browser):
    answer = browser.post(PAGE, {**GOOD, "password1": PASSWORD, "next": "https://evil.example/"})
    assert answer["Location"] == "/welcome/"


def test_the_page_has_one_form_with_every_field(browser):
    page = browser.get(PAGE).content.decode()
    for name in ("username", "email", "password1", "birth_date"):
        assert f'name="{name}"' in page
    assert 'style="' not in page


def test_the_api_gives_a_token_at_once_that_the_api_takes(client, api):
    answer = sign_up(client)
    assert answer.status_code == 200, answer.content
    token = answer.json()["meta"]["session_token"]
    me = api.get("/api/v1/me/", HTTP_X_SESSION_TOKEN=token).json()
    assert (me["username"], me["birth_date"], me["email"]) == ("erin", "1990-02-28", "erin@example.com")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"birth_date": years_ago(13, days=1)}, "birth_date", "at least 13 years"),
        ({"birth_date": years_ago(-1)}, "birth_date", "future"),
        ({"birth_date": "1066-01-01"}, "birth_date", "Check the year"),
        ({"birth_date": "yesterday"}, "birth_date", "year-month-day"),
        ({"birth_date": ""}, "birth_date", "Enter the day you were born"),
        ({"birth_date": None}, "birth_date", "Enter the day you were born"),
        ({"username": "Settings"}, "username", "reserved"),
        ({"username": "a b"}, "username", "1–24 letters"),
        ({"username": "x" * 25}, "username", "24"),
        ({"username": ""}, "username", "required"),
        ({"email": "nonsense"}, "email", "valid email"),
        ({"password": "1234"}, "password", "short"),
    ],
)
def test_a_refusal_names_the_field_and_says_why(client, changes, field, words):
    answer = sign_up(client, **changes)
    assert answer.status_code == 400
    said = [error["message"] for error in answer.json()["errors"] if error.get("param") == field]
    assert words.lower() in " ".join(said).lower()
    assert not User.objects.exists()


def test_the_thirteenth_birthday_is_old_enough(client):
    assert sign_up(client, birth_date=years_ago(13)).status_code == 200


def test_the_minimum_age_is_a_setting(client, settings):
    settings.MINIMUM_AGE = 18
    answer = sign_up(client, birth_date=years_ago(17))
    assert "at least 18 years" in answer.content.decode()


def test_the_young_start_with_a_closed_account(client):
    sign_up(client, birth_date=years_ago(15))
    allowed = User.objects.get().privacy
    assert (allowed.is_private, allowed.findable, allowed.message_audience) == (True, False, "friends")


def test_a_taken_name_is_refused_in_any_case(client, make_person):
    make_person("erin")
    answer = sign_up(client, username="ERIN", email="other@example.com")
    assert "taken" in answer.json()["errors"][0]["message"]


def test_a_taken_address_makes_no_second_account(client, make_person):
    from allauth.account.models import EmailAddress

    ann = make_person("ann")
    EmailAddress.objects.create(user=ann, email="ann@example.com", verified=True, primary=True)
    answer = sign_up(client, email="Ann@example.com")
    assert answer.status_code in (400, 401)
    assert User.objects.count() == 1


def test_a_name_taken_in_the_meantime_is_a_refusal_not_an_error(client, make_person, monkeypatch):
    make_person("erin")
    from accounts.adapter import AccountAdapter

    monkeypatch.setattr(AccountAdapter, "clean_username", lambda self, name, shallow=False: name)
    answer = sign_up(client, email="other@example.com")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "username_taken")
    assert User.objects.count() == 1


def test_sign_ups_from_one_address_are_limited(client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_up": "2/3600"}
    statuses = []
    for number in range(3):
        client.cookies.clear()
        answer = sign_up(client, username=f"erin{number}", email=f"erin{number}@example.com")
        statuses.append(answer.status_code)
    assert statuses == [200, 200, 429]
    assert answer["Retry-After"]
    assert answer.json()["error"]["code"] == "too_many"


def test_a_sign_up_limit_counts_ipv6_by_its_64(client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_up": "1/3600"}
    first = client.post(
        API,
        {**GOOD, "password": PASSWORD},
        content_type="application/json",
        REMOTE_ADDR="2001:db8::1",
    )
    second = client.post(
        API,
        {**GOOD, "username": "fred", "email": "f@example.com", "password": PASSWORD},
        content_type="application/json",
        REMOTE_ADDR="2001:db8::2",
    )
    assert (first.status_code, second.status_code) == (200, 429)


def test_a_confirmation_goes_out_in_our_words(client):
    sign_up(client)
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == ["erin@example.com"]
    assert "http" in mail.outbox[0].body


def test_with_mandatory_confirmation_nobody_is_in_before_it(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    answer = sign_up(client)
    assert answer.status_code == 401
    assert answer.json()["meta"]["is_authenticated"] is False


def test_a_body_that_is_no_json_is_refused(client):
    answer = client.post(API, "{", content_type="application/json")
    assert answer.status_code == 400
