"""Downloads of one's data as JSON."""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.pagination import keyset_page
from socialapp.lib.rest import idempotent, page_response

from . import access, actions, downloads
from .models import DataExport
from .serializers_exports import ExportList, ExportShape
from .views_data import fetched


def _shape(request: Request, row: DataExport) -> dict[str, Any]:
    ready = row.state == DataExport.State.READY
    return {
        "id": str(row.pk),
        "state": row.state,
        "percent": row.percent,
        "message": downloads.stage_sentence(row),
        "size": row.size,
        "url": request.build_absolute_uri(reverse("api:export-file", args=[row.pk])) if ready else None,
        "created_at": row.created_at,
        "ready_at": row.ready_at,
        "expires_at": row.expires_at,
    }


class Exports(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="exports",
        parameters=[OpenApiParameter("cursor", str, description="From the `next` of the page before.")],
        responses=ExportList,
    )
    def get(self, request: Request) -> Response:
        page = keyset_page(access.exports(request.user), request.query_params.get("cursor"), size=20)
        return page_response(request, page, [_shape(request, row) for row in page.items])

    @extend_schema(operation_id="export_ask", request=None, responses={202: ExportShape})
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask for a download. While one is being made, that one is answered."""
        return Response(_shape(request, actions.ask_export(request.user)), status=202)


class Export(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="export", responses=ExportShape)
    def get(self, request: Request, export_id: str) -> Response:
        return Response(_shape(request, access.get_export(request.user, export_id)))

    @extend_schema(
        operation_id="export_delete", responses={204: OpenApiResponse(description="Done. There is no body.")}
    )
    def delete(self, request: Request, export_id: str) -> Response:
        """Cancel a download, or remove it before its time."""
        actions.delete_export(request.user, access.get_export(request.user, export_id))
        return Response(status=204)


class ExportFile(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="export_file",
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            (206, "application/zip"): OpenApiTypes.BINARY,
            416: OpenApiResponse(description="The file has no such range."),
        },
    )
    def get(self, request: Request, export_id: str) -> HttpResponseBase:
        """The archive, whole or one range of it; 416 for a range outside of it."""
        # Django's own request, with the person DRF found: how the body is streamed hangs on its kind.
        return fetched(request._request, export_id)
