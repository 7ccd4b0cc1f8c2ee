"""JSON skin of analytics: events in, figures out."""

from datetime import date
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext as _
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from privacy.rules import Audience
from socialapp.lib.clientip import client_address
from socialapp.lib.country import country_of
from socialapp.lib.errors import Invalid, TooLarge
from socialapp.lib.rest import OrjsonRenderer, TokenAuthentication, page_response
from videos import invite_session
from videos.studio import KINDS

from . import access, actions, serializers
from .definitions import RANGES, VISIT_HOURS
from .tables import CsvRenderer, Tables, chosen, part, table_parameter, totals

# A hundred events are about 20 kB; a beacon may carry 64 kB.
MAX_BODY = 256 * 1024


class BeaconAuthentication(SessionAuthentication):
    """The session, with the CSRF token in the body as `csrf` where a beacon cannot send a header."""

    def enforce_csrf(self, request: Request) -> None:
        # DRF hands over its own request here; the middleware's check looks at META.
        plain: HttpRequest = getattr(request, "_request", request)
        if "HTTP_X_CSRFTOKEN" not in plain.META:
            try:
                token = orjson.loads(plain.body).get("csrf")
            except (ValueError, AttributeError):
                token = None
            if isinstance(token, str):
                plain.META["HTTP_X_CSRFTOKEN"] = token
        super().enforce_csrf(request)


class BeaconScheme(SessionScheme):
    """How the OpenAPI schema describes BeaconAuthentication: the session cookie."""

    target_class = "analytics.api.BeaconAuthentication"
    name = "cookieAuthOfABeacon"


class BeaconParser(BaseParser):
    """JSON whatever sendBeacon calls it: application/json or text/plain."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise TooLarge(_("Send at most 256 kB of events at once."))
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Invalid(_("The body is not JSON."), code="bad_json") from error


class PlainBeaconParser(BeaconParser):
    media_type = "text/plain"


class Events(APIView):
    """What people watched, in batches."""

    authentication_classes = [TokenAuthentication, BeaconAuthentication]
    permission_classes = [AllowAny]
    parser_classes = [BeaconParser, PlainBeaconParser]

    @extend_schema(
        request={"application/json": serializers.Events, "text/plain": serializers.Events},
        responses={202: serializers.EventsAnswer},
        description=(
            "Up to 100 events: viewings (`kind` view, also when there is none), impressions, looks at a profile and follows. "
            "A viewing may come in pieces. Whoever is not logged in sends a `visit` (GET events/visit/) or nothing counts. A "
            "`batch` that was sent already gets the same answer and counts once. What is unknown, hidden, one's own, a "
            "replay, implausible, unsigned or from a bot is dropped and counted as dropped."
        ),
    )
    def post(self, request: Request) -> Response:
        plain = request._request
        counts = actions.record_events(
            request.user,
            request.data,
            address=client_address(plain),
            agent=request.headers.get("User-Agent", ""),
            country=country_of(plain),
            opened=invite_session.opened(plain.session),
        )
        return Response(counts, status=202)


class Visit(APIView):
    """A signed visit, for programs and for pages that were open for longer than one holds."""

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [AllowAny]

    @extend_schema(operation_id="events_visit", responses=serializers.Visit)
    def get(self, request: Request) -> Response:
        return self._answer(request)

    @extend_schema(operation_id="events_visit_new", request=None, responses=serializers.Visit)
    def post(self, request: Request) -> Response:
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        visit = actions.open_visit(request.user, address=client_address(request._request))
        answer = Response({"visit": visit, "expires_in": VISIT_HOURS * 3600})
        answer["Cache-Control"] = "private, no-store"
        return answer


PERIOD = [
    OpenApiParameter(
        "days", int, enum=RANGES, default=28, description="The last so many days, today included."
    ),
    OpenApiParameter(
        "start",
        date,
        description="The first day (UTC) of a range of one's own, 366 days at most. Wins over `days`.",
    ),
    OpenApiParameter("end", date, description="Its last day; today when left out."),
]
FORMAT = OpenApiParameter("format", str, enum=["json", "csv"], description="csv: the same rows as a table.")


def _or_csv(shape: Any) -> dict[Any, Any]:
    return {(200, "application/json"): shape, (200, "text/csv"): OpenApiTypes.STR}


class FiguresView(APIView):
    permission_classes = [IsAuthenticated]
    renderer_classes = [OrjsonRenderer, CsvRenderer]
    filename = "analytics"
    tables: Tables = {"days": part("series")}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.table = chosen(self.tables, request.query_params.get("table"))

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code >= 400:  # a refusal is no table
            response.accepted_renderer, response.accepted_media_type = OrjsonRenderer(), "application/json"
        elif getattr(response, "accepted_media_type", "") == "text/csv":
            first = self.table == next(iter(self.tables))
            name = self.filename if first else f"{self.filename}-{self.table}"
            response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        response["Cache-Control"] = "private, no-store"
        return response


class Overview(FiguresView):
    """The creator's account: totals, days and best clips, against the period before."""

    filename = "overview"
    tables = {"days": part("series"), "totals": totals, "clips": part("top")}

    @extend_schema(
        parameters=[*PERIOD, FORMAT, table_parameter(tables)], responses=_or_csv(serializers.Overview)
    )
    def get(self, request: Request) -> Response:
        return Response(access.overview(request.user, access.period_asked(request.query_params)))


