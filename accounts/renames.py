"""Addresses with a name that somebody gave up lead to the same page or answer under the present name.

Asked only when a route with a user name answered 404, so addresses in use pay nothing. The redirect is temporary: after
`usernames.HELD_FOR` the name may be another person's. Unsafe methods keep their method and body (307), so that a page
that was open before the change goes on working.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from . import access


class RenamedPeopleMiddleware:
    """Behind the middleware that knows who asks: a name leads only to whom the viewer may meet."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if response.status_code != 404 or match is None or "username" not in match.kwargs:
            return response
        present = access.renamed(request.user, match.kwargs["username"])
        if present is None or present.lower() == match.kwargs["username"].lower():
            return response
        address = reverse(match.view_name, kwargs={**match.kwargs, "username": present})
        query = request.META.get("QUERY_STRING", "")
        moved = HttpResponseRedirect(
            f"{address}?{query}" if query else address,
            preserve_request=request.method not in ("GET", "HEAD"),
        )
        moved["Cache-Control"] = "private, no-store"
        return moved
