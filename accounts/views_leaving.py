"""Pages of leaving: hide the account for a while, or have it erased."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from privacy import access as privacy_access
from socialapp.lib.errors import Problem

from . import actions, codes
from .models import User

_SENT = "deletion_code_sent_to"  # in the session: that a code is on its way, and where to


@login_required
@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """The two ways to leave."""
    return render(request, "accounts/leave.html", {"grace_days": actions.GRACE.days})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_account(request: HttpRequest) -> HttpResponse:
    """First the code is sent (`via`), then it is typed (`code`). The download of one's data is offered before."""
    problem = None
    if request.method == "POST":
        try:
            if "code" in request.POST:
                return _deleted(request)
            sent = actions.send_deletion_code(request.user, request=request, via=request.POST.get("via", ""))
            request.session[_SENT] = sent.sent_to
            return redirect("delete-account")
        except Problem as refused:
            problem = refused
    context = {
        "places": codes.destinations(cast("User", request.user)),
        "sent_to": request.session.get(_SENT),
        "export": privacy_access.exports(request.user).first(),
        "grace_days": actions.GRACE.days,
        "problem": problem,
    }
    response = render(request, "accounts/delete.html", context, status=problem.status if problem else 200)
    if problem is not None and problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    return response


def _deleted(request: HttpRequest) -> HttpResponse:
    row = actions.ask_deletion(request.user, request.POST.get("code", ""), request=request)
    logout(request)
    day = date_format(row.erase_at, "DATE_FORMAT")
    messages.success(
        request,
        _("Your account is hidden and will be erased on %(day)s. Log in before to keep it.") % {"day": day},
    )
    return redirect("account_login")
