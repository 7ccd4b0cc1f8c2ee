"""What a user name may be: it is a part of addresses, so it is plain, short and never a page's own name."""

import re
from datetime import timedelta

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy import terms
from socialapp.lib.errors import Invalid

HELD_FOR = timedelta(days=30)  # a name given up leads to its person this long, and nobody else can take it

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
    try:
        terms.refuse(username=value)
    except Invalid as refusal:
        raise ValidationError(str(refusal.message)) from refusal


def is_held(value: str, *, against: int | None = None) -> bool:
    """Whether somebody other than `against` (an id) gave this name up so lately that it still leads to them. One query.

    Ask after looking at the names in use: a name moves from there to here in one transaction, so it is seen in one of the
    two however the question and the change interleave.
    """
    former = apps.get_model("accounts", "FormerUsername").objects.alias(lower=Lower("username"))
    return bool(former.filter(lower=value.lower(), until__gt=timezone.now()).exclude(person=against).exists())


def validate_not_held(value: str) -> None:
    """For sign-up: raise ValidationError for a name that leads to somebody else for now."""
    if is_held(value):
        raise ValidationError(_("This user name is taken. Choose another one."))


validators = [
    validate_username,
    validate_not_held,
]  # what sign-up asks (settings.ACCOUNT_USERNAME_VALIDATORS)
