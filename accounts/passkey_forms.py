"""The forms of passkeys: what a browser sends is looked at before allauth takes it apart, which expects only good ones."""

import struct
from typing import Any

from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

_UNREADABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError, struct.error)


def sound(credential: Any) -> None:
    """Raise ValidationError for anything that is not a readable answer of WebAuthn, whoever it is from."""
    response = credential.get("response") if isinstance(credential, dict) else None
    if isinstance(response, dict):
        kind = RegistrationResponse if "attestationObject" in response else AuthenticationResponse
        try:
            kind.from_dict(credential)
        except _UNREADABLE:
            pass
        else:
            return
    raise ValidationError(_("This passkey cannot be read. Try again."), code="unreadable")


class SoundForm(forms.Form):
    """A form whose credential is sound."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].validators.append(sound)


class AddPasskeyForm(SoundForm, AddWebAuthnForm):
    """A new passkey."""


class LogInPasskeyForm(SoundForm, LoginWebAuthnForm):
    """A passkey instead of name and password."""


class SecondPasskeyForm(SoundForm, AuthenticateWebAuthnForm):
    """A passkey after the password."""


class ProvePasskeyForm(SoundForm, ReauthenticateWebAuthnForm):
    """A passkey before something sensitive."""
