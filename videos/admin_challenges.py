"""Challenges in the admin: what hosts invite people to, and taking one out of sight or back. Staff write theirs in the studio."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from privacy.admin_reasons import ReasonForm, chosen_reason
from socialapp.lib.backoffice import RowsAdmin, admin_link, person_link, shortened

from . import actions
from .challenges import phase
from .media import banner_url
from .models import Challenge, ChallengeMark

PHASES = {"running": "success", "coming": "info", "draft": "info", "ended": "default", "removed": "warning"}


class MarkInline(TabularInline):
    """What the host said of entries."""

    model = ChallengeMark
    extra = 0
    can_delete = False
    tab = True
    fields = readonly_fields = ("clip", "verdict", "place", "created_at")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[ChallengeMark]":
        return super().get_queryset(request).select_related("video")

    @display(description=_("Clip"))
    def clip(self, mark: ChallengeMark) -> SafeString:
        return admin_link("videos_video", mark.video_id, shortened(mark.video.caption, 60))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Challenge)
class ChallengeAdmin(RowsAdmin):
    list_display = (
        "title",
        "tag",
        "host_link",
        "phase_label",
        "sponsor",
        "sponsorship",
        "country",
        "starts_at",
        "ends_at",
    )
    list_select_related = ("host", "tag")
    list_filter = (
        "sponsorship",
        ("published_at", admin.EmptyFieldListFilter),
        ("removed_at", admin.EmptyFieldListFilter),
        ("ends_at", RangeDateTimeFilter),
    )
    search_fields = ("title", "brief", "slug", "tag__name", "host__username")
    ordering = ("-id",)
    action_form = ReasonForm
    actions = ("remove_challenges", "restore_challenges", "approve_sponsors", "refuse_sponsors")
    actions_submit_line = ("remove_one", "restore_one", "approve_sponsor", "refuse_sponsor")
    editable = ("sponsor_note",)  # of a refusal: the button beside it takes what stands there
    inlines = (MarkInline,)
    exclude = ("folder", "banner")
    readonly_fields = ("picture", "host_link", "phase_label")

    @display(description=_("Banner"))
    def picture(self, challenge: Challenge) -> SafeString:
        address = banner_url(challenge)
        return (
            format_html('<img class="admin-player" src="{}" alt="">', address)
            if address
            else format_html("{}", "–")
        )

    @display(description=_("Host"), ordering="host__username")
    def host_link(self, challenge: Challenge) -> SafeString:
        return person_link(challenge.host)

    @display(description=_("State"), label=PHASES)
    def phase_label(self, challenge: Challenge) -> tuple[str, str]:
        at = phase(challenge, timezone.now())
        return str(at), gettext(str(at.label))

    @action(description=_("Remove from the site"), permissions=["change"])
    def remove_challenges(self, request: HttpRequest, queryset: "QuerySet[Challenge]") -> None:
        self.perform(
            request,
            queryset,
            lambda row: actions.remove_challenge(request.user, row, chosen_reason(request)),
            lambda count: (
                ngettext("%(count)s challenge removed.", "%(count)s challenges removed.", count)
                % {"count": count}
            ),
        )

    @action(description=_("Bring back"), permissions=["change"])
    def restore_challenges(self, request: HttpRequest, queryset: "QuerySet[Challenge]") -> None:
        self.perform(
            request,
            queryset,
            lambda row: actions.restore_challenge(request.user, row),
            lambda count: (
                ngettext("%(count)s challenge is back.", "%(count)s challenges are back.", count)
                % {"count": count}
            ),
        )

    @action(description=_("Approve the sponsor and publish"), permissions=["change"])
    def approve_sponsors(self, request: HttpRequest, queryset: "QuerySet[Challenge]") -> None:
        self.perform(
            request,
            queryset,
            lambda row: actions.approve_sponsor(request.user, row),
            lambda count: (
                ngettext(
                    "%(count)s sponsored challenge is out.", "%(count)s sponsored challenges are out.", count
                )
                % {"count": count}
            ),
        )

    @action(description=_("Refuse the sponsor"), permissions=["change"])
    def refuse_sponsors(self, request: HttpRequest, queryset: "QuerySet[Challenge]") -> None:
        self.perform(
            request,
            queryset,
            lambda row: actions.refuse_sponsor(request.user, row, request.POST.get("sponsor_note", "")),
            lambda count: (
                ngettext("%(count)s sponsor refused.", "%(count)s sponsors refused.", count)
                % {"count": count}
            ),
        )

    @action(description=_("Approve the sponsor and publish"), permissions=["change"])
    def approve_sponsor(self, request: HttpRequest, obj: Challenge) -> None:
        ChallengeAdmin.approve_sponsors(self, request, [obj])

    @action(description=_("Refuse the sponsor"), permissions=["change"])
    def refuse_sponsor(self, request: HttpRequest, obj: Challenge) -> None:
        ChallengeAdmin.refuse_sponsors(self, request, [obj])

    @action(description=_("Remove from the site"), permissions=["change"])
    def remove_one(self, request: HttpRequest, obj: Challenge) -> None:
        ChallengeAdmin.remove_challenges(self, request, [obj])

    @action(description=_("Bring back"), permissions=["change"])
    def restore_one(self, request: HttpRequest, obj: Challenge) -> None:
        ChallengeAdmin.restore_challenges(self, request, [obj])
