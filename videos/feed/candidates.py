"""Where For You's candidates come from: sources of clips, each in the order of an index, whatever the viewer may see of them.

The gate is asked for every clip before it is shown. Asking it by ids costs the same in a small and in a large network, and so
does every source here: each reads so many rows of one index, past those that the session showed.
"""
# ruff: noqa: S608 - SQL is put together from constants of this module; what differs is a parameter.

import functools
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from privacy.rules import Audience

from ..access import Viewer
from ..models import Video
from ..ranking import BRINGS, LIKED, SOUNDS, TOPICS, Candidate
from . import trained
from .online import Known, seconds_of, tags_of

UNKNOWN = 0.0


def open_clips(clips: QuerySet[Video]) -> QuerySet[Video]:
    """Those that are ready and for everybody. In these words, because the partial indexes video_fresh and video_popular are
    for such rows only."""
    return clips.filter(state=Video.State.READY, audience=Audience.PUBLIC)


@dataclass(frozen=True)
class Brought:
    """Candidates, and whether any source had more than it was asked for."""

    candidates: list[Candidate] = field(default_factory=list)
    more: bool = False


# In these words, because the partial indexes video_fresh and video_popular are for such rows only.
_OPEN = f"v.state = '{Video.State.READY}' AND v.audience = '{Audience.PUBLIC}' AND v.published_at IS NOT NULL"
_FOLLOWED = "SELECT followed_id FROM accounts_follow WHERE follower_id = %(me)s AND state = 'accepted'"
_FRIENDS = (
    "SELECT a.followed_id FROM accounts_follow a JOIN accounts_follow b ON b.follower_id = a.followed_id"
    " AND b.followed_id = a.follower_id AND b.state = 'accepted'"
    " WHERE a.follower_id = %(me)s AND a.state = 'accepted'"
)
_OUT = "v.published_at IS NOT NULL AND v.playlist > ''"


def _not_shown(column: str, watched: bool) -> str:
    """SQL: leave out what the session showed and, unless `watched`, what the viewer has ever watched."""
    if connection.vendor == "sqlite":
        shown = f"{column} NOT IN (SELECT value FROM json_each(%(shown)s))"
    else:
        shown = f"{column} <> ALL(%(shown)s::bigint[])"
    if watched:
        return shown
    return f"{shown} AND NOT EXISTS (SELECT 1 FROM videos_watch s WHERE s.person_id = %(me)s AND s.video_id = {column})"


def _numbers(name: str) -> str:
    if connection.vendor == "sqlite":
        return f"SELECT value FROM json_each(%({name})s)"
    return f"SELECT unnest(%({name})s::bigint[])"


def _list(ids: Collection[int]) -> Any:
    """A list of ids as one parameter."""
    return orjson.dumps(list(ids)).decode() if connection.vendor == "sqlite" else list(ids)


@functools.lru_cache(maxsize=256)
def _sql(vendor: str, sources: tuple[str, ...], tags: int, sounds: int, watched: bool) -> str:
    """The statement for these sources: (source, features of the clip, the viewer's tie to its author)."""
    branches = [_branch(name, _source(name, watched)) for name in sources]
    branches += [_branch("topics", _source("topics", watched, n)) for n in range(tags)]
    branches += [_branch("sounds", _source("sounds", watched, n)) for n in range(sounds)]
    relation = "0"
    if "followed" in sources:
        # Not joins: for those SQLite reads all follows once, to build a filter in front of an index.
        made = "m.follower_id = %(me)s AND m.followed_id = v.author_id AND m.state = 'accepted'"
        returned = "t.followed_id = %(me)s AND t.follower_id = v.author_id AND t.state = 'accepted'"
        relation = (
            f"(SELECT COUNT(*) FROM accounts_follow m WHERE {made})"
            f" * (1 + (SELECT COUNT(*) FROM accounts_follow t WHERE {returned}))"
        )
    return (
        f"SELECT c.source, v.id, v.author_id, v.sound_id, {tags_of('v.id')}, v.language, u.country, v.duration_ms,"
        f" {seconds_of('v.published_at')}, v.score, COALESCE(f.shown, 0), COALESCE(f.pleased, 0), {relation}"
        f" FROM ({' UNION ALL '.join(branches)}) c JOIN videos_video v ON v.id = c.id"
        f" JOIN accounts_user u ON u.id = v.author_id LEFT JOIN videos_firstaudience f ON f.video_id = v.id"
        " WHERE v.author_id <> %(me)s AND v.published_at IS NOT NULL"
    )


def _branch(name: str, ids: str) -> str:
    # An inner SELECT, because SQLite has no ORDER BY … LIMIT in the branches of a UNION.
    return f"SELECT '{name}' AS source, b.id FROM ({ids}) AS b"


