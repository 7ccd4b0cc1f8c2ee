"""Every route × ten kinds of viewer × eleven states of a clip or an account, on pages and API alike.

The routes come from the URLconf; one that `routes.py` does not list fails here. What each viewer may see is spelled out
in `world.py`. Every answer is also searched for the captions of clips that its viewer must not see.
"""

import json
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from .calls import Rule
from .routes import OUTSIDE, ROUTES
from .world import NOBODY, SEES_CLIP, SEES_PERSON, SEES_WAITING, STATES, VIEWERS, account_of


def url_patterns(resolver=None, prefix=""):
    """Every route of the URLconf as Django writes it."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from url_patterns(entry, path)
        elif isinstance(entry, URLPattern):
            yield path


def listed(pattern):
    return pattern in ROUTES or any(pattern.startswith(prefix) for prefix in OUTSIDE)


@pytest.mark.parametrize("pattern", sorted(set(url_patterns())))
def test_a_route_is_in_the_matrix(pattern):
    assert listed(pattern), f"add {pattern!r} to tests/access_matrix/routes.py"


def test_the_matrix_lists_no_route_that_is_gone():
    assert set(ROUTES) <= set(url_patterns())


def test_an_unlisted_route_would_be_noticed():
    assert not listed("api/v1/secrets/")


@pytest.fixture
def world(settled, db, settings):
    # The matrix asks the same thing ten times over; limits have their own tests.
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "100000/1")
    return settled


@pytest.fixture
def ask(api, world):
    """`ask(account, viewer, call, url, body)` → response, with everything it wrote undone."""
    clients = {}

    def client_of(account, viewer):
        key = (account.owner.pk, viewer)
        if key not in clients:
            person = account.viewers[viewer]
            clients[key] = api.as_(person) if person else api.__class__()
            if viewer == "suspended":
                person.is_active = False
                person.save(update_fields=["is_active"])
            if viewer == "owner" and account is world.deactivated:
                deactivate(person)
        return clients[key]

    def deactivate(person):
        from django.utils import timezone

        person.deactivated_at = timezone.now()
        person.save(update_fields=["deactivated_at"])

    deactivate(world.deactivated.owner)

    def call(account, viewer, how, url, body=None):
        client = client_of(account, viewer)
        kind = "application/x-www-form-urlencoded" if how.form else "application/json"
        text = urlencode(body or {}) if how.form else json.dumps(body or {})
        with transaction.atomic():
            response = client.generic(how.method, url, text, content_type=kind, **how.headers)
            if response.streaming and not getattr(response, "is_async", False):
                response.matrix_text = ""
            else:
                response.matrix_text = response.content.decode(errors="replace")
            transaction.set_rollback(True)
        return response

    return call


def leaked(world, account, viewer, response):
    """Captions and comments in the answer that this viewer must not see."""
    found = [
        state
        for state in STATES
        if account_of(world, state) is account
        and viewer not in SEES_CLIP[state]
        and f"canary-{state}" in response.matrix_text
    ]
    found += [
        f"{how}-{state}"
        for how in ("held", "hidden", "under")
        for state in STATES
        if (viewer not in SEES_WAITING or viewer not in SEES_CLIP[state])
        and account_of(world, state) is account
        and f"canary-{how}-{state}" in response.matrix_text
    ]
    if viewer != "owner" and "canary-collection" in response.matrix_text:
        found.append("collection")
    return found


CASES = [(pattern, call) for pattern, calls in ROUTES.items() for call in calls]


@pytest.mark.parametrize(("pattern", "call"), CASES, ids=[f"{c.method} {p}" for p, c in CASES])
def test_each_viewer_gets_what_the_product_says(pattern, call, world, ask):
    wrong = []
    for account, state in call.subjects(world):
        url = "/" + call.fill(pattern, world, account, state)
        for viewer in VIEWERS:
            response = ask(account, viewer, call, url, call.payload(world, account, state))
            expected = call.expected(viewer, account, state, world)
            if response.status_code not in expected:
                wrong.append(
                    f"{viewer} × {state or account.owner}: {response.status_code}, not {sorted(expected)}"
                )
            if states := leaked(world, account, viewer, response):
                wrong.append(f"{viewer} reads {states} at {url}")
    assert wrong == []


@pytest.mark.parametrize(
    "pattern",
    [p for p, calls in ROUTES.items() if any(c.rule is Rule.CLIP and c.method == "GET" for c in calls)],
)
def test_absent_and_forbidden_answer_alike(pattern, world, ask):
    """The same 404 body for a clip that is hidden and for one that never was (page scripts differ by nonce only)."""
    import re

    call = next(c for c in ROUTES[pattern] if c.rule is Rule.CLIP)
    hidden = world.normal.clips["only_me"]
    url = "/" + call.fill(pattern, world, world.normal, "only_me")
    absent = url.replace(str(hidden.pk), str(hidden.pk + 1))
    bodies = [
        re.sub(
            r'name="visit" content="[^"]+"|nonce="[^"]*"|content="[^"]{64}"|value="[^"]{64}"',
            "",
            ask(world.normal, "stranger", call, u).matrix_text,
        )
        for u in (url, absent)
    ]
    assert bodies[0].replace(str(hidden.pk), "") == bodies[1].replace(str(hidden.pk + 1), "")


def test_the_table_of_viewers_is_whole():
    assert set(SEES_CLIP) == set(STATES)
    assert all(viewers <= set(VIEWERS) for viewers in [*SEES_CLIP.values(), *SEES_PERSON.values()])
    assert set(VIEWERS) >= NOBODY
