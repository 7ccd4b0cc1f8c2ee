"""Announcements, quick replies, the away message and response times as JSON."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from socialapp.lib.rest import idempotent, page_response

from . import access, actions
from . import serializers_announcements as serializers
from .api import CURSOR, GONE, SignedIn


class Announcements(SignedIn):
    @extend_schema(operation_id="announcements", parameters=[CURSOR], responses=serializers.AnnouncementsPage)
    def get(self, request: Request) -> Response:
        """Your own, newest first."""
        page = access.announcement_page(request.user, request.query_params.get("cursor"))
        return page_response(request, page, access.announcement_cards(request.user, page.items))

    @extend_schema(
        operation_id="announce",
        request=serializers.AnnouncementBody,
        responses={201: serializers.AnnouncementShape},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Tell followers or friends of a clip of yours: each gets it as a message of yours. One in 24 hours.

        `preview` sends a finished draft that only they can watch until it is out.
        """
        body = serializers.AnnouncementBody.read(request)
        row = actions.announce(
            request.user,
            video_id=body["video"],
            text=body["text"],
            audience=body["audience"],
            preview=body["preview"],
        )
        return Response(access.announcement_cards(request.user, [row])[0], status=201)


class OneAnnouncement(SignedIn):
    @extend_schema(operation_id="announcement", responses=serializers.AnnouncementShape)
    def get(self, request: Request, announcement_id: str) -> Response:
        row = access.get_announcement(request.user, announcement_id)
        return Response(access.announcement_cards(request.user, [row])[0])


class AnnouncementStop(SignedIn):
    @extend_schema(
        operation_id="announcement_stop",
        request=serializers.StopBody,
        responses=serializers.AnnouncementShape,
    )
    def post(self, request: Request, announcement_id: str) -> Response:
        """Send no more of it; with `take_back` also take back what went out, previews included."""
        body = serializers.StopBody.read(request)
        row = actions.stop_announcement(request.user, announcement_id, take_back=body["take_back"])
        return Response(access.announcement_cards(request.user, [row])[0])


class ConversationAnnouncements(SignedIn):
    @extend_schema(
        operation_id="conversation_announcements",
        request=serializers.MuteAnnouncementsBody,
        responses=serializers.MuteAnnouncementsAnswer,
    )
    def post(self, request: Request, conversation_id: str) -> Response:
        """No announcements from this person any more, or again. They do not learn of it."""
        body = serializers.MuteAnnouncementsBody.read(request)
        seat = actions.mute_announcements(request.user, conversation_id, body["muted"])
        return Response({"muted": seat.announcements_muted})


class QuickReplies(SignedIn):
    @extend_schema(operation_id="quick_replies", responses=serializers.QuickRepliesList)
    def get(self, request: Request) -> Response:
        return Response({"results": access.quick_reply_cards(request.user), "next": None})

    @extend_schema(
        operation_id="quick_reply_add",
        request=serializers.QuickReplyBody,
        responses={201: serializers.QuickReplyShape},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = serializers.QuickReplyBody.read(request)
        row = actions.add_quick_reply(request.user, body["text"])
        return Response({"id": str(row.pk), "text": row.text}, status=201)


class OneQuickReply(SignedIn):
    @extend_schema(
        operation_id="quick_reply_change",
        request=serializers.QuickReplyBody,
        responses=serializers.QuickReplyShape,
    )
    def patch(self, request: Request, reply_id: str) -> Response:
        body = serializers.QuickReplyBody.read(request)
        row = actions.change_quick_reply(request.user, reply_id, body["text"])
        return Response({"id": str(row.pk), "text": row.text})

    @extend_schema(operation_id="quick_reply_delete", responses={204: GONE})
    def delete(self, request: Request, reply_id: str) -> Response:
        actions.delete_quick_reply(request.user, reply_id)
        return Response(status=204)


class Away(SignedIn):
    @extend_schema(operation_id="away", responses=serializers.AwayShape)
    def get(self, request: Request) -> Response:
        return Response(access.away_message(request.user))

    @extend_schema(
        operation_id="away_set",
        request=serializers.AwayBody,
        responses=serializers.AwayShape,
    )
    def put(self, request: Request) -> Response:
        """Answers for you: once a conversation each time it is turned on, and at most once in 12 hours."""
        body = serializers.AwayBody.read(request)
        actions.set_away(request.user, text=body["text"], on=body["on"], until=body["until"])
        return Response(access.away_message(request.user))


class ResponseTime(SignedIn):
    @extend_schema(operation_id="response_time", responses=serializers.ResponseTimeShape)
    def get(self, request: Request) -> Response:
        """How fast you answered in the last four weeks. Only you see it."""
        return Response(access.response_time(request.user))
