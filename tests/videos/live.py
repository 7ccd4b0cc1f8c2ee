"""A site of its own for tests that need real processes: its own folder and database, a real server, a real worker."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

from tests.environment import REDIS
from tests.stack.prepared import copy_to

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "demo-password"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Site:
    """Migrated and with people; processes are started by the tests. SQLite and the test run's Redis server."""

    def __init__(self, people=("alice", "bob"), database=60, **settings):
        self.folder = Path(tempfile.mkdtemp(prefix="glint-live-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        base = (
            os.environ["REDIS_URL"].rpartition("?db=")[0]
            if REDIS is not None
            else os.environ["REDIS_URL"].rpartition("/")[0]
        )
        redis = f"{base}?db={database}" if REDIS is not None else f"{base}/{database % 16}"
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
        }
        self.environment = kept | {
            "DATA_DIR": str(self.folder),
            "REDIS_URL": redis,
            "SECRET_KEY": "only-for-tests-" + "y" * 40,
            "PORT": str(self.port),
            "LOG_LEVEL": "WARNING",
            "DEBUG": "1",  # pages without gathered page files
            "PYTHONPATH": str(ROOT),
            "RATE_LIMITS": "upload=10000/3600",
            "NEW_ACCOUNT_HOURS": "0",  # everybody here is new, and publishes in a hurry
            "UPLOADS_WAITING": "1000",
            **{name: str(value) for name, value in settings.items()},
        }
        self.processes = []
        if "DATABASE_URL" in settings:
            self.manage("migrate", "-v", "0")
        else:
            copy_to(self.folder)
        made = "\n".join(
            f"User.objects.create_user({name!r}, '{name}@example.com', {PASSWORD!r})" for name in people
        )
        self.python(
            f"from accounts.models import User\n{made}\nfrom socialapp.lib.redis import connection\nconnection().flushdb()"
        )

    def manage(self, *arguments):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            timeout=300,
            capture_output=True,
        )

    def python(self, code):
        """Run code inside the site's settings; what it leaves in `answer` comes back."""
        tail = "\nimport json, sys\nsys.stdout.write('\\n@' + json.dumps(globals().get('answer')))"
        head = "import django; django.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", head + code + tail],
            cwd=ROOT,
            env=self.environment | {"DJANGO_SETTINGS_MODULE": "socialapp.settings"},
            timeout=600,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout.rpartition("@")[2])

    def start(self, *command):
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment,
            start_new_session=True,
            stdout=(self.folder / "log").open("ab"),
            stderr=subprocess.STDOUT,
        )
        self.processes.append(process)
        return process

    def serve(self):
        """The site's own server (granian, ASGI) until the end of the test run."""
        server = self.start(
            *(
                "-m",
                "granian",
                "--interface",
                "asgi",
                "--host",
                "127.0.0.1",
                "--port",
                str(self.port),
                "--workers",
                "1",
            ),
            *("--log-level", "warning", "socialapp.asgi:application"),
        )
        for _attempt in range(300):
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.url}/healthz", timeout=5).status_code == 200:
                    return server
            assert server.poll() is None, (self.folder / "log").read_text()[-3000:]
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def worker(self):
        """A real Celery worker for both queues."""
        return self.start(
            *(
                "-m",
                "celery",
                "-q",
                "-A",
                "socialapp",
                "worker",
                "-Q",
                "media,default",
                "--pool",
                "prefork",
                "--concurrency",
                "1",
            ),
            *("--loglevel", "warning", "--without-gossip", "--without-mingle", "--without-heartbeat"),
        )

    def token(self, username):
        """A session token, as any program gets one."""
        answer = requests.post(
            f"{self.url}/_allauth/app/v1/auth/login",
            json={"username": username, "password": PASSWORD},
            timeout=30,
        )
        return answer.json()["meta"]["session_token"]

    def close(self):
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
