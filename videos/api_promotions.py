"""Promotions as JSON: one's own, an estimate before one pays, and what people who see one can ask and say."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialapp.lib.pagination import keyset_page
from socialapp.lib.rest import idempotent, page_response

from . import access, actions
from . import serializers_promotions as shapes
from .api import CURSOR, GONE, _cursor
from .cards_preferences import preference_cards
from .cards_promotions import promotion_cards, promotion_details
from .models import Promotion
from .promotions import estimate_text
from .serializers_preferences import PreferenceAnswer

_LISTS = [OpenApiParameter(name, str, many=True) for name in ("countries", "languages", "interests")]


def _details(request: Request, promotion_id: str) -> Response:
    return Response(promotion_details(request.user, access.get_promotion(request.user, promotion_id)))


class Promotions(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="promotions", parameters=[CURSOR], responses=shapes.PromotionsPage)
    def get(self, request: Request) -> Response:
        """Yours, the newest first."""
        page = keyset_page(access.own_promotions(request.user), _cursor(request))
        return page_response(request, page, promotion_cards(request.user, page.items))

    @extend_schema(
        operation_id="promotion_create",
        request=shapes.PromotionBody,
        responses={201: shapes.PromotionDetails},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """For business accounts, of one of your own public clips."""
        body = shapes.PromotionBody.read(request)
        video = access.get_video(request.user, body.pop("video"), previews=False)
        made = actions.create_promotion(request.user, video=video, **body)
        return Response(
            promotion_details(request.user, access.get_promotion(request.user, made.pk)), status=201
        )


class PromotionDetail(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="promotion", responses=shapes.PromotionDetails)
    def get(self, request: Request, promotion_id: str) -> Response:
        return _details(request, promotion_id)

    @extend_schema(
        operation_id="promotion_change", request=shapes.PromotionChange, responses=shapes.PromotionDetails
    )
    def patch(self, request: Request, promotion_id: str) -> Response:
        """All of a draft; budget and last day of one that is approved. 409 names what stands."""
        found = access.get_promotion(request.user, promotion_id)
        actions.change_promotion(request.user, found, **shapes.PromotionChange.read(request))
        return _details(request, promotion_id)

    @extend_schema(operation_id="promotion_delete", responses={204: GONE})
    def delete(self, request: Request, promotion_id: str) -> Response:
        """A draft, or one that was not approved. Others are ended: their report stays."""
        actions.delete_promotion(request.user, access.get_promotion(request.user, promotion_id))
        return Response(status=204)


class _Act(APIView):
    permission_classes = [IsAuthenticated]
    deed: Callable[[Any, Promotion], Promotion]

    @extend_schema(request=None, responses=shapes.PromotionDetails)
    @idempotent
    def post(self, request: Request, promotion_id: str) -> Response:
        """409 when that is not possible in the state it is in. Look at `state` in the answer: one whose clip was changed while it
        was paused is not running after `resume`, it is `submitted`, because a moderator has to approve the clip as it is now."""
        type(self).deed(request.user, access.get_promotion(request.user, promotion_id))
        return _details(request, promotion_id)


def _view(name: str, deed: Callable[[Any, Promotion], Promotion]) -> Any:
    made = type(f"Promotion{name.title()}", (_Act,), {"deed": staticmethod(deed)})
    return extend_schema_view(post=extend_schema(operation_id=f"promotion_{name}"))(made).as_view()  # type: ignore[attr-defined]


# Each at promotions/<id>/<name>/.
ACTS = {
    "submit": _view("submit", actions.submit_promotion),
    "withdraw": _view("withdraw", actions.withdraw_promotion),
    "pause": _view("pause", actions.pause_promotion),
    "resume": _view("resume", actions.resume_promotion),
    "end": _view("end", actions.end_promotion),
}


class PromotionEstimate(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="promotion_estimate",
        parameters=_LISTS,
        responses={
            200: shapes.EstimateAnswer,
            403: OpenApiResponse(description="`business_only`: the account is a personal one."),
        },
    )
    def get(self, request: Request) -> Response:
        """About how many people who were here this week fit, in coarse steps and 0 below fifty. Lists by commas, or by naming a
        parameter several times. 403 for personal accounts."""
        asked = {
            name: [one for text in request.query_params.getlist(name) for one in text.split(",") if one]
            for name in ("countries", "languages", "interests")
        }
        asked["countries"] = [code.strip().upper() for code in asked["countries"]]
        people = access.estimated_reach(request.user, **asked)
        return Response({"people": people, "text": estimate_text(people)})


class PromotionWhy(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="promotion_why", responses=shapes.WhyAdAnswer)
    def get(self, request: Request, promotion_id: str) -> Response:
        """Why you see this ad: which of your own settings it asked for."""
        shown = access.get_shown_promotion(request.user, promotion_id)
        return Response({"reasons": access.shown_reasons(request.user, shown)})


class PromotionVisit(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="promotion_visit", request=None, responses={204: GONE})
    def post(self, request: Request, promotion_id: str) -> Response:
        """You went from this ad to its owner's profile; counted once for each time it was shown to you."""
        actions.visit_promotion(request.user, access.get_shown_promotion(request.user, promotion_id))
        return Response(status=204)


class PromotionHide(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="promotion_hide", request=None, responses=PreferenceAnswer)
    @idempotent
    def post(self, request: Request, promotion_id: str) -> Response:
        """Never show this ad to you again. The answer is as for `not-interested/`, and undone as that is."""
        row = actions.hide_promotion(request.user, access.get_shown_promotion(request.user, promotion_id))
        card = preference_cards(request.user, [row])[0]
        return Response({"preference": card, "before": row.before or None})
