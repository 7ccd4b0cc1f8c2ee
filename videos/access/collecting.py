"""A person's own collections of saved clips."""

from collections.abc import Iterable

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from socialapp.lib.errors import NotFound
from socialapp.lib.ids import row_of
from socialapp.lib.pagination import Page, keyset_page

from ..models import Collection, CollectionItem, Video
from .gate import Viewer, visible_videos, with_people


def _visible_items(viewer: Viewer) -> QuerySet[CollectionItem]:
    seen = Exists(visible_videos(viewer).filter(pk=OuterRef("save_row__video_id")))
    return CollectionItem.objects.filter(seen)


def collections_of(viewer: Viewer) -> QuerySet[Collection]:
    """The viewer's own collections, each with `clips` (how many they may see now) and `latest` (id of the newest of these).

    Clips that became hidden count nowhere. Order by -id.
    """
    if not isinstance(viewer, User):
        raise NotFound()
    items = _visible_items(viewer).filter(collection=OuterRef("pk"))
    counted = items.order_by().values("collection").annotate(n=Count("*")).values("n")
    return Collection.objects.filter(owner=viewer).annotate(
        clips=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
        latest=Subquery(items.order_by("-id").values("save_row__video_id")[:1]),
    )


def get_collection(viewer: Viewer, collection_id: str | int) -> Collection:
    """One of the viewer's own collections. NotFound for anybody else's. One query."""
    return row_of(collections_of(viewer), collection_id)


def collection_clips(viewer: Viewer, collection: Collection, cursor: str | None = None) -> Page[Video]:
    """A page of the clips of one's own collection that one may see now, the latest addition first. One query."""
    items = _visible_items(viewer).filter(collection=collection, collection__owner=viewer.pk)
    items = items.select_related("save_row__video__author__privacy", "save_row__video__sound")
    page: Page[CollectionItem] = keyset_page(items, cursor)
    return Page([item.save_row.video for item in page.items], page.next_cursor)


def holding_ids(viewer: Viewer, video: Video) -> set[int]:
    """Which of the viewer's collections hold this clip. One query."""
    if not isinstance(viewer, User):
        return set()
    items = CollectionItem.objects.filter(save_row__person=viewer, save_row__video=video)
    return set(items.values_list("collection_id", flat=True))


def covers_of(viewer: Viewer, collections: Iterable[Collection]) -> dict[int, Video]:
    """The clip whose cover stands for each of these annotated collections, by its id. One query."""
    ids = {found for row in collections if (found := getattr(row, "latest", None)) is not None}
    return with_people(visible_videos(viewer)).in_bulk(ids)
