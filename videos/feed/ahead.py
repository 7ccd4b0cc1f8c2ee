"""Pages composed ahead: what ranks one page has ranked the next ones too, so they are kept for the session.

A page from here costs the gate and its cards, and one query. It is only ever taken while what it was composed with holds: any
word to the feed (a like, a wish, a setting, start over, whom one follows) makes the next page be composed anew
(`online.forget`), and so does a restart of what is known. Clips that were watched meanwhile are left out. What the first pages
teach about somebody of whom little is known counts at once: nothing is composed ahead for them.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import orjson

from accounts.models import User

from ..access import Passed, Viewer, passing
from ..ranking import Candidate, Chosen
from .online import Known, Standing

PAGES = 3
# Clips in the history from which on some pages more would change little: as many as those pages can add.
SETTLED = 60
KEPT_SECONDS = 600  # new clips and first audiences wait no longer than that
# Clips beyond a page's size that go through the gate with it, in place of what the gate, mutes and refusals take away.
SPARE = 4

# A clip as it is kept: id, author, sound, tags.
Entry = list[Any]


@dataclass
class Ahead:
    """Full pages for the session's pages from `page` on, and clips that take the place of what does not pass."""

    page: int
    version: str
    pages: list[list[Entry]]
    spare: list[Entry] = field(default_factory=list)
    at: float = field(default_factory=time.time)
    ads: list[int] = field(default_factory=list)  # promotions that the session has not shown yet

    def as_json(self) -> bytes:
        return orjson.dumps([self.page, self.version, self.pages, self.spare, self.at, self.ads])

    @classmethod
    def of(cls, raw: bytes | None) -> "Ahead | None":
        return cls(*orjson.loads(raw)) if raw else None

    def holds(self, page: int, standing: Standing) -> bool:
        """Whether it is for this page, and composed with what is known now."""
        fits = bool(self.pages) and self.page == page and self.version == standing.version
        return fits and time.time() - self.at < KEPT_SECONDS

    def without(self, clips: set[int]) -> "Ahead":
        """The same for the page after, less these clips."""
        left = [[entry for entry in page if entry[0] not in clips] for page in self.pages]
        spare = [entry for entry in self.spare if entry[0] not in clips]
        return Ahead(self.page, self.version, left, spare, self.at, self.ads)


def pages_ahead(viewer: Viewer, known: Known) -> int:
    """How many pages are composed ahead for somebody of whom so much is known."""
    young = isinstance(viewer, User) and known.personal and len(known.history) < SETTLED
    return 0 if young else PAGES


def entry_of(clip: Candidate) -> Entry:
    return [clip.id, clip.author, clip.sound, clip.tags]


def made(page: int, known: Known, pages: list[list[Chosen]], size: int, spare: list[Candidate]) -> Ahead:
    """What is kept for the pages from `page` on: those of `pages` that are full."""
    full = [[entry_of(one.candidate) for one in one_page] for one_page in pages if len(one_page) == size]
    return Ahead(page, known.version, full, [entry_of(clip) for clip in spare])


@dataclass
class Taken:
    """A page from those ahead: its clips, through the gate in this request."""

    clips: list[Passed]
    tail: list[list[Any]]
    refused: set[int]
    left: Ahead
    passed: dict[int, Passed]


def take(
    viewer: Viewer, ahead: Ahead, standing: Standing, size: int, also: Collection[int] = ()
) -> Taken | None:
    """The first page of these, what the gate takes away being made good from the spare; None when that does not fill it. One
    query, which asks the gate for `also` too."""
    first = [entry for entry in ahead.pages[0] if not standing.has(entry[0])]
    authors = {entry[1] for entry in first}
    spare: list[Entry] = []
    for entry in ahead.spare:
        if len(first) + len(spare) >= size + SPARE:
            break
        if entry[1] not in authors and not standing.has(entry[0]):
            spare.append(entry)
            authors.add(entry[1])
    asked = [entry[0] for entry in (*first, *spare)]
    passed = passing(viewer, [*asked, *also])
    page = [entry for entry in (*first, *spare) if entry[0] in passed][:size]
    if len(page) < size:
        return None
    refused = {pk for pk in asked if pk not in passed}
    left = Ahead(ahead.page + 1, ahead.version, ahead.pages[1:], ahead.spare, ahead.at, ahead.ads)
    gone = refused | {entry[0] for entry in page}
    return Taken(
        [passed[entry[0]] for entry in page], [e[1:] for e in page[-3:]], refused, left.without(gone), passed
    )
