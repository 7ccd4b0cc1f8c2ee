"""Uploads, clips and their files, the queue of transcodes, sounds, tags, and what people do with clips."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.rules import Audience, WhoMay
from socialapp.lib.ids import new_id

from .. import failures

PERSON = settings.AUTH_USER_MODEL
# What a like or a reply is worth to a comment in "top": six hours of youth. A well-liked one of last week stands above
# today's first words, and old favourites make room in the end.
COMMENT_LIFT_MS = 6 * 3_600_000


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
    """The sound of a clip: its own, or one that other clips use as well. Without an owner it is of the site's library."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(_("title"), max_length=120)
    artist = models.CharField(
        _("artist"), max_length=120, blank=True
    )  # of library sounds; else its owner's name counts
    owner = models.ForeignKey(PERSON, models.CASCADE, null=True, blank=True, related_name="sounds")
    duration_ms = models.PositiveIntegerField(default=0)
    folder = models.CharField(max_length=40, unique=True, default=new_folder, editable=False)
    file = models.CharField(max_length=60, blank=True)  # name below the folder; empty until it was extracted
    peaks = models.JSONField(
        default=list, blank=True
    )  # loudest samples over its length, 0 to 100, for the waveform
    uses_count = models.PositiveIntegerField(default=0)  # published clips that use it
    created_at = models.DateTimeField(auto_now_add=True)
    # By a moderator: nobody finds, hears or uses it as a sound; clips that have it are judged one by one.
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("sound"), _("sounds")

    def __str__(self) -> str:
        return self.title


