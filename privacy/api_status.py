"""One's standing as JSON: decisions about oneself and appeals, also by the signed link of an e-mail; the public counts."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.pagination import keyset_page
from socialapp.lib.rest import idempotent, page_response

from . import access, actions, transparency
from . import serializers_status as shapes

CURSOR = OpenApiParameter("cursor", str, description="From the `next` of the page before.")
DAYS = OpenApiParameter("days", int, enum=transparency.PERIODS, description="How far back; 90 unless told.")


class MyStatus(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_status", responses=shapes.StatusFields)
    def get(self, request: Request) -> Response:
        return Response(access.status_of(request.user))


class MyDecisions(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_decisions", parameters=[CURSOR], responses=shapes.OwnDecisionPage)
    def get(self, request: Request) -> Response:
        """What moderators decided about the caller, newest first."""
        cursor = request.query_params.get("cursor") or None
        page = keyset_page(access.decisions_about(request.user), cursor)
        return page_response(request, page, [access.decision_fields(row) for row in page.items])


class MyDecision(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_decision", responses=shapes.OwnDecision)
    def get(self, request: Request, decision_id: str) -> Response:
        return Response(access.decision_fields(access.own_decision(request.user, decision_id)))


class MyAppeal(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="me_decision_appeal", request=shapes.OwnAppealBody, responses={201: shapes.OwnDecision}
    )
    @idempotent
    def post(self, request: Request, decision_id: str) -> Response:
        """Ask for another look, once a decision."""
        decision = access.own_decision(request.user, decision_id)
        actions.appeal(request.user, decision, shapes.OwnAppealBody.read(request)["text"])
        return Response(access.decision_fields(access.own_decision(request.user, decision_id)), status=201)


class LinkedDecision(APIView):
    """For somebody who cannot log in: the link of the e-mail is the key."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(operation_id="linked_decision", auth=[], responses=shapes.OwnDecision)
    def get(self, request: Request, token: str) -> Response:
        return Response(access.decision_fields(access.decision_by_token(token)))


class LinkedAppeal(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="linked_decision_appeal",
        auth=[],
        request=shapes.OwnAppealBody,
        responses={201: shapes.OwnDecision},
    )
    def post(self, request: Request, token: str) -> Response:
        access.decision_by_token(token)
        actions.appeal_by_token(token, shapes.OwnAppealBody.read(request)["text"])
        return Response(access.decision_fields(access.decision_by_token(token)), status=201)


class Transparency(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="transparency", parameters=[DAYS], auth=[], responses=shapes.TransparencyFields
    )
    def get(self, request: Request) -> Response:
        """What was reported and decided here, as counts."""
        return Response(transparency.figures(transparency.period(request.query_params.get("days", ""))))
