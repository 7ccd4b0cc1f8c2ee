"""Tells the index what changes, by the rows' own signals, in the transaction of the change. Connected by videos.receivers.

Whatever writes past these (bulk inserts, updates in SQL) is found by `indexing.reconcile` within the hour.
"""

from typing import Any

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver

from accounts.models import User

from ..models import Challenge, SearchKind, Sound, Tag, Video
from .indexing import touch

# Of what each kind is made; a save that names other columns only changes nothing here.
_COLUMNS: dict[type[Model], tuple[int, frozenset[str]]] = {
    Video: (SearchKind.VIDEO, frozenset({"caption"})),
    User: (SearchKind.PERSON, frozenset({"username", "display_name"})),
    Sound: (SearchKind.SOUND, frozenset({"title", "artist"})),
    Tag: (SearchKind.TAG, frozenset({"name"})),
    Challenge: (SearchKind.CHALLENGE, frozenset({"title", "tag", "tag_id"})),
}


def _saved(
    sender: type[Model],
    instance: Any,
    created: bool,
    update_fields: Any = None,
    raw: bool = False,
    **kwargs: Any,
) -> None:
    kind, columns = _COLUMNS[sender]
    if not raw and (created or update_fields is None or columns & set(update_fields)):
        touch(kind, instance.pk)


def _deleted(sender: type[Model], instance: Any, **kwargs: Any) -> None:
    touch(_COLUMNS[sender][0], instance.pk)


for _model in _COLUMNS:
    post_save.connect(_saved, sender=_model, dispatch_uid="search index")
    post_delete.connect(_deleted, sender=_model, dispatch_uid="search index")


@receiver(m2m_changed, sender=Video.tags.through)
def _tagged(action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    """Tags come into being with the first clip that carries them, by a bulk insert."""
    if action in ("post_add", "post_remove") and pk_set and not reverse:
        touch(SearchKind.TAG, *pk_set)
