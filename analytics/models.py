"""Tables of analytics: raw events for 30 days, and the coarse roll-ups that every dashboard reads."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from videos.models import Video

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


class ViewEvent(models.Model):
    """A viewing of a clip, or a piece of one. The viewer's address is never stored; `viewer` is null for people not logged in."""

    id = models.BigAutoField(primary_key=True)
    video = models.ForeignKey(Video, models.CASCADE, related_name="+", db_index=False)
    viewer = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="+")
    session = models.CharField(max_length=40)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.OTHER)
    watched_ms = models.PositiveIntegerField()
    duration_ms = models.PositiveIntegerField()
    loops = models.PositiveSmallIntegerField(default=0)
    # A viewing may come in pieces (the page was hidden meanwhile); the piece that makes it long enough is the view.
    is_view = models.BooleanField(default=False)
    is_completion = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("view"), _("views")
        indexes = [
            models.Index(fields=["video", "at"], name="view_of_video"),
            models.Index(fields=["at"], name="view_at"),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} at {self.at:%F %T}"


class CreatorDay(models.Model):
    """What happened to one creator on one UTC day."""

    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
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

    def __str__(self) -> str:
        return f"{self.creator_id} {self.day}"


class VideoDay(models.Model):
    """What happened to one clip on one UTC day."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="+", db_index=False)
    # The clip's author, who never changes: a creator's best clips are one range of one index.
    creator = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    views = models.PositiveIntegerField(default=0)
    watch_ms = models.PositiveBigIntegerField(default=0)
    completions = models.PositiveIntegerField(default=0)
    likes = models.IntegerField(default=0)
    comments = models.IntegerField(default=0)
    shares = models.IntegerField(default=0)
    saves = models.IntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("clip's day"), _("clips' days")
        constraints = [models.UniqueConstraint(fields=["video", "day"], name="video_day_once")]
        indexes = [models.Index(fields=["creator", "day"], name="video_day_of_creator")]

    def __str__(self) -> str:
        return f"{self.video_id} {self.day}"


class DroppedDay(models.Model):
    """How many events of one UTC day were not believed or not allowed, and why."""

    class Reason(models.TextChoices):
        OWN = "own", _("The creator's own viewing")
        HIDDEN = "hidden", _("Unknown, or not visible to the viewer")
        REPLAY = "replay", _("The same viewing again")
        LENGTH = "length", _("Not this clip's length")
        IMPLAUSIBLE = "implausible", _("More watching than there was to watch")
        GONE = "gone", _("Deleted before it was counted")

    day = models.DateField()
    reason = models.CharField(max_length=12, choices=Reason.choices)
    events = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("dropped events"), _("dropped events")
        constraints = [models.UniqueConstraint(fields=["day", "reason"], name="dropped_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}"
