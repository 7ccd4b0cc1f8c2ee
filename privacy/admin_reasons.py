"""The reason that goes with a deed in a list of the admin: the person concerned reads it in their statement."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import ActionForm

from .models import Report


class ReasonForm(ActionForm):
    """On which ground; it stands in the statement that the person gets."""

    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=Report.Reason.choices)


def chosen_reason(request: HttpRequest) -> str:
    """The ground that was chosen; "something else" where a button offers no choice."""
    reason = request.POST.get("reason", "")
    return reason if reason in Report.Reason.values else Report.Reason.OTHER
