"""Clips as JSON: reading, changing, liking, saving, sharing, feeds, search. Uploads and comments have their own modules."""

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import get_person
from socialapp.lib.ids import parse_ids
from socialapp.lib.pagination import Page
from socialapp.lib.rest import idempotent, page_response

from . import access, actions, feed, serializers
from .card_cache import json_cards
from .cards import card
from .models import Video

CURSOR = OpenApiParameter("cursor", str, description="From the `next` of the page before.")
SHOWN = OpenApiParameter(
    "shown",
    str,
    description="Ids with commas, 200 at most: what is on the screen already when a new session begins; it does not come again.",
)
GONE = OpenApiResponse(description="Done. There is no body.")


def _videos(request: Request, page: Page[Video]) -> Response:
    return page_response(request, page, json_cards(request.user, page.items))


def _cursor(request: Request) -> str | None:
    return request.query_params.get("cursor") or None


class VideoDetail(APIView):
    @extend_schema(operation_id="video", responses=serializers.VideoShape)
    def get(self, request: Request, video_id: str) -> Response:
        return Response(card(request.user, access.get_video(request.user, video_id)))

    @extend_schema(
        operation_id="video_change", request=serializers.VideoChange, responses=serializers.VideoShape
    )
    def patch(self, request: Request, video_id: str) -> Response:
        video = access.get_video(request.user, video_id)
        body = serializers.VideoChange.read(request)
        publish = "draft" in body and not body.pop("draft") and body.get("publish_at") is None
        if "upload" in body:
            body["upload"] = access.get_upload(request.user, body["upload"])
        video = actions.update_video(request.user, video, **body)
        if publish:
            actions.publish_draft(request.user, video)
        return Response(card(request.user, access.get_video(request.user, video_id)))

    @extend_schema(operation_id="video_delete", responses={204: GONE})
    def delete(self, request: Request, video_id: str) -> Response:
        actions.delete_video(request.user, access.get_video(request.user, video_id))
        return Response(status=204)


class VideoLike(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="video_like", request=None, responses=serializers.LikeAnswer)
    def post(self, request: Request, video_id: str) -> Response:
        likes = actions.like(request.user, access.get_video(request.user, video_id))
        return Response({"liked": True, "likes": likes})

    @extend_schema(operation_id="video_unlike", responses={200: serializers.LikeAnswer})
    def delete(self, request: Request, video_id: str) -> Response:
        likes = actions.unlike(request.user, access.get_video(request.user, video_id))
        return Response({"liked": False, "likes": likes})


class VideoSave(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="video_save", request=None, responses=serializers.SaveAnswer)
    def post(self, request: Request, video_id: str) -> Response:
        saves = actions.save(request.user, access.get_video(request.user, video_id))
        return Response({"saved": True, "saves": saves})

    @extend_schema(operation_id="video_unsave", responses={200: serializers.SaveAnswer})
    def delete(self, request: Request, video_id: str) -> Response:
        saves = actions.unsave(request.user, access.get_video(request.user, video_id))
        return Response({"saved": False, "saves": saves})


class VideoShare(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="video_share", request=serializers.ShareBody, responses=serializers.ShareAnswer
    )
    @idempotent
    def post(self, request: Request, video_id: str) -> Response:
        video = access.get_video(request.user, video_id)
        return Response({"url": actions.share(request.user, video, **serializers.ShareBody.read(request))})


class VideoWhy(APIView):
    @extend_schema(operation_id="video_why", responses=serializers.WhyAnswer)
    def get(self, request: Request, video_id: str) -> Response:
        """Why For You would show this clip to you."""
        return Response({"reasons": feed.reasons(request.user, access.get_video(request.user, video_id))})


# --- Lists of clips -----------------------------------------------------------------------------------------------


class FeedForYou(APIView):
    @extend_schema(operation_id="feed_for_you", parameters=[CURSOR, SHOWN], responses=serializers.VideosPage)
    def get(self, request: Request) -> Response:
        """A session: without cursor a new one begins, and nothing comes twice until it ends."""
        shown = parse_ids(request.query_params.get("shown", ""))
        return _videos(request, feed.for_you(request.user, _cursor(request), shown=shown))


class FeedFollowing(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="feed_following", parameters=[CURSOR], responses=serializers.VideosPage)
    def get(self, request: Request) -> Response:
        return _videos(request, feed.following(request.user, _cursor(request)))


class FeedFriends(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="feed_friends", parameters=[CURSOR], responses=serializers.VideosPage)
    def get(self, request: Request) -> Response:
        return _videos(request, feed.friends(request.user, _cursor(request)))


class PersonVideos(APIView):
    @extend_schema(operation_id="person_videos", parameters=[CURSOR], responses=serializers.VideosPage)
    def get(self, request: Request, username: str) -> Response:
        person = get_person(request.user, username)
        return _videos(request, feed.newest(access.videos_of(request.user, person), _cursor(request)))
