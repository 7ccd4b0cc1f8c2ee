"""Phone numbers of people: how they are written, whose they are, and how many texts may go out."""

import phonenumbers
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from socialapp.lib import caps, sms
from socialapp.lib.clientip import rate_key
from socialapp.lib.errors import Invalid

from .access import Viewer
from .models import User

# The block of numbers that is sold together: who earns on texts to numbers of their own rents such blocks.
PREFIX_WITHOUT_LAST = 4


def normal(typed: str) -> str:
    """A number as people type it, as E.164; raises ValidationError with a sentence."""
    text = typed.strip()
    text = "+" + text[2:] if text.startswith("00") else text
    try:
        if not text.startswith("+"):
            raise ValidationError(
                _("Enter the number with its country code, for example +33 6 12 34 56 78."),
                code="invalid_phone",
            )
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValidationError(_("This is not a phone number. Check its digits."), code="invalid_phone")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def mask(number: str) -> str:
    """+33612345678 → +33 •••• 78"""
    country = str(phonenumbers.parse(number).country_code)
    return f"+{country} •••• {number[-2:]}"


def unconfirmed_holder(number: str) -> User | None:
    """Who says that this number is theirs, and has not shown it yet. One query."""
    return User.objects.filter(phone=number, phone_verified_at__isnull=True).first()


def confirmed_holder(number: str) -> User | None:
    """Who has shown that this number is theirs. One query."""
    return User.objects.filter(phone=number, phone_verified_at__isnull=False).first()


def claim(person: User, number: str, *, confirmed: bool) -> None:
    """Give a person this number. Another's claim that was never confirmed ends; a confirmed one is not touched.

    Raises ValidationError where somebody else confirmed it.
    """
    with transaction.atomic():
        others = User.objects.select_for_update().filter(phone=number).exclude(pk=person.pk)
        if others.filter(phone_verified_at__isnull=False).exists():
            raise ValidationError(
                _("Somebody has an account with this phone number already."), code="phone_taken"
            )
        others.update(phone=None)
        person.phone = number
        person.phone_verified_at = timezone.now() if confirmed else None
        person.save(update_fields=["phone", "phone_verified_at"])


def count_text(number: str, address: str) -> None:
    """Count one text against every cap: of the number, its block, the asker's address, and the site's day.

    Raises TooMany or, while nothing can be counted, Unavailable.
    """
    caps.count(
        ("sms_number", number),
        ("sms_number_day", number),
        ("sms_prefix", number[:-PREFIX_WITHOUT_LAST]),
        ("sms_address", rate_key(address)),
        ("sms_day", "all"),
    )


def send_text(number: str, text: str, *, address: str) -> None:
    """Send one text that `address` caused, within the caps. Raises TooMany, Unavailable, NotSent, CannotReceive."""
    count_text(number, address)
    sms.send(number, text)


def remove(actor: Viewer) -> None:
    """The actor has no number from now on. Raises Invalid where it is the only way to reach them."""
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=actor.pk or 0)
        if not EmailAddress.objects.filter(user=person).exists():
            raise Invalid(
                _("This number is the only way to reach you. Add an e-mail address first."),
                code="last_contact",
            )
        person.phone = person.phone_verified_at = None
        person.save(update_fields=["phone", "phone_verified_at"])
