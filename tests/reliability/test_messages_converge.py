"""Twenty people write while their connections are cut at random: every client ends with the same conversations.

MESSAGES=10000 CUTS=50 for quality.md's figures (300 and 8 otherwise); `-s` prints what happened. On SQLite one process of
the embedded default serves everything; on PostgreSQL and Redis two realtime processes do, and every connection takes either.
"""

import asyncio
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.messaging.conftest import GRANIAN, UVICORN, free_port, serve, server_environment, session_of

from .conversing import Reader, Writer, dice_of

__all__ = ["session_of"]

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]

MESSAGES, CUTS = int(os.environ.get("MESSAGES", "300")), int(os.environ.get("CUTS", "8"))
CUTS = 50 if MESSAGES >= 10_000 else CUTS
SEED = int(os.environ.get("CONVERGE_SEED", "7"))
PEOPLE, AT_ONCE = 20, 6
LOST_ANSWERS = 0.03  # of the messages: their client does not hear that they were taken, and sends them again
FIDDLES = 0.12  # reactions and messages taken back, for each message
CALM = 120  # seconds after the last message in which every client must know everything


@pytest.fixture
def bases(transactional_db, tmp_path):
    """The addresses of the processes that serve pages, API and sockets on this test's database."""
    kinds = [GRANIAN] if connection.vendor == "sqlite" else [UVICORN, UVICORN]
    running, addresses = [], []
    for number, kind in enumerate(kinds):
        port, folder = free_port(), tmp_path / str(number)
        folder.mkdir()
        environment = server_environment(port, folder)
        environment["DEBUG"] = "0"  # which would keep every query
        environment["RATE_LIMITS"] = ",".join(
            f"{name}=10000000/60" for name in ("message", "message_to_stranger", "like", "write", "group")
        )
        command = [*kind, "--port", str(port), "--host", "127.0.0.1", "socialapp.asgi:application"]
        running.append(serve(command, environment, port))
        addresses.append(f"http://127.0.0.1:{port}")
    yield addresses
    for process in running:
        process.terminate()
    for process in running:
        process.wait(10)


@pytest.fixture
def people(make_person):
    """Twenty friends of one another."""
    from django.utils import timezone

    from accounts.models import Follow

    made = [make_person(f"p{number}") for number in range(PEOPLE)]
    now = timezone.now()
    Follow.objects.bulk_create(
        Follow(follower=one, followed=other, state="accepted", accepted_at=now)
        for one in made
        for other in made
        if one != other
    )
    return made


def rooms_of(people, dice):
    """{conversation: names}: fifteen of two, and groups of five, eight and twenty."""
    from messaging import actions

    rooms = {}
    pairs = {tuple(sorted(dice.sample(range(PEOPLE), 2))) for _number in range(15)}
    for one, other in sorted(pairs):
        room, _new = actions.open_conversation(people[one], [people[other].username])
        rooms[str(room.pk)] = [people[one].username, people[other].username]
    for size in (5, 8, PEOPLE):
        some = dice.sample(people, size)
        room = actions.start_group(some[0], [person.username for person in some[1:]], f"Group of {size}")
        rooms[str(room.pk)] = [person.username for person in some]
    return rooms


def truth(room):
    """What the database holds: (seq, change, id, gone, reactions) of each message, and the conversation's two numbers."""
    from messaging.models import Conversation, Message

    rows = Message.objects.filter(conversation=room).order_by("seq").prefetch_related("reactions__person")
    held = {
        m.seq: (
            m.change,
            str(m.pk),
            m.is_gone,
            sorted((r.emoji, r.person.username) for r in m.reactions.all()),
        )
        for m in rows
    }
    return held, Conversation.objects.get(pk=room), [m.client_id for m in rows if m.kind == "text"]


def known(room):
    """The same of what one client holds."""
    return {
        seq: (c["change"], c["id"], c["removed"], sorted((r["emoji"], r["username"]) for r in c["reactions"]))
        for seq, c in room.cards.items()
    }


