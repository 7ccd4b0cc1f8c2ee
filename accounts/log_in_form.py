"""The forms of logging in and of codes. Apart from `forms`, because allauth's own forms import that module."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    BaseConfirmCodeForm,
    ConfirmLoginCodeForm,
    RequestLoginCodeForm,
    VerifyPhoneForm,
)
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from socialapp.lib.clientip import client_address, rate_key
from socialapp.lib.errors import Problem
from socialapp.lib.ratelimit import limit

from . import codes, second_factor
from .usernames import PATTERN

LOGIN_ATTRIBUTES = {"autocomplete": "username webauthn", "autocapitalize": "none", "spellcheck": "false"}
CODE_ATTRIBUTES = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "maxlength": "12",
    "autofocus": "",
    "class": "code",
}


class LogInForm(AllauthLoginForm):
    """allauth's form with a label that says what to type."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("User name, e-mail or phone")
        login.widget.attrs = dict(LOGIN_ATTRIBUTES)
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""

    def user_credentials(self) -> dict[str, Any]:
        """A number is looked up as it is stored, however it was typed.

        What cannot be a user name is not tried as one besides: an account that is found twice hashes the password twice,
        and the time of the answer would tell that it exists.
        """
        credentials: dict[str, Any] = super().user_credentials()
        if "phone" in credentials:
            credentials["phone"] = get_adapter().clean_phone(credentials["phone"])
        if not PATTERN.match(credentials.get("username", "")):
            credentials.pop("username", None)
        if not {"username", "email", "phone"} & credentials.keys():
            credentials["username"] = self.cleaned_data["login"]
        return credentials


class SignUpForm(AllauthSignupForm):
    """The sign-up page: our labels, and one of address and number as something that is asked for."""

    use_required_attribute = False  # of address and number either will do

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["username"].label = _("User name")
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        self.fields["email"].label = _("E-mail")
        self.fields["email"].help_text = _("Or a phone number: one of the two is enough.")
        self.fields["phone"].required = True  # said so on the page; `full_clean` asks for one of them
        self.fields["password1"].help_text = _("At least 8 characters. No common word, not only digits.")


class CodeRequestForm(RequestLoginCodeForm):
    """One field for an e-mail address or a number; which it is shows by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = {"email": self.fields.pop("email"), "phone": self.fields.pop("phone")}
        self.fields["login"] = forms.CharField(
            label=_("E-mail or phone"),
            max_length=254,
            widget=forms.TextInput(attrs=dict(LOGIN_ATTRIBUTES)),
            help_text=_("Numbers with the country code, for example +33 6 12 34 56 78."),
        )

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data.get("login", "")
        if typed:
            kind = "email" if "@" in typed else "phone"
            try:
                self.cleaned_data[kind] = self.kinds[kind].clean(typed)
                self.cleaned_data[kind] = getattr(self, f"clean_{kind}")()
            except ValidationError as error:
                self.add_error("login", error)
        return self.cleaned_data


class HashedCodeForm(BaseConfirmCodeForm):
    """What is kept of a code is its hash, so what was typed is hashed too; see `codes.matches`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs = dict(CODE_ATTRIBUTES)
        self.fields["code"].help_text = _("Six digits. They hold for ten minutes.")

    def clean_code(self) -> str:
        typed: str = self.cleaned_data["code"]
        if not codes.matches(typed, self.expected_code or ""):
            raise get_adapter().validation_error("incorrect_code")
        return typed


class LogInCodeForm(ConfirmLoginCodeForm, HashedCodeForm):
    """The code that logs somebody in."""


class NumberCodeForm(VerifyPhoneForm, HashedCodeForm):
    """The code that shows whose a number is."""


class AdminLogInForm(AuthenticationForm):
    """The admin's own page: as limited as the site's, and no way around a second factor."""

    def clean(self) -> dict[str, Any]:
        try:
            limit("log_in", rate_key(client_address(self.request)), closed=True)
            limit("log_in_admin", str(self.data.get("username", "")).strip().lower(), closed=True)
        except Problem as problem:
            raise ValidationError(str(problem.message), code=problem.code) from problem
        cleaned: dict[str, Any] = super().clean()
        return cleaned

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)
        if second_factor.is_on(user):
            raise ValidationError(
                _("This account has a second factor. Log in on the site first, then open the admin."),
                code="second_factor",
            )
