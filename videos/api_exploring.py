"""Explore, tags and sounds as JSON."""

from urllib.parse import urlencode

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.pagination import Page
from socialapp.lib.rest import page_response

from . import access, exploring, serializers, serializers_exploring
from .cards import cards
from .models import Video

CURSOR = OpenApiParameter("cursor", str, description="From the `next` of the page before.")
COUNTRY = OpenApiParameter(
    "country",
    str,
    description="Two capital letters; empty for everywhere. Without it your own country, if it has lists.",
)
SORT = OpenApiParameter("sort", str, enum=list(exploring.SORTS), default="newest")
INVALID = OpenApiResponse(
    description="`bad_country`, `bad_sort` or `bad_cursor`: what was asked for does not exist."
)


def _videos(request: Request, page: Page[Video]) -> Response:
    return page_response(request, page, cards(request.user, page.items))


def _cursor(request: Request) -> str | None:
    return request.query_params.get("cursor") or None


def _country(request: Request, countries: list[str] | None = None) -> str:
    return exploring.country_of(request.user, request.query_params.get("country"), countries)


class Explore(APIView):
    @extend_schema(
        operation_id="explore",
        parameters=[COUNTRY],
        responses={200: serializers_exploring.ExploreAnswer, 400: INVALID},
    )
    def get(self, request: Request) -> Response:
        """What rises in a country: challenges, tags, sounds, people to follow, and the first clips of the grid."""
        countries = access.trend_countries(request.user)
        country = _country(request, countries)
        page = exploring.clips(request.user, country)
        following = None
        if page.next_cursor:
            query = urlencode({"country": country, "cursor": page.next_cursor})
            following = request.build_absolute_uri(f"{reverse('api:feed-explore')}?{query}")
        return Response(
            {"country": country, "countries": countries}
            | exploring.rails(request.user, country)
            | {"people": exploring.people(request.user)}
            | {"clips": {"results": cards(request.user, page.items), "next": following}}
        )


class FeedExplore(APIView):
    @extend_schema(
        operation_id="feed_explore",
        parameters=[COUNTRY, CURSOR],
        responses={200: serializers.VideosPage, 400: INVALID},
    )
    def get(self, request: Request) -> Response:
        """Clips that rise in a country, then everywhere, then popular ones."""
        country = _country(request)
        return _videos(request, exploring.clips(request.user, country, _cursor(request)))


class TagDetail(APIView):
    @extend_schema(operation_id="tag", responses=serializers_exploring.TagDetails)
    def get(self, request: Request, tag: str) -> Response:
        """How many clips of a tag you may see, and the challenge that runs with it. An unknown tag has none."""
        return Response(exploring.tag_details(request.user, tag))


class TagVideos(APIView):
    @extend_schema(
        operation_id="tag_videos",
        parameters=[SORT, CURSOR],
        responses={200: serializers.VideosPage, 400: INVALID},
    )
    def get(self, request: Request, tag: str) -> Response:
        """A tag that nobody used and one of hidden clips alike have an empty list."""
        clips = access.tag_videos(request.user, tag)
        sort = request.query_params.get("sort", "newest")
        return _videos(request, exploring.sorted_page(clips, sort, _cursor(request)))


class SoundVideos(APIView):
    @extend_schema(
        operation_id="sound_videos",
        parameters=[SORT, CURSOR],
        responses={200: serializers.VideosPage, 400: INVALID},
    )
    def get(self, request: Request, sound_id: str) -> Response:
        clips = access.sound_videos(request.user, access.get_sound(request.user, sound_id))
        sort = request.query_params.get("sort", "newest")
        return _videos(request, exploring.sorted_page(clips, sort, _cursor(request)))
