"""JSON and CSV of what invites to one's clips brought."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from . import access
from .api import FORMAT, PERIOD, FiguresView, _or_csv
from .serializers_invites import InviteFigures
from .tables import part, table_parameter, totals


class Invites(FiguresView):
    """Invites to the creator's clips, by whomever: made, opened, watched, followed by, each on its own day."""

    filename = "invites"
    tables = {
        "days": part("series"),
        "totals": totals,
        "channels": part("channels"),
        "clips": part("clips"),
    }

    @extend_schema(parameters=[*PERIOD, FORMAT, table_parameter(tables)], responses=_or_csv(InviteFigures))
    def get(self, request: Request) -> Response:
        return Response(access.invites(request.user, access.period_asked(request.query_params)))
