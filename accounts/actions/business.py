"""Switching to a business account and back, and what such an account says of itself."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from privacy import terms
from privacy.actions import audit, lock_people
from socialapp.lib.errors import Forbidden, Invalid
from socialapp.lib.ratelimit import limit

from .. import phones, signals
from ..models import BusinessProfile, User
from .acting import Actor, send, signed_in

WEBSITE_LENGTH = 200
FIELDS = ("category", "email", "phone", "website")
_https = URLValidator(schemes=["https"])


@transaction.atomic
def set_business(actor: Actor, **said: Any) -> BusinessProfile:
    """Make the actor's account a business account, or change what it says; `said` are any of FIELDS, the others stay.

    A category must be said or be there from before. Invalid names each wrong field; Forbidden under privacy.rules.TEEN_AGE.
    Idempotent.
    """
    actor = signed_in(actor)
    limit("profile", actor.pk)
    lock_people(actor.pk)
    person = User.objects.get(pk=actor.pk)
    if person.is_teen:
        raise Forbidden(_("Business accounts are for people of 16 and older."), code="too_young")
    row = BusinessProfile.objects.filter(person=person).first() or BusinessProfile(person=person)
    before = {name: getattr(row, name) for name in FIELDS}
    wanted = _checked(
        before | {name: str(value or "").strip() for name, value in said.items() if name in FIELDS}
    )
    terms.refuse(**{name: value for name, value in wanted.items() if value != before[name]})
    if wanted != before or row._state.adding:
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save()
    if not person.is_business:
        User.objects.filter(pk=person.pk).update(is_business=True)
        audit(actor, "business.start", "person", person.pk, category=row.category)
    elif changed := [name for name in FIELDS if wanted[name] != before[name]]:
        audit(actor, "business.change", "person", person.pk, fields=changed)
    actor.is_business = True
    return row


@transaction.atomic
def end_business(actor: Actor) -> None:
    """Make it a personal account again. What it said of itself is kept and not shown; its promotions end. Idempotent."""
    actor = signed_in(actor)
    limit("profile", actor.pk)
    lock_people(actor.pk)
    if User.objects.filter(pk=actor.pk, is_business=True).update(is_business=False):
        audit(actor, "business.end", "person", actor.pk)
        send(signals.business_ended, person_id=actor.pk)
    actor.is_business = False


def _checked(wanted: dict[str, str]) -> dict[str, str]:
    """The columns as they are stored; Invalid names every field that cannot be used."""
    wrong: dict[str, str] = {}
    if wanted["category"] not in BusinessProfile.Category.values:
        wrong["category"] = _("Choose a category from the list.")
    if wanted["email"]:
        try:
            validate_email(wanted["email"])
        except ValidationError:
            wrong["email"] = _("Enter a whole e-mail address, for example hello@example.org.")
    if wanted["phone"]:
        try:
            wanted["phone"] = phones.normal(wanted["phone"])
        except ValidationError as error:
            wrong["phone"] = error.messages[0]
    if wanted["website"] and not _is_website(wanted["website"]):
        wrong["website"] = _("Enter the whole address, beginning with https://.")
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return wanted


def _is_website(url: str) -> bool:
    try:
        _https(url)
        plain = urlsplit(url)
    except (ValidationError, ValueError):
        return False
    # Letters, digits and punctuation only: what turns letters around, or a name before an @, shows another address than it is.
    return len(url) <= WEBSITE_LENGTH and url.isprintable() and not (plain.username or plain.password)
