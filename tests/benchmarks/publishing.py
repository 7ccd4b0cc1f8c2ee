"""Publishing: from a file to the first playable rendition and to the whole ladder, beside ffmpeg written by hand; and tus
beside a server that only writes the body to disk.

    python -m tests.benchmarks.publishing [--quick]

All sides run interleaved on the same footage (tests.benchmarks.footage); medians of five rounds (three with --quick). "Less
1 s" is the second that the target allows for the queue and the check. "Whole" is everything from publishing until the clip is
ready: check, loudness, first rendition, ladder, cover, blurhash, preview, the clip's own sound with its waveform, the kept
original; what is written by hand makes the renditions alone, so nothing flatters us. CPU seconds stay comparable on a machine
that is busy with something else, seconds do not.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time

from . import by_hand, footage
from .by_hand import cost, interleaved, row
from .house import ROOT, house, publish

# --- Clips ---------------------------------------------------------------------------------------------------------------


def first_playable_of_conforming(folder, source, rounds):
    """An upload that is published as it is, against wrapping it anew by hand."""
    taken = interleaved(
        rounds,
        ours=lambda: publish(source).playable,
        copy=lambda: cost(lambda: by_hand.copy(source, folder)),
    )
    name = "conforming upload → first playable, less 1 s, against ffmpeg -c copy"
    beyond = max(0, taken["ours"] - 1)
    yield row(name, taken["ours"], taken["copy"].wall, beyond / taken["copy"].wall, "≤ 1.5")


def everything_of_other(folder, source, rounds):
    """An upload that must be encoded: its first rendition, and all of it, against three ways to do that by hand."""
    playable = []

    def ours():
        published = publish(source)
        playable.append(published.playable)
        return published.whole

    taken = interleaved(
        rounds,
        ours=ours,
        one=lambda: cost(lambda: by_hand.one(source, folder, 480)),
        split=lambda: cost(lambda: by_hand.split(source, folder)),
        each=lambda: cost(lambda: by_hand.each(source, folder)),
    )
    one, first = taken["one"].wall, by_hand.median(playable)
    name = "other upload → first playable, less 1 s, against 480p veryfast by hand"
    yield row(name, first, one, max(0, first - 1) / one, "≤ 1.2")
    others = (
        ("one decode split by hand", "split", "≤ 1.1"),
        ("one run for each rendition", "each", "≤ 0.75"),
    )
    for words, key, target in others:
        for unit in ("s", "CPU s"):
            mine, theirs = ((c.wall if unit == "s" else c.cpu) for c in (taken["ours"], taken[key]))
            yield row(f"whole ladder with cover, preview, blurhash and sound, against {words}",
                      mine, theirs, mine / theirs, target, unit)  # fmt: skip


# --- Uploads ---------------------------------------------------------------------------------------------------------


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def serving(application, folder):
    port = free_port()
    options = ("--interface", "asgi", "--workers", "1", "--log-level", "critical", "--port", str(port))
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *options, application],
        cwd=ROOT,
        env={**os.environ, "RAW_STREAM_FILE": str(folder / "raw"), "PORT": str(port)},
    )
    try:
        for _attempt in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def send(port, path, headers, size):
    """Seconds for one PATCH of `size` zero bytes over a plain socket."""
    block = memoryview(bytes(4 << 20))
    head = f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {size}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode())
        left = size
        while left:
            connection.sendall(block[: min(left, len(block))])
            left -= min(left, len(block))
        answer = connection.recv(4096)
    assert b" 204 " in answer[:20], answer[:300]
    return time.perf_counter() - began


def uploading(folder, quick):
    """tus PATCH beside an application that streams the same body to disk, in the same server."""
    import requests

    from accounts.models import User
    from videos.actions import create_upload, delete_upload

    size = (64 if quick else 300) << 20
    alice = User.objects.get(username="alice")
    with (
        serving("socialapp.asgi:application", folder) as ours,
        serving("tests.benchmarks.raw_stream:application", folder) as raw,
    ):
        login = {"username": "alice", "password": "demo-password"}
        answer = requests.post(
            f"http://127.0.0.1:{ours}/_allauth/app/v1/auth/login", json=login, timeout=30
        ).json()
        headers = {
            "X-Session-Token": answer["meta"]["session_token"],
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
        }

        def tus():
            upload = create_upload(alice, length=size)
            try:
                return send(ours, f"/api/v1/uploads/{upload.pk}", headers, size)
            finally:
                delete_upload(alice, upload)

        def bare():
            (folder / "raw").unlink(missing_ok=True)
            return send(raw, "/", {}, size)

        taken = interleaved(3 if quick else 7, tus=tus, raw=bare)
    megabytes = size / 1e6
    ratio = taken["raw"] / taken["tus"]
    name = f"tus PATCH of {size >> 20} MB against streaming it to disk"
    yield row(name, megabytes / taken["tus"], megabytes / taken["raw"], ratio, "≥ 0.8", "MB/s")


def rows(quick):
    """Every publishing row of the quality targets, both sides; each as soon as it is taken."""
    rounds, seconds = (3, 6) if quick else (5, 12)
    with house() as folder:
        conforming, other = footage.conforming(seconds), footage.other(seconds)
        publish(conforming)  # finds ffmpeg, tries the sandbox, loads modules: once in a worker's life
        yield from first_playable_of_conforming(folder, conforming, rounds)
        yield from everything_of_other(folder, other, rounds)
        yield from uploading(folder, quick)


if __name__ == "__main__":
    for figure in rows("--quick" in sys.argv):
        print(json.dumps(figure, ensure_ascii=False), flush=True)
