"""What a feed knows of a viewer while they scroll: kept ready in Redis, made from the rows when it is not there.

One hash a person. The field "person" holds settings and wishes, each other field is a clip of their history by its id. A like,
a wish or a changed setting drops the hash (`forget`), and the next page makes it anew with one query; what was watched, which
comes all the time, is added in place (`note`). Whoever wants no personal feed has no history here.
"""

import logging
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import redis
from django.db import connection as database

from accounts import interests
from accounts.models import User
from socialapp.lib.redis import connection

from ..access import Viewer
from ..labels import label
from ..ranking import Taste
from ..tastes import leanings
from . import trained

log = logging.getLogger(__name__)

KEPT_SECONDS = 3_600
MAKING_SECONDS = 60
HISTORY = 200  # clips
SLACK = 60  # more than that are cut back to HISTORY
LIKED, SAVED, SHARED, MORE, LESS = 1, 2, 4, 8, 16
ASKED = 0.8  # how much somebody likes what they asked more of; with a minus, less of
CHOSEN = 0.5  # a chosen interest, before anything is known of it


@dataclass(frozen=True)
class Known:
    """What is known of a viewer. `history` is (clip, weight, POSIX seconds), newest last."""

    history: list[tuple[int, float, float]] = field(default_factory=list)
    taste: Taste = field(default_factory=Taste)
    chronological: bool = False
    personal: bool = True
    version: str = ""  # another one after every `forget`, and whenever the viewer's language, country or interests change


def _key(person: int) -> str:
    return f"feed:person:{{{person}}}"


def known(viewer: Viewer) -> Known:
    """What the feed may use of a viewer: one trip to Redis, and one query when it is not there. Nothing of visitors."""
    if not isinstance(viewer, User):
        return Known(personal=False)
    try:
        fields: dict[bytes, bytes] = connection().hgetall(_key(viewer.pk))  # type: ignore[assignment]
    except redis.RedisError as error:
        log.warning("online features not read: %s", error)
        fields = {}
    fields.pop(b"making", None)  # another page of theirs makes it anew at this moment
    said = orjson.loads(fields.pop(b"person", b"null"))
    if said is None or "made" not in said or said["chosen"] != (viewer.interests or []):
        fields = _rebuild(viewer)
        said = orjson.loads(fields.pop(b"person"))
    entries = sorted(
        ((int(pk), orjson.loads(raw)) for pk, raw in fields.items()), key=lambda pair: (pair[1][1], pair[0])
    )
    if len(entries) > HISTORY + SLACK:
        _cut(viewer.pk, [pk for pk, _entry in entries[:-HISTORY]])
    entries = entries[-HISTORY:]
    settings = {
        "chronological": said["chronological"],
        "personal": said["personal"],
        "version": _version(viewer, said),
    }
    if not said["personal"]:
        return Known(taste=_home(viewer), **settings)
    return Known(
        [(pk, entry[0], entry[1]) for pk, entry in entries],
        _taste(viewer, [entry for _pk, entry in entries], said),
        **settings,
    )


def _version(viewer: User, said: dict[str, Any]) -> str:
    return f"{said['made']} {viewer.language} {viewer.country}"


@dataclass(frozen=True)
class Standing:
    """Whether what was composed for a viewer some minutes ago is still what they should get: the `version` of what is known of
    them now (None when it is not known), and the clips of their history."""

    version: str | None = None
    history: frozenset[bytes] = frozenset()

    def has(self, clip: int) -> bool:
        return b"%d" % clip in self.history


def ask_standing(pipe: Any, viewer: Viewer) -> None:
    """Adds to a pipeline what `standing` takes from its answers."""
    if isinstance(viewer, User):
        pipe.hget(_key(viewer.pk), "person")
        pipe.hkeys(_key(viewer.pk))


def standing(viewer: Viewer, answers: list[Any]) -> Standing:
    """From the answers to `ask_standing`. Visitors stand always the same."""
    if not isinstance(viewer, User):
        return Standing("")
    raw, clips = answers
    said = orjson.loads(raw) if raw else None
    if said is None or "made" not in said or said["chosen"] != (viewer.interests or []):
        return Standing()
    return Standing(_version(viewer, said), frozenset(clips))


