"""Moderation in the admin: the queue of reports, what people shut out, and the log of every deed."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from socialapp.lib.backoffice import ReadOnlyAdmin, RowsAdmin, admin_link, person_link, shortened

from . import actions, admin_terms
from .models import AuditEntry, Block, Mute, PrivacySettings, Report

__all__ = ["admin_terms"]
TARGET_PAGES = {
    Report.Target.PERSON: "accounts_user",
    Report.Target.VIDEO: "videos_video",
    Report.Target.COMMENT: "videos_comment",
    Report.Target.MESSAGE: "messaging_message",
    Report.Target.SOUND: "videos_sound",
}


@admin.register(Report)
class ReportAdmin(RowsAdmin):
    """Open reports first, newest first; each leads to the thing it is about."""

    list_display = (
        "created_at",
        "state_label",
        "reason",
        "target",
        "responsible",
        "reported_by",
        "note_start",
    )
    list_display_links = ("created_at",)
    list_select_related = ("reporter", "target_person", "handled_by")
    list_filter = ("state", "reason", "target_type", ("created_at", RangeDateTimeFilter))
    search_fields = ("note", "reporter__username", "target_person__username", "target_id")
    date_hierarchy = None
    actions = ("mark_acted", "mark_dismissed")
    actions_submit_line = ("close_acted", "close_dismissed")
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
    )
    readonly_fields = ("target", "responsible", "reported_by")

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

    @display(description=_("Note"))
    def note_start(self, row: Report) -> str:
        return shortened(row.note)

    @action(description=_("Acted on: close as justified"), permissions=["change"])
    def mark_acted(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        self._close(request, queryset, acted=True)

    @action(description=_("Nothing to do: dismiss"), permissions=["change"])
    def mark_dismissed(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        self._close(request, queryset, acted=False)

    @action(description=_("Acted on"), permissions=["change"])
    def close_acted(self, request: HttpRequest, obj: Report) -> None:
        self._close(request, [obj], acted=True)

    @action(description=_("Dismiss"), permissions=["change"])
    def close_dismissed(self, request: HttpRequest, obj: Report) -> None:
        self._close(request, [obj], acted=False)

    def _close(self, request: HttpRequest, rows: Any, *, acted: bool) -> None:
        self.perform(
            request,
            rows,
            lambda row: actions.close_report(request.user, row, acted=acted),
            lambda count: (
                ngettext("%(count)s report closed.", "%(count)s reports closed.", count) % {"count": count}
            ),
        )


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
