"""Decisions and appeals in the admin: the whole record, searchable. Deciding itself happens at the desk (views_desk.py)."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from socialapp.lib.backoffice import ReadOnlyAdmin, RowsAdmin, person_link, shortened

from . import actions
from .models import Appeal, Decision

ACTS = {
    "dismiss": "info",
    "label": "info",
    "restrict": "warning",
    "remove": "warning",
    "warn": "warning",
    "suspend": "danger",
    "ban": "danger",
}


def case_link(case_id: int | None, text: object) -> SafeString:
    """A case at the desk."""
    if case_id is None:
        return format_html("{}", "–")
    return format_html('<a href="{}?case={}">{}</a>', reverse("admin:moderation"), case_id, text)


@admin.register(Decision)
class DecisionAdmin(RowsAdmin):
    """Every decision, newest first; each can be taken back."""

    list_display = ("created_at", "act_label", "about", "concerned", "reason", "by", "until", "undone_at")
    list_display_links = ("created_at",)
    list_select_related = ("case", "person", "moderator", "undone_by")
    list_filter = (
        "act",
        "reason",
        "case__target_type",
        ("undone_at", admin.EmptyFieldListFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("person__username", "moderator__username", "statement", "=case__target_id")
    ordering = ("-id",)
    actions = ("undo",)
    actions_submit_line = ("undo_one",)
    fields = (
        "act",
        "about",
        "concerned",
        "reason",
        "statement",
        "excerpt",
        "until",
        "by",
        "created_at",
        "undone_at",
        "undone_by",
    )
    readonly_fields = ("about", "concerned", "by")

    @display(description=_("Act"), ordering="act", label=ACTS)
    def act_label(self, row: Decision) -> tuple[str, str]:
        return row.act, row.get_act_display()

    @display(description=_("About"))
    def about(self, row: Decision) -> SafeString:
        return case_link(row.case_id, f"{row.case.target_type} {row.case.target_id}")

    @display(description=_("Person"))
    def concerned(self, row: Decision) -> SafeString:
        return person_link(row.person)

    @display(description=_("By"))
    def by(self, row: Decision) -> SafeString:
        return person_link(row.moderator)

    @action(description=_("Take back"), permissions=["change"])
    def undo(self, request: HttpRequest, queryset: QuerySet[Decision]) -> None:
        self.perform(
            request,
            queryset,
            lambda row: row.undone_at is None and bool(actions.undo_decision(request.user, row)),
            lambda count: (
                ngettext("%(count)s decision taken back.", "%(count)s decisions taken back.", count)
                % {"count": count}
            ),
        )

    @action(description=_("Take back"), permissions=["change"])
    def undo_one(self, request: HttpRequest, obj: Decision) -> None:
        DecisionAdmin.undo(self, request, [obj])


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    """Every appeal; those that wait are answered at the desk."""

    list_display = ("created_at", "state_label", "concerned", "text_start", "answered_by", "answered_at")
    list_display_links = ("created_at",)
    list_select_related = ("decision__person", "answered_by")
    list_filter = ("state", ("created_at", RangeDateTimeFilter))
    search_fields = ("decision__person__username", "text", "answer")
    ordering = ("-id",)

    @display(
        description=_("State"),
        ordering="state",
        label={"open": "warning", "granted": "success", "refused": "info"},
    )
    def state_label(self, row: Appeal) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=_("Person"))
    def concerned(self, row: Appeal) -> SafeString:
        return person_link(row.decision.person)

    @display(description=_("Appeal"))
    def text_start(self, row: Appeal) -> str:
        return shortened(row.text)
