"""A person's answer to a decision, and the moderators' answer to it."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound
from socialapp.lib.ratelimit import limit

from ..models import Appeal, Decision
from ..moderation import decision_by_token, may_appeal
from ..signals import appeal_answered
from .deciding import other_moderators, plain, undo_decision
from .ground import Actor, audit, moderator

APPEAL_LENGTH = 2000


def appeal(person: Actor | None, decision: Decision, text: str) -> Appeal:
    """Ask the moderators to look again, once a decision and within APPEAL_DAYS. NotFound for another's decision."""
    if (
        person is None
        or not person.is_authenticated
        or decision.person_id != person.pk
        or decision.act == Decision.Act.DISMISS
    ):
        raise NotFound()
    limit("appeal", person.pk)
    text = plain(text, APPEAL_LENGTH, "text")
    if not text:
        sentence = _("Say why the decision should be looked at again.")
        raise Invalid(sentence, fields={"text": sentence})
    with transaction.atomic():
        row = Decision.objects.select_for_update().get(pk=decision.pk)
        if not may_appeal(row):
            raise Conflict(_refusal(row), code="not_appealable")
        try:
            with transaction.atomic():
                made = Appeal.objects.create(decision=row, text=text)
        except IntegrityError as error:
            raise Conflict(_refusal(row), code="not_appealable") from error
        audit(person, "appeal", "decision", row.pk, appeal=made.pk)
    return made


def _refusal(decision: Decision) -> str:
    if decision.undone_at is not None:
        return _("This decision was taken back already.")
    if Appeal.objects.filter(decision=decision.pk).exists():
        return _("You appealed this decision already. A decision can be appealed once.")
    return _("The time to appeal this decision is over.")


def appeal_by_token(token: str, text: str) -> Appeal:
    """The same for somebody who cannot log in, by the signed link of their e-mail."""
    decision = decision_by_token(token)
    return appeal(decision.person, decision, text)


def answer_appeal(actor: Actor, row: Appeal, *, grant: bool, answer: str = "") -> Appeal:
    """Grant an appeal, which takes the decision back, or refuse it with words. The person is told after commit.

    Who made the decision does not answer while another moderator is there; nobody answers their own. Conflict with code
    "answered" when another was faster. Staff only, audited.
    """
    moderator(actor)
    answer = plain(answer, APPEAL_LENGTH, "answer")
    if not answer and not grant:
        sentence = _("Say why the decision stands.")
        raise Invalid(sentence, fields={"answer": sentence})
    decision = Decision.objects.select_related("person").get(pk=row.decision_id)
    if decision.person_id == actor.pk:
        raise Forbidden(_("This is about you. Another moderator decides it."))
    if decision.moderator_id == actor.pk and other_moderators(actor.pk, decision.person_id):
        raise Forbidden(_("You made this decision. Another moderator answers the appeal."))
    with transaction.atomic():
        # The decision first, as `undo_decision` and `appeal` do.
        Decision.objects.select_for_update().get(pk=decision.pk)
        facts = {"decision_id": decision.pk, "appeal_id": row.pk}
        state = Appeal.State.GRANTED if grant else Appeal.State.REFUSED
        waiting = Appeal.objects.filter(pk=row.pk, state=Appeal.State.OPEN)
        if not waiting.update(
            state=state, answer=answer, answered_by_id=actor.pk, answered_at=timezone.now()
        ):
            raise Conflict(_("Another moderator answered this appeal in the meantime."), code="answered")
        audit(actor, f"appeal.{state}", "decision", decision.pk, appeal=row.pk, person=decision.person_id)
        if grant:
            undo_decision(actor, decision, reopen=False)
        else:
            transaction.on_commit(lambda: appeal_answered.send(None, **facts), robust=True)
    row.refresh_from_db()
    return row
