"""What every admin page of the project shares. The admin shows rows and calls actions; it edits nothing on its own.

Tables are read in one query with their people, deeds go through an app's actions.py (which audits them), and a refusal
becomes a message instead of an error page.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from .errors import Problem


class RowsAdmin(ModelAdmin):
    """Rows to look at: no adding, no deleting, nothing to edit but `editable`, and deeds as buttons and list actions."""

    editable: tuple[str, ...] = ()
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    warn_unsaved_form = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        extra = tuple(super().get_readonly_fields(request, obj))
        columns = [field.name for field in self.opts.concrete_fields] + [
            field.name for field in self.opts.local_many_to_many
        ]
        return tuple(dict.fromkeys([*extra, *(name for name in columns if name not in self.editable)]))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """There is nothing to save; the buttons are the deeds."""
        plain = {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}
        return super().changeform_view(request, object_id, form_url, {**plain, **(extra_context or {})})

    def save_related(self, request: HttpRequest, form: "ModelForm[Any]", formsets: Any, change: bool) -> None:
        """Writes no row either; says so to Django, which asks the formsets afterwards."""
        for formset in formsets:
            formset.new_objects = formset.changed_objects = formset.deleted_objects = []

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:
        """Writes no row: a form's copy is minutes old and would set counters back. Only pressed buttons do something."""
        for action in self.get_actions_submit_line(request, obj.pk):
            if action.action_name in request.POST:
                action.method(request, obj)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """The audit log has it, with reasons; Django's own history would only say that a button was pressed."""
        return None

    def message_user(
        self, request: HttpRequest, message: Any, level: Any = messages.INFO, *args: Any, **kwargs: Any
    ) -> None:
        """Leaves out the form's "was changed successfully": what a deed did it says itself."""
        if kwargs.pop("own", False) or level != messages.SUCCESS:
            super().message_user(request, message, level, *args, **kwargs)

    def perform(
        self,
        request: HttpRequest,
        rows: Iterable[Model],
        deed: Callable[[Any], Any],
        done: Callable[[int], str],
    ) -> None:
        """Do `deed` to each row and say how many it changed; a row that refuses says why and does not stop the others."""
        count = 0
        for row in rows:
            try:
                count += deed(row) is not False
            except Problem as problem:
                self.message_user(request, str(problem.message), messages.WARNING, own=True)
        if count:
            self.message_user(request, done(count), messages.SUCCESS, own=True)


class ReadOnlyAdmin(RowsAdmin):
    """Rows that nobody changes by hand."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AddingAdmin(RowsAdmin):
    """Rows that are added by a form of their own and not edited afterwards. The form's action checks and audits."""

    adding_form: "type[ModelForm[Any]]"
    adding_fields: tuple[str, ...] = ()
    shown_fields: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.add_{self.opts.model_name}")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        return super().get_readonly_fields(request, obj) if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.adding_fields if obj is None else self.shown_fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change=change, **kwargs)
        return type(self.adding_form.__name__, (self.adding_form,), {"added_by": request.user})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {"show_save": object_id is None, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit log has it."""
        return None


def admin_link(app_model: str, pk: Any, text: Any) -> SafeString:
    """A link to a row's page in the admin; `app_model` is e.g. "videos_video"."""
    if pk is None:
        return format_html("{}", "–")
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{app_model}_change", args=[pk]), text)


def person_link(person: Any) -> SafeString:
    """A person's page in the admin, by user name; the person must be loaded."""
    return (
        admin_link("accounts_user", person.pk, f"@{person.username}")
        if person
        else format_html("{}", _("nobody"))
    )


def shortened(text: str, length: int = 80) -> str:
    """The beginning of a text, for a column."""
    return Truncator(text).chars(length) or "–"
