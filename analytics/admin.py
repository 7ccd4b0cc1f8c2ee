"""Figures in the admin, to look at only: they are counted, never typed in."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter, RangeDateTimeFilter
from unfold.decorators import display

from socialapp.lib.backoffice import ReadOnlyAdmin, admin_link, person_link, shortened

from .models import CreatorDay, DroppedDay, Event, EventBatch, VideoDay


@admin.register(CreatorDay)
class CreatorDayAdmin(ReadOnlyAdmin):
    list_display = (
        "day",
        "creator_link",
        "views",
        "watch_ms",
        "profile_views",
        "followers_new",
        "followers_lost",
        "likes",
        "comments",
        "shares",
        "saves",
    )
    list_select_related = ("creator",)
    list_filter = (("day", RangeDateFilter),)
    search_fields = ("creator__username",)
    ordering = ("-day", "-id")

    @display(description=_("Creator"))
    def creator_link(self, row: CreatorDay) -> SafeString:
        return person_link(row.creator)


@admin.register(VideoDay)
class VideoDayAdmin(ReadOnlyAdmin):
    list_display = (
        "day",
        "clip",
        "creator_link",
        "views",
        "watch_ms",
        "completions",
        "likes",
        "comments",
        "shares",
        "saves",
    )
    list_select_related = ("video", "creator")
    list_filter = (("day", RangeDateFilter),)
    search_fields = ("creator__username", "video__caption", "=video__id")
    ordering = ("-day", "-id")

    @display(description=_("Clip"))
    def clip(self, row: VideoDay) -> SafeString:
        return admin_link("videos_video", row.video_id, shortened(row.video.caption, 40))

    @display(description=_("Creator"))
    def creator_link(self, row: VideoDay) -> SafeString:
        return person_link(row.creator)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Single viewings of the last 30 days, without their viewers: moderators need the pattern, not who watched what."""

    list_display = ("at", "kind", "clip", "source", "watched_ms", "duration_ms", "loops", "logged_in")
    list_display_links = ("at",)
    list_select_related = ("video",)
    list_filter = ("kind", "source", ("at", RangeDateTimeFilter))
    search_fields = ("=video__id", "session")
    ordering = ("-id",)
    fields = (
        "kind",
        "clip",
        "source",
        "country",
        "session",
        "watched_ms",
        "duration_ms",
        "loops",
        "at",
        "logged_in",
    )
    readonly_fields = ("clip", "logged_in")

    @display(description=_("Clip"))
    def clip(self, row: Event) -> SafeString | str:
        return admin_link("videos_video", row.video_id, shortened(row.video.caption, 40)) if row.video else ""

    @display(description=_("Logged in"), boolean=True)
    def logged_in(self, row: Event) -> bool:
        return row.viewer_id is not None


@admin.register(EventBatch)
class EventBatchAdmin(ReadOnlyAdmin):
    list_display = ("flushed_at", "events", "id")
    ordering = ("-flushed_at",)


@admin.register(DroppedDay)
class DroppedDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "reason", "events")
    list_filter = ("reason", ("day", RangeDateFilter))
    ordering = ("-day", "reason")
