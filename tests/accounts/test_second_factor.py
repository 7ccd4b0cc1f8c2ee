"""The second factor: setting it up, logging in with it, recovery codes, and no way around it."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail

from accounts import second_factor
from tests.makers import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
ROOT = "/accounts/second-factor/"
LOG_IN = "/_allauth/app/v1/auth/login"
SECOND = "/_allauth/app/v1/auth/2fa/authenticate"


def code_of(secret, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def alice(make_person):
    return make_person("alice", is_staff=True, is_superuser=True)


@pytest.fixture
def page(browser, alice):
    """Alice's browser, a moment after she proved that it is her."""
    page = browser.as_(alice)
    page.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return page


@pytest.fixture
def secret(page):
    """The key of the app that alice set up."""
    form = page.get(ROOT + "totp/activate/").context["form"]
    answer = page.post(ROOT + "totp/activate/", {"code": code_of(form.secret)})
    assert answer.status_code == 302, answer.content.decode()
    return form.secret


def recovery_codes(alice):
    return Authenticator.objects.get(user=alice, type="recovery_codes").wrap().get_unused_codes()


def test_an_app_is_set_up_with_the_code_it_shows(page, secret, alice):
    assert second_factor.state(alice).app
    assert second_factor.is_on(alice)
    shown = page.get("/settings/security/").content.decode()
    assert "asks for one of these too" in shown


def test_a_wrong_code_sets_nothing_up(page, alice):
    page.get(ROOT + "totp/activate/")
    answer = page.post(ROOT + "totp/activate/", {"code": "000000"})
    assert answer.status_code == 200
    assert "not right" in answer.content.decode()
    assert not second_factor.is_on(alice)


def test_setting_up_asks_who_is_there(browser, alice):
    answer = browser.as_(alice).get(ROOT + "totp/activate/")
    assert "/accounts/reauthenticate/" in answer["Location"]


def test_setting_up_is_told_by_mail(page, alice, django_capture_on_commit_callbacks):
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    form = page.get(ROOT + "totp/activate/").context["form"]
    with django_capture_on_commit_callbacks(execute=True):
        page.post(ROOT + "totp/activate/", {"code": code_of(form.secret)})
    assert any("uthenticator" in message.subject for message in mail.outbox)


def test_secrets_are_not_stored_in_the_clear(secret, alice):
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert recovery_codes(alice)[0] not in kept


def test_a_new_secret_key_still_opens_them_through_its_fallback(secret, alice, settings):
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another-one-" + "y" * 40
    settings.SECRET_KEY_FALLBACKS = [old]
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code_of(secret, 1))


def test_the_password_alone_does_not_log_in_any_more(browser, secret):
    answer = browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert answer["Location"].startswith(ROOT + "authenticate/")
    assert browser.get("/settings/security/").status_code == 302


def test_password_and_code_log_in(browser, secret):
    browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert browser.get(ROOT + "authenticate/").status_code == 200
    browser.post(ROOT + "authenticate/", {"code": code_of(secret, 1)})
    assert browser.get("/settings/security/").status_code == 200


def test_a_code_works_once(browser, secret):
    code = code_of(secret, 1)
    for _time in range(2):
        browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
        answer = browser.post(ROOT + "authenticate/", {"code": code})
        browser.post("/accounts/logout/")
    assert answer.status_code == 200
    assert "not right" in answer.content.decode()


def test_a_recovery_code_logs_in_once(browser, secret, alice):
    code = recovery_codes(alice)[0]
    browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    browser.post(ROOT + "authenticate/", {"code": code})
    assert browser.get("/settings/security/").status_code == 200
    assert code not in recovery_codes(alice)


def test_programs_log_in_with_the_second_factor_too(client, secret, api):
    begun = client.post(LOG_IN, {"username": "alice", "password": PASSWORD}, content_type="application/json")
    assert begun.status_code == 401
    token = begun.json()["meta"]["session_token"]
    assert api.get("/api/v1/me/", HTTP_X_SESSION_TOKEN=token).status_code == 401
    client.cookies.clear()
    done = client.post(
        SECOND, {"code": code_of(secret, 1)}, content_type="application/json", HTTP_X_SESSION_TOKEN=token
    )
    assert done.status_code == 200, done.content
    token = done.json()["meta"]["session_token"]
    assert api.get("/api/v1/me/", HTTP_X_SESSION_TOKEN=token).status_code == 200


def test_the_code_of_a_text_or_mail_does_not_replace_it(browser, secret):
    import re

    browser.post("/accounts/login/code/", {"login": "alice@example.com"})
    code = re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]
    answer = browser.post("/accounts/login/code/confirm/", {"code": code})
    assert answer["Location"].startswith(ROOT + "authenticate/")


def test_the_admins_own_page_is_no_way_around_it(browser, secret):
    answer = browser.post("/admin/login/", {"username": "alice", "password": PASSWORD})
    assert answer.status_code == 200
    assert "second factor" in answer.content.decode()
    assert browser.get("/admin/").status_code == 302


def test_guesses_of_the_second_step_are_limited(browser, secret):
    browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    for _try in range(6):
        answer = browser.post(ROOT + "authenticate/", {"code": "000000"})
    assert "Too many tries" in answer.content.decode()
    answer = browser.post(ROOT + "authenticate/", {"code": code_of(secret, 1)})
    assert browser.get("/settings/security/").status_code == 302


def test_it_can_be_turned_off(page, secret, alice):
    assert page.post(ROOT + "totp/deactivate/").status_code == 302
    assert not second_factor.is_on(alice)


def test_new_recovery_codes_replace_the_old(page, secret, alice):
    old = set(recovery_codes(alice))
    assert page.post(ROOT + "recovery-codes/generate/").status_code == 302
    new = set(recovery_codes(alice))
    assert len(new) == 10
    assert not old & new
    shown = page.get(ROOT + "recovery-codes/").content.decode()
    assert all(code in shown for code in new)


@pytest.mark.parametrize(
    "path",
    ["totp/activate/", "webauthn/", "webauthn/add/", "recovery-codes/"],
)
def test_every_page_has_the_sites_look(page, secret, path):
    answer = page.get(ROOT + path, follow=True)
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert 'id="main"' in shown
    assert 'style="' not in shown


BAD_CREDENTIALS = [
    "",
    "{",
    "[]",
    "{}",
    '{"id": 1}',
    '{"response": null}',
    '"text"',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", "attestationObject": "AA"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", "authenticatorData": "AA",'
    ' "signature": "AA", "userHandle": "MQ"}}',
]


@pytest.mark.parametrize("credential", BAD_CREDENTIALS)
def test_a_credential_that_is_none_is_refused_and_not_an_error(browser, page, secret, credential):
    assert page.post(ROOT + "webauthn/add/", {"name": "x", "credential": credential}).status_code == 200
    answer = browser.post(ROOT + "webauthn/login/", {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")


@pytest.mark.parametrize("credential", BAD_CREDENTIALS)
def test_programs_get_a_sentence_for_such_a_credential(client, secret, credential):
    import json

    try:
        body = {"credential": json.loads(credential or "null")}
    except ValueError:
        body = {"credential": credential}
    answer = client.post("/_allauth/app/v1/auth/webauthn/login", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"]
