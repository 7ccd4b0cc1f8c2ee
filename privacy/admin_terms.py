"""Blocked terms in the admin: the list, adding many at once, taking off."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from socialapp.lib.backoffice import AddingAdmin, person_link
from socialapp.lib.errors import Problem

from .actions import terms as deeds
from .models import BlockedTerm


class TermsForm(forms.ModelForm):
    """Words to block, one a line. Checking it adds them."""

    terms = forms.CharField(
        label=_("Words or phrases"),
        widget=UnfoldAdminTextareaWidget,
        help_text=_(
            "One a line. Found as whole words, whatever the case, accents or simple disguise (b4d, b.a.d, baaad)."
        ),
    )
    added_by: Any = None

    class Meta:
        model = BlockedTerm
        fields = ("act", "note")
        widgets = {"act": UnfoldAdminSelectWidget, "note": UnfoldAdminTextInputWidget}

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        try:
            rows = deeds.add_terms(
                self.added_by, said["terms"].splitlines(), act=said["act"], note=said.get("note", "")
            )
            self.instance = rows[-1]
        except Problem as problem:
            self.add_error("terms", str(problem.message))
        return said

    def _post_clean(self) -> None:
        """The rows are made by the action, whole; the form writes nothing into them."""

    def save(self, commit: bool = True) -> BlockedTerm:
        return self.instance

    def save_m2m(self) -> None:
        """Nothing hangs on a term."""


@admin.register(BlockedTerm)
class BlockedTermAdmin(AddingAdmin):
    """What is held or refused on the whole site."""

    list_display = ("term", "act_label", "note", "by", "created_at")
    list_select_related = ("added_by",)
    list_filter = ("act",)
    search_fields = ("term", "folded", "note")
    ordering = ("term",)
    actions = ("remove_terms",)
    readonly_fields = ("by",)
    adding_form = TermsForm
    adding_fields = ("terms", "act", "note")
    shown_fields = ("term", "act", "note", "by", "created_at")

    @display(description=_("What happens"), label={"refuse": "danger", "hold": "warning"})
    def act_label(self, row: BlockedTerm) -> tuple[str, str]:
        return row.act, row.get_act_display()

    @display(description=_("Added by"))
    def by(self, row: BlockedTerm) -> SafeString:
        return person_link(row.added_by)

    @action(description=_("Take off the list"), permissions=["remove"])
    def remove_terms(self, request: HttpRequest, queryset: QuerySet[BlockedTerm]) -> None:
        self.perform(
            request,
            queryset,
            lambda row: deeds.remove_term(request.user, row),
            lambda count: (
                ngettext("%(count)s term removed.", "%(count)s terms removed.", count) % {"count": count}
            ),
        )

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Whether the action above is on offer."""
        return request.user.has_perm("privacy.delete_blockedterm")
