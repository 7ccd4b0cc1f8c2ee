"""A number that is too large for an id is an ordinary answer wherever a route takes one: not there, or not valid."""

import json
import re
from urllib.parse import urlencode

import pytest
from django.db import transaction

from .routes import ROUTES

pytestmark = pytest.mark.engines

BEYOND = (2**63, 2**70)
PLACE = re.compile(r"<(?:\w+:)?(\w+_id)>")
CASES = [(p, c) for p, calls in ROUTES.items() for c in calls if PLACE.search(p) or c.body]


@pytest.fixture
def world(settled, db, settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "100000/1")
    return settled


def put_everywhere(pattern, call, world):
    """(address, body) with a number in each place of the address in turn, then in each field of the body."""
    account, state = call.subjects(world)[0]
    body = call.payload(world, account, state)
    for number in BEYOND:
        for place in PLACE.findall(pattern):
            yield call.fill(re.sub(rf"<(?:\w+:)?{place}>", str(number), pattern), world, account, state), body
        address = call.fill(pattern, world, account, state)
        for name in body:
            for value in (number, str(number), [number], [str(number)]):
                yield address, body | {name: value}


def answer(client, call, address, body):
    """What the site answers, with everything that came of it undone."""
    text = urlencode(body, doseq=True) if call.form else json.dumps(body)
    kind = "application/x-www-form-urlencoded" if call.form else "application/json"
    with transaction.atomic():
        response = client.generic(call.method, f"/{address}", text, content_type=kind, **call.headers)
        transaction.set_rollback(True)
    return response


@pytest.mark.parametrize(("pattern", "call"), CASES, ids=[f"{c.method} {p}" for p, c in CASES])
def test_a_number_that_no_id_can_be_is_answered(pattern, call, world, api):
    client = api.as_(world.normal.viewers["moderator" if "/moderation/" in pattern else "owner"])
    for address, body in put_everywhere(pattern, call, world):
        assert answer(client, call, address, body).status_code < 500, (address, body)
