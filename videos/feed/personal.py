"""For You (until the recommender) blends three streams by the table MIX, each read by keyset so that a page costs the same
in a small and in a large network: fresh clips, popular clips, and clips of people the viewer follows.
"""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Q

from socialapp.lib.pagination import Page

from ..access import Viewer, unwanted, visible_videos, with_people
from ..models import Video
from .candidates import STREAMS, Candidate, candidates
from .mixing import pick, spread
from .position import STAGES, Position
from .session import remember, seen_before

SIZE = 20
# Of each stream so many pages are looked at, to have other authors at hand when one of them publishes a lot at once.
AHEAD = 3
# Candidates beyond a page's size: what the gate, mutes and refusals may take away without another query.
SPARE = 10


def for_you(
    viewer: Viewer, cursor: str | None = None, size: int = SIZE, *, shown: Iterable[int] = ()
) -> Page[Video]:
    """The next page of a session (without cursor: the first of a new one). Two queries cold, one trip to Redis.

    `shown` are clips that a new session's page holds already; they do not come again.

    Nothing comes twice in a session, new clips do not shift it, and the same cursor gives the same page again. Muted
    people and refused clips never come; one's own clips only when everything else is through. While Redis is away a
    clip may come twice (from two streams), nothing else changes.
    """
    here = Position.parse(cursor) if cursor else Position(secrets.token_urlsafe(12))
    seen = seen_before(viewer, here) if cursor else set(shown)
    chosen: list[Video] = []
    there = here
    if here.stage == "blend":
        chosen, there = _blend(viewer, here, seen, size)
    if len(chosen) < size:
        more, there = _rest(viewer, there, seen | {clip.pk for clip in chosen}, size - len(chosen))
        chosen += more
    chosen = spread(chosen, key=lambda clip: clip.author_id, previous=here.last_author)
    if len(chosen) < size:
        return Page(chosen, None)
    remember(viewer, here, [*([] if cursor else shown), *(clip.pk for clip in chosen)])
    return Page(chosen, replace(there, page=here.page + 1, last_author=chosen[-1].author_id).cursor())


def _blend(viewer: Viewer, here: Position, seen: set[int], size: int) -> tuple[list[Video], Position]:
    """Choose up to `size` unseen clips by MIX, and where each stream stands afterwards.

    Two queries: candidates, then the likeliest of them through the gate. More only when most of what was brought had been
    seen or is hidden, which happens deep in a session of a small network and to people who block many.
    """
    window = AHEAD * size
    passed: dict[int, Video] = {}
    refused: set[int] = set()
    while True:
        rows = candidates(viewer, here.after, window)
        fair, crowding = pick({name: [c for c in found if c.id not in seen] for name, found in rows.items()})
        dry = all(len(found) < window for found in rows.values())
        wanted = [*fair, *crowding]
        chosen: list[Video] = []
        for start in range(0, len(wanted), size + SPARE):
            few = [c.id for c in wanted[start : start + size + SPARE]]
            unknown = [pk for pk in few if pk not in passed and pk not in refused]
            if unknown:
                passed |= _through_the_gate(viewer, unknown)
                refused |= set(unknown) - passed.keys()
            chosen += [passed[pk] for pk in few if pk in passed]
            if len(chosen) >= size:
                break
        if len(chosen) >= size or dry:
            break
        window *= 2
    chosen = chosen[:size]
    consumed = seen | refused | {clip.pk for clip in chosen}
    return chosen, replace(here, after=here.after | _consumed(rows, consumed))


def _through_the_gate(viewer: Viewer, ids: list[int]) -> dict[int, Video]:
    clips = visible_videos(viewer).filter(published_at__isnull=False, pk__in=ids).exclude(unwanted(viewer))
    return {clip.pk: clip for clip in with_people(clips)}


def _consumed(rows: dict[str, list[Candidate]], consumed: set[int]) -> dict[str, tuple[Any, int]]:
    """The last candidate of each stream before the first that is still to come."""
    after = {}
    for name, found in rows.items():
        for candidate in found:
            if candidate.id not in consumed:
                break
            after[name] = (getattr(candidate, STREAMS[name].column), candidate.id)
    return after


def _rest(viewer: Viewer, here: Position, seen: set[int], size: int) -> tuple[list[Video], Position]:
    """What no stream brings: clips of strangers that play while their ladder is made, and the viewer's own at last.

    Reached when the streams are dry, so the network is small or the session long; one or two queries.
    """
    clips = (
        visible_videos(viewer).filter(published_at__isnull=False, playlist__gt="").exclude(unwanted(viewer))
    )
    clips = with_people(clips).exclude(pk__in=list(seen)).order_by("-published_at", "-id")
    mine = Q(author_id=viewer.pk) if viewer.pk else Q(pk__in=[])
    chosen: list[Video] = []
    after = here.after.get("rest")
    for stage in STAGES[max(STAGES.index(here.stage), 1) :]:
        found = clips.filter(mine if stage == "own" else ~mine)
        if after and stage == here.stage:
            found = found.filter(Q(published_at__lt=after[0]) | Q(published_at=after[0], id__lt=after[1]))
        new = list(found[: size - len(chosen)])
        chosen += new
        here = replace(here, stage=stage, after={"rest": (new[-1].published_at, new[-1].pk)} if new else {})
        if len(chosen) == size:
            break
    return chosen, here
