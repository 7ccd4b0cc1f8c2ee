"""The supervisor under faults: children die, refuse to stop, leave processes behind; the supervisor itself is killed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Says who it is, then sleeps; with a grandchild in a session of its own, as ffmpeg's sandbox has.
CHILD = """
import os, subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
print("pids", os.getpid(), grandchild.pid, flush=True)
time.sleep(300)
"""
DEAF = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("pids", os.getpid(), flush=True)
time.sleep(300)
"""


class Supervised:
    """A running supervisor and what it printed so far."""

    def __init__(self, *processes):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.socialapp.supervised", json.dumps(processes)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines = []
        self.seen = set()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, test, seconds=15):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in list(self.lines):
                if test(line):
                    return line
            time.sleep(0.02)
        raise AssertionError(f"not seen in {seconds} s: {self.lines}")

    def pids(self, name, nth=0):
        """The process ids that child `name` printed when it started for the nth time."""

        def enough():
            return [line for line in self.lines if line.startswith(f"{name}: pids")]

        self.wait_for(lambda _line: len(enough()) > nth)
        found = [int(word) for word in enough()[nth].split()[2:]]
        self.seen.update(found)
        return found


@pytest.fixture
def supervise():
    started = []

    def start(*processes):
        started.append(Supervised(*processes))
        return started[-1]

    yield start
    for supervised in started:
        for pid in [supervised.process.pid, *supervised.seen]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        supervised.process.wait(5)


def child(name="child", code=CHILD, **options):
    return {"name": name, "command": [sys.executable, "-c", code], **options}


def gone(pids, seconds=10.0):
    """Whether all of them ended within the time (a zombie of somebody else's counts as ended)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return not Path("/proc").is_dir()


def test_lines_carry_the_name_of_their_process(supervise):
    supervised = supervise(child("one", "print('hello'); import time; time.sleep(300)"))
    assert supervised.wait_for(lambda line: line.endswith("hello")) == "one: hello"


def test_a_dead_child_starts_again_and_says_why(supervise):
    supervised = supervise(child())
    first, _grandchild = supervised.pids("child")
    os.kill(first, signal.SIGKILL)
    second, _grandchild = supervised.pids("child", 1)
    assert second != first
    assert supervised.wait_for(lambda line: "killed by SIGKILL" in line).startswith("up: child ended")


def test_what_a_dead_child_left_behind_is_ended(supervise):
    supervised = supervise(child())
    first, grandchild = supervised.pids("child")
    os.kill(first, signal.SIGKILL)
    supervised.pids("child", 1)
    assert gone([grandchild], 2)


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(supervise):
    supervised = supervise(child("brief", "raise SystemExit(3)"))
    supervised.wait_for(lambda line: "starts again in 0.5 s" in line)
    supervised.wait_for(lambda line: "starts again in 1 s" in line)
    supervised.wait_for(lambda line: "exit code 3" in line and "starts again in 2 s" in line)


def test_a_process_that_is_run_once_is_not_started_again(supervise):
    supervised = supervise(child("once", "print('did it')", restart=False), child())
    supervised.wait_for(lambda line: line == "once: did it")
    time.sleep(1)
    assert not any("again" in line for line in supervised.lines)


def test_sigterm_stops_everything(supervise):
    supervised = supervise(child("one"), child("two"))
    pids = supervised.pids("one") + supervised.pids("two")
    began = time.monotonic()
    supervised.process.terminate()
    assert supervised.process.wait(10) == 0
    assert time.monotonic() - began < 3
    assert gone(pids, 1)


def test_a_child_that_does_not_listen_is_killed_after_its_grace(supervise):
    supervised = supervise(child("deaf", DEAF, grace=0.5))
    pids = supervised.pids("deaf")
    supervised.process.terminate()
    assert supervised.process.wait(5) == 0
    assert gone(pids, 1)


def test_asking_twice_does_not_wait_for_the_grace(supervise):
    supervised = supervise(child("deaf", DEAF, grace=60))
    pids = supervised.pids("deaf")
    supervised.process.terminate()
    time.sleep(0.3)
    supervised.process.terminate()
    assert supervised.process.wait(5) == 0
    assert gone(pids, 1)


def test_engines_stop_after_the_others(supervise):
    says = (
        "import signal, sys, time; print('pids'); "
        "signal.signal(signal.SIGTERM, lambda *_: (print('{}'), sys.exit())); time.sleep(300)"
    )
    supervised = supervise(
        child("engine", says.format("engine ends"), engine=True), child("web", says.format("web ends"))
    )
    supervised.pids("engine")
    supervised.pids("web")
    supervised.process.terminate()
    supervised.process.wait(10)
    supervised.wait_for(lambda line: line == "up: stopped")
    assert supervised.lines.index("web: web ends") < supervised.lines.index("engine: engine ends")


def test_kill_9_of_the_supervisor_leaves_no_orphan(supervise):
    supervised = supervise(child("one"), child("two"))
    pids = [pid for name in ("one", "two") for pid in supervised.pids(name)[:1]]
    supervised.process.kill()
    assert gone(pids, 5)


def test_kill_9_of_the_supervisor_ends_even_a_child_that_does_not_listen(supervise):
    supervised = supervise(child("deaf", DEAF))
    pids = supervised.pids("deaf")
    supervised.process.kill()
    assert gone(pids, 15)


def test_a_line_without_an_end_does_not_fill_the_memory(supervise):
    flood = "import sys; sys.stdout.write('x' * 300_000); sys.stdout.flush(); import time; time.sleep(300)"
    supervised = supervise(child("flood", flood))
    assert len(supervised.wait_for(lambda line: line.startswith("flood: xxx"))) < 200_000
