"""Moderation as it reaches conversations and the bell: reported messages, and who is told what was decided.

Moderators read the reported message and nothing else of its conversation. One that is taken down keeps its words for an
appeal; nobody in the conversation reads them meanwhile.
"""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import person_card
from privacy.enforcement import Evidence, register_acts, register_evidence
from privacy.models import Decision, Report
from socialapp.lib.errors import Conflict
from socialapp.lib.realtime import push_on_commit
from videos.evidence import clip

from . import actions
from .models import Message, Notification, Participant

_MESSAGE = Report.Target.MESSAGE


def evidence(moderator: Any, message_id: int) -> Evidence:
    """The message's words and the clip it carries. Only for messages that somebody reported; four queries."""
    row = Message.objects.select_related("sender").filter(pk=message_id).first()
    if row is None or not Report.objects.filter(target_type=_MESSAGE, target_id=message_id).exists():
        return Evidence(title=_("Message, deleted since"), exists=False)
    name = row.sender.username if row.sender else _("deleted account")
    shown = clip(moderator, row.video_id) if row.video_id else None
    return Evidence(
        title=_("Message by @%(name)s") % {"name": name},
        text=row.text or (_("Taken back by who wrote it.") if row.removed_at else ""),
        author=person_card(moderator, row.sender) if row.sender else None,
        cover_url=shown.cover_url if shown else "",
        video_url=shown.video_url if shown else "",
        captions=shown.captions if shown else [],
        exists=row.removed_at is None,
    )


def take_down(actor: Any, message_id: int, decision: Decision) -> dict[str, Any]:
    """Hide a message from everybody in its conversation, at once in open tabs."""
    row = Message.objects.select_for_update().filter(pk=message_id).first()
    if row is None:
        raise Conflict(_("This is no longer here. Dismiss the case."), code="gone")
    if row.taken_down_at is not None:
        return {}
    Message.objects.filter(pk=row.pk).update(taken_down_at=timezone.now())
    _tell(row)
    return {"taken_down": True}


def put_back(actor: Any, message_id: int, before: dict[str, Any]) -> None:
    """Show it again, unless its sender took it back meanwhile."""
    row = Message.objects.select_for_update().filter(pk=message_id).first()
    if row is not None and before.get("taken_down"):
        Message.objects.filter(pk=row.pk).update(taken_down_at=None)
        _tell(row)


def _tell(row: Message) -> None:
    seats = Participant.objects.filter(conversation=row.conversation_id).values_list("person_id", flat=True)
    facts = {"conversation": str(row.conversation_id), "message": str(row.pk), "seq": row.seq}
    push_on_commit(list(seats), "message.updated", facts)


def register() -> None:
    """Tell privacy what moderators are shown of messages, and what they can do."""
    register_evidence(_MESSAGE, evidence)
    register_acts(_MESSAGE, Decision.Act.REMOVE, take_down, put_back)


# --- Who is told ------------------------------------------------------------------------------------------------


def tell_decided(decision_id: int) -> None:
    """Tell the person of a decision about them, and each who reported the thing that somebody looked at it."""
    decision = Decision.objects.select_related("case").filter(pk=decision_id).first()
    if decision is None:
        return
    if decision.person_id and decision.act != Decision.Act.DISMISS:
        _tell_person(decision, f"{decision.act}:{decision.case.target_type}")
    reports = Report.objects.filter(case=decision.case_id, handled_by__isnull=False, reporter__isnull=False)
    for report in reports.exclude(state=Report.State.OPEN):
        actions.notify(
            report.reporter_id or 0,
            Notification.Kind.REPORT_HANDLED,
            group_key=f"report:{report.pk}",
            text=f"{report.state}:{report.target_type}",
        )


def tell_undone(decision_id: int) -> None:
    """Tell the person that a decision about them was taken back."""
    decision = Decision.objects.filter(pk=decision_id).exclude(undone_at=None).first()
    if decision is not None and decision.person_id and decision.act != Decision.Act.DISMISS:
        _tell_person(decision, "undone")


def tell_answered(decision_id: int) -> None:
    """Tell the person that their appeal was answered."""
    decision = Decision.objects.filter(pk=decision_id).first()
    if decision is not None:
        _tell_person(decision, "answered")


def _tell_person(decision: Decision, what: str) -> None:
    # The words are made when they are read, in the reader's language; the row keeps only what they are about.
    key = f"decision:{decision.pk}:{what.partition(':')[0]}"
    actions.notify(decision.person_id or 0, Notification.Kind.MODERATION, group_key=key, text=what)
