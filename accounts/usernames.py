"""What a user name may be: it is a part of addresses, so it is plain, short and never a page's own name."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

PATTERN = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9._]{0,22}[A-Za-z0-9_])?$")
RESERVED = frozenset(
    [
        "about",
        "admin",
        "administrator",
        "api",
        "accounts",
        "app",
        "everyone",
        "explore",
        "following",
        "friends",
        "help",
        "inbox",
        "login",
        "logout",
        "me",
        "media",
        "messages",
        "moderator",
        "official",
        "root",
        "search",
        "settings",
        "signup",
        "sounds",
        "staff",
        "static",
        "studio",
        "support",
        "system",
        "tags",
        "upload",
        "deleted",
    ]
)


def validate_username(value: str) -> None:
    """Raise ValidationError with a sentence that says what to change."""
    if not PATTERN.match(value):
        raise ValidationError(
            _("Use 1–24 letters, numbers, dots or underscores, starting with a letter or number.")
        )
    if value.lower() in RESERVED:
        raise ValidationError(_("This user name is reserved. Choose another one."))


validators = [validate_username]