def forget(person: int) -> None:
    """Something that is kept here was changed in the rows: what is kept goes, and is made anew when it is asked for."""
    try:
        connection().delete(_key(person))
    except redis.RedisError as error:
        log.warning("online features not dropped: %s", error)


def _cut(person: int, clips: list[int]) -> None:
    try:
        connection().hdel(_key(person), *map(str, clips))
    except redis.RedisError as error:
        log.warning("online features not cut: %s", error)


# --- Taste ------------------------------------------------------------------------------------------------------------------


def _home(viewer: User) -> Taste:
    language = viewer.language.partition("-")[0].lower()
    return Taste(languages=frozenset({language} if language else ()), country=viewer.country)


def _taste(viewer: User, entries: list[list[Any]], said: dict[str, Any]) -> Taste:
    """How much tags, authors and sounds are liked, as the history says (videos.tastes); then the wishes.

    An entry is [weight, at, author, sound, language, tags, …].
    """
    languages = set(_home(viewer).languages)
    languages |= {entry[4] for entry in entries if entry[0] >= CHOSEN and entry[4]}
    tags, authors, sounds = leanings(((*entry[:4], entry[5]) for entry in entries), time.time())
    chosen = frozenset(said["interests"])
    for tag in chosen:
        tags[tag] = max(tags.get(tag, 0.0), CHOSEN)
    more = set()
    for kind, thing, stance in said["wishes"]:
        if stance == "more":
            more.add((kind, thing))
        of_kind = {"tag": tags, "author": authors, "sound": sounds}.get(kind)
        if of_kind is not None and stance in ("more", "less"):
            of_kind[thing] = ASKED if stance == "more" else -ASKED
    return Taste(
        tags=tags,
        authors=authors,
        sounds=sounds,
        languages=frozenset(languages),
        country=viewer.country,
        interests=chosen,
        more=frozenset(more),
    )


# --- From the rows ----------------------------------------------------------------------------------------------------------


def seconds_of(column: str) -> str:
    """SQL: a time as POSIX seconds."""
    if database.vendor == "sqlite":
        return f"(julianday({column}) - 2440587.5) * 86400.0"
    return f"CAST(EXTRACT(EPOCH FROM {column}) AS double precision)"


def tags_of(clip: str) -> str:
    """SQL: the ids of a clip's tags as text, with commas."""
    ids = (
        "GROUP_CONCAT(t.tag_id)" if database.vendor == "sqlite" else "STRING_AGG(CAST(t.tag_id AS text), ',')"
    )
    return f"COALESCE((SELECT {ids} FROM videos_video_tags t WHERE t.video_id = {clip}), '')"  # noqa: S608


def _marked(table: str, kind: str) -> str:
    seconds = seconds_of("m.created_at")
    return (
        f"SELECT '{kind}', m.video_id, 0, 0, 0, {seconds}, ''"  # noqa: S608 (constants)
        f" FROM (SELECT video_id, created_at FROM {table} WHERE person_id = %(me)s ORDER BY id DESC LIMIT %(size)s) m"
    )


