"""Runs a program on files that strangers made: limits on time, memory and output, no secrets, no network, no orphan.

What the program is and what it is told is the caller's (lib.ffmpeg, videos.probe). Nothing here knows about clips.
"""

import contextlib
import functools
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

TAIL_LINES = 60  # of the program's own words that are kept
LINE_LENGTH = 500
TICK_SECONDS = 1.0
# Limits that the shell sets on itself before it becomes the program: POSIX `ulimit`, so it works without util-linux and
# without running Python code between fork and exec of a threaded process. Darwin's kernel has no limit on memory.
# The hard limit on time lies above the soft one, whose signal says what happened.
_LIMITED = (
    'ulimit -c 0; ulimit -S -t "$1" && ulimit -H -t "$(($1 + 5))" && ulimit -f "$2" && '
    '{ ulimit -v "$3" || test "$4" = darwin; } && shift 4 && exec "$@"'
)
_LIBRARIES = ("/usr", "/bin", "/lib", "/lib64", "/lib32", "/nix/store")


@dataclass(frozen=True)
class Limits:
    """How much one run may use. Times in seconds; `file_bytes` is for each file it writes."""

    wall: float
    cpu: int
    memory_bytes: int
    file_bytes: int


@dataclass
class Ending:
    """How a run ended. `over` names the limit that it hit, or is empty."""

    code: int
    over: str = ""
    out: bytes = b""
    log: str = ""


@dataclass
class _Output:
    """What a run said: stdout whole (bounded), and the last lines of stderr."""

    limit: int
    out: bytearray = field(default_factory=bytearray)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=TAIL_LINES))
    rest: dict[str, bytes] = field(default_factory=lambda: {"out": b"", "err": b""})

    def take(self, name: str, data: bytes, on_line: Callable[[str], None] | None) -> None:
        if name == "out" and on_line is None:
            self.out += data[: max(0, self.limit - len(self.out))]
            return
        # A program that never ends its line must not fill our memory.
        *lines, self.rest[name] = (self.rest[name] + data)[-64 * 1024 :].split(b"\n")
        for line in lines:
            text = line[:LINE_LENGTH].decode("utf-8", "replace")
            if name == "err":
                self.lines.append(text)
            elif on_line is not None:
                on_line(text)


@functools.cache
def _bubblewrap() -> str | None:
    """The path of bubblewrap if it really works here; in many containers user namespaces are forbidden."""
    path = shutil.which("bwrap")
    if path is None:
        return None
    try:
        done = subprocess.run(
            [path, *_walls([], None), "true"],
            capture_output=True,
            timeout=10,
            check=False,
            env=_environment(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return path if done.returncode == 0 else None


@functools.cache
def _parent_death() -> tuple[str, ...]:
    """A prefix that kills the program when the worker itself is killed (Linux, util-linux); empty elsewhere."""
    path = shutil.which("setpriv")
    return (path, "--pdeathsig", "KILL", "--") if path and sys.platform == "linux" else ()


def _environment() -> dict[str, str]:
    """Nothing of ours: no secret, no address of a database, no proxy."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}


def _walls(readable: Sequence[Path], folder: Path | None) -> list[str]:
    """bubblewrap's arguments: system libraries and `readable` for reading, `folder` for writing, and nothing else."""
    walls = [
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--clearenv",
        "--setenv",
        "PATH",
        "/usr/bin:/bin",
    ]
    for library in _LIBRARIES:
        if os.path.islink(library):
            walls += ["--symlink", os.readlink(library), library]
        elif os.path.isdir(library):
            walls += ["--ro-bind", library, library]
    for path in readable:
        walls += ["--ro-bind", str(path), str(path)]
    if folder is not None:
        walls += ["--bind", str(folder), str(folder), "--chdir", str(folder)]
    return walls


def walls_are_up() -> bool:
    """Whether runs are also shut off from the network and from other files (bubblewrap works on this machine)."""
    return _bubblewrap() is not None


def _command(argv: Sequence[str], readable: Sequence[Path], folder: Path, limits: Limits) -> list[str]:
    blocks = -(-limits.file_bytes // 512)
    limited = [
        "sh",
        "-c",
        _LIMITED,
        "sh",
        str(limits.cpu),
        str(blocks),
        str(limits.memory_bytes // 1024),
        sys.platform,
    ]
    inside = [*limited, *argv]
    if bubblewrap := _bubblewrap():
        inside = [bubblewrap, *_walls(readable, folder), *inside]
    # Conversions are patient: pages come first on a small machine.
    return [*_parent_death(), "nice", "-n", "5", *inside]


def run(
    argv: Sequence[str],
    *,
    readable: Sequence[Path],
    folder: Path,
    limits: Limits,
    on_line: Callable[[str], None] | None = None,
    on_tick: Callable[[], None] | None = None,
    out_bytes: int = 1 << 20,
) -> Ending:
    """Run `argv` in `folder` to its end and say how it went; blocks, reading its output all the while.

    `readable` are absolute paths it may read besides system libraries. `on_line` gets each line of stdout, `on_tick` is
    called about once a second; whatever either raises kills the program and its children and is raised again.
    """
    with subprocess.Popen(
        _command(argv, readable, folder, limits),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=_environment(),
        start_new_session=True,
        close_fds=True,
    ) as process:
        output = _Output(out_bytes)
        try:
            over = _follow(process, output, limits, on_line, on_tick)
        finally:
            _end(process)
    code = process.returncode
    # bubblewrap and the shell report a child's signal as 128 + number.
    died_of = -code if code < 0 else code - 128 if code > 128 else 0
    if not over:
        over = {int(signal.SIGXCPU): "cpu", int(signal.SIGXFSZ): "file"}.get(died_of, "")
    return Ending(code, over, bytes(output.out), "\n".join(output.lines))


def _follow(
    process: subprocess.Popen[bytes],
    output: _Output,
    limits: Limits,
    on_line: Callable[[str], None] | None,
    on_tick: Callable[[], None] | None,
) -> str:
    """Read until both pipes close or the time is up; returns the limit that was hit."""
    deadline = time.monotonic() + limits.wall
    ticked = time.monotonic()
    with selectors.DefaultSelector() as selector:
        for name, pipe in (("out", process.stdout), ("err", process.stderr)):
            assert pipe is not None  # noqa: S101 (both were asked for)
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ, name)
        while selector.get_map():
            for key, _events in selector.select(timeout=TICK_SECONDS):
                data = _read(key.fileobj)
                if data:
                    output.take(key.data, data, on_line)
                else:
                    selector.unregister(key.fileobj)
            now = time.monotonic()
            if on_tick and now - ticked >= TICK_SECONDS:
                ticked = now
                on_tick()
            if now > deadline:
                return "wall"
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(max(0.0, deadline - time.monotonic()))
        return ""
    return "wall"


def _read(pipe: object) -> bytes:
    reader: IO[bytes] = pipe  # type: ignore[assignment]
    return os.read(reader.fileno(), 65_536)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing of the run survives: the whole process group goes."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
