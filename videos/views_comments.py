"""The pages of comments: the list beside a clip, and what a clip's author reviews in the studio. Writing goes through the API.

What the templates get, besides what every page has:
- comments.html: card (the clip), comments (videos.cards_comments), parent (id or None), sort, sorts, waiting (how many wait
  under this clip, for its author; else None), next_cursor, fragment
- studio_comments.html: comments (review_cards), state ("held" or "hidden"), counts, next_cursor; its fragment is
  videos/studio_comments_rows.html
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from socialapp.lib.errors import NotFound
from socialapp.lib.pagination import keyset_page

from . import access
from .cards import card
from .cards_comments import comment_cards, review_cards


@require_safe
def comments(request: HttpRequest, username: str, video_id: str) -> HttpResponse:
    """The comments of a clip as a piece of HTML, for the sheet beside it: a page of the list, or of the replies to one."""
    clip = access.get_video(request.user, video_id)
    if clip.author.username.lower() != username.lower():
        raise NotFound()
    asked = request.GET
    parent, sort = asked.get("parent") or None, asked.get("sort") or "top"
    page = access.thread(request.user, clip, parent, asked.get("cursor") or None, sort)
    shown = card(request.user, clip)
    waiting = None
    if shown["viewer"]["own"] and not parent and not asked.get("cursor"):
        waiting = access.to_review(request.user, "held", clip)[:100].count()
    context: dict[str, Any] = {
        "card": shown,
        "comments": comment_cards(request.user, clip, page.items),
        "parent": parent,
        "sort": sort,
        "sorts": [("top", _("Top")), ("newest", _("Newest"))],
        "waiting": waiting,
        "next_cursor": page.next_cursor,
        "fragment": "fragment" in asked,
    }
    return render(request, "videos/comments.html", context)


@login_required
@require_safe
def studio_comments(request: HttpRequest) -> HttpResponse:
    """Comments under one's own clips that wait, or that one hid (`?state=hidden`), to decide about one by one or in bulk."""
    state = request.GET.get("state") or "held"
    page = keyset_page(access.to_review(request.user, state), request.GET.get("cursor") or None)
    context: dict[str, Any] = {
        "comments": review_cards(request.user, page.items),
        "state": state,
        "title": _("Comments"),
        "next_cursor": page.next_cursor,
    }
    if "fragment" in request.GET:
        return render(request, "videos/studio_comments_rows.html", context)
    context["counts"] = access.review_counts(request.user)
    return render(request, "videos/studio_comments.html", context)
