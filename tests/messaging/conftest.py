"""Conversations ready to use, and a real server on a real port for the socket."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def talk(cast):
    """`talk("alice", "carol")` is their conversation's id; `talk.say(person, id, text)` sends and returns the message."""
    from messaging import actions

    def make(one, other):
        conversation, _created = actions.open_conversation(getattr(cast, one), [other])
        return conversation.pk

    def say(person, conversation, text="hello", **more):
        more.setdefault("client_id", uuid.uuid4().hex)
        return actions.send_message(person, conversation, text=text, **more)

    make.say = say
    return make


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def server_environment(port, tmp_path):
    """The environment in which a server process works on this test's own database and broker."""
    from django.conf import settings
    from django.db import connection

    environment = {
        **os.environ,
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "DATA_DIR": str(tmp_path),
    }
    environment |= {
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "LOG_LEVEL": "WARNING",
        "DEBUG": "1",  # static files as they lie in the working tree, not collected
    }
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        environment.pop("DATABASE_URL", None)
        (tmp_path / "db.sqlite3").symlink_to(name)  # SQLite keeps its write-ahead log beside the real file
    else:
        d = connection.settings_dict
        environment["DATABASE_URL"] = (
            f"postgres://{d['USER']}:{d['PASSWORD']}@{d['HOST'] or 'localhost'}:{d['PORT'] or 5432}/{name}"
        )
        environment["ALLOWED_HOSTS"] = "127.0.0.1"
        environment["EMAIL_VERIFICATION"] = "optional"
    return environment


def serve(command, environment, port):
    """Start a server process and wait until it answers."""
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    for _attempt in range(900):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/notifications/", timeout=2)
        except urllib.error.HTTPError:
            return process
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    process.kill()
    raise RuntimeError("the server did not start")


GRANIAN = [
    sys.executable,
    "-m",
    "granian",
    "--interface",
    "asgi",
    "--no-access-log",
    "--log-level",
    "warning",
    "--workers",
    "1",
]
UVICORN = [
    sys.executable,
    "-m",
    "uvicorn",
    "--ws",
    "websockets-sansio",
    "--log-level",
    "warning",
    "--lifespan",
    "off",
]


@pytest.fixture(scope="module")
def servers(django_db_setup, django_db_blocker, tmp_path_factory):
    """Starts a server process of a kind once for the module; the tests empty its database between them."""
    running = {}

    def get(kind):
        if kind not in running:
            port = free_port()
            command = [
                *{"granian": GRANIAN, "uvicorn": UVICORN}[kind],
                "--port",
                str(port),
                "--host",
                "127.0.0.1",
            ]
            with django_db_blocker.unblock():
                environment = server_environment(port, tmp_path_factory.mktemp(kind))
            running[kind] = serve([*command, "socialapp.asgi:application"], environment, port), port
        return f"http://127.0.0.1:{running[kind][1]}"

    yield get
    for process, _port in running.values():
        process.terminate()
        process.wait(10)


@pytest.fixture
def live(request, transactional_db, servers):
    """`http://127.0.0.1:port` of a server process on this test's database. Parametrise indirectly with "uvicorn"."""
    return servers(getattr(request, "param", "granian"))


@pytest.fixture
def session_of():
    """`session_of(person)` is the key of a new log-in's session."""
    from django.test import Client

    def make(person):
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client.session.session_key

    return make


@pytest.fixture
def push_service(settings):
    """A push service over real HTTP (tests/messaging/push_double.py), which is the only one that may be pushed to."""
    from messaging import vapid

    from .push_double import PushService

    settings.WEB_PUSH_HOSTS = ["127.0.0.1"]
    service = PushService()
    service.public_key = vapid.public_key()
    yield service
    service.shutdown()
    service.server_close()


@pytest.fixture
def listening(push_service):
    """`listening(person)` lets a browser of a new log-in be pushed to; it has `client` and `received`."""
    from rest_framework.test import APIClient

    def make(person, name=None):
        browser = push_service.browser(name or person.username)
        browser.client = APIClient()
        browser.client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = browser.client.post("/api/v1/push/subscriptions/", browser.subscription, format="json")
        assert answer.status_code == 201, answer.content
        browser.id = answer.json()["id"]
        return browser

    return make


@pytest.fixture
def send_pushes(monkeypatch):
    """`send_pushes()` makes all that waits due and sends it; how many left."""
    from django.utils import timezone

    from messaging import pushing
    from messaging.models import Push

    def send(all_due=True):
        if all_due:
            Push.objects.filter(state="waiting").update(due_at=timezone.now())
        return pushing.send_due()

    return send
