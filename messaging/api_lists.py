"""What is around conversations as JSON: whom one may write to, all requests at once."""

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.ratelimit import limit
from socialapp.lib.rest import page_response

from . import access, actions
from .api import CURSOR
from .serializers import MessagesPage, PersonShape


class RecipientShape(PersonShape):
    """`request`: what is written to them arrives as a request. `first_contact`: no links, clips or pictures before they
    answer."""

    request = serializers.BooleanField()
    first_contact = serializers.BooleanField()


class RecipientsList(serializers.Serializer):
    results = RecipientShape(many=True)
    next = serializers.CharField(allow_null=True)


class DeletedRequests(serializers.Serializer):
    deleted = serializers.IntegerField()


class Recipients(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="recipients",
        parameters=[
            OpenApiParameter("q", str, description="The beginning of a user name, or a part of a name.")
        ],
        responses={200: RecipientsList, 429: OpenApiResponse(description="Asked too often.")},
    )
    def get(self, request: Request) -> Response:
        """People you may write to: those you talk to first, then friends, then whom you follow. Without `q` only these."""
        limit("suggest", request.user.pk)
        found = access.recipients(request.user, request.query_params.get("q", ""))
        return Response({"results": found, "next": None})


class AllRequests(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="requests_delete", responses={200: DeletedRequests})
    def delete(self, request: Request) -> Response:
        """Deletes every request that waits, for the asking person only. Whom they restrict is left as it is."""
        return Response({"deleted": actions.delete_requests(request.user)})


class ConversationMedia(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="conversation_media", parameters=[CURSOR], responses=MessagesPage)
    def get(self, request: Request, conversation_id: str) -> Response:
        """Messages with a picture or a clip, the newest first; none before a request is accepted."""
        seat = access.get_seat(request.user, conversation_id)
        page = access.media_page(request.user, seat, request.query_params.get("cursor"))
        return page_response(request, page, access.media_cards(request.user, page))
