"""JSON and CSV of the whole site's figures, for its moderators."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from .api import FORMAT, FiguresView, _or_csv
from .serializers_site import SiteFigures
from .site import site_figures
from .tables import part, table_parameter


def _now(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a figure that is of now, not of a day: `moderation.open_cases`, `storage.renditions`, `visits_today`."""
    rows = []
    for name, value in figures.items():
        if isinstance(value, dict):
            rows += [{"figure": f"{name}.{one}", "value": number} for one, number in value.items()]
        elif isinstance(value, int):
            rows.append({"figure": name, "value": value})
    return rows


class Site(FiguresView):
    """The whole site: what today brought, the queues and their oldest, storage by kind, and 28 days beside the 28 before of
    people, views, uploads, failures, processing times and moderation. Staff only."""

    filename = "site"
    tables = {"days": part("series"), "now": _now}

    @extend_schema(parameters=[FORMAT, table_parameter(tables)], responses=_or_csv(SiteFigures))
    def get(self, request: Request) -> Response:
        return Response(site_figures(request.user))
