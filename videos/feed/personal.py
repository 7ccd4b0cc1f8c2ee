"""For You: candidates → rank → diversify → gate → page.

Candidates come from the model, from people one follows, from liked topics and sounds, from what rises, from new clips that are
owed a first audience and from what is popular (candidates.py). videos.ranking mixes, ranks and spreads them by its one table.
The gate is asked for every id of the page in this request. What was shown is kept for the session (session.py) and what was
watched for good (Watch), so that nothing comes twice, and watched clips only when everything else is through.
"""

import random
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.models import User
from socialapp.lib.pagination import Page

from .. import ranking
from ..access import Passed, Viewer, passing, unwanted, visible_videos, with_people
from ..models import Video
from ..ranking import Candidate
from . import ahead, newest, promoted, session
from .ahead import SPARE, Ahead
from .candidates import bring
from .mixing import spread
from .online import Known, known
from .position import Position

SIZE = 20

Clip = Passed | Video


@dataclass
class _Draft:
    """A page in the making."""

    viewer: Viewer
    size: int
    here: Position
    known: Known
    session: session.Session
    chosen: list[Clip] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    why: dict[int, list[Any]] = field(default_factory=dict)
    tail: list[list[Any]] = field(default_factory=list)
    ahead: Ahead | None = None
    offered: list[promoted.Live] = field(default_factory=list)
    ads: dict[int, Passed] = field(default_factory=dict)  # clips that are offered, through the gate

    def through(self, ids: Iterable[int]) -> dict[int, Passed]:
        """These clips through the gate; the first time the offered ones are asked for with them, at no further query."""
        also = [row.video for row in self.offered] if not self.ads else []
        passed = passing(self.viewer, [*ids, *also])
        self.ads |= {pk: passed[pk] for pk in also if pk in passed}
        return passed

    @property
    def missing(self) -> int:
        return self.size - len(self.chosen)

    @property
    def spent(self) -> set[int]:
        """What must not come any more."""
        return self.session.seen | self.refused | {clip.pk for clip in self.chosen}


def for_you(
    viewer: Viewer, cursor: str | None = None, size: int = SIZE, *, shown: Iterable[int] = ()
) -> Page[Any]:
    """The next page of a session (without cursor: the first of a new one). Two queries, and a third for somebody whose taste
    is not kept ready; one when the page was composed ahead.

    `shown` are clips that a new session's page holds already; they do not come again. At most one clip of a page is promoted
    (videos.feed.promoted), on top of `size`; charging it takes one statement.

    Nothing comes twice in a session, new clips do not shift it, and the same cursor gives the same page again, without what is
    hidden by now. Muted people and refused clips never come; one's own clips only when everything else is through. Whoever
    asked for it gets the newest first; so does everybody while Redis is away, when a clip may come twice.
    """
    here = Position.parse(cursor) if cursor else Position(secrets.token_urlsafe(12))
    if cursor and (page := _ready(viewer, here, size)) is not None:
        return page
    past = session.read(viewer, here) if cursor else session.Session(seen=set(shown))
    draft = _Draft(viewer, size, here, known(viewer), past)
    by_time = draft.known.chronological or past.lost
    if by_time and here.stage in ("blend", "again"):
        draft.here = replace(here, stage="newest", after=None)
    elif not by_time and here.stage == "newest":
        draft.here = replace(here, stage="blend", after=None)
    draft.offered = promoted.offers(viewer, draft.spent, personal=draft.known.personal)
    _fill(draft, by_time)
    return _finish(draft, list(shown) if not cursor else [])


def _ready(viewer: Viewer, here: Position, size: int) -> Page[Any] | None:
    """The page as it was made before, or from those that were composed ahead; None when there is neither."""
    before, kept, standing = session.look(viewer, here)
    if before is not None:
        return _again(viewer, before)
    if here.stage != "blend" or kept is None or not kept.holds(here.page, standing):
        return None
    offered = promoted.offers(viewer, (), only=kept.ads) if kept.ads else []
    taken = ahead.take(viewer, kept, standing, size, [row.video for row in offered])
    if taken is None:
        return None
    chosen = spread(taken.clips, key=lambda clip: clip.author_id, previous=here.last_author)
    there = replace(here, page=here.page + 1, last_author=chosen[-1].author_id).cursor()
    chosen, ad = promoted.place(viewer, chosen, offered, taken.passed, slot=_slot(here))
    page = {"ids": [clip.pk for clip in chosen], "next": there, "tail": taken.tail}
    if ad is not None:
        page["ad"] = [ad.id, ad.video]
        taken.left.ads.remove(ad.id)
        taken.left = taken.left.without({ad.video})
    session.remember_taken(viewer, here, page, taken)
    return Page(chosen, there)


