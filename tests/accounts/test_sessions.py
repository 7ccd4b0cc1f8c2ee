"""Where somebody is logged in, on the security page: named, and ended one by one or all at once."""

import pytest
from allauth.usersessions.models import UserSession

from accounts import sessions
from tests.makers import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
PAGE = "/settings/security/"
LOG_IN = "/_allauth/app/v1/auth/login"
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"


@pytest.fixture
def alice(make_person):
    return make_person("alice")


@pytest.fixture
def here(browser, alice):
    """A browser in which alice logged in."""
    browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    return browser


@pytest.fixture
def token(client, alice):
    """A program's log-in of alice's."""
    answer = client.post(
        LOG_IN,
        {"username": "alice", "password": PASSWORD},
        content_type="application/json",
        HTTP_USER_AGENT=PHONE,
    )
    return answer.json()["meta"]["session_token"]


def works(api, token):
    return api.get("/api/v1/me/", HTTP_X_SESSION_TOKEN=token).status_code == 200


def id_of(token):
    return UserSession.objects.get(session_key=token).pk


def test_the_page_names_each_place_and_this_one(here, token):
    page = here.get(PAGE).content.decode()
    assert "Chrome on Android" in page
    assert page.count("this one") == 1


def test_one_log_in_is_ended_and_the_others_stay(here, token, api):
    answer = here.post(f"{PAGE}log-ins/{id_of(token)}/end/")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert not works(api, token)
    assert here.get(PAGE).status_code == 200


def test_all_others_are_ended_at_once(here, token, api):
    here.post(f"{PAGE}log-ins/end-others/")
    assert not works(api, token)
    assert here.get(PAGE).status_code == 200
    assert UserSession.objects.count() == 1


def test_ending_this_one_logs_out(here):
    answer = here.post(f"{PAGE}log-ins/{UserSession.objects.get().pk}/end/")
    assert answer["Location"] == "/accounts/login/"
    assert here.get(PAGE).status_code == 302


def test_a_strangers_log_in_is_not_there(browser, make_person, token, api):
    answer = browser.as_(make_person("dave")).post(f"{PAGE}log-ins/{id_of(token)}/end/")
    assert answer.status_code == 404
    assert works(api, token)


def test_a_program_ends_them_too(client, api, token, here):
    other = UserSession.objects.exclude(session_key=token).get()
    answer = client.delete(
        "/_allauth/app/v1/auth/sessions",
        {"sessions": [other.pk]},
        content_type="application/json",
        HTTP_X_SESSION_TOKEN=token,
    )
    assert answer.status_code == 200
    assert here.get(PAGE).status_code == 302


@pytest.mark.parametrize("path", ["/accounts/sessions/", "/accounts/second-factor/"])
def test_the_old_addresses_lead_to_the_security_page(here, path):
    assert here.get(path)["Location"] == PAGE


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (PHONE, "Chrome on Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        ("my-script/1.0", "my-script/1.0"),
        ("", "Unknown device"),
    ],
)
def test_a_device_is_named_in_words(user_agent, words):
    assert sessions.device(user_agent) == words


def test_a_new_password_ends_the_other_log_ins(here, token, api):
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    new = "another-long-one-9"
    answer = here.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert answer.status_code == 302
    assert not works(api, token)
    assert here.get(PAGE).status_code == 200
