"""Notifications as JSON: the list, marking read, the numbers on badges, how one wants to be told."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from socialapp.lib.rest import page_response

from . import access, actions, serializers
from .api import CURSOR, SignedIn


class Notifications(SignedIn):
    @extend_schema(operation_id="notifications", parameters=[CURSOR], responses=serializers.NotificationsPage)
    def get(self, request: Request) -> Response:
        page = access.notification_page(request.user, request.query_params.get("cursor"))
        return page_response(request, page, access.notification_cards(request.user, page.items))


class NotificationsRead(SignedIn):
    @extend_schema(
        operation_id="notifications_read",
        request=serializers.NotificationsReadBody,
        responses=serializers.NotificationsReadAnswer,
    )
    def post(self, request: Request) -> Response:
        """All of them, or those in `ids`."""
        body = serializers.NotificationsReadBody.read(request)
        return Response({"read": actions.mark_notifications_read(request.user, body.get("ids"))})


class Badges(SignedIn):
    @extend_schema(operation_id="badges", responses=serializers.BadgesShape)
    def get(self, request: Request) -> Response:
        """Unread conversations and notifications, at most 100 each."""
        return Response(access.badges(request.user))
