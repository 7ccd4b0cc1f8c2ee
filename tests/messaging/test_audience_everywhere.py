"""Who may message alice, each setting against each relation: the same verdict on the page, in the API and at the socket.

What one side does while its message waits as a request reaches the other through none of the three.
"""

import asyncio

import orjson
import pytest

from accounts import actions as accounts
from messaging import access, actions, delivery
from messaging.models import Message
from privacy import actions as privacy

from .test_socket import Tab, in_thread

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

# How the sender stands to alice: carol is her friend, bob follows her, she follows erin, dave is a stranger, frank's request
# to follow her waits, gil she restricts, mallory she blocks. What a restricted friend writes is a request to her alone.
SENDERS = ("carol", "bob", "erin", "dave", "frank", "gil", "mallory")
ARRIVES = {
    "everyone": ("message", "message", "message", "message", "message", "apart", "absent"),
    "following": ("message", "request", "message", "request", "request", "apart", "absent"),
    "friends": ("message", "request", "request", "request", "request", "apart", "absent"),
    "nobody": ("refused", "refused", "refused", "refused", "refused", "refused", "absent"),
}
CASES = [(s, p, v) for s, row in ARRIVES.items() for p, v in zip(SENDERS, row, strict=True)]
API = "/api/v1/conversations/"


@pytest.fixture
def senders(cast, make_person):
    for name in ("erin", "frank", "gil"):
        setattr(cast, name, make_person(name))
    accounts.follow(cast.alice, cast.erin)
    accounts.follow(cast.alice, cast.gil)
    accounts.follow(cast.gil, cast.alice)
    privacy.update_privacy(cast.alice, is_private=True)
    accounts.follow(cast.frank, cast.alice)
    privacy.update_privacy(cast.alice, is_private=False)
    privacy.restrict(cast.alice, cast.gil)
    return cast


def page(client, person, address):
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.get(address)


def frames(to, room, event, **data):
    """What this person's sockets get of an event, as their gate lets it through."""
    frame = {"type": event, "seq": 1, "data": {"conversation": str(room), **data}}
    (text,) = delivery.render_batch([(to.pk, frame)])
    return orjson.loads(text)["data"] if text else None


def typing(by, to, room):
    return frames(to, room, "typing", person=str(by.pk), username=by.username)


def read(by, to, room):
    return frames(to, room, "conversation.read", person=str(by.pk), username=by.username, seq=1)


def opened(cast, sender):
    conversation, _created = actions.open_conversation(sender, ["alice"])
    return conversation.pk


@pytest.mark.parametrize(("setting", "name", "arrives"), [c for c in CASES if c[2] == "absent"])
def test_across_a_block_there_is_nobody_to_write_to(api, client, senders, setting, name, arrives):
    privacy.update_privacy(senders.alice, message_audience=setting)
    sender = getattr(senders, name)
    assert api.as_(sender).post(API, {"usernames": ["alice"]}, format="json").status_code == 404
    assert page(client, sender, "/messages/new/?to=alice").status_code == 404
    assert not Message.objects.exists()


@pytest.mark.parametrize(("setting", "name"), [c[:2] for c in CASES if c[2] == "refused"])
def test_what_is_refused_is_refused_everywhere_with_a_sentence(api, client, senders, setting, name):
    privacy.update_privacy(senders.alice, message_audience=setting)
    sender = getattr(senders, name)
    room = opened(senders, sender)
    answer = api.as_(sender).post(f"{API}{room}/messages/", {"client_id": "a", "text": "hi"}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "messages_refused")
    assert not api.as_(sender).get(f"{API}{room}/").json()["writing"]["allowed"]
    shown = page(client, sender, f"/messages/{room}/").content.decode()
    assert "chat__closed" in shown
    assert "data-composer" not in shown
    assert not Message.objects.exists()
    assert access.badges(senders.alice)["messages"] == 0


