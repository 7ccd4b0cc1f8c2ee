"""Tables of clips: uploads, clips and their files, the queue of transcodes, sounds, tags, and what people do with clips."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.rules import Audience, WhoMay
from socialapp.lib.ids import new_id

from . import failures

PERSON = settings.AUTH_USER_MODEL


def new_folder() -> str:
    """The unguessable name of a clip's folder."""
    return secrets.token_urlsafe(18)


class Upload(models.Model):
    """A tus upload. Its offset is the true length of its file, never a number kept here (a crash cannot lie)."""

    class State(models.TextChoices):
        RECEIVING = "receiving", _("Receiving")
        COMPLETE = "complete", _("Complete")
        USED = "used", _("Used by a clip")

    id = models.CharField(primary_key=True, max_length=32, default=new_folder, editable=False)
    owner = models.ForeignKey(PERSON, models.CASCADE, related_name="uploads")
    filename = models.CharField(max_length=255, blank=True)
    filetype = models.CharField(max_length=100, blank=True)
    length = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVING)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("upload"), _("uploads")
        indexes = [models.Index(fields=["state", "expires_at"], name="upload_expiry")]

    def __str__(self) -> str:
        return self.filename or self.id


class Tag(models.Model):
    """A hashtag, as written first; compared without case."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60, unique=True)  # folded: casefold + NFKC
    videos_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("tag"), _("tags")

    def __str__(self) -> str:
        return f"#{self.name}"


class Sound(models.Model):
    """The sound of a clip: its own, or one that other clips use as well."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=120)
    owner = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="sounds")
    duration_ms = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("sound"), _("sounds")

    def __str__(self) -> str:
        return self.title


class Video(models.Model):
    """A clip. Times are in milliseconds, sizes in pixels; `score` is the popularity that analytics pushes down."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROCESSING = "processing", _("Processing")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        REMOVED = "removed", _("Removed")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    author = models.ForeignKey(PERSON, models.CASCADE, related_name="videos")
    upload = models.OneToOneField(Upload, models.SET_NULL, null=True, blank=True, related_name="video")
    caption = models.CharField(_("caption"), max_length=2200, blank=True)
    audience = models.CharField(
        _("who can watch"), max_length=10, choices=Audience.choices, default=Audience.PUBLIC
    )
    comments = models.CharField(
        _("who can comment"), max_length=10, choices=WhoMay.choices, default=WhoMay.EVERYONE
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROCESSING)
    error_code = models.CharField(max_length=40, blank=True)
    error_params = models.JSONField(default=dict, blank=True)  # what its sentence in videos/failures.py names

    folder = models.CharField(max_length=40, unique=True, default=new_folder, editable=False)
    original = models.CharField(max_length=200, blank=True)  # file name below the folder
    cover = models.CharField(max_length=200, blank=True)
    preview = models.CharField(max_length=200, blank=True)
    playlist = models.CharField(max_length=200, blank=True)
    blurhash = models.CharField(max_length=60, blank=True)
    dominant_color = models.CharField(max_length=7, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    sound = models.ForeignKey(Sound, models.SET_NULL, null=True, blank=True, related_name="videos")
    tags = models.ManyToManyField(Tag, blank=True, related_name="videos")
    language = models.CharField(max_length=10, blank=True)

    views_count = models.PositiveIntegerField(default=0)
    likes_count = models.PositiveIntegerField(default=0)
    comments_count = models.PositiveIntegerField(default=0)
    shares_count = models.PositiveIntegerField(default=0)
    saves_count = models.PositiveIntegerField(default=0)
    score = models.FloatField(default=0)

    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("clip"), _("clips")
        indexes = [
            models.Index(fields=["author", "state", "-id"], name="video_of_author"),
            models.Index(
                fields=["-published_at", "-id"],
                condition=Q(state="ready", audience="public"),
                name="video_fresh",
            ),
            models.Index(
                fields=["-score", "-id"], condition=Q(state="ready", audience="public"), name="video_popular"
            ),
        ]

    def __str__(self) -> str:
        return self.caption[:60] or str(self.pk)

    def get_absolute_url(self) -> str:
        return f"/@{self.author.username}/video/{self.pk}/"

    @property
    def is_playable(self) -> bool:
        """Whether at least the first rendition can be watched (by whom is the gate's business)."""
        return bool(self.playlist) and self.state in {
            self.State.READY,
            self.State.PROCESSING,
            self.State.DRAFT,
        }

    @property
    def error_message(self) -> str:
        """Why the clip failed and what to do, in the reader's language; empty while nothing is wrong."""
        return failures.sentence(self.error_code, self.error_params) if self.error_code else ""


class Rendition(models.Model):
    """One encoded form of a clip: a fast-start fragmented MP4 that serves as a file and as HLS byte ranges."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=40)  # file name below the clip's folder
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    short_side = models.PositiveIntegerField()  # the rung of the ladder: 360, 480, 720, 1080
    bitrate = models.PositiveIntegerField()  # bits per second, measured
    codecs = models.CharField(max_length=60, blank=True)  # RFC 6381, for the HLS master playlist
    size = models.PositiveBigIntegerField()  # bytes
    playlist_line = models.CharField(max_length=300, blank=True)  # what the HLS master playlist says of it
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("rendition"), _("renditions")
        constraints = [models.UniqueConstraint(fields=["video", "name"], name="rendition_once")]

    def __str__(self) -> str:
        return f"{self.short_side}p"


class Transcode(models.Model):
    """The queue: one row a clip. Claimed by a conditional UPDATE, held by a lease, re-claimed by the sweep."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    class Stage(models.TextChoices):
        WAITING = "waiting", _("Waiting its turn")
        CHECKING = "checking", _("Checking the file")
        FIRST = "first", _("Making it playable")
        LADDER = "ladder", _("Making all qualities")
        COVER = "cover", _("Choosing a cover")
        DONE = "done", _("Ready")

    video = models.OneToOneField(Video, models.CASCADE, related_name="transcode", primary_key=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.WAITING)
    percent = models.PositiveSmallIntegerField(default=0)
    as_draft = models.BooleanField(default=False)  # what becomes of the clip when a failed one is tried again
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    playable_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    log = models.TextField(blank=True)  # the tail of ffmpeg's own words, for the admin only

    class Meta:
        verbose_name, verbose_name_plural = _("transcode"), _("transcodes")
        indexes = [models.Index(fields=["state", "queued_at"], name="transcode_queue")]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.percent} %"


