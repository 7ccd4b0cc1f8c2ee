"""A request that another site makes a browser send changes nothing: no CSRF token, no deed."""

import json
from urllib.parse import urlencode

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from .routes import ROUTES

# The address itself is the key here, and no cookie is looked at: there is nothing to forge.
BY_ADDRESS = frozenset(
    {
        "api/v1/decisions/<str:token>/appeal/",
        "notifications/unsubscribe/<str:token>/",
        "people/follow-back/stop/<str:token>/",
    }
)
UNSAFE = [
    (p, c)
    for p, calls in ROUTES.items()
    for c in calls
    if c.method not in ("GET", "HEAD", "OPTIONS") and p not in BY_ADDRESS
]


@pytest.fixture
def world(settled, db):
    return settled


@pytest.mark.parametrize(("pattern", "call"), UNSAFE, ids=[f"{c.method} {p}" for p, c in UNSAFE])
def test_a_forged_request_is_refused(pattern, call, world):
    """As alice's browser would send it from elsewhere: her cookie, no token."""
    forger = APIClient(enforce_csrf_checks=True)
    forger.force_login(world.normal.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    account, state = call.subjects(world)[0]
    url = "/" + call.fill(pattern, world, account, state)
    body = json.dumps(call.payload(world, account, state))
    response = forger.generic(call.method, url, body, content_type="application/json", **call.headers)
    assert response.status_code == 403


@pytest.mark.parametrize(
    "next_url", ["https://evil.example/", "//evil.example/", r"/\evil.example/", "javascript:alert(1)"]
)
def test_logging_in_leads_nowhere_else(next_url, cast, client):
    response = client.post(
        "/accounts/login/", {"login": "alice", "password": "demo-password", "next": next_url}
    )
    assert response.status_code == 302
    assert response["Location"].startswith("/")
    assert not response["Location"].startswith(("//", "/\\"))


EVIL = "//evil.example/"


def leads_away(response):
    """Whether an answer sends a browser to another site."""
    location = response.get("Location", "")
    return location.startswith(("//", "/\\", "javascript:")) or "://" in location.replace(
        "http://testserver/", ""
    )


def test_no_address_redirects_to_where_it_was_asked_to(world, browser, settings):
    """Every page, asked with the usual names for a target in query, body and Referer."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "100000/1")
    asked = "&".join(f"{name}={EVIL}" for name in ("next", "url", "redirect", "return_to", "continue"))
    body = dict.fromkeys(("next", "url", "redirect", "return_to", "continue"), EVIL)
    wrong = []
    for viewer in ("owner", "anonymous"):
        client = browser.as_(world.normal.owner) if viewer == "owner" else browser
        for pattern, calls in ROUTES.items():
            for call in calls:
                if not call.is_page or call.method not in ("GET", "POST"):
                    continue
                account, state = call.subjects(world)[0]
                url = "/" + call.fill(pattern, world, account, state)
                url += ("&" if "?" in url else "?") + asked
                with transaction.atomic():
                    answer = client.generic(
                        call.method,
                        url,
                        urlencode(body | (call.payload(world, account, state) or {}))
                        if call.method == "POST"
                        else "",
                        content_type="application/x-www-form-urlencoded",
                        headers={"Referer": "https://evil.example/"},
                    )
                    transaction.set_rollback(True)
                if leads_away(answer):
                    wrong.append(f"{viewer} {call.method} {pattern} → {answer['Location']}")
    assert wrong == []


def test_logging_in_by_program_is_never_done_by_cookie(cast):
    """allauth's JSON answers to session tokens only; its form for cookies is not there, so there is nothing to forge."""
    forger = APIClient(enforce_csrf_checks=True)
    forger.force_login(cast.alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    for path in (
        "auth/login",
        "auth/signup",
        "auth/password/request",
        "account/password/change",
        "account/email",
    ):
        answer = forger.post(f"/_allauth/browser/v1/{path}", {}, format="json")
        assert answer.status_code in {403, 404}
    answer = forger.delete("/_allauth/app/v1/auth/session")
    assert answer.status_code == 401
    assert forger.get("/api/v1/me/").status_code == 200


@pytest.mark.parametrize(
    "path", ["login/", "logout/", "signup/", "password/change/", "email/", "password/reset/"]
)
def test_the_pages_of_an_account_ask_for_a_token(path, cast):
    forger = APIClient(enforce_csrf_checks=True)
    if path not in {"login/", "signup/", "password/reset/"}:
        forger.force_login(cast.alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert forger.post(f"/accounts/{path}", {}, format="multipart").status_code == 403
