"""Tables of analytics: raw events for 30 days, and the coarse roll-ups that every dashboard reads."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from videos.models import Promotion, Video

PERSON = settings.AUTH_USER_MODEL


class Source(models.TextChoices):
    """Where a clip was met."""

    FOR_YOU = "for_you", _("For You")
    FOLLOWING = "following", _("Following")
    FRIENDS = "friends", _("Friends")
    PROFILE = "profile", _("Profile")
    EXPLORE = "explore", _("Explore")
    SEARCH = "search", _("Search")
    TAG = "tag", _("Tag")
    SOUND = "sound", _("Sound")
    MESSAGE = "message", _("Message")
    INVITE = "invite", _("Invite")
    PROMOTED = "promoted", _("Promotion")
    EXTERNAL = "external", _("External link")
    OTHER = "other", _("Other")


class EventBatch(models.Model):
    """A batch that was flushed: written in the same transaction as its events, so a crash never counts it twice."""

    id = models.CharField(primary_key=True, max_length=40)
    events = models.PositiveIntegerField()
    flushed_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("event batch"), _("event batches")

    def __str__(self) -> str:
        return self.id


class Event(models.Model):
    """One thing that happened to a clip or a creator, kept for 30 days. The viewer's address is never stored; `viewer` is null
    for people not logged in. Partitioned by day of `at` on PostgreSQL (docs/decisions/events.md).
    """

    class Kind(models.IntegerChoices):
        VIEW = 1, _("Viewing")  # a viewing of a clip, or a piece of one
        IMPRESSION = 2, _("Impression")  # a clip came into sight in a list or a feed
        PROFILE_VIEW = 3, _("Look at a profile")
        FOLLOW = 4, _("Follow")  # with the clip or the place it came from
        INVITE_OPENED = 5, _("Invite opened")
        SHARE = 6, _("Share")

    id = models.BigAutoField(primary_key=True)
    kind = models.PositiveSmallIntegerField(choices=Kind.choices, default=Kind.VIEW)
    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    video = models.ForeignKey(Video, models.CASCADE, null=True, related_name="+")
    viewer = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="+")
    session = models.CharField(max_length=40)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.OTHER)
    country = models.CharField(
        max_length=2, blank=True
    )  # ISO 3166-1 alpha-2, found at the door; empty when unknown
    promotion = models.BigIntegerField(null=True)  # the promotion that showed the clip
    watched_ms = models.PositiveIntegerField(default=0)
    duration_ms = models.PositiveIntegerField(default=0)
    loops = models.PositiveSmallIntegerField(default=0)
    # A viewing may come in pieces (the page was hidden meanwhile); the piece that makes it long enough is the view.
    is_view = models.BooleanField(default=False)
    is_completion = models.BooleanField(default=False)
    skipped = models.BooleanField(default=False)  # left for the next clip before it was a view
    played = models.TextField(blank=True)  # the parts that were played, "0-5200,3000-8000" in milliseconds
    # The seconds that earlier pieces of the viewing had played: one hexadecimal digit for each four, the first four first.
    reached_before = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("event"), _("events")
        indexes = [
            models.Index(fields=["creator", "at"], name="event_of_creator"),
            models.Index(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.creator_id} at {self.at:%F %T}"


class CreatorDay(models.Model):
    """What happened to one creator on one UTC day."""

    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    impressions = models.PositiveIntegerField(default=0)
    views = models.PositiveIntegerField(default=0)
    watch_ms = models.PositiveBigIntegerField(default=0)
    likes = models.IntegerField(default=0)
    comments = models.IntegerField(default=0)
    shares = models.IntegerField(default=0)
    saves = models.IntegerField(default=0)
    profile_views = models.PositiveIntegerField(default=0)
    followers_new = models.PositiveIntegerField(default=0)
    followers_lost = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("creator's day"), _("creators' days")
        # The unique index leads with the creator, so the foreign key needs none of its own.
        constraints = [models.UniqueConstraint(fields=["creator", "day"], name="creator_day_once")]
        indexes = [models.Index(fields=["day"], name="creator_day_by_day")]  # the whole site's day

    def __str__(self) -> str:
        return f"{self.creator_id} {self.day}"


class VideoDay(models.Model):
    """What happened to one clip on one UTC day."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="+", db_index=False)
    # The clip's author, who never changes: a creator's best clips are one range of one index.
    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    impressions = models.PositiveIntegerField(default=0)
    views = models.PositiveIntegerField(default=0)
    watch_ms = models.PositiveBigIntegerField(default=0)
    completions = models.PositiveIntegerField(default=0)
    skips = models.PositiveIntegerField(default=0)
    rewatches = models.PositiveIntegerField(default=0)  # loops
    likes = models.IntegerField(default=0)
    comments = models.IntegerField(default=0)
    shares = models.IntegerField(default=0)
    saves = models.IntegerField(default=0)
    followers_won = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("clip's day"), _("clips' days")
        constraints = [models.UniqueConstraint(fields=["video", "day"], name="video_day_once")]
        indexes = [models.Index(fields=["creator", "day"], name="video_day_of_creator")]

    def __str__(self) -> str:
        return f"{self.video_id} {self.day}"