def _source(name: str, watched: bool, number: int = 0) -> str:
    """The ids that one source brings, in its order."""
    video, other, trend = (_not_shown(column, watched) for column in ("v.id", "x.video_id", "x.subject"))
    newest, latest = "ORDER BY v.published_at DESC, v.id DESC", "ORDER BY v.id DESC"
    of_others = f"SELECT v.id FROM videos_video v WHERE {_OPEN} AND v.author_id <> %(me)s AND {video}"
    theirs = f"AND {_OUT} AND {video} {newest}"
    rising = "SELECT x.subject AS id FROM videos_trend x WHERE x.kind = 'video' AND x.country ="
    best = f"AND {trend} ORDER BY x.score DESC, x.subject DESC LIMIT %(rising)s"
    return {
        "popular": f"{of_others} ORDER BY v.score DESC, v.id DESC LIMIT %(popular)s",
        "fresh": f"{of_others} {newest} LIMIT %(newest)s",
        # CROSS, because SQLite would begin with every clip when it has never counted its rows (ANALYZE).
        "owed": "SELECT v.id FROM videos_firstaudience x CROSS JOIN videos_video v WHERE v.id = x.video_id"
        f" AND x.done_at IS NULL AND {_OPEN} AND v.author_id <> %(me)s AND {other}"
        " ORDER BY x.shown, x.opened_at LIMIT %(fresh)s",
        "followed": f"SELECT v.id FROM videos_video v WHERE v.author_id IN ({_FOLLOWED}) {theirs} LIMIT %(followed)s",
        "friends": f"SELECT v.id FROM videos_video v WHERE v.author_id IN ({_FRIENDS}) {theirs} LIMIT %(friends)s",
        "similar": f"SELECT v.id FROM videos_video v WHERE v.id IN ({_numbers('similar')}) AND {video}",
        "rising": f"{rising} '' {best}",
        "near": f"{rising} %(country)s {best}",
        "topics": f"SELECT x.video_id AS id FROM videos_video_tags x WHERE x.tag_id = %(tag{number})s AND {other}"
        " ORDER BY x.id DESC LIMIT %(topics)s",
        "sounds": f"SELECT v.id FROM videos_video v WHERE v.sound_id = %(sound{number})s AND {_OPEN} AND {video}"
        f" {latest} LIMIT %(sounds)s",
    }[name]


def bring(
    viewer: Viewer, known: Known, shown: Collection[int], *, times: int = 1, watched: bool = False
) -> Brought:
    """Candidates that are not among `shown` (and, unless `watched`, were never watched), each source `times` its number.

    One query, and the model's ranking, which takes none. Of visitors, and of people who want no personal feed, nothing is used
    but their language and country.
    """
    personal = isinstance(viewer, User) and known.personal
    taste = known.taste
    sources = ["popular", "fresh", "owed", "rising"]
    if taste.country:
        sources.append("near")
    tags, sounds, because = [], [], {}
    if personal:
        sources += ["followed", "friends"]
        tags, sounds = _best(taste.tags, TOPICS), _best(taste.sounds, SOUNDS)
        if ranked := _similar(known, shown, times):
            sources.append("similar")
            because = {one.item: (one.score, one.because) for one in ranked}
    values: dict[str, Any] = {name: number * times for name, number in BRINGS.items() if name != "similar"}
    values |= {
        "me": viewer.pk or 0,
        "shown": _list(shown),
        "country": taste.country,
        "similar": _list(because),
    }
    values |= {f"tag{n}": tag for n, tag in enumerate(tags)} | {f"sound{n}": s for n, s in enumerate(sounds)}
    watched = watched or not personal
    with connection.cursor() as cursor:
        cursor.execute(_sql(connection.vendor, tuple(sources), len(tags), len(sounds), watched), values)
        rows = cursor.fetchall()
    return Brought([_candidate(row, because) for row in rows], _is_more(rows, times))


_KIND = {"owed": "fresh", "fresh": "newest", "near": "rising"}


def _candidate(row: tuple[Any, ...], because: dict[int, tuple[float, int | None]]) -> Candidate:
    source, pk, author, sound, tags, language, country, duration, published, score, shown, pleased, tie = row
    model, evidence = because.get(pk, (UNKNOWN, None))
    return Candidate(
        id=pk,
        author=author,
        sound=sound,
        tags=tuple(map(int, tags.split(","))) if tags else (),
        language=language.partition("-")[0].lower() if language else "",
        country=country,
        duration_ms=duration,
        age_hours=max((time.time() - published) / 3600.0, 0.0),
        source=_KIND.get(source, source),
        model=model,
        popularity=score,
        shown=shown,
        pleased=pleased,
        relation=tie,
        because=evidence,
    )


def _is_more(rows: list[tuple[Any, ...]], times: int) -> bool:
    """Whether there may be more to bring. All that any source brings is popular or followed in the end, so when these two
    have brought everything, all have."""
    counts = Counter(row[0] for row in rows)
    return any(counts[name] >= BRINGS[name] * times for name in ("popular", "followed"))


def _best(liked: Any, size: int) -> list[int]:
    found = sorted(((how, thing) for thing, how in liked.items() if how >= LIKED), reverse=True)
    return [thing for _how, thing in found[:size]]


def _similar(known: Known, shown: Collection[int], times: int) -> list[Any]:
    """What the model expects to please, best first."""
    model = trained.serving().model
    if model is None or not known.history:
        return []
    seen = frozenset(shown) | {clip for clip, _weight, _at in known.history}
    ranked: list[Any] = model.rank(
        known.history, now=time.time(), size=BRINGS["similar"] * times, exclude=seen
    )
    return [one for one in ranked if one.score > 0]
