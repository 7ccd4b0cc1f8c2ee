"""Conversations, messages and notifications as JSON."""

from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.errors import Invalid, TooLarge
from socialapp.lib.pictures import MAX_BYTES
from socialapp.lib.rest import idempotent, page_response

from . import access, actions, serializers

CURSOR = OpenApiParameter("cursor", str, description="From the `next` of the page before.")
GONE = OpenApiResponse(description="Done. There is no body.")


class SignedIn(APIView):
    permission_classes = [IsAuthenticated]


class Conversations(SignedIn):
    @extend_schema(
        operation_id="conversations",
        parameters=[
            CURSOR,
            OpenApiParameter("requests", bool, description="1 for the requests instead of the inbox."),
            OpenApiParameter("archived", bool, description="1 for what was put away from the inbox."),
        ],
        responses=serializers.ConversationsPage,
    )
    def get(self, request: Request) -> Response:
        """What is pinned comes first, on the first page and besides its length."""
        requests, archived = (request.query_params.get(n) in ("1", "true") for n in ("requests", "archived"))
        page = access.conversation_page(
            request.user, request.query_params.get("cursor"), requests=requests, archived=archived
        )
        return page_response(request, page, access.conversation_cards(request.user, page.items))

    @extend_schema(
        operation_id="conversation_open",
        request=serializers.ConversationBody,
        responses={
            200: serializers.ConversationDetailShape,
            201: serializers.ConversationDetailShape,
            400: OpenApiResponse(
                description="`nobody`: there is nobody of this name. `group_full`: there is no room for so many."
            ),
            403: OpenApiResponse(
                description="`messages_refused`: somebody's settings do not let the asking person add them."
            ),
            404: OpenApiResponse(description="The one person is not there for the asking person."),
            429: OpenApiResponse(description="Too many groups, or too many strangers, in too short a time."),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """With one person: the conversation with them, new or not. With several: a new group, all of them or none; who does
        not take the asking person's words as messages is asked."""
        body = serializers.ConversationBody.read(request)
        if len(set(body["usernames"])) > 1:
            conversation = actions.start_group(request.user, body["usernames"], body["name"])
            created = True
        else:
            conversation, created = actions.open_conversation(request.user, body["usernames"])
        card = access.conversation_detail(request.user, access.get_seat(request.user, conversation.pk))
        return Response(card, status=201 if created else 200)


class OneConversation(SignedIn):
    @extend_schema(operation_id="conversation", responses=serializers.ConversationDetailShape)
    def get(self, request: Request, conversation_id: str) -> Response:
        seat = access.get_seat(request.user, conversation_id)
        return Response(access.conversation_detail(request.user, seat))


class Messages(SignedIn):
    @extend_schema(
        operation_id="messages",
        parameters=[
            OpenApiParameter("after", int, description="Messages right after this seq."),
            OpenApiParameter("before", int, description="Messages right before this seq."),
            OpenApiParameter(
                "changed_after",
                int,
                description="Messages new or changed after this `change`, in rising order of it.",
            ),
            OpenApiParameter("limit", int, description=f"At most {access.MAX_PAGE}."),
        ],
        responses=serializers.MessagesPage,
    )
    def get(self, request: Request, conversation_id: str) -> Response:
        """In rising order of seq; without `after` or `before` the newest. Who was away asks for `changed_after`, their
        highest `change`, until `next` is empty: new, changed and gone messages alike."""
        after, before, changed, limit = (
            self._seq(request, name) for name in ("after", "before", "changed_after", "limit")
        )
        limit = max(1, min(limit or 50, access.MAX_PAGE))
        seat = access.get_seat(request.user, conversation_id)
        if changed is not None:
            rows = access.changes(request.user, seat, changed, limit=limit)
            following = None
            if len(rows) == limit:
                edge = f"changed_after={rows[-1].change}&limit={limit}"
                following = request.build_absolute_uri(f"{request.path}?{edge}")
            return Response({"results": access.message_cards(request.user, rows), "next": following})
        rows = access.messages(request.user, seat, after=after, before=before, limit=limit)
        following = None
        if len(rows) == limit:
            edge = f"after={rows[-1].seq}" if after is not None else f"before={rows[0].seq}"
            following = request.build_absolute_uri(f"{request.path}?{edge}&limit={limit}")
        return Response({"results": access.message_cards(request.user, rows), "next": following})

    @staticmethod
    def _seq(request: Request, name: str) -> int | None:
        text = request.query_params.get(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            sentence = _("Give a whole number.")
            raise Invalid(sentence, fields={name: sentence})
        return int(text)

    @extend_schema(
        operation_id="message_send",
        request=serializers.MessageBody,
        responses={201: serializers.MessageShape},
    )
    @idempotent
    def post(self, request: Request, conversation_id: str) -> Response:
        """The same `client_id` twice gives the same message."""
        body = serializers.MessageBody.read(request)
        message = actions.send_message(
            request.user,
            conversation_id,
            client_id=body["client_id"],
            text=body.get("text") or "",
            video_id=body.get("video"),
            image_id=body.get("image"),
            reply_to=body.get("reply_to"),
        )
        return Response(access.message_cards(request.user, [message])[0], status=201)


class ConversationRead(SignedIn):
    @extend_schema(
        operation_id="conversation_read", request=serializers.ReadBody, responses=serializers.ReadAnswer
    )
    def post(self, request: Request, conversation_id: str) -> Response:
        body = serializers.ReadBody.read(request)
        seat = actions.mark_read(request.user, conversation_id, body.get("seq"))
        return Response({"read_seq": seat.read_seq})


class ConversationAccept(SignedIn):
    @extend_schema(
        operation_id="conversation_accept", request=None, responses=serializers.ConversationDetailShape
    )
    def post(self, request: Request, conversation_id: str) -> Response:
        seat = actions.accept_request(request.user, conversation_id)
        return Response(access.conversation_detail(request.user, seat))


class ConversationMute(SignedIn):
    @extend_schema(
        operation_id="conversation_mute",
        request=serializers.MuteBody,
        responses=serializers.ConversationMuteAnswer,
    )
    def post(self, request: Request, conversation_id: str) -> Response:
        body = serializers.MuteBody.read(request)
        seat = actions.mute_conversation(request.user, conversation_id, body["muted"])
        return Response({"muted": seat.muted})


class ConversationArchive(SignedIn):
    @extend_schema(
        operation_id="conversation_archive",
        request=serializers.ArchiveBody,
        responses=serializers.ConversationArchiveAnswer,
    )
    def post(self, request: Request, conversation_id: str) -> Response:
        """Put it away until something new is written there, or take it back."""
        body = serializers.ArchiveBody.read(request)
        seat = actions.archive_conversation(request.user, conversation_id, body["archived"])
        return Response({"archived": seat.archived_at is not None})


class ConversationPin(SignedIn):
    @extend_schema(
        operation_id="conversation_pin",
        request=serializers.PinBody,
        responses={
            200: serializers.ConversationPinAnswer,
            400: OpenApiResponse(description="`too_many_pinned`: five are at the top already."),
            403: OpenApiResponse(description="`accept_first`: it is a request that waits."),
        },
    )
    def post(self, request: Request, conversation_id: str) -> Response:
        """Keep it at the top of the list; at most five."""
        body = serializers.PinBody.read(request)
        seat = actions.pin_conversation(request.user, conversation_id, body["pinned"])
        return Response({"pinned": seat.pinned_at is not None})


class ConversationImages(SignedIn):
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="message_image_upload",
        request={"multipart/form-data": serializers.ImageBody},
        responses={
            201: serializers.ImageShape,
            400: OpenApiResponse(description="The file is no picture, or of a kind not taken."),
            403: OpenApiResponse(description="No picture may be sent here."),
            413: OpenApiResponse(description="The file is too large."),
        },
    )
    def post(self, request: Request, conversation_id: str) -> Response:
        """A picture for a message that is about to be written here; only its owner sees it until then."""
        # Refused before the body is read. The multipart wrapping takes less than 64 kB.
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES + 65_536:
            raise TooLarge()
        sent: Any = request.data
        picture = sent.get("image")
        file = picture if hasattr(picture, "read") else ContentFile(b"")
        image = actions.upload_picture(request.user, conversation_id, file)
        return Response(access.image_card(image), status=201)


class ConversationLeave(SignedIn):
    @extend_schema(operation_id="conversation_leave", request=None, responses={204: GONE})
    def post(self, request: Request, conversation_id: str) -> Response:
        """Deletes what is there for the asking person only; declines a request."""
        actions.leave_conversation(request.user, conversation_id)
        return Response(status=204)


class OneMessage(SignedIn):
    @extend_schema(operation_id="message_unsend", responses={204: GONE})
    def delete(self, request: Request, message_id: str) -> Response:
        actions.unsend(request.user, message_id)
        return Response(status=204)


class MessageHide(SignedIn):
    @extend_schema(operation_id="message_hide", request=None, responses={204: GONE})
    def post(self, request: Request, message_id: str) -> Response:
        """Deletes it for the asking person only."""
        actions.hide_message(request.user, message_id)
        return Response(status=204)


class MessageSearch(SignedIn):
    @extend_schema(
        operation_id="message_search",
        parameters=[
            CURSOR,
            OpenApiParameter("q", str, description="Words, compared without case and accents."),
            OpenApiParameter("conversation", str, description="Only in this one."),
        ],
        responses=serializers.FoundPage,
    )
    def get(self, request: Request) -> Response:
        """In what the asking person accepted and can read now, the newest first."""
        asked = request.query_params
        page = access.search_page(
            request.user, asked.get("q", ""), asked.get("conversation") or None, asked.get("cursor")
        )
        briefs = access.conversation_briefs(request.user, [m.conversation_id for m in page.items])
        results = [
            {"message": card, "conversation": briefs.get(int(card["conversation"]))}
            for card in access.message_cards(request.user, page.items)
        ]
        return page_response(request, page, results)


class MessageReaction(SignedIn):
    @extend_schema(
        operation_id="message_react", request=serializers.ReactionBody, responses=serializers.MessageShape
    )
    def put(self, request: Request, message_id: str) -> Response:
        body = serializers.ReactionBody.read(request)
        message = actions.react(request.user, message_id, body["emoji"])
        return Response(access.message_cards(request.user, [message])[0])

    @extend_schema(operation_id="message_unreact", responses={204: GONE})
    def delete(self, request: Request, message_id: str) -> Response:
        actions.unreact(request.user, message_id)
        return Response(status=204)
