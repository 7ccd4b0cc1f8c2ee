"""Which clips come next: For You, Following, Friends, Explore. Who may see a clip is the gate's business alone.

For You (until the recommender) blends three streams by the table MIX, each read by keyset so that a page costs the same
in a small and in a large network: fresh clips, popular clips, and clips of people the viewer follows.
"""

import logging
import secrets
import struct
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil
from typing import Any, NamedTuple, TypeVar

import redis
from django.db.models import Q, QuerySet, Value
from django.utils.translation import gettext as _

from accounts.access import followed_ids, friend_ids
from accounts.models import User
from privacy.rules import Audience
from socialapp.lib.errors import Invalid
from socialapp.lib.pagination import Page, decode_cursor, encode_cursor, keyset_page
from socialapp.lib.redis import connection

from .access import Viewer, unwanted, visible_videos, with_people
from .models import Like, Save, Video

log = logging.getLogger(__name__)
T = TypeVar("T")

SIZE = 20
# Of each stream so many pages are looked at, to have other authors at hand when one of them publishes a lot at once.
AHEAD = 3
# Candidates beyond a page's size: what the gate, mutes and refusals may take away without another query.
SPARE = 10

# How many of each ten clips come from which stream, and why. A stream that is dry gives its turn to the next.
MIX = {
    "fresh": 4,  # every clip is owed a first audience, and the newest are what a returning person has not seen
    "popular": 4,  # the safest guess about somebody of whom nothing is known
    "followed": 2,  # enough to meet one's people here; all of them are in the Following feed
}
# Of one page at most this many clips by one author, while others are to be had.
PER_AUTHOR = 3

SESSION_SECONDS = 6 * 3600  # a session is one chain of pages; a new first page starts another
SESSION_CLIPS = 5_000  # what a session remembers to have shown; 40 kB in Redis at most


class Candidate(NamedTuple):
    """What choosing needs of a clip: no more columns than the page's index and row hold together."""

    id: int
    author_id: int
    published_at: datetime
    score: float


@dataclass(frozen=True)
class Position:
    """Where a For You session stands: the last candidate consumed of each stream, and whose clip came last.

    `stage` is "blend"; when the streams are dry "rest", everything else that is visible; then "own", one's own clips.
    """

    session: str
    page: int = 0
    stage: str = "blend"
    last_author: int = 0
    after: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def cursor(self) -> str:
        """Opaque text; the session's seen clips stay in Redis under `session`."""
        values: list[Any] = [self.session, self.page, self.stage, self.last_author]
        for name in COLUMNS:
            values += self.after.get(name, ("", 0))
        return encode_cursor(values)

    @classmethod
    def parse(cls, cursor: str) -> "Position":
        """The position of a cursor made by `cursor`; Invalid for anything else."""
        values = decode_cursor(cursor, 4 + 2 * len(COLUMNS))
        session, page, stage, last_author = values[:4]
        after = {}
        valid = isinstance(session, str) and len(session) <= 32 and session.isascii() and stage in STAGES
        valid = valid and type(page) is int and type(last_author) is int
        for index, (name, (_column, kind)) in enumerate(COLUMNS.items()):
            value, pk = values[4 + 2 * index : 6 + 2 * index]
            valid = valid and type(pk) is int
            if value != "":
                valid = (
                    valid
                    and isinstance(value, kind)
                    and not (isinstance(value, datetime) and value.tzinfo is None)
                )
                after[name] = (value, pk)
        if not valid:
            raise Invalid(
                _("This link to the next page is not valid. Start from the first page."), code="bad_cursor"
            )
        return cls(session, page, stage, last_author, after)


class Stream(NamedTuple):
    """One source of candidates: which clips, in which order. The order's columns must be those of an index.

    A stream may hold what the viewer must not see: the gate is asked for every candidate before it is chosen. Asking it
    by id costs the same in a small and in a large network.
    """

    clips: Callable[[Viewer], QuerySet[Video] | None]
    column: str


def _open(clips: QuerySet[Video]) -> QuerySet[Video]:
    # In these words, because the partial indexes video_fresh and video_popular are for such rows only.
    return clips.filter(state=Video.State.READY, audience=Audience.PUBLIC)


def _everybodys(viewer: Viewer) -> QuerySet[Video] | None:
    return _open(Video.objects.exclude(author_id=viewer.pk) if viewer.pk else Video.objects.all())


def _of_followed(viewer: Viewer) -> QuerySet[Video] | None:
    if not isinstance(viewer, User):
        return None
    return Video.objects.filter(
        author_id__in=followed_ids(viewer), published_at__isnull=False, playlist__gt=""
    )


STREAMS = {
    "followed": Stream(_of_followed, "published_at"),
    "popular": Stream(_everybodys, "score"),
    "fresh": Stream(_everybodys, "published_at"),
}
STAGES = ("blend", "rest", "own")
# What a position holds of each stream, and of the later stages under "rest": the column of its order and its type.
_KINDS: dict[str, Any] = {"published_at": datetime, "score": (int, float)}
COLUMNS = {name: (stream.column, _KINDS[stream.column]) for name, stream in STREAMS.items()} | {
    "rest": ("published_at", datetime)
}


