"""What Explore shows: rails of challenges, tags, sounds and people, and a grid of clips; and how tags and sounds are listed.

Each list is what rises in a country, filled up with what rises everywhere and then with what is simply used or liked most, so
that it is never empty while there is anything to show.
"""

import re
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.suggestions import suggestions
from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import Page, keyset_page

from . import access
from .access import Viewer
from .cards import sound_card
from .cards_challenges import challenge_cards
from .challenges import Phase
from .hashtags import fold
from .media import cover_url
from .models import Trend, Video

SIZE = 20
TAGS, SOUNDS, CHALLENGES, PEOPLE = 12, 10, 6, 10
FEW = 6  # rising tags or sounds below which the rail is filled up with those that are used most
COUNTRY = re.compile(r"[A-Z]{2}\Z")
# How the clips of a tag or a sound are ordered; the first is what its page opens with.
SORTS = {"top": ("-score", "-id"), "newest": ("-published_at", "-id")}
# The lists that the grid goes through, by the first letter of its cursor.
_COUNTRY, _EVERYWHERE, _POPULAR = "c", "e", "p"


def country_of(viewer: Viewer, asked: str | None, countries: list[str] | None = None) -> str:
    """The country to explore: the one that was asked for ("" for everywhere), else the viewer's own if it has lists.

    Invalid for what is no country code. Without `countries` (access.trend_countries) one query, if it is the viewer's own.
    """
    if asked is None:
        own = viewer.country.upper() if isinstance(viewer, User) else ""
        if own and countries is None:
            countries = access.trend_countries(viewer)
        return own if own in (countries or ()) else ""
    code = asked.strip().upper()
    if code and not COUNTRY.match(code):
        raise Invalid(_("Give the country by its two capital letters, for example FR."), code="bad_country")
    return code


def clips(viewer: Viewer, country: str = "", cursor: str | None = None, size: int = SIZE) -> Page[Video]:
    """A page of the grid: clips that rise in the country, then those that rise everywhere, then popular ones.

    Up to two queries for each list that the page touches. What rises changes while somebody pages: a clip can be missed
    or come again; a grid forgives that, and For You remembers what it showed.
    """
    stages = [_COUNTRY, _EVERYWHERE, _POPULAR] if country else [_EVERYWHERE, _POPULAR]
    first, after = (cursor[0], cursor[1:] or None) if cursor else (stages[0], None)
    if first not in stages:
        raise Invalid(
            _("This link to the next page is not valid. Start from the first page."), code="bad_cursor"
        )
    found: list[Video] = []
    for stage in stages[stages.index(first) :]:
        page = _stage(viewer, stage, country, after, size - len(found))
        found += [clip for clip in page.items if clip not in found]
        after = None
        if page.next_cursor:
            return Page(found, stage + page.next_cursor)
        if len(found) >= size and stage != _POPULAR:
            return Page(found, stages[stages.index(stage) + 1])
    return Page(found, None)


def _stage(viewer: Viewer, stage: str, country: str, after: str | None, size: int) -> Page[Video]:
    if stage == _POPULAR:
        listed = {country, ""}
        return keyset_page(access.popular_videos(viewer, listed), after, order=("-score", "-id"), size=size)
    if stage == _COUNTRY:
        return access.trending(viewer, Trend.Kind.VIDEO, country, after, size)
    return access.trending(viewer, Trend.Kind.VIDEO, "", after, size, past=country)


def rails(viewer: Viewer, country: str = "") -> dict[str, Any]:
    """What stands above the grid: {challenges, tags: [{name, url, covers}], sounds: [card with cover]}; mostly 7 queries,
    up to 9 while little rises."""
    sizes: dict[str, int] = {
        Trend.Kind.TAG: TAGS,
        Trend.Kind.SOUND: SOUNDS,
        Trend.Kind.CHALLENGE: CHALLENGES,
    }
    rising = access.rising(viewer, country, sizes)
    tags, sounds = rising[Trend.Kind.TAG], rising[Trend.Kind.SOUND]
    if len(tags) < FEW:
        tags = _with(tags, access.used_tags(viewer, TAGS), TAGS)
    if len(sounds) < FEW:
        sounds = _with(sounds, access.used_sounds(viewer, SOUNDS), SOUNDS)
    of_tag, of_sound = access.faces_of(viewer, {tag.pk for tag in tags}, {sound.pk for sound in sounds})
    return {
        "challenges": challenge_cards(viewer, _challenges(viewer, country, rising[Trend.Kind.CHALLENGE])),
        "tags": [tag_card(tag.name) | {"covers": _covers(of_tag[tag.pk])} for tag in tags],
        "sounds": [
            sound_card(sound)
            | {
                "artist": sound.artist or (sound.owner.display_name if sound.owner else ""),
                "cover": next(iter(_covers(of_sound[sound.pk])), None),
            }
            for sound in sounds
        ],
    }


def people(viewer: Viewer) -> list[dict[str, Any]]:
    """People to follow, each with a reason; nobody for visitors. Queries of accounts.suggestions."""
    return suggestions(viewer, size=PEOPLE) if isinstance(viewer, User) else []


def tag_card(name: str) -> dict[str, str]:
    return {"name": name, "url": reverse("tag", args=[name])}


def tag_details(viewer: Viewer, name: str) -> dict[str, Any]:
    """The head of a tag's page: {name, url, clips, more, challenge}, of what the viewer sees. Three queries.

    A tag that nobody used and one of hidden clips look alike.
    """
    name = fold(name)
    challenge = access.challenge_of_tag(viewer, name)
    return {
        **tag_card(name),
        **access.count_clips(access.tag_videos(viewer, name)),
        "challenge": challenge_cards(viewer, [challenge])[0] if challenge else None,
    }


def sorted_page(
    clips: QuerySet[Video], sort: str, cursor: str | None = None, size: int = SIZE
) -> Page[Video]:
    """A page of clips that came through the gate, by one of SORTS; Invalid for another word. One query.

    A cursor of the one order in the other is Invalid or starts somewhere: nothing is shown that would not be otherwise.
    """
    if sort not in SORTS:
        sentence = _("Sort by top or newest.")
        raise Invalid(sentence, code="bad_sort", fields={"sort": sentence})
    return keyset_page(access.with_people(clips), cursor, order=SORTS[sort], size=size)


def _covers(clips: list[Video]) -> list[str]:
    return [cover_url(clip) for clip in clips]


def _with(rows: list[Any], more: list[Any], size: int) -> list[Any]:
    """The rows, then others that are not among them."""
    known = {row.pk for row in rows}
    return (rows + [row for row in more if row.pk not in known])[:size]


def _challenges(viewer: Viewer, country: str, rising: list[Any]) -> list[Any]:
    """Running challenges that are for the country, the rising ones first, then those that end soon. At most one query."""
    found = [row for row in rising if not country or row.country in ("", country)]
    if len(found) >= CHALLENGES:
        return found
    more = access.list_challenges(viewer, Phase.RUNNING, country, None, CHALLENGES).items
    return _with(found, more, CHALLENGES)
