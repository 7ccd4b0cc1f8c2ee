"""What the gate said a moment ago: believed for a second at most, forgotten at once when a right is taken away."""

import asyncio
import json
import time
from types import SimpleNamespace

import orjson
import pytest

from messaging import access
from messaging.hub import STANDING_CHANGED, Hub, Sink
from messaging.standing import KEPT_SECONDS, MOST, STALE_SECONDS, Standing
from privacy import actions as privacy
from privacy.models import Block
from socialapp.lib.realtime import channel, log_key
from socialapp.lib.redis import connection

from .test_socket import Tab, in_thread, pair

__all__ = ["pair"]

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def known():
    """A Standing with a clock of its own, that knows person 1 in conversation 2."""
    clock = Clock()
    standing = Standing(clock)
    standing.clock = clock
    standing.learn([(1, 2)], asked=clock.now, generation=standing.generation)
    return standing


def test_an_answer_runs_out_and_is_refreshed_before_that(known):
    assert known.holds(1, 2)
    assert not known.is_stale(1, 2)
    known.clock.now += STALE_SECONDS + 0.01
    assert known.holds(1, 2)
    assert known.is_stale(1, 2)
    known.clock.now += KEPT_SECONDS
    assert not known.holds(1, 2)


def test_only_the_very_seat_is_known(known):
    assert not known.holds(1, 3)
    assert not known.holds(2, 2)


def test_forgetting_takes_back_answers_that_are_on_their_way(known):
    generation = known.generation
    known.forget(1)
    assert not known.holds(1, 2)
    known.learn(
        [(1, 2)], asked=known.clock.now, generation=generation
    )  # asked before the block, answered after it
    assert not known.holds(1, 2)


def test_it_does_not_grow_without_bound(known):
    known.learn(((person, 2) for person in range(MOST + 5)), asked=100.0, generation=known.generation)
    assert known._count <= MOST


# --- What stands between two people ---------------------------------------------------------------------------


@pytest.fixture
def room(cast, talk):
    """alice and carol wrote to each other."""
    made = talk("alice", "carol")
    talk.say(cast.alice, made)
    talk.say(cast.carol, made)
    return made


def both(cast, room):
    """Whether both sides are undisturbed: asked for one seat, which is a statement of its own, and for two at once."""
    alone = [bool(access.undisturbed([(person.pk, room)])) for person in (cast.alice, cast.carol, cast.dave)]
    together = access.undisturbed((person.pk, room) for person in (cast.alice, cast.carol, cast.dave))
    assert alone == [(person.pk, room) in together for person in (cast.alice, cast.carol, cast.dave)]
    assert not alone[2]
    return alone[:2]


def test_two_who_accepted_are_undisturbed(cast, room):
    assert both(cast, room) == [True, True]


@pytest.mark.parametrize("one", ["alice", "carol"])
@pytest.mark.parametrize("deed", ["block", "restrict"])
def test_a_block_or_a_restriction_by_either_disturbs_both(deed, one, cast, room):
    other = cast.carol if one == "alice" else cast.alice
    getattr(privacy, deed)(getattr(cast, one), other)
    assert both(cast, room) == [False, False]


def test_a_request_and_a_person_who_is_gone_disturb_both(cast, room, talk):
    cast.alice.is_active = False
    cast.alice.save()
    assert both(cast, room) == [False, False]
    privacy.update_privacy(cast.carol, message_audience="friends")
    asked = talk("dave", "carol")
    talk.say(cast.dave, asked)
    assert access.undisturbed([(cast.dave.pk, asked), (cast.carol.pk, asked)]) == set()


def test_only_plain_words_travel_with_the_push(cast, room, talk, make_video):
    clip = make_video(cast.alice)
    plain = talk.say(cast.alice, room, "words")
    assert access.live_card(plain) == access.message_cards(cast.carol, [plain])[0]
    assert access.live_card(talk.say(cast.alice, room, "see", video_id=clip.pk)) is None
    assert access.live_card(talk.say(cast.alice, room, "yes", reply_to=plain.pk)) is None


def test_words_are_never_kept_in_redis(cast, room, talk):
    talk.say(cast.alice, room, "nobody-else-reads-this")
    kept = connection().zrange(log_key(cast.carol.pk), 0, -1)
    assert kept
    assert not any(b"nobody-else-reads-this" in frame for frame in kept)