# --- The chronological feeds -----------------------------------------------------------------------------------------


def following(viewer: Viewer, cursor: str | None = None, size: int = SIZE) -> Page[Video]:
    """Clips of the people the viewer follows, newest first, without muted people. One query."""
    return _chronological(viewer, Q(author_id__in=followed_ids(viewer)), cursor, size)


def friends(viewer: Viewer, cursor: str | None = None, size: int = SIZE) -> Page[Video]:
    """Clips of the viewer's friends, newest first, without muted people. One query."""
    return _chronological(viewer, Q(author_id__in=friend_ids(viewer)), cursor, size)


def _chronological(viewer: Viewer, whose: Q, cursor: str | None, size: int) -> Page[Video]:
    clips = (
        with_people(visible_videos(viewer))
        .filter(whose, published_at__isnull=False)
        .exclude(unwanted(viewer))
    )
    return keyset_page(clips, cursor, order=("-published_at", "-id"), size=size)


def newest(clips: QuerySet[Video], cursor: str | None = None, size: int = SIZE) -> Page[Video]:
    """A page of any list of published clips that came through the gate, newest first. One query."""
    return keyset_page(with_people(clips), cursor, order=("-published_at", "-id"), size=size)


def marked(
    marks: "QuerySet[Like] | QuerySet[Save]", cursor: str | None = None, size: int = SIZE
) -> Page[Video]:
    """A page of the clips of these likes or saves, the latest mark first. One query."""
    page: Page[Any] = keyset_page(marks, cursor, size=size)
    return Page([mark.video for mark in page.items], page.next_cursor)


def explore(viewer: Viewer, cursor: str | None = None, size: int = SIZE) -> Page[Video]:
    """Popular recent public clips, for a grid. One query.

    Scores move while somebody pages, so a clip that rises can be missed and one that falls can come again; a grid
    forgives that, and For You remembers what it showed.
    """
    clips = _open(with_people(visible_videos(viewer))).exclude(unwanted(viewer))
    return keyset_page(clips, cursor, order=("-score", "-id"), size=size)


def beside(viewer: Viewer, video: Video, cursor: str | None = None, size: int = SIZE) -> Page[Video]:
    """What follows a clip that was opened by its address: its author's older clips, then For You.

    The cursor says which of the two by its first letter.
    """
    if cursor and cursor.startswith("f"):
        page = for_you(viewer, cursor[1:] or None, size, shown=[video.pk])
        return Page(page.items, f"f{page.next_cursor}" if page.next_cursor else None)
    clips = with_people(visible_videos(viewer)).filter(author_id=video.author_id, published_at__isnull=False)
    clips = clips.exclude(pk=video.pk)
    if video.published_at:
        clips = clips.filter(published_at__lte=video.published_at)
    page = keyset_page(clips, cursor[1:] if cursor else None, order=("-published_at", "-id"), size=size)
    return Page(page.items, f"a{page.next_cursor}" if page.next_cursor else "f")


# --- For You -------------------------------------------------------------------------------------------------------------


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
    seen = _seen(viewer, here) if cursor else set(shown)
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
    _remember(viewer, here, [*([] if cursor else shown), *(clip.pk for clip in chosen)])
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
        rows = _candidates(viewer, here.after, window)
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


def _candidates(viewer: Viewer, after: dict[str, tuple[Any, int]], window: int) -> dict[str, list[Candidate]]:
    """The next `window` candidates of every stream, in one query.

    Each branch picks ids in an inner SELECT (SQLite has no ORDER BY … LIMIT in the branches of a UNION) and then reads
    the few columns that choosing needs.
    """
    branches = []
    for name, stream in STREAMS.items():
        found = stream.clips(viewer)
        if found is None:
            continue
        if name in after:
            value, pk = after[name]
            column = stream.column
            # The plain bound is implied by the OR; databases seek an index by it, and not by an OR.
            beyond = Q(**{f"{column}__lt": value}) | Q(**{column: value, "id__lt": pk})
            found = found.filter(beyond, **{f"{column}__lte": value})
        ids = found.order_by(f"-{stream.column}", "-id").values("pk")[:window]
        columns = Video.objects.filter(pk__in=ids).annotate(stream=Value(name))
        branches.append(columns.values_list("stream", *Candidate._fields))
    rows: dict[str, list[Candidate]] = {name: [] for name in STREAMS}
    for name, *values in branches[0].union(*branches[1:], all=True):
        rows[name].append(Candidate(*values))
    for name, stream in STREAMS.items():
        rows[name].sort(key=lambda c, column=stream.column: (getattr(c, column), c.id), reverse=True)  # type: ignore[misc]
    return rows


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


