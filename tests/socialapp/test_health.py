"""What watches the site: alive without engines, ready only with all of them, figures for trusted callers only."""

import pytest
import redis
from django.db import OperationalError

pytestmark = pytest.mark.django_db


def test_alive_needs_no_engine(browser, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = browser.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.engines
def test_ready_names_every_engine(browser):
    response = browser.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "ready"
    assert {name: check["ok"] for name, check in response.json()["checks"].items()} == {
        "database": True,
        "broker": True,
        "storage": True,
    }


def test_ready_says_which_engine_is_away_and_tells_no_address(browser, monkeypatch):
    def away():
        raise redis.ConnectionError("connecting to 10.1.2.3:6379 as user")

    monkeypatch.setattr("socialapp.health._broker", away)
    response = browser.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["broker"] == {"ok": False, "error": "ConnectionError"}
    assert response.json()["checks"]["database"]["ok"]
    assert "10.1.2.3" not in response.content.decode()


def test_ready_without_a_database(browser, monkeypatch):
    def away():
        raise OperationalError("no password supplied")

    monkeypatch.setattr("socialapp.health._database", away)
    assert browser.get("/readyz").status_code == 503


def test_ready_without_room_on_the_disk(browser, monkeypatch):
    monkeypatch.setattr("socialapp.health.LEAST_FREE", 1 << 62)
    response = browser.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["storage"] == {"ok": False, "error": "DiskFull"}


def test_figures_for_trusted_callers_only(browser):
    assert b"django_http_requests" in browser.get("/metrics").content
    stranger = browser.get("/metrics", REMOTE_ADDR="192.0.2.7")
    assert stranger.status_code == 404
    assert b"django_http" not in stranger.content


def test_a_proxy_cannot_be_used_to_read_the_figures(browser, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert browser.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404
    assert browser.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1, 192.0.2.7"}).status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_never_cached(browser, path):
    assert "no-store" in browser.get(path)["Cache-Control"]


def test_health_takes_no_writes(browser):
    assert browser.post("/healthz").status_code == 405


def test_robots_keeps_private_pages_out_of_search(browser):
    text = browser.get("/robots.txt").content.decode()
    for path in ("/messages/", "/settings/", "/admin/", "/media/", "/i/"):
        assert f"Disallow: {path}\n" in text


def test_page_scripts_get_their_words(browser):
    response = browser.get("/jsi18n/")
    assert response.status_code == 200
    assert "gettext" in response.content.decode()
    assert "private" in response["Cache-Control"]
