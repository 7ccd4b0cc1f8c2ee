"""How an account stands: decisions about oneself and appeals, what came of one's reports, and the public counts."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from socialapp.lib.errors import Conflict, Invalid
from socialapp.lib.pagination import keyset_page

from . import access, actions, statements, transparency
from .actions.appealing import APPEAL_LENGTH
from .forms_status import AppealForm
from .models import Case, Decision, Report


@login_required
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Strikes, and every decision about the viewer, newest first."""
    page = keyset_page(access.decisions_about(request.user), request.GET.get("cursor") or None)
    context = {
        "status": access.status_of(request.user),
        "decisions": [access.decision_fields(row) for row in page.items],
        "next_cursor": page.next_cursor,
    }
    return render(request, "privacy/status.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_decision(request: HttpRequest, decision_id: str) -> HttpResponse:
    """One decision about the viewer: the statement of reasons and the appeal."""
    decision = access.own_decision(request.user, decision_id)
    return _decision_page(request, decision, "privacy/decision.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def linked_decision(request: HttpRequest, token: str) -> HttpResponse:
    """The same by the signed link of an e-mail, for somebody who cannot log in."""
    decision = access.decision_by_token(token)
    response = _decision_page(request, decision, "privacy/decision_linked.html")
    # The address is the key: it must not travel to other sites or into an index.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _decision_page(request: HttpRequest, decision: Decision, template: str) -> HttpResponse:
    form = AppealForm(request.POST or None)
    code = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.appeal(decision.person, decision, form.cleaned_data["text"])
        except (Invalid, Conflict) as problem:
            form.add_error("text", str(problem.message))
            code = problem.status
        else:
            messages.success(request, _("Sent. A moderator will look at it again."))
            return redirect(request.path)
    elif request.method == "POST":
        code = 400
    context = {"decision": access.decision_fields(decision), "form": form, "longest": APPEAL_LENGTH}
    return render(request, template, context, status=code)


@login_required
@require_safe
def own_reports(request: HttpRequest) -> HttpResponse:
    """What the viewer reported and what came of it."""
    page = keyset_page(access.own_reports(request.user), request.GET.get("cursor") or None)
    rows = [access.report_fields(row) for row in page.items]
    return render(request, "privacy/reports.html", {"reports": rows, "next_cursor": page.next_cursor})


@require_safe
def public_counts(request: HttpRequest) -> HttpResponse:
    """What was reported and decided here, as counts; for everybody."""
    figures = transparency.figures(transparency.period(request.GET.get("days", "")))
    tables = [
        (_("What was reported"), _bars(figures["reports_by_target"], Report.Target)),
        (_("Why it was reported"), _bars(figures["reports_by_reason"], Report.Reason)),
        (_("What moderators did"), _bars(figures["decisions_by_act"], Decision.Act)),
        (_("On which ground"), _bars(figures["decisions_by_reason"], Report.Reason)),
        (_("What rules held for a moderator"), _bars(figures["held_by_rule"], Case.Rule)),
    ]
    context = {
        "figures": figures,
        "periods": [(days, statements.period_text(days)) for days in transparency.PERIODS],
        "tables": [(title, bars) for title, bars in tables if bars],
    }
    return render(request, "privacy/transparency.html", context)


def _bars(rows: list[dict[str, Any]], labels: Any) -> list[dict[str, Any]]:
    """Rows with their names and their length in percent of the longest."""
    most = max((row["count"] for row in rows), default=0)
    return [
        {"name": labels(row["key"]).label, "count": row["count"], "percent": 100 * row["count"] // most}
        for row in rows
    ]
