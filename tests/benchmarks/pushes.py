"""Pushes: what one costs, and how many leave while push services take their time, beside pywebpush called in a loop.

    python -m tests.benchmarks.pushes [--quick]

Real HTTP to a push service in a process of its own, which checks nothing. Ours is the whole way: the queue's row claimed, every
right asked, the words made, sealed, signed, sent, written down (SQLite, WAL). The baseline seals, signs and sends the same words
and knows nothing. Five interleaved rounds; the median counts. CPU is this process's, all threads.
"""

import contextlib
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5
# A push service as short as it can be said; its argument is how long it takes, in seconds.
SERVICE = """
import http.server, sys, time
class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(float(sys.argv[1]))
        self.send_response(201); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
print(server.server_port, flush=True)
server.serve_forever()
"""


@contextlib.contextmanager
def _service(seconds):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVICE, str(seconds)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/push/"
    finally:
        process.terminate()
        process.wait(5)


def _keys():
    from cryptography.hazmat.primitives.asymmetric import ec

    from tests.messaging.push_double import point, text

    return {"p256dh": text(point(ec.generate_private_key(ec.SECP256R1()))), "auth": text(os.urandom(16))}


def _world(count):
    """`count` people, each with a log-in and a browser, and each with a conversation with a first one."""
    from allauth.usersessions.models import UserSession
    from django.test import Client

    from accounts.models import User
    from messaging.actions import open_conversation, subscribe_browser
    from messaging.sockets import session_hash

    names = ["writer", *(f"p{number}" for number in range(count))]
    people = [User.objects.create(username=name, email=f"{name}@example.com", password="!") for name in names]
    talks = []
    for person in people[1:]:
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        key = client.session.session_key
        UserSession.objects.create(user=person, ip="127.0.0.1", session_key=key, user_agent="")
        endpoint = f"http://127.0.0.1:9/{person.pk}"
        subscribe_browser(person, session_hash(key), endpoint=endpoint, **_keys())
        talks.append(open_conversation(person, ["writer"])[0])
        from messaging.models import Participant

        Participant.objects.filter(conversation=talks[-1]).update(accepted_at=talks[-1].created_at)
    return people[0], talks


def _write(writer, talks):
    from django.utils import timezone

    from messaging.actions import send_message
    from messaging.models import Push

    for talk in talks:
        send_message(writer, talk.pk, client_id=secrets.token_hex(8), text="See you at the harbour at seven")
    Push.objects.filter(state="waiting").update(due_at=timezone.now())


def _taken(work, count):
    """Wall and CPU milliseconds for each of `count` pushes."""
    wall, cpu = time.perf_counter(), time.process_time()
    assert work() == count
    return (time.perf_counter() - wall) * 1000 / count, (time.process_time() - cpu) * 1000 / count


def _ours():
    from messaging import pushing

    return pushing.send_due(600)


def _bare(address, count, body):
    from pywebpush import webpush

    from messaging import vapid

    key = vapid._given()
    for number in range(count):
        webpush(
            {"endpoint": f"{address}{number}", "keys": _bare.keys},
            body,
            vapid_private_key=key,
            vapid_claims={"sub": "mailto:nobody@example.org"},
            ttl=60,
        )
    return count


def rows(quick):
    """One table's rows. With a push service that answers at once, and with one that takes 80 ms as those on the net do."""
    from messaging.models import PushSubscription

    count = 40 if quick else 200
    writer, talks = _world(count)
    _bare.keys = _keys()
    body = json.dumps({"title": "writer", "body": "See you at the harbour at seven", "url": "/messages/1/"})
    for seconds, what in ((0, "at once"), (0.08, "after 80 ms")):
        figures = {"ours": [], "bare": []}
        with _service(seconds) as address:
            for row in PushSubscription.objects.all():
                PushSubscription.objects.filter(pk=row.pk).update(endpoint=f"{address}{row.pk}")
            for _round in range(ROUNDS):
                _write(writer, talks)
                figures["ours"].append(_taken(_ours, count))
                figures["bare"].append(_taken(lambda: _bare(address, count, body), count))
        for place, figure in ((1, "CPU"), (0, "time")):
            ours, bare = (
                statistics.median(taken[place] for taken in figures[side]) for side in ("ours", "bare")
            )
            yield {
                "name": f"a push to a service that answers {what} (baseline: pywebpush in a loop): {figure}",
                "ours": round(ours, 2),
                "baseline": round(bare, 2),
                "unit": "ms a push",
                "ratio": round(ours / bare, 2),
                "target": "",
            }


def main():
    from tests import redis_server

    with tempfile.TemporaryDirectory(prefix="glint-bench-", ignore_cleanup_errors=True) as folder:
        server, url = redis_server.start(Path(folder) / "redis")
        os.environ.update(
            DATA_DIR=folder,
            REDIS_URL=f"{url}?db=0",
            SECRET_KEY=secrets.token_urlsafe(48),
            DJANGO_SETTINGS_MODULE="socialapp.settings",
            RATE_LIMITS="message=100000000/60,message_to_stranger=100000000/60",
            WEB_PUSH_HOSTS="127.0.0.1",
            LOG_LEVEL="ERROR",
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
