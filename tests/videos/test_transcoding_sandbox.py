"""The walls around programs that read strangers' files."""

import os
import time
from pathlib import Path

import pytest

from socialapp.lib import ffmpeg, sandbox
from socialapp.lib.sandbox import Limits

ROOM = Limits(wall=20, cpu=20, memory_bytes=1 << 30, file_bytes=1 << 20)
walled = pytest.mark.skipif(not sandbox.walls_are_up(), reason="bubblewrap does not work on this machine")


def run(script, folder, readable=(), limits=ROOM, **options):
    return sandbox.run(["sh", "-c", script], readable=list(readable), folder=folder, limits=limits, **options)


def test_what_it_says_comes_back(tmp_path):
    ending = run("echo out; echo err >&2; exit 3", tmp_path)
    assert (ending.code, ending.out, ending.log, ending.over) == (3, b"out\n", "err", "")


def test_it_inherits_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "the site's")
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody:secret@host/site")
    said = run("env", tmp_path).out.decode()
    assert {line.partition("=")[0] for line in said.splitlines()} <= {
        "PATH",
        "LANG",
        "HOME",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
    }


@pytest.mark.parametrize(
    ("script", "limits", "over"),
    [
        ("sleep 30", Limits(0.7, 10, 1 << 30, 1 << 20), "wall"),
        ("while :; do :; done", Limits(20, 1, 1 << 30, 1 << 20), "cpu"),
        ("head -c 3000000 /dev/zero > big || exit 153", Limits(20, 10, 1 << 30, 1 << 20), "file"),
    ],
    ids=["wall", "cpu", "file"],
)
def test_limits_end_it_and_are_named(tmp_path, script, limits, over):
    if over == "file" and sandbox.walls_are_up():
        script = script.replace(
            "head -c 3000000 /dev/zero", "yes 123456789 | head -c 3000000"
        )  # no /dev in there
    ending = run(script, tmp_path, limits=limits)
    assert ending.over == over


def test_memory_is_limited(tmp_path):
    small = Limits(20, 20, 100 << 20, 1 << 30)
    ending = run("x=$(yes aaaaaaaaaaaaaaaaaaaaaaa | head -c 300000000); echo done", tmp_path, limits=small)
    assert b"done" not in ending.out or ending.code != 0


def test_its_children_end_with_it(tmp_path):
    marker = f"3{os.getpid()}.5"
    run(f"sleep {marker} & sleep {marker}", tmp_path, limits=Limits(0.7, 10, 1 << 30, 1 << 20))
    time.sleep(0.2)
    alive = [path for path in Path("/proc").glob("[0-9]*/cmdline") if _has(path, marker)]
    assert alive == []


def _has(path, marker):
    try:
        return marker.encode() in path.read_bytes()
    except OSError:
        return False


def test_what_a_callback_raises_ends_it(tmp_path):
    def stop():
        raise KeyError("enough")

    began = time.monotonic()
    with pytest.raises(KeyError):
        run("sleep 30", tmp_path, on_tick=stop)
    assert time.monotonic() - began < 10


def test_a_line_without_end_fills_no_memory(tmp_path):
    lines = []
    run("yes | tr -d '\\n' | head -c 20000000; echo; echo last", tmp_path, on_line=lines.append)
    assert lines[-1] == "last"
    assert max(map(len, lines)) <= sandbox.LINE_LENGTH


@walled
def test_other_files_are_not_there(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("canary")
    given = tmp_path / "given"
    given.write_text("for you")
    folder = tmp_path / "folder"
    folder.mkdir()
    script = f"cat {secret} /etc/passwd /proc/self/environ; cat {given}; echo mine > own; cat own; echo x > {given}"
    said = run(script, folder, readable=[given])
    assert said.out == b"for youmine\n"
    assert given.read_text() == "for you"
    assert (folder / "own").read_text() == "mine\n"


@walled
def test_there_is_no_network(tmp_path):
    import socket
    import sys

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        script = f"import socket; socket.create_connection(('127.0.0.1', {listener.getsockname()[1]}), 2)"
        python = Path(sys.executable)
        readable = [Path(sys.prefix), Path(sys.base_prefix)]
        ending = sandbox.run(
            [str(python), "-I", "-c", script], readable=readable, folder=tmp_path, limits=ROOM
        )
    assert ending.code != 0


def test_ffmpeg_of_this_site_is_new_enough(settings):
    assert ffmpeg.problem() == ""


def test_an_old_or_absent_ffmpeg_is_named(monkeypatch):
    monkeypatch.setattr(ffmpeg, "version", lambda path: (4, 4, 2))
    assert "FFMPEG_BINARY" in ffmpeg.problem()
    assert "4.4.2" in ffmpeg.problem()
    monkeypatch.undo()
    monkeypatch.setattr(ffmpeg, "binary", lambda: "/nowhere/ffmpeg")
    assert "FFMPEG_BINARY" in ffmpeg.problem()
