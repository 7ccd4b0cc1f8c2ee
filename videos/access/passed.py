"""Clips by their ids through the gate, with everything that a card says of them and of the viewer, in one query.

What feeds choose and searches find is ids, from wherever they kept them. The same query that asks the gate reads the cards'
facts as they are now: a card that was made ready earlier is found by those facts (videos.card_cache), never by the clip's id.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import orjson
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import (
    Aggregate,
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)

from accounts.models import Follow, User
from privacy.models import PrivacySettings
from socialapp.lib.statements import Row, Statement, stand_ins

from ..models import Like, Rendition, Save, Sound, Video
from .gate import Viewer, findable_videos, own_videos, unwanted, visible_videos, with_people
from .sounds import audible

M = TypeVar("M", bound=Model)
_Rule = Callable[[Viewer], QuerySet[Video]]

# The columns of the clip, its author, their privacy and its sound that a card is made of. Another one that is read from a
# clip of `passing` costs a query, and a test fails.
CLIP = (
    "id author_id caption audience comments duet stitch download is_sensitive is_ai_made is_paid_partnership held_for "
    "product_title product_url remix_kind remix_of_id state revision folder captions_tracks cover preview playlist blurhash "
    "dominant_color duration_ms width height published_at sound_id"
).split()
AUTHOR = "id username display_name avatar is_business is_active deactivated_at".split()
PRIVACY = "person_id is_private comment_audience duet_audience stitch_audience download_audience".split()
SOUND = "id title artist duration_ms owner_id file removed_at".split()
RENDITION = "height name bitrate short_side revision".split()
MARKS = "liked saved made received heard".split()
COUNTS = "views_count likes_count comments_count shares_count saves_count".split()

_COLUMNS = [
    *CLIP,
    *(f"author__{name}" for name in AUTHOR),
    *(f"author__privacy__{name}" for name in PRIVACY),
    *(f"sound__{name}" for name in SOUND),
    "files",
    *MARKS,
    *COUNTS,
]
_AUTHOR_AT = len(CLIP)
_PRIVACY_AT = _AUTHOR_AT + len(AUTHOR)
_SOUND_AT = _PRIVACY_AT + len(PRIVACY)
_FILES_AT = _SOUND_AT + len(SOUND)
_MARKS_AT = _FILES_AT + 1
_COUNTS_AT = _MARKS_AT + len(MARKS)
_REMIX_AT = CLIP.index("remix_kind")
_SOUND_OWNER_AT = _SOUND_AT + SOUND.index("owner_id")

# How many ids a statement takes; fewer are filled up by repeating one. More go in several rounds.
_SIZES = (1, 8, 20, 24, 30, 60, 120)


class _Files(Aggregate):
    """The renditions of a clip as JSON: a list of lists. Their order is the database's affair."""

    output_field = TextField()
    template = "json_group_array(json_array(%(expressions)s))"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="json_agg(json_build_array(%(expressions)s))::text", **context
        )


class ShownAs(NamedTuple):
    """The promotion as which a page shows a clip (videos.feed.promoted)."""

    id: int
    goal: str  # of Promotion.Goal


class Passed:
    """A clip that came through the gate a moment ago: as light as a row, until somebody wants more of it than its card.

    Reads like a Video and equals the Video of its id. `row` is as the driver gave it.
    """

    __slots__ = ("_statement", "_video", "author_id", "pk", "promotion", "row")

    def __init__(self, statement: Statement, row: Row) -> None:
        self._statement = statement
        self._video: Video | None = None
        self.promotion: ShownAs | None = None
        self.row = row
        self.pk: int = row[0]
        self.author_id: int = row[1]

    @property
    def content(self) -> Row:
        """Everything that the card says but its counts: equal contents make equal cards, to whomever they are shown."""
        return self.row[:_COUNTS_AT]

    @property
    def counts(self) -> Row:
        """Views, likes, comments, shares, saves."""
        return self.row[_COUNTS_AT:]

    @property
    def is_remix(self) -> bool:
        """Whether the card may name another clip, which has to pass the gate as well."""
        return bool(self.row[_REMIX_AT])

    @property
    def sound_owner(self) -> int | None:
        owner: int | None = self.row[_SOUND_OWNER_AT]
        return owner

    @property
    def marks(self) -> dict[str, Any]:
        """What stands between the viewer and the clip: `liked`, `saved`, `heard` (of a borrowed sound), and the states of
        the follows `made` and `received`."""
        return dict(zip(MARKS, self.row[_MARKS_AT:_COUNTS_AT], strict=True))

    @property
    def video(self) -> Video:
        """The clip with its author, their privacy, its sound and its renditions. No query."""
        if self._video is None:
            self._video = _video(self._statement.read(self.row))
        return self._video

    def __getattr__(self, name: str) -> Any:
        return getattr(self.video, name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Passed, Video)) and self.pk == other.pk

    def __hash__(self) -> int:
        return hash(self.pk)

    def __repr__(self) -> str:
        return f"<Passed: {self.pk}>"


