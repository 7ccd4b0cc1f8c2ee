"""The page on which an account becomes a business account, says what it is, and becomes a personal one again.

settings_business.html gets: form, business (accounts.access.my_business).
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from socialapp.lib.errors import Problem

from . import access, actions
from .forms import BusinessForm, add_problem

FIELDS = ("category", "email", "phone", "website")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_business(request: HttpRequest) -> HttpResponse:
    """Switch, change what it says, or with `end` switch back."""
    if "end" in request.POST:
        actions.end_business(request.user)
        messages.success(request, _("This is a personal account again. What you wrote is kept."))
        return redirect("settings-business")
    before = access.my_business(request.user)
    form = BusinessForm(
        request.POST if request.method == "POST" else None,
        initial={name: before[name] for name in FIELDS},
        choices=before["categories"],
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_business(request.user, **form.cleaned_data)
        except Problem as problem:
            add_problem(form, problem.fields, problem.message)
        else:
            done = _("Saved.") if before["is_business"] else _("This is a business account now.")
            messages.success(request, done)
            return redirect("settings-business")
    status = 400 if form.errors else 200
    return render(
        request, "accounts/settings_business.html", {"form": form, "business": before}, status=status
    )
