"""The page on which somebody sees what their feed goes by, and changes it. The fragment is what changes with each word said."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions import change_account
from accounts.adapter import set_language
from accounts.forms import InterestsForm, add_problem
from socialapp.lib.errors import Problem
from socialapp.lib.pagination import keyset_page

from . import access
from .beliefs import beliefs
from .cards_preferences import preference_cards

SAID = 30  # words on a page


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feed_settings(request: HttpRequest) -> HttpResponse:
    """Interests and language are a form; switches, likings and words go through the API (static/js/feed_settings.js).

    The template gets form, settings, beliefs, said (words of one's own), next_cursor.
    """
    form = InterestsForm(request.POST or None, initial=_written(request))
    if request.method == "POST" and form.is_valid():
        try:
            change_account(request.user, **form.cleaned_data)
        except Problem as problem:
            add_problem(form, problem.fields, problem.message)
        else:
            messages.success(request, _("Saved."))
            response = redirect("settings-feed")
            set_language(response, form.cleaned_data["language"])
            return response
    rows = access.preferences_of(request.user)
    page = keyset_page(rows, request.GET.get("cursor"), order=("-created_at", "-id"), size=SAID)
    context = {
        "settings": access.feed_settings(request.user),
        "beliefs": beliefs(request.user),
        "said": preference_cards(request.user, page.items),
        "next_cursor": page.next_cursor,
    }
    if "fragment" in request.GET:
        return render(request, "videos/feed_settings_known.html", context)
    context["form"] = form
    return render(request, "videos/feed_settings.html", context, status=400 if form.errors else 200)


def _written(request: HttpRequest) -> dict[str, object]:
    return {"interests": request.user.interests, "language": request.user.language}  # type: ignore[union-attr]
