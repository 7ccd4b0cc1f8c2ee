"""What feeds and discovery stand on: what people watched, what they asked for, trainings of the model, trends, searches."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from socialapp.lib.ids import new_id

from .clips import Sound, Tag, Video

PERSON = settings.AUTH_USER_MODEL


class Watch(models.Model):
    """What one person has watched of one clip, in all: their history, the lifetime seen-set and what the model learns from.

    Analytics pushes it down with each flush (`videos.actions.record_watches`); a clip that was only scrolled past has none.
    """

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="watches", db_index=False)
    video = models.ForeignKey(Video, models.CASCADE, related_name="watches")
    watched_ms = models.PositiveBigIntegerField(default=0)
    viewings = models.PositiveIntegerField(default=0)  # pieces that became a view
    completions = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=10, blank=True)  # where they met it first (analytics.Source)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("watched clip"), _("watched clips")
        constraints = [models.UniqueConstraint(fields=["person", "video"], name="watch_once")]
        indexes = [
            models.Index(fields=["person", "-last_at"], name="watches_of_person"),
            models.Index(fields=["last_at"], name="watch_last_at"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} watched {self.video_id} for {self.watched_ms} ms"


class Preference(models.Model):
    """What a person told their feeds about one clip, author, sound or tag: more of it, less of it, or none."""

    class Stance(models.TextChoices):
        MORE = "more", _("More like this")
        LESS = "less", _("Less like this")
        HIDE = "hide", _("Not interested")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="preferences", db_index=False)
    stance = models.CharField(max_length=4, choices=Stance.choices)
    # Exactly one of these four.
    video = models.ForeignKey(Video, models.CASCADE, null=True, blank=True, related_name="+")
    author = models.ForeignKey(PERSON, models.CASCADE, null=True, blank=True, related_name="+")
    sound = models.ForeignKey(Sound, models.CASCADE, null=True, blank=True, related_name="+")
    tag = models.ForeignKey(Tag, models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    before = ""  # not kept: the stance that `actions.prefer` found, "" for none, so that an undo can name it

    class Meta:
        verbose_name, verbose_name_plural = _("preference"), _("preferences")
        constraints = [
            models.CheckConstraint(
                condition=Q(video__isnull=False, author=None, sound=None, tag=None)
                | Q(video=None, author__isnull=False, sound=None, tag=None)
                | Q(video=None, author=None, sound__isnull=False, tag=None)
                | Q(video=None, author=None, sound=None, tag__isnull=False),
                name="preference_of_one_thing",
            ),
            models.UniqueConstraint(fields=["person", "video"], name="preference_of_video_once"),
            models.UniqueConstraint(fields=["person", "author"], name="preference_of_author_once"),
            models.UniqueConstraint(fields=["person", "sound"], name="preference_of_sound_once"),
            models.UniqueConstraint(fields=["person", "tag"], name="preference_of_tag_once"),
        ]
        indexes = [models.Index(fields=["person", "stance", "-id"], name="preferences_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.stance}"


class FeedSettings(models.Model):
    """How a person wants their For You. Without a row: personal, by the model, from all of their history."""

    person = models.OneToOneField(PERSON, models.CASCADE, related_name="feed_settings", primary_key=True)
    # Newest first instead of what the model expects one to like.
    chronological = models.BooleanField(_("newest first"), default=False)
    # Whether what the person did may be used to choose clips, for themselves and to train the model.
    personal = models.BooleanField(_("use what I watch and like"), default=True)
    started_over_at = models.DateTimeField(null=True, blank=True)  # what was before counts no more
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("feed settings"), _("feed settings")

    def __str__(self) -> str:
        return f"feed of {self.person_id}"


class FirstAudience(models.Model):
    """The first people a new clip is owed, and how they took it: the posterior that Thompson sampling draws from.

    Made when a public clip appears. `pleased` and `shown - pleased` are the two counts of a Beta distribution.
    """

    video = models.OneToOneField(
        Video, models.CASCADE, related_name="first_audience", primary_key=True, db_index=False
    )
    opened_at = models.DateTimeField(default=timezone.now)
    shown = models.PositiveIntegerField(default=0)  # different people to whom a feed showed it
    pleased = models.FloatField(default=0)  # the sum of their labels (videos.labels), each from 0 to 1
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("first audience"), _("first audiences")
        indexes = [
            models.Index(
                fields=["shown", "opened_at"], condition=Q(done_at__isnull=True), name="first_audience_owed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.video_id}: {self.pleased:.1f} of {self.shown}"


class Training(models.Model):
    """One training of the recommender: what went in, what it cost, how good it was offline. The row is the queue."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    lease_until = models.DateTimeField()
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    people = models.PositiveIntegerField(default=0)
    clips = models.PositiveIntegerField(default=0)
    interactions = models.PositiveIntegerField(default=0)
    cpu_seconds = models.FloatField(default=0)
    figures = models.JSONField(default=dict, blank=True)  # {metric: value} on the held-out last interactions
    file = models.CharField(
        max_length=60, blank=True
    )  # name of the model's file; empty while it is not there
    serving = models.BooleanField(default=False)  # whether it is the model that feeds use
    error = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("training"), _("trainings")
        constraints = [
            models.UniqueConstraint(fields=["serving"], condition=Q(serving=True), name="one_model_serves"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="one_training_runs"),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%F %T} {self.state}"


class Trend(models.Model):
    """How strongly one clip, tag, sound or challenge rises now, in one country or everywhere. Made anew every few minutes.

    `subject` is an id without a foreign key: the rows are derived, short-lived, and go through the gate when they are read.
    """

    class Kind(models.TextChoices):
        VIDEO = "video", _("Clip")
        TAG = "tag", _("Tag")
        SOUND = "sound", _("Sound")
        CHALLENGE = "challenge", _("Challenge")

    kind = models.CharField(max_length=9, choices=Kind.choices)
    country = models.CharField(max_length=2, blank=True)  # empty for everywhere
    subject = models.BigIntegerField()
    score = models.FloatField()
    people = models.PositiveIntegerField(default=0)  # different people behind it, after weighing
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("trend"), _("trends")
        constraints = [models.UniqueConstraint(fields=["kind", "country", "subject"], name="trend_once")]
        indexes = [models.Index(fields=["kind", "country", "-score", "-subject"], name="trends_by_score")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.country or '*'}: {self.score:.2f}"


class RecentSearch(models.Model):
    """What a person searched for lately; for their own eyes, and cleared by them."""

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="recent_searches", db_index=False)
    text = models.CharField(max_length=100)
    searched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("recent search"), _("recent searches")
        constraints = [models.UniqueConstraint(fields=["person", "text"], name="recent_search_once")]
        indexes = [models.Index(fields=["person", "-searched_at"], name="recent_searches")]

    def __str__(self) -> str:
        return self.text
