"""Contacts and invites as JSON, for who makes them and for who receives one."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.pagination import keyset_page
from socialapp.lib.rest import idempotent, page_response

from . import access, actions, invite_session
from . import serializers_invites as shapes
from .api import CURSOR, GONE, _cursor
from .cards_invites import contact_card, invitation_card, invite_cards

VIDEO = OpenApiParameter("video", str, description="Id of a clip: only invites to this one.")
PAGE = 100


class Contacts(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="contacts", parameters=[CURSOR], responses=shapes.ContactsPage)
    def get(self, request: Request) -> Response:
        """The latest first."""
        page = keyset_page(access.contacts_of(request.user), _cursor(request), size=PAGE)
        return page_response(request, page, [contact_card(request.user, row) for row in page.items])

    @extend_schema(
        operation_id="contact_add", request=shapes.ContactBody, responses={201: shapes.ContactShape}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        made = actions.add_contact(request.user, **shapes.ContactBody.read(request))
        return Response(contact_card(request.user, made), status=201)


class ContactDetail(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="contact_change", request=shapes.ContactChange, responses=shapes.ContactShape)
    def patch(self, request: Request, contact_id: str) -> Response:
        """Another channel or address ends the open invites of this contact."""
        found = access.get_contact(request.user, contact_id)
        changed = actions.change_contact(request.user, found, **shapes.ContactChange.read(request))
        return Response(contact_card(request.user, changed))

    @extend_schema(operation_id="contact_delete", responses={204: GONE})
    def delete(self, request: Request, contact_id: str) -> Response:
        """Their open invites end."""
        actions.delete_contact(request.user, access.get_contact(request.user, contact_id))
        return Response(status=204)


class Invites(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="invites", parameters=[VIDEO, CURSOR], responses=shapes.InvitesPage)
    def get(self, request: Request) -> Response:
        """Those that you made, the latest first."""
        rows = access.invites_of(request.user)
        asked = request.query_params.get("video")
        if asked:
            rows = rows.filter(video=access.get_video(request.user, asked).pk)
        page = keyset_page(rows, _cursor(request))
        response = page_response(request, page, invite_cards(request.user, page.items))
        response.data |= {"left": access.invites_left(request.user), "a_day": access.daily_limit()[0]}
        return response

    @extend_schema(operation_id="invite", request=shapes.InviteBody, responses={201: shapes.InviteShape})
    @idempotent
    def post(self, request: Request) -> Response:
        """A link for one of your contacts. The open one when there is one already, which costs nothing of the day's limit."""
        body = shapes.InviteBody.read(request)
        video = access.get_video(request.user, body["video"])
        contact = access.get_contact(request.user, body["contact"])
        made = actions.create_invite(request.user, video, contact)
        [card] = invite_cards(request.user, [access.get_invite(request.user, made.pk)])
        return Response(card, status=201)


class InviteDetail(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="invite_revoke", responses={204: GONE})
    def delete(self, request: Request, invite_id: str) -> Response:
        """Its link opens nothing from now on. 409 when it was used already."""
        actions.revoke_invite(request.user, access.get_invite(request.user, invite_id))
        return Response(status=204)


class Invitation(APIView):
    @extend_schema(operation_id="invitation", responses=shapes.InvitationShape)
    def get(self, request: Request, token: str) -> Response:
        """What a link shows you. Looking uses nothing up; `token` is the last part of its address."""
        return _shown(request, token)

    @extend_schema(operation_id="invitation_accept", request=None, responses=shapes.InvitationShape)
    def post(self, request: Request, token: str) -> Response:
        """Follow the clip's author by it, at once also a private account. 409 once somebody else did (invite_used), or
        when it is open no more (invite_closed)."""
        actions.accept_invite(request.user, token)
        return _shown(request, token)

    @extend_schema(operation_id="invitation_undo", responses=shapes.InvitationShape)
    def delete(self, request: Request, token: str) -> Response:
        """Stop following again. The invite stays used."""
        actions.undo_invite(request.user, token)
        return _shown(request, token)


def _shown(request: Request, token: str) -> Response:
    opened = invite_session.opened(request._request.session)
    return Response(invitation_card(request.user, access.invitation(request.user, token, opened)))
