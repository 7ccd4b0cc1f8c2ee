"""Pages of the creator's followers, of whether following back paid off, and of how conversations go."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from videos.captions import language_name

from . import access, actions
from .charts import bar_chart, hours_chart
from .charts_intervals import amount, interval_chart, places
from .definitions import (
    AROUND_FOLLOW_BACKS,
    AUDIENCE_METRICS,
    FOLLOW_BACK_METRICS,
    MESSAGE_METRICS,
    OF_THE_ACCOUNT,
    PEOPLE,
    Metric,
)
from .figures import brief, full
from .follow_back import AFTER, BEFORE, LEAST_COMPARED, LEAST_FOLLOWED_BACK
from .frame import dashboard
from .models import Report


@require_GET
@login_required
def followers(request: HttpRequest) -> HttpResponse:
    span = access.period_asked(request.GET)
    actions.want_report(request.user, Report.Kind.AUDIENCE)
    figures = access.followers(request.user, span)
    context = {**dashboard(request, span, figures, AUDIENCE_METRICS, "followers/"), "figures": figures}
    audience = figures["audience"]
    if audience is not None:
        context |= {
            "countries": bar_chart(PEOPLE, _groups(audience["countries"], region=True), step=_("Country")),
            "languages": bar_chart(PEOPLE, _groups(audience["languages"]), step=_("Language")),
            "hours": hours_chart(PEOPLE, {(day, hour): n for day, hour, n in audience["hours"]}),
            "lists": [
                (
                    "clips",
                    _("Clips of yours they watched"),
                    [_line(c["caption"] or _("Clip"), c["studio_url"], c) for c in audience["clips"]],
                ),
                (
                    "sounds",
                    _("Sounds they listen to"),
                    [_line(s["title"], s["url"], s) for s in audience["sounds"]],
                ),
                (
                    "creators",
                    _("Other creators they watch"),
                    [_line(p["display_name"], p["url"], p) for p in audience["creators"]],
                ),
            ],
        }
    return render(request, "analytics/followers.html", context)


@require_GET
@login_required
def follow_back(request: HttpRequest) -> HttpResponse:
    actions.want_report(request.user, Report.Kind.FOLLOW_BACK)
    report = access.follow_back(request.user)
    context: dict[str, Any] = {"report": report, "csv_url": "/api/v1/analytics/follow-back/?format=csv"}
    if report["state"] == "ready":
        sentence = _sentence(report["effects"]["views"])
        context |= {
            "sentence": sentence,
            "retention": _retention_sentence(report["effects"]["retention"]),
            "chart": interval_chart(_("Effect of following back"), FOLLOW_BACK_METRICS, report["effects"]),
            "metrics": FOLLOW_BACK_METRICS,
            "account": [
                {
                    "label": metric.label,
                    "before": brief(metric.kind, report["account"]["before"][metric.name]),
                    "after": brief(metric.kind, report["account"]["after"][metric.name]),
                }
                for metric in (OF_THE_ACCOUNT[name] for name in AROUND_FOLLOW_BACKS)
            ],
        }
    elif report["state"] == "missing":
        context["reasons"] = _missing(report)
    return render(request, "analytics/follow_back.html", context)


@require_GET
@login_required
def messages(request: HttpRequest) -> HttpResponse:
    span = access.period_asked(request.GET)
    figures = access.messages(request.user, span)
    context = dashboard(request, span, figures, MESSAGE_METRICS, "messages/")
    context["announcements"] = figures["announcements"]
    return render(request, "analytics/messages.html", context)


def _groups(part: dict[str, Any], *, region: bool = False) -> list[dict[str, Any]]:
    rows = [
        {
            "label": (group["name"] if region else language_name(group["name"]))
            if group["name"]
            else _("Unknown"),
            "region": group["name"] if region else "",
            "people": group["people"],
        }
        for group in part["groups"]
    ]
    return [
        *rows,
        *([{"label": _("All others"), "people": part["rest"], "rest": True}] if part["rest"] else []),
    ]


def _line(label: str, url: str, row: dict[str, Any]) -> dict[str, str]:
    return {
        "label": label,
        "url": url,
        "people": brief("count", row["people"]),
        "exact": full("count", row["people"]),
    }


# --- The follow-back report in words ------------------------------------------------------------------------------


def _ends(metric: Metric, effect: dict[str, Any]) -> dict[str, str]:
    """The effect's size and the ends of its interval without their sign, the smaller one first."""
    fine = places(metric, effect["value"], effect["low"], effect["high"])
    low, high = sorted((abs(effect["low"]), abs(effect["high"])))
    return {
        "value": amount(metric, abs(effect["value"]), fine),
        "low": amount(metric, low, fine),
        "high": amount(metric, high, fine),
    }


def _sentence(effect: dict[str, Any]) -> str:
    metric = FOLLOW_BACK_METRICS[0]
    if effect["low"] <= 0 <= effect["high"]:
        fine = places(metric, effect["low"], effect["high"])
        return _(
            "No clear difference: followers you followed back watched between %(less)s fewer and %(more)s more clips a week "
            "than similar ones you did not."
        ) % {"less": amount(metric, -effect["low"], fine), "more": amount(metric, effect["high"], fine)}
    sentence = (
        _(
            "Followers you followed back watched %(value)s more clips a week than similar ones you did not "
            "(between %(low)s and %(high)s)."
        )
        if effect["low"] > 0
        else _(
            "Followers you followed back watched %(value)s fewer clips a week than similar ones you did not "
            "(between %(low)s and %(high)s)."
        )
    )
    return sentence % _ends(metric, effect)


def _retention_sentence(effect: dict[str, Any]) -> str:
    metric = FOLLOW_BACK_METRICS[-1]
    if effect["low"] <= 0 <= effect["high"]:
        return _("Whether they came back in more weeks cannot be told yet: the effect may be none.")
    sentence = (
        _("They came back in %(value)s more of the weeks (between %(low)s and %(high)s).")
        if effect["low"] > 0
        else _("They came back in %(value)s fewer of the weeks (between %(low)s and %(high)s).")
    )
    return sentence % _ends(metric, effect)


def _missing(report: dict[str, Any]) -> list[str]:
    """What is missing to an estimate, each a sentence."""
    found = []
    if report["followed_back"] < LEAST_FOLLOWED_BACK:
        found.append(
            ngettext(
                "%(have)s follower you followed back can be compared; it takes %(need)s.",
                "%(have)s followers you followed back can be compared; it takes %(need)s.",
                report["followed_back"],
            )
            % {"have": report["followed_back"], "need": LEAST_FOLLOWED_BACK}
        )
    if report["compared"] < LEAST_COMPARED:
        found.append(
            ngettext(
                "%(have)s similar follower was not followed back; it takes %(need)s.",
                "%(have)s similar followers were not followed back; it takes %(need)s.",
                report["compared"],
            )
            % {"have": report["compared"], "need": LEAST_COMPARED}
        )
    if report["too_new"]:
        found.append(
            ngettext(
                "%(count)s follow-back has fewer than %(before)s whole weeks of following before it, or %(after)s after.",
                "%(count)s follow-backs have fewer than %(before)s whole weeks of following before them, or %(after)s after.",
                report["too_new"],
            )
            % {"count": report["too_new"], "before": BEFORE, "after": AFTER}
        )
    if report["alone"]:
        found.append(
            ngettext(
                "%(count)s was unlike everybody you did not follow back.",
                "%(count)s were unlike everybody you did not follow back.",
                report["alone"],
            )
            % {"count": report["alone"]}
        )
    return found
