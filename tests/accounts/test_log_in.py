"""Logging in and out, by page, by API and in the admin; guessing, suspension, coming back, resets, sessions."""

import json
import re

import pytest
from django.core import mail

from accounts import actions
from accounts.models import User

PAGE = "/accounts/login/"
API = "/_allauth/app/v1/auth/login"
PASSWORD = "demo-password"


@pytest.fixture(autouse=True)
def _confirmation_can_wait(settings):
    """As in the embedded default, whichever engines this run has."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"


def log_in(client, username="alice", password=PASSWORD, **extra):
    return client.post(
        API, {"username": username, "password": password}, content_type="application/json", **extra
    )


@pytest.fixture
def alice(make_person):
    from allauth.account.models import EmailAddress

    person = make_person("alice")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


@pytest.mark.parametrize("name", ["alice", "ALICE", "alice@example.com"])
def test_the_page_takes_name_or_address(browser, alice, name):
    answer = browser.post(PAGE, {"login": name, "password": PASSWORD, "next": "/explore/"})
    assert (answer.status_code, answer["Location"]) == (302, "/explore/")


def test_the_api_gives_a_token_that_ends_with_log_out(client, api, alice):
    token = log_in(client).json()["meta"]["session_token"]
    assert api.get("/api/v1/me/", HTTP_X_SESSION_TOKEN=token).status_code == 200
    client.delete("/_allauth/app/v1/auth/session", HTTP_X_SESSION_TOKEN=token)
    assert api.get("/api/v1/me/", HTTP_X_SESSION_TOKEN=token).status_code == 401


def test_the_api_takes_an_address_too(client, alice):
    answer = client.post(
        API, {"email": "alice@example.com", "password": PASSWORD}, content_type="application/json"
    )
    assert answer.status_code == 200


def test_a_wrong_password_and_an_absent_account_answer_alike(client, browser, alice):
    assert log_in(client, "alice", "wrong").content == log_in(client, "nobody", "wrong").content
    pages = []
    for name in ("alice", "nobody"):
        text = browser.post(PAGE, {"login": name, "password": "wrong"}).content.decode().replace(name, "X")
        pages.append(
            re.sub(r'name="visit" content="[^"]+"|nonce="[^"]*"|(content|value)="[^"]{64}"', "", text)
        )
    assert pages[0] == pages[1]
    assert "Check both and try again" in pages[0]


def test_many_guesses_are_refused_also_with_the_right_password(client, alice):
    for _attempt in range(12):
        answer = log_in(client, "alice", "wrong")
    assert answer.status_code in (400, 429)
    assert log_in(client).status_code in (400, 429)
    other = log_in(client, "nobody", "wrong")
    for _attempt in range(12):
        other = log_in(client, "nobody", "wrong")
    assert (other.status_code, other.content) == (answer.status_code, answer.content)


def test_the_admin_locks_guesses_out(browser, make_person):
    make_person("root", is_staff=True, is_superuser=True)
    for _attempt in range(10):
        answer = browser.post("/admin/login/", {"username": "root", "password": "wrong"})
    assert answer.status_code == 429
    answer = browser.post("/admin/login/", {"username": "root", "password": PASSWORD})
    assert answer.status_code == 429
    assert "_auth_user_id" not in browser.session


def test_axes_counts_an_address_as_a_name(alice, rf):
    from accounts.adapter import login_name

    assert login_name(None, {"email": "Alice@Example.com"}) == "alice@example.com"
    assert login_name(rf.post("/", {"login": "Bob"})) == "bob"


def test_a_suspended_person_gets_a_sentence_and_no_session(browser, client, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    answer = browser.post(PAGE, {"login": "alice", "password": PASSWORD}, follow=True)
    assert "suspended" in answer.content.decode()
    assert "_auth_user_id" not in browser.session
    assert "session_token" not in log_in(client).json().get("meta", {})


def test_a_suspension_ends_sessions_and_tokens_at_once(browser, client, api, alice):
    token = log_in(client).json()["meta"]["session_token"]
    page = browser.as_(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert api.get("/api/v1/me/", HTTP_X_SESSION_TOKEN=token).status_code == 401
    assert page.get("/settings/profile/").status_code == 302


def test_deactivated_then_back_by_logging_in(browser, api, alice, make_person):
    bob = make_person("bob")
    page = browser.as_(alice)
    assert page.post("/settings/account/deactivate/").status_code == 302
    assert api.as_(bob).get("/api/v1/users/alice/").status_code == 404
    assert page.get("/settings/profile/").status_code == 302
    page.post(PAGE, {"login": "alice", "password": PASSWORD})
    assert api.as_(bob).get("/api/v1/users/alice/").status_code == 200
    assert page.get("/settings/profile/").status_code == 200


def test_deactivating_by_api_ends_every_token(client, api, alice):
    tokens = [log_in(client).json()["meta"]["session_token"] for _device in range(2)]
    assert api.post("/api/v1/me/deactivate/", HTTP_X_SESSION_TOKEN=tokens[0]).status_code == 204
    assert [api.get("/api/v1/me/", HTTP_X_SESSION_TOKEN=token).status_code for token in tokens] == [401, 401]


def test_restoring_twice_is_restoring_once(alice):
    actions.deactivate(alice)
    alice.refresh_from_db()
    actions.restore(alice)
    actions.restore(alice)
    alice.refresh_from_db()
    assert alice.is_visible


def test_logging_out_needs_a_post(browser, alice):
    page = browser.as_(alice)
    assert page.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in page.session
    page.post("/accounts/logout/")
    assert "_auth_user_id" not in page.session


def test_a_password_is_reset_by_mail_and_the_answer_tells_nothing(browser, alice):
    answers = [
        browser.post("/accounts/password/reset/", {"email": address}, follow=True)
        for address in ("alice@example.com", "nobody@example.com")
    ]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    message = next(m for m in mail.outbox if m.to == ["alice@example.com"])
    link = re.search(r"http://testserver(\S+)", message.body)[1]
    form = browser.get(link, follow=True)
    action = form.redirect_chain[-1][0]
    browser.post(action, {"password1": "another-long-one-9", "password2": "another-long-one-9"})
    assert User.objects.get(pk=alice.pk).check_password("another-long-one-9")
    assert "no longer works" in browser.get(link, follow=True).content.decode()


def test_the_site_speaks_the_persons_language_after_log_in(browser, alice):
    User.objects.filter(pk=alice.pk).update(language="fr")
    answer = browser.post(PAGE, {"login": "alice", "password": PASSWORD})
    assert answer.cookies["django_language"].value == "fr"


@pytest.mark.parametrize(
    "path",
    [
        "login/",
        "signup/",
        "password/reset/",
        "password/reset/done/",
        "inactive/",
        "confirm-email/",
        "confirm-email/nonsense/",
        "password/reset/key/0-nonsense/",
        "password/reset/key/done/",
    ],
)
@pytest.mark.django_db
def test_pages_before_log_in_have_the_sites_look(browser, path):
    page = browser.get("/accounts/" + path)
    assert page.status_code == 200
    assert 'id="main"' in page.content.decode()


@pytest.mark.parametrize("path", ["email/", "password/change/", "logout/", "sessions/", "reauthenticate/"])
def test_pages_after_log_in_have_the_sites_look(browser, alice, path):
    page = browser.as_(alice).get("/accounts/" + path, follow=True)
    assert page.status_code == 200
    assert 'id="main"' in page.content.decode()


def test_the_address_is_changed_by_confirming_the_new_one(browser, alice):
    page = browser.as_(alice)
    page.post("/accounts/email/", {"email": "new@example.com", "action_add": ""})
    assert not mail.outbox  # an open screen is not enough
    page.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page.post("/accounts/email/", {"email": "new@example.com", "action_add": ""})
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    message = next(m for m in mail.outbox if m.to == ["new@example.com"])
    link = re.search(r"http://testserver(\S+)", message.body)[1]
    page.post(link)
    alice.refresh_from_db()
    assert alice.email == "new@example.com"


@pytest.mark.parametrize("name", ["\\ud800", "a\\u0000b", "\\ud83d"])
@pytest.mark.parametrize("field", ["username", "password", "phone", "email"])
@pytest.mark.parametrize("path", ["login", "signup", "code/request", "password/request"])
@pytest.mark.django_db
def test_half_characters_are_refused_and_not_an_error(client, path, field, name):
    fields = {"username": "erin", "password": "demo-password-7", "birth_date": "1990-01-01", field: "HERE"}
    body = json.dumps(fields).replace("HERE", name)
    answer = client.post("/_allauth/app/v1/auth/" + path, body, content_type="application/json")
    assert answer.status_code in (400, 401)


@pytest.mark.django_db
def test_a_code_asked_for_nobody_is_refused_and_not_an_error(client):
    answer = client.post("/_allauth/app/v1/auth/code/request", {}, content_type="application/json")
    assert answer.status_code == 400
    assert "e-mail address or a phone number" in answer.json()["errors"][0]["message"]
