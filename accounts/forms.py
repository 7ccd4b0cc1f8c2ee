"""Forms of people: shapes and sentences only; what is saved is decided in actions."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from . import interests
from .ages import check_age
from .models import User


class SignupForm(forms.Form):
    """What sign-up asks beyond allauth's own fields, on the page and in the headless API alike."""

    birth_date = forms.DateField(
        label=_("Birth date"),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
        help_text=_("Nobody else sees it."),
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": _("Enter the day you were born, as year-month-day."),
            "invalid": _("Enter the day you were born, as year-month-day: 2001-12-31."),
        },
        validators=[check_age],
    )
    field_order = ["username", "email", "phone", "password1", "password", "birth_date"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "username" in self.fields:
            self.fields["username"].help_text = _(
                "Letters, numbers, dots and underscores. It is part of your address."
            )

    def full_clean(self) -> None:
        """allauth calls the address required, because some must be there; here a number is as good."""
        either = [self.fields[name] for name in ("email", "phone") if name in self.fields]
        required = [field.required for field in either]
        for field in either:
            field.required = False
        super().full_clean()
        for field, was in zip(either, required, strict=True):
            field.required = was

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("email") or cleaned.get("phone")) and not {"email", "phone"} & set(self.errors):
            self.add_error("email", _("Enter an e-mail address or a phone number."))
        return cleaned

    def signup(self, request: HttpRequest, user: User) -> None:
        """allauth's hook after the person is saved."""
        from .actions import begin

        language = get_language() or ""
        begin(
            user,
            birth_date=self.cleaned_data["birth_date"],
            language=language if language in dict(settings.LANGUAGES) else "",
        )


class ProfileForm(forms.Form):
    """What a profile says; lengths and values are judged in `actions.update_profile`."""

    display_name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=50,
        help_text=_("As people read it. Empty: your user name."),
    )
    bio = forms.CharField(
        label=_("Bio"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 300}),
        help_text=_("Up to 300 characters. Links and @names become clickable."),
    )
    pronouns = forms.CharField(label=_("Pronouns"), required=False, max_length=30)
    language = forms.ChoiceField(label=_("Language"), required=False)
    country = forms.CharField(
        label=_("Country"), required=False, max_length=2, help_text=_("Two letters, for example FR.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("As my browser says")), *settings.LANGUAGES]  # type: ignore[attr-defined]

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


class BusinessForm(forms.Form):
    """What a business account says of itself; judged in `actions.set_business`."""

    category = forms.ChoiceField(
        label=_("Category"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a category from the list.")},
    )
    email = forms.CharField(
        label=_("Contact e-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_(
            "Everybody who opens your profile can read it. It may differ from the one you log in with."
        ),
    )
    phone = forms.CharField(
        label=_("Contact phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_("With its country code, for example +33 6 12 34 56 78."),
    )
    website = forms.CharField(
        label=_("Website"),
        required=False,
        max_length=200,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_("The link in your profile."),
    )

    def __init__(self, *args: Any, choices: list[dict[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [(choice["key"], choice["name"]) for choice in choices]  # type: ignore[attr-defined]


class AvatarForm(forms.Form):
    """One picture; what is in it is judged in `avatars.square_webp`."""

    avatar = forms.FileField(
        label=_("Picture"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
        help_text=_("JPEG, PNG, WEBP or GIF, up to 15 MB. You choose the part to show."),
        allow_empty_file=True,
    )


class UsernameForm(forms.Form):
    """A new user name; judged in `actions.change_username`."""

    username = forms.CharField(
        label=_("User name"),
        max_length=24,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
        help_text=_(
            "Your address changes with it. Links to the old one lead here for 30 days, and nobody else can take it meanwhile."
            " You can change it three times in 30 days."
        ),
    )


class InterestsForm(forms.Form):
    """What somebody likes to see, and the language of the site."""

    interests = forms.MultipleChoiceField(
        label=_("What do you like?"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["interests"].choices = [(choice["key"], choice["name"]) for choice in interests.names()]  # type: ignore[attr-defined]
        self.fields["language"].choices = [("", _("As my browser says")), *settings.LANGUAGES]  # type: ignore[attr-defined]


def add_problem(form: forms.Form, fields: dict[str, Any], message: Any) -> None:
    """Show a refusal of an action where the person typed: beside its field, else above the form."""
    known = {name: text for name, text in fields.items() if name in form.fields}
    for name, text in known.items():
        form.add_error(name, str(text))
    if not known:
        form.add_error(None, str(message))
