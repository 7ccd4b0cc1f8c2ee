"""The weekly mail of people to follow back: who they are and why, asked when the mail is made. Who gets one and when is
actions/returning.py. One click ends it.
"""

import logging

from allauth.account.models import EmailAddress
from django.conf import settings as site
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from socialapp.lib.recurring_mail import recurring_mail

from . import actions
from .follow_back import follow_back
from .models import User

log = logging.getLogger(__name__)

LINES = 8


def send_due() -> int:
    """Send the mails that are due; how many went out. One that fails is left to its lease and tried again."""
    sent = 0
    for person_id in actions.claim_follow_back_digests():
        try:
            sent += send(person_id)
        except Exception as error:  # one refused address must not keep the others waiting
            log.warning("people to follow back not mailed to %s: %s", person_id, error)
    return sent


def send(person_id: int) -> bool:
    """Send one person's mail, whose lease the caller holds; False when there is nobody to name, or no confirmed address.

    Raises what the mail server raises. Twice only when a process dies between sending and writing it down.
    """
    person = User.objects.filter(
        pk=person_id, is_active=True, deactivated_at=None, follow_back__digest=True
    ).first()
    address = EmailAddress.objects.filter(user=person_id, verified=True).order_by("-primary").first()
    message = None
    if person is not None and address is not None:
        with translation.override(person.language or site.LANGUAGE_CODE):
            message = _compose(person, address.email)
    if message is not None:
        message.send()
    actions.settle_follow_back_digest(person_id, sent=message is not None)
    return message is not None


def _compose(person: User, address: str) -> EmailMultiAlternatives | None:
    people = follow_back(person)
    if not people:
        return None
    subject = ngettext(
        "%(count)s follower you could follow back", "%(count)s followers you could follow back", len(people)
    ) % {"count": len(people)}
    token = actions.follow_back_unsubscribe_token(person.pk)
    return recurring_mail(
        address,
        subject,
        "accounts/email/follow_back",
        {"person": person, "people": people[:LINES], "more": len(people) - LINES},
        unsubscribe_path=reverse("follow-back-unsubscribe", args=[token]),
    )
