"""Comments as JSON: reading, writing, changing, liking, pinning; and what a clip's author reviews, singly and in bulk."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.ids import parse_id
from socialapp.lib.pagination import keyset_page
from socialapp.lib.rest import idempotent, page_response

from . import access, actions
from . import serializers_comments as shapes
from .api import CURSOR, GONE, _cursor
from .cards_comments import comment_card, comment_cards, review_cards
from .serializers import LikeAnswer

PARENT = OpenApiParameter("parent", str, description="Id of a comment, to list its replies, oldest first.")
SORT = OpenApiParameter(
    "sort",
    str,
    enum=list(access.SORTS),
    default="newest",
    description="top: every like and reply lifts a comment as if it were six hours younger.",
)
STATE = OpenApiParameter("state", str, enum=list(access.WAITS), default="held")


class VideoComments(APIView):
    @extend_schema(operation_id="comments", parameters=[CURSOR, PARENT, SORT], responses=shapes.CommentsPage)
    def get(self, request: Request, video_id: str) -> Response:
        """By `sort`, the pinned one on top. With `parent`, the replies to that comment."""
        video = access.get_video(request.user, video_id)
        asked = request.query_params
        page = access.thread(
            request.user, video, asked.get("parent"), _cursor(request), asked.get("sort") or "newest"
        )
        return page_response(request, page, comment_cards(request.user, video, page.items))

    @extend_schema(
        operation_id="comment_write", request=shapes.CommentBody, responses={201: shapes.CommentShape}
    )
    @idempotent
    def post(self, request: Request, video_id: str) -> Response:
        """What the clip's author filters or approves themselves is answered with `state` "held"."""
        video = access.get_video(request.user, video_id)
        body = shapes.CommentBody.read(request)
        reply_to = access.get_comment(request.user, body["reply_to"]) if body.get("reply_to") else None
        written = actions.comment(request.user, video, body["text"], reply_to)
        return Response(comment_card(request.user, video, written), status=201)


class CommentDetail(APIView):
    @extend_schema(operation_id="comment", responses=shapes.CommentShape)
    def get(self, request: Request, comment_id: str) -> Response:
        found = access.get_comment(request.user, comment_id)
        return Response(comment_card(request.user, found.video, found))

    @extend_schema(operation_id="comment_change", request=shapes.CommentChange, responses=shapes.CommentShape)
    def patch(self, request: Request, comment_id: str) -> Response:
        found = access.get_comment(request.user, comment_id)
        changed = actions.edit_comment(request.user, found, **shapes.CommentChange.read(request))
        return Response(comment_card(request.user, changed.video, changed))

    @extend_schema(operation_id="comment_delete", responses={204: GONE})
    def delete(self, request: Request, comment_id: str) -> Response:
        actions.delete_comment(request.user, access.get_comment(request.user, comment_id))
        return Response(status=204)


class CommentLike(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="comment_like", request=None, responses=LikeAnswer)
    def post(self, request: Request, comment_id: str) -> Response:
        likes = actions.like_comment(request.user, access.get_comment(request.user, comment_id))
        return Response({"liked": True, "likes": likes})

    @extend_schema(operation_id="comment_unlike", responses={200: LikeAnswer})
    def delete(self, request: Request, comment_id: str) -> Response:
        likes = actions.unlike_comment(request.user, access.get_comment(request.user, comment_id))
        return Response({"liked": False, "likes": likes})


class CommentPin(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="comment_pin", request=None, responses=shapes.PinAnswer)
    def post(self, request: Request, comment_id: str) -> Response:
        actions.pin_comment(request.user, access.get_comment(request.user, comment_id))
        return Response({"pinned": True})

    @extend_schema(operation_id="comment_unpin", responses={200: shapes.PinAnswer})
    def delete(self, request: Request, comment_id: str) -> Response:
        actions.unpin_comment(request.user, access.get_comment(request.user, comment_id))
        return Response({"pinned": False})


# --- For the clip's author ----------------------------------------------------------------------------------------


class CommentHide(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="comment_hide", request=None, responses=shapes.CommentShape)
    def post(self, request: Request, comment_id: str) -> Response:
        """Its own author goes on seeing it as before; nobody else but you does."""
        row = actions.hide_comment(request.user, access.get_comment(request.user, comment_id))
        return Response(comment_card(request.user, row.video, row))

    @extend_schema(operation_id="comment_show", responses={200: shapes.CommentShape})
    def delete(self, request: Request, comment_id: str) -> Response:
        row = actions.show_comment(request.user, access.get_comment(request.user, comment_id))
        return Response(comment_card(request.user, row.video, row))


class CommentApprove(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="comment_approve", request=None, responses=shapes.CommentShape)
    def post(self, request: Request, comment_id: str) -> Response:
        row = actions.approve_comment(request.user, access.get_comment(request.user, comment_id))
        return Response(comment_card(request.user, row.video, row))


class CommentDecline(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="comment_decline", request=None, responses={204: GONE})
    def post(self, request: Request, comment_id: str) -> Response:
        """Deletes a comment that waits or is hidden; 409 for one that everybody reads already."""
        actions.decline_comment(request.user, access.get_comment(request.user, comment_id))
        return Response(status=204)


class CommentsReview(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="comments_to_review", parameters=[STATE, CURSOR], responses=shapes.ReviewPage)
    def get(self, request: Request) -> Response:
        """The comments under your clips that wait for you, or that you hid; newest first."""
        rows = access.to_review(request.user, request.query_params.get("state") or "held")
        page = keyset_page(rows, _cursor(request))
        return page_response(request, page, review_cards(request.user, page.items))

    @extend_schema(operation_id="comments_review", request=shapes.ReviewBody, responses=shapes.ReviewAnswer)
    def post(self, request: Request) -> Response:
        """Answers which were done; those that are not there, not yours or changed meanwhile are passed over alike."""
        body = shapes.ReviewBody.read(request)
        done = actions.review_comments(request.user, body["do"], map(parse_id, body["comments"]))
        return Response({"done": [str(pk) for pk in done]})