def _again(viewer: Viewer, page: dict[str, Any]) -> Page[Any]:
    """A page that was made before, through the gate as it is now."""
    passed = passing(viewer, page["ids"])
    clips = [passed[pk] for pk in page["ids"] if pk in passed]
    if "ad" in page:
        promotion, video = page["ad"]
        if promoted.again(promotion, passed.get(video)) is None:
            clips = [clip for clip in clips if clip.pk != video]
    return Page(clips, page["next"])


def _slot(here: Position) -> str:
    """What names a page, so that it is charged once whatever is kept of it."""
    return f"{here.session}:{here.page}"


def _fill(draft: _Draft, by_time: bool) -> None:
    """Stage after stage, until the page is full or nothing is left."""
    if draft.here.stage == "blend":
        _blend(draft)
        if draft.missing and draft.known.personal and isinstance(draft.viewer, User):
            draft.here = replace(draft.here, stage="again")
    if draft.missing and draft.here.stage == "again":
        _blend(draft, watched=True)
    if draft.missing and draft.here.stage == "newest":
        _by_time(draft)
    if draft.missing:
        _rest(draft, by_time)


def _finish(draft: _Draft, shown: list[int]) -> Page[Any]:
    chosen = draft.chosen
    if draft.here.stage in ("blend", "again"):
        chosen = spread(chosen, key=lambda clip: clip.author_id, previous=draft.here.last_author)
    there = None
    if not draft.missing:
        there = replace(draft.here, page=draft.here.page + 1, last_author=chosen[-1].author_id).cursor()
    chosen, ad = promoted.place(
        draft.viewer, chosen, draft.offered, draft.ads, slot=_slot(draft.here), shown=bool(shown)
    )
    page = {"ids": [clip.pk for clip in chosen], "next": there, "tail": draft.tail[-3:]}
    if ad is not None:
        page["ad"] = [ad.id, ad.video]
    kept = None
    if draft.ahead is not None and draft.ahead.pages and there and draft.here.stage == "blend":
        kept = draft.ahead.without({clip.pk for clip in chosen} | draft.refused)
        kept.ads = [row.id for row in draft.offered if row is not ad]
    session.remember(draft.viewer, draft.here, [*shown, *draft.refused], page, draft.why, kept)
    return Page(chosen, there)


# --- Composed --------------------------------------------------------------------------------------------------------------


def _blend(draft: _Draft, *, watched: bool = False) -> None:
    """Compose the page from candidates, over and over until it is full or the sources are dry.

    Two queries: candidates, then the page through the gate. More only when the gate takes away most of it, and at the end of a
    small network.
    """
    dice = random.Random(f"{draft.here.session}:{draft.here.page}:{draft.here.stage}")  # noqa: S311 (a page, no secret)
    previous = [_of_tail(number, one) for number, one in enumerate(draft.session.tail)]
    times = 1
    while draft.missing:
        brought = bring(draft.viewer, draft.known, draft.spent, times=times, watched=watched)
        left = brought.candidates
        while draft.missing and left:
            left = _compose(draft, left, dice, previous)
        if not brought.more:
            return
        times = min(2 * times, 16)


