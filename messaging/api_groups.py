"""Groups as JSON: their name, who is in them, who looks after them."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from privacy.serializers import Body

from . import access, actions, api
from .serializers import ConversationDetailShape

ABSENT = OpenApiResponse(
    description="There is no such group for the asking person, or nobody of this name in it."
)
NOT_ADMIN = OpenApiResponse(
    description="`admins_only`: only who looks after the group can do that. `accept_first`: the asking person was asked to "
    "join and has not said yes."
)
CARD = {200: ConversationDetailShape, 403: NOT_ADMIN, 404: ABSENT}


class GroupNameBody(Body):
    # Longer than a name may be, so that the refusal is the action's own sentence.
    name = serializers.CharField(max_length=500, allow_blank=True)


class GroupPeopleBody(Body):
    usernames = serializers.ListField(
        child=serializers.CharField(max_length=150), min_length=1, max_length=100
    )


class GroupAdminBody(Body):
    is_admin = serializers.BooleanField()


class OneConversation(api.OneConversation):
    @extend_schema(
        operation_id="group_rename",
        request=GroupNameBody,
        responses=CARD | {400: OpenApiResponse(description="The name is too long, or has a blocked term.")},
    )
    def patch(self, request: Request, conversation_id: str) -> Response:
        """Give a group another name, "" for none."""
        body = GroupNameBody.read(request)
        return _card(
            request, actions.rename_group(request.user, conversation_id, body["name"]).conversation_id
        )


class GroupPeople(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="group_add",
        request=GroupPeopleBody,
        responses={
            200: ConversationDetailShape,
            400: OpenApiResponse(
                description="`nobody`: there is nobody of this name. `group_full`: there is no room for so many."
            ),
            403: OpenApiResponse(
                description="`messages_refused`: somebody's settings do not let the asking person add them."
            ),
            404: ABSENT,
            429: OpenApiResponse(description="Too many people, or too many strangers, in too short a time."),
        },
    )
    def post(self, request: Request, conversation_id: str) -> Response:
        """Add people, all or none. Who does not take the asking person's words as messages is asked (`invited`)."""
        body = GroupPeopleBody.read(request)
        return _card(
            request, actions.add_people(request.user, conversation_id, body["usernames"]).conversation_id
        )


class GroupPerson(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="group_remove", responses={204: api.GONE, 403: NOT_ADMIN, 404: ABSENT})
    def delete(self, request: Request, conversation_id: str, username: str) -> Response:
        """Take somebody out of the group. One leaves oneself with `leave/`."""
        actions.remove_person(request.user, conversation_id, username)
        return Response(status=204)

    @extend_schema(operation_id="group_admin", request=GroupAdminBody, responses=CARD)
    def patch(self, request: Request, conversation_id: str, username: str) -> Response:
        """Let somebody look after the group, or no longer."""
        body = GroupAdminBody.read(request)
        actions.set_admin(request.user, conversation_id, username, body["is_admin"])
        return _card(request, conversation_id)


def _card(request: Request, conversation_id: str | int) -> Response:
    seat = access.get_seat(request.user, conversation_id)
    return Response(access.conversation_detail(request.user, seat))