def _sql(tags: int) -> str:
    """All of it in one statement: (kind, subject, number, number, number, seconds, word) of every row that counts, and the
    features of the clips among them."""
    names = ", ".join(f"%(tag{number})s" for number in range(tags))
    rows = " UNION ALL ".join(
        (
            f"SELECT 'watch' AS kind, w.video_id AS subject, w.watched_ms AS a, w.completions AS b, w.viewings AS c,"  # noqa: S608
            f" {seconds_of('w.last_at')} AS at, '' AS word"
            " FROM (SELECT * FROM videos_watch WHERE person_id = %(me)s ORDER BY last_at DESC LIMIT %(size)s) w",
            _marked("videos_like", "like"),
            _marked("videos_save", "save"),
            _marked("videos_share", "share"),
            f"SELECT 'wish_' || CASE WHEN video_id IS NOT NULL THEN 'video' WHEN author_id IS NOT NULL THEN 'author'"  # noqa: S608
            f" WHEN sound_id IS NOT NULL THEN 'sound' ELSE 'tag' END, COALESCE(video_id, author_id, sound_id, tag_id),"
            f" 0, 0, 0, {seconds_of('created_at')}, stance FROM videos_preference WHERE person_id = %(me)s"
            " AND stance <> 'hide'",
            "SELECT 'settings', 0, CASE WHEN chronological THEN 1 ELSE 0 END, CASE WHEN personal THEN 1 ELSE 0 END, 0,"  # noqa: S608
            f" COALESCE({seconds_of('started_over_at')}, 0), '' FROM videos_feedsettings WHERE person_id = %(me)s",
            f"SELECT 'interest', id, 0, 0, 0, 0, '' FROM videos_tag WHERE name IN ({names})",  # noqa: S608
        )
    )
    return (
        "SELECT r.kind, r.subject, r.a, r.b, r.c, r.at, r.word, v.author_id, v.sound_id, v.language, v.duration_ms,"  # noqa: S608
        f" {tags_of('v.id')} FROM ({rows}) r LEFT JOIN videos_video v"
        " ON v.id = r.subject AND r.kind IN ('watch', 'like', 'save', 'share', 'wish_video')"
    )


def read_rows(viewer: User) -> list[tuple[Any, ...]]:
    """The rows that say something of a viewer, newest first of each kind. One query."""
    names = sorted(interests.tags(viewer.interests or ())) or [""]
    values: dict[str, Any] = {"me": viewer.pk, "size": HISTORY}
    values |= {f"tag{number}": name for number, name in enumerate(names)}
    with database.cursor() as cursor:
        cursor.execute(_sql(len(names)), values)
        return cursor.fetchall()


def _rebuild(viewer: User) -> dict[bytes, bytes]:
    """Make the hash from the rows and keep it, unless `forget` says meanwhile that they changed. One query."""
    key, redis_now = _key(viewer.pk), connection()
    try:
        # Something must stand there for `forget` to take away: that is what is watched while the rows are read.
        with redis_now.pipeline(transaction=False) as pipe:
            pipe.hset(key, "making", secrets.token_hex(6))
            pipe.expire(key, MAKING_SECONDS)
            pipe.execute()
        with redis_now.pipeline(transaction=True) as pipe:
            pipe.watch(key)
            fields = _made(viewer)
            pipe.multi()
            pipe.delete(key)
            pipe.hset(key, mapping=fields)  # type: ignore[arg-type]
            pipe.expire(key, KEPT_SECONDS)
            pipe.execute()
    except redis.WatchError:
        pass  # This page goes by what was read, the next one makes it anew.
    except redis.RedisError as error:
        log.warning("online features not kept: %s", error)
        fields = _made(viewer)
    return fields


def _made(viewer: User) -> dict[bytes, bytes]:
    """The hash as the rows are now. One query."""
    rows = read_rows(viewer)
    chronological, personal, since = next(
        ((bool(row[2]), bool(row[3]), row[5]) for row in rows if row[0] == "settings"), (False, True, 0.0)
    )
    said = {
        "made": secrets.token_hex(6),
        "chronological": chronological,
        "personal": personal,
        "chosen": viewer.interests or [],
        "interests": [row[1] for row in rows if row[0] == "interest"],
        "wishes": [
            (row[0][5:], row[1], row[6]) for row in rows if row[0].startswith("wish_") and row[5] > since
        ],
    }
    fields = {b"person": orjson.dumps(said)}
    if personal:
        norms = trained.serving().norms
        entries = entries_of([row for row in rows if row[7] is not None and row[5] > since])
        for pk, entry in sorted(entries.items(), key=lambda pair: -pair[1][1])[:HISTORY]:
            entry[0] = round(weight_of(entry, norms), 4)
            fields[str(pk).encode()] = orjson.dumps(entry)
    return fields


