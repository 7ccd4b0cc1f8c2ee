"""The socket, by a client library that was not written here, against a real server process."""

import asyncio
import json
import os
import random
import threading
import time
import uuid
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.models import User
from messaging import access, actions
from messaging.models import Message
from privacy import actions as privacy

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]

# `--full` of this file: FULL=1 sends the 10,000 messages of quality.md.
FULL = bool(os.environ.get("FULL"))


class Tab:
    """One socket of a person."""

    def __init__(self, base, session, *, origin=True, token=False):
        self.url = base.replace("http", "ws") + "/ws/"
        self.headers = (
            {"X-Session-Token": session} if token else {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
        )
        self.origin = base if origin is True else origin
        self.seq = 0
        self.badge = None  # counted aside: it comes before or after what it counts

    async def __aenter__(self):
        self.ws = await connect(
            self.url, additional_headers=self.headers, origin=self.origin or None, compression=None
        )
        hello = await self.read()
        assert hello["type"] == "hello"
        self.hello = hello["data"]["seq"]
        return self

    async def __aexit__(self, *exc):
        await self.ws.close()

    async def read(self, timeout=5):
        frame = json.loads(await asyncio.wait_for(self.ws.recv(), timeout))
        self.seq = max(self.seq, frame["seq"])
        if frame["type"] == "badge":
            self.badge = frame["data"]
        return frame

    async def until(self, kind, timeout=5):
        """The next frame of this type; others are let go."""
        async with asyncio.timeout(timeout):
            while True:
                frame = await self.read(timeout)
                if frame["type"] == kind:
                    return frame

    async def quiet(self, seconds, kinds):
        """Whether no frame of these types comes for this long."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    if (await self.read(seconds + 1))["type"] in kinds:
                        return False
        except TimeoutError:
            return True

    async def say(self, **frame):
        await self.ws.send(json.dumps(frame))


def in_thread(function, *args, **kwargs):
    """The ORM, away from the event loop, with its connection closed again."""
    from django.db import connection

    def call():
        try:
            return function(*args, **kwargs)
        finally:
            connection.close()

    return asyncio.to_thread(call)


@pytest.fixture
def pair(live, cast, talk, session_of):
    """alice and carol with a conversation, their log-ins, and the server."""

    class Pair:
        base = live
        room = talk("alice", "carol")
        alice, carol = session_of(cast.alice), session_of(cast.carol)

        @staticmethod
        async def send(person, text, **more):
            return await in_thread(talk.say, person, Pair.room, text, **more)

    return Pair


async def test_a_message_arrives_live_in_both_persons_tabs(cast, pair):
    async with Tab(pair.base, pair.carol) as carol, Tab(pair.base, pair.alice) as alice:
        await asyncio.sleep(
            0.4
        )  # numbered frames are held for a moment after hello, in case the client resumes
        await pair.send(cast.alice, "hi carol", client_id="c1")
        for tab in (carol, alice):
            frame = await tab.until("message.new")
            assert frame["data"]["text"] == "hi carol"
            assert frame["data"]["conversation"] == str(pair.room)
            assert frame["data"]["client_id"] == "c1"
            assert frame["seq"] > tab.hello
        async with asyncio.timeout(5):
            while carol.badge != {"messages": 1, "notifications": 0}:
                await carol.read()


@pytest.mark.parametrize("live", ["uvicorn"], indirect=True)
async def test_uvicorn_serves_the_same_socket(cast, pair):
    async with Tab(pair.base, pair.carol) as carol:
        await pair.send(cast.alice, "by uvicorn")
        assert (await carol.until("message.new"))["data"]["text"] == "by uvicorn"
        await carol.say(type="ping")
        await carol.until("pong")


async def test_a_session_token_opens_the_socket_without_an_origin(cast, pair):
    cast.carol.password = PBKDF2PasswordHasher().encode("demo-password", "salt")
    await in_thread(cast.carol.save)
    login = {"username": "carol", "password": "demo-password"}
    answer = await asyncio.to_thread(requests.post, f"{pair.base}/_allauth/app/v1/auth/login", json=login)
    token = answer.json()["meta"]["session_token"]
    async with Tab(pair.base, token, token=True, origin=False) as carol:
        await pair.send(cast.alice, "to a program")
        assert (await carol.until("message.new"))["data"]["text"] == "to a program"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", False])
async def test_a_cookie_from_another_origin_is_refused(pair, origin):
    with pytest.raises(InvalidStatus) as refusal:
        async with Tab(pair.base, pair.carol, origin=origin):
            pass
    assert refusal.value.response.status_code == 403


async def test_nobody_is_refused(pair):
    for session in ("", "x" * 32):
        with pytest.raises(InvalidStatus):
            async with Tab(pair.base, session):
                pass
    with pytest.raises(InvalidStatus):
        async with connect(pair.base.replace("http", "ws") + "/other/", origin=pair.base):
            pass


async def test_resuming_gives_exactly_what_was_missed(cast, pair):
    async with Tab(pair.base, pair.carol) as carol:
        await pair.send(cast.alice, "seen")
        await carol.until("message.new")
        last = carol.seq
    for number in range(3):
        await pair.send(cast.alice, f"missed {number}")
    async with Tab(pair.base, pair.carol) as carol:
        await carol.say(type="resume", seq=last)
        texts = [(await carol.until("message.new"))["data"]["text"] for _number in range(3)]
        assert texts == ["missed 0", "missed 1", "missed 2"]
        await pair.send(cast.alice, "live")
        assert (await carol.until("message.new"))["data"]["text"] == "live"
        assert await carol.quiet(0.5, {"message.new", "reset"})


async def test_a_first_connection_then_resume_misses_nothing_either(cast, pair):
    async with Tab(pair.base, pair.carol) as carol:
        last = carol.hello
    await pair.send(cast.alice, "missed")
    async with Tab(pair.base, pair.carol) as carol:
        await carol.say(type="resume", seq=last)
        assert (await carol.until("message.new"))["data"]["text"] == "missed"


async def test_resuming_from_too_long_ago_resets(cast, pair):
    await pair.send(cast.alice, "one")
    async with Tab(pair.base, pair.carol) as carol:
        await carol.say(type="resume", seq=1)
        assert (await carol.until("reset"))["seq"] >= carol.hello
        await pair.send(cast.alice, "two")
        assert (await carol.until("message.new"))["data"]["text"] == "two"


async def test_what_was_unsent_or_forbidden_meanwhile_is_not_resumed(cast, pair):
    async with Tab(pair.base, pair.carol) as carol:
        last = carol.hello
    message = await pair.send(cast.alice, "regret")
    await in_thread(actions.unsend, cast.alice, str(message.pk))
    async with Tab(pair.base, pair.carol) as carol:
        await carol.say(type="resume", seq=last)
        assert (await carol.until("message.new"))["data"]["text"] == ""
    await pair.send(cast.alice, "before the block")
    await in_thread(privacy.block, cast.alice, cast.carol)
    async with Tab(pair.base, pair.carol) as carol:
        await carol.say(type="resume", seq=last)
        assert await carol.quiet(0.7, {"message.new", "message.removed"})


def _log_out(base, session):
    client = requests.Session()
    client.cookies.set(settings.SESSION_COOKIE_NAME, session)
    page = f"{base}/accounts/logout/"
    assert client.get(page).status_code == 200
    body = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
    answer = client.post(page, data=body, headers={"Referer": page}, allow_redirects=False)
    assert answer.status_code == 302


async def test_logging_out_closes_within_two_seconds(cast, pair):
    async with Tab(pair.base, pair.carol) as carol:
        await asyncio.to_thread(_log_out, pair.base, pair.carol)
        started = time.monotonic()
        await carol.until("session.ended", 2)
        with pytest.raises(ConnectionClosed):
            await carol.read(2)
        assert carol.ws.close_code == 4401
        assert time.monotonic() - started < 2


async def test_suspension_and_a_new_password_close_the_socket(cast, pair):
    async with Tab(pair.base, pair.carol) as carol:
        cast.carol.set_password("another-password-1")
        await in_thread(cast.carol.save)
        await carol.until("session.ended", 2)
    async with Tab(pair.base, pair.alice) as alice:
        cast.alice.is_active = False
        await in_thread(cast.alice.save)
        await alice.until("session.ended", 2)


async def test_a_suspended_person_hears_nothing_even_when_no_event_was_sent(cast, pair):
    async with Tab(pair.base, pair.carol) as carol:
        await in_thread(User.objects.filter(pk=cast.carol.pk).update, is_active=False)
        await in_thread(Message.objects.count)
        with pytest.raises(Exception):  # noqa: B017, PT011 (whatever refuses: nothing may arrive)
            await pair.send(cast.alice, "to nobody")
        assert await carol.quiet(0.7, {"message.new"})


async def test_typing_reaches_the_other_and_nobody_else(cast, pair, session_of):
    dave_session = await in_thread(session_of, cast.dave)
    async with (
        Tab(pair.base, pair.carol) as carol,
        Tab(pair.base, pair.alice) as alice,
        Tab(pair.base, dave_session) as dave,
    ):
        await alice.say(type="typing", conversation=str(pair.room))
        frame = await carol.until("typing")
        assert frame["data"] == {"conversation": str(pair.room), "username": "alice"}
        await dave.say(type="typing", conversation=str(pair.room))
        assert await carol.quiet(0.5, {"typing"})
        await in_thread(privacy.block, cast.carol, cast.alice)
        await alice.say(type="typing", conversation=str(pair.room))
        assert await carol.quiet(0.7, {"typing"})


async def test_read_receipts_arrive_and_obey_both_settings(cast, pair):
    await pair.send(cast.alice, "read me")
    async with Tab(pair.base, pair.alice) as alice:
        await in_thread(actions.mark_read, cast.carol, pair.room)
        assert (await alice.until("conversation.read"))["data"] == {
            "conversation": str(pair.room),
            "username": "carol",
            "seq": 1,
        }
        await in_thread(privacy.update_privacy, cast.alice, read_receipts=False)
        await pair.send(cast.alice, "and now")
        await in_thread(actions.mark_read, cast.carol, pair.room)
        frames = []
        while not await alice.quiet(0.5, {"conversation.read"}):
            frames.append(1)
        assert not frames


async def test_nonsense_is_ignored(pair, cast):
    async with Tab(pair.base, pair.carol) as carol:
        for text in (
            "",
            "{",
            "[]",
            "null",
            '{"type": 1}',
            '{"type":"resume","seq":"x"}',
            '{"type":"typing"}',
            "x" * 5000,
        ):
            await carol.ws.send(text)
        await carol.ws.send(b"\x00\x01")
        await carol.say(type="ping")
        await carol.until("pong")


async def test_redis_lost_and_back_loses_nothing(cast, pair):
    """The subscription is cut from outside; the socket stays and catches up by itself."""
    from socialapp.lib.redis import connection

    async with Tab(pair.base, pair.carol) as carol:
        await pair.send(cast.alice, "before")
        await carol.until("message.new")
        await asyncio.to_thread(connection().execute_command, "CLIENT", "KILL", "TYPE", "pubsub")
        for number in range(3):
            await pair.send(cast.alice, f"during {number}")
        texts = [(await carol.until("message.new", 10))["data"]["text"] for _number in range(3)]
        assert texts == ["during 0", "during 1", "during 2"]


async def test_messages_across_random_disconnects_have_no_gap_no_repeat_no_reorder(cast, pair, settings):
    """Two receivers: one resumes by the socket's numbers, as contract.md says; the page's way, `after=`, must agree."""
    total, cuts = (10_000, 50) if FULL else (200, 5)
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"message": "1000000/60"}
    seen = []
    last = 0
    done = asyncio.Event()

    async def receive():
        nonlocal last
        rng = random.Random(7)
        limits = [*sorted(rng.sample(range(1, total), cuts)), total + 1]
        for limit in limits:
            async with Tab(pair.base, pair.carol) as carol:
                if last:
                    await carol.say(type="resume", seq=last)
                else:
                    last = carol.hello
                while len(seen) < min(limit, total):
                    frame = await carol.read(30)
                    assert frame["type"] != "reset" or FULL
                    last = max(last, frame["seq"])
                    if frame["type"] == "message.new":
                        seen.append(frame["data"]["seq"])
                if len(seen) >= total:
                    done.set()
                    return
            await asyncio.sleep(rng.random() * 0.2)

    def send():
        from django.db import connection

        for number in range(total):
            sender = cast.alice if number % 3 else cast.carol
            actions.send_message(sender, pair.room, client_id=uuid.uuid4().hex, text=str(number))
        connection.close()

    receiver = asyncio.create_task(receive())
    await asyncio.sleep(0.5)
    sender = threading.Thread(target=send)
    sender.start()
    await asyncio.wait_for(receiver, 600 if FULL else 60)
    await asyncio.to_thread(sender.join)
    assert seen == list(range(1, total + 1))
    seat = await in_thread(access.get_seat, cast.carol, pair.room)
    fetched, after = [], 0
    while page := await in_thread(access.messages, cast.carol, seat, after=after):
        fetched += [m.seq for m in page]
        after = fetched[-1]
    assert fetched == list(range(1, total + 1))


async def test_the_handshake_keeps_to_one_host(pair):
    """A request that names another Host is not ours, whatever its Origin says."""
    parts = urlsplit(pair.base)
    with pytest.raises(InvalidStatus):
        async with connect(
            f"ws://{parts.netloc}/ws/",
            additional_headers={
                "Cookie": f"{settings.SESSION_COOKIE_NAME}={pair.carol}",
                "Host": "evil.example",
            },
            origin="http://evil.example",
        ):
            pass
