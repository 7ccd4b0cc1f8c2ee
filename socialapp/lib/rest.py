"""What every JSON view shares: authentication by allauth's session token, orjson, the error shape, list pages."""

import functools
import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from allauth.headless.contrib.rest_framework.authentication import XSessionTokenAuthentication
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from .errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, Problem, TooLarge, TooMany
from .pagination import Page


class TokenAuthentication(XSessionTokenAuthentication):
    """allauth's X-Session-Token. Naming a scheme makes "not logged in" a 401 rather than a 403."""

    def authenticate_header(self, request: Request) -> str:
        return "X-Session-Token"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI schema describes TokenAuthentication."""

    target_class = TokenAuthentication
    name = "sessionToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token"}


class OrjsonParser(BaseParser):
    """JSON by orjson. What no answer could repeat is no JSON to it: half characters, NaN, numbers past a float, a thousand
    levels. Reads at most DATA_UPLOAD_MAX_MEMORY_SIZE, whatever length the sender announced or did not.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(most + 1)
        if len(raw) > most:
            raise RequestDataTooBig()
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise exceptions.ParseError() from error


class OrjsonRenderer(BaseRenderer):
    """JSON by orjson; datetimes as ISO 8601 UTC with Z."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else as_json(data)


def as_json(data: Any) -> bytes:
    """JSON as every answer of the API writes it."""
    return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _as_problem(error: Exception) -> Problem | None:
    match error:
        case Problem():
            return error
        case Http404():
            return NotFound()
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return NotSignedIn()
        case PermissionDenied() | exceptions.PermissionDenied():
            return Forbidden(getattr(error, "detail", None) if "CSRF" in str(error) else None)
        case exceptions.Throttled():
            return TooMany(retry_after=int(getattr(error, "wait", None) or 1))
        case exceptions.ValidationError():
            detail = error.detail if isinstance(error.detail, dict) else {"non_field": error.detail}
            fields = {name: _first_sentence(value) for name, value in detail.items()}
            return Invalid(next(iter(fields.values()), None), fields=fields)
        case DjangoValidationError():
            return Invalid(" ".join(error.messages))
        case RequestDataTooBig():
            return TooLarge()
        case exceptions.APIException():
            problem = Problem(error.detail, code=str(error.default_code))
            problem.status = error.status_code
            return problem
    return None


def _first_sentence(value: Any) -> str:
    while isinstance(value, (list, dict)) and value:
        value = value[0] if isinstance(value, list) else next(iter(value.values()))
    return str(value)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: every refusal in the contract's shape. Unknown errors stay unhandled and become a 500."""
    problem = _as_problem(error)
    if problem is None:
        return None
    response = Response(problem.as_dict(), status=problem.status)
    if problem.status == 401:
        response["WWW-Authenticate"] = "X-Session-Token"
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    return response


def page_response(request: Request, page: Page[Any], results: list[Any]) -> Response:
    """`{"results": […], "next": url or null}`; `results` are the page's rows as the API shows them."""
    following = None
    if page.next_cursor:
        query = request.query_params.copy()
        query["cursor"] = page.next_cursor
        following = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return Response({"results": results, "next": following})


def idempotent(view: Callable[..., Response]) -> Callable[..., Response]:
    """Give a write the `Idempotency-Key` header: the same key by the same person on the same path answers as before.

    Answers are kept for a day in the cache; a second request while the first still runs gets 409.
    (draft-ietf-httpapi-idempotency-key-header.)
    """

    @functools.wraps(view)
    def wrapper(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if not key:
            return view(self, request, *args, **kwargs)
        if len(key) > 200:
            raise Invalid(
                _("The Idempotency-Key header is at most 200 characters long."), code="bad_idempotency_key"
            )
        digest = hashlib.blake2b(
            f"{request.user.pk}|{request.method}|{request.path}|{key}".encode(), digest_size=20
        )
        name = f"idem:{digest.hexdigest()}"
        if not cache.add(name, "running", 60):
            done = cache.get(name)
            if not isinstance(done, tuple):
                raise Conflict(
                    _("The same request is still running. Ask again in a moment."), code="in_progress"
                )
            return Response(orjson.loads(done[1]) if done[1] else None, status=done[0])
        try:
            response = view(self, request, *args, **kwargs)
        except BaseException:
            cache.delete(name)
            raise
        body = (
            orjson.dumps(response.data, default=str, option=orjson.OPT_UTC_Z)
            if response.data is not None
            else b""
        )
        cache.set(name, (response.status_code, body), 86_400)
        return response

    return wrapper
