"""The pages of challenges, for everybody and for their hosts.

- challenges.html: challenges (videos.cards_challenges), next_cursor, state, states (state, label), country, countries, may_host
- challenge.html: challenge (with example, winners, counts), tab (entries, leaderboard), cards or standings, next_cursor
- studio_challenges.html: challenges, next_cursor, may_host
- studio_challenge.html: challenge, figures, entries (with verdict and place), sort, places, next_cursor
- studio_challenge_form.html: challenge (empty for a new one), limits, stands (names of the fields that cannot change)
With `?fragment=1` only the next page of the list is answered.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from socialapp.lib.errors import NotFound
from socialapp.lib.pagination import Page, keyset_page

from . import access, feed
from .cards import cards
from .cards_challenges import challenge_card, challenge_cards, challenge_details, entry_cards, standing_cards
from .challenges import LENGTHS, PLACES, Phase, phase, standing_fields
from .views import _answer, _cursor

STATES = (Phase.RUNNING, Phase.COMING, Phase.ENDED)
TABS = ("entries", "leaderboard")


@require_safe
def challenges(request: HttpRequest) -> HttpResponse:
    """Running, coming and ended ones; those of the viewer's country and of everywhere, unless another is asked for."""
    state = request.GET.get("state", Phase.RUNNING)
    if state not in STATES:
        raise NotFound()
    asked = request.GET.get("country", getattr(request.user, "country", "") or "all")
    country = "" if asked == "all" else asked.upper()[:2]
    page = access.list_challenges(request.user, state, country, _cursor(request))
    context: dict[str, Any] = {
        "challenges": challenge_cards(request.user, page.items),
        "title": _("Challenges"),
        "state": state,
        "states": [(str(name), name.label) for name in STATES],
        "country": country,
    }
    if "fragment" not in request.GET:
        there = access.challenge_countries(request.user)
        context["countries"] = sorted({*there, *([country] if country else [])})
        context["may_host"] = access.may_host(request.user)
    return _answer(request, "videos/challenges.html", "videos/challenge_tiles.html", page, context)


@require_safe
def challenge(request: HttpRequest, slug: str) -> HttpResponse:
    """One challenge with its entries, the newest first, or its board."""
    found = access.get_challenge(request.user, slug)
    tab = request.GET.get("tab", "entries")
    if tab not in TABS:
        raise NotFound()
    context: dict[str, Any] = {"tab": tab, "title": found.title}
    page: Page[Any]
    if tab == "entries":
        page = feed.newest(access.challenge_entries(request.user, found), _cursor(request))
        context["cards"] = cards(request.user, page.items)
        fragment = "components/tiles.html"
    else:
        page = access.leaderboard(request.user, found, _cursor(request))
        context["standings"] = standing_cards(request.user, page.items)
        fragment = "videos/challenge_standings.html"
    if "fragment" not in request.GET:
        context["challenge"] = challenge_details(request.user, found)
    return _answer(request, "videos/challenge.html", fragment, page, context)


# --- For hosts ----------------------------------------------------------------------------------------------------


@login_required
@require_safe
def studio_challenges(request: HttpRequest) -> HttpResponse:
    """One's own challenges, the newest first."""
    page = keyset_page(access.hosted_challenges(request.user), _cursor(request))
    context = {
        "challenges": challenge_cards(request.user, page.items),
        "title": _("Challenges"),
        "may_host": access.may_host(request.user),
    }
    return _answer(
        request, "videos/studio_challenges.html", "videos/studio_challenges_rows.html", page, context
    )


@login_required
@require_safe
def studio_challenge_new(request: HttpRequest) -> HttpResponse:
    if not access.may_host(request.user):
        return redirect("studio-challenges")  # which says who may
    return render(request, "videos/studio_challenge_form.html", {"title": _("New challenge"), **_form()})


@login_required
@require_safe
def studio_challenge_edit(request: HttpRequest, slug: str) -> HttpResponse:
    found = access.get_hosted_challenge(request.user, slug)
    example = access.challenge_example(request.user, found)
    context = {
        "challenge": challenge_card(request.user, found),
        "example": cards(request.user, [example])[0] if example else None,
        "stands": standing_fields(phase(found, timezone.now()), sponsored=bool(found.sponsor)),
        "title": found.title,
    }
    return render(request, "videos/studio_challenge_form.html", {**_form(), **context})


@login_required
@require_safe
def studio_challenge(request: HttpRequest, slug: str) -> HttpResponse:
    """How one's challenge does, and its entries to choose winners from: `?sort=liked` or the newest first."""
    found = access.get_hosted_challenge(request.user, slug)
    sort = "liked" if request.GET.get("sort") == "liked" else "newest"
    page = access.hosted_entries_page(request.user, found, sort, _cursor(request))
    context: dict[str, Any] = {
        "entries": entry_cards(request.user, found, page.items),
        "title": found.title,
        "sort": sort,
        "places": range(1, PLACES + 1),
    }
    if "fragment" not in request.GET:
        context["challenge"] = challenge_card(request.user, found)
        context["figures"] = access.challenge_figures(request.user, found)
    return _answer(
        request, "videos/studio_challenge.html", "videos/studio_challenge_entries.html", page, context
    )


def _form() -> dict[str, Any]:
    return {"challenge": None, "example": None, "limits": LENGTHS, "stands": frozenset()}
