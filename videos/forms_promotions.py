"""The form of a promotion: shapes and sentences; what it says is judged in `actions.create_promotion` and `change_promotion`."""

from datetime import UTC, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import interests

from .models import Promotion
from .promotions import LEAST_BUDGET


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PromotionForm(forms.Form):
    """What one asks for. `fields_free` are those that can be said; the others are left out."""

    goal = forms.ChoiceField(
        label=_("What do you want more of?"), widget=forms.RadioSelect, choices=Promotion.Goal.choices
    )
    countries = forms.CharField(
        label=_("Countries"),
        required=False,
        max_length=120,
        help_text=_("Two letters each, with commas: FR, BE. Empty for everywhere."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        choices=settings.LANGUAGES,
    )
    interests = forms.MultipleChoiceField(
        label=_("Interests"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    daily_budget = forms.IntegerField(
        label=_("Impressions a day"),
        min_value=LEAST_BUDGET,
        help_text=_("It is shown so often on a day and never more, evenly through the day (UTC)."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "step": 10}),
    )
    starts_on = forms.DateField(label=_("First day"), widget=_day())
    ends_on = forms.DateField(label=_("Last day"), widget=_day())

    def __init__(self, *args: Any, fields_free: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one["key"], one["name"]) for one in interests.names()]
        self.fields["interests"].choices = choices  # type: ignore[attr-defined]
        for name in list(self.fields):
            if fields_free is not None and "*" not in fields_free and name not in fields_free:
                del self.fields[name]

    def clean_countries(self) -> list[str]:
        return [code.strip().upper() for code in self.cleaned_data["countries"].split(",") if code.strip()]


def beginning() -> dict[str, Any]:
    """What a new form says: a week from tomorrow, as days are counted here."""
    tomorrow = timezone.now().astimezone(UTC).date() + timedelta(days=1)
    return {
        "goal": Promotion.Goal.VIEWS,
        "daily_budget": 500,
        "starts_on": tomorrow,
        "ends_on": tomorrow + timedelta(days=6),
    }
