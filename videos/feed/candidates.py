"""Where candidates come from: streams of clips in the order of an index, whatever the viewer may see of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Value

from accounts.access import followed_ids
from accounts.models import User
from privacy.rules import Audience

from ..access import Viewer
from ..models import Video


class Candidate(NamedTuple):
    """What choosing needs of a clip: no more columns than the page's index and row hold together."""

    id: int
    author_id: int
    published_at: datetime
    score: float


class Stream(NamedTuple):
    """One source of candidates: which clips, in which order. The order's columns must be those of an index.

    A stream may hold what the viewer must not see: the gate is asked for every candidate before it is chosen. Asking it
    by id costs the same in a small and in a large network.
    """

    clips: Callable[[Viewer], QuerySet[Video] | None]
    column: str


def open_clips(clips: QuerySet[Video]) -> QuerySet[Video]:
    # In these words, because the partial indexes video_fresh and video_popular are for such rows only.
    return clips.filter(state=Video.State.READY, audience=Audience.PUBLIC)


def _everybodys(viewer: Viewer) -> QuerySet[Video] | None:
    return open_clips(Video.objects.exclude(author_id=viewer.pk) if viewer.pk else Video.objects.all())


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
# What a position holds of each stream, and of the later stages under "rest": the column of its order and its type.
_KINDS: dict[str, Any] = {"published_at": datetime, "score": (int, float)}
COLUMNS = {name: (stream.column, _KINDS[stream.column]) for name, stream in STREAMS.items()} | {
    "rest": ("published_at", datetime)
}


def candidates(viewer: Viewer, after: dict[str, tuple[Any, int]], window: int) -> dict[str, list[Candidate]]:
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