def _video(values: Sequence[Any]) -> Video:
    video = _row_of(Video, [*CLIP, *COUNTS], [*values[:_AUTHOR_AT], *values[_COUNTS_AT:]])
    author = _row_of(User, AUTHOR, values[_AUTHOR_AT:_PRIVACY_AT])
    privacy, sound = values[_PRIVACY_AT:_SOUND_AT], values[_SOUND_AT:_FILES_AT]
    # Where `select_related` and `prefetch_related` put them too.
    author._state.fields_cache["privacy"] = (
        None if privacy[0] is None else _row_of(PrivacySettings, PRIVACY, privacy)
    )
    video._state.fields_cache["author"] = author
    video._state.fields_cache["sound"] = None if sound[0] is None else _row_of(Sound, SOUND, sound)
    files = Rendition.objects.none()
    files._result_cache = [
        Rendition(video_id=video.pk, **dict(zip(RENDITION, one, strict=True)))
        for one in orjson.loads(values[_FILES_AT] or "[]")
    ]
    video._prefetched_objects_cache = {"renditions": files}  # type: ignore[attr-defined]
    return video


def _row_of(model: type[M], names: Sequence[str], values: Sequence[Any]) -> M:
    """An instance with these columns, the others being deferred."""
    known = dict(zip(names, values, strict=True))
    order = [field.attname for field in model._meta.concrete_fields if field.attname in known]
    return model.from_db("default", order, [known[name] for name in order])


def passing(viewer: Viewer, ids: Iterable[int]) -> dict[int, Passed]:
    """Those of the published clips that may stand in a feed of this viewer, by id: the gate, without what they do not want.

    One query for up to 120 ids, however many more are asked for a further one for each 120.
    """
    return _through(_wanted, viewer, ids)


def findable(viewer: Viewer, ids: Iterable[int]) -> dict[int, Passed]:
    """Those of the clips that this viewer may come upon by searching, by id: `findable_videos`. People find also what their
    feed leaves out because they muted it. As many queries as `passing`."""
    return _through(findable_videos, viewer, ids)


def _wanted(viewer: Viewer) -> QuerySet[Video]:
    return visible_videos(viewer).filter(published_at__isnull=False).exclude(unwanted(viewer))


def _through(rule: _Rule, viewer: Viewer, ids: Iterable[int]) -> dict[int, Passed]:
    wanted = list(dict.fromkeys(ids))
    found: dict[int, Passed] = {}
    kind = isinstance(viewer, User)
    for start in range(0, len(wanted), _SIZES[-1]):
        few = wanted[start : start + _SIZES[-1]]
        size = next(size for size in _SIZES if size >= len(few))
        statement = _statement(rule, connection.vendor, kind, size)
        rows = statement.run(viewer.pk, *few, *[few[-1]] * (size - len(few)))
        found |= {row[0]: Passed(statement, row) for row in rows}
    return found


def whole(viewer: Viewer, clips: Iterable[Passed]) -> list[Video]:
    """The viewer's own of these clips with all that only an author is told of. No query when there are none, else two."""
    own = [clip.pk for clip in clips if clip.author_id == viewer.pk]
    if not own:
        return []
    return list(with_people(own_videos(viewer)).filter(pk__in=own).prefetch_related("renditions"))


@functools.cache
def _statement(rule: _Rule, _vendor: str, is_person: bool, size: int) -> Statement:
    """The clips that a rule lets through, for one person or for the anonymous, written with stand-ins for viewer and ids.

    The stand-in viewer has an id and nothing else: a rule that asks for more of the viewer fails here, at once.
    """
    me, *ids = stand_ins(1 + size)
    viewer: Viewer = User.from_db("default", ["id"], [me]) if is_person else AnonymousUser()
    return Statement(_with_marks(viewer, rule(viewer).filter(pk__in=ids)).values_list(*_COLUMNS))


def _with_marks(viewer: Viewer, clips: QuerySet[Video]) -> QuerySet[Video]:
    files = Rendition.objects.filter(video=OuterRef("pk")).order_by().values("video")
    clips = clips.annotate(files=Subquery(files.annotate(all=_Files(*RENDITION)).values("all")))
    audible_here = Exists(Sound.objects.filter(audible(viewer), pk=OuterRef("sound_id")))
    comes_along = Q(sound=None) | Q(sound__owner=None) | Q(sound__owner=F("author"))
    heard = Case(When(comes_along, then=Value(False)), default=audible_here, output_field=BooleanField())
    if not isinstance(viewer, User):
        nothing, none = Value(False), Value(None, output_field=CharField())
        return clips.annotate(liked=nothing, saved=nothing, made=none, received=none, heard=heard)
    between = Follow.objects.order_by()
    return clips.annotate(
        liked=Exists(Like.objects.filter(person=viewer, video=OuterRef("pk"))),
        saved=Exists(Save.objects.filter(person=viewer, video=OuterRef("pk"))),
        made=Subquery(between.filter(follower=viewer, followed=OuterRef("author")).values("state")),
        received=Subquery(between.filter(followed=viewer, follower=OuterRef("author")).values("state")),
        heard=heard,
    )
