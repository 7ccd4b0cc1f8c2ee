"""Pages of following back: whom and why, the review of a choice, tidying up, each with an undo; and the mail's link."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from socialapp.lib.errors import Problem
from socialapp.lib.ids import parse_id

from . import access, actions
from . import follow_back as reading


@login_required
@require_safe
def follow_back(request: HttpRequest) -> HttpResponse:
    """Whom to follow back and why, with the criteria."""
    settings = reading.settings_of(request.user)
    context = {
        "people": reading.follow_back(request.user),
        "criteria": reading.criteria(settings),
        "undo": request.session.pop("follow_back_undo", None),
    }
    return render(request, "accounts/follow_back.html", context)


@login_required
@require_POST
def criteria(request: HttpRequest) -> HttpResponse:
    said: dict[str, Any] = {
        name: request.POST.get(name, "") for name in ("minimum", "posted_within", "most_following")
    }
    said["topics"] = request.POST.get("topics", "").replace(",", " ").split()
    said["digest"] = "digest" in request.POST
    try:
        actions.set_follow_back(request.user, said)
        messages.success(request, _("Your criteria are saved."))
    except Problem as problem:
        messages.error(request, str(problem))
    return redirect("follow-back")


@login_required
@require_safe
def tidy_up(request: HttpRequest) -> HttpResponse:
    """Whom one follows and might not."""
    why = request.GET.get("why", "")
    page, people = reading.tidy_up(request.user, why, request.GET.get("cursor"))
    context = {
        "people": people,
        "next_cursor": page.next_cursor,
        "why": why if why in reading.WHY else "",
        "following": access.me(request.user)["counts"]["following"],
        "many": reading.MANY_FOLLOWED,
        "weeks": reading.history_weeks(request.user),
        "weeks_needed": reading.KNOWN_WEEKS,
        "undo": request.session.pop("follow_back_undo", None),
    }
    return render(request, "accounts/tidy_up.html", context)


@login_required
@require_POST
def review(request: HttpRequest, deed: str) -> HttpResponse:
    """The chosen once more, before anything happens. `deed` is follow or unfollow."""
    chosen = {number for pk in request.POST.getlist("chosen") if (number := parse_id(pk))}
    if not chosen:
        messages.info(request, _("Choose somebody first."))
        return redirect(_home(deed))
    if len(chosen) > actions.AT_ONCE:
        messages.error(request, _("Choose at most %(count)s people at a time.") % {"count": actions.AT_ONCE})
        return redirect(_home(deed))
    people = reading.chosen_cards(request.user, chosen, following=deed == "unfollow")
    return render(
        request, "accounts/follow_back_review.html", {"people": people, "deed": deed, "home": _home(deed)}
    )


@login_required
@require_POST
def do(request: HttpRequest, deed: str) -> HttpResponse:
    """Follow or unfollow the reviewed, and offer the way back."""
    act = actions.unfollow_many if deed == "unfollow" else actions.follow_many_back
    try:
        outcome = act(request.user, request.POST.getlist("chosen"))
    except Problem as problem:
        messages.error(request, str(problem))
        return redirect(_home(deed))
    done = len(outcome["done"])
    said = (
        ngettext("You no longer follow %(count)s person.", "You no longer follow %(count)s people.", done)
        if deed == "unfollow"
        else ngettext("You followed %(count)s person back.", "You followed %(count)s people back.", done)
    )
    text = said % {"count": done}
    if outcome["left"]:
        text += " " + _("The rest was a lot at once: try again later.")
    messages.success(request, text)
    if outcome["undo"]:
        request.session["follow_back_undo"] = {"token": outcome["undo"], "text": text}
    return redirect(_home(deed))


@login_required
@require_POST
def undo(request: HttpRequest, deed: str) -> HttpResponse:
    try:
        actions.undo_many(request.user, request.POST.get("token"))
        messages.success(request, _("Taken back. Everything is as it was."))
    except Problem as problem:
        messages.error(request, str(problem))
    return redirect(_home(deed))


def _home(deed: str) -> str:
    return "tidy-up" if deed == "unfollow" else "follow-back"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a weekly mail. Looking changes nothing; a POST ends the mails (RFC 8058: posted without cookies, so the signed
    link is the only key)."""
    actions.check_follow_back_token(token)
    if request.method == "POST":
        actions.unsubscribe_follow_back(token)
    response = render(request, "accounts/follow_back_unsubscribe.html", {"done": request.method == "POST"})
    response["Referrer-Policy"] = "no-referrer"
    return response
