"""Promotions in the admin: what waits first, with its clip to look at; approving; refusing with a reason that its owner reads."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action, display
from unfold.forms import ActionForm

from socialapp.lib.backoffice import RowsAdmin, admin_link, person_link, shortened

from . import actions
from .cards_promotions import audience_label
from .media import cover_url
from .models import Promotion, PromotionDay

STATES = {
    "submitted": "warning",
    "approved": "success",
    "rejected": "danger",
    "paused": "info",
    "draft": "default",
    "ended": "default",
}


class RefusalForm(ActionForm):
    """Why it is refused, and words that its owner reads."""

    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=Promotion.Reason.choices)
    note = forms.CharField(label=_("Words to its owner"), required=False, max_length=300)


class DayInline(TabularInline):
    """What each day took."""

    model = PromotionDay
    extra = 0
    can_delete = False
    tab = True
    fields = readonly_fields = ("day", "spent", "reach")
    ordering = ("-day",)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Promotion)
class PromotionAdmin(RowsAdmin):
    list_display = (
        "clip_link",
        "owner_link",
        "state_label",
        "goal",
        "for_whom",
        "daily_budget",
        "starts_on",
        "ends_on",
        "submitted_at",
    )
    list_select_related = ("owner", "video")
    list_filter = ("state", "goal", ("starts_on", RangeDateFilter))
    search_fields = ("owner__username", "video__caption")
    ordering = ("-submitted_at", "-id")
    action_form = RefusalForm
    actions = ("approve_promotions", "reject_promotions")
    actions_submit_line = ("approve_one", "reject_one")
    inlines = (DayInline,)
    exclude = ("approved_as",)
    editable = ("reason", "note")  # of a refusal: the button beside them takes what stands there
    readonly_fields = ("picture", "owner_link", "clip_link", "state_label", "for_whom", "leads_to")

    @display(description=_("Cover"))
    def picture(self, promotion: Promotion) -> SafeString:
        address = cover_url(promotion.video) if promotion.video.cover else ""
        if not address:
            return format_html("{}", "–")
        return format_html('<img class="admin-player" src="{}" alt="">', address)

    @display(description=_("Clip"))
    def clip_link(self, promotion: Promotion) -> SafeString:
        return admin_link("videos_video", promotion.video_id, shortened(promotion.video.caption, 60))

    @display(description=_("Owner"), ordering="owner__username")
    def owner_link(self, promotion: Promotion) -> SafeString:
        return person_link(promotion.owner)

    @display(description=_("State"), label=STATES)
    def state_label(self, promotion: Promotion) -> tuple[str, str]:
        return promotion.state, promotion.get_state_display()

    @display(description=_("For whom"))
    def for_whom(self, promotion: Promotion) -> str:
        return audience_label(promotion)

    @display(description=_("Link"))
    def leads_to(self, promotion: Promotion) -> str:
        return promotion.video.product_url or "–"

    @action(description=_("Approve"), permissions=["change"])
    def approve_promotions(self, request: HttpRequest, queryset: "QuerySet[Promotion]") -> None:
        self.perform(
            request,
            queryset,
            lambda row: actions.approve_promotion(request.user, row),
            lambda count: (
                ngettext("%(count)s promotion approved.", "%(count)s promotions approved.", count)
                % {"count": count}
            ),
        )

    @action(description=_("Refuse"), permissions=["change"])
    def reject_promotions(self, request: HttpRequest, queryset: "QuerySet[Promotion]") -> None:
        """With the reason and the words beside the button; without a reason for "something else"."""
        reason = request.POST.get("reason") or Promotion.Reason.OTHER
        note = request.POST.get("note", "")
        self.perform(
            request,
            queryset,
            lambda row: actions.reject_promotion(request.user, row, reason, note),
            lambda count: (
                ngettext("%(count)s promotion refused.", "%(count)s promotions refused.", count)
                % {"count": count}
            ),
        )

    @action(description=_("Approve"), permissions=["change"])
    def approve_one(self, request: HttpRequest, obj: Promotion) -> None:
        PromotionAdmin.approve_promotions(self, request, [obj])

    @action(description=_("Refuse"), permissions=["change"])
    def reject_one(self, request: HttpRequest, obj: Promotion) -> None:
        PromotionAdmin.reject_promotions(self, request, [obj])
