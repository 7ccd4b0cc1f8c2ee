"""JSON and CSV of what invites to one's clips brought."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from socialapp.lib.errors import Invalid

from . import access
from .api import FORMAT, PERIOD, FiguresView, _or_csv
from .serializers_invites import InviteFigures


class Invites(FiguresView):
    """Invites to the creator's clips, by whomever: made, opened, watched, followed by, each on its own day."""

    filename = "invites"

    @extend_schema(
        parameters=[
            *PERIOD,
            FORMAT,
            OpenApiParameter(
                "table",
                str,
                enum=access.INVITE_TABLES,
                default="days",
                description="Which rows the CSV has.",
            ),
        ],
        responses=_or_csv(InviteFigures),
    )
    def get(self, request: Request) -> Response:
        table = request.query_params.get("table") or "days"
        if table not in access.INVITE_TABLES:
            message = _("Choose days, channels or clips.")
            raise Invalid(message, code="bad_table", fields={"table": message})
        figures = access.invites(request.user, access.period_asked(request.query_params))
        if getattr(request.accepted_renderer, "format", "") == "csv" and table != "days":
            self.filename = f"invites-{table}"
            return Response({"results": figures[table]})
        return Response(figures)
