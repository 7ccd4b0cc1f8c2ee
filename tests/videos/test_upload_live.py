"""Uploads against the real server: a foreign client (tuspy), a raw socket that breaks off, two clients at once."""

import hashlib
import io
import os
import random
import socket
import threading
import time
from pathlib import Path

import pytest
import requests
from tusclient import client as tus_client
from tusclient.exceptions import TusCommunicationError

TUS = {"Tus-Resumable": "1.0.0"}
OCTETS = "application/offset+octet-stream"


@pytest.fixture
def headers(token):
    return {**TUS, "X-Session-Token": token}


@pytest.fixture
def tuspy(site, token):
    return tus_client.TusClient(f"{site.url}/api/v1/uploads/", headers={"X-Session-Token": token})


def create(site, headers, length):
    answer = requests.post(
        f"{site.url}/api/v1/uploads/", headers={**headers, "Upload-Length": str(length)}, timeout=30
    )
    assert answer.status_code == 201
    return answer.headers["Location"]


def offset(url, headers):
    return int(requests.head(url, headers=headers, timeout=30).headers["Upload-Offset"])


def patch(url, headers, data, at, **more):
    sent = {**headers, "Upload-Offset": str(at), "Content-Type": OCTETS, **more}
    return requests.patch(url, headers=sent, data=data, timeout=60)


def bytes_of(site, url):
    return (site.folder / "work" / "uploads" / url.rpartition("/")[2]).read_bytes()


def test_a_foreign_client_uploads_in_chunks_and_resumes(site, tuspy, headers):
    data = os.urandom(3_500_000)
    uploader = tuspy.uploader(
        file_stream=io.BytesIO(data), chunk_size=1 << 20, metadata={"filename": "walk.mp4"}
    )
    uploader.upload(stop_at=2 << 20)
    url = uploader.url
    assert offset(url, headers) == 2 << 20
    again = tuspy.uploader(file_stream=io.BytesIO(data), chunk_size=1 << 20, url=url)
    again.upload()
    assert hashlib.sha256(bytes_of(site, url)).digest() == hashlib.sha256(data).digest()
    assert offset(url, headers) == len(data)


def test_a_foreign_client_with_checksums(site, tuspy):
    data = os.urandom(500_000)
    uploader = tuspy.uploader(file_stream=io.BytesIO(data), chunk_size=200_000, upload_checksum=True)
    uploader.upload()
    assert bytes_of(site, uploader.url) == data


def test_a_connection_that_breaks_off_keeps_what_arrived(site, headers, token):
    """A client that dies at random places finishes all the same, and never sends a byte twice."""
    data = os.urandom(4_000_000)
    url = create(site, headers, len(data))
    path = url.removeprefix(site.url)
    dice = random.Random(5)
    sent, rounds = 0, 0
    while sent < len(data):
        rounds += 1
        cut = min(len(data), sent + dice.randrange(200_000, 1_500_000))
        with socket.create_connection(("127.0.0.1", site.port)) as raw:
            head = (
                f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nTus-Resumable: 1.0.0\r\nX-Session-Token: {token}\r\n"
                f"Content-Type: {OCTETS}\r\nUpload-Offset: {sent}\r\nContent-Length: {len(data) - sent}\r\n\r\n"
            )
            raw.sendall(head.encode() + data[sent:cut])
            if cut == len(data):
                assert raw.recv(200).startswith(b"HTTP/1.1 204")
        deadline = time.monotonic() + 10
        while (now := offset(url, headers)) < cut and time.monotonic() < deadline:
            time.sleep(0.05)
        assert sent < now <= cut
        sent = now
    assert rounds > 2
    assert bytes_of(site, url) == data


def test_a_second_client_is_locked_out_while_the_first_sends(site, headers, token):
    data = os.urandom(1_000_000)
    url = create(site, headers, len(data))
    half, go = threading.Event(), threading.Event()

    def slowly():
        yield data[:500_000]
        half.set()
        go.wait(20)
        yield data[500_000:]

    answers = []
    first = threading.Thread(
        target=lambda: answers.append(
            patch(url, headers, slowly(), 0).status_code
        )  # a body without a length: chunked
    )
    first.start()
    half.wait(20)
    # An offset that is never right: until the server holds the lock for the first client, this one gets 409.
    refused = patch(url, headers, b"x", len(data))
    while refused.status_code == 409:
        time.sleep(0.05)
        refused = patch(url, headers, b"x", len(data))
    assert (refused.status_code, refused.json()["error"]["code"]) == (423, "locked")
    go.set()
    first.join(30)
    assert answers == [204]
    assert bytes_of(site, url) == data


