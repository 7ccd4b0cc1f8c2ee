"""Counters against the rows they count: finds those that disagree, mends them and says which."""

import logging
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Count, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from .models import Comment, CommentLike, Like, Save, Share, Sound, Tag, Video

log = logging.getLogger(__name__)


def _rows(model: type[Model], column: str, only: Q) -> Coalesce:
    counted = model._default_manager.filter(only, **{column: OuterRef("pk")}).order_by().values(column)
    return Coalesce(Subquery(counted.annotate(n=Count("*")).values("n"), output_field=IntegerField()), 0)


def _shown(prefix: str = "") -> Q:
    return Q(**{f"{prefix}removed_at": None, f"{prefix}hidden_at": None, f"{prefix}held_for": ""})


# Table, its counter, and the rows it counts. Views are not here: analytics keeps what they are counted from.
COUNTERS: tuple[tuple[type[Model], str, type[Model], str, Q], ...] = (
    (Video, "likes_count", Like, "video", Q()),
    (Video, "saves_count", Save, "video", Q()),
    (Video, "shares_count", Share, "video", Q()),
    (Video, "comments_count", Comment, "video", _shown() & (Q(parent=None) | _shown("parent__"))),
    (Comment, "likes_count", CommentLike, "comment", Q()),
    (Comment, "replies_count", Comment, "parent", _shown()),
    (Tag, "videos_count", Video.tags.through, "tag", Q()),
    (
        Sound,
        "uses_count",
        Video,
        "sound",
        Q(published_at__isnull=False, held_for="") & ~Q(state=Video.State.REMOVED),
    ),
)


def reconcile() -> dict[str, int]:
    """Mend every counter that differs from its rows; returns how many of each were wrong. Run nightly, safe at any time.

    Finds suspects with one scan a counter, without locks, then counts each again under its row's lock: a like that
    arrives in between is neither lost nor counted twice.
    """
    mended: dict[str, int] = {}
    for table, counter, rows, column, only in COUNTERS:
        name = f"{table._meta.label}.{counter}"
        mended[name] = sum(
            _mend(table, counter, rows, column, only, pk)
            for pk in _suspects(table, counter, rows, column, only)
        )
        if mended[name]:
            log.warning("%s: %s counters were wrong and are mended", name, mended[name])
    return mended


def _suspects(table: type[Model], counter: str, rows: type[Model], column: str, only: Q) -> Iterator[int]:
    counted: QuerySet[Model] = table._default_manager.annotate(counted=_rows(rows, column, only))
    yield from counted.exclude(**{counter: F("counted")}).values_list("pk", flat=True).order_by("pk")


@transaction.atomic
def _mend(table: type[Model], counter: str, rows: type[Model], column: str, only: Q, pk: int) -> bool:
    row = table._default_manager.select_for_update(no_key=True).filter(pk=pk).first()
    if row is None:
        return False
    true = rows._default_manager.filter(only, **{column: pk}).count()
    if getattr(row, counter) == true:
        return False
    log.info("%s %s: %s was %s, is %s", table._meta.label, pk, counter, getattr(row, counter), true)
    table._default_manager.filter(pk=pk).update(**{counter: true})
    return True


def recount(table: type[Model], counter: str, ids: set[int]) -> None:
    """Count these rows anew, in the caller's transaction: many of what they count went at once. Two queries a row."""
    for entry in COUNTERS:
        if entry[:2] == (table, counter):
            for pk in sorted(ids):
                _mend(*entry, pk)
