"""A page of what a question finds for a viewer: the index proposes, the gate decides and brings the rows it lets through."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import people_cards
from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import Page, decode_cursor, encode_cursor

from .. import access
from ..access import Viewer
from ..access.passed import findable
from ..card_cache import json_cards
from ..cards import cards, sound_card
from ..models import SearchKind
from ..text import clean
from . import indexing, matching
from .shown import challenge_row, tag_row

MAX_LENGTH = 100
SIZE = 20
# Three pages of matches are read at first, then so many times more, while the gate lets few through.
GROWTH = 4
MOST = 20_000  # matches that one page looks at; behind so many hidden ones nothing is found


class _Kind(NamedTuple):
    kind: int
    through: Callable[[Viewer, Sequence[int]], Mapping[int, Any]]  # the gate: rows by their ids, in one query
    shown: Callable[[Viewer, Sequence[Any]], list[dict[str, Any]]]
    text: Callable[[Any], str]


def _rows(gate: Callable[[Viewer], QuerySet[Any]]) -> Callable[[Viewer, Sequence[int]], Mapping[int, Any]]:
    def through(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Any]:
        return {row.pk: row for row in gate(viewer).filter(pk__in=ids).order_by()}

    return through


# What can be searched for, in the order of the tabs.
_KINDS: dict[str, _Kind] = {
    "videos": _Kind(SearchKind.VIDEO, findable, cards, lambda video: video.caption),
    "people": _Kind(
        SearchKind.PERSON,
        _rows(access.findable_people),
        people_cards,
        lambda person: f"{person.username} {person.display_name}",
    ),
    "sounds": _Kind(
        SearchKind.SOUND,
        _rows(access.findable_sounds),
        lambda viewer, sounds: [sound_card(sound) for sound in sounds],
        lambda sound: f"{sound.title} {sound.artist}",
    ),
    "tags": _Kind(
        SearchKind.TAG,
        _rows(access.findable_tags),
        lambda viewer, tags: [tag_row(tag) for tag in tags],
        lambda tag: tag.name,
    ),
    "challenges": _Kind(
        SearchKind.CHALLENGE,
        _rows(access.findable_challenges),
        lambda viewer, challenges: [challenge_row(challenge) for challenge in challenges],
        lambda challenge: f"{challenge.title} {challenge.tag.name}",
    ),
}
TYPES = tuple(_KINDS)


class Found(NamedTuple):
    """A page of what was found, how each is shown, and what the asker may have meant ("" when it was found as written)."""

    page: Page[Any]
    results: list[dict[str, Any]]
    meant: str


def find(viewer: Viewer, kind: str, text: str, cursor: str | None = None, *, as_json: bool = False) -> Found:
    """What matches, best first (see matching.py). An empty question finds nothing. Invalid for an unknown type.

    `as_json`: clips in the form that only the API's renderer takes (`card_cache.json_cards`).

    Three queries for a page of clips that is full of words as written, up to a dozen where it takes beginnings and errors to
    fill it, whatever the size of the index; words one typing error away are offered where those as written fill less than
    the first page. Besides, those of the cards (for clips none, mostly).
    """
    if kind not in _KINDS:
        sentence = _("Search for people, videos, sounds, tags or challenges.")
        raise Invalid(sentence, code="bad_type", fields={"type": sentence})
    of = _KINDS[kind]
    asked = matching.question(clean(text)[:MAX_LENGTH])
    if not settings.SEARCH_IN_BACKGROUND:
        indexing.catch_up()
    matcher = matching.Matcher(asked)
    found, more = _walk(viewer, of, matcher, _start(cursor))
    items = [row for _match, row in found]
    meant = ""
    if items and not cursor and found[0][0].tier == matching.TYPO:
        meant = matcher.corrected(of.text(items[0]))
    page = Page(items, encode_cursor(list(more)) if more else None)
    show = json_cards if as_json and kind == "videos" else of.shown
    return Found(page, show(viewer, items), meant)


def asked_of(text: str) -> matching.Matcher:
    """A question as typed, ready to be asked of several kinds."""
    return matching.Matcher(matching.question(clean(text)[:MAX_LENGTH]))


def best(viewer: Viewer, kind: str, matcher: matching.Matcher, size: int) -> list[Any]:
    """The few best matches of one kind, for suggestions; what is one error away only where nothing else is found.

    Two queries and more, the second of which is the gate's.
    """
    found, _more = _walk(viewer, _KINDS[kind], matcher, None, size=size, few=1)
    return [row for _match, row in found]


def _start(cursor: str | None) -> matching.Match | None:
    if not cursor:
        return None
    values = decode_cursor(cursor, 3)
    if not all(type(value) is int for value in values) or values[0] not in matching.TIERS:
        raise Invalid(
            _("This link to the next page is not valid. Start from the first page."), code="bad_cursor"
        )
    return matching.Match(*values)


def _walk(
    viewer: Viewer,
    of: _Kind,
    matcher: matching.Matcher,
    start: matching.Match | None,
    *,
    size: int = SIZE,
    few: int = SIZE,
) -> tuple[list[tuple[matching.Match, Any]], matching.Match | None]:
    """The next `size` matches that pass the gate with their rows, and behind which one the next page begins (None: there is
    no more).

    Errors are forgiven only where fewer than `few` are found as written, and on pages behind one where they were.
    """
    found: list[tuple[matching.Match, Any]] = []
    met: set[int] = set()  # a near miss of one tier can be a match of the next
    tier = start.tier if start else matching.EXACT
    place = start.place if start else None
    looked, width = 0, 3 * size
    while tier <= matching.TYPO:
        if tier == matching.TYPO and ((start and start.tier != matching.TYPO) or len(found) >= few):
            return found, None
        batch = matcher.after(of.kind, tier, place, width)
        # Half of it mostly fills the page.
        for match, row in _passed(viewer, of, batch, max(width // 2, size + 1)):
            if match.subject in met:
                continue
            if len(found) == size:
                return found, found[-1][0]
            found.append((match, row))
            met.add(match.subject)
        looked += len(batch)
        if len(batch) < width:
            tier, place, width = tier + 1, None, 3 * size
            continue
        place, width = batch[-1].place, min(width * GROWTH, 1000)
        if looked >= MOST:  # no cursor: it would name something that the gate did not let through
            break
    return found, None


def _passed(
    viewer: Viewer, of: _Kind, batch: Sequence[matching.Match], few: int
) -> Iterator[tuple[matching.Match, Any]]:
    """Those of a batch that the gate lets through, with their rows, in their order. One query for each `few` of them that
    the caller goes through."""
    for start in range(0, len(batch), few):
        part = batch[start : start + few]
        rows = of.through(viewer, [match.subject for match in part])
        yield from ((match, rows[match.subject]) for match in part if match.subject in rows)
