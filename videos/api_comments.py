"""Comments as JSON: reading, writing, changing, liking, pinning."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.rest import idempotent, page_response

from . import access, actions, serializers
from .api import CURSOR, GONE, _cursor
from .cards import comment_card, comment_cards

PARENT = OpenApiParameter("parent", str, description="Id of a comment, to list its replies, oldest first.")


class VideoComments(APIView):
    @extend_schema(operation_id="comments", parameters=[CURSOR, PARENT], responses=serializers.CommentsPage)
    def get(self, request: Request, video_id: str) -> Response:
        """Newest first, the pinned one on top. With `parent`, the replies to that comment."""
        video = access.get_video(request.user, video_id)
        page = access.thread(request.user, video, request.query_params.get("parent"), _cursor(request))
        return page_response(request, page, comment_cards(request.user, video, page.items))

    @extend_schema(
        operation_id="comment_write",
        request=serializers.CommentBody,
        responses={201: serializers.CommentShape},
    )
    @idempotent
    def post(self, request: Request, video_id: str) -> Response:
        video = access.get_video(request.user, video_id)
        body = serializers.CommentBody.read(request)
        reply_to = access.get_comment(request.user, body["reply_to"]) if body.get("reply_to") else None
        written = actions.comment(request.user, video, body["text"], reply_to)
        return Response(comment_card(request.user, video, written), status=201)


class CommentDetail(APIView):
    @extend_schema(operation_id="comment", responses=serializers.CommentShape)
    def get(self, request: Request, comment_id: str) -> Response:
        found = access.get_comment(request.user, comment_id)
        return Response(comment_card(request.user, found.video, found))

    @extend_schema(
        operation_id="comment_change", request=serializers.CommentChange, responses=serializers.CommentShape
    )
    def patch(self, request: Request, comment_id: str) -> Response:
        found = access.get_comment(request.user, comment_id)
        changed = actions.edit_comment(request.user, found, **serializers.CommentChange.read(request))
        return Response(comment_card(request.user, changed.video, changed))

    @extend_schema(operation_id="comment_delete", responses={204: GONE})
    def delete(self, request: Request, comment_id: str) -> Response:
        actions.delete_comment(request.user, access.get_comment(request.user, comment_id))
        return Response(status=204)


class CommentLike(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="comment_like", request=None, responses=serializers.LikeAnswer)
    def post(self, request: Request, comment_id: str) -> Response:
        likes = actions.like_comment(request.user, access.get_comment(request.user, comment_id))
        return Response({"liked": True, "likes": likes})

    @extend_schema(operation_id="comment_unlike", responses={200: serializers.LikeAnswer})
    def delete(self, request: Request, comment_id: str) -> Response:
        likes = actions.unlike_comment(request.user, access.get_comment(request.user, comment_id))
        return Response({"liked": False, "likes": likes})


class CommentPin(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="comment_pin", request=None, responses=serializers.PinAnswer)
    def post(self, request: Request, comment_id: str) -> Response:
        actions.pin_comment(request.user, access.get_comment(request.user, comment_id))
        return Response({"pinned": True})

    @extend_schema(operation_id="comment_unpin", responses={200: serializers.PinAnswer})
    def delete(self, request: Request, comment_id: str) -> Response:
        actions.unpin_comment(request.user, access.get_comment(request.user, comment_id))
        return Response({"pinned": False})
