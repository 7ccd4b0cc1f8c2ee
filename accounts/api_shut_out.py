"""Whom a person blocks, mutes or restricts as JSON: one by one, many at once, as files to keep and to bring along."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from privacy import actions as privacy_actions
from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import keyset_page
from socialapp.lib.rest import OrjsonRenderer, idempotent, page_response

from . import access, actions, name_lists, serializers
from .api import CURSOR, GONE


class BlockPerson(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="block", request=None, responses=serializers.BlockAnswer)
    @idempotent
    def post(self, request: Request, username: str) -> Response:
        privacy_actions.block(request.user, access.get_blocked_person(request.user, username))
        return Response({"blocked": True})

    @extend_schema(operation_id="unblock", responses={204: GONE})
    def delete(self, request: Request, username: str) -> Response:
        privacy_actions.unblock(request.user, access.get_blocked_person(request.user, username))
        return Response(status=204)


class MutePerson(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="mute", request=None, responses=serializers.MuteAnswer)
    @idempotent
    def post(self, request: Request, username: str) -> Response:
        privacy_actions.mute(request.user, access.get_person(request.user, username))
        return Response({"muted": True})

    @extend_schema(operation_id="unmute", responses={204: GONE})
    def delete(self, request: Request, username: str) -> Response:
        privacy_actions.unmute(request.user, access.get_person(request.user, username))
        return Response(status=204)


class RestrictPerson(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="restrict", request=None, responses=serializers.RestrictAnswer)
    @idempotent
    def post(self, request: Request, username: str) -> Response:
        """Their comments wait for you, their messages arrive as requests. They do not notice."""
        privacy_actions.restrict(request.user, access.get_person(request.user, username))
        return Response({"restricted": True})

    @extend_schema(operation_id="unrestrict", responses={204: GONE})
    def delete(self, request: Request, username: str) -> Response:
        privacy_actions.unrestrict(request.user, access.get_person(request.user, username))
        return Response(status=204)


class OfList(APIView):
    """What the routes of one of the three lists share; `key` is a name in `name_lists.LISTS`."""

    permission_classes = [IsAuthenticated]
    key = "blocked"

    @property
    def shown(self) -> name_lists.ShutOut:
        return name_lists.get_list(self.key)


class Listed(OfList):
    @extend_schema(parameters=[CURSOR], responses=serializers.CardsPage)
    def get(self, request: Request) -> Response:
        page = keyset_page(name_lists.rows(request.user, self.shown), request.query_params.get("cursor"))
        people = [access.person_card(request.user, getattr(row, self.shown.who)) for row in page.items]
        return page_response(request, page, people)

    @extend_schema(request=serializers.Names, responses=serializers.NamesOutcome)
    @idempotent
    def post(self, request: Request) -> Response:
        """Put many people on the list at once."""
        names = name_lists.tidy(serializers.Names.read(request)["usernames"])
        return Response(actions.add_named(request.user, self.shown, names).as_dict())


class Unlist(OfList):
    @extend_schema(request=serializers.Names, responses=serializers.NamesOutcome)
    @idempotent
    def post(self, request: Request) -> Response:
        """Take many people off the list at once."""
        names = name_lists.tidy(serializers.Names.read(request)["usernames"])
        return Response(actions.remove_named(request.user, self.shown, names).as_dict())


class ImportList(OfList):
    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": serializers.NamesFile}, responses=serializers.NamesOutcome)
    @idempotent
    def post(self, request: Request) -> Response:
        """Put the people named in a file on the list: CSV, JSON, or one user name a line."""
        sent: Any = request.data
        file = sent.get("file")
        if not hasattr(file, "read"):
            raise Invalid(_("Choose a file."), fields={"file": _("Choose a file.")})
        names = name_lists.read_file(file)
        return Response(actions.add_named(request.user, self.shown, names).as_dict())


class ListCsv(BaseRenderer):
    """The people of the list as a table. A refusal stays JSON."""

    media_type, format, charset = "text/csv", "csv", "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> str | bytes:
        return name_lists.as_csv(data["people"]) if "people" in data else OrjsonRenderer().render(data)


class ExportList(OfList):
    renderer_classes = [OrjsonRenderer, ListCsv]

    @extend_schema(
        parameters=[
            OpenApiParameter("format", str, enum=["json", "csv"], description="csv: the same as a table.")
        ],
        responses={
            (200, "application/json"): serializers.ListExport,
            (200, "text/csv"): OpenApiResponse(str),
        },
    )
    def get(self, request: Request) -> Response:
        """The whole list as a file, newest first."""
        response = Response({"list": self.key, "people": name_lists.entries(request.user, self.shown)})
        kind = getattr(request.accepted_renderer, "format", "json")
        response["Content-Disposition"] = f'attachment; filename="{self.key}.{kind}"'
        response["Cache-Control"] = "private, no-store"
        return response


def list_view(kind: type[OfList], key: str, **operations: str) -> Any:
    """The view of one list, with its own operation names in the schema: `get="blocks", post="blocks_add"`."""
    view: type[OfList] = type(f"{key.title()}{kind.__name__}", (kind,), {"key": key})
    named = {method: extend_schema(operation_id=name) for method, name in operations.items()}
    return extend_schema_view(**named)(view).as_view()
