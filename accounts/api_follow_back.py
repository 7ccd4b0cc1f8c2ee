"""JSON skin of following back, its criteria, and tidying up."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.rest import idempotent, page_response

from . import actions, follow_back
from .serializers import SuggestionShape


class Criteria(s.Serializer):
    minimum = s.IntegerField(help_text="Likes and comments in the last twelve weeks, at least.")
    topics = s.ListField(
        child=s.CharField(), help_text="Tags; empty: those of your own clips, for the order only."
    )
    posted_within = s.IntegerField(allow_null=True, help_text="Published a clip in the last so many days.")
    most_following = s.IntegerField(allow_null=True, help_text="Follows at most so many people.")
    digest = s.BooleanField(help_text="A mail a week.")


class FollowBackPage(s.Serializer):
    results = SuggestionShape(many=True)
    next = s.CharField(allow_null=True)


class Chosen(s.Serializer):
    people = s.ListField(child=s.CharField(), max_length=100, help_text="Ids.")


class Outcome(s.Serializer):
    done = s.ListField(child=s.CharField())
    left = s.IntegerField(help_text="Chosen, and left for later by a limit.")
    undo = s.CharField(allow_blank=True, help_text="What undo/ takes.")


class Undo(s.Serializer):
    undo = s.CharField()


class Undone(s.Serializer):
    deed = s.ChoiceField(["follow", "unfollow"])
    undone = s.IntegerField()


def _said(request: Request) -> dict[str, Any]:
    """The body, an object; a list or nothing says nothing."""
    return request.data if isinstance(request.data, dict) else {}


class FollowBack(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="follow_back", responses=FollowBackPage)
    def get(self, request: Request) -> Response:
        """Followers to follow back, best first, by your criteria."""
        return Response({"results": follow_back.follow_back(request.user), "next": None})

    @extend_schema(operation_id="follow_back_many", request=Chosen, responses=Outcome)
    @idempotent
    def post(self, request: Request) -> Response:
        """Follow these of your followers back, at most 100. Whoever is not in your list is passed over."""
        return Response(actions.follow_many_back(request.user, _said(request).get("people")))


class FollowBackCriteria(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="follow_back_criteria", responses=Criteria)
    def get(self, request: Request) -> Response:
        return Response(follow_back.criteria(follow_back.settings_of(request.user)))

    @extend_schema(operation_id="follow_back_criteria_set", request=Criteria, responses=Criteria)
    def put(self, request: Request) -> Response:
        """Change what is said; the rest stays."""
        return Response(follow_back.criteria(actions.set_follow_back(request.user, _said(request))))


class FollowBackUndo(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="follow_back_undo", request=Undo, responses=Undone)
    def post(self, request: Request) -> Response:
        """Take a bulk step back. 409 when it is too late."""
        return Response(actions.undo_many(request.user, _said(request).get("undo")))


class TidyUp(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="tidy_up",
        parameters=[OpenApiParameter("cursor", str), OpenApiParameter("why", str, enum=follow_back.WHY)],
        responses=FollowBackPage,
    )
    def get(self, request: Request) -> Response:
        """Whom you follow and never watch, who does not follow back, who went quiet."""
        query = request.query_params
        page, cards = follow_back.tidy_up(request.user, query.get("why", ""), query.get("cursor"))
        return page_response(request, page, cards)

    @extend_schema(operation_id="tidy_up_unfollow", request=Chosen, responses=Outcome)
    @idempotent
    def post(self, request: Request) -> Response:
        """Stop following these, at most 100. Nobody is told; `undo` holds for two minutes."""
        return Response(actions.unfollow_many(request.user, _said(request).get("people")))
