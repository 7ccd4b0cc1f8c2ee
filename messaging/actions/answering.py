"""Quick replies and the away message: what helps a person answer, and what answers for them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import relation
from accounts.models import User
from privacy import terms
from privacy.access import is_restricted, privacy_of
from privacy.actions import lock_people
from socialapp.lib.errors import Conflict, Invalid
from videos.text import clean

from .. import access
from ..models import AwayMessage, Message, Participant, QuickReply
from ..rules import AWAY_LENGTH, QUICK_REPLIES, QUICK_REPLY_LENGTH, Verdict, verdict
from .automatic import append_automatic
from .ground import ACTIVE, Actor, signed_in

AWAY_AGAIN = timedelta(hours=12)


# --- Quick replies --------------------------------------------------------------------------------------------------


def add_quick_reply(actor: Actor, text: str) -> QuickReply:
    """Keep an answer to send again. At most QUICK_REPLIES, counted under the person's lock; Conflict past them."""
    me = signed_in(actor)
    text = _reply_text(text)
    with transaction.atomic():
        lock_people(me.pk)
        if access.quick_replies(me).count() >= QUICK_REPLIES:
            raise Conflict(_("You can keep 20 quick replies. Delete one first."), code="quick_replies_full")
        return QuickReply.objects.create(owner=me, text=text)


def change_quick_reply(actor: Actor, reply_id: str | int, text: str) -> QuickReply:
    """Say it differently. NotFound for others'."""
    row = access.get_quick_reply(signed_in(actor), reply_id)
    row.text = _reply_text(text)
    row.save(update_fields=["text"])
    return row


def delete_quick_reply(actor: Actor, reply_id: str | int) -> None:
    """NotFound for others', and for one that is gone."""
    access.get_quick_reply(signed_in(actor), reply_id).delete()


def _reply_text(text: str) -> str:
    text = clean(text)
    if not text:
        sentence = _("Write something first.")
        raise Invalid(sentence, fields={"text": sentence})
    if len(text) > QUICK_REPLY_LENGTH:
        sentence = _("Keep a quick reply under 500 characters.")
        raise Invalid(sentence, fields={"text": sentence})
    return text


# --- Away -----------------------------------------------------------------------------------------------------------


def set_away(actor: Actor, *, text: str, on: bool, until: datetime | None = None) -> AwayMessage:
    """Turn the away message on or off, and keep its words. Turning it on anew tells everybody who writes once more.

    Invalid without words while on, for a time that is over, and for a term that the site refuses: it goes out unasked.
    """
    me = signed_in(actor)
    text = clean(text)
    if on and not text:
        sentence = _("Write what people are told while you are away.")
        raise Invalid(sentence, fields={"text": sentence})
    if len(text) > AWAY_LENGTH:
        sentence = _("Keep an away message under 500 characters.")
        raise Invalid(sentence, fields={"text": sentence})
    now = timezone.now()
    if on and until is not None and until <= now:
        sentence = _("Choose a time that is still to come.")
        raise Invalid(sentence, fields={"until": sentence})
    terms.refuse(text=text)
    with transaction.atomic():
        lock_people(me.pk)
        row = AwayMessage.objects.filter(owner=me).first() or AwayMessage(owner=me)
        if on and not access.is_away(row):
            row.turned_on_at = now
        row.text, row.is_on, row.until = text, on, until if on else None
        row.save()
    return row


def answer_when_away(message: Message, seat: Participant, others: list[Participant]) -> Message | None:
    """Answer for the other of a conversation of two while they are away, inside the transaction of what it answers.

    Once a conversation for each time it was turned on, and at most once in 12 hours. Never to a request or what is held,
    in a group, to an announcement or an away message, nor where the writer takes no messages. `seat` is the writer's. It
    reads, accepts and answers nothing for whoever is away. One query where nobody is.
    """
    if (
        message.kind != Message.Kind.TEXT
        or message.held_for
        or seat.conversation.is_group
        or len(others) != 1
    ):
        return None
    theirs = others[0]
    row = AwayMessage.objects.filter(owner=theirs.person_id, is_on=True).first()
    if row is None or not access.is_away(row) or _told(row, theirs):
        return None
    theirs.refresh_from_db(fields=["state"])
    if theirs.state != ACTIVE or not _may_answer(theirs.person, seat, row):
        return None
    said = append_automatic(
        theirs.person,
        seat.conversation,
        seat.person_id,
        client_id=f"away:{message.pk}",
        tell_sender=True,
        kind=Message.Kind.AWAY,
        text=row.text,
    )
    if said is not None:
        Participant.objects.filter(pk=theirs.pk).update(away_told_at=timezone.now())
    return said


def _told(row: AwayMessage, theirs: Participant) -> bool:
    last = theirs.away_told_at
    if last is None:
        return False
    this_time = row.turned_on_at is None or last >= row.turned_on_at
    return this_time or last > timezone.now() - AWAY_AGAIN


def _may_answer(away: User, seat: Participant, row: AwayMessage) -> bool:
    """Whether what goes out unasked may: by the writer's own rule, who has just said yes by writing, by whom the one who
    is away keeps at a distance, and by the site's terms, which may be newer than the words."""
    writer = User.objects.select_related("privacy").get(pk=seat.person_id)
    said = verdict(privacy_of(writer).message_audience, relation(away, writer), accepted=True)
    if said is not Verdict.MESSAGE or is_restricted(away, writer) or is_restricted(writer, away):
        return False
    try:
        terms.refuse(text=row.text)
    except Invalid:
        return False
    return True
