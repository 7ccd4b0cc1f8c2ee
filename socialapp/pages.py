"""Pages that belong to no app: refusals of the framework, in our own words."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from .lib.errors import Forbidden, Invalid, NotFound, TooMany, render_problem


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render_problem(
        request, Forbidden(_("This page was open for too long. Reload it and try again."), code="csrf")
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What Django would not even read: too many fields, a forged host."""
    return render_problem(request, Invalid())


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render_problem(request, NotFound())


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    return render_problem(
        request,
        TooMany(_("Too many log-ins that failed. Wait 15 minutes or reset your password."), retry_after=900),
    )
