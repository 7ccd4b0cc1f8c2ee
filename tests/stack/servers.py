"""Private PostgreSQL and Redis servers for one test run: in a temporary folder, on free loopback ports, gone at its end."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import redis

from socialapp.engines import EngineMissing, redis_binary

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def free_port():
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def die_with_us():
    """For preexec_fn: the kernel ends this child when the test run dies, however it dies."""
    if _libc:
        _libc.prctl(1, signal.SIGKILL, 0, 0, 0)


@contextlib.contextmanager
def running(command, *, log, stop_signal=signal.SIGTERM, **options):
    """A process in a group of its own, its output in `log`, ended with its group at the end."""
    with Path(log).open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_us,
            **options,
        )
    try:
        yield process
    finally:
        process.send_signal(stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)


def wait_until(test, what, seconds=30, log=None):
    """Returns when `test()` is true; otherwise fails, showing the end of the log."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if test():
            return
        time.sleep(0.05)
    tail = Path(log).read_text(errors="replace")[-4000:] if log and Path(log).exists() else ""
    raise AssertionError(f"{what}: not within {seconds} s\n{tail}")


def postgres_programs():
    """The folder of PostgreSQL's programs (the newest installed), or None."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    for folder in folders:
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def has_redis():
    try:
        return bool(redis_binary())
    except EngineMissing:
        return False


def missing_for_compose():
    """The programs that the composed site needs and that are not here, as words; empty when all are."""
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    have = {"PostgreSQL": postgres_programs(), "nginx": nginx, "a Redis-protocol server": has_redis()}
    return ", ".join(name for name, found in have.items() if not found)


class Cluster:
    """A new, empty PostgreSQL cluster below `folder`, not started. As root it belongs to Debian's `postgres` user."""

    def __init__(self, folder, port=None):
        self.programs, self.port = postgres_programs(), port or free_port()
        self.data = Path(folder) / "postgres"
        self.data.mkdir(parents=True, mode=0o700)
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        self.user = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = pwd.getpwnam("postgres")
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            os.chown(self.data, account.pw_uid, account.pw_gid)
            for parent in self.data.parents[:-1]:  # it must be able to come here
                if parent.owner() == "root" and not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o011)
        made = subprocess.run(
            [
                self.programs / "initdb",
                "-D",
                self.data,
                "-U",
                "glint",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--no-instructions",
            ],
            capture_output=True,
            text=True,
            env=self.environment,
            cwd="/",
            **self.user,
        )
        assert made.returncode == 0, made.stderr

    @property
    def url(self):
        return f"postgres://glint:secret@127.0.0.1:{self.port}/glint"

    @property
    def command(self):
        # Nothing here must survive a power cut: without fsync a test run is quicker.
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": 200,
        }
        return [
            str(self.programs / "postgres"),
            "-D",
            str(self.data),
            *(f"--{name}={value}" for name, value in options.items()),
        ]

    @property
    def command_from_root(self):
        """The same for a parent that cannot change users by itself."""
        if not self.user:
            return self.command
        who = [f"--reuid={self.user['user']}", f"--regid={self.user['group']}", "--clear-groups"]
        return ["setpriv", *who, "--", *self.command]

    def ready(self):
        """Whether it serves; makes the database when it does for the first time."""
        try:
            with psycopg.connect(
                f"postgres://glint@127.0.0.1:{self.port}/postgres", autocommit=True
            ) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'glint'").fetchone():
                    connection.execute("CREATE DATABASE glint")
            return True
        except psycopg.OperationalError:
            return False


@contextlib.contextmanager
def postgres(folder):
    """A running cluster; yields its URL."""
    cluster, log = Cluster(folder), Path(folder) / "postgres.log"
    with running(
        cluster.command, log=log, stop_signal=signal.SIGINT, env=cluster.environment, cwd="/", **cluster.user
    ):
        wait_until(cluster.ready, "PostgreSQL", log=log)
        yield cluster.url


@contextlib.contextmanager
def redis_server(folder, password=""):
    """A Redis-protocol server below `folder` on a loopback port; yields its URL without a database number."""
    folder = Path(folder) / "redis"
    folder.mkdir(parents=True)
    port = free_port()
    command = [
        redis_binary(),
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--dir",
        str(folder),
        "--save",
        "",
        "--databases",
        "64",
    ]
    if password:
        command += ["--requirepass", password]
    with running(command, log=folder / "log"):
        url = f"redis://:{password}@127.0.0.1:{port}" if password else f"redis://127.0.0.1:{port}"

        def up():
            try:
                with redis.Redis.from_url(url, socket_connect_timeout=1) as client:
                    return client.ping()
            except redis.RedisError:
                return False

        wait_until(up, "Redis", log=folder / "log")
        yield url