class Content(FiguresView):
    """The creator's clips with their sums of the period, by any figure; as CSV up to a thousand of them at once."""

    filename = "content"
    tables = {"clips": part("results")}

    @extend_schema(
        parameters=[
            *PERIOD,
            FORMAT,
            OpenApiParameter("sort", str, enum=access.SORTS, description="Newest first, or highest first."),
            OpenApiParameter("audience", str, enum=Audience.values),
            OpenApiParameter("state", str, enum=list(KINDS)),
            OpenApiParameter("q", str, description="Words of the caption."),
            OpenApiParameter("cursor", str),
        ],
        responses=_or_csv(serializers.ClipPage),
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        as_csv = getattr(request.accepted_renderer, "format", "") == "csv"
        page, lines = access.content(
            request.user,
            access.period_asked(query),
            query.get("cursor"),
            access.wanted(query),
            size=access.WHOLE if as_csv else access.PAGE,
        )
        return page_response(request, page, lines)


class Promotions(FiguresView):
    """The creator's promotions: what they took and brought, by day and each for itself. As CSV a day a row."""

    filename = "promotions"
    tables = {
        "days": part("series"),
        "totals": totals,
        "promotions": lambda figures: [
            {"id": line["id"], "clip": line["video"]["id"], "caption": line["video"]["caption"], **line}
            for line in figures["promotions"]
        ],
    }

    @extend_schema(
        parameters=[*PERIOD, FORMAT, table_parameter(tables)],
        responses=_or_csv(serializers.PromotionsFigures),
    )
    def get(self, request: Request) -> Response:
        return Response(access.promotions(request.user, access.period_asked(request.query_params)))


class VideoFigures(FiguresView):
    """One of the creator's own clips: days, sources, countries and retention second by second."""

    filename = "clip"
    tables = {
        "days": part("series"),
        "totals": totals,
        "sources": part("sources"),
        "countries": part("countries"),
        "retention": lambda figures: figures["retention"]["seconds"],
    }

    @extend_schema(
        parameters=[*PERIOD, FORMAT, table_parameter(tables)],
        responses=_or_csv(serializers.VideoFigures),
    )
    def get(self, request: Request, video_id: str) -> Response:
        return Response(
            access.video_figures(request.user, video_id, access.period_asked(request.query_params))
        )


class Live(FiguresView):
    """The last 60 minutes, minute by minute, and what is watched most now. Ask every five seconds at most."""

    filename = "live"
    tables = {"minutes": part("series"), "clips": part("top")}

    @extend_schema(parameters=[FORMAT, table_parameter(tables)], responses=_or_csv(serializers.Live))
    def get(self, request: Request) -> Response:
        return Response(access.live(request.user))
