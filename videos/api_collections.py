"""Collections of saved clips as JSON. All of it is about the asking person's own."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.ids import parse_id
from socialapp.lib.pagination import keyset_page
from socialapp.lib.rest import idempotent, page_response

from . import access, actions
from . import serializers_collections as shapes
from .actions.collecting import COLLECTIONS
from .api import CURSOR, GONE, _cursor, _videos
from .cards_collections import collection_card, collection_cards
from .serializers import VideosPage

VIDEO = OpenApiParameter("video", str, description="Id of a clip: each collection says whether it holds it.")


class Collections(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="collections", parameters=[VIDEO, CURSOR], responses=shapes.CollectionsPage)
    def get(self, request: Request) -> Response:
        """All of them on one page, the newest first."""
        asked = request.query_params.get("video")
        video = access.get_video(request.user, asked) if asked else None
        page = keyset_page(access.collections_of(request.user), _cursor(request), size=COLLECTIONS)
        return page_response(request, page, collection_cards(request.user, page.items, video))

    @extend_schema(
        operation_id="collection_create",
        request=shapes.CollectionBody,
        responses={201: shapes.CollectionShape},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        made = actions.create_collection(request.user, **shapes.CollectionBody.read(request))
        return Response(collection_card(request.user, made), status=201)


class CollectionDetail(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="collection", responses=shapes.CollectionShape)
    def get(self, request: Request, collection_id: str) -> Response:
        return Response(collection_card(request.user, access.get_collection(request.user, collection_id)))

    @extend_schema(
        operation_id="collection_rename", request=shapes.CollectionBody, responses=shapes.CollectionShape
    )
    def patch(self, request: Request, collection_id: str) -> Response:
        found = access.get_collection(request.user, collection_id)
        actions.rename_collection(request.user, found, **shapes.CollectionBody.read(request))
        return Response(collection_card(request.user, access.get_collection(request.user, collection_id)))

    @extend_schema(operation_id="collection_delete", responses={204: GONE})
    def delete(self, request: Request, collection_id: str) -> Response:
        """The clips in it stay saved."""
        actions.delete_collection(request.user, access.get_collection(request.user, collection_id))
        return Response(status=204)


class CollectionVideos(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="collection_videos", parameters=[CURSOR], responses=VideosPage)
    def get(self, request: Request, collection_id: str) -> Response:
        """Those that you may see now, the latest addition first."""
        found = access.get_collection(request.user, collection_id)
        return _videos(request, access.collection_clips(request.user, found, _cursor(request)))


class CollectionVideo(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="collect", request=None, responses=shapes.CollectAnswer)
    def put(self, request: Request, collection_id: str, video_id: str) -> Response:
        """Saves the clip when it is not saved yet."""
        found = access.get_collection(request.user, collection_id)
        saves = actions.collect(request.user, found, access.get_video(request.user, video_id))
        return Response({"saved": True, "saves": saves})

    @extend_schema(operation_id="uncollect", responses={204: GONE})
    def delete(self, request: Request, collection_id: str, video_id: str) -> Response:
        """The clip stays saved. Also for clips that became hidden."""
        found = access.get_collection(request.user, collection_id)
        actions.uncollect(request.user, found, parse_id(video_id))
        return Response(status=204)
