"""Clips in the admin: what they look and sound like, where their processing stands, remove, restore, try again."""

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from privacy.access import reports_on
from privacy.admin_reasons import ReasonForm, chosen_reason
from socialapp.lib.backoffice import AddingAdmin, ReadOnlyAdmin, RowsAdmin, admin_link, person_link, shortened
from socialapp.lib.errors import Problem

from . import actions
from . import admin_challenges as admin_challenges  # registers its pages
from . import admin_invites as admin_invites  # registers its page
from . import admin_promotions as admin_promotions
from .actions import moderating
from .failures import sentence
from .media import cover_url, playback, sound_url
from .models import (
    Captions,
    Comment,
    MediaJob,
    Part,
    Rendition,
    Sound,
    Tag,
    Training,
    Transcode,
    Upload,
    Video,
)

STATES = {"ready": "success", "processing": "info", "draft": "info", "failed": "danger", "removed": "warning"}
QUEUE_STATES = {"queued": "info", "running": "warning", "done": "success", "failed": "danger"}


def reports_table(request_user: Any, target_type: str, target_id: int) -> SafeString:
    """What was reported about a thing, each with its reason and note."""
    lines = [
        (row.get_state_display(), row.get_reason_display(), row.note)
        for row in reports_on(request_user, target_type, target_id)[:20]
    ]
    return (
        format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {} {}</li>", lines))
        if lines
        else format_html("{}", "–")
    )


class FactsInline(TabularInline):
    """Rows of a clip to look at."""

    extra = 0
    can_delete = False
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RenditionInline(FactsInline):
    model = Rendition
    fields = readonly_fields = ("name", "width", "height", "bitrate", "size", "codecs", "created_at")


class PartInline(FactsInline):
    """The files that were joined to the first, and a voice over it."""

    model = Part
    fields = readonly_fields = ("role", "position", "original")


class CaptionsInline(FactsInline):
    model = Captions
    fields = readonly_fields = ("language", "automatic", "updated_at")


