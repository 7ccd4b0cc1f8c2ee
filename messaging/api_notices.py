"""Notifications as JSON: the list, marking read, the numbers on badges, how one wants to be told."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from socialapp.lib.rest import page_response

from . import access, actions, channels
from . import serializers_notices as serializers
from .api import CURSOR, SignedIn


class Notifications(SignedIn):
    @extend_schema(
        operation_id="notifications",
        parameters=[
            CURSOR,
            OpenApiParameter("group", str, enum=list(channels.GROUPS), description="Of one group only."),
        ],
        responses=serializers.NotificationsPage,
    )
    def get(self, request: Request) -> Response:
        page = access.notification_page(
            request.user, request.query_params.get("cursor"), group=request.query_params.get("group", "")
        )
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


class NotificationSettings(SignedIn):
    @extend_schema(operation_id="notification_settings", responses=serializers.NotificationSettingsShape)
    def get(self, request: Request) -> Response:
        """How one wants to be told. `in_app` is the number on the bell, `email` the digest."""
        return Response(self._shape(channels.plain(access.notification_settings(request.user))))

    @extend_schema(
        operation_id="notification_settings_change",
        request=serializers.NotificationSettingsBody,
        responses=serializers.NotificationSettingsShape,
    )
    def patch(self, request: Request) -> Response:
        """What is not named stays. `site` cannot be switched off in the app."""
        body = serializers.NotificationSettingsBody.read(request)
        return Response(
            self._shape(channels.plain(actions.change_notification_settings(request.user, **body)))
        )

    @staticmethod
    def _shape(values: dict[str, object]) -> object:
        return serializers.NotificationSettingsShape(values).data


class Badges(SignedIn):
    @extend_schema(operation_id="badges", responses=serializers.BadgesShape)
    def get(self, request: Request) -> Response:
        """Unread conversations and notifications, at most 100 each."""
        return Response(access.badges(request.user))
