"""What hostile uploads reach for: a port on this machine, and files beside the upload. Both notice every touch.

Files are watched by the kernel (inotify), so an open is seen whichever process does it, inside which walls, and whatever
it does with what it reads. Linux only; elsewhere `opened` stays 0 and the words in the files are all that tells.
"""

import contextlib
import ctypes
import os
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

WORDS = b"CANARY-9d1f27c6-never-to-be-seen"
_OPENED = 0x20 | 0x01  # IN_OPEN, IN_ACCESS
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass
class Canaries:
    """`url` leads to the port; `beside` lies in the folder of uploads, `far` somewhere else on this machine."""

    port: int
    beside: Path
    far: Path
    calls: list[bytes] = field(default_factory=list)
    _watch: int = -1

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/canary"

    def opened(self) -> int:
        """How often a canary file was opened or read since this was asked the last time."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while self._watch >= 0:
                events, at = os.read(self._watch, 65_536), 0
                while at < len(events):
                    _watch, _mask, _cookie, length = struct.unpack_from("iIII", events, at)
                    at, count = at + 16 + length, count + 1
        return count

    def touched(self) -> tuple[int, int]:
        """(calls at the port, opens of the files) since this was asked the last time."""
        calls = len(self.calls)
        self.calls.clear()
        return calls, self.opened()


@contextlib.contextmanager
def canaries(uploads: Path, elsewhere: Path, content: bytes = b"") -> Iterator[Canaries]:
    """Canaries that live until the end of the block. `content` stands before the words in the files."""
    uploads.mkdir(parents=True, exist_ok=True)
    beside, far = uploads / "canary.mp4", elsewhere / "canary.mp4"
    for path in (beside, far):
        path.write_bytes(content + WORDS)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        made = Canaries(listener.getsockname()[1], beside, far)
        thread = threading.Thread(target=_answer, args=(listener, made.calls), daemon=True)
        thread.start()
        with _watching((beside, far)) as made._watch:
            try:
                yield made
            finally:
                with contextlib.suppress(OSError):
                    listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _answer(listener: socket.socket, calls: list[bytes]) -> None:
    """Counts whoever calls, whatever protocol it speaks, and answers as a web server would."""
    while True:
        try:
            caller, _address = listener.accept()
        except OSError:
            return
        with caller:
            calls.append(b"")
            caller.settimeout(1)
            with contextlib.suppress(OSError):
                calls[-1] = caller.recv(2000)
                caller.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + WORDS)


@contextlib.contextmanager
def _watching(paths: tuple[Path, ...]) -> Iterator[int]:
    if _libc is None:
        yield -1
        return
    watch = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert watch >= 0, os.strerror(ctypes.get_errno())
    try:
        for path in paths:
            assert _libc.inotify_add_watch(watch, os.fsencode(path), _OPENED) >= 0, path
        yield watch
    finally:
        os.close(watch)
