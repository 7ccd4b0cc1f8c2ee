"""JSON and CSV of the whole site's figures, for its moderators."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from .api import FORMAT, FiguresView, _or_csv
from .serializers_site import SiteFigures
from .site import site_figures


class Site(FiguresView):
    """The whole site: what today brought, queue, storage, and 28 days of views and uploads. Staff only; as CSV a day a row."""

    filename = "site"

    @extend_schema(parameters=[FORMAT], responses=_or_csv(SiteFigures))
    def get(self, request: Request) -> Response:
        return Response(site_figures(request.user))