class SourceDay(models.Model):
    """Where a clip was met on one UTC day."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="+", db_index=False)
    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    source = models.CharField(max_length=10, choices=Source.choices)
    impressions = models.PositiveIntegerField(default=0)
    views = models.PositiveIntegerField(default=0)
    watch_ms = models.PositiveBigIntegerField(default=0)
    followers_won = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("source of a day"), _("sources of days")
        constraints = [models.UniqueConstraint(fields=["video", "day", "source"], name="source_day_once")]
        indexes = [models.Index(fields=["creator", "day"], name="source_day_of_creator")]

    def __str__(self) -> str:
        return f"{self.video_id} {self.day} {self.source}"


class PromotedDay(models.Model):
    """What one promotion brought on one UTC day: its part of what its clip's SourceDay has as an ad, for a clip may have one
    promotion after another on the same day. What it was charged is videos' PromotionDay."""

    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="+", db_index=False)
    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    impressions = models.PositiveIntegerField(default=0)
    views = models.PositiveIntegerField(default=0)
    followers_won = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("what a promotion brought"), _("what promotions brought")
        constraints = [models.UniqueConstraint(fields=["promotion", "day"], name="promoted_day_once")]
        indexes = [models.Index(fields=["creator", "day"], name="promoted_day_of_creator")]

    def __str__(self) -> str:
        return f"{self.promotion_id} {self.day}"


