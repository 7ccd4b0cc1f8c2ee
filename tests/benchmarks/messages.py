"""Messages: from sent to the other's screen beside a bare publish-subscribe loop, and what an idle socket costs.

    python -m tests.benchmarks.messages [--quick]

Both servers run under the same program (uvicorn, websockets-sansio: the realtime process), in processes of their own, on the same
Redis; the receiver is the `websockets` library here. Five interleaved rounds; the median round's figure counts.
"Announced" is the moment after commit at which the message is pushed; "sent" is the call of the action, with its checks,
locks and commit (SQLite, WAL). The baseline's clock starts at PUBLISH.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
PAUSE = 0.01  # between messages: 100 a second, well below saturation, so that waiting in line is not what is measured


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
        process.wait(10)


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


async def _times(socket, fire, marks):
    """Milliseconds from `fire(mark)` until the mark is on the socket, for each mark."""
    found = []
    for mark in marks:
        started = time.perf_counter()
        firing = asyncio.create_task(asyncio.to_thread(fire, mark))
        while mark not in await asyncio.wait_for(socket.recv(), 10):
            pass
        found.append((time.perf_counter() - started) * 1000)
        await firing
        await asyncio.sleep(PAUSE)
    return found


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


async def _measure(quick):
    from messaging import actions
    from messaging.models import Message
    from socialapp.lib.realtime import push
    from socialapp.lib.redis import connection

    count, idle = (80, 200) if quick else (400, 2000)
    people, keys, conversation = await asyncio.to_thread(_people, idle + 2)
    alice, carol = people[0], people[1]

    def say(mark):
        actions.send_message(alice, conversation.pk, client_id=mark, text=mark)

    committed = {}  # by mark: messages that are committed but not announced

    def commit(count):
        from messaging.models import Conversation

        conversation.refresh_from_db()
        marks = _marks(count)
        rows = [
            Message(
                conversation=conversation,
                sender=alice,
                seq=conversation.last_seq + n,
                client_id=mark,
                text=mark,
            )
            for n, mark in enumerate(marks, 1)
        ]
        committed.update({row.client_id: row for row in Message.objects.bulk_create(rows)})
        Conversation.objects.filter(pk=conversation.pk).update(last_seq=conversation.last_seq + count)
        return marks

    def announce(mark):
        row = committed[mark]
        push(
            [carol.pk],
            "message.new",
            {"conversation": str(conversation.pk), "message": str(row.pk), "seq": row.seq},
        )

    def publish(mark):
        connection().publish("bench", json.dumps({"text": mark, "padding": "x" * 300}))

    figures = {"bare": [], "announced": [], "sent": []}
    port, bare_port = _port(), _port()
    with (
        _server("socialapp.asgi:application", port) as process,
        _server("tests.benchmarks.bare_socket:application", bare_port) as bare,
    ):
        mine, theirs = await _ours(port, keys[1]), await _bare(bare_port, "bench")
        for _warm in range(2):
            await _times(theirs, publish, _marks(10))
            await _times(mine, say, _marks(10))
        for _round in range(ROUNDS):
            figures["bare"].append(await _times(theirs, publish, _marks(count)))
            figures["announced"].append(await _times(mine, announce, await asyncio.to_thread(commit, count)))
            figures["sent"].append(await _times(mine, say, _marks(count)))
        await mine.close()
        await theirs.close()
        memory = await _idle(process, lambda key: _ours(port, key), keys[2:])
        bare_memory = await _idle(
            bare, lambda channel: _bare(bare_port, channel), [f"c{n}" for n in range(idle)]
        )
    return figures, memory, bare_memory, idle


def rows(quick):
    """The figures as `make bench` prints them."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192) if hard > 0 else 8192, hard))
    figures, memory, bare_memory, idle = asyncio.run(_measure(quick))
    result = []
    for what, name in (
        ("announced", "message announced → on the other's screen"),
        ("sent", "message sent (checked, committed) → on the other's screen"),
    ):
        for share, label in ((0.5, "p50"), (0.99, "p99")):
            ours = statistics.median(_percentile(values, share) for values in figures[what])
            base = statistics.median(_percentile(values, share) for values in figures["bare"])
            target = "≤ 2" if share == 0.99 and what == "announced" else ""
            result.append(
                {
                    "name": f"{name}, {label}",
                    "ours": round(ours, 2),
                    "baseline": round(base, 2),
                    "unit": "ms",
                    "ratio": round(ours / base, 2),
                    "target": target,
                }
            )
    result.append(
        {
            "name": f"memory of an idle socket, {idle} open (baseline: the limit)",
            "ours": round(memory, 1),
            "baseline": 60,
            "unit": "KiB",
            "ratio": round(memory / 60, 2),
            "target": "≤ 1",
        }
    )
    result.append(
        {
            "name": f"memory of an idle socket, {idle} open (baseline: bare socket)",
            "ours": round(memory, 1),
            "baseline": round(bare_memory, 1),
            "unit": "KiB",
            "ratio": round(memory / max(bare_memory, 0.1), 2),
            "target": "",
        }
    )
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