@pytest.mark.parametrize(
    ("setting", "name", "arrives"), [c for c in CASES if c[2] in ("message", "request", "apart")]
)
def test_what_arrives_is_the_same_on_page_api_and_socket(api, client, senders, setting, name, arrives):
    privacy.update_privacy(senders.alice, message_audience=setting)
    sender, alice = getattr(senders, name), senders.alice
    room = opened(senders, sender)
    sent = api.as_(sender).post(f"{API}{room}/messages/", {"client_id": "a", "text": "pssst"}, format="json")
    assert sent.status_code == 201
    asked = arrives != "message"  # alice is asked first
    # The API.
    lists = {
        which: [c["id"] for c in api.as_(alice).get(f"{API}{which}").json()["results"]]
        for which in ("", "?requests=1")
    }
    assert lists == {"": [] if asked else [str(room)], "?requests=1": [str(room)] if asked else []}
    # The page.
    for address, there in (("/messages/", not asked), ("/messages/requests/", asked)):
        shown = page(client, alice, address).content.decode()
        assert (f'data-conversation="{room}"' in shown) == there
        assert ("pssst" in shown) == (there and not asked), address
    # The socket.
    message = Message.objects.get()
    delivered = frames(alice, room, "message.new", message=str(message.pk), seq=1)
    assert (delivered["text"], delivered["request"]) == ("pssst", asked)
    actions.mark_read(alice, room)
    heard = [typing(alice, sender, room), typing(sender, alice, room), read(alice, sender, room)]
    assert [frame is not None for frame in heard] == [not asked] * 3
    # What the sender sees of her: nothing of that she has read it.
    card = api.as_(sender).get(f"{API}{room}/").json()
    assert bool(card["read_by"]) == (not asked)
    online = {other for _p, _n, _c, other in access.presence_audience([alice.pk])}
    assert (sender.pk in online) == (not asked)
    # The sender is never told that they are restricted.
    assert card["restricted"] is False
    if arrives == "apart":
        assert sent.json()["request"] is False


@pytest.mark.parametrize(("setting", "name"), [c[:2] for c in CASES if c[2] == "request"])
def test_a_yes_opens_everything(api, client, senders, setting, name):
    privacy.update_privacy(senders.alice, message_audience=setting)
    sender, alice = getattr(senders, name), senders.alice
    room = opened(senders, sender)
    message = actions.send_message(sender, room, client_id="a", text="pssst")
    assert (
        api.as_(alice)
        .put(f"/api/v1/messages/{message.pk}/reaction/", {"emoji": "👍"}, format="json")
        .status_code
        == 403
    )
    assert api.as_(alice).post(f"{API}{room}/accept/").status_code == 200
    actions.mark_read(alice, room)
    assert f'data-conversation="{room}"' in page(client, alice, "/messages/").content.decode()
    assert api.as_(sender).get(f"{API}{room}/").json()["read_by"] == [{"username": "alice", "seq": 1}]
    assert None not in [typing(alice, sender, room), typing(sender, alice, room), read(alice, sender, room)]
    link = actions.send_message(sender, room, client_id="b", text="see https://example.com")
    assert frames(alice, room, "message.new", message=str(link.pk), seq=2)["request"] is False


@pytest.mark.django_db(transaction=True)
async def test_nothing_of_hers_reaches_a_requesting_persons_open_socket_before_her_yes(
    live, cast, talk, session_of
):
    await in_thread(privacy.update_privacy, cast.alice, message_audience="friends")
    room = await in_thread(talk, "dave", "alice")
    sessions = await in_thread(lambda: (session_of(cast.dave), session_of(cast.alice)))
    async with Tab(live, sessions[0]) as dave, Tab(live, sessions[1]) as alice:
        await asyncio.sleep(0.4)
        await in_thread(talk.say, cast.dave, room, "may I?")
        assert (await alice.until("message.new"))["data"]["request"] is True
        await alice.say(type="typing", conversation=str(room))
        await in_thread(actions.mark_read, cast.alice, room)
        assert await dave.quiet(1.5, {"typing", "conversation.read", "presence"})
        await in_thread(actions.accept_request, cast.alice, room)
        await in_thread(actions.mark_read, cast.alice, room, 1)
        await alice.say(type="typing", conversation=str(room))
        assert (await dave.until("typing"))["data"]["username"] == "alice"