def _compose(
    draft: _Draft, left: list[Candidate], dice: random.Random, previous: list[Candidate]
) -> list[Candidate]:
    """Choose what is missing from these candidates; returns those that nobody has looked at yet."""
    size = draft.missing
    whole = size == draft.size and draft.here.stage == "blend" and draft.ahead is None
    more = ahead.pages_ahead(draft.viewer, draft.known) if whole else 0
    pages = ranking.compose_pages(
        left, draft.known.taste, size=size, pages=1 + more, dice=dice, previous=previous
    )
    chosen = pages[0] if pages else []
    if more:
        _keep_ahead(draft, pages[1:], left, {one.candidate.id for page in pages for one in page})
    taken = {one.candidate.id for one in chosen}
    authors = {one.candidate.author for one in chosen}
    later = {entry[0] for page in draft.ahead.pages for entry in page} if draft.ahead else set()
    spare: dict[int, Candidate] = {}
    for candidate in left:
        if len(spare) == SPARE:
            break
        if candidate.id not in taken and candidate.id not in later and candidate.author not in authors:
            spare[candidate.id] = candidate
    passed = draft.through([*taken, *spare])
    draft.refused |= (taken | spare.keys()) - passed.keys()
    page = [one for one in chosen if one.candidate.id in passed]
    if len(page) < size and (others := [one for pk, one in spare.items() if pk in passed]):
        page += ranking.compose(
            others,
            draft.known.taste,
            size=size - len(page),
            dice=dice,
            previous=[p.candidate for p in page[-3:]],
        )
    for one in page:
        candidate = one.candidate
        draft.chosen.append(passed[candidate.id])
        draft.why[candidate.id] = [list(one.reasons), candidate.because]
        draft.tail.append([candidate.author, candidate.sound, list(candidate.tags)])
    looked_at = taken | draft.refused | {clip.pk for clip in draft.chosen}
    return [candidate for candidate in left if candidate.id not in looked_at]


def _keep_ahead(
    draft: _Draft, pages: list[list[ranking.Chosen]], left: list[Candidate], taken: set[int]
) -> None:
    """The pages after this one, with what may take the place of clips that do not pass, and why their clips are there."""
    spare = {clip.id: clip for clip in left if clip.id not in taken}
    few = list(spare.values())[: SPARE * (2 + len(pages))]
    draft.ahead = ahead.made(draft.here.page + 1, draft.known, pages, draft.size, few)
    for page in pages:
        for one in page:
            draft.why[one.candidate.id] = [list(one.reasons), one.candidate.because]


def _of_tail(number: int, one: list[Any]) -> Candidate:
    author, sound, tags = one
    return Candidate(-1 - number, author, sound, tuple(tags), "", "", 0, 0.0, "popular")


# --- By time ---------------------------------------------------------------------------------------------------------------


def _by_time(draft: _Draft) -> None:
    """Newest first. Two queries, more when the gate takes away most of it."""
    after: tuple[datetime, int] | None = draft.here.after
    window = draft.size + SPARE
    while draft.missing:
        rows = newest.rows(draft.viewer, after, window)
        spent = draft.spent
        passed = draft.through(pk for pk, _at in rows if pk not in spent)
        for pk, at in rows:
            if not draft.missing:
                break
            after = (at, pk)
            if pk in passed:
                draft.chosen.append(passed[pk])
        if len(rows) < window:
            break
    draft.here = replace(draft.here, after=after)


def _rest(draft: _Draft, by_time: bool) -> None:
    """What no source brings: clips of strangers that play while their ladder is made, and the viewer's own at last.

    Reached when all sources are dry, so the network is small or the session long; one or two queries.
    """
    viewer, here = draft.viewer, draft.here
    clips = (
        visible_videos(viewer).filter(published_at__isnull=False, playlist__gt="").exclude(unwanted(viewer))
    )
    if by_time:
        clips = clips.filter(newest.uncovered(viewer) | Q(author_id=viewer.pk or 0))
    clips = with_people(clips).exclude(pk__in=list(draft.spent)).order_by("-published_at", "-id")
    mine = Q(author_id=viewer.pk or 0)
    after = here.after if here.stage in ("rest", "own") else None
    for stage in ("rest", "own") if here.stage != "own" else ("own",):
        found = clips.filter(mine if stage == "own" else ~mine)
        if after and stage == here.stage:
            found = found.filter(Q(published_at__lt=after[0]) | Q(published_at=after[0], id__lt=after[1]))
        new = list(found[: draft.missing])
        draft.chosen += new
        last = (new[-1].published_at, new[-1].pk) if new and new[-1].published_at else None
        draft.here = replace(draft.here, stage=stage, after=last)
        if not draft.missing:
            break
