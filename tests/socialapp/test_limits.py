"""Limits: every write counts for its person and its address; past the limit it is 429 with the time to wait."""

import ast
import json
from itertools import count
from pathlib import Path

import pytest
import redis
from django.conf import settings as configured

from socialapp import limits
from socialapp.lib import ratelimit
from tests.access_matrix.routes import ROUTES

UNSAFE = sorted({(p, c.method) for p, calls in ROUTES.items() for c in calls if c.method not in limits.SAFE})
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def few(settings):
    """Two of everything an hour for a person, four for an address."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "2/3600")
    settings.ADDRESS_FACTOR = 2


@pytest.mark.parametrize(("route", "method"), UNSAFE, ids=[f"{m} {p}" for p, m in UNSAFE])
def test_a_write_counts_under_a_known_limit_or_says_why_not(route, method):
    scope = limits.scope_of(route, method)
    if scope is None:
        assert any(reason for prefix, reason in limits.FREE.items() if route.startswith(prefix))
    else:
        assert scope in configured.RATE_LIMITS


def test_what_is_named_is_there():
    """A route that was renamed would fall back to "write" unnoticed."""
    assert set(limits.SCOPES) <= set(ROUTES)


def test_every_scope_of_a_route_is_counted_for_the_person_by_an_action():
    counted = set()
    for app in ("accounts", "privacy", "videos", "messaging", "analytics"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "limit" and node.args:
                    counted.add(getattr(node.args[0], "value", None))
    assert set(limits.SCOPES.values()) <= counted


def test_the_operators_page_tells_every_limit():
    page = (ROOT / "docs" / "operating.md").read_text()
    assert [name for name in configured.RATE_LIMITS if f"`{name}`" not in page] == []
    assert [name for name in configured.HOLDS if f"`{name}`" not in page] == []


DEEDS = {
    "follow": ("POST", "users/carol/follow/", {}),
    "block": ("POST", "users/dave/block/", {}),
    "mute": ("POST", "users/dave/mute/", {}),
    "restrict": ("POST", "users/dave/restrict/", {}),
    "like": ("POST", "videos/{clip}/like/", {}),
    "save": ("POST", "videos/{clip}/save/", {}),
    "comment": ("POST", "videos/{clip}/comments/", {"text": "Lovely"}),
    "share": ("POST", "videos/{clip}/share/", {"channel": "link"}),
    "report": (
        "POST",
        "reports/",
        {"target": {"type": "video", "id": "{clip}"}, "reason": "spam", "note": ""},
    ),
    "profile": ("PATCH", "me/", {"bio": "Hello"}),
    "settings": ("PATCH", "me/privacy/", {"read_receipts": False}),
    "collection": ("POST", "collections/", {"name": "Evening {n}"}),
    "conversation": ("POST", "conversations/", {"usernames": ["carol"]}),
    "read marks": ("POST", "notifications/read/", {}),
}


NUMBERS = count(1)


def send(client, clip, deed, **more):
    method, path, body = DEEDS[deed]
    text = json.dumps(body).replace("{clip}", str(clip)).replace("{n}", str(next(NUMBERS)))
    url = "/api/v1/" + path.format(clip=clip)
    return client.generic(method, url, text, content_type="application/json", **more)


@pytest.mark.engines
@pytest.mark.parametrize("deed", DEEDS)
def test_past_a_persons_limit_there_is_a_429_with_the_time_to_wait(
    few, api, cast, make_video, deed, settings
):
    settings.ADDRESS_FACTOR = 100
    clip, client = make_video(cast.alice).pk, api.as_(cast.bob)
    for _n in range(2):
        assert send(client, clip, deed).status_code < 400
    refused = send(client, clip, deed)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert refused.json()["error"]["code"] == "too_many"
    assert send(api.as_(cast.carol), clip, "read marks").status_code < 400


def test_many_people_at_one_address_have_a_limit_together(few, api, cast, make_person, make_video):
    clip = make_video(cast.alice).pk
    answers = [
        send(api.as_(make_person(f"p{n}")), clip, "like", REMOTE_ADDR="203.0.113.5").status_code
        for n in range(5)
    ]
    assert answers == [200, 200, 200, 200, 429]
    assert send(api.as_(cast.bob), clip, "like", REMOTE_ADDR="203.0.113.6").status_code == 200


def test_addresses_of_one_ipv6_block_are_one(few, api, cast, make_person, make_video):
    clip = make_video(cast.alice).pk
    answers = [
        send(api.as_(make_person(f"p{n}")), clip, "like", REMOTE_ADDR=f"2001:db8::{n + 1}").status_code
        for n in range(5)
    ]
    assert answers == [200, 200, 200, 200, 429]
    assert send(api.as_(cast.bob), clip, "like", REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_a_page_says_so_in_words(few, browser, cast):
    page = browser.as_(cast.bob)
    answers = [page.post("/settings/account/deactivate/", {}, REMOTE_ADDR="203.0.113.9") for _n in range(5)]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0
    assert "Try again" in answers[-1].content.decode()


def test_reading_is_never_counted(few, api, cast, make_video):
    clip, client = make_video(cast.alice).pk, api.as_(cast.bob)
    assert {client.get(f"/api/v1/videos/{clip}/").status_code for _n in range(10)} == {200}


def test_taking_back_is_counted_too(few, api, cast, make_video):
    clip, client = make_video(cast.alice).pk, api.as_(cast.bob)
    assert [client.delete(f"/api/v1/videos/{clip}/like/").status_code for _n in range(3)][-1] == 429


class Away:
    def eval(self, *_args):
        raise redis.ConnectionError("away")


def test_while_redis_is_away_writes_pass_and_what_guards_log_ins_does_not(monkeypatch):
    from socialapp.lib.errors import Unavailable

    monkeypatch.setattr(ratelimit, "connection", Away)
    ratelimit.limit("write", 1)
    with pytest.raises(Unavailable):
        ratelimit.limit("log_in", "203.0.113.5", closed=True)


GUARDS = ("sign_up", "log_in", "log_in_admin")


def test_codes_sign_up_and_log_in_fail_closed():
    """Every count of theirs says so where it is made."""
    open_ones = []
    for path in (ROOT / "accounts").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "limit" and node.args:
                scope = getattr(node.args[0], "value", "")
                closed = any(word.arg == "closed" and word.value.value is True for word in node.keywords)
                if scope in GUARDS and not closed:
                    open_ones.append((path.name, scope))
    assert open_ones == []