class Video(models.Model):
    """A clip. Times are in milliseconds, sizes in pixels; `score` is the popularity that analytics pushes down."""

    class Remix(models.TextChoices):
        DUET = "duet", _("Duet")
        STITCH = "stitch", _("Stitch")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROCESSING = "processing", _("Processing")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        REMOVED = "removed", _("Removed")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    author = models.ForeignKey(PERSON, models.CASCADE, related_name="videos")
    upload = models.OneToOneField(Upload, models.SET_NULL, null=True, blank=True, related_name="video")
    edit = models.JSONField(
        default=dict, blank=True
    )  # the edit list (videos.edits); empty when nothing was edited
    revision = models.PositiveSmallIntegerField(default=0)  # grows when the edit list changes; files carry it
    caption = models.CharField(_("caption"), max_length=2200, blank=True)
    audience = models.CharField(
        _("who can watch"), max_length=10, choices=Audience.choices, default=Audience.PUBLIC
    )
    comments = models.CharField(
        _("who can comment"), max_length=10, choices=WhoMay.choices, default=WhoMay.EVERYONE
    )
    duet = models.CharField(_("who can duet"), max_length=10, choices=WhoMay.choices, default=WhoMay.EVERYONE)
    stitch = models.CharField(
        _("who can stitch"), max_length=10, choices=WhoMay.choices, default=WhoMay.EVERYONE
    )
    download = models.CharField(
        _("who can download"), max_length=10, choices=WhoMay.choices, default=WhoMay.EVERYONE
    )
    is_sensitive = models.BooleanField(_("sensitive"), default=False)
    # A moderator's decision: shown to its author's followers and on their profile, suggested to nobody.
    is_limited = models.BooleanField(_("limited"), default=False)
    # The rule of the site for which it waits for a moderator (privacy.Case.Rule); until then only its author sees it.
    held_for = models.CharField(max_length=10, blank=True)
    is_ai_made = models.BooleanField(_("made with AI"), default=False)
    is_paid_partnership = models.BooleanField(_("paid partnership"), default=False)
    product_title = models.CharField(_("product"), max_length=60, blank=True)
    product_url = models.URLField(_("product link"), max_length=300, blank=True)
    remix_kind = models.CharField(max_length=6, choices=Remix.choices, blank=True)
    remix_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="remixes"
    )  # the clip that this one is a duet with or stitches; empty once it is gone or its author detached it
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROCESSING)
    error_code = models.CharField(max_length=40, blank=True)
    error_params = models.JSONField(default=dict, blank=True)  # what its sentence in videos/failures.py names

    folder = models.CharField(max_length=40, unique=True, default=new_folder, editable=False)
    original = models.CharField(max_length=200, blank=True)  # file name below the folder
    original_bytes = models.PositiveBigIntegerField(
        default=0
    )  # of all its originals: counts for its author's quota
    captions_tracks = models.JSONField(
        default=list, blank=True
    )  # [{language, name, automatic}], kept by its Captions
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
    publish_at = models.DateTimeField(
        _("publish at"), null=True, blank=True
    )  # of a draft: when it shows by itself
    published_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    # Since when its folder is to be moved, because addresses that are out there must die.
    move_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("clip"), _("clips")
        indexes = [
            models.Index(
                fields=["move_asked_at"], condition=Q(move_asked_at__isnull=False), name="video_to_move"
            ),
            models.Index(
                fields=["publish_at"], condition=Q(state="draft", publish_at__isnull=False), name="video_due"
            ),
            models.Index(fields=["author", "state", "-id"], name="video_of_author"),
            # Of many authors at once the latest: what feeds bring of those whom somebody follows.
            models.Index(
                fields=["author", "-published_at", "-id"],
                condition=Q(published_at__isnull=False),
                name="video_published_of_author",
            ),
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


class Fingerprint(models.Model):
    """A perceptual hash (64 bits, DCT) of one picture of a clip, to know the same footage again.

    Two hashes that differ in at most three bits agree in at least one of four bands, so a look-up by band finds them.
    """

    video = models.ForeignKey(Video, models.CASCADE, related_name="fingerprints")
    position = models.PositiveSmallIntegerField()  # which of the pictures, in their order
    bits = models.BigIntegerField()  # as a signed number
    band0 = models.PositiveIntegerField(db_index=True)
    band1 = models.PositiveIntegerField(db_index=True)
    band2 = models.PositiveIntegerField(db_index=True)
    band3 = models.PositiveIntegerField(db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("fingerprint"), _("fingerprints")
        constraints = [models.UniqueConstraint(fields=["video", "position"], name="fingerprint_once")]

    def __str__(self) -> str:
        return f"{self.video_id} #{self.position}"


class Part(models.Model):
    """A further file of a clip besides its first: a clip joined after it (by position), or a voice spoken over it."""

    class Role(models.TextChoices):
        CLIP = "clip", _("Clip")
        VOICE = "voice", _("Voice-over")

    video = models.ForeignKey(Video, models.CASCADE, related_name="parts")
    upload = models.OneToOneField(Upload, models.SET_NULL, null=True, blank=True, related_name="part")
    role = models.CharField(max_length=5, choices=Role.choices)
    position = models.PositiveSmallIntegerField(default=0)
    original = models.CharField(max_length=200, blank=True)  # file name below the clip's folder of originals

    class Meta:
        verbose_name, verbose_name_plural = _("part of a clip"), _("parts of clips")
        constraints = [models.UniqueConstraint(fields=["video", "role", "position"], name="part_once")]

    def __str__(self) -> str:
        return f"{self.role} {self.position} of {self.video_id}"


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
    revision = models.PositiveSmallIntegerField(default=0)  # of the clip's edit list that it shows
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("rendition"), _("renditions")
        constraints = [models.UniqueConstraint(fields=["video", "name"], name="rendition_once")]

    def __str__(self) -> str:
        return f"{self.short_side}p"


class Transcode(models.Model):
    """The queue: one row a clip. Claimed by a conditional UPDATE, held by a lease, re-claimed by the sweep."""

    class State(models.TextChoices):
        EXPECTED = (
            "expected",
            _("Waiting for its file"),
        )  # bytes still travel; queued once every upload is whole
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
        indexes = [
            models.Index(fields=["state", "queued_at"], name="transcode_queue"),
            # The site's figures by day.
            models.Index(fields=["finished_at"], name="transcode_finished"),
            models.Index(fields=["playable_at"], name="transcode_playable"),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.percent} %"


class MediaJob(models.Model):
    """Work on a clip besides its transcode that somebody asked for. The row is the queue, as with Transcode.

    `key` tells jobs of one kind apart (a language). `result` is the file it made, below the clip's folder.
    """

    class Kind(models.TextChoices):
        WATERMARK = "watermark", _("Copy with a watermark")
        CAPTIONS = "captions", _("Automatic captions")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    video = models.ForeignKey(Video, models.CASCADE, related_name="media_jobs")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=20, blank=True)
    revision = models.PositiveSmallIntegerField(default=0)  # of the clip when it was asked for
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    percent = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=100, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    log = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("media job"), _("media jobs")
        constraints = [models.UniqueConstraint(fields=["video", "kind", "key"], name="media_job_once")]
        indexes = [models.Index(fields=["state", "queued_at"], name="media_job_queue")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.video_id}: {self.state}"


class Captions(models.Model):
    """What is said in a clip, in one language, as WebVTT (W3C). The row is the truth; the file beside the renditions follows."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="captions")
    language = models.CharField(_("language"), max_length=10)  # BCP 47, lower case
    vtt = models.TextField()
    automatic = models.BooleanField(default=False)  # until a person changed it
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("captions"), _("captions")
        constraints = [models.UniqueConstraint(fields=["video", "language"], name="captions_once")]

    def __str__(self) -> str:
        return f"{self.language} of {self.video_id}"


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

    class Held(models.TextChoices):
        APPROVAL = "approval", _("The author approves every comment")
        KEYWORD = "keyword", _("It has a word that the author filters")
        SPAM = "spam", _("It looks like spam")
        RESTRICT = "restrict", _("The author restricts who wrote it")
        SITE = "site", _("It waits for a moderator")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    video = models.ForeignKey(Video, models.CASCADE, related_name="comment_set")
    author = models.ForeignKey(PERSON, models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    text = models.CharField(max_length=1000)
    likes_count = models.PositiveIntegerField(default=0)
    replies_count = models.PositiveIntegerField(default=0)
    pinned_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    # A comment that waits for the clip's author, or that they hid, is seen by its own author and by them only.
    held_for = models.CharField(max_length=8, choices=Held.choices, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    # The order of "top": when it was written (the milliseconds of its id), every like and reply as if COMMENT_LIFT_MS
    # later. Kept by the database, so no write can forget it and no page has to sort.
    rank = models.GeneratedField(
        expression=models.ExpressionWrapper(
            F("id").bitrightshift(21)
            + Cast(F("likes_count") + F("replies_count"), models.BigIntegerField()) * Value(COMMENT_LIFT_MS),
            output_field=models.BigIntegerField(),
        ),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("comment"), _("comments")
        indexes = [
            models.Index(fields=["video", "parent", "-id"], name="comment_of_video"),
            # Partial, because PostgreSQL does not take "parent IS NULL" for a constant when it looks for an order.
            models.Index(
                fields=["video", "-rank", "-id"], condition=Q(parent__isnull=True), name="comment_top"
            ),
            models.Index(fields=["video", "-id"], condition=Q(parent__isnull=True), name="comment_newest"),
            models.Index(fields=["video"], condition=Q(pinned_at__isnull=False), name="comment_pinned"),
            models.Index(
                fields=["video", "-id"],
                condition=~Q(held_for="") | Q(hidden_at__isnull=False),
                name="comment_to_review",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_shown(self) -> bool:
        """Whether it is for everybody as far as it goes itself: not held, hidden or removed. (A reply also needs its parent.)"""
        return not self.held_for and self.hidden_at is None and self.removed_at is None


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


class Preview(models.Model):
    """A person who may watch a clip before it is published, because its author sent it to them."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="previews")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("preview"), _("previews")
        constraints = [models.UniqueConstraint(fields=["person", "video"], name="preview_once")]

    def __str__(self) -> str:
        return f"{self.person_id} previews {self.video_id}"


class Collection(models.Model):
    """A named group of clips that a person saved; for their own eyes."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(PERSON, models.CASCADE, related_name="collections")
    name = models.CharField(_("name"), max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("collection"), _("collections")
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="collection_name_once")]

    def __str__(self) -> str:
        return self.name


class CollectionItem(models.Model):
    """A saved clip in a collection. It goes when the clip is no longer saved."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="items")
    save_row = models.ForeignKey(Save, models.CASCADE, related_name="items")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("clip in a collection"), _("clips in collections")
        constraints = [
            models.UniqueConstraint(fields=["collection", "save_row"], name="collection_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.save_row_id} in {self.collection_id}"


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
