"""Pages that list people: followers, following, friends, who asks to follow, whom one could follow."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from socialapp.lib.pagination import keyset_page

from . import access, actions
from .follow_back import follow_back
from .models import Follow
from .suggestions import suggestions

PAGE = 40  # people of a list
TO_FOLLOW_BACK = 3  # on top of one's own followers; their own page has all


@require_safe
def followers(request: HttpRequest, username: str) -> HttpResponse:
    person = access.get_person(request.user, username)
    return _people_page(request, username, "followers", access.followers(request.user, person), "follower")


@require_safe
def following(request: HttpRequest, username: str) -> HttpResponse:
    person = access.get_person(request.user, username)
    return _people_page(request, username, "following", access.following(request.user, person), "followed")


@require_safe
def friends(request: HttpRequest, username: str) -> HttpResponse:
    """Whom the person follows and who follows them back."""
    person = access.get_person(request.user, username)
    return _people_page(request, username, "friends", access.friends(request.user, person), "followed")


def _people_page(
    request: HttpRequest, username: str, which: str, rows: QuerySet[Follow], who: str
) -> HttpResponse:
    cursor = request.GET.get("cursor")
    page = keyset_page(rows, cursor, size=PAGE)
    people = access.people_cards(request.user, [getattr(row, who) for row in page.items])
    profile = access.profile(request.user, username)
    tops = profile["is_me"] and which == "followers" and not cursor
    context = {
        "profile": profile,
        "which": which,
        "people": people,
        "next_cursor": page.next_cursor,
        "to_follow_back": follow_back(request.user)[:TO_FOLLOW_BACK] if tops else [],
    }
    return render(request, "accounts/people.html", context)


@login_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Whom one could follow, and why; after a sign-up with the way on."""
    context = {"people": suggestions(request.user, size=40), "welcome": "welcome" in request.GET}
    return render(request, "accounts/suggestions.html", context)


@login_required
@require_safe
def follow_requests(request: HttpRequest) -> HttpResponse:
    page = keyset_page(access.follow_requests(request.user), request.GET.get("cursor"), size=PAGE)
    rows = [{"id": row.pk, "person": access.person_card(request.user, row.follower)} for row in page.items]
    return render(request, "accounts/follow_requests.html", {"rows": rows, "next_cursor": page.next_cursor})


@login_required
@require_POST
def answer_request(request: HttpRequest, follow_id: str) -> HttpResponse:
    """Accept or decline, as the button's `answer` says; anything else is a decline of nothing."""
    match request.POST.get("answer"):
        case "accept":
            row = actions.accept_request(request.user, follow_id)
            messages.success(request, _("@%(name)s follows you now.") % {"name": row.follower.username})
        case "decline":
            actions.decline_request(request.user, follow_id)
    return redirect("follow-requests")


@login_required
@require_POST
def answer_requests(request: HttpRequest) -> HttpResponse:
    """Accept or decline the chosen, or all: `answer` is accept, decline, accept-all or decline-all."""
    deed, _dash, everybody = request.POST.get("answer", "").partition("-")
    chosen = None if everybody == "all" else request.POST.getlist("chosen")
    if deed not in ("accept", "decline"):
        return redirect("follow-requests")
    if chosen == []:
        messages.info(request, _("Choose somebody first."))
        return redirect("follow-requests")
    accept = deed == "accept"
    answered, waiting = actions.answer_requests(request.user, chosen, accept=accept)
    said = (
        ngettext("You accepted %(count)s request.", "You accepted %(count)s requests.", answered)
        if accept
        else ngettext("You declined %(count)s request.", "You declined %(count)s requests.", answered)
    )
    text = said % {"count": answered}
    if waiting:
        more = ngettext("%(count)s more waits.", "%(count)s more wait.", waiting) % {"count": waiting}
        text = f"{text} {more}"
    messages.success(request, text)
    return redirect("follow-requests")
