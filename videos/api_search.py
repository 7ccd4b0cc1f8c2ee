"""Searching as JSON: results, suggestions while one types, and what one searched for lately."""

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.clientip import rate_key
from socialapp.lib.ratelimit import limit
from socialapp.lib.rest import page_response

from . import access, actions
from .search import finding, suggesting
from .serializers_search import RecentSearchesAnswer, SearchPage, SearchSuggestionsAnswer

CURSOR = OpenApiParameter("cursor", str, description="From the `next` of the page before.")
QUESTION = OpenApiParameter("q", str, description="What to look for; empty finds nothing.")
GONE = OpenApiResponse(description="Done. There is no body.")


class Search(APIView):
    @extend_schema(
        operation_id="search",
        parameters=[
            QUESTION,
            OpenApiParameter("type", str, enum=list(finding.TYPES), default="videos"),
            CURSOR,
        ],
        responses=SearchPage,
    )
    def get(self, request: Request) -> Response:
        """`videos` by words of the caption, `people` by their names, `sounds` by title and artist, `tags`, `challenges`.

        Words as written come first, then those that begin like the last one, then those one typing error away; the popular
        ones first. The first page is kept among one's recent searches.
        """
        asked = request.query_params
        text, cursor = asked.get("q", ""), asked.get("cursor") or None
        found = finding.find(request.user, asked.get("type", "videos"), text, cursor, as_json=True)
        if not cursor:
            actions.remember_search(request.user, text)
        answer = page_response(request, found.page, found.results)
        answer.data["meant"] = found.meant
        return answer


class SearchSuggestions(APIView):
    @extend_schema(
        operation_id="search_suggestions",
        parameters=[OpenApiParameter("q", str, description="What was typed so far.")],
        responses=SearchSuggestionsAnswer,
    )
    def get(self, request: Request) -> Response:
        """What fits what was typed so far: past searches of one's own, people, tags, sounds, challenges."""
        if request.user.is_authenticated:
            limit("suggest", request.user.pk)
        else:
            address = rate_key(request.client_address)  # type: ignore[attr-defined]
            limit("suggest", f"address {address}", times=settings.ADDRESS_FACTOR)
        return Response(
            {"results": suggesting.suggestions(request.user, request.query_params.get("q", "")), "next": None}
        )


class RecentSearches(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="search_recent", responses=RecentSearchesAnswer)
    def get(self, request: Request) -> Response:
        """What you searched for lately, the newest first; at most twenty."""
        rows = access.recent_searches(request.user)
        return Response({"results": [suggesting.recent_row(row) for row in rows], "next": None})

    @extend_schema(operation_id="search_recent_clear", responses={204: GONE})
    def delete(self, request: Request) -> Response:
        """Forget all of them."""
        actions.forget_searches(request.user)
        return Response(status=204)


class RecentSearchDetail(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="search_recent_forget", responses={204: GONE})
    def delete(self, request: Request, search_id: str) -> Response:
        """Forget one of them."""
        actions.forget_search(request.user, search_id)
        return Response(status=204)
