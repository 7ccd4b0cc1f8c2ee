"""Keeps a handful of processes running: starts them, prefixes their lines, restarts the dead, leaves no orphan.

Knows nothing of Django or of what it runs. One thread, one loop: `Supervisor.run()`; see `tests/socialapp/test_supervisor.py`.
"""

import contextlib
import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds before a dead child is started again: doubled each time
STEADY_AFTER = 30.0  # a child that ran this long starts again with the first wait
GRACE = 8.0  # seconds between asking a child to stop and killing its group
LINE_LIMIT = 64 * 1024  # a child that never ends its line must not fill our memory
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Process:
    """What to run. `engine` processes stop after all others; a process that does not `restart` is run once."""

    name: str
    command: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM
    grace: float = GRACE
    niceness: int = 0
    restart: bool = True
    engine: bool = False
    on_line: Callable[[str], bool] | None = (
        None  # sees each line first; True means "dealt with, do not print"
    )


class Child:
    """One process of the list as it is now: running, waiting to be started again, or done."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.popen: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_again_at: float | None = None
        self.wait = FIRST_WAIT
        self.exit_code: int | None = None
        self.rest = b""

    @property
    def running(self) -> bool:
        return self.popen is not None


class Supervisor:
    """Runs processes, each in a process group of its own. `write(name, line)` prints; `name` is empty for our own words.

    The process that makes one starts no other children: on Linux any child it does not know counts as left behind.
    """

    def __init__(
        self, write: Callable[[str, str], None], *, hold: Iterable[int] = (), pids: Path | None = None
    ) -> None:
        """`hold`: descriptors (a lock) that stay open until the last child is gone, even if we are killed.

        `pids`: a file that always says, as JSON, which child is which process.
        """
        self.write = write
        self._pids = pids
        self.children: dict[str, Child] = {}
        self.stopping = False
        self._hurry = False
        self._selector = selectors.DefaultSelector()
        self._watchdog = _start_watchdog(hold)
        if _libc:
            _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    # --- starting ------------------------------------------------------------------------------------------

    def start(self, process: Process) -> Child:
        child = self.children[process.name] = Child(process)
        self._spawn(child)
        return child

    def _spawn(self, child: Child) -> None:
        process = child.process
        child.start_again_at, child.exit_code, child.rest = None, None, b""
        child.popen = subprocess.Popen(
            process.command,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **process.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_bind_to_parent(process),
        )
        child.started_at = time.monotonic()
        assert child.popen.stdout is not None  # noqa: S101 - asked for above
        os.set_blocking(child.popen.stdout.fileno(), False)
        self._selector.register(child.popen.stdout, selectors.EVENT_READ, child)
        self._tell_watchdog("+", child.popen.pid)
        self._note_pids()

    # --- the loop --------------------------------------------------------------------------------------------

    def run(self, until: Callable[[], bool] | None = None, timeout: float | None = None) -> bool:
        """Serve until `until()` holds (True), or a stop was asked for or `timeout` seconds went by (False)."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.stopping:
            if until is not None and until():
                return True
            if deadline is not None and time.monotonic() > deadline:
                return False
            self.step()
        return False

    def step(self, timeout: float = 0.1) -> None:
        """Print what came in, bury the dead, start again what is due."""
        for key, _events in self._selector.select(timeout):
            self._read(key.data)
        now = time.monotonic()
        for child in list(self.children.values()):
            if child.popen is not None and child.popen.poll() is not None:
                self._bury(child)
            elif child.start_again_at is not None and now >= child.start_again_at and not self.stopping:
                self._spawn(child)

    def _read(self, child: Child) -> None:
        if child.popen is None or child.popen.stdout is None:
            return
        try:
            data = os.read(child.popen.stdout.fileno(), 65_536)
        except BlockingIOError:
            return
        if not data:
            self._selector.unregister(child.popen.stdout)
            child.popen.stdout.close()
            return
        *lines, child.rest = (child.rest + data).split(b"\n")
        if len(child.rest) > LINE_LIMIT:
            lines, child.rest = [*lines, child.rest], b""
        for line in lines:
            self._print(child, line)

    def _print(self, child: Child, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip("\r")
        if child.process.on_line is None or not child.process.on_line(text):
            self.write(child.process.name, text)

    def _bury(self, child: Child) -> None:
        """A child ended: print its last words, end whatever it left behind, decide when it runs again."""
        popen, process = child.popen, child.process
        assert popen is not None  # noqa: S101 - the caller looked
        for _chunk in range(64):  # what is still in the pipe
            if popen.stdout is None or popen.stdout.closed or not _readable(popen.stdout.fileno()):
                break
            self._read(child)
        if child.rest:
            self._print(child, child.rest)
        if popen.stdout is not None and not popen.stdout.closed:
            self._selector.unregister(popen.stdout)
            popen.stdout.close()
        _signal_group(popen.pid, signal.SIGKILL)
        _kill_strays(spare=[c.popen.pid for c in self.children.values() if c.popen] + [self._watchdog.pid])
        self._tell_watchdog("-", popen.pid)
        child.exit_code, child.popen, child.rest = popen.returncode, None, b""
        self._note_pids()
        if self.stopping or not process.restart:
            return
        if time.monotonic() - child.started_at > STEADY_AFTER:
            child.wait = FIRST_WAIT
        child.start_again_at = time.monotonic() + child.wait
        self.write(
            "",
            f"{process.name} ended ({how_it_ended(popen.returncode)}); it starts again in {child.wait:g} s",
        )
        child.wait = min(child.wait * 2, LONGEST_WAIT)

    # --- stopping --------------------------------------------------------------------------------------------

    def ask_to_stop(self, *_signal: object) -> None:
        """A signal handler. The second time it does not wait for anybody."""
        self._hurry = self.stopping
        self.stopping = True

    def stop(self) -> None:
        """Stop every child: the engines last, each group killed when its grace is over. Returns when none is left."""
        self.stopping = True
        for engine in (False, True):
            children = [child for child in self.children.values() if child.process.engine is engine]
            asked_at = time.monotonic()
            for child in children:
                child.start_again_at = None
                if child.popen is not None:
                    _signal(child.popen.pid, child.process.stop_signal)
            while any(child.running for child in children):
                for child in children:
                    patience = 0.0 if self._hurry else child.process.grace
                    if child.popen is not None and time.monotonic() - asked_at > patience:
                        _signal_group(child.popen.pid, signal.SIGKILL)
                self.step(0.05)
        _kill_strays(spare=[self._watchdog.pid])
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        self._watchdog.wait(GRACE)

    def _note_pids(self) -> None:
        if self._pids is not None:
            running = {name: child.popen.pid for name, child in self.children.items() if child.popen}
            written = self._pids.with_name(self._pids.name + ".new")
            written.write_text(json.dumps(running) + "\n")
            written.replace(self._pids)

    def _tell_watchdog(self, sign: str, group: int) -> None:
        if self._watchdog.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._watchdog.stdin.write(f"{sign}{group}\n".encode())
                self._watchdog.stdin.flush()


def how_it_ended(returncode: int) -> str:
    """Words for an exit code: "exit code 1", "killed by SIGKILL"."""
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return f"killed by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"killed by signal {-returncode}"


def die_with_parent() -> None:
    """Ask Linux to send us SIGTERM when our parent dies (`make` was killed). Elsewhere: nothing."""
    if _libc:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _bind_to_parent(process: Process) -> Callable[[], None]:
    def in_child() -> None:
        if _libc:
            _libc.prctl(_PR_SET_PDEATHSIG, process.stop_signal, 0, 0, 0)
        if process.niceness:
            os.nice(process.niceness)

    return in_child


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _readable(descriptor: int) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(0))


def _kill_strays(spare: Iterable[int]) -> None:
    """End processes that a dead child left and that moved to a group of their own (Linux hands them to us as subreaper)."""
    if not _libc:
        return
    spared, ours = set(spare), os.getpid()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) in spared:
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent == ours:
            _signal(int(entry.name), signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(int(entry.name), 0)


# --- the watchdog -----------------------------------------------------------------------------------------------


def _start_watchdog(hold: Iterable[int]) -> subprocess.Popen[bytes]:
    """A small process that outlives us by one breath: when our pipe to it closes, it ends the groups that we named."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", __file__],
        stdin=subprocess.PIPE,
        start_new_session=True,
        pass_fds=tuple(hold),
    )


def _watch() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        groups.add(group) if line[0] == "+" else groups.discard(group)
    deadline = time.monotonic() + GRACE
    for group in groups:
        _signal_group(group, signal.SIGTERM)
    while groups and time.monotonic() < deadline:
        groups = {group for group in groups if _alive(group)}
        time.sleep(0.05)
    for group in groups:
        _signal_group(group, signal.SIGKILL)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    _watch()
