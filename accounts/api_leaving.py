"""Leaving for good as JSON: a one-time code, then days of grace. Hiding the account for a while is in accounts.api."""

from typing import Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from privacy.serializers import Body

from . import actions, codes
from .models import User

CONTACTS = [("email", "email"), ("phone", "phone")]


class Destination(serializers.Serializer):
    kind = serializers.ChoiceField(CONTACTS)
    masked = serializers.CharField()


class DeletionShape(serializers.Serializer):
    destinations = Destination(
        many=True, help_text="Where the code can be sent; empty: confirm an address first."
    )
    grace_days = serializers.IntegerField(help_text="Logging in within these days brings the account back.")
    exports = serializers.CharField(help_text="Where to ask for the download of one's data before.")


class DeletionCode(Body):
    via = serializers.ChoiceField(CONTACTS, required=False)


class DeletionCodeSent(serializers.Serializer):
    sent_to = serializers.CharField()
    expires_at = serializers.DateTimeField()


class DeletionBody(Body):
    code = serializers.CharField(max_length=20)


class DeletionAsked(serializers.Serializer):
    erase_at = serializers.DateTimeField()
    message = serializers.CharField()


class DeleteAccount(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_delete_how", responses=DeletionShape)
    def get(self, request: Request) -> Response:
        """What deleting the account needs."""
        places = [
            {"kind": place.kind, "masked": place.masked}
            for place in codes.destinations(cast("User", request.user))
        ]
        return Response(
            {"destinations": places, "grace_days": actions.GRACE.days, "exports": "/api/v1/exports/"}
        )

    @extend_schema(operation_id="me_delete", request=DeletionBody, responses={202: DeletionAsked})
    def post(self, request: Request) -> Response:
        """Hide the account now and erase it after the days of grace. Every session and token ends."""
        body: dict[str, Any] = DeletionBody.read(request)
        row = actions.ask_deletion(request.user, body["code"], request=request)
        sentence = _("Your account is hidden. Log in before it is erased to keep it.")
        return Response({"erase_at": row.erase_at, "message": sentence}, status=202)


class SendDeletionCode(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_delete_code", request=DeletionCode, responses={202: DeletionCodeSent})
    def post(self, request: Request) -> Response:
        """Send the code that deleting needs: six digits, three tries, ten minutes, only for this log-in."""
        body = DeletionCode.read(request)
        row = actions.send_deletion_code(request.user, request=request, via=body.get("via", ""))
        return Response({"sent_to": row.sent_to, "expires_at": row.expires_at}, status=202)
