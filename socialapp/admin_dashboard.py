"""The admin's first page and its security policy: the composition root's part of the admin."""

from collections.abc import Callable
from typing import Any

from csp.constants import NONCE, SELF
from django.http import HttpRequest, HttpResponse

from analytics.site import site_page
from privacy.access import open_reports as count_open_reports
from privacy.access import queue
from videos.access import waiting_promotions, waiting_sponsors

# django-unfold runs on Alpine.js, which compiles the expressions in its attributes, and sets styles on elements.
# The nonce is only there on pages that use one: the desk, for its import map. docs/decisions/admin-csp.md.
ADMIN_POLICY = {"script-src": [SELF, NONCE, "'unsafe-eval'"], "style-src": [SELF, "'unsafe-inline'"]}


class AdminPolicyMiddleware:
    """Relaxes the Content-Security-Policy on the admin's own addresses and nowhere else. Runs inside CSPMiddleware."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and "admin" in match.app_names:
            response._csp_replace = ADMIN_POLICY  # type: ignore[attr-defined]
        return response


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's hook: what templates/admin/index.html shows."""
    context["site"] = site_page(request.user)
    return context


def open_cases(request: HttpRequest) -> str:
    """The badge beside Moderation."""
    return str(queue(request.user).count())


def open_reports(request: HttpRequest) -> str:
    """The badge beside Reports."""
    return str(count_open_reports(request.user))


def promotions_to_approve(request: HttpRequest) -> str:
    """The badge beside Promotions."""
    return str(waiting_promotions(request.user).count())


def challenges_to_approve(request: HttpRequest) -> str:
    """The badge beside Challenges: sponsored ones that wait."""
    return str(waiting_sponsors(request.user).count())
