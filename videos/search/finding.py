"""A page of what a question finds for a viewer: the index proposes, the gate decides, and only then is anything loaded."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import people_cards
from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import Page, decode_cursor, encode_cursor

from .. import access
from ..access import Viewer
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
    gate: Callable[[Viewer], QuerySet[Any]]
    loaded: Callable[[QuerySet[Any]], QuerySet[Any]]
    shown: Callable[[Viewer, Sequence[Any]], list[dict[str, Any]]]
    text: Callable[[Any], str]


def _as_is(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


# What can be searched for, in the order of the tabs.
_KINDS: dict[str, _Kind] = {
    "videos": _Kind(
        SearchKind.VIDEO, access.findable_videos, access.with_people, cards, lambda video: video.caption
    ),
    "people": _Kind(
        SearchKind.PERSON,
        access.findable_people,
        _as_is,
        people_cards,
        lambda person: f"{person.username} {person.display_name}",
    ),
    "sounds": _Kind(
        SearchKind.SOUND,
        access.findable_sounds,
        _as_is,
        lambda viewer, sounds: [sound_card(sound) for sound in sounds],
        lambda sound: f"{sound.title} {sound.artist}",
    ),
    "tags": _Kind(
        SearchKind.TAG,
        access.findable_tags,
        _as_is,
        lambda viewer, tags: [tag_row(tag) for tag in tags],
        lambda tag: tag.name,
    ),
    "challenges": _Kind(
        SearchKind.CHALLENGE,
        access.findable_challenges,
        _as_is,
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


def find(viewer: Viewer, kind: str, text: str, cursor: str | None = None) -> Found:
    """What matches, best first (see matching.py). An empty question finds nothing. Invalid for an unknown type.

    Five to nine queries besides those of the cards, whatever the size of the index; words one typing error away are
    offered where those as written fill less than the first page.
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
    rows = {
        row.pk: row for row in of.loaded(of.gate(viewer).filter(pk__in=[match.subject for match in found]))
    }
    items = [rows[match.subject] for match in found if match.subject in rows]
    meant = ""
    if items and not cursor and found[0].tier == matching.TYPO:
        meant = matcher.corrected(of.text(items[0]))
    page = Page(items, encode_cursor(list(more)) if more else None)
    return Found(page, of.shown(viewer, items), meant)


def asked_of(text: str) -> matching.Matcher:
    """A question as typed, ready to be asked of several kinds."""
    return matching.Matcher(matching.question(clean(text)[:MAX_LENGTH]))


def best(viewer: Viewer, kind: str, matcher: matching.Matcher, size: int) -> list[Any]:
    """The few best matches of one kind, for suggestions; what is one error away only where nothing else is found.

    Three queries and more, the second of which is the gate's.
    """
    of = _KINDS[kind]
    found, _more = _walk(viewer, of, matcher, None, size=size, few=1)
    rows = {
        row.pk: row for row in of.loaded(of.gate(viewer).filter(pk__in=[match.subject for match in found]))
    }
    return [rows[match.subject] for match in found if match.subject in rows]


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
) -> tuple[list[matching.Match], matching.Match | None]:
    """The next `size` matches that pass the gate, and behind which one the next page begins (None: there is no more).

    Errors are forgiven only where fewer than `few` are found as written, and on pages behind one where they were.
    """
    found: list[matching.Match] = []
    met: set[int] = set()  # a near miss of one tier can be a match of the next
    tier = start.tier if start else matching.EXACT
    place = start.place if start else None
    looked, width = 0, 3 * size
    while tier <= matching.TYPO:
        if tier == matching.TYPO and ((start and start.tier != matching.TYPO) or len(found) >= few):
            return found, None
        batch = matcher.after(of.kind, tier, place, width)
        for match in _passed(viewer, of, batch):
            if match.subject in met:
                continue
            if len(found) == size:
                return found, found[-1]
            found.append(match)
            met.add(match.subject)
        looked += len(batch)
        if len(batch) < width:
            tier, place, width = tier + 1, None, 3 * size
            continue
        place, width = batch[-1].place, min(width * GROWTH, 1000)
        if looked >= MOST:  # no cursor: it would name something that the gate did not let through
            break
    return found, None


def _passed(viewer: Viewer, of: _Kind, batch: Iterable[matching.Match]) -> list[matching.Match]:
    """Those of a batch that the gate lets through, in their order. One query."""
    batch = list(batch)
    if not batch:
        return []
    gate = of.gate(viewer).filter(pk__in=[match.subject for match in batch]).order_by()
    seen = set(gate.values_list("pk", flat=True))
    return [match for match in batch if match.subject in seen]
