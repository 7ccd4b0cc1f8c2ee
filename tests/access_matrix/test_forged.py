"""A request that another site makes a browser send changes nothing: no CSRF token, no deed."""

import json

import pytest
from rest_framework.test import APIClient

from .routes import ROUTES
from .world import make_world

UNSAFE = [(p, c) for p, calls in ROUTES.items() for c in calls if c.method not in ("GET", "HEAD", "OPTIONS")]


@pytest.fixture
def world(make_person, make_video):
    return make_world(make_person, make_video)


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
