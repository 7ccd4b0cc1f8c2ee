"""The page "View my profile as…": one's own profile as the rules table gives it to others.

profile_as.html gets: relation, relations (value and words), profile (its head), may (videos.onlooker.sentences), cards,
next_cursor.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from privacy.rules import Relation

from . import feed, onlooker
from .cards import cards

WORDS: dict[str, Any] = {
    Relation.ANONYMOUS: _("Without an account"),
    Relation.STRANGER: _("A stranger"),
    Relation.FOLLOWER: _("A follower"),
    Relation.FRIEND: _("A friend"),
}


@login_required
@require_safe
def profile_as(request: HttpRequest, relation: str) -> HttpResponse:
    seen = onlooker.as_seen_by(request.user, relation)
    page = feed.newest(seen.clips, request.GET.get("cursor") or None)
    context = {
        "relation": relation,
        "relations": list(WORDS.items()),
        "profile": seen.head,
        "may": onlooker.sentences(seen),
        "cards": cards(request.user, page.items),
        "next_cursor": page.next_cursor,
    }
    return render(request, "videos/profile_as.html", context)
