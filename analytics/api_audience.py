"""JSON skin of the creator's followers, the follow-back report and how conversations go."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from . import access, actions
from . import serializers_audience as shapes
from .api import FORMAT, PERIOD, FiguresView, _or_csv
from .definitions import FOLLOW_BACK_METRICS
from .models import Report

EFFECT = ("value", "low", "high", "before", "after", "other_before", "other_after")


class Followers(FiguresView):
    """Growth, and from 100 followers on what the followers are like; groups of five people and more only."""

    filename = "followers"

    @extend_schema(parameters=[*PERIOD, FORMAT], responses=_or_csv(shapes.Followers))
    def get(self, request: Request) -> Response:
        span = access.period_asked(request.query_params)
        actions.want_report(request.user, Report.Kind.AUDIENCE)
        return Response(access.followers(request.user, span))


class FollowBack(FiguresView):
    """Whether following followers back paid off: difference in differences against matched followers, with 95 % intervals."""

    filename = "follow-back"

    @extend_schema(parameters=[FORMAT], responses=_or_csv(shapes.FollowBackReport))
    def get(self, request: Request) -> Response:
        actions.want_report(request.user, Report.Kind.FOLLOW_BACK)
        report = access.follow_back(request.user)
        effects = report.get("effects", {})
        # In an order of our own: PostgreSQL keeps the keys of JSON in another.
        rows = [
            {"figure": metric.name, **{name: effects[metric.name][name] for name in EFFECT}}
            for metric in FOLLOW_BACK_METRICS
            if metric.name in effects
        ]
        return Response({**report, "results": rows})


class Messages(FiguresView):
    """Median time to answer, conversations, and announcements with how many opened and answered them."""

    filename = "messages"

    @extend_schema(parameters=[*PERIOD, FORMAT], responses=_or_csv(shapes.Messages))
    def get(self, request: Request) -> Response:
        return Response(access.messages(request.user, access.period_asked(request.query_params)))
