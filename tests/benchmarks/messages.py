"""Messages: from sent to the other's screen, and what that costs, beside a bare publish-subscribe loop and plain Channels.

    python -m tests.benchmarks.messages [--quick]

All servers run under the same program (uvicorn, websockets-sansio: the realtime process), in processes of their own, on the same
Redis; the receiver is the `websockets` library here. Five interleaved rounds; the median round's figure counts.
"Announced" is the moment after commit at which the message is pushed, in a conversation where somebody just wrote ("first": where
nobody did for a while, so that the gate must be asked before it is shown); "sent" is the call of the action, with its checks,
locks and commit (SQLite, WAL). The baselines' clocks start at PUBLISH and at group_send. CPU is what the server's
process used, all threads, for each message delivered.
"""

import asyncio
import contextlib
import json
import os
import resource
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
PAUSE = 0.01  # between messages: 100 a second, well below saturation, so that waiting in line is not what is measured
# (figure, what it is called)
OURS = (
    ("announced", "message announced → on the other's screen"),
    ("first", "first message after a pause, announced → on the other's screen"),
    ("sent", "message sent (checked, committed) → on the other's screen"),
)


def _port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def _server(target, port):
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        target,
        "--ws",
        "websockets-sansio",
        "--ws-per-message-deflate",
        "false",
    ]
    command += ["--port", str(port), "--log-level", "error", "--lifespan", "off"]
    environment = {
        **os.environ,
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    import urllib.error
    import urllib.request

    try:
        for _attempt in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/notifications/", timeout=5)
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:  # Channels' consumers wait for their sockets
            process.kill()
            process.wait(5)


def _people(count):
    """(sender, conversation) of one pair, and log-ins of `count` people."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.cached_db import SessionStore

    from accounts.actions import follow
    from accounts.models import User
    from messaging.actions import open_conversation

    people = [
        User.objects.create(username=f"p{n}", email=f"p{n}@example.com", password="!") for n in range(count)
    ]
    keys = []
    for person in people:
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[1]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        keys.append(session.session_key)
    follow(people[0], people[1])
    follow(people[1], people[0])
    conversation, _new = open_conversation(people[0], [people[1].username])
    return people, keys, conversation


async def _ours(port, key):
    from django.conf import settings
    from websockets.asyncio.client import connect

    base = f"127.0.0.1:{port}"
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"}
    socket = await connect(
        f"ws://{base}/ws/", additional_headers=headers, origin=f"http://{base}", compression=None
    )
    await socket.recv()
    return socket


async def _bare(port, channel):
    from websockets.asyncio.client import connect

    socket = await connect(f"ws://127.0.0.1:{port}/ws/?channel={channel}", compression=None)
    await socket.recv()
    return socket


def _marks(count):
    return [uuid.uuid4().hex for _number in range(count)]


async def _times(socket, fire, marks, before=None):
    """Milliseconds from `fire(mark)` until the mark is on the socket, for each mark. `before` is called ahead of each."""
    found = []
    for mark in marks:
        if before is not None:
            await asyncio.to_thread(before)
            await asyncio.sleep(PAUSE)
        started = time.perf_counter()
        firing = asyncio.create_task(
            fire(mark) if asyncio.iscoroutinefunction(fire) else asyncio.to_thread(fire, mark)
        )
        while mark not in await asyncio.wait_for(socket.recv(), 10):
            pass
        found.append((time.perf_counter() - started) * 1000)
        await firing
        await asyncio.sleep(PAUSE)
    return found


def _cpu(pid):
    """Milliseconds of CPU that all threads of a process have used (Linux)."""
    used = 0
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):
            used += int(path.read_text().split()[0])
    return used / 1e6


def _resident(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise RuntimeError("no VmRSS")


async def _idle(process, opener, arguments):
    """KiB of resident memory per socket, over the first one (which loads what all share)."""
    first = await opener(arguments[0])
    await asyncio.sleep(1)
    before = _resident(process.pid)
    sockets = [await opener(argument) for argument in arguments[1:]]
    await asyncio.sleep(1.5)
    grown = _resident(process.pid) - before
    for socket in [first, *sockets]:
        await socket.close()
    return grown / len(sockets)


def _percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _announcing(alice, carol, conversation):
    """`commit(count)` puts messages into the database and returns their marks, `announce(mark)` pushes one of them."""
    from messaging import access
    from messaging.models import Conversation, Message
    from socialapp.lib.realtime import push

    committed = {}

    def commit(count):
        conversation.refresh_from_db()
        marks, last, change = _marks(count), conversation.last_seq, conversation.last_change
        rows = [
            Message(
                conversation=conversation,
                sender=alice,
                seq=last + n,
                change=change + n,
                client_id=mark,
                text=mark,
            )
            for n, mark in enumerate(marks, 1)
        ]
        committed.update({row.client_id: row for row in Message.objects.bulk_create(rows)})
        now = {"last_seq": last + count, "last_change": change + count}
        Conversation.objects.filter(pk=conversation.pk).update(**now)
        return marks

    def announce(mark):
        row = committed[mark]
        facts = {"conversation": str(conversation.pk), "message": str(row.pk), "seq": row.seq}
        push([carol.pk], "message.new", facts, access.live_card(row))

    return commit, announce


async def _measure(quick):
    """The times of each kind by round, CPU milliseconds a delivery by kind and round, KiB of an idle socket by server."""
    from channels_redis.core import RedisChannelLayer

    from messaging import actions
    from messaging.hub import STANDING_CHANGED
    from socialapp.lib.realtime import push_unlogged
    from socialapp.lib.redis import connection

    count, idle = (80, 200) if quick else (400, 2000)
    people, keys, conversation = await asyncio.to_thread(_people, idle + 2)
    alice, carol = people[0], people[1]
    commit, announce = _announcing(alice, carol, conversation)
    layer = RedisChannelLayer(hosts=[os.environ["REDIS_URL"]])
    padding = "x" * 550  # as long as a message's card

    def say(mark):
        actions.send_message(alice, conversation.pk, client_id=mark, text=mark)

    def publish(mark):
        connection().publish("bench", json.dumps({"text": mark, "padding": padding}))

    async def group_send(mark):
        await layer.group_send(
            "bench", {"type": "said", "text": json.dumps({"text": mark, "padding": padding})}
        )

    def forget():
        push_unlogged([carol.pk], STANDING_CHANGED, {})

    times, cpu = defaultdict(list), defaultdict(list)
    ports = [_port() for _server_of in range(3)]
    with (
        _server("socialapp.asgi:application", ports[0]) as process,
        _server("tests.benchmarks.bare_socket:application", ports[1]) as bare,
        _server("tests.benchmarks.channels_socket:application", ports[2]) as channels,
    ):
        mine = await _ours(ports[0], keys[1])
        theirs, grouped = await _bare(ports[1], "bench"), await _bare(ports[2], "bench")
        await asyncio.to_thread(say, _marks(1)[0])  # both have written: nothing is a request
        await asyncio.to_thread(
            actions.send_message, carol, conversation.pk, client_id=_marks(1)[0], text="hello"
        )
        kinds = [
            ("bare", bare, theirs, publish, None),
            ("channels", channels, grouped, group_send, None),
            ("announced", process, mine, announce, None),
            ("first", process, mine, announce, forget),
            ("sent", process, mine, say, None),
        ]
        for number in range(-1, ROUNDS):
            for kind, server, socket, fire, before in kinds:
                some = count if number >= 0 else 20  # the first round warms up
                marks = await asyncio.to_thread(commit, some) if fire is announce else _marks(some)
                used = _cpu(server.pid)
                found = await _times(socket, fire, marks, before)
                if number >= 0:
                    times[kind].append(found)
                    cpu[kind].append((_cpu(server.pid) - used) / some)
        for socket in (mine, theirs, grouped):
            await socket.close()
        memory = {
            "ours": await _idle(process, lambda key: _ours(ports[0], key), keys[2:]),
            "bare": await _idle(bare, lambda name: _bare(ports[1], name), _marks(idle)),
            "channels": await _idle(channels, lambda name: _bare(ports[2], name), _marks(idle)),
        }
    await layer.flush()
    return times, cpu, memory, idle


def _row(name, ours, baseline, unit, target=""):
    return {
        "name": name,
        "ours": round(ours, 3),
        "baseline": round(baseline, 3),
        "unit": unit,
        "ratio": round(ours / max(baseline, 0.001), 2),
        "target": target,
    }


def rows(quick):
    """The figures as `make bench` prints them."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384) if hard > 0 else 16384, hard))
    times, cpu, memory, idle = asyncio.run(_measure(quick))

    def middle(kind, share):
        return statistics.median(_percentile(values, share) for values in times[kind])

    result = []
    for kind, name in OURS:
        for share, label in ((0.5, "p50"), (0.99, "p99")):
            for base, called in (("bare", "bare loop"), ("channels", "Channels group_send")):
                target = "≤ 2" if (share, kind, base) == (0.99, "announced", "bare") else ""
                result.append(
                    _row(
                        f"{name}, {label} (baseline: {called})",
                        middle(kind, share),
                        middle(base, share),
                        "ms",
                        target,
                    )
                )
    spent = {kind: statistics.median(values) for kind, values in cpu.items()}
    for kind, name in OURS:
        for base, called in (("bare", "bare loop"), ("channels", "Channels group_send")):
            result.append(
                _row(
                    f"CPU of the realtime process, {name.split(',')[0].split(' →')[0]} (baseline: {called})",
                    spent[kind],
                    spent[base],
                    "ms a delivery",
                )
            )
    what = f"memory of an idle socket, {idle} open"
    result.append(_row(f"{what} (baseline: the limit)", memory["ours"], 60, "KiB", "≤ 1"))
    result.append(_row(f"{what} (baseline: bare socket)", memory["ours"], memory["bare"], "KiB"))
    result.append(_row(f"{what} (baseline: Channels group)", memory["ours"], memory["channels"], "KiB"))
    return result


def main():
    from tests import redis_server

    with tempfile.TemporaryDirectory(prefix="glint-bench-", ignore_cleanup_errors=True) as folder:
        server, url = redis_server.start(Path(folder) / "redis")
        os.environ.update(
            DATA_DIR=folder,
            REDIS_URL=f"{url}?db=0",
            SECRET_KEY=secrets.token_urlsafe(48),
            DJANGO_SETTINGS_MODULE="socialapp.settings",
            RATE_LIMITS="message=100000000/60",
        )
        try:
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            for row in rows("--quick" in sys.argv):
                print(json.dumps(row, ensure_ascii=False), flush=True)
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main()
