"""What analytics keeps about people, and what becomes of it."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from privacy.erasure import register_step
from privacy.personal_data import Row, in_batches, plain, register
from videos.personal_data import clip, clips

from . import erasure
from .models import ViewEvent


def _watched(person: User) -> Iterator[Row]:
    for batch in in_batches(ViewEvent.objects.filter(viewer=person.pk)):
        found = clips(person, (row.video_id for row in batch))
        for row in batch:
            yield {
                "at": row.at,
                **clip(found, row.video_id),
                "met_in": row.source,
                "watched_ms": row.watched_ms,
                "loops": row.loops,
            }


register(
    "analytics",
    "ViewEvent",
    exported=True,
    erased="cascade",
    why="What this person watched in the last 30 days. No address is stored; after 30 days only sums without viewers remain.",
    title=_("What you watched"),
    rows=_watched,
)
register(
    "analytics",
    "CreatorDay",
    exported=True,
    erased="cascade",
    why="The creator's own daily statistics.",
    title=_("Your days"),
    rows=plain(
        "analytics",
        "CreatorDay",
        "creator",
        day="day",
        views="views",
        watch_ms="watch_ms",
        likes="likes",
        comments="comments",
        shares="shares",
        saves="saves",
        profile_views="profile_views",
        followers_new="followers_new",
        followers_lost="followers_lost",
    ),
)
register(
    "analytics",
    "VideoDay",
    exported=True,
    erased="cascade",
    why="Daily statistics of the creator's own clips.",
    title=_("Your clips' days"),
    rows=plain(
        "analytics",
        "VideoDay",
        "creator",
        clip="video_id",
        day="day",
        views="views",
        watch_ms="watch_ms",
        completions="completions",
        likes="likes",
        comments="comments",
        shares="shares",
        saves="saves",
    ),
)
register(
    "analytics", "EventBatch", exported=False, erased="kept", why="Which batches were counted; names nobody."
)
register(
    "analytics",
    "DroppedDay",
    exported=False,
    erased="kept",
    why="How many events were not believed, by reason; names nobody.",
)

register_step("analytics", erasure.forget_person)
