"""The privacy page: what a person allows, and whom they shut out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import keyset_page

from . import access, actions
from .forms import SHOWN, PrivacyForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_privacy(request: HttpRequest) -> HttpResponse:
    """The choices; below them the blocked and the muted, each with its way back."""
    allowed = access.privacy_of(request.user)
    form = PrivacyForm(request.POST or None, initial={name: getattr(allowed, name) for name in SHOWN})
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
        "blocks": keyset_page(access.blocks(request.user), request.GET.get("blocks"), size=50),
        "mutes": keyset_page(access.mutes(request.user), request.GET.get("mutes"), size=50),
    }
    return render(request, "privacy/settings.html", context, status=400 if form.errors else 200)
