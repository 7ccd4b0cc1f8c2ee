"""The answers of allauth's headless API that need forms of ours: codes are kept as hashes, and passkeys are looked at
before they are taken apart. The rest is allauth's own.
"""

from typing import Any

from allauth.headless.account.inputs import ConfirmLoginCodeInput, RequestLoginCodeInput, VerifyPhoneInput
from allauth.headless.account.views import ConfirmLoginCodeView, RequestLoginCodeView, VerifyPhoneView
from allauth.headless.base.views import APIView
from allauth.headless.constants import Client
from allauth.headless.mfa import inputs, views
from django.core.exceptions import ValidationError
from django.urls import path
from django.utils.translation import gettext_lazy as _

from .log_in_form import HashedCodeForm
from .passkey_forms import SoundForm


class CodeRequestInput(RequestLoginCodeInput):
    """Where a code should go; allauth's own breaks when nothing is named."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not (cleaned.get("email") or cleaned.get("phone") or self.errors):
            raise ValidationError(_("Enter an e-mail address or a phone number."), code="required")
        return cleaned


class LogInCodeInput(ConfirmLoginCodeInput, HashedCodeForm):
    """The code that logs somebody in."""


class NumberCodeInput(VerifyPhoneInput, HashedCodeForm):
    """The code that shows whose a number is."""


class AddPasskeyInput(SoundForm, inputs.AddWebAuthnInput):
    """A new passkey."""


class LogInPasskeyInput(SoundForm, inputs.LoginWebAuthnInput):
    """A passkey instead of name and password."""


class SecondPasskeyInput(SoundForm, inputs.AuthenticateWebAuthnInput):
    """A passkey after the password."""


class ProvePasskeyInput(SoundForm, inputs.ReauthenticateWebAuthnInput):
    """A passkey before something sensitive."""


class AskForLogInCode(RequestLoginCodeView):
    input_class = CodeRequestInput


class ConfirmLogInCode(ConfirmLoginCodeView):
    input_class = LogInCodeInput


class ConfirmNumber(VerifyPhoneView):
    input_class = NumberCodeInput


class Passkeys(views.ManageWebAuthnView):
    input_class = {**views.ManageWebAuthnView.input_class, "POST": AddPasskeyInput}


class LogInWithPasskey(views.LoginWebAuthnView):
    input_class = {"POST": LogInPasskeyInput}


class SecondPasskey(views.AuthenticateWebAuthnView):
    input_class = {"POST": SecondPasskeyInput}


class ProvePasskey(views.ReauthenticateWebAuthnView):
    input_class = {"POST": ProvePasskeyInput}


VIEWS: dict[str, type[APIView]] = {
    "auth/code/request": AskForLogInCode,
    "auth/code/confirm": ConfirmLogInCode,
    "auth/phone/verify": ConfirmNumber,
    "auth/webauthn/login": LogInWithPasskey,
    "auth/webauthn/authenticate": SecondPasskey,
    "auth/webauthn/reauthenticate": ProvePasskey,
    "account/authenticators/webauthn": Passkeys,
}
urlpatterns = [path(f"app/v1/{part}", view.as_api_view(client=Client.APP)) for part, view in VIEWS.items()]
