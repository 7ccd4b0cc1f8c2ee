"""Moderation in the admin: the queue of reports, what people shut out, and the log of every deed."""

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from socialapp.lib.backoffice import ReadOnlyAdmin, admin_link, person_link, shortened

from . import admin_decisions, admin_terms
from .models import AuditEntry, Block, Mute, PrivacySettings, Report

__all__ = ["admin_decisions", "admin_terms"]
TARGET_PAGES = {
    Report.Target.PERSON: "accounts_user",
    Report.Target.VIDEO: "videos_video",
    Report.Target.COMMENT: "videos_comment",
    Report.Target.MESSAGE: "messaging_message",
    Report.Target.SOUND: "videos_sound",
}


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """Open reports first, newest first; each leads to its case at the desk, where it is decided."""

    list_display = (
        "created_at",
        "state_label",
        "reason",
        "target",
        "responsible",
        "reported_by",
        "note_start",
        "at_desk",
    )
    list_display_links = ("created_at",)
    list_select_related = ("reporter", "target_person", "handled_by")
    list_filter = ("state", "reason", "target_type", ("created_at", RangeDateTimeFilter))
    search_fields = ("note", "reporter__username", "target_person__username", "target_id")
    date_hierarchy = None
    fields = (
        "state",
        "reason",
        "note",
        "target",
        "responsible",
        "reported_by",
        "created_at",
        "handled_by",
        "handled_at",
        "at_desk",
    )
    readonly_fields = ("target", "responsible", "reported_by", "at_desk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        closed = Case(
            When(state=Report.State.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField()
        )
        return super().get_queryset(request).alias(closed=closed).order_by("closed", "-id")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ()

    @display(description=_("State"), label={"open": "danger", "acted": "success", "dismissed": "info"})
    def state_label(self, row: Report) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=_("About"))
    def target(self, row: Report) -> SafeString:
        text = f"{row.get_target_type_display()} {row.target_id}"
        return admin_link(TARGET_PAGES[Report.Target(row.target_type)], row.target_id, text)

    @display(description=_("Responsible"))
    def responsible(self, row: Report) -> SafeString:
        return person_link(row.target_person)

    @display(description=_("Reported by"))
    def reported_by(self, row: Report) -> SafeString:
        return person_link(row.reporter)

    @display(description=_("Case"))
    def at_desk(self, row: Report) -> SafeString:
        return admin_decisions.case_link(row.case_id, gettext("Open"))

    @display(description=_("Note"))
    def note_start(self, row: Report) -> str:
        return shortened(row.note)


@admin.register(AuditEntry)
class AuditAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "who", "verb", "target_type", "target_id", "detail_start")
    list_select_related = ("actor",)
    list_filter = ("target_type", ("created_at", RangeDateTimeFilter))
    search_fields = ("verb", "actor__username", "target_id")
    ordering = ("-id",)

    @display(description=_("By"))
    def who(self, row: AuditEntry) -> SafeString | str:
        return person_link(row.actor) if row.actor else gettext("the system")

    @display(description=_("Detail"))
    def detail_start(self, row: AuditEntry) -> str:
        return shortened(", ".join(f"{name}: {value}" for name, value in row.detail.items()))


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    list_display = ("blocker", "blocked", "created_at")
    list_select_related = ("blocker", "blocked")
    search_fields = ("blocker__username", "blocked__username")
    ordering = ("-id",)


@admin.register(Mute)
class MuteAdmin(ReadOnlyAdmin):
    list_display = ("muter", "muted", "created_at")
    list_select_related = ("muter", "muted")
    search_fields = ("muter__username", "muted__username")
    ordering = ("-id",)


@admin.register(PrivacySettings)
class PrivacySettingsAdmin(ReadOnlyAdmin):
    """What people allow. They set it themselves; nobody does it for them."""

    list_display = ("person", "is_private", "findable", "message_audience", "comment_audience", "changed_at")
    list_select_related = ("person",)
    list_filter = ("is_private", "findable", "message_audience")
    search_fields = ("person__username",)
    ordering = ("-person_id",)
