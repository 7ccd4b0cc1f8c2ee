"""Privacy as JSON: one's own settings, and reports. Blocks and mutes name people, so they are in `accounts.api`."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.pagination import keyset_page
from socialapp.lib.rest import idempotent, page_response

from . import access, actions
from .models import PrivacySettings
from .serializers import PrivacyChange, PrivacyFields, ReportAnswer, ReportBody
from .serializers_status import OwnReportPage

CURSOR = OpenApiParameter("cursor", str, description="From the `next` of the page before.")


def _as_dict(settings: PrivacySettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in sorted(actions.CHANGEABLE)}


class MyPrivacy(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_privacy", responses=PrivacyFields)
    def get(self, request: Request) -> Response:
        return Response(_as_dict(access.privacy_of(request.user)))

    @extend_schema(operation_id="me_privacy_change", request=PrivacyChange, responses=PrivacyFields)
    def patch(self, request: Request) -> Response:
        changes = PrivacyChange.read(request)
        return Response(_as_dict(actions.update_privacy(request.user, **changes)))


class Reports(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="my_reports", parameters=[CURSOR], responses=OwnReportPage)
    def get(self, request: Request) -> Response:
        """What the caller reported and what came of it, newest first."""
        page = keyset_page(access.own_reports(request.user), request.query_params.get("cursor") or None)
        return page_response(request, page, [access.report_fields(row) for row in page.items])

    @extend_schema(operation_id="report", request=ReportBody, responses={201: ReportAnswer})
    @idempotent
    def post(self, request: Request) -> Response:
        body = ReportBody.read(request)
        target = body["target"]
        row = actions.report(
            request.user,
            target["type"],
            target["id"],
            body["reason"],
            body.get("note", ""),
            parts=body.get("messages") or (),
        )
        thanks = _("Thank you. A moderator will look at this.")
        return Response({"id": str(row.pk), "state": row.state, "message": thanks}, status=201)
