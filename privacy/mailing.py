"""E-mails of moderation: the statement of reasons, that a decision was taken back, the answer to an appeal.

The rows of decisions and appeals are the queue, and the audit log says what was mailed, so a lost task or a mail server
that is away loses time only. Whether there is (still) something to tell is asked again when it is sent.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from socialapp.lib.redis import connection

from .actions.ground import audit
from .models import Appeal, AuditEntry, Decision
from .moderation import decision_fields
from .statements import link_of

log = logging.getLogger(__name__)

STATEMENT, UNDONE, ANSWER = "statement", "undone", "answer"
KINDS = (STATEMENT, UNDONE, ANSWER)
# A mail server that was away for longer than this is a matter for whoever runs the site.
TRY_FOR = timedelta(days=3)
_SENDING_SECONDS = 300  # how long one process has to send one message before another may try


def mail(decision_id: int, kind: str) -> bool:
    """Send the person one message about a decision; False when there is nothing (left) to tell, or it was sent already.

    Raises what the mail server raises; the sweep tries again. Twice only when a process dies between sending and writing
    it down.
    """
    decision = Decision.objects.select_related("case", "person", "appeal").filter(pk=decision_id).first()
    if decision is None or not _to_tell(decision, kind):
        return False
    try:
        if not connection().set(f"mail:{kind}:{decision_id}", 1, nx=True, ex=_SENDING_SECONDS):
            return False
    except redis.RedisError as error:
        log.warning("sending %s of %s unclaimed: %s", kind, decision_id, error)
    if _sent(decision_id, kind):
        return False
    try:
        _message(decision, kind).send()
    except Exception:
        _release(decision_id, kind)
        raise
    audit(None, f"mail.{kind}", "decision", decision_id, person=decision.person_id)
    return True


def _release(decision_id: int, kind: str) -> None:
    try:
        connection().delete(f"mail:{kind}:{decision_id}")
    except redis.RedisError as error:
        log.warning("claim of %s of %s stays: %s", kind, decision_id, error)


def _sent(decision_id: int, kind: str) -> bool:
    return AuditEntry.objects.filter(
        target_type="decision", target_id=decision_id, verb=f"mail.{kind}"
    ).exists()


def _to_tell(decision: Decision, kind: str) -> bool:
    person: Any = decision.person
    if person is None or not person.email or decision.act == Decision.Act.DISMISS:
        return False
    if kind == STATEMENT:
        return decision.undone_at is None
    if kind == UNDONE:
        # Who was never told of the decision need not hear that it is gone.
        return decision.undone_at is not None and _sent(decision.pk, STATEMENT)
    appeal = getattr(decision, "appeal", None)
    return appeal is not None and appeal.state == Appeal.State.REFUSED


def _message(decision: Decision, kind: str) -> EmailMessage:
    person: Any = decision.person
    with translation.override(person.language or None):
        subjects = {
            STATEMENT: decision_fields(decision)["headline"],
            UNDONE: _("A decision about you was taken back"),
            ANSWER: _("Your appeal was answered"),
        }
        context = {
            "kind": kind,
            "person": person,
            "decision": decision_fields(decision),
            "link": link_of(decision),
            "site_name": settings.SITE_NAME,
        }
        body = render_to_string("privacy/email/decision.txt", context)
        return EmailMessage(f"[{settings.SITE_NAME}] {subjects[kind]}", body, to=[person.email])


def due() -> Iterator[tuple[int, str]]:
    """What was not mailed yet: (decision, kind) of the last TRY_FOR, older than a minute so that its task goes first."""
    until = timezone.now() - timedelta(minutes=1)
    since = until - TRY_FOR
    fresh = Q(created_at__range=(since, until))
    rows = Decision.objects.exclude(act=Decision.Act.DISMISS).exclude(person=None).exclude(person__email="")
    wanted = {
        STATEMENT: rows.filter(fresh, undone_at=None),
        UNDONE: rows.filter(undone_at__range=(since, until)),
        ANSWER: rows.filter(appeal__state=Appeal.State.REFUSED, appeal__answered_at__range=(since, until)),
    }
    for kind, decisions in wanted.items():
        ids = list(decisions.values_list("pk", flat=True))
        sent = set(
            AuditEntry.objects.filter(
                target_type="decision", verb=f"mail.{kind}", target_id__in=ids
            ).values_list("target_id", flat=True)
        )
        yield from ((pk, kind) for pk in ids if pk not in sent)
