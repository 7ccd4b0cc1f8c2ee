"""Second factors and passkeys: how allauth.mfa meets this project. Secrets are encrypted before they are stored."""

import base64
import functools
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


def is_on(person: Any) -> bool:
    """Whether logging in asks this person for more than the password. One query."""
    return bool(is_mfa_enabled(person, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))


@functools.cache
def _cipher(secret: str) -> Fernet:
    key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"second factors").digest()
    return Fernet(base64.urlsafe_b64encode(key))


class SecondFactorAdapter(DefaultMFAAdapter):
    """The project's answers to allauth.mfa's questions."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not right. Check the code or the key, and try again."),
    }

    def encrypt(self, text: str) -> str:
        return _cipher(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Old keys in SECRET_KEY_FALLBACKS still open what they closed. Raises InvalidToken with a foreign SECRET_KEY."""
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            try:
                return _cipher(secret).decrypt(encrypted_text.encode()).decode()
            except InvalidToken:
                continue
        raise InvalidToken()

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def _get_user_identifier(self, user: Any) -> str:
        return str(user.username)

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}


@dataclass(frozen=True)
class Passkey:
    """A passkey or security key, as a page shows it."""

    id: int
    name: str
    added: datetime
    used: datetime | None


@dataclass(frozen=True)
class State:
    """What protects an account besides its password. `codes_left` counts unused recovery codes."""

    app: bool
    passkeys: list[Passkey]
    codes_left: int | None

    @property
    def is_on(self) -> bool:
        return self.app or bool(self.passkeys)


def state(viewer: Any) -> State:
    """The viewer's own second factors. One query."""
    rows = list(Authenticator.objects.filter(user=viewer).order_by("created_at"))
    passkeys = [
        Passkey(row.pk, row.wrap().name, row.created_at, row.last_used_at)
        for row in rows
        if row.type == Authenticator.Type.WEBAUTHN
    ]
    left = [
        len(row.wrap().get_unused_codes()) for row in rows if row.type == Authenticator.Type.RECOVERY_CODES
    ]
    has_app = any(row.type == Authenticator.Type.TOTP for row in rows)
    return State(has_app, passkeys, left[0] if left else None)