_FLAGS = {"like": LIKED, "save": SAVED, "share": SHARED}


def entries_of(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Any]]:
    """By clip [weight (to come), at, author, sound, language, tags, watched_ms, completions, viewings, flags, duration_ms]."""
    entries: dict[int, list[Any]] = {}
    for kind, pk, watched, completions, viewings, at, word, author, sound, language, duration, tags in rows:
        entry = entries.get(pk)
        if entry is None:
            ids = [int(tag) for tag in tags.split(",")] if tags else []
            plain = (language or "").partition("-")[0].lower()
            entry = entries[pk] = [0.0, at, author, sound or 0, plain, ids, 0, 0, 0, 0, duration]
        entry[1] = max(entry[1], at)
        if kind == "watch":
            entry[6], entry[7], entry[8] = watched, completions, viewings
        elif kind == "wish_video":
            entry[9] |= MORE if word == "more" else LESS
        else:
            entry[9] |= _FLAGS[kind]
    return entries


def weight_of(entry: list[Any], norms: Any) -> float:
    """How much the clip of an entry pleased (videos.labels.label), or what was asked: 1 for more like it, -1 for less."""
    watched, completions, viewings, flags, duration = entry[6:11]
    if flags & LESS:
        return -1.0
    if flags & MORE:
        return 1.0
    return label(
        watched,
        duration,
        completions,
        liked=bool(flags & LIKED),
        saved=bool(flags & SAVED),
        shared=bool(flags & SHARED),
        quick_skip=watched > 0 and viewings == 0,
        norms=norms,
    )


# --- What was watched just now ------------------------------------------------------------------------------------------------


def note(watched: Mapping[tuple[int, int], tuple[int, int, int, float]]) -> None:
    """Add viewings to what is kept: by (person, clip) the milliseconds, completions, viewings and the time of the last one.

    For those only whose history is kept at the moment; two trips to Redis and one query for any number.
    """
    if not watched:
        return
    try:
        _note(watched)
    except redis.RedisError as error:
        log.warning("viewings not noted: %s", error)


def _note(watched: Mapping[tuple[int, int], tuple[int, int, int, float]]) -> None:
    of_person: dict[int, list[int]] = {}
    for person, clip in watched:
        of_person.setdefault(person, []).append(clip)
    with connection().pipeline(transaction=False) as pipe:
        for person, clips in of_person.items():
            pipe.hmget(_key(person), "person", *map(str, clips))
        held = dict(zip(of_person, pipe.execute(), strict=True))
    held = {person: values for person, values in held.items() if values[0] is not None}
    wanted = {clip for person in held for clip in of_person[person]}
    if not wanted:
        return
    features = _features(wanted)
    norms = trained.serving().norms
    with connection().pipeline(transaction=False) as pipe:
        for person, (said, *entries) in held.items():
            if not orjson.loads(said)["personal"]:
                continue
            for clip, raw in zip(of_person[person], entries, strict=True):
                entry = orjson.loads(raw) if raw else features.get(clip)
                if entry is None:
                    continue
                entry = list(entry)
                milliseconds, completions, viewings, at = watched[person, clip]
                entry[1] = max(entry[1], at)
                entry[6] += milliseconds
                entry[7] += completions
                entry[8] += viewings
                entry[0] = round(weight_of(entry, norms), 4)
                pipe.hset(_key(person), str(clip), orjson.dumps(entry))
            pipe.expire(_key(person), KEPT_SECONDS)
        pipe.execute()


def _features(clips: set[int]) -> dict[int, list[Any]]:
    ids = sorted(clips)
    found: dict[int, list[Any]] = {}
    for start in range(0, len(ids), 500):
        few = ids[start : start + 500]
        marks = ", ".join(["%s"] * len(few))
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT 'watch', v.id, 0, 0, 0, 0.0, '', v.author_id, v.sound_id, v.language, v.duration_ms,"  # noqa: S608
                f" {tags_of('v.id')} FROM videos_video v WHERE v.id IN ({marks})",
                few,
            )
            found |= entries_of(cursor.fetchall())
    return found