# --- In the hub -----------------------------------------------------------------------------------------------


class Client:
    """A socket of a person, as the hub sees it."""

    def __init__(self, person):
        self.got = []
        self.sink = Sink(SimpleNamespace(person_id=person, session="s"), self.send, self.end)
        self.sink.hello_seq, self.sink.held = 1, False

    async def send(self, text):
        self.got.append(json.loads(text))

    async def end(self, code):
        pass


def taken(hub, person, frame):
    hub._take(channel(person).encode(), orjson.dumps(frame))


def message(room, seq, text, **more):
    data = {"conversation": str(room), "message": "1", "seq": seq}
    return {"type": "message.new", "seq": seq, "data": data, "live": {"text": text}, **more}


@pytest.fixture
async def lively(cast, room):
    """carol's socket in a hub that knows her seat."""
    hub, client = Hub(), Client(cast.carol.pk)
    await hub._ready.wait()  # what it had missed until then is none of this
    hub.sinks[cast.carol.pk] = {client.sink}
    hub._standing.learn([(cast.carol.pk, room)], asked=time.monotonic(), generation=0)
    client.hub, client.room, client.person = hub, room, cast.carol.pk
    yield client
    await hub.aclose()


async def test_a_message_to_a_known_seat_goes_out_without_a_question(lively, monkeypatch):
    monkeypatch.setattr("messaging.hub.delivery.render_plain", None)
    monkeypatch.setattr("messaging.hub.delivery.render_batch", None)
    taken(lively.hub, lively.person, message(lively.room, 2, "hello"))
    await asyncio.sleep(0.05)
    assert [(frame["type"], frame["data"]) for frame in lively.got] == [("message.new", {"text": "hello"})]


async def test_a_nudge_makes_the_gate_be_asked_again(lively, cast):
    await in_thread(Block.objects.create, blocker=cast.alice, blocked=cast.carol)
    taken(lively.hub, lively.person, {"type": STANDING_CHANGED, "seq": 0, "data": {}})
    taken(lively.hub, lively.person, message(lively.room, 2, "too late"))
    await asyncio.sleep(0.5)
    assert lively.got == []


async def test_nothing_overtakes_what_waits(lively):
    """A frame that must be looked up waits; the one after it could go at once, and does not."""
    slow = {
        "type": "conversation.updated",
        "seq": 2,
        "data": {"conversation": str(lively.room)},
    }
    taken(lively.hub, lively.person, slow)
    taken(lively.hub, lively.person, message(lively.room, 3, "after it"))
    for _attempt in range(100):
        if len(lively.got) == 2:
            break
        await asyncio.sleep(0.05)
    assert [frame["seq"] for frame in lively.got] == [2, 3]
    assert lively.hub._waiting == {}


async def test_words_that_waited_long_are_read_again(lively, cast, talk):
    said = await in_thread(talk.say, cast.alice, lively.room, "as it stands")
    lively.hub._standing.forget(lively.person)
    frame = message(lively.room, 5, "as it was")
    frame["data"]["message"] = str(said.pk)
    taken(lively.hub, lively.person, frame)
    lively.hub._inbox[0][1]["taken"] -= 60
    for _attempt in range(100):
        if lively.got:
            break
        await asyncio.sleep(0.05)
    assert [frame["data"]["text"] for frame in lively.got] == ["as it stands"]


async def test_a_block_whose_nudge_was_lost_silences_within_two_seconds(cast, pair):
    for person in (cast.alice, cast.carol):
        await pair.send(person, "hi")
    async with Tab(pair.base, pair.carol) as carol, Tab(pair.base, pair.alice) as alice:
        await alice.say(type="typing", conversation=str(pair.room))
        await carol.until("typing")
        await in_thread(Block.objects.create, blocker=cast.carol, blocked=cast.alice)
        began, last = time.monotonic(), 0.0
        while time.monotonic() - began < 4:
            await alice.say(type="typing", conversation=str(pair.room))
            if not await carol.quiet(0.1, {"typing"}):
                last = time.monotonic() - began
        assert last < 2