def test_the_streamed_patch_refuses_as_the_view_does(site, headers):
    data = b"0123456789"
    url = create(site, headers, 10)
    assert patch(url, headers, data, 3).json()["error"]["code"] == "bad_offset"
    assert patch(url, headers, data + b"x", 0).status_code == 413
    assert patch(url, headers, data, 0, **{"Content-Type": "video/mp4"}).status_code == 415
    assert patch(url, {**headers, "Tus-Resumable": "0.1"}, data, 0).headers["Tus-Version"] == "1.0.0"
    assert patch(url, headers, data, 0, **{"Upload-Checksum": "sha1 AAAA"}).status_code == 460
    assert patch(url, {**headers, "X-Session-Token": "wrong"}, data, 0).status_code == 401
    assert patch(url, TUS, data, 0).status_code == 401
    assert patch(f"{site.url}/api/v1/uploads/nothing", headers, data, 0).status_code == 404
    other = {**TUS, "X-Session-Token": site.token("bob")}
    assert patch(url, other, data, 0).status_code == 404
    assert offset(url, headers) == 0
    assert patch(url, headers, data, 0).status_code == 204


def test_the_streamed_patch_needs_a_csrf_token_with_a_cookie(site):
    browser = requests.Session()
    browser.get(f"{site.url}/accounts/login/", timeout=30)
    form = {
        "login": "alice",
        "password": "demo-password",
        "csrfmiddlewaretoken": browser.cookies["csrftoken"],
    }
    browser.post(f"{site.url}/accounts/login/", data=form, headers={"Referer": site.url}, timeout=30)
    proof = {"X-CSRFToken": browser.cookies["csrftoken"], "Origin": site.url}
    made = browser.post(
        f"{site.url}/api/v1/uploads/", headers={**TUS, **proof, "Upload-Length": "4"}, timeout=30
    )
    assert made.status_code == 201, made.text
    sent = {**TUS, "Upload-Offset": "0", "Content-Type": OCTETS}
    url = made.headers["Location"]
    assert browser.patch(url, headers=sent, data=b"1234", timeout=30).status_code == 403
    foreign = {**sent, **proof, "Origin": "https://evil.example"}
    assert browser.patch(url, headers=foreign, data=b"1234", timeout=30).status_code == 403
    assert browser.patch(url, headers={**sent, **proof}, data=b"1234", timeout=30).status_code == 204


def test_a_refused_client_reads_why(site, tuspy, monkeypatch):
    """tuspy sends on after another client finished the same upload: it is told the offset is wrong, not cut off."""
    data = os.urandom(2_000_000)
    uploader = tuspy.uploader(file_stream=io.BytesIO(data), chunk_size=1 << 20)
    uploader.upload_chunk()
    late = tuspy.uploader(file_stream=io.BytesIO(data), chunk_size=1 << 20, url=uploader.url)
    uploader.upload()
    with pytest.raises(TusCommunicationError) as told:
        late.upload_chunk()
    assert told.value.status_code == 409


def test_memory_does_not_grow_with_the_upload(site, headers):
    def resident():
        children = os.popen(f"pgrep -g {site.processes[0].pid}").read().split()
        pages = [Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in children]
        return sum(map(int, pages)) * 4096

    size = 120 << 20
    url = create(site, headers, size)
    patch(url, headers, b"\0" * (1 << 20), 0)
    before, peak, done = resident(), [0], threading.Event()

    def watch():
        while not done.wait(0.05):
            peak[0] = max(peak[0], resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    answer = patch(url, headers, io.BytesIO(b"\0" * (size - (1 << 20))), 1 << 20)
    done.set()
    watcher.join()
    assert answer.status_code == 204
    assert peak[0] - before < 30 << 20, (peak[0] - before) >> 20
