"""Messages by the documented JSON API: shapes, statuses, limits."""

import pytest

from messaging.models import Message

pytestmark = pytest.mark.django_db
BASE = "/api/v1/conversations/"


@pytest.fixture
def room(api, cast):
    answer = api.as_(cast.alice).post(BASE, {"usernames": ["carol"]}, format="json")
    assert answer.status_code == 201
    return BASE + answer.data["id"] + "/"


def send(client, room, client_id="c1", **body):
    return client.post(f"{room}messages/", {"client_id": client_id, **body}, format="json")


def test_opening_again_answers_200_with_the_same(api, cast, room):
    answer = api.as_(cast.carol).post(BASE, {"usernames": ["Alice"]}, format="json")
    assert answer.status_code == 200
    assert answer.data["id"] in room


@pytest.mark.parametrize("names", [[], ["alice"], ["nobody-here"], ["mallory"]])
def test_opening_with_the_wrong_people(api, cast, names):
    answer = api.as_(cast.alice).post(BASE, {"usernames": names}, format="json")
    assert answer.status_code == (404 if names in (["nobody-here"], ["mallory"]) else 400)
    assert answer.json()["error"]["message"]


def test_a_message_has_the_documented_shape(api, cast, room):
    answer = send(api.as_(cast.alice), room, text="hi")
    assert answer.status_code == 201
    body = answer.json()
    written = {"seq": 1, "client_id": "c1", "sender": "alice", "text": "hi"}
    empty = {"video": None, "reply_to": None, "reactions": [], "removed": False, "request": False}
    assert {name: body[name] for name in [*written, *empty]} == written | empty
    assert isinstance(body["id"], str)
    assert body["created_at"].endswith("Z")
    again = send(api.as_(cast.alice), room, text="something else")
    assert again.json()["id"] == body["id"]
    assert Message.objects.count() == 1


def test_catching_up_and_going_back(api, cast, room):
    alice = api.as_(cast.alice)
    for number in range(5):
        send(alice, room, f"c{number}", text=str(number))
    carol = api.as_(cast.carol)
    seqs = lambda query: [m["seq"] for m in carol.get(f"{room}messages/{query}").json()["results"]]  # noqa: E731
    assert seqs("") == [1, 2, 3, 4, 5]
    assert seqs("?after=3") == [4, 5]
    assert seqs("?before=3") == [1, 2]
    page = carol.get(f"{room}messages/?after=0&limit=2").json()
    assert page["next"].endswith("?after=2&limit=2")
    assert carol.get(f"{room}messages/?after=x").status_code == 400
    assert carol.get(f"{room}messages/?after=5").json() == {"results": [], "next": None}


def test_the_list_of_conversations(api, cast, room, django_assert_max_num_queries):
    send(api.as_(cast.alice), room, text="hi")
    carol = api.as_(cast.carol)
    with django_assert_max_num_queries(
        8
    ):  # session, person, unpinned, pinned, others, newest, deleted, reactions
        results = carol.get(BASE).json()["results"]
    assert [(r["unread"], r["last_message"]["text"], r["people"][0]["username"]) for r in results] == [
        (1, "hi", "alice")
    ]
    assert carol.post(f"{room}read/", {}, format="json").json() == {"read_seq": 1}
    assert carol.get(BASE).json()["results"][0]["unread"] == 0
    assert carol.post(f"{room}mute/", {"muted": True}, format="json").json() == {"muted": True}
    assert carol.post(f"{room}leave/").status_code == 204
    assert carol.get(BASE).json()["results"] == []


def test_reactions_and_unsending(api, cast, room):
    alice, carol = api.as_(cast.alice), api.as_(cast.carol)
    message = send(alice, room, text="hi").json()
    path = f"/api/v1/messages/{message['id']}/"
    assert carol.put(f"{path}reaction/", {"emoji": "👍"}, format="json").json()["reactions"] == [
        {"emoji": "👍", "username": "carol"}
    ]
    assert carol.put(f"{path}reaction/", {"emoji": "no"}, format="json").status_code == 400
    assert carol.delete(f"{path}reaction/").status_code == 204
    assert carol.delete(path).status_code == 403
    assert api.as_(cast.dave).delete(path).status_code == 404
    assert alice.delete(path).status_code == 204
    assert carol.get(f"{room}messages/").json()["results"][0]["removed"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", BASE), ("post", BASE), ("get", BASE + "1/"), ("get", BASE + "1/messages/"), ("post", BASE + "1/messages/"),
        ("post", BASE + "1/read/"), ("post", BASE + "1/accept/"), ("post", BASE + "1/mute/"), ("post", BASE + "1/leave/"),
        ("delete", "/api/v1/messages/1/"), ("put", "/api/v1/messages/1/reaction/"), ("delete", "/api/v1/messages/1/reaction/"),
        ("get", "/api/v1/notifications/"), ("post", "/api/v1/notifications/read/"), ("get", "/api/v1/badges/"),
    ],
)  # fmt: skip
def test_visitors_are_asked_to_log_in_and_strangers_find_nothing(api, cast, room, method, path):
    assert getattr(api, method)(path).status_code == 401
    if "/1/" in path:
        body = {"client_id": "x", "text": "x", "emoji": "👍"}
        fitting = {"messages/": ("client_id", "text"), "reaction/": ("emoji",)}
        names = next((names for end, names in fitting.items() if path.endswith(end) and method != "get"), ())
        answer = getattr(api.as_(cast.dave), method)(path, {n: body[n] for n in names}, format="json")
        assert answer.status_code == 404


def test_a_refusal_says_why(api, cast, room):
    from privacy.actions import update_privacy

    update_privacy(cast.alice, message_audience="nobody")
    answer = send(api.as_(cast.carol), room, text="hi")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "messages_refused"


def test_a_message_can_be_reported_by_those_who_see_it(api, cast, room):
    message = send(api.as_(cast.alice), room, text="rude").json()
    body = {"target": {"type": "message", "id": message["id"]}, "reason": "harassment", "note": ""}
    assert api.as_(cast.dave).post("/api/v1/reports/", body, format="json").status_code == 404
    assert api.as_(cast.carol).post("/api/v1/reports/", body, format="json").status_code in (200, 201)


def test_notifications_are_listed_and_read(api, cast):
    from messaging.actions import notify

    notify(cast.alice.pk, "follow", actor_id=cast.dave.pk, group_key="follow")
    alice = api.as_(cast.alice)
    (notice,) = alice.get("/api/v1/notifications/").json()["results"]
    assert (notice["kind"], notice["read"], notice["count"]) == ("follow", False, 1)
    assert alice.get("/api/v1/badges/").json() == {"messages": 0, "notifications": 1}
    assert alice.post("/api/v1/notifications/read/", {"ids": [notice["id"]]}, format="json").json() == {
        "read": 1
    }
    assert alice.get("/api/v1/badges/").json() == {"messages": 0, "notifications": 0}
    assert api.as_(cast.bob).post("/api/v1/notifications/read/", {}, format="json").json() == {"read": 0}
