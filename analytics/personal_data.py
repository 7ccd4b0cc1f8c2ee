"""What analytics keeps about people, and what becomes of it."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from privacy.erasure import register_step
from privacy.personal_data import Row, in_batches, plain, register
from videos.personal_data import clip, clips

from . import erasure
from .models import Event, RetentionDay
from .retention import by_second


def _watched(person: User) -> Iterator[Row]:
    for batch in in_batches(Event.objects.filter(viewer=person.pk)):
        found = clips(person, (row.video_id for row in batch))
        for row in batch:
            yield {
                "at": row.at,
                **clip(found, row.video_id),
                "what": row.get_kind_display(),
                "met_in": row.source,
                "country": row.country,
                "watched_ms": row.watched_ms,
                "loops": row.loops,
                "played": row.played,
            }


register(
    "analytics",
    "Event",
    exported=True,
    erased="cascade",
    why="What this person watched, came past and opened in the last 30 days. No address is stored; after 30 days only sums "
    "without viewers remain.",
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
    "analytics",
    "SourceDay",
    exported=True,
    erased="cascade",
    why="Where the creator's own clips were met.",
    title=_("Where your clips were met"),
    rows=plain(
        "analytics",
        "SourceDay",
        "creator",
        clip="video_id",
        day="day",
        source="source",
        impressions="impressions",
        views="views",
        watch_ms="watch_ms",
        followers_won="followers_won",
    ),
)
register(
    "analytics",
    "PromotedDay",
    exported=True,
    erased="cascade",
    why="What the creator's own promotions brought.",
    title=_("What your promotions brought"),
    rows=plain(
        "analytics",
        "PromotedDay",
        "creator",
        promotion="promotion_id",
        day="day",
        impressions="impressions",
        views="views",
        followers_won="followers_won",
    ),
)
register(
    "analytics",
    "CountryDay",
    exported=True,
    erased="cascade",
    why="From which countries the creator's own clips were watched.",
    title=_("Countries of your clips"),
    rows=plain(
        "analytics",
        "CountryDay",
        "creator",
        clip="video_id",
        day="day",
        country="country",
        views="views",
        watch_ms="watch_ms",
    ),
)
register(
    "analytics",
    "HourDay",
    exported=True,
    erased="cascade",
    why="When the creator was watched.",
    title=_("Your hours"),
    rows=plain("analytics", "HourDay", "creator", day="day", hour="hour", views="views", watch_ms="watch_ms"),
)


def _retention(person: User) -> Iterator[Row]:
    for batch in in_batches(RetentionDay.objects.filter(creator=person.pk)):
        for row in batch:
            yield {
                "clip": str(row.video_id),
                "day": row.day,
                "reached": by_second(row.reached),
                "replays": by_second(row.replays),
                "skips": by_second(row.skips),
            }


register(
    "analytics",
    "RetentionDay",
    exported=True,
    erased="cascade",
    why="How far the creator's own clips were watched, by second.",
    title=_("How far your clips were watched"),
    rows=_retention,
)
register(
    "analytics",
    "Sketch",
    exported=False,
    erased="cascade",
    why="Sketches of how many different people watched; names nobody, and the sums made of them are on the dashboards.",
)
register(
    "analytics",
    "EngagementWeek",
    exported=True,
    erased="cascade",
    why="What a follower made of the clips of those they follow, by week. The creator sees averages of many people only.",
    title=_("What you made of those you follow"),
    rows=plain(
        "analytics",
        "EngagementWeek",
        "person",
        creator="creator__username",
        week="week",
        views="views",
        watch_ms="watch_ms",
        completions="completions",
        likes="likes",
        comments="comments",
        shares="shares",
    ),
)
register(
    "analytics",
    "EngagementDue",
    exported=False,
    erased="cascade",
    why="Whose followers' engagement is to be summed anew, and from which day on.",
)
register(
    "analytics",
    "Report",
    exported=True,
    erased="cascade",
    why="Reports made for the creator, of sums and averages of at least five people.",
    title=_("Your reports"),
    rows=plain("analytics", "Report", "creator", kind="kind", made_at="made_at", body="body"),
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