@admin.register(Video)
class VideoAdmin(RowsAdmin):
    list_display = (
        "thumbnail",
        "title",
        "author_link",
        "state_label",
        "progress",
        "audience",
        "views_count",
        "likes_count",
        "created_at",
    )
    list_display_links = ("thumbnail", "title")
    list_select_related = ("author", "author__privacy", "transcode")
    list_filter = (
        "state",
        "audience",
        "transcode__state",
        "remix_kind",
        "is_sensitive",
        "is_ai_made",
        "is_paid_partnership",
        ("publish_at", admin.EmptyFieldListFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("caption", "author__username", "product_url", "=id")
    ordering = ("-id",)
    action_form = ReasonForm
    actions = ("remove_clips", "restore_clips", "retry_clips")
    actions_submit_line = ("remove_clip", "restore_clip", "retry_clip")
    inlines = (RenditionInline, PartInline, CaptionsInline)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "player",
                    "caption",
                    "author_link",
                    "state",
                    "progress",
                    "why_failed",
                    "reports",
                )
            },
        ),
        (
            _("Who"),
            {
                "fields": (
                    ("audience", "comments", "download"),
                    ("duet", "stitch"),
                    ("publish_at", "published_at", "removed_at"),
                )
            },
        ),
        (
            _("Labels, product, remix"),
            {
                "fields": (
                    ("is_sensitive", "is_ai_made", "is_paid_partnership"),
                    ("product_title", "product_url"),
                    ("remix_kind", "remix_link"),
                )
            },
        ),
        (
            _("Figures"),
            {
                "fields": (
                    ("views_count", "likes_count", "comments_count"),
                    ("shares_count", "saves_count", "score"),
                )
            },
        ),
        (
            _("Media"),
            {
                "fields": (
                    ("duration_ms", "width", "height"),
                    ("revision", "original_bytes"),
                    "edit",
                    "sound",
                    "tags",
                    "language",
                    "created_at",
                )
            },
        ),
        (_("Processing"), {"fields": ("processing_log",)}),
    )
    readonly_fields = (
        "player",
        "author_link",
        "progress",
        "why_failed",
        "reports",
        "processing_log",
        "remix_link",
    )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Video | None:
        video: Video | None = super().get_object(request, object_id, from_field)
        if video is not None:
            # The page shows what was reported; whether this person may know is asked there.
            video.seen_by = request.user  # type: ignore[attr-defined]
        return video

    @display(description=_("Cover"))
    def thumbnail(self, video: Video) -> SafeString:
        if not video.cover:
            return format_html('<span class="{}"></span>', "admin-cover")
        return format_html('<img class="admin-cover" src="{}" alt="" loading="lazy">', cover_url(video))

    @display(description=_("Caption"), ordering="caption")
    def title(self, video: Video) -> str:
        return shortened(video.caption, 60)

    @display(description=_("Author"), ordering="author__username")
    def author_link(self, video: Video) -> SafeString:
        return person_link(video.author)

    @display(description=_("State"), ordering="state", label=STATES)
    def state_label(self, video: Video) -> tuple[str, str]:
        return video.state, video.get_state_display()

    @display(description=_("Processing"))
    def progress(self, video: Video) -> SafeString | str:
        job = getattr(video, "transcode", None)
        if job is None or job.state == Transcode.State.DONE:
            return "–"
        return admin_link("videos_transcode", job.pk, f"{job.get_stage_display()} · {job.percent} %")

    @display(description=_("What went wrong"))
    def why_failed(self, video: Video) -> str:
        return (
            f"{sentence(video.error_code, video.error_params)} ({video.error_code})"
            if video.error_code
            else "–"
        )

    @display(description=_("Player"))
    def player(self, video: Video) -> SafeString:
        files = playback(video)["mp4"]
        if not files:
            return format_html("{}", gettext("Nothing to play yet."))
        return format_html(
            '<video class="admin-player" controls playsinline preload="metadata" poster="{}" src="{}"></video>',
            cover_url(video) if video.cover else "",
            files[0]["url"],
        )

    @display(description=_("Made from"))
    def remix_link(self, video: Video) -> SafeString:
        return admin_link("videos_video", video.remix_of_id, video.remix_of)

    @display(description=_("Reports"))
    def reports(self, video: Video) -> SafeString:
        return reports_table(getattr(video, "seen_by", None), "video", video.pk)

    @display(description=_("Log"))
    def processing_log(self, video: Video) -> SafeString | str:
        job = getattr(video, "transcode", None)
        return format_html('<pre class="admin-log">{}</pre>', job.log) if job is not None and job.log else "–"

    @action(description=_("Remove from the site"), permissions=["change"])
    def remove_clips(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        self.perform(
            request,
            queryset,
            lambda video: moderating.decide_removal(request.user, video, chosen_reason(request)),
            lambda count: (
                ngettext("%(count)s clip removed.", "%(count)s clips removed.", count) % {"count": count}
            ),
        )

    @action(description=_("Bring back"), permissions=["change"])
    def restore_clips(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        self.perform(
            request,
            queryset,
            lambda video: moderating.undo_removal(request.user, video),
            lambda count: (
                ngettext("%(count)s clip is back.", "%(count)s clips are back.", count) % {"count": count}
            ),
        )

    @action(description=_("Process again"), permissions=["change"])
    def retry_clips(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        self.perform(
            request,
            queryset,
            lambda video: actions.retry_for_author(request.user, video),
            lambda count: (
                ngettext(
                    "%(count)s clip waits to be processed.", "%(count)s clips wait to be processed.", count
                )
                % {"count": count}
            ),
        )

    @action(description=_("Remove from the site"), permissions=["change"])
    def remove_clip(self, request: HttpRequest, obj: Video) -> None:
        VideoAdmin.remove_clips(self, request, [obj])

    @action(description=_("Bring back"), permissions=["change"])
    def restore_clip(self, request: HttpRequest, obj: Video) -> None:
        VideoAdmin.restore_clips(self, request, [obj])

    @action(description=_("Process again"), permissions=["change"])
    def retry_clip(self, request: HttpRequest, obj: Video) -> None:
        VideoAdmin.retry_clips(self, request, [obj])


@admin.register(Transcode)
class TranscodeAdmin(RowsAdmin):
    """The queue as it stands: what runs, what waits how long, what failed."""

    list_display = (
        "clip",
        "author",
        "state_label",
        "stage",
        "percent",
        "attempts",
        "waits",
        "lease_until",
        "finished_at",
    )
    list_display_links = ("state_label",)
    list_select_related = ("video", "video__author")
    list_filter = ("state", "stage", ("queued_at", RangeDateTimeFilter))
    search_fields = ("video__caption", "video__author__username", "=video__id")
    ordering = ("-queued_at",)
    actions = ("retry",)
    actions_submit_line = ("retry_one",)
    exclude = ("log", "lease_token")
    readonly_fields = ("clip", "processing_log")

    @display(description=_("Clip"))
    def clip(self, job: Transcode) -> SafeString:
        return admin_link("videos_video", job.pk, shortened(job.video.caption, 40))

    @display(description=_("Author"))
    def author(self, job: Transcode) -> SafeString:
        return person_link(job.video.author)

    @display(description=_("State"), ordering="state", label=QUEUE_STATES)
    def state_label(self, job: Transcode) -> tuple[str, str]:
        return job.state, job.get_state_display()

    @display(description=_("In the queue for"), ordering="queued_at")
    def waits(self, job: Transcode) -> str:
        return timesince(job.queued_at, job.finished_at)

    @display(description=_("Log"))
    def processing_log(self, job: Transcode) -> SafeString:
        return format_html('<pre class="admin-log">{}</pre>', job.log or "–")

    @action(description=_("Process again"), permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Transcode]) -> None:
        self.perform(
            request,
            queryset,
            lambda job: actions.retry_for_author(request.user, job.video),
            lambda count: (
                ngettext(
                    "%(count)s clip waits to be processed.", "%(count)s clips wait to be processed.", count
                )
                % {"count": count}
            ),
        )

    @action(description=_("Process again"), permissions=["change"])
    def retry_one(self, request: HttpRequest, obj: Transcode) -> None:
        TranscodeAdmin.retry(self, request, [obj])


@admin.register(Comment)
class CommentAdmin(RowsAdmin):
    list_display = ("text_start", "author_link", "clip", "likes_count", "standing", "created_at")
    list_select_related = ("author", "video")
    list_filter = (
        ("removed_at", admin.EmptyFieldListFilter),
        "held_for",
        ("hidden_at", admin.EmptyFieldListFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("text", "author__username", "=id")
    ordering = ("-id",)
    action_form = ReasonForm
    actions = ("remove", "bring_back")
    actions_submit_line = ("remove_one", "bring_one_back")
    fields = (
        "text",
        "author_link",
        "clip",
        "likes_count",
        "replies_count",
        "created_at",
        "edited_at",
        "held_for",
        "hidden_at",
        "removed_at",
    )
    readonly_fields = ("author_link", "clip")

    @display(description=_("Comment"))
    def text_start(self, comment: Comment) -> str:
        return shortened(comment.text)

    @display(description=_("Author"))
    def author_link(self, comment: Comment) -> SafeString:
        return person_link(comment.author)

    @display(description=_("Clip"))
    def clip(self, comment: Comment) -> SafeString:
        return admin_link("videos_video", comment.video_id, shortened(comment.video.caption, 40))

    @display(
        description=_("Standing"),
        label={"shown": "success", "held": "info", "hidden": "info", "removed": "warning"},
    )
    def standing(self, comment: Comment) -> tuple[str, str]:
        if comment.removed_at:
            return "removed", gettext("Removed")
        if comment.hidden_at:
            return "hidden", gettext("Hidden by the clip's author")
        return (
            ("held", gettext("Waits for the clip's author"))
            if comment.held_for
            else ("shown", gettext("Shown"))
        )

    @action(description=_("Remove with its replies"), permissions=["change"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        self.perform(
            request,
            queryset,
            lambda comment: moderating.decide_comment_removal(request.user, comment, chosen_reason(request)),
            lambda count: (
                ngettext("%(count)s comment removed.", "%(count)s comments removed.", count)
                % {"count": count}
            ),
        )

    @action(description=_("Remove with its replies"), permissions=["change"])
    def remove_one(self, request: HttpRequest, obj: Comment) -> None:
        CommentAdmin.remove(self, request, [obj])

    @action(description=_("Bring back"), permissions=["change"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        self.perform(
            request,
            queryset,
            lambda comment: moderating.undo_comment_removal(request.user, comment),
            lambda count: (
                ngettext("%(count)s comment is back.", "%(count)s comments are back.", count)
                % {"count": count}
            ),
        )

    @action(description=_("Bring back"), permissions=["change"])
    def bring_one_back(self, request: HttpRequest, obj: Comment) -> None:
        CommentAdmin.bring_back(self, request, [obj])


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ("filename", "owner_link", "state", "length", "filetype", "created_at", "expires_at")
    list_select_related = ("owner",)
    list_filter = ("state",)
    search_fields = ("filename", "owner__username")
    ordering = ("-created_at",)

    @display(description=_("Owner"))
    def owner_link(self, upload: Upload) -> SafeString:
        return person_link(upload.owner)


@admin.register(MediaJob)
class MediaJobAdmin(ReadOnlyAdmin):
    """Copies with a watermark and automatic captions: what runs, what waits, what failed."""

    list_display = ("clip", "kind", "key", "state_label", "percent", "attempts", "queued_at", "finished_at")
    list_display_links = ("kind",)
    list_select_related = ("video",)
    list_filter = ("state", "kind", ("queued_at", RangeDateTimeFilter))
    search_fields = ("video__caption", "=video__id")
    ordering = ("-queued_at",)
    exclude = ("lease_token",)

    @display(description=_("Clip"))
    def clip(self, job: MediaJob) -> SafeString:
        return admin_link("videos_video", job.video_id, shortened(job.video.caption, 40))

    @display(description=_("State"), ordering="state", label=QUEUE_STATES)
    def state_label(self, job: MediaJob) -> tuple[str, str]:
        return job.state, job.get_state_display()


@admin.register(Captions)
class CaptionsAdmin(ReadOnlyAdmin):
    list_display = ("clip", "language", "automatic", "updated_at")
    list_display_links = ("language",)
    list_select_related = ("video",)
    list_filter = ("automatic", "language")
    search_fields = ("video__caption", "vtt", "=video__id")
    ordering = ("-updated_at",)

    @display(description=_("Clip"))
    def clip(self, row: Captions) -> SafeString:
        return admin_link("videos_video", row.video_id, shortened(row.video.caption, 40))


class LibrarySoundForm(forms.ModelForm):
    """A sound for the library. Checking it makes it: only a file that became a sound is accepted."""

    MAX_MB = 50
    file = forms.FileField(
        label=_("Sound file"),
        help_text=_("MP3, M4A, WAV, OGG or FLAC, up to 50 MB."),
        widget=UnfoldAdminFileFieldWidget,
    )
    added_by: Any = None

    class Meta:
        model = Sound
        fields = ("title", "artist")
        widgets = {"title": UnfoldAdminTextInputWidget, "artist": UnfoldAdminTextInputWidget}

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        file = said.get("file")
        if self.errors or file is None:
            return said
        if file.size > self.MAX_MB << 20:
            self.add_error("file", gettext("This file is larger than %(limit)s MB.") % {"limit": self.MAX_MB})
            return said
        settings.WORK_DIR.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=settings.WORK_DIR) as copy:
            for piece in file.chunks():
                copy.write(piece)
            copy.flush()
            try:
                self.instance = actions.add_to_library(
                    self.added_by, title=said["title"], artist=said["artist"], path=Path(copy.name)
                )
            except Problem as problem:
                self.add_error("file", str(problem.message))
        return said

    def _post_clean(self) -> None:
        """The row is made by the action, whole; the form writes nothing into it."""

    def save(self, commit: bool = True) -> Sound:
        return self.instance

    def save_m2m(self) -> None:
        """Nothing hangs on a sound."""


@admin.register(Sound)
class SoundAdmin(AddingAdmin, ReadOnlyAdmin):
    """Sounds of clips, and the library, which is added to here."""

    list_display = ("title", "artist", "owner_link", "duration_ms", "uses_count", "has_file", "created_at")
    list_select_related = ("owner",)
    list_filter = (("owner", admin.EmptyFieldListFilter), ("file", admin.EmptyFieldListFilter))
    search_fields = ("title", "artist", "owner__username")
    ordering = ("-id",)
    readonly_fields = ("player", "owner_link")
    adding_form = LibrarySoundForm
    adding_fields = ("title", "artist", "file")
    shown_fields = ("player", "title", "artist", "owner_link", "duration_ms", "uses_count", "created_at")

    @display(description=_("Owner"))
    def owner_link(self, sound: Sound) -> SafeString | str:
        return person_link(sound.owner) if sound.owner_id else gettext("Library")

    @display(description=_("File"), boolean=True)
    def has_file(self, sound: Sound) -> bool:
        return bool(sound.file)

    @display(description=_("Player"))
    def player(self, sound: Sound) -> SafeString | str:
        address = sound_url(sound)
        return format_html('<audio controls preload="none" src="{}"></audio>', address) if address else "–"


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    list_display = ("name", "videos_count")
    search_fields = ("name",)
    ordering = ("-videos_count",)


@admin.register(Training)
class TrainingAdmin(ReadOnlyAdmin):
    """Trainings of For You: what went in, what each cost, how good it was on clips that were held out, which one serves."""

    list_display = (
        "started_at",
        "state_label",
        "is_serving",
        "people",
        "clips",
        "interactions",
        "quality",
        "popularity",
        "cpu_seconds",
    )
    list_filter = ("state", "serving", ("started_at", RangeDateTimeFilter))
    ordering = ("-started_at",)
    exclude = ("figures",)
    readonly_fields = ("measured",)

    @display(description=_("State"), ordering="state", label=QUEUE_STATES)
    def state_label(self, training: Training) -> tuple[str, str]:
        return training.state, training.get_state_display()

    @display(description=_("Serves"), boolean=True)
    def is_serving(self, training: Training) -> bool:
        return training.serving

    @display(description=_("NDCG@10"))
    def quality(self, training: Training) -> str:
        return _figure(training, "ndcg@10")

    @display(description=_("NDCG@10 of popularity"))
    def popularity(self, training: Training) -> str:
        return _figure(training, "popular_ndcg@10")

    @display(description=_("Measured"))
    def measured(self, training: Training) -> SafeString | str:
        figures = [(name, value) for name, value in sorted(training.figures.items()) if name != "norms"]
        return format_html_join("", "<div>{}: {}</div>", figures) or "–"


def _figure(training: Training, name: str) -> str:
    return f"{training.figures[name]:.3f}" if name in training.figures else "–"
