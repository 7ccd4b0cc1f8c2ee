"""What people's clips are about, for those who look for people: told to accounts by receivers.py."""

from collections.abc import Iterable

from django.db.models import Count, QuerySet

from accounts.models import User

from .access import Viewer, findable_videos


def topics_of(viewer: Viewer, people: QuerySet[User], tags: Iterable[str], size: int) -> dict[int, str]:
    """Who of `people` shows the viewer clips with these tags (in small letters), most clips first, each with that tag.

    At most `size` people. One query.
    """
    rows = (
        findable_videos(viewer)
        .filter(author__in=people.values("pk"), tags__name__in=list(tags))
        .values_list("author_id", "tags__name")
        .annotate(clips=Count("id"))
        .order_by("-clips", "-author_id")
    )
    found: dict[int, str] = {}
    for author, tag, _clips in rows[: 4 * size]:
        if len(found) < size or author in found:
            found.setdefault(author, tag)
    return found
