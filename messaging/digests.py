"""E-mail digests: what a person has not seen, asked at the gate when the mail is made, plain and as HTML.

A mail says what happened and names conversations; it never carries what somebody wrote, because it cannot be taken back.
Who gets one and when is in actions/digests.py. One click ends them.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings as site
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from socialapp.lib.recurring_mail import recurring_mail

from . import access, actions
from .channels import MESSAGES, Channel, group_on, kinds_on, zone_of
from .models import NotificationSettings

log = logging.getLogger(__name__)

LINES = 8  # notifications in full; of the rest the number is said
TALKS = 6
LONGEST = timedelta(days=31)  # what is older is not news


@dataclass(frozen=True)
class Digest:
    """What is new for a person: lines to show, and how many there are in all (at most access.BADGE_LIMIT)."""

    lines: list[dict[str, Any]]
    count: int
    talks: list[dict[str, Any]]
    talks_count: int

    def __bool__(self) -> bool:
        return bool(self.count or self.talks_count)


def send_due() -> int:
    """Send the digests that are due; how many went out. One that fails is left to its lease and tried again."""
    sent = 0
    for person_id in actions.claim_digests():
        try:
            sent += send(person_id)
        except Exception as error:  # one refused address must not keep the others waiting
            log.warning("digest of %s not sent: %s", person_id, error)
    return sent


def send(person_id: int) -> bool:
    """Send one person's digest, whose lease the caller holds; False when there is nothing (left) to tell, or nowhere.

    Raises what the mail server raises. Twice only when a process dies between sending and writing it down.
    """
    message = _message(person_id)
    if message is not None:
        message.send()
    actions.settle_digest(person_id, sent=message is not None)
    return message is not None


def _message(person_id: int) -> EmailMultiAlternatives | None:
    settings = NotificationSettings.objects.filter(pk=person_id).exclude(digest="off").first()
    person = User.objects.filter(pk=person_id, is_active=True, deactivated_at=None).first()
    address = EmailAddress.objects.filter(user=person_id, verified=True).order_by("-primary").first()
    if settings is None or person is None or address is None:
        return None
    with (
        translation.override(person.language or site.LANGUAGE_CODE),
        timezone.override(zone_of(settings)),
    ):
        found = gather(person, settings, timezone.now())
        return compose(person, settings, address.email, found) if found else None


def gather(person: User, settings: NotificationSettings, now: datetime) -> Digest:
    """What happened since the last digest and is unread, as the person may see it now. Sentences are in the active language."""
    since = max(settings.digest_sent_at or now - LONGEST, now - LONGEST)
    told = access.notifications(person).filter(
        read_at=None, updated_at__gt=since, kind__in=kinds_on(settings, Channel.EMAIL)
    )
    count = told[: access.BADGE_LIMIT].count()
    rows = list(told.select_related("video__author__privacy").order_by("-updated_at", "-id")[:LINES])
    talks, talks_count = [], 0
    if group_on(settings.channels, MESSAGES, Channel.EMAIL):
        unread = access.conversations(person).filter(
            muted=False, archived_at=None, last_seq__gt=F("read_seq"), last_message_at__gt=since
        )
        talks_count = unread[: access.BADGE_LIMIT].count()
        talks = access.conversation_cards(person, list(unread.order_by("-last_message_at", "-id")[:TALKS]))
    return Digest(
        lines=access.notification_cards(person, rows),
        count=count,
        talks=[{"url": f"/messages/{card['id']}/", "text": _unread(card)} for card in talks],
        talks_count=talks_count,
    )


def _unread(card: dict[str, Any]) -> str:
    name = card["name"] or ", ".join(one["display_name"] for one in card["people"][:3])
    return ngettext(
        "%(count)s new message in your conversation with %(name)s",
        "%(count)s new messages in your conversation with %(name)s",
        card["unread"],
    ) % {"count": card["unread"], "name": name}


def compose(
    person: User, settings: NotificationSettings, address: str, found: Digest
) -> EmailMultiAlternatives:
    """The mail, in the active language."""
    return recurring_mail(
        address,
        _subject(found),
        "messaging/email/digest",
        {
            "person": person,
            "found": found,
            "more": found.count - len(found.lines),
            "more_talks": found.talks_count - len(found.talks),
            "often": settings.digest,
        },
        unsubscribe_path=reverse("unsubscribe", args=[actions.unsubscribe_token(person.pk)]),
    )


def _subject(found: Digest) -> str:
    notes = ngettext("%(count)s notification", "%(count)s notifications", found.count) % {
        "count": found.count
    }
    talks = ngettext("%(count)s conversation", "%(count)s conversations", found.talks_count) % {
        "count": found.talks_count
    }
    if not found.talks_count:
        return _("You have %(notes)s you have not seen") % {"notes": notes}
    if not found.count:
        return _("You have new messages in %(talks)s") % {"talks": talks}
    return _("You have %(notes)s and new messages in %(talks)s") % {"notes": notes, "talks": talks}
