"""Finding people, clips, tags and sounds by a few letters. Plain substring matching until a real index takes over.

Each question but tags scans its table: fine for a community, slow from some hundred thousand clips on.
"""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import people_cards
from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import Page, keyset_page

from . import access
from .access import Viewer
from .cards import cards, sound_card
from .text import clean

TYPES = ("videos", "people", "tags", "sounds")
MAX_LENGTH = 100
MAX_WORDS = 6


def find(
    viewer: Viewer, kind: str, text: str, cursor: str | None = None
) -> tuple[Page[Any], list[dict[str, Any]]]:
    """A page of what matches, and how each is shown. An empty question finds nothing. Invalid for an unknown type."""
    if kind not in TYPES:
        sentence = _("Search for people, videos, tags or sounds.")
        raise Invalid(sentence, code="bad_type", fields={"type": sentence})
    text = clean(text)[:MAX_LENGTH]
    if not text.strip("#@ "):
        return Page([], None), []
    page: Page[Any]
    match kind:
        case "people":
            people = access.search_people(viewer, text.lstrip("@"))
            page = keyset_page(people, cursor, order=("-followers_count", "-id"))
            return page, people_cards(viewer, page.items)
        case "tags":
            page = keyset_page(access.search_tags(viewer, text), cursor, order=("-videos_count", "-id"))
            return page, [{"name": tag.name, "url": reverse("tag", args=[tag.name])} for tag in page.items]
        case "sounds":
            page = keyset_page(access.search_sounds(viewer, text), cursor)
            return page, [sound_card(sound) for sound in page.items]
    clips = access.with_people(access.search_videos(viewer, text.split()[:MAX_WORDS]))
    page = keyset_page(clips, cursor, order=("-published_at", "-id"))
    return page, cards(viewer, page.items)
