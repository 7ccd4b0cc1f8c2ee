"""Phone numbers: signing up and logging in with one, changing it, and the texts that go out."""

import re

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from socialapp.lib import sms
from socialapp.lib.errors import TooMany
from tests.makers import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
NUMBER = "+33612345678"
SIGN_UP = "/_allauth/app/v1/auth/signup"
LOG_IN = "/_allauth/app/v1/auth/login"
REQUEST = "/_allauth/app/v1/auth/code/request"
CONFIRM = "/_allauth/app/v1/auth/code/confirm"
VERIFY = "/_allauth/app/v1/auth/phone/verify"
GOOD = {
    "username": "erin",
    "phone": "+33 6 12 34 56 78",
    "birth_date": "1990-02-28",
    "password": "quite-a-long-one-7",
}


@pytest.fixture(autouse=True)
def texts(monkeypatch):
    """The texts that went out, as (number, text)."""
    sent = []
    monkeypatch.setattr(sms, "send", lambda number, text: sent.append((number, text)))
    return sent


@pytest.fixture(autouse=True)
def _confirmation_can_wait(settings):
    """As in the embedded default, whichever engines this run has."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"
    settings.ACCOUNT_PHONE_VERIFICATION_ENABLED = False


@pytest.fixture
def confirmation_first(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_PHONE_VERIFICATION_ENABLED = True


@pytest.fixture
def erin(make_person):
    return make_person("erin", phone=NUMBER, phone_verified_at=timezone.now())


def send(client, url, data, token=None, method="post"):
    headers = {"HTTP_X_SESSION_TOKEN": token} if token else {}
    client.cookies.clear()
    return getattr(client, method)(url, data, content_type="application/json", **headers)


def code_in(text):
    return re.search(r"\b\d{6}\b", text)[0]


def another(code):
    return f"{(int(code) + 1) % 10**6:06d}"


# --- Signing up ---


def test_a_number_instead_of_an_address_signs_in_at_once(client, api, texts):
    answer = send(client, SIGN_UP, GOOD)
    assert answer.status_code == 200, answer.content
    token = answer.json()["meta"]["session_token"]
    assert api.get("/api/v1/me/", HTTP_X_SESSION_TOKEN=token).json()["username"] == "erin"
    person = User.objects.get()
    assert (str(person.phone), person.phone_verified_at) == (NUMBER, None)
    assert [number for number, _text in texts] == [NUMBER]


def test_the_texted_code_confirms_the_number(client, texts):
    token = send(client, SIGN_UP, GOOD).json()["meta"]["session_token"]
    code = code_in(texts[0][1])
    wrong = send(client, VERIFY, {"code": another(code)}, token)
    assert wrong.status_code == 400
    assert "wrong" in wrong.json()["errors"][0]["message"]
    assert send(client, VERIFY, {"code": code}, token).status_code == 200
    assert User.objects.get().phone_verified_at is not None


def test_neither_address_nor_number_is_refused(client):
    answer = send(client, SIGN_UP, {**GOOD, "phone": ""})
    assert answer.status_code == 400
    assert "or a phone number" in answer.json()["errors"][0]["message"]
    assert not User.objects.exists()


@pytest.mark.parametrize("phone", ["0612345678", "+33", "call me", "+999999999999", "+33 6 12"])
def test_what_is_no_number_is_said_beside_it(client, phone):
    answer = send(client, SIGN_UP, {**GOOD, "phone": phone})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["param"] == "phone"


@pytest.mark.parametrize("phone", ["0033612345678", "+33 (6) 12.34.56-78", " +33612345678 "])
def test_a_number_may_be_written_as_people_write_it(client, phone):
    assert send(client, SIGN_UP, {**GOOD, "phone": phone}).status_code == 200
    assert str(User.objects.get().phone) == NUMBER


def test_the_page_takes_a_number(browser):
    fields = {**GOOD, "password1": GOOD["password"]}
    assert browser.post("/accounts/signup/", fields).status_code == 302
    assert str(User.objects.get().phone) == NUMBER


def test_a_confirmed_number_makes_no_second_account(client, erin):
    answer = send(client, SIGN_UP, {**GOOD, "username": "fred"})
    assert answer.status_code in (400, 401, 409)
    assert User.objects.count() == 1


def test_a_number_that_nobody_confirmed_keeps_nobody_out(client, make_person):
    squatter = make_person("squatter", phone=NUMBER)
    assert send(client, SIGN_UP, GOOD).status_code == 200
    squatter.refresh_from_db()
    assert squatter.phone is None


def test_where_confirming_comes_first_the_code_lets_in(client, texts, confirmation_first):
    answer = send(client, SIGN_UP, GOOD)
    assert answer.status_code == 401
    flows = {flow["id"]: flow for flow in answer.json()["data"]["flows"]}
    assert flows["verify_phone"]["is_pending"]
    token = answer.json()["meta"]["session_token"]
    done = send(client, VERIFY, {"code": code_in(texts[0][1])}, token)
    assert done.status_code == 200, done.content
    assert done.json()["meta"]["is_authenticated"]
    assert User.objects.get().phone_verified_at is not None


def test_where_confirming_comes_first_a_taken_number_looks_like_a_free_one(
    client, erin, texts, confirmation_first
):
    taken = send(client, SIGN_UP, {**GOOD, "username": "fred"})
    free = send(client, SIGN_UP, {**GOOD, "username": "gina", "phone": "+33698765432"})

    def shape(answer):
        return answer.status_code, re.sub(r'"session_token": "[^"]+"', "", answer.content.decode())

    assert shape(taken) == shape(free)
    assert [number for number, _text in texts] == [NUMBER, "+33698765432"]
    assert not re.search(r"\b\d{6}\b", texts[0][1])


# --- Logging in ---


@pytest.mark.parametrize("confirmed", [True, False])
def test_the_number_and_the_password_log_in(client, make_person, confirmed):
    make_person("fred", phone=NUMBER, phone_verified_at=timezone.now() if confirmed else None)
    assert send(client, LOG_IN, {"phone": NUMBER, "password": PASSWORD}).status_code == 200
    assert send(client, LOG_IN, {"phone": NUMBER, "password": "wrong"}).status_code == 400


def test_the_log_in_page_takes_a_number_with_spaces(browser, erin):
    answer = browser.post("/accounts/login/", {"login": "+33 6 12 34 56 78", "password": PASSWORD})
    assert answer.status_code == 302


def test_a_texted_code_logs_in(client, api, erin, texts):
    begun = send(client, REQUEST, {"phone": NUMBER})
    assert begun.status_code == 401
    token = begun.json()["meta"]["session_token"]
    done = send(client, CONFIRM, {"code": code_in(texts[0][1])}, token)
    assert done.status_code == 200, done.content
    token = done.json()["meta"]["session_token"]
    assert api.get("/api/v1/me/", HTTP_X_SESSION_TOKEN=token).json()["username"] == "erin"


@pytest.mark.parametrize("typed", ["+33 6 12 34 56 78", "erin@example.com"])
def test_the_page_sends_a_code_to_either(browser, make_person, texts, typed):
    make_person("erin", phone=NUMBER, phone_verified_at=timezone.now())
    page = browser.post(
        "/accounts/login/code/?next=/explore/", {"login": typed, "next": "/explore/"}, follow=True
    )
    assert page.status_code == 200
    assert 'name="code"' in page.content.decode()
    sent = texts[0][1] if texts else mail.outbox[0].body
    where = page.redirect_chain[-1][0]
    assert browser.post(where, {"code": code_in(sent)})["Location"] == "/explore/"


def test_the_code_is_nowhere_in_the_session(client, erin, texts):
    from importlib import import_module

    from django.conf import settings

    token = send(client, REQUEST, {"phone": NUMBER}).json()["meta"]["session_token"]
    store = import_module(settings.SESSION_ENGINE).SessionStore(token)
    kept = str(dict(store.items()))
    assert kept != "{}"
    assert code_in(texts[0][1]) not in kept


def test_three_wrong_codes_end_the_flow(client, erin, texts):
    token = send(client, REQUEST, {"phone": NUMBER}).json()["meta"]["session_token"]
    code = code_in(texts[0][1])
    for _try in range(3):
        assert send(client, CONFIRM, {"code": another(code)}, token).status_code in (400, 401, 429)
    assert send(client, CONFIRM, {"code": code}, token).status_code in (409, 410)


def test_a_number_that_nobody_confirmed_gets_no_log_in_code(client, make_person, texts):
    make_person("fred", phone=NUMBER)
    assert send(client, REQUEST, {"phone": NUMBER}).status_code == 401
    assert not texts


def test_a_suspended_person_is_told_so_after_the_code_and_not_let_in(client, erin, texts):
    User.objects.update(is_active=False)
    token = send(client, REQUEST, {"phone": NUMBER}).json()["meta"]["session_token"]
    done = send(client, CONFIRM, {"code": code_in(texts[0][1])}, token)
    assert done.status_code in (401, 403, 409)
    assert not done.json().get("meta", {}).get("is_authenticated")


# --- Changing and confirming ---


def test_the_number_is_changed_by_confirming_the_new_one(browser, erin, texts):
    page = browser.as_(erin)
    page.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert page.post("/accounts/phone/change/", {"phone": "+33698765432"}).status_code == 302
    erin.refresh_from_db()
    assert str(erin.phone) == NUMBER
    assert texts[-1][0] == "+33698765432"
    page.post("/accounts/phone/verify/", {"code": code_in(texts[-1][1])})
    erin.refresh_from_db()
    assert str(erin.phone) == "+33698765432"
    assert erin.phone_verified_at is not None


def test_an_open_screen_is_not_enough_to_change_the_number(browser, erin, texts):
    answer = browser.as_(erin).post("/accounts/phone/change/", {"phone": "+33698765432"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not texts


def test_a_gateway_that_is_away_is_a_sentence_on_the_page(browser, erin, monkeypatch):
    def away(number, text):
        raise sms.NotSent()

    monkeypatch.setattr(sms, "send", away)
    page = browser.as_(erin)
    page.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = page.post("/accounts/phone/change/", {"phone": "+33698765432"})
    assert answer.status_code == 503
    assert "could not be sent" in answer.content.decode()


# --- How many texts ---


def count(number=NUMBER, address="192.0.2.1"):
    from accounts import phones

    phones.count_text(number, address)


@pytest.mark.parametrize(
    ("cap", "events"),
    [
        ("sms_number", [(NUMBER, f"192.0.2.{n}") for n in range(3)]),
        ("sms_number_day", [(NUMBER, f"192.0.2.{n}") for n in range(3)]),
        ("sms_prefix", [(f"+3361234567{n}", f"192.0.2.{n}") for n in range(3)]),
        ("sms_address", [(f"+33{n}12345678", "192.0.2.1") for n in range(3)]),
        ("sms_address", [(f"+33{n}12345678", f"2001:db8::{n}") for n in range(3)]),
        ("sms_day", [(f"+33{n}12345678", f"192.0.2.{n}") for n in range(3)]),
    ],
)
def test_texts_are_capped(settings, cap, events):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, cap: "2/3600"}
    for event in events[:2]:
        count(*event)
    with pytest.raises(TooMany):
        count(*events[2])


def test_a_refused_text_uses_up_no_other_cap(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sms_number": "1/3600", "sms_day": "2/86400"}
    count()
    for _again in range(5):
        with pytest.raises(TooMany):
            count()
    count("+33698765432")


def test_a_number_with_and_without_an_account_meet_the_same_cap(client, erin, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sms_number": "1/3600"}
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": None}
    for number in (NUMBER, "+33698765432"):
        answers = [send(client, REQUEST, {"phone": number}) for _twice in range(2)]
        assert [answer.status_code for answer in answers] == [401, 429]
        assert answers[1].json()["error"]["code"] == "too_many"