class DoomedFolder(models.Model):
    """A folder of a deleted or moved clip whose files must go. The row goes when they are gone."""

    folder = models.CharField(max_length=40, primary_key=True)
    doomed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("folder to erase"), _("folders to erase")

    def __str__(self) -> str:
        return self.folder


class Comment(models.Model):
    """A comment, or a reply to one (one level)."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    video = models.ForeignKey(Video, models.CASCADE, related_name="comment_set")
    author = models.ForeignKey(PERSON, models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    text = models.CharField(max_length=1000)
    likes_count = models.PositiveIntegerField(default=0)
    replies_count = models.PositiveIntegerField(default=0)
    pinned_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("comment"), _("comments")
        indexes = [models.Index(fields=["video", "parent", "-id"], name="comment_of_video")]

    def __str__(self) -> str:
        return self.text[:60]


class Like(models.Model):
    video = models.ForeignKey(Video, models.CASCADE, related_name="likes")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="likes")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("like"), _("likes")
        constraints = [models.UniqueConstraint(fields=["person", "video"], name="like_once")]
        indexes = [models.Index(fields=["person", "-id"], name="likes_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} likes {self.video_id}"


class Save(models.Model):
    video = models.ForeignKey(Video, models.CASCADE, related_name="saves")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="saves")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("save"), _("saves")
        constraints = [models.UniqueConstraint(fields=["person", "video"], name="save_once")]
        indexes = [models.Index(fields=["person", "-id"], name="saves_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} saves {self.video_id}"


class CommentLike(models.Model):
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="likes")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="comment_likes")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("comment like"), _("comment likes")
        constraints = [models.UniqueConstraint(fields=["person", "comment"], name="comment_like_once")]

    def __str__(self) -> str:
        return f"{self.person_id} likes comment {self.comment_id}"


class Share(models.Model):
    """One act of sharing a clip by link, message or another application."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="shares")
    person = models.ForeignKey(PERSON, models.CASCADE, null=True, blank=True, related_name="shares")
    channel = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("share"), _("shares")

    def __str__(self) -> str:
        return f"{self.channel}: {self.video_id}"


class NotInterested(models.Model):
    """A person asked not to be shown this clip again."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="+")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="not_interested")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("not interested")
        constraints = [models.UniqueConstraint(fields=["person", "video"], name="not_interested_once")]

    def __str__(self) -> str:
        return f"{self.person_id} skips {self.video_id}"
