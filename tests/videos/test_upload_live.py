"""Uploads against the real server: a foreign client (tuspy), a raw socket that breaks off, two clients at once.

FULL=1 sends more, breaks off more often, and at more places.
"""

import base64
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
FULL = bool(os.environ.get("FULL"))
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


@pytest.mark.parametrize("seed", range(12 if FULL else 2))
@pytest.mark.parametrize("checksum", [False, True], ids=["plain", "checksum"])
def test_a_connection_that_breaks_off_at_random_places_finishes_all_the_same(
    site, headers, token, seed, checksum
):
    """What arrived is kept, and no byte is sent twice; a part whose checksum never came is thrown away and sent again."""
    dice = random.Random(seed)
    data = dice.randbytes(24_000_000 if FULL else 3_000_000)
    url = create(site, headers, len(data))
    path = url.removeprefix(site.url)
    sent = breaks = 0
    while sent < len(data):
        # Whoever comes back while the server still listens to the lost connection is told so (423), and comes again.
        while patch(url, headers, b"x", len(data)).status_code == 423:
            time.sleep(0.02)
        part = data[sent : sent + dice.randrange(1, len(data) // 2)] if checksum else data[sent:]
        whole = dice.random() < (0.5 if checksum else 0.1)
        cut = len(part) if whole else dice.randrange(0, len(part))
        digest = base64.b64encode(hashlib.sha1(part).digest()).decode()
        with socket.create_connection(("127.0.0.1", site.port), timeout=30) as raw:
            head = (
                f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nTus-Resumable: 1.0.0\r\n"
                f"X-Session-Token: {token}\r\nContent-Type: {OCTETS}\r\nUpload-Offset: {sent}\r\n"
                + (f"Upload-Checksum: sha1 {digest}\r\n" if checksum else "")
                + f"Content-Length: {len(part)}\r\n\r\n"
            ).encode()
            # Anywhere, in the middle of the headers too.
            request = head + part[:cut] if whole or dice.random() < 0.9 else head[: dice.randrange(len(head))]
            raw.sendall(request)
            if cut == len(part):
                assert raw.recv(200).startswith(b"HTTP/1.1 204")
        breaks += not whole
        expected = cut if len(request) >= len(head) and (whole or not checksum) else 0
        # What was sent may still be on its way to the file, and a part without its checksum on its way out of it.
        deadline = time.monotonic() + 20
        while (now := offset(url, headers)) != sent + expected and time.monotonic() < deadline:
            time.sleep(0.02)
        assert now == sent + expected
        sent = now
    assert breaks or whole
    assert bytes_of(site, url) == data


@pytest.mark.parametrize("seed", range(8 if FULL else 1))
def test_a_foreign_client_that_is_killed_again_and_again_finishes(site, tuspy, headers, seed):
    """tuspy with chunks of random sizes; each client object is dropped after a few, as a closed tab is."""
    dice = random.Random(seed)
    data = dice.randbytes(16_000_000 if FULL else 2_000_000)
    url = None
    while url is None or offset(url, headers) < len(data):
        uploader = tuspy.uploader(
            file_stream=io.BytesIO(data),
            chunk_size=dice.randrange(50_000, 900_000),
            url=url,
            upload_checksum=dice.random() < 0.5,
        )
        for _chunk in range(dice.randrange(1, 4)):
            if uploader.offset < len(data):
                uploader.upload_chunk()
        url = uploader.url
    assert bytes_of(site, url) == data


def test_creation_with_upload_and_a_checksum(site, headers):
    data = os.urandom(300_000)

    def start(digest):
        checksum = f"sha256 {base64.b64encode(digest).decode()}"
        sent = {**headers, "Upload-Length": "500000", "Content-Type": OCTETS, "Upload-Checksum": checksum}
        return requests.post(f"{site.url}/api/v1/uploads/", headers=sent, data=data, timeout=30)

    made = start(hashlib.sha256(data).digest())
    assert (made.status_code, made.headers["Upload-Offset"]) == (201, "300000")
    assert bytes_of(site, made.headers["Location"]) == data
    assert start(hashlib.sha256(b"other").digest()).status_code == 460


def test_what_the_server_can_do_is_told_to_anybody(site):
    told = requests.options(f"{site.url}/api/v1/uploads/", timeout=30)
    assert told.status_code == 204
    assert told.headers["Tus-Version"] == "1.0.0"
    assert set(told.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "termination",
        "expiration",
        "checksum",
    }
    assert told.headers["Tus-Checksum-Algorithm"] == "sha1,sha256,md5"
    assert int(told.headers["Tus-Max-Size"]) == 500 << 20


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
    assert peak[0] - before <= 10 << 20, (peak[0] - before) >> 20
