"""The page of one collection, for its owner: collection (videos.cards_collections), cards, next_cursor, title, back."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import access
from .cards import cards
from .cards_collections import collection_card


@login_required
@require_safe
def collection(request: HttpRequest, collection_id: str) -> HttpResponse:
    """The clips of one's own collection; with `?fragment=1` only the tiles of the next page."""
    found = access.get_collection(request.user, collection_id)
    page = access.collection_clips(request.user, found, request.GET.get("cursor") or None)
    context: dict[str, Any] = {"cards": cards(request.user, page.items), "next_cursor": page.next_cursor}
    if "fragment" in request.GET:
        return render(request, "components/tiles.html", context)
    context |= {"collection": collection_card(request.user, found), "title": found.name}
    return render(request, "videos/collection.html", context)
