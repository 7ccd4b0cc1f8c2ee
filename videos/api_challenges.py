"""Challenges as JSON: lists, one of them with its entries and its board, and what a host does with it."""

from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.permissions import IsAuthenticated, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.errors import TooLarge
from socialapp.lib.ids import parse_id
from socialapp.lib.pagination import Page, keyset_page
from socialapp.lib.pictures import MAX_BYTES
from socialapp.lib.rest import idempotent, page_response

from . import access, actions, feed
from . import serializers_challenges as shapes
from .api import CURSOR, GONE, _cursor, _videos
from .cards_challenges import challenge_cards, challenge_details, entry_cards, standing_cards
from .challenges import Phase
from .media import banner_url
from .models import Challenge, Video
from .serializers import VideosPage

LISTS = (Phase.RUNNING, Phase.COMING, Phase.ENDED)
STATE = OpenApiParameter(
    "state", str, enum=[*(str(name) for name in LISTS), "mine"], description="Running ones unless said."
)
COUNTRY = OpenApiParameter(
    "country", str, description="Two letters: challenges for there and for everywhere. All without it."
)
SORT = OpenApiParameter("sort", str, enum=["newest", "liked"], description="The newest first unless said.")


def _details(request: Request, challenge: Challenge) -> dict[str, Any]:
    own = challenge.host_id == request.user.pk
    figures = access.challenge_figures(request.user, challenge) if own else None
    return challenge_details(request.user, challenge) | {"figures": figures}


def _with_example(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """The example as its row in place of its id; None takes it away."""
    if "example" in body:
        named = body["example"]
        body["example"] = access.get_video(request.user, named, previews=False) if named else None
    return body


class Challenges(APIView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(
        operation_id="challenges", parameters=[STATE, COUNTRY, CURSOR], responses=shapes.ChallengesPage
    )
    def get(self, request: Request) -> Response:
        """Running ones by their end, coming ones by their start, ended ones the latest first; `mine` are those you host."""
        asked = request.query_params
        state = asked.get("state") or Phase.RUNNING
        if state == "mine":
            page: Page[Challenge] = keyset_page(access.hosted_challenges(request.user), _cursor(request))
        else:
            page = access.list_challenges(request.user, state, asked.get("country") or "", _cursor(request))
        return page_response(request, page, challenge_cards(request.user, page.items))

    @extend_schema(
        operation_id="challenge_create",
        request=shapes.ChallengeBody,
        responses={201: shapes.ChallengeDetails},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """For business accounts and staff."""
        body = _with_example(request, shapes.ChallengeBody.read(request))
        made = actions.create_challenge(request.user, **body)
        return Response(_details(request, made), status=201)


class ChallengeDetail(APIView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(operation_id="challenge", responses=shapes.ChallengeDetails)
    def get(self, request: Request, slug: str) -> Response:
        return Response(_details(request, access.get_challenge(request.user, slug)))

    @extend_schema(
        operation_id="challenge_change", request=shapes.ChallengeChange, responses=shapes.ChallengeDetails
    )
    def patch(self, request: Request, slug: str) -> Response:
        """What people took part under stands: 409 names it."""
        found = access.get_hosted_challenge(request.user, slug)
        body = _with_example(request, shapes.ChallengeChange.read(request))
        publish, end = body.pop("publish", False), body.pop("end", False)
        if body:
            found = actions.update_challenge(request.user, found, **body)
        if publish:
            found = actions.publish_challenge(request.user, found)
        if end:
            found = actions.end_challenge(request.user, found)
        return Response(_details(request, found))

    @extend_schema(operation_id="challenge_delete", responses={204: GONE})
    def delete(self, request: Request, slug: str) -> Response:
        """The clips with its tag stay."""
        actions.delete_challenge(request.user, access.get_hosted_challenge(request.user, slug))
        return Response(status=204)


class ChallengeVideos(APIView):
    @extend_schema(operation_id="challenge_videos", parameters=[CURSOR], responses=VideosPage)
    def get(self, request: Request, slug: str) -> Response:
        """The entries that you may see, the newest first."""
        found = access.get_challenge(request.user, slug)
        return _videos(request, feed.newest(access.challenge_entries(request.user, found), _cursor(request)))


class ChallengeLeaderboard(APIView):
    @extend_schema(operation_id="challenge_leaderboard", parameters=[CURSOR], responses=shapes.StandingsPage)
    def get(self, request: Request, slug: str) -> Response:
        """The best-liked entry of each person, by how many people like it."""
        found = access.get_challenge(request.user, slug)
        page = access.leaderboard(request.user, found, _cursor(request))
        return page_response(request, page, standing_cards(request.user, page.items))


class BannerParser(BaseParser):
    """A picture as the whole body: `Content-Type: image/…`. At most one byte more than allowed is read."""

    media_type = "image/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Mapping[str, Any]:
        return {"banner": ContentFile(stream.read(MAX_BYTES + 1))}


class ChallengeBanner(APIView):
    permission_classes = [IsAuthenticated]
    parser_classes = [MultiPartParser, BannerParser]

    @extend_schema(
        operation_id="challenge_banner",
        request={"multipart/form-data": shapes.BannerBody, "image/*": bytes},
        responses=shapes.BannerAnswer,
    )
    def post(self, request: Request, slug: str) -> Response:
        """The middle of the picture is kept, three times as wide as high."""
        # Refused before the body is read. The multipart wrapping takes less than 64 kB.
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES + 65_536:
            raise TooLarge()
        found = access.get_hosted_challenge(request.user, slug)
        sent: Any = request.data
        picture = sent.get("banner")
        file = picture if hasattr(picture, "read") else ContentFile(b"")
        changed = actions.set_banner(request.user, found, file)
        return Response({"banner": banner_url(changed) or None})

    @extend_schema(operation_id="challenge_banner_remove", responses={204: GONE})
    def delete(self, request: Request, slug: str) -> Response:
        actions.remove_banner(request.user, access.get_hosted_challenge(request.user, slug))
        return Response(status=204)


class ChallengeEntries(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="challenge_entries", parameters=[SORT, CURSOR], responses=shapes.EntriesPage)
    def get(self, request: Request, slug: str) -> Response:
        """For its host: the entries with what was said of them, also those that were marked out."""
        found = access.get_hosted_challenge(request.user, slug)
        sort = request.query_params.get("sort") or "newest"
        page: Page[Video] = access.hosted_entries_page(request.user, found, sort, _cursor(request))
        return page_response(request, page, entry_cards(request.user, found, page.items))


class ChallengeEntry(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="challenge_mark", request=shapes.VerdictBody, responses=shapes.VerdictAnswer)
    def put(self, request: Request, slug: str, video_id: str) -> Response:
        """Among the winners, at a place or without one, or not an entry. Whoever had the place gets yours, or none."""
        found = access.get_hosted_challenge(request.user, slug)
        body = shapes.VerdictBody.read(request)
        mark = actions.mark_entry(request.user, found, parse_id(video_id), **body)
        return Response({"verdict": mark.verdict, "place": mark.place})

    @extend_schema(operation_id="challenge_unmark", responses={204: GONE})
    def delete(self, request: Request, slug: str, video_id: str) -> Response:
        """Takes back what was said. Also for clips that became hidden."""
        found = access.get_hosted_challenge(request.user, slug)
        actions.unmark_entry(request.user, found, parse_id(video_id))
        return Response(status=204)