class CountryDay(models.Model):
    """From which countries a clip was watched on one UTC day."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="+", db_index=False)
    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    country = models.CharField(max_length=2, blank=True)
    views = models.PositiveIntegerField(default=0)
    watch_ms = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("country of a day"), _("countries of days")
        constraints = [models.UniqueConstraint(fields=["video", "day", "country"], name="country_day_once")]
        indexes = [models.Index(fields=["creator", "day"], name="country_day_of_creator")]

    def __str__(self) -> str:
        return f"{self.video_id} {self.day} {self.country}"


class HourDay(models.Model):
    """When a creator was watched: one UTC hour of one day. Hours of the week are summed from these."""

    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    views = models.PositiveIntegerField(default=0)
    watch_ms = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("hour of a day"), _("hours of days")
        constraints = [models.UniqueConstraint(fields=["creator", "day", "hour"], name="hour_day_once")]

    def __str__(self) -> str:
        return f"{self.creator_id} {self.day} {self.hour}:00"


class RetentionDay(models.Model):
    """Second by second, how far viewings of one clip went on one UTC day.

    Each array holds one little-endian uint32 a second of the clip: viewings that reached it, repeats of it, jumps over it.
    """

    video = models.ForeignKey(Video, models.CASCADE, related_name="+", db_index=False)
    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    day = models.DateField()
    reached = models.BinaryField()
    replays = models.BinaryField()
    skips = models.BinaryField()

    class Meta:
        verbose_name, verbose_name_plural = _("retention of a day"), _("retention of days")
        constraints = [models.UniqueConstraint(fields=["video", "day"], name="retention_day_once")]

    def __str__(self) -> str:
        return f"{self.video_id} {self.day}"


class Sketch(models.Model):
    """How many different people, as a HyperLogLog sketch of one UTC day: sketches of several days merge, names are not in it.

    `subject` is a clip, a person or a promotion, by `kind`, and 0 for the site; `registers` is a sketch as the
    datasketches library writes it.
    """

    class Kind(models.IntegerChoices):
        VIDEO = 1, _("Viewers of a clip")
        CREATOR = 2, _("Viewers of a creator")
        PROFILE = 3, _("Visitors of a profile")
        PROMOTION = 4, _("Reached by a promotion")
        SITE = 5, _("Active people of the site")

    kind = models.PositiveSmallIntegerField(choices=Kind.choices)
    subject = models.BigIntegerField()
    creator = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="+")  # empty for the site
    day = models.DateField()
    registers = models.BinaryField()

    class Meta:
        verbose_name, verbose_name_plural = _("sketch of a day"), _("sketches of days")
        constraints = [models.UniqueConstraint(fields=["kind", "subject", "day"], name="sketch_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject} {self.day}"


class EngagementWeek(models.Model):
    """What one follower made of one creator's clips in a week: what the follow-back report compares. Kept for 60 weeks."""

    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    week = models.DateField()  # its Monday, UTC
    views = models.PositiveIntegerField(default=0)
    watch_ms = models.PositiveBigIntegerField(default=0)
    completions = models.PositiveIntegerField(default=0)
    likes = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)
    shares = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("follower's week"), _("followers' weeks")
        constraints = [
            models.UniqueConstraint(fields=["creator", "week", "person"], name="engagement_week_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} with {self.creator_id} in the week of {self.week}"


class EngagementDue(models.Model):
    """From this UTC day on accounts are to be told how somebody's followers engage: it changed on the day before, or its oldest
    week is one too many by then. The row is the queue of analytics/engagement.py, and gone once they were told.
    """

    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    due_on = models.DateField(db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("engagement to tell of"), _("engagement to tell of")
        constraints = [models.UniqueConstraint(fields=["creator", "due_on"], name="engagement_due_once")]

    def __str__(self) -> str:
        return f"{self.creator_id} on {self.due_on}"


class Report(models.Model):
    """Figures that take too long for a page: asked for by one, made in the background. The row is the queue."""

    class Kind(models.TextChoices):
        AUDIENCE = "audience", _("Followers")
        FOLLOW_BACK = "follow_back", _("Follow-back")

    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=11, choices=Kind.choices)
    wanted_at = models.DateTimeField(null=True, db_index=True)  # empty when it is as fresh as was asked
    lease_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField(null=True)
    body = models.JSONField(default=dict)

    class Meta:
        verbose_name, verbose_name_plural = _("report"), _("reports")
        constraints = [models.UniqueConstraint(fields=["creator", "kind"], name="report_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.creator_id}"


class DroppedDay(models.Model):
    """How many events of one UTC day were not believed or not allowed, and why."""

    class Reason(models.TextChoices):
        OWN = "own", _("The creator's own viewing")
        HIDDEN = "hidden", _("Unknown, or not visible to the viewer")
        REPLAY = "replay", _("The same viewing again")
        LENGTH = "length", _("Not this clip's length")
        IMPLAUSIBLE = "implausible", _("More watching than there was to watch")
        GONE = "gone", _("Deleted before it was counted")
        UNSIGNED = "unsigned", _("Without a visit of this site")
        BOT = "bot", _("A program that reads pages")

    day = models.DateField()
    reason = models.CharField(max_length=12, choices=Reason.choices)
    events = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("dropped events"), _("dropped events")
        constraints = [models.UniqueConstraint(fields=["day", "reason"], name="dropped_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}"
