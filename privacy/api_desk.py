"""The moderators' desk as JSON: the queue, a case with its evidence, decisions and their undoing, appeals.

For moderators; to everybody else these addresses are not there.
"""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.errors import NotFound
from socialapp.lib.pagination import keyset_page
from socialapp.lib.rest import page_response

from . import access, actions, desk
from . import serializers_desk as shapes

CURSOR = OpenApiParameter("cursor", str, description="From the `next` of the page before.")
TYPE = OpenApiParameter("type", str, description="Only cases about this kind of thing.")
_QUEUE = ("-severity", "-reports_count", "id")


class IsModerator(BasePermission):
    """Whoever is no moderator does not learn that there is a desk."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not access.is_moderator(request.user):
            raise NotFound()
        return True


class Desk(APIView):
    permission_classes = [IsAuthenticated, IsModerator]


class Queue(Desk):
    @extend_schema(operation_id="moderation_queue", parameters=[CURSOR, TYPE], responses=shapes.CasePage)
    def get(self, request: Request) -> Response:
        cases = access.queue(request.user, target_type=request.query_params.get("type", ""))
        cursor = request.query_params.get("cursor") or None
        page = keyset_page(cases.prefetch_related("reports"), cursor, order=_QUEUE, size=50)
        busy = desk.looked_at(page.items)
        answer = page_response(request, page, [desk.case_row(request.user, row, busy) for row in page.items])
        answer.data["counts"] = {
            "cases": access.queue(request.user).count(),
            "appeals": access.appeals(request.user).count(),
        }
        return answer


class CaseDetail(Desk):
    @extend_schema(operation_id="moderation_case", responses=shapes.CaseCard)
    def get(self, request: Request, case_id: str) -> Response:
        return Response(desk.case_card(request.user, access.get_case(request.user, case_id)))


class CaseLook(Desk):
    @extend_schema(operation_id="moderation_look", request=None, responses=shapes.LookAnswer)
    def post(self, request: Request, case_id: str) -> Response:
        """Tell the other moderators that the case is open here; says who else has it open."""
        case = access.get_case(request.user, case_id)
        return Response({"looked_at_by": desk.look_at(request.user, case)})


class CaseStatement(Desk):
    @extend_schema(
        operation_id="moderation_statement",
        parameters=[shapes.DraftQuery],
        responses=shapes.StatementAnswer,
    )
    def get(self, request: Request, case_id: str) -> Response:
        """The statement of reasons as it would be sent, in the person's language."""
        case = access.get_case(request.user, case_id)
        wanted = shapes.DraftQuery(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        asked = wanted.validated_data
        text = desk.draft(case, asked["act"], asked.get("reason", ""), asked.get("days"))
        return Response({"statement": text})


class CaseDecide(Desk):
    @extend_schema(
        operation_id="moderation_decide", request=shapes.DecideBody, responses={201: shapes.DecisionRow}
    )
    def post(self, request: Request, case_id: str) -> Response:
        case = access.get_case(request.user, case_id)
        body = shapes.DecideBody.read(request)
        decision = actions.decide(
            request.user,
            case,
            body["act"],
            reason=body.get("reason", ""),
            statement=body.get("statement", ""),
            days=body.get("days"),
        )
        return Response(desk.decision_row(access.get_decision(request.user, decision.pk)), status=201)


class Decisions(Desk):
    @extend_schema(operation_id="moderation_decisions", parameters=[CURSOR], responses=shapes.DecisionPage)
    def get(self, request: Request) -> Response:
        page = keyset_page(access.decisions(request.user), request.query_params.get("cursor") or None)
        return page_response(request, page, [desk.decision_row(row) for row in page.items])


class DecisionUndo(Desk):
    @extend_schema(operation_id="moderation_undo", request=None, responses=shapes.DecisionRow)
    def post(self, request: Request, decision_id: str) -> Response:
        decision = access.get_decision(request.user, decision_id)
        actions.undo_decision(request.user, decision)
        return Response(desk.decision_row(access.get_decision(request.user, decision.pk)))


class Appeals(Desk):
    @extend_schema(operation_id="moderation_appeals", parameters=[CURSOR], responses=shapes.AppealPage)
    def get(self, request: Request) -> Response:
        cursor = request.query_params.get("cursor") or None
        page = keyset_page(access.appeals(request.user), cursor, order=("id",))
        return page_response(request, page, [desk.appeal_row(row) for row in page.items])


class AppealAnswer(Desk):
    @extend_schema(operation_id="moderation_answer", request=shapes.AnswerBody, responses=shapes.AppealRow)
    def post(self, request: Request, appeal_id: str) -> Response:
        appeal = access.get_appeal(request.user, appeal_id)
        body = shapes.AnswerBody.read(request)
        actions.answer_appeal(request.user, appeal, grant=body["grant"], answer=body.get("answer", ""))
        return Response(desk.appeal_row(access.get_appeal(request.user, appeal.pk)))
