"""The hub by itself: hello first, a bounded outbox, nothing handed to a socket that is gone."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from messaging.hub import OUTBOX, Hub, Sink
from socialapp.lib.ids import new_id
from socialapp.lib.realtime import channel

pytestmark = pytest.mark.engines

# One Redis server may serve several test processes, and its channels know no database: a person of our own.
PERSON = new_id()
CHANNEL = channel(PERSON)


class Client:
    """A socket whose reading can be stopped."""

    def __init__(self):
        self.got, self.codes, self.reads = [], [], asyncio.Event()
        self.reads.set()
        self.sink = Sink(SimpleNamespace(person_id=PERSON, session="s"), self.send, self.end)

    async def send(self, text):
        await self.reads.wait()
        self.got.append(json.loads(text))

    async def end(self, code):
        self.codes.append(code)

    @property
    def types(self):
        return [frame["type"] for frame in self.got]


@pytest.fixture
async def hub():
    made = Hub()
    yield made
    await made.aclose()


async def test_nothing_comes_before_hello(hub):
    client = Client()
    hub.sinks[PERSON] = {client.sink}
    hub._hand_out(PERSON, 0, '{"type":"badge"}')
    hub._hand_out(PERSON, 5, '{"type":"message.new"}')
    await hub.join(client.sink)
    await asyncio.sleep(0.05)
    assert client.types == ["hello"]
    hub._hand_out(PERSON, 0, '{"type":"badge"}')
    await asyncio.sleep(0.05)
    assert client.types == ["hello", "badge"]


async def test_a_slow_socket_is_told_to_reset_and_gets_what_comes_after(hub):
    client = Client()
    await hub.join(client.sink)
    await hub.catch_up(client.sink)
    await asyncio.sleep(0.05)
    client.reads.clear()
    for number in range(OUTBOX + 10):
        client.sink.put(json.dumps({"type": "n", "number": number}))
        await asyncio.sleep(0)
    client.reads.set()
    await asyncio.sleep(0.1)
    assert client.types.count("reset") == 1
    assert client.got[-1]["number"] == OUTBOX + 9
    assert len(client.got) < 20
    assert client.codes == []


async def test_a_socket_that_reads_nothing_is_ended_and_holds_no_memory(hub):
    client = Client()
    await hub.join(client.sink)
    await asyncio.sleep(0.05)
    client.reads.clear()
    for number in range(3 * OUTBOX):
        client.sink.put(str(number))
        await asyncio.sleep(0)
    assert client.codes == [1013]
    client.sink.put("late")
    assert not client.sink._outbox


async def test_numbers_never_fall_and_nothing_is_handed_out_twice(hub):
    client = Client()
    await hub.join(client.sink)
    await hub.catch_up(client.sink)
    start = client.sink.last_seq
    for step in (1, 2, 2, 1, 3):
        hub._hand_out(PERSON, start + step, json.dumps({"type": "n", "seq": start + step}))
        await asyncio.sleep(0.01)
    assert [frame["seq"] - start for frame in client.got if frame["type"] == "n"] == [1, 2, 3]


async def test_the_last_socket_that_leaves_ends_the_subscription(hub):
    from socialapp.lib.redis import connection

    client, other = Client(), Client()
    await hub.join(client.sink)
    await hub.join(other.sink)
    assert connection().pubsub_numsub(CHANNEL) == [(CHANNEL.encode(), 1)]
    hub.leave(client.sink)
    hub.leave(other.sink)
    await asyncio.sleep(0.1)
    assert connection().pubsub_numsub(CHANNEL) == [(CHANNEL.encode(), 0)]


async def test_without_redis_a_socket_is_turned_away(settings, monkeypatch):
    monkeypatch.setattr("messaging.hub.JOIN_SECONDS", 0.2)
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    hub, client = Hub(), Client()
    assert not await hub.join(client.sink)
    assert hub.sinks == {}
    await hub.aclose()
