"""The site as people start it, for tests that come from outside: embedded (`manage.py up`) and composed (docker-compose.yml)."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.stack.prepared import ROOT, copy_to
from tests.stack.servers import free_port, running, wait_until

# What a process needs of ours. The rest (DATA_DIR, REDIS_URL, … of this test run) must not reach the site under test.
KEPT = ("HOME", "LANG", "USER", "MEDIA_CORPUS", "FFMPEG_BINARY", "TMPDIR", "SSL_CERT_FILE")


@dataclass
class Running:
    """A site that serves. `env` is what its processes have; `folder` holds its data and `log`."""

    url: str
    env: dict
    folder: Path
    pids_file: Path

    def manage(self, *arguments):
        """Run a manage.py command on this site's data; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pids(self):
        """Name → process id of the processes that run now."""
        return json.loads(self.pids_file.read_text())

    def kill(self, name, number=signal.SIGKILL):
        """Send a signal to one process (not its children); returns its process id."""
        pid = self.pids()[name]
        os.kill(pid, number)
        return pid

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def get(self, path, headers=None):
        """(status, headers, body) of a GET; a refusal is an answer too."""
        request = urllib.request.Request(self.url + path, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=15) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def ready(self):
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False


def _clean(**settings):
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin", "/sbin"])
    return {**environment, "PATH": path, "PYTHONPATH": str(ROOT), **settings}


@contextlib.contextmanager
def embedded(folder, *, prepared=True, **settings):
    """`manage.py up` with its data below `folder` and no demo unless asked for; other settings as given.

    Its tables are empty. Unless they were `prepared`, it makes them itself, which is most of the work of a start.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    data, port = folder / "data", free_port()
    environment = _clean(**{"DATA_DIR": str(data), "PORT": str(port), "DEMO": "0", **settings})
    if prepared:
        copy_to(data)
    site = Running(f"http://127.0.0.1:{port}", environment, folder, data / "pids.json")
    with running(
        [sys.executable, "manage.py", "up"], log=folder / "log", cwd=ROOT, env=environment
    ) as process:
        wait_until(
            lambda: site.ready() or process.poll() is not None, "the embedded site", 90, folder / "log"
        )
        assert process.poll() is None, site.log()
        yield site


@contextlib.contextmanager
def compose(folder):
    """docker-compose.yml's processes on real PostgreSQL and Redis with nginx in front, without containers."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with running(
        [sys.executable, "-m", "tests.stack.compose", str(folder)], log=folder / "log", cwd=ROOT, env=_clean()
    ) as process:
        state = folder / "state.json"
        wait_until(
            lambda: state.exists() or process.poll() is not None, "the composed site", 120, folder / "log"
        )
        assert state.exists(), (folder / "log").read_text()
        known = json.loads(state.read_text())
        site = Running(known["url"], _clean(**known["environment"]), folder, folder / "pids.json")
        wait_until(site.ready, "the composed site", 60, folder / "log")
        yield site
