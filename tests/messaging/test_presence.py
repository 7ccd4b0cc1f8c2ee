"""Who learns that somebody is online: friends in a conversation that both accepted, when both show it; and nobody for long
after they went."""

import asyncio
import json

import pytest

from messaging import access, actions, presence
from messaging.delivery import render_batch
from messaging.hub import Hub
from privacy import actions as privacy
from socialapp.lib.ids import new_id
from socialapp.lib.redis import async_connection, connection

from .test_socket import Tab, in_thread, pair

__all__ = ["pair"]

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def room(cast, talk):
    """alice and carol wrote to each other."""
    made = talk("alice", "carol")
    talk.say(cast.alice, made)
    talk.say(cast.carol, made)
    return made


def audience(person):
    """User names of those who would be told that this person came."""
    from accounts.models import User

    told = [other for *_facts, other in access.presence_audience([person.pk])]
    return sorted(User.objects.filter(pk__in=told).values_list("username", flat=True))


def delivered(viewer, person, room, *, online=True):
    """What a frame about the person becomes on its way to the viewer, or None."""
    data = {
        "conversation": str(room),
        "person": str(person.pk),
        "username": person.username,
        "online": online,
    }
    [text] = render_batch([(viewer.pk, {"type": "presence", "seq": 0, "data": data})])
    return json.loads(text)["data"] if text is not None else None


def shown(viewer, room):
    return access.conversation_detail(viewer, access.get_seat(viewer, room))["presence"]


async def _here(*people):
    client = async_connection()
    came = await presence.say_here(client, [person.pk for person in people])
    await client.aclose()
    return came


def here(*people):
    return asyncio.run(_here(*people))


def test_a_partner_learns_it_and_the_open_conversation_shows_it(cast, room):
    assert audience(cast.alice) == ["carol"]
    assert delivered(cast.carol, cast.alice, room) == {"username": "alice", "online": True}
    assert shown(cast.carol, room) == []
    here(cast.alice)
    assert shown(cast.carol, room) == ["alice"]
    [row] = access.conversation_cards(cast.carol, access.conversation_page(cast.carol).items)
    assert row["presence"] == ["alice"]


def test_who_does_not_show_it_is_not_seen_and_sees_nobody(cast, room):
    here(cast.alice, cast.carol)
    privacy.update_privacy(cast.alice, show_activity=False)
    cast.alice.refresh_from_db()
    for one, other in ((cast.alice, cast.carol), (cast.carol, cast.alice)):
        one = access.person_by_id(one.pk)
        assert shown(one, room) == []
        assert audience(one) == []
        assert delivered(one, other, room) is None


def test_a_restriction_hides_it_from_both_sides(cast, room):
    here(cast.alice, cast.carol)
    privacy.restrict(cast.alice, cast.carol)
    for one, other in ((cast.alice, cast.carol), (cast.carol, cast.alice)):
        assert shown(one, room) == []
        assert audience(one) == []
        assert delivered(one, other, room) is None


def test_a_block_hides_it_and_the_end_of_it_too(cast, room):
    privacy.block(cast.alice, cast.carol)
    assert audience(cast.alice) == audience(cast.carol) == []
    assert delivered(cast.carol, cast.alice, room) is None
    assert delivered(cast.carol, cast.alice, room, online=False) is None


def test_a_request_that_waits_shows_nothing_to_either(cast, talk):
    privacy.update_privacy(cast.alice, message_audience="friends")
    room = talk("dave", "alice")
    talk.say(cast.dave, room, "hello")
    here(cast.alice, cast.dave)
    assert audience(cast.alice) == audience(cast.dave) == []
    assert shown(cast.alice, room) == shown(cast.dave, room) == []
    assert delivered(cast.dave, cast.alice, room) is None


def test_a_group_shows_nobody(cast, room):
    group = actions.start_group(cast.alice, ["carol"], "Two of us")
    here(cast.alice, cast.carol)
    assert shown(cast.carol, group.pk) == []
    assert [room] == [conversation for _p, _n, conversation, _o in access.presence_audience([cast.alice.pk])]


def test_who_came_is_named_once_and_runs_out_by_itself(monkeypatch):
    someone = new_id()

    async def story():
        client = async_connection()
        assert await presence.say_here(client, [someone]) == [someone]
        assert await presence.say_here(client, [someone]) == []
        assert presence.online([someone]) == {someone}
        monkeypatch.setattr(presence, "ONLINE_SECONDS", 0.2)
        assert await presence.take_gone(client) == []  # never shortened: another process may know better
        connection().zadd(presence.KEY, {str(someone): 1})
        assert presence.online([someone]) == set()  # runs out though nobody took it out yet
        assert await presence.take_gone(client) == [someone]
        assert await presence.take_gone(client) == []  # told once only
        await client.aclose()

    asyncio.run(story())


def test_without_redis_nobody_is_online(settings, monkeypatch):
    import redis

    nowhere = redis.Redis(unix_socket_path="/nowhere/redis.sock")
    monkeypatch.setattr(presence, "connection", lambda: nowhere)
    assert presence.online([1, 2]) == set()


async def test_a_page_change_does_not_flicker(cast, monkeypatch):
    """The last socket goes and another comes: nobody is told that the person went."""
    told = []
    monkeypatch.setattr(presence, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(presence, "REFRESH_SECONDS", 0.2)
    monkeypatch.setattr(presence, "ONLINE_SECONDS", 1.0)
    monkeypatch.setattr(
        "messaging.hub.actions.tell_presence", lambda people, online: told.append((list(people), online))
    )
    hub = Hub()
    person = cast.alice.pk
    try:
        hub.sinks[person] = set()
        hub._came.add(person)
        await asyncio.sleep(0.3)
        assert told == [([person], True)]
        del hub.sinks[person]
        await asyncio.sleep(0.5)
        hub.sinks[person] = set()
        await asyncio.sleep(1.2)
        assert told == [([person], True)]
        del hub.sinks[person]
        await asyncio.sleep(1.6)
        assert told == [([person], True), ([person], False)]
    finally:
        await hub.aclose()


async def test_the_others_tab_hears_it_live_and_nothing_is_written(cast, pair):
    from accounts.models import User

    for person in (cast.alice, cast.carol):
        await pair.send(person, "hi")
    before = await in_thread(lambda: list(User.objects.order_by("pk").values()))
    async with Tab(pair.base, pair.carol) as carol:
        await asyncio.sleep(2)  # she is online herself: only those who are there are told
        async with Tab(pair.base, pair.alice):
            assert (await carol.until("presence", 8))["data"] == {"username": "alice", "online": True}
            await in_thread(privacy.update_privacy, cast.alice, show_activity=False)
            assert (await carol.until("presence", 8))["data"] == {"username": "alice", "online": False}
            await in_thread(privacy.update_privacy, cast.alice, show_activity=True)
            assert (await carol.until("presence", 8))["data"] == {"username": "alice", "online": True}
        assert (await carol.until("presence", 25))["data"] == {"username": "alice", "online": False}
    assert await in_thread(lambda: list(User.objects.order_by("pk").values())) == before
