"""What watches the site asks: is the process up, can it serve, and its figures. No person's data is here."""

import os
import shutil
import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import prometheus_client
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection as database
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .lib.errors import NotFound, render_problem
from .lib.redis import connection as redis_connection

LEAST_FREE = 100 * 1024 * 1024  # bytes; below it an upload would fail half-way


class DiskFull(Exception):
    """The file store has less room than LEAST_FREE."""


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """`/healthz`: this process answers. Touches nothing else, so a database that is away does not get us restarted."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """`/readyz`: database, broker and storage answer; 503 and which one, if not."""
    checks = {
        name: _timed(check)
        for name, check in (("database", _database), ("broker", _broker), ("storage", _storage))
    }
    good = all(check["ok"] for check in checks.values())
    return JsonResponse(
        {"status": "ready" if good else "not ready", "checks": checks}, status=200 if good else 503
    )


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """`/metrics` for Prometheus, to METRICS_FROM only. To everybody else there is no such page."""
    try:
        caller = ip_address(request.client_address)  # type: ignore[attr-defined]
        trusted = any(caller in ip_network(network, strict=False) for network in settings.METRICS_FROM)
    except ValueError:
        trusted = False
    if not trusted:
        return render_problem(request, NotFound())
    return HttpResponse(
        prometheus_client.generate_latest(), content_type=prometheus_client.CONTENT_TYPE_LATEST
    )


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """`/robots.txt`: public pages may be indexed, what belongs to one person may not."""
    private = (
        "/accounts/",
        "/admin/",
        "/api/",
        "/_allauth/",
        "/inbox/",
        "/messages/",
        "/settings/",
        "/studio/",
        "/upload/",
        "/i/",
        "/media/",
    )
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in private), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _timed(check: Callable[[], None]) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        check()
    except Exception as error:  # whatever is wrong with an engine is the answer here
        # The kind only: messages of drivers hold addresses and user names.
        return {"ok": False, "error": type(error).__name__}
    return {"ok": True, "ms": round((time.perf_counter() - started) * 1000, 1)}


def _database() -> None:
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _broker() -> None:
    redis_connection().ping()


def _storage() -> None:
    folder = getattr(default_storage, "location", None)
    if folder is None or not settings.STORAGE_URL.startswith("file://"):
        default_storage.exists("ready")  # asks the object store about a name; absent is an answer too
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError
    if shutil.disk_usage(folder).free < LEAST_FREE:
        raise DiskFull