def pick(streams: dict[str, list[Candidate]]) -> tuple[list[Candidate], list[Candidate]]:
    """All candidates once, from the streams in turn as MIX says; apart, what exceeds PER_AUTHOR clips of an author."""
    queues = {name: iter(found) for name, found in streams.items()}
    chosen: dict[int, Candidate] = {}
    held: dict[int, Candidate] = {}
    of_author: dict[int, int] = {}
    for name in _turns(queues):
        for candidate in queues[name]:
            if candidate.id in chosen or candidate.id in held:
                continue
            if of_author.get(candidate.author_id, 0) >= PER_AUTHOR:
                held[candidate.id] = candidate
                continue
            of_author[candidate.author_id] = of_author.get(candidate.author_id, 0) + 1
            chosen[candidate.id] = candidate
            break
        else:
            del queues[name]
    return list(chosen.values()), list(held.values())


def _turns(queues: dict[str, Any]) -> Iterable[str]:
    """Names of the streams that still have clips, each as often as MIX says, evenly mixed; ends when all are dry."""
    credit = dict.fromkeys(queues, 0.0)
    while queues:
        alive = [name for name in MIX if name in queues]
        total = sum(MIX[name] for name in alive)
        for name in alive:
            credit[name] += MIX[name] / total
        turn = max(alive, key=lambda name: credit[name])
        credit[turn] -= 1
        yield turn


def spread(items: Sequence[T], *, key: Callable[[T], Hashable], previous: Hashable = None) -> list[T]:
    """The same items with no two of one key in a row (nor after `previous`) whenever that is possible at all.

    Keeps the order otherwise: takes the earliest item after which the rest can still be spread. The rest of n items can
    when no key has more than half of it, rounded up. O(n²), for a page.
    """
    left = list(items)
    counts: dict[Hashable, int] = {}
    for item in left:
        counts[key(item)] = counts.get(key(item), 0) + 1
    found: list[T] = []
    while left:
        choice = next(
            (
                index
                for index, item in enumerate(left)
                if key(item) != previous and _spreads(counts, key(item), len(left) - 1)
            ),
            None,
        )
        if choice is None:
            # Impossible without a pair; lose as few places to it as can be: the most frequent that differs, else the first.
            others = [index for index, item in enumerate(left) if key(item) != previous]
            choice = max(others, key=lambda index: (counts[key(left[index])], -index)) if others else 0
        item = left.pop(choice)
        previous = key(item)
        counts[previous] -= 1
        found.append(item)
    return found


def _spreads(counts: dict[Hashable, int], taken: Hashable, left: int) -> bool:
    """Whether `left` items can be spread after one of `taken` was just placed."""
    for name, count in counts.items():
        remaining = count - (name == taken)
        if remaining > (left // 2 if name == taken else ceil(left / 2)):
            return False
    return True


# --- What a session has shown -----------------------------------------------------------------------------------------


def _key(viewer: Viewer, here: Position) -> str:
    # The viewer is part of the key: a cursor handed to somebody else starts with nothing seen and tells nothing.
    return f"feed:seen:{viewer.pk or 0}:{here.session}"


def _seen(viewer: Viewer, here: Position) -> set[int]:
    """The clips shown on the pages before this one."""
    try:
        pages: dict[bytes, bytes] = connection().hgetall(_key(viewer, here))  # type: ignore[assignment]
    except redis.RedisError as error:
        log.warning("feed session not read: %s", error)
        return set()
    return {
        clip
        for page, packed in pages.items()
        if int(page) < here.page
        for (clip,) in struct.iter_unpack("<q", packed)
    }


def _remember(viewer: Viewer, here: Position, clips: list[int]) -> None:
    key = _key(viewer, here)
    try:
        with connection().pipeline(transaction=False) as pipe:
            pipe.hset(key, str(here.page), struct.pack(f"<{len(clips)}q", *clips))
            pipe.hdel(key, str(here.page - SESSION_CLIPS // max(len(clips), 1)))
            pipe.expire(key, SESSION_SECONDS)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("feed session not kept: %s", error)


# --- Why -------------------------------------------------------------------------------------------------------------------


def reasons(viewer: Viewer, video: Video) -> list[dict[str, str]]:
    """Why this feed would show a clip to this viewer, in the words of its own rules. At most two queries."""
    found = []
    if viewer.pk == video.author_id:
        found.append({"kind": "own", "text": _("It is your own clip.")})
    elif isinstance(viewer, User):
        if friend_ids(viewer).filter(followed=video.author_id).exists():
            found.append(
                {
                    "kind": "friend",
                    "text": _("You and %(name)s follow each other.") % {"name": video.author.username},
                }
            )
        elif followed_ids(viewer).filter(followed=video.author_id).exists():
            found.append(
                {"kind": "following", "text": _("You follow %(name)s.") % {"name": video.author.username}}
            )
    if video.audience == Audience.PUBLIC and video.state == Video.State.READY:
        if video.views_count + video.likes_count > 0:
            found.append({"kind": "popular", "text": _("People watch and like it at the moment.")})
        found.append({"kind": "fresh", "text": _("Every new clip is shown to some people first.")})
    return found or [{"kind": "shared", "text": _("Its author lets you watch it.")}]
