"""JSON skin of the creator's followers, the follow-back report and how conversations go."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from . import access, actions
from . import serializers_audience as shapes
from .api import FORMAT, PERIOD, FiguresView, _or_csv
from .definitions import AROUND_FOLLOW_BACKS, FOLLOW_BACK_METRICS
from .models import Report
from .tables import Rows, part, table_parameter, totals

EFFECT = ("value", "low", "high", "before", "after", "other_before", "other_after")


def _alike(name: str) -> Rows:
    """A list of what the followers are like; empty while nothing is told of them."""
    return lambda figures: figures["audience"][name] if figures["audience"] else []


def _groups(name: str, one: str) -> Rows:
    """The groups of a kind, the people in all others as `rest`."""

    def rows(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
        if not figures["audience"]:
            return []
        found = figures["audience"][name]
        groups = [{one: group["name"], "people": group["people"]} for group in found["groups"]]
        return [*groups, *([{one: "rest", "people": found["rest"]}] if found["rest"] else [])]

    return rows


def _hours(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    hours = figures["audience"]["hours"] if figures["audience"] else []
    return [{"weekday": day, "hour": hour, "people": people} for day, hour, people in hours]


def _followers_totals(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The period's, and how many followers there are now."""
    now = {"figure": "followers", "value": figures["followers"], "before": None, "change": None}
    return [now, *totals(figures)]


def _account(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The account a week before the follow-backs and after; empty until the report is ready."""
    around = report.get("account")
    return [
        {"figure": name, "before": around["before"][name], "after": around["after"][name]}
        for name in AROUND_FOLLOW_BACKS
        if around
    ]


class Followers(FiguresView):
    """Growth, and from 100 followers on what the followers are like; groups of five people and more only."""

    filename = "followers"
    tables = {
        "days": part("series"),
        "totals": _followers_totals,
        "countries": _groups("countries", "country"),
        "languages": _groups("languages", "language"),
        "hours": _hours,
        "clips": _alike("clips"),
        "sounds": _alike("sounds"),
        "creators": _alike("creators"),
    }

    @extend_schema(parameters=[*PERIOD, FORMAT, table_parameter(tables)], responses=_or_csv(shapes.Followers))
    def get(self, request: Request) -> Response:
        span = access.period_asked(request.query_params)
        actions.want_report(request.user, Report.Kind.AUDIENCE)
        return Response(access.followers(request.user, span))


class FollowBack(FiguresView):
    """Whether following followers back paid off: difference in differences against matched followers, with 95 % intervals."""

    filename = "follow-back"
    tables = {"effects": part("results"), "account": _account}

    @extend_schema(parameters=[FORMAT, table_parameter(tables)], responses=_or_csv(shapes.FollowBackReport))
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


def _announcements(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """With the words of the clip, which name an announcement that says nothing itself."""
    return [{**row, "caption": (row["video"] or {}).get("caption", "")} for row in figures["announcements"]]


class Messages(FiguresView):
    """Median time to answer, conversations, and announcements with how many opened and answered them."""

    filename = "messages"
    tables = {"days": part("series"), "totals": totals, "announcements": _announcements}

    @extend_schema(parameters=[*PERIOD, FORMAT, table_parameter(tables)], responses=_or_csv(shapes.Messages))
    def get(self, request: Request) -> Response:
        return Response(access.messages(request.user, access.period_asked(request.query_params)))
