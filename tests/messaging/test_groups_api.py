"""Groups over the API: each route for each who may stand to a group, and what a client sends and gets."""

import uuid

import pytest

from messaging import actions
from messaging.models import Participant
from privacy import actions as privacy

pytestmark = pytest.mark.django_db
BASE = "/api/v1/conversations/"


@pytest.fixture
def group(cast, make_person):
    """alice looks after it, carol is in it, dave was asked, erin left, frank was removed."""
    for name in ("erin", "frank"):
        setattr(cast, name, make_person(name))
    room = actions.start_group(cast.alice, ["carol", "dave", "erin", "frank"], "Trip").pk
    Participant.objects.filter(person__in=[cast.erin, cast.frank]).update(state="active")
    actions.leave_conversation(cast.erin, room)
    actions.remove_person(cast.alice, room, "frank")
    return room


# What each gets of each call: who looks after it, who is in it, who was asked, who left, who was removed, others, nobody.
WHO = ("alice", "carol", "dave", "erin", "frank", "bob", "mallory", None)
CALLS = {
    "read": ("get", "", None, (200, 200, 200, 404, 404, 404, 404, 401)),
    "messages": ("get", "messages/", None, (200, 200, 200, 404, 404, 404, 404, 401)),
    "write": ("post", "messages/", {"text": "hi"}, (201, 201, 403, 404, 404, 404, 404, 401)),
    "rename": ("patch", "", {"name": "Rome"}, (200, 403, 403, 404, 404, 404, 404, 401)),
    "add": ("post", "people/", {"usernames": ["bob"]}, (200, 200, 403, 404, 404, 404, 404, 401)),
    "remove": ("delete", "people/dave/", None, (204, 403, 403, 404, 404, 404, 404, 401)),
    "admin": ("patch", "people/carol/", {"is_admin": True}, (200, 403, 403, 404, 404, 404, 404, 401)),
    "leave": ("post", "leave/", None, (204, 204, 204, 404, 404, 404, 404, 401)),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("who", WHO)
def test_each_call_for_each_who_may_stand_to_a_group(api, cast, group, call, who):
    method, path, body, expected = CALLS[call]
    client = api.as_(getattr(cast, who)) if who else api
    if call == "write":
        body = body | {"client_id": uuid.uuid4().hex}
    answer = getattr(client, method)(f"{BASE}{group}/{path}", body, format="json")
    assert answer.status_code == expected[WHO.index(who)], answer.content


def test_several_names_start_a_group_and_one_does_not(api, cast):
    client = api.as_(cast.alice)
    answer = client.post(BASE, {"usernames": ["carol", "bob"], "name": "Trip"}, format="json")
    assert (answer.status_code, answer.json()["is_group"], answer.json()["name"]) == (201, True, "Trip")
    assert answer.json()["is_admin"]
    assert client.post(BASE, {"usernames": ["carol"]}, format="json").json()["is_group"] is False


def test_a_renamed_group_has_its_name_on_the_next_card(api, cast, group):
    answer = api.as_(cast.alice).patch(f"{BASE}{group}/", {"name": "Rome"}, format="json")
    assert answer.json()["name"] == "Rome"
    assert api.as_(cast.carol).get(f"{BASE}{group}/").json()["name"] == "Rome"


def test_people_on_the_card_say_who_looks_after_it_and_who_is_asked(api, cast, group):
    people = api.as_(cast.carol).get(f"{BASE}{group}/").json()["people"]
    told = {p["username"]: (p["is_admin"], p["invited"]) for p in people}
    assert told == {"alice": (True, False), "dave": (False, True)}


def test_refusals_say_why(api, cast, group):
    client = api.as_(cast.alice)
    privacy.update_privacy(cast.bob, message_audience="nobody")
    refused = client.post(f"{BASE}{group}/people/", {"usernames": ["bob"]}, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "messages_refused")
    refused = client.post(f"{BASE}{group}/people/", {"usernames": ["nobody_here"]}, format="json")
    assert refused.json()["error"]["fields"] == {"usernames": "There is nobody called @nobody_here."}
    refused = client.patch(f"{BASE}{group}/", {"name": "x" * 61}, format="json")
    assert "name" in refused.json()["error"]["fields"]
    for body in ({}, {"usernames": []}, {"usernames": "carol"}, {"usernames": ["carol"], "role": "admin"}):
        assert client.post(f"{BASE}{group}/people/", body, format="json").status_code == 400
    assert client.patch(f"{BASE}{group}/people/nobody/", {"is_admin": True}, format="json").status_code == 404


def test_adding_often_is_refused(api, cast, group, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"group_add": "1/3600"}
    client = api.as_(cast.alice)
    assert client.post(f"{BASE}{group}/people/", {"usernames": ["carol"]}, format="json").status_code == 200
    refused = client.post(f"{BASE}{group}/people/", {"usernames": ["carol"]}, format="json")
    assert (refused.status_code, "Retry-After" in refused) == (429, True)


def test_events_are_messages_with_what_happened(api, cast, group):
    rows = api.as_(cast.alice).get(f"{BASE}{group}/messages/").json()["results"]
    told = [(row["seq"], row["sender"], row["event"]["what"], row["event"]["subject"]) for row in rows]
    assert told == [
        (1, "alice", "created", None),
        (2, "erin", "left", None),
        (3, "alice", "removed", "frank"),
    ]
    assert {row["kind"] for row in rows} == {"event"}
    assert {row["text"] for row in rows} == {""}
