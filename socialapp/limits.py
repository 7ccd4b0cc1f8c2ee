"""What one address, and one person, may cause by requests that change something. Reading is not limited here.

The figures are settings.RATE_LIMITS. What can be abused has a scope of its own and is counted for the person where it is
done, in the app's actions; every other write is counted here under "write". For the address everything is counted here,
under the same scope: an IPv6 address by its /64, and ADDRESS_FACTOR times what one person may, since homes, schools and
phone networks share addresses. While Redis is away these let pass; codes, sign-up and log-in, which have limits of their
own (accounts), do not.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.throttling import BaseThrottle

from .lib.clientip import rate_key
from .lib.errors import TooMany, render_problem
from .lib.ratelimit import limit

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
WRITE = "write"
_USER, _CLIP, _COMMENT = "api/v1/users/<str:username>/", "api/v1/videos/<str:video_id>/", "api/v1/comments/"

# Routes whose deed is counted for the person under a scope of its own, by an action. What is not here is a "write".
SCOPES: dict[str, str] = {
    f"{_USER}follow/": "follow",
    f"{_USER}block/": "block",
    f"{_USER}mute/": "block",
    f"{_USER}restrict/": "block",
    "api/v1/follow-requests/": "answer_requests",
    "api/v1/me/": "profile",
    "api/v1/me/avatar/": "avatar",
    "api/v1/me/business/": "profile",
    "settings/business/": "profile",
    "settings/profile/": "profile",
    "settings/avatar/": "avatar",
    "api/v1/reports/": "report",
    "api/v1/me/decisions/<str:decision_id>/appeal/": "appeal",
    "api/v1/decisions/<str:token>/appeal/": "appeal",
    "settings/status/<str:decision_id>/": "appeal",
    "decisions/<str:token>/": "appeal",
    "api/v1/exports/": "export",
    "settings/data/": "export",
    "api/v1/uploads/": "upload",
    "api/v1/videos/": "upload",
    f"{_CLIP}retry/": "upload",
    _CLIP: "edit",
    f"{_CLIP}detach/": "edit",
    f"{_CLIP}captions/<str:language>/": "edit",
    f"{_CLIP}captions/<str:language>/automatic/": "captions",
    f"{_CLIP}download/": "download",
    f"{_CLIP}like/": "like",
    f"{_CLIP}save/": "like",
    f"{_CLIP}not-interested/": "like",
    f"{_CLIP}more/": "like",
    f"{_CLIP}less/": "like",
    "api/v1/preferences/": "like",
    "api/v1/me/feed/interests/": "profile",
    "settings/feed/": "profile",
    f"{_CLIP}share/": "share",
    "api/v1/invites/": "invite",
    "i/<str:token>/open/": "invite_open",
    "i/<str:token>/watched/": "invite_open",
    f"{_CLIP}comments/": "comment",
    f"{_COMMENT}<str:comment_id>/": "comment",
    f"{_COMMENT}<str:comment_id>/like/": "like",
    f"{_COMMENT}<str:comment_id>/hide/": "review",
    f"{_COMMENT}<str:comment_id>/approve/": "review",
    f"{_COMMENT}<str:comment_id>/decline/": "review",
    f"{_COMMENT}review/": "review",
    "api/v1/text-layers/": "text_layer",
    "api/v1/collections/": "edit",
    "api/v1/promotions/": "edit",
    "api/v1/promotions/<str:promotion_id>/": "edit",
    "api/v1/promotions/<str:promotion_id>/submit/": "edit",
    "api/v1/promotions/<str:promotion_id>/hide/": "like",
    "studio/promotions/new/": "edit",
    "studio/promotions/<str:promotion_id>/edit/": "edit",
    "api/v1/challenges/": "edit",
    "api/v1/challenges/<str:slug>/": "edit",
    "api/v1/challenges/<str:slug>/banner/": "picture",
    "api/v1/challenges/<str:slug>/entries/<str:video_id>/": "edit",
    "api/v1/conversations/<str:conversation_id>/messages/": "message",
    "api/v1/conversations/<str:conversation_id>/images/": "picture",
    "api/v1/conversations/<str:conversation_id>/people/": "group_add",
    "api/v1/messages/<str:message_id>/reaction/": "like",
    "api/v1/push/test/": "push_test",
    "api/v1/events/": "events",
    "api/v1/events/visit/": "visit",
}

# Routes, by how they begin, that are not counted here, and why not.
FREE: dict[str, str] = {
    "admin/": "only moderators get in; tries to log in there are counted by user name (log_in_admin)",
    "accounts/": "allauth's pages: sign-up, log-in, codes and mails have limits of their own, which fail closed",
    "_allauth/": "the same by JSON",
    "api/v1/uploads/<str:upload_id>": "the bytes of an upload that was counted when it was announced (upload), up to its quota",
}


def scope_of(route: str, method: str) -> str | None:
    """The scope that a request counts under; None when it is not counted here: it reads, or its route is FREE.

    Taking back is a "write" everywhere: there is no more to take back than was done.
    """
    if method in SAFE or any(route.startswith(prefix) for prefix in FREE):
        return None
    return WRITE if method == "DELETE" else SCOPES.get(route, WRITE)


def _route(request: Any) -> str:
    match = request.resolver_match
    return match.route if match is not None else ""


def _count_person(request: Any) -> None:
    """A write that no action counts. The person must be known already."""
    if scope_of(_route(request), request.method) == WRITE and request.user.is_authenticated:
        limit(WRITE, request.user.pk)


class PersonThrottle(BaseThrottle):
    """The API's part: after the request is authenticated, whichever way. Raises TooMany."""

    def allow_request(self, request: Any, view: Any) -> bool:
        _count_person(request)
        return True


class LimitsMiddleware:
    """Counts writes for the address, and those of pages for the person. Stands after CSRF and log-in."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        route = _route(request)
        scope = scope_of(route, request.method or "")
        if scope is None:
            return None
        address = rate_key(request.client_address)  # type: ignore[attr-defined]
        try:
            limit(scope, f"address {address}", times=settings.ADDRESS_FACTOR)
            if not route.startswith("api/"):
                _count_person(request)
        except TooMany as problem:
            return render_problem(request, problem)
        return None
