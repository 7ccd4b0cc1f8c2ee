"""Moderation as it reaches conversations and the bell: reported messages, and who is told what was decided.

Moderators read the reported message and nothing else of its conversation. One that is taken down keeps its words for an
appeal; nobody in the conversation reads them meanwhile.
"""

from typing import Any

from django.utils.translation import gettext as _

from accounts.access import person_card
from privacy.enforcement import Evidence, register_acts, register_evidence
from privacy.models import Decision, Report
from privacy.reports import register_target
from socialapp.lib.errors import Invalid, NotFound
from videos.evidence import clip

from . import access, actions
from .models import Message, Notification, Participant, ReportedMessage

_MESSAGE, _CONVERSATION = Report.Target.MESSAGE, Report.Target.CONVERSATION
REVEALED = 20  # messages that a report of a conversation shows at most


def evidence(moderator: Any, message_id: int) -> Evidence:
    """The message's words, the picture and the clip it carries. Only for messages that somebody reported or a rule stopped;
    five queries."""
    row = Message.objects.select_related("sender", "image").filter(pk=message_id).first()
    if row is None or not access.is_moderators(row):
        return Evidence(title=_("Message, deleted since"), exists=False)
    shown = clip(moderator, row.video_id) if row.video_id else None
    image = getattr(row, "image", None)
    return Evidence(
        title=_("Message by @%(name)s") % {"name": _sender(row)},
        text=_words(row),
        author=person_card(moderator, row.sender) if row.sender else None,
        cover_url=access.image_card(image)["url"] if image else shown.cover_url if shown else "",
        video_url=shown.video_url if shown else "",
        captions=shown.captions if shown else [],
        exists=row.removed_at is None,
    )


def conversation_evidence(moderator: Any, target_id: int) -> Evidence:
    """The messages that reports about this revealed, and nothing else of the conversation. Two queries."""
    kept = ReportedMessage.objects.filter(
        report__target_type=_CONVERSATION, report__target_id=target_id
    ).values("message_id")
    rows = Message.objects.select_related("sender", "image").filter(pk__in=kept).order_by("seq")
    context = [(_sender(row), _words(row)) for row in rows]
    return Evidence(
        title=_("Reported part of a conversation"),
        text="",
        context=context,
        exists=bool(context),
    )


def _sender(row: Message) -> str:
    return row.sender.username if row.sender else _("deleted account")


def _words(row: Message) -> str:
    """What a message says, for a moderator: its words, and in words what else it carries."""
    if row.removed_at is not None:
        return _("Taken back by who wrote it.")
    carried = [row.text]
    if getattr(row, "image", None) is not None:
        carried.append(_("(a picture)"))
    if row.video_id:
        carried.append(_("(a clip)"))
    return " ".join(part for part in carried if part)


# --- Reports of a conversation ------------------------------------------------------------------------------------


def find_conversation(viewer: Any, target_id: str) -> tuple[int, Any]:
    """What a report of a conversation is about: of two, the other's seat and the other; of a group, the group."""
    seat = access.get_seat(viewer, target_id)
    if access.is_invited(seat):
        raise NotFound()
    if seat.conversation.is_group:
        return seat.conversation_id, None
    others = Participant.objects.filter(conversation=seat.conversation_id).exclude(person=seat.person_id)
    other = others.select_related("person").first()
    return (other.pk, other.person) if other is not None else (seat.conversation_id, None)


def keep_messages(viewer: Any, report: Report, target_id: str, parts: list[str]) -> None:
    """Write down which messages the report reveals: those that were named, else the last, of those the reporter reads."""
    seat = access.get_seat(viewer, target_id)
    if parts:
        found = [access.get_message(viewer, part)[0] for part in dict.fromkeys(parts[:REVEALED])]
        rows = [row for row in found if row.conversation_id == seat.conversation_id]
    else:
        rows = access.readable(viewer, access.messages(viewer, seat, limit=REVEALED))
    if not rows:
        sentence = _("Choose the messages that a moderator should see.")
        raise Invalid(sentence, fields={"messages": sentence})
    ReportedMessage.objects.bulk_create([ReportedMessage(report=report, message=row) for row in rows])


def register() -> None:
    """Tell privacy what can be reported here, what moderators are shown of it, and what they can do."""
    register_target(_CONVERSATION, find_conversation, keep_messages)
    register_evidence(_CONVERSATION, conversation_evidence)
    register_evidence(_MESSAGE, evidence)
    register_acts(_MESSAGE, Decision.Act.REMOVE, actions.take_message_down, actions.put_message_back)
    register_acts(_MESSAGE, Decision.Act.DISMISS, actions.release_message, actions.hold_message_again)


def after_warning(decision_id: int) -> None:
    """Whose message was held and who got a warning for it, but no removal: it arrives."""
    row = Decision.objects.select_related("case", "moderator").filter(pk=decision_id).first()
    if row is not None and row.act == Decision.Act.WARN and row.case.target_type == _MESSAGE:
        actions.release_message(row.moderator, row.case.target_id, row)


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
