"""The privacy page: what a person allows, and whom they shut out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from socialapp.lib.errors import Invalid

from . import access, actions
from .forms import SHOWN, PrivacyForm
from .rules import TEEN_AGE

FIRST = 3  # names of each list of those who are shut out; the list itself has all


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_privacy(request: HttpRequest) -> HttpResponse:
    """The choices; beside them how others see the profile, and the first of those who are blocked, muted or restricted."""
    allowed = access.privacy_of(request.user)
    teen = getattr(request.user, "is_teen", False)
    before = {name: getattr(allowed, name) for name in SHOWN}
    form = PrivacyForm(request.POST or None, initial=before, teen=teen)
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_privacy(request.user, **form.cleaned_data)
        except Invalid as problem:
            for name, sentence in problem.fields.items():
                form.add_error(name, str(sentence))
        else:
            messages.success(request, _("Saved. It counts from now on, everywhere."))
            return redirect("settings-privacy")
    context = {
        "form": form,
        "teen_age": TEEN_AGE if teen else None,
        "shut_out": [
            ("settings-blocked", _("Blocked"), [row.blocked for row in access.blocks(request.user)[:FIRST]]),
            ("settings-muted", _("Muted"), [row.muted for row in access.mutes(request.user)[:FIRST]]),
            (
                "settings-restricted",
                _("Restricted"),
                [row.restricted for row in access.restrictions(request.user)[:FIRST]],
            ),
        ],
    }
    return render(request, "privacy/settings.html", context, status=400 if form.errors else 200)
