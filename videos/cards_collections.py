"""How a collection is shown to its owner, by the API and the templates alike. The rows must come from `access.collections_of`."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from . import access
from .access import Viewer
from .media import cover_url
from .models import Collection, Video


def collection_cards(
    viewer: Viewer, collections: Sequence[Collection], video: Video | None = None
) -> list[dict[str, Any]]:
    """The viewer's collections as shown; `holds` says whether each holds `video` (null when none is asked about).

    One query for the covers, one more with `video`.
    """
    covers = access.covers_of(viewer, collections)
    holding = access.holding_ids(viewer, video) if video is not None else set()
    found = []
    for row in collections:
        latest = covers.get(getattr(row, "latest", None) or 0)
        found.append(
            {
                "id": str(row.pk),
                "name": row.name,
                "url": reverse("collection", args=[row.pk]),
                "count": getattr(row, "clips", 0),
                "cover": cover_url(latest) if latest and latest.cover else None,
                "color": (latest.dominant_color or None) if latest else None,
                "holds": row.pk in holding if video is not None else None,
                "created_at": row.created_at,
            }
        )
    return found


def collection_card(viewer: Viewer, collection: Collection) -> dict[str, Any]:
    """The dict of one collection; the same query as for many."""
    return collection_cards(viewer, [collection])[0]