async def storm(writer, readers, rooms, dice):
    """Write MESSAGES messages, AT_ONCE at a time, and cut CUTS connections on the way."""
    groups = [room for room, names in rooms.items() if len(names) > 2]
    pairs = [room for room, names in rooms.items() if len(names) == 2]
    left = asyncio.Semaphore(AT_ONCE)
    loop, pool = asyncio.get_running_loop(), ThreadPoolExecutor(AT_ONCE)
    cuts = set(dice.sample(range(1, MESSAGES), CUTS))
    tasks = set()

    async def act(function, *arguments, **options):
        try:
            await loop.run_in_executor(pool, lambda: function(dice, *arguments, **options))
        finally:
            left.release()

    async def cut(reader, seconds):
        reader.cut()
        await asyncio.sleep(seconds)
        reader.back()

    for number in range(MESSAGES):
        room = dice.choice(groups if dice.random() < 0.2 else pairs)
        jobs = [(writer.write, {"lose_answer": dice.random() < LOST_ANSWERS})]
        jobs += [(writer.fiddle, {})] if dice.random() < FIDDLES else []
        for job, options in jobs:
            await left.acquire()
            tasks.add(asyncio.create_task(act(job, room, **options)))
        if number in cuts:
            tasks.add(asyncio.create_task(cut(dice.choice(readers), dice.uniform(0, 3))))
        tasks = {task for task in tasks if not task.done() or task.result()}
    await asyncio.gather(*tasks)
    pool.shutdown()


async def converged(readers, truths):
    """Seconds until every client holds what the database holds, or what is still different."""
    began = time.monotonic()
    while True:
        different = [
            (reader.name, number)
            for reader in readers
            for number, room in reader.rooms.items()
            if known(room) != truths[number][0]
        ]
        if not different or time.monotonic() - began > CALM:
            return time.monotonic() - began, different
        await asyncio.sleep(0.2)


async def test_every_client_ends_with_the_same_conversations(bases, people, session_of, record_property):
    from asgiref.sync import sync_to_async

    dice = dice_of(SEED)
    rooms = await sync_to_async(rooms_of)(people, dice)
    sessions = [await sync_to_async(session_of)(person) for person in people]
    readers = {
        person.username: Reader(
            person.username,
            session,
            bases,
            [room for room, names in rooms.items() if person.username in names],
            dice_of(f"{SEED} {person.username}"),
        )
        for person, session in zip(people, sessions, strict=True)
    }
    writer = Writer(readers, rooms, dice)
    running = [asyncio.create_task(reader.run()) for reader in readers.values()]
    began = time.monotonic()
    await storm(writer, list(readers.values()), rooms, dice)
    wrote = time.monotonic() - began
    truths = {room: await sync_to_async(truth)(room) for room in rooms}
    took, different = await converged(list(readers.values()), truths)
    for reader in readers.values():
        reader.stopped = True
        reader.cut()
        reader.back()
    await asyncio.wait(running, timeout=10)
    told = {
        what: sum(r.told[what] for r in readers.values())
        for what in ("frames", "breaks", "resets", "fetches", "twice", "overtaken")
    }
    said = f"{connection.vendor}, {len(bases)} realtime process(es): {MESSAGES} messages in {wrote:.0f} s, {CUTS} cuts, "
    said += f"{json.dumps(told)}; the same everywhere {took:.1f} s after the last one"
    print(said)
    record_property("converge", said)
    assert not different, (different[:5], [known(readers[n].rooms[r]) for n, r in different[:1]])
    assert writer.refused == []
    assert told["breaks"] >= CUTS
    assert [reader.reorders for reader in readers.values() if reader.reorders] == []
    for room, (held, row, client_ids) in truths.items():
        assert list(held) == list(range(1, row.last_seq + 1)), room  # no gap, no repeat
        assert len(client_ids) == len(set(client_ids))
        assert writer.sent[room] == set(client_ids), room
    assert sum(len(sent) for sent in writer.sent.values()) == MESSAGES
