"""The page of what protects an account, and the few deeds on it that allauth has no page for."""

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.phone_verification import PHONE_VERIFICATION_SESSION_KEY
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from socialapp.lib.errors import Problem

from . import phones, sessions
from .protection import protection


@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Password, e-mail, phone, second factor, passkeys and log-ins, each with its state and the way to change it."""
    context = {
        "shield": protection(request.user),
        "code_is_out": PHONE_VERIFICATION_SESSION_KEY in request.session,
    }
    return render(request, "account/security.html", context)


@login_required
@require_POST
@reauthentication_required(app="allauth.account")
def remove_phone(request: HttpRequest) -> HttpResponse:
    try:
        phones.remove(request.user)
    except Problem as problem:
        messages.error(request, str(problem.message))
    else:
        messages.success(request, _("Your number is removed."))
    return redirect("settings-security")


@login_required
@require_POST
def end_log_in(request: HttpRequest, log_in_id: int) -> HttpResponse:
    """End one log-in; ending this one is logging out."""
    if sessions.end_log_in(request.user, log_in_id):
        logout(request)
        return redirect("account_login")
    messages.success(request, _("That log-in is ended."))
    return redirect("settings-security")


@login_required
@require_POST
def end_other_log_ins(request: HttpRequest) -> HttpResponse:
    ended = sessions.end_other_log_ins(request.user)
    words = ngettext("%(count)s log-in is ended.", "%(count)s log-ins are ended.", ended)
    messages.success(request, words % {"count": ended})
    return redirect("settings-security")
