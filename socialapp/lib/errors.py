"""Problems a person can understand. Access and actions raise them; the API and the pages render them.

Each has a stable `code`, an HTTP status and a sentence that says what to do.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _


class Problem(Exception):
    """Base of every refusal. `fields` maps a field's name to its own sentence; `retry_after` is in seconds."""

    status = 400
    code = "invalid"
    message: Any = _("That did not work. Check what you entered and try again.")

    def __init__(
        self,
        message: Any = None,
        *,
        code: str | None = None,
        fields: dict[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.fields = fields or {}
        self.retry_after = retry_after
        super().__init__(str(self.code))

    def as_dict(self) -> dict[str, Any]:
        """The contract's error shape."""
        fields = {name: str(text) for name, text in self.fields.items()}
        return {"error": {"code": self.code, "message": str(self.message), "fields": fields}}


class Invalid(Problem):
    """400: the input cannot be used as it is."""


class NotSignedIn(Problem):
    status, code, message = 401, "not_signed_in", _("Log in to do this.")


class Forbidden(Problem):
    """403: the thing is visible to this person, the deed is not allowed. What is not visible is NotFound."""

    status, code, message = 403, "forbidden", _("You cannot do this here.")


class NotFound(Problem):
    """404: absent and forbidden answer alike, so this one takes no details."""

    status, code, message = 404, "not_found", _("This page is not here. It may be private or gone.")

    def __init__(self) -> None:
        super().__init__()


class Conflict(Problem):
    status, code, message = 409, "conflict", _("This changed in the meantime. Reload and try again.")


class TooLarge(Problem):
    status, code, message = 413, "too_large", _("This is too large.")


class Locked(Problem):
    status, code, message = 423, "locked", _("This is in use elsewhere. Try again in a moment.")


class TooMany(Problem):
    status, code, message = 429, "too_many", _("That was a lot at once. Wait a little and try again.")


class Unavailable(Problem):
    status, code, message = (
        503,
        "unavailable",
        _("A part of the site is away for a moment. Try again shortly."),
    )


class StorageFull(Problem):
    status, code, message = (
        507,
        "storage_full",
        _("The server has no room left. Nothing was lost; try again later."),
    )


def wants_json(request: HttpRequest) -> bool:
    """Whether the caller is a program: everything below /api/, and page scripts that say so."""
    return request.path.startswith(("/api/", "/_allauth/")) or "application/json" in request.headers.get(
        "Accept", ""
    )


def render_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The same refusal for a program (JSON) or a person (a page)."""
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse(problem.as_dict(), status=problem.status)
    else:
        response = render(request, "errors/problem.html", {"problem": problem}, status=problem.status)
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    return response


class ProblemMiddleware:
    """Turns a Problem raised by a page's view into its page. (The API has its own handler in lib.rest.)"""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, UnicodeEncodeError) and request.path.startswith("/_allauth/"):
            # JSON can name half a character, which no database, hash or mail can write. Ours is refused by lib.rest.
            exception = Invalid()
        return render_problem(request, exception) if isinstance(exception, Problem) else None
