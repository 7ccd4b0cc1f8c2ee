"""Leaving for a while, leaving for good, and coming back.

The erasure itself, after the days of grace, is the queue of accounts.leaving.
"""

import logging
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from privacy.actions import audit, lock_people
from socialapp.lib.errors import Conflict

from .. import codes, signals
from ..models import Deletion, OneTimeCode, User
from ..sessions import end_sessions
from .acting import Actor, send, signed_in

GRACE = timedelta(days=30)  # in which logging in restores the account (product.md, 1.7)
log = logging.getLogger(__name__)


def deactivate(actor: Actor) -> None:
    """Hide the account and everything of it until its person logs in again; every session ends. Idempotent."""
    actor = signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk)
        _hide(actor, "deactivate")


def _hide(actor: User, verb: str) -> None:
    hidden = User.objects.filter(pk=actor.pk, deactivated_at=None).update(deactivated_at=timezone.now())
    if hidden:
        audit(actor, verb, "person", actor.pk)
        send(signals.visibility_changed, person_id=actor.pk, visible=False)
    end_sessions(actor.pk)


def restore(actor: Actor) -> None:
    """Bring a hidden account back, and forget that it was to be erased; logging in calls this. Idempotent.

    Conflict when its erasure has begun: by then logging in is refused anyway.
    """
    actor = signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk)
        asked = Deletion.objects.filter(pk=actor.pk).first()
        if asked is not None and asked.lease_token:
            raise Conflict(_("This account is being erased. It cannot come back."), code="being_erased")
        if asked is not None:
            asked.delete()
            audit(actor, "delete.cancel", "person", actor.pk)
        shown = User.objects.filter(pk=actor.pk).exclude(deactivated_at=None).update(deactivated_at=None)
        if shown:
            audit(actor, "restore", "person", actor.pk)
            send(signals.visibility_changed, person_id=actor.pk, visible=True)
    actor.deactivated_at = None


def send_deletion_code(actor: Actor, *, request: HttpRequest, via: str = "") -> OneTimeCode:
    """Send the code that deleting needs to a confirmed address or number (`via`: "email" or "phone").

    Raises what codes.send_code does, and Conflict for whoever alone holds every right on the site.
    """
    actor = signed_in(actor)
    _refuse_last_administrator(actor)
    return codes.send_code(actor, OneTimeCode.Purpose.DELETE, request=request, via=via)


def ask_deletion(actor: Actor, code: str, *, request: HttpRequest) -> Deletion:
    """Hide the account at once and erase it after GRACE, unless its person logs in before. Every session ends.

    Raises codes.WrongCode and TooMany, and Conflict for whoever alone holds every right on the site.
    """
    actor = signed_in(actor)
    _refuse_last_administrator(actor)
    codes.check_code(actor, OneTimeCode.Purpose.DELETE, code, request=request)
    with transaction.atomic():
        lock_people(actor.pk)
        row, created = Deletion.objects.get_or_create(
            person_id=actor.pk, defaults={"erase_at": timezone.now() + GRACE}
        )
        if created:
            audit(actor, "delete.ask", "person", actor.pk)
            transaction.on_commit(lambda: _write_to(actor, row), robust=True)
        _hide(actor, "deactivate")
    return row


def _refuse_last_administrator(actor: User) -> None:
    if not actor.is_superuser:
        return
    others = User.objects.filter(is_superuser=True, is_active=True, deactivated_at=None).exclude(pk=actor.pk)
    if not others.exists():
        sentence = _("You are the only one who holds every right here. Give it to somebody else first.")
        raise Conflict(sentence, code="last_administrator")


def _write_to(person: User, row: Deletion) -> None:
    """Tell the person by mail, so that nobody deletes somebody else's account unnoticed. A lost mail is only logged."""
    address = EmailAddress.objects.filter(user=person, verified=True).order_by("-primary").first()
    if address is None:
        return
    words = _(
        "Hello @%(name)s,\n\nyour account is hidden now and will be erased on %(day)s, with everything in it.\n\n"
        "Changed your mind, or was it not you? Log in before that day and all of it is back:\n%(url)s\n"
    )
    try:
        send_mail(
            settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + _("Your account will be erased"),
            words
            % {
                "name": person.username,
                "day": date_format(row.erase_at, "DATE_FORMAT"),
                "url": f"{settings.BASE_URL}{settings.LOGIN_URL}",
            },
            settings.DEFAULT_FROM_EMAIL,
            [address.email],
        )
    except OSError as error:
        log.warning("the mail about the erasure of %s was not sent: %s", person.pk, error)
