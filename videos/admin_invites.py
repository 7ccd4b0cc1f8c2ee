"""Invites in the admin: how many, by whom, what came of them. Neither their addresses, which are keys, nor people's contacts,
who are nobody's business but theirs."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from socialapp.lib.backoffice import ReadOnlyAdmin, admin_link, person_link, shortened

from .models import Invite


@admin.register(Invite)
class InviteAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "inviter_link",
        "clip_link",
        "channel",
        "opened_at",
        "viewed_at",
        "accepted_at",
        "expires_at",
    )
    list_select_related = ("inviter", "video")
    list_filter = ("channel", ("created_at", RangeDateTimeFilter))
    search_fields = ("inviter__username",)
    ordering = ("-id",)
    readonly_fields = ("inviter_link", "clip_link")
    fields = (
        "inviter_link",
        "clip_link",
        "channel",
        "created_at",
        "expires_at",
        "browsers",
        "opened_at",
        "viewed_at",
        "accepted_at",
        "undone_at",
        "revoked_at",
    )

    @display(description=_("Inviter"))
    def inviter_link(self, invite: Invite) -> SafeString | str:
        return person_link(invite.inviter)

    @display(description=_("Clip"))
    def clip_link(self, invite: Invite) -> SafeString | str:
        return admin_link("videos_video", invite.video_id, shortened(str(invite.video), 40))
