"""The pages that people come upon clips with: Explore, a tag, a sound.

What the templates get, besides what every page has:
- explore.html: country ("" for everywhere), countries, challenges, tags, sounds (videos.exploring.rails), people, cards,
  next_cursor, title
- tag.html: tag (videos.exploring.tag_details), sort, sorts, cards, next_cursor, title
- sound.html: sound (videos.cards.sound_details, with owner, may_use, clips, more), sort, sorts, cards, next_cursor, title
With `?fragment=1` the answer is only the next tiles (components/tiles.html).
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from socialapp.lib.pagination import Page

from . import access, exploring
from .cards import cards, sound_details
from .models import Video


def _tiles(request: HttpRequest, page: Page[Video]) -> dict[str, Any]:
    return {"cards": cards(request.user, page.items), "next_cursor": page.next_cursor}


def _cursor(request: HttpRequest) -> str | None:
    return request.GET.get("cursor") or None


def _sort(request: HttpRequest) -> str:
    return request.GET.get("sort", "top")


def _tabs(sort: str) -> list[dict[str, Any]]:
    labels = {"top": _("Top"), "newest": _("Newest")}
    return [
        {"url": f"?sort={name}", "label": label, "current": name == sort} for name, label in labels.items()
    ]


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """What rises in a country (`?country=`, empty for everywhere), else in one's own."""
    # The fragment has no picker.
    countries = None if "fragment" in request.GET else access.trend_countries(request.user)
    country = exploring.country_of(request.user, request.GET.get("country"), countries)
    context = _tiles(request, exploring.clips(request.user, country, _cursor(request)))
    if countries is None:
        return render(request, "components/tiles.html", context)
    context |= exploring.rails(request.user, country)
    context |= {"country": country, "countries": sorted({*countries, country} - {""})}
    context |= {"people": exploring.people(request.user), "title": _("Explore")}
    return render(request, "videos/explore.html", context)


@require_safe
def tag(request: HttpRequest, tag: str) -> HttpResponse:
    """The clips with a tag, the best liked or the newest first."""
    sort = _sort(request)
    page = exploring.sorted_page(access.tag_videos(request.user, tag), sort, _cursor(request))
    context = _tiles(request, page)
    if "fragment" in request.GET:
        return render(request, "components/tiles.html", context)
    head = exploring.tag_details(request.user, tag)
    context |= {"tag": head, "sort": sort, "tabs": _tabs(sort), "title": f"#{head['name']}"}
    return render(request, "videos/tag.html", context)


@require_safe
def sound(request: HttpRequest, sound_id: str) -> HttpResponse:
    """A sound to listen to and to use, and the clips that use it."""
    found = access.get_sound(request.user, sound_id)
    sort = _sort(request)
    clips = access.sound_videos(request.user, found)
    context = _tiles(request, exploring.sorted_page(clips, sort, _cursor(request)))
    if "fragment" in request.GET:
        return render(request, "components/tiles.html", context)
    details = sound_details(request.user, found)
    details |= access.count_clips(clips)
    details["owner"] = found.owner.get_absolute_url() if found.owner and found.owner.is_visible else ""
    details["may_use"] = not request.user.is_authenticated or details["usable"]
    context |= {"sound": details, "sort": sort, "tabs": _tabs(sort), "title": found.title}
    return render(request, "videos/sound.html", context)
