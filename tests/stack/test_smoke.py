"""Each way of running the site serves pages, page files, health and safe headers, and gets up again after a fault."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.stack import running
from tests.stack.servers import wait_until


@pytest.fixture(params=["embedded_site", "composed_site"])
def site(request):
    return request.getfixturevalue(request.param)


def test_it_is_alive_and_ready(site):
    assert site.get("/healthz")[0] == 200
    status, _headers, body = site.get("/readyz")
    assert status == 200
    assert all(check["ok"] for check in json.loads(body)["checks"].values())


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/explore/",
        "/accounts/signup/",
        "/accounts/login/",
        "/admin/login/",
        "/api/v1/schema/",
        "/jsi18n/",
        "/robots.txt",
    ],
)
def test_pages_answer(site, path):
    assert site.get(path)[0] == 200


def test_pages_carry_the_headers_that_protect_people(site):
    headers = site.get("/accounts/signup/")[1]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "object-src 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


def test_page_files_are_there_compressed_and_kept(site):
    page = site.get("/accounts/signup/")[2].decode()
    found = re.search(r'href="(/static/css/[^"]+\.[0-9a-f]{12}\.css)"', page)
    assert found, "the page links no hashed style sheet"
    status, headers, _body = site.get(found[1], {"Accept-Encoding": "gzip"})
    assert status == 200
    assert headers["Content-Encoding"] == "gzip"
    assert "immutable" in headers["Cache-Control"]


def test_what_is_not_there_is_a_404_of_ours(site):
    assert site.get("/no/such/page/")[0] == 404
    status, _headers, body = site.get("/api/v1/videos/12345/")
    assert status == 404
    assert json.loads(body)["error"]["code"] == "not_found"


def test_a_forged_media_address_is_refused(site):
    assert site.get("/media/9999999999/AAAAAAAAAAAAAAAAAAAAAA/abcdefghijklmnopqrstuv/360.mp4")[0] == 404


def test_the_figures_are_not_for_the_public(composed_site):
    assert composed_site.get("/metrics")[0] == 404


@pytest.mark.parametrize("name", ["web", "worker-media"])
def test_a_killed_process_of_the_composed_site_comes_back(composed_site, name):
    _comes_back(composed_site, name)


@pytest.mark.parametrize("name", ["web", "media", "redis"])
def test_a_killed_process_of_the_embedded_site_comes_back(embedded_site, name):
    _comes_back(embedded_site, name)


def _comes_back(site, name):
    before = site.kill(name)
    wait_until(lambda: site.pids().get(name, before) != before, f"{name} again", 30, site.folder / "log")
    wait_until(site.ready, "ready again", 60, site.folder / "log")


def test_a_broker_that_hangs_is_said_and_the_site_mends_itself(site):
    name = "redis" if "redis" in site.pids() else "broker"
    site.kill(name, signal.SIGSTOP)
    try:
        status, _headers, body = site.get("/readyz")
        assert status == 503
        assert json.loads(body)["checks"]["broker"]["ok"] is False
        assert site.get("/healthz")[0] == 200
    finally:
        site.kill(name, signal.SIGCONT)
    wait_until(site.ready, "ready again", 20, site.folder / "log")


def test_the_proxy_serves_signed_media_itself(composed_site):
    """The address that videos/media.py signs is the one nginx accepts; ranges work; nobody asks Python."""
    site = composed_site
    folder, text = "abcdefghijklmnopqrstuv", b"0123456789" * 1000
    stored = site.folder / "files" / "site" / "clips" / folder
    stored.mkdir(parents=True, exist_ok=True)
    (stored / "360.mp4").write_bytes(text)
    expires = int(time.time()) + 60
    signed = site.manage(
        "shell",
        "-v",
        "0",
        "-c",
        f"from videos.media import signature; print(signature({expires}, '{folder}'))",
    ).strip()
    path = f"/media/{expires}/{signed}/{folder}/360.mp4"
    status, headers, body = site.get(path)
    assert (status, body, headers["Content-Type"]) == (200, text, "video/mp4")
    assert "granian" not in (headers["Server"] or "")
    status, headers, body = site.get(path, {"Range": "bytes=10-19"})
    assert (status, body, headers["Content-Range"]) == (206, b"0123456789", "bytes 10-19/10000")
    assert site.get(path, {"If-None-Match": site.get(path)[1]["ETag"]})[0] == 304
    assert site.get(path.replace("360.mp4", "720.mp4"))[0] == 404
    assert site.get(path.replace(signed, signed[::-1]))[0] == 404
    assert site.get(path.replace(str(expires), str(expires + 600)))[0] == 404
    past = int(time.time()) - 5
    old = site.manage(
        "shell", "-v", "0", "-c", f"from videos.media import signature; print(signature({past}, '{folder}'))"
    ).strip()
    assert site.get(f"/media/{past}/{old}/{folder}/360.mp4")[0] == 404
    for sly in (
        f"/media/{expires}/{signed}/{folder}/",
        f"/media/{expires}/{signed}/{folder}/../../.env",
        f"/media/{expires}/{signed}/{folder}/%2e%2e%2fx.mp4",
    ):
        assert site.get(sly)[0] in (400, 404)


def test_the_supervisor_stops_within_seconds(tmp_path):
    with running.embedded(tmp_path) as site:
        pids = list(site.pids().values())
        supervisor = int((tmp_path / "data" / "up.lock").read_text().split()[0])
        began = time.monotonic()
        os.kill(supervisor, 15)
        wait_until(
            lambda: not any(_alive(pid) for pid in [supervisor, *pids]),
            "everything stopped",
            20,
            site.folder / "log",
        )
        assert time.monotonic() - began < 15
        assert "everything stopped" in site.log()


def test_a_second_start_on_the_same_data_is_refused(embedded_site):
    environment = {**embedded_site.env, "PORT": "1024"}
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=running.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1
    assert f"It already runs at {embedded_site.url}/" in done.stderr


def test_a_port_in_use_is_said(embedded_site, tmp_path):
    environment = {**embedded_site.env, "DATA_DIR": str(tmp_path / "other")}
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=running.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1
    assert "is in use by another program" in done.stderr


def _alive(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
