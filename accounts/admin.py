"""People in the admin: find, look, suspend, reinstate; and who may use the admin."""

from collections.abc import Iterable

import allauth.account.admin
import allauth.usersessions.admin  # noqa: F401  (both register first, so that they can be replaced below)
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display
from unfold.forms import ActionForm

from privacy.cases import LONGEST_SUSPENSION_DAYS
from socialapp.lib.backoffice import ReadOnlyAdmin, RowsAdmin, admin_link, person_link

from . import actions
from .access import avatar_url
from .models import Follow, User

for model in (EmailAddress, EmailConfirmation, UserSession, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class ReasonForm(ActionForm):
    """Why, in words that the person reads; and for how long."""

    reason = forms.CharField(label=_("Reason, for the person to read"), required=False, max_length=500)
    days = forms.IntegerField(
        label=_("Days (empty: for good)"), required=False, min_value=1, max_value=LONGEST_SUSPENSION_DAYS
    )


@admin.register(User)
class PersonAdmin(RowsAdmin):
    action_form = ReasonForm
    list_display = (
        "head",
        "email",
        "standing",
        "videos_count",
        "followers_count",
        "following_count",
        "likes_count",
        "date_joined",
        "last_login",
    )
    list_filter = (
        "is_active",
        "is_staff",
        "is_business",
        "privacy__is_private",
        ("deactivated_at", admin.EmptyFieldListFilter),
        ("date_joined", RangeDateTimeFilter),
    )
    search_fields = ("username", "email", "display_name")
    ordering = ("-id",)
    actions = ("suspend_people", "reinstate_people")
    actions_submit_line = ("suspend_person", "reinstate_person", "save_rights")
    autocomplete_fields = ("groups",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "picture",
                    "username",
                    "display_name",
                    "bio",
                    "pronouns",
                    "standing_text",
                    "reports",
                )
            },
        ),
        (_("Account"), {"fields": ("email", "phone", "birth_date", "language", "country", "is_business")}),
        (_("Figures"), {"fields": (("videos_count", "likes_count"), ("followers_count", "following_count"))}),
        (_("Times"), {"fields": ("date_joined", "last_login", "deactivated_at")}),
        (_("Rights"), {"fields": ("is_staff", "is_superuser", "groups")}),
    )
    readonly_fields = ("picture", "standing_text", "reports")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        # Rights are given by those who have all of them.
        return (
            fields
            if not request.user.is_superuser
            else tuple(f for f in fields if f not in ("is_staff", "is_superuser", "groups"))
        )

    @display(description=_("Person"), header=True)
    def head(self, person: User) -> list[object]:
        picture = avatar_url(person)
        initials = (person.display_name or person.username)[:1].upper()
        image = {"path": picture, "squared": False, "width": 32, "height": 32} if picture else None
        return [person.username, person.display_name, initials, *([image] if image else [])]

    @display(
        description=_("Standing"),
        label={"ok": "success", "suspended": "danger", "hidden": "warning", "staff": "info"},
    )
    def standing(self, person: User) -> tuple[str, str]:
        if not person.is_active:
            until = person.suspended_until
            return "suspended", gettext("Suspended") if until is None else gettext(
                "Suspended until %(day)s"
            ) % {"day": date_format(until, "SHORT_DATE_FORMAT")}
        if person.deactivated_at:
            return "hidden", gettext("Hidden by themselves")
        return ("staff", gettext("Staff")) if person.is_staff else ("ok", gettext("Active"))

    @display(description=_("Standing"))
    def standing_text(self, person: User) -> str:
        return self.standing(person)[1]

    @display(description=_("Picture"))
    def picture(self, person: User) -> SafeString:
        url = avatar_url(person)
        return (
            format_html('<img class="admin-avatar" src="{}" alt="">', url) if url else format_html("{}", "–")
        )

    @display(description=_("Reports"))
    def reports(self, person: User) -> SafeString:
        rows = person.reports_received.count()
        text = ngettext("%(count)s report", "%(count)s reports", rows) % {"count": rows}
        return format_html('<a href="/admin/privacy/report/?q={}">{}</a>', person.username, text)

    @action(description=_("Suspend"), permissions=["change"])
    def suspend_people(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        days = request.POST.get("days", "")
        self._suspend(
            request, queryset, request.POST.get("reason", ""), int(days) if days.isdecimal() else None
        )

    @action(description=_("Reinstate"), permissions=["change"])
    def reinstate_people(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._reinstate(request, queryset)

    @action(description=_("Suspend"), permissions=["change"])
    def suspend_person(self, request: HttpRequest, obj: User) -> None:
        self._suspend(request, [obj], "", None)

    @action(description=_("Reinstate"), permissions=["change"])
    def reinstate_person(self, request: HttpRequest, obj: User) -> None:
        self._reinstate(request, [obj])

    @action(description=_("Save rights"), permissions=["change"])
    def save_rights(self, request: HttpRequest, obj: User) -> None:
        self.perform(
            request,
            [obj],
            lambda person: actions.change_rights(
                request.user,
                person,
                is_staff=obj.is_staff,
                is_superuser=obj.is_superuser,
                groups=request.POST.getlist("groups"),
            ),
            lambda count: gettext("Rights saved."),
        )

    def _suspend(self, request: HttpRequest, people: Iterable[User], reason: str, days: int | None) -> None:
        self.perform(
            request,
            people,
            lambda person: actions.suspend(request.user, person, reason, days),
            lambda count: (
                ngettext("%(count)s person suspended.", "%(count)s people suspended.", count)
                % {"count": count}
            ),
        )

    def _reinstate(self, request: HttpRequest, people: Iterable[User]) -> None:
        self.perform(
            request,
            people,
            lambda person: actions.reinstate(request.user, person),
            lambda count: (
                ngettext("%(count)s person reinstated.", "%(count)s people reinstated.", count)
                % {"count": count}
            ),
        )


@admin.register(Follow)
class FollowAdmin(ReadOnlyAdmin):
    list_display = ("follower_link", "followed_link", "state", "created_at", "accepted_at")
    list_display_links = ("created_at",)
    list_select_related = ("follower", "followed")
    list_filter = ("state", ("created_at", RangeDateTimeFilter))
    search_fields = ("follower__username", "followed__username")
    ordering = ("-id",)

    @display(description=_("Follower"))
    def follower_link(self, row: Follow) -> SafeString:
        return person_link(row.follower)

    @display(description=_("Followed"))
    def followed_link(self, row: Follow) -> SafeString:
        return person_link(row.followed)


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    list_display = ("email", "person", "verified", "primary")
    list_select_related = ("user",)
    list_filter = ("verified", "primary")
    search_fields = ("email", "user__username")
    ordering = ("-id",)

    @display(description=_("Person"))
    def person(self, row: EmailAddress) -> SafeString:
        return admin_link("accounts_user", row.user_id, row.user)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Groups of rights for moderators."""
