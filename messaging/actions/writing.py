"""Messages: sending once. Permission and insert are one transaction under the locks of ground.py."""

import logging
import unicodedata
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import relation
from accounts.models import User
from privacy import terms
from privacy.access import privacy_of
from privacy.cases import open_case
from privacy.models import Report
from socialapp.lib.errors import Conflict, Forbidden, Invalid, Problem
from socialapp.lib.ids import parse_id
from socialapp.lib.ratelimit import limit
from videos.access import get_video
from videos.actions import share
from videos.models import Video

from .. import access, repeats
from ..models import Message, MessageImage, Participant
from ..rules import FIRST_MESSAGES, LINK, TEXT_LENGTH, Verdict, is_first_contact, verdict
from . import groups
from .appending import Draft, append
from .ground import Actor, locked_seat, signed_in
from .picturing import waiting_picture

log = logging.getLogger(__name__)


def send_message(
    actor: Actor,
    conversation_id: str | int,
    *,
    client_id: str,
    text: str = "",
    video_id: str | int | None = None,
    image_id: str | int | None = None,
    reply_to: str | int | None = None,
) -> Message:
    """Write a message once, whatever number of times it is sent with this `client_id`.

    Permission and insert are one transaction under the locks named above; the number is `last_seq + 1` of the locked
    conversation. NotFound for a shut conversation and a clip the sender cannot see; Invalid for a picture that was not
    uploaded here; Forbidden with a sentence when the receiver's settings refuse, TooMany; Conflict when the `client_id` was
    used in another conversation.
    """
    me = signed_in(actor)
    text = clean_text(text)
    check_form(client_id, text, bool(video_id or image_id))
    terms.refuse(text=text)
    seat = access.get_seat(me, conversation_id)
    limit("message", me.pk)
    with transaction.atomic():
        seat, others = locked_seat(me, seat)
        if (before := _sent_before(me, seat, client_id)) is not None:
            return before
        video = get_video(me, video_id, previews=False) if video_id else None
        image = waiting_picture(me, seat, image_id) if image_id else None
        permit = decide(me, seat, others)
        found = _check_first(me, seat, text, video, image) if permit.first else None
        draft = Draft(
            client_id=client_id,
            text=text,
            video=video,
            image=image,
            quoted=_quoted(me, seat, reply_to),
            as_request=permit.as_request,
            held_for=found.reason if found else "",
        )
        message = append(me, seat, others, draft)
        if found is not None:
            open_case(Report.Target.MESSAGE, message.pk, me, rule=found.rule, detail=found.detail)
    if video is not None:
        _count_share(me, video)
    return message


def clean_text(text: str) -> str:
    """What is kept of a text. Control characters say nothing and break databases (NUL) or layouts."""
    kept = (
        c for c in text.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")
    )
    return "".join(kept).strip()


def check_form(client_id: str, text: str, carries: bool) -> None:
    """Raises Invalid for a message that is too long, or empty and carries nothing else."""
    if not client_id or len(client_id) > 64 or not client_id.isprintable():
        sentence = _("Give each message an id of its own, at most 64 characters long.")
        raise Invalid(sentence, fields={"client_id": sentence})
    if len(text) > TEXT_LENGTH:
        sentence = _("Keep a message under 2,000 characters.")
        raise Invalid(sentence, fields={"text": sentence})
    if not text and not carries:
        sentence = _("Write something first.")
        raise Invalid(sentence, fields={"text": sentence})


def _sent_before(actor: User, seat: Participant, client_id: str) -> Message | None:
    message = access.message_by_client_id(actor, client_id)
    if message is not None and message.conversation_id != seat.conversation_id:
        raise Conflict(
            _("This message id was used in another conversation. Use a new one."), code="client_id_used"
        )
    return message


@dataclass(frozen=True)
class Permit:
    """How what somebody writes arrives; `first`: within the limits of first messages to strangers."""

    as_request: bool = False
    first: bool = False


def decide(actor: User, seat: Participant, others: list[Participant]) -> Permit:
    """How it arrives; raises Forbidden when it must not arrive. Everything here is read under the locks."""
    if seat.conversation.is_group:
        groups.check_writing(seat, others)
        return Permit()
    if not others or not all(other.person.is_visible for other in others):
        raise Forbidden(_("This person can no longer be written to."), code="gone")
    other = others[0]
    accepted = other.accepted_at is not None
    stands = relation(actor, other.person)
    said = verdict(privacy_of(other.person).message_audience, stands, accepted=accepted)
    if said is Verdict.REFUSED:
        name = other.person.get_full_name()
        raise Forbidden(
            _("%(name)s does not take messages at the moment.") % {"name": name}, code="messages_refused"
        )
    return Permit(said is Verdict.REQUEST, is_first_contact(said, stands, accepted=accepted))


def _check_first(
    actor: User, seat: Participant, text: str, video: Video | None, image: MessageImage | None
) -> repeats.Found | None:
    """The limits of first messages to strangers: few, plain, to few people. What it is held for, where it is."""
    if video is not None or image is not None or LINK.search(text):
        sentence = _(
            "A first message to somebody you do not know carries no links, clips or pictures. Say hello first."
        )
        raise Forbidden(sentence, code="first_message_plain")
    written = Message.objects.filter(conversation=seat.conversation_id, sender=actor)
    if written.exclude(held_for="").filter(removed_at=None, taken_down_at=None).exists():
        raise Forbidden(_("Your message is looked at first. Write more after that."), code="held_first")
    count = written.count()
    if count >= FIRST_MESSAGES:
        raise Forbidden(_("Wait for an answer before you write more."), code="wait_for_answer")
    if not count:
        limit("message_to_stranger", actor.pk)
    return repeats.of_first_message(actor, seat.conversation_id, text)


def _quoted(actor: User, seat: Participant, reply_to: str | int | None) -> Message | None:
    if not reply_to:
        return None
    number = reply_to if isinstance(reply_to, int) else parse_id(reply_to)
    quoted = Message.objects.filter(pk=number, conversation=seat.conversation_id, removed_at=None).first()
    if quoted is None or not access.can_quote(actor, seat, quoted):
        sentence = _("The message you answer is no longer there.")
        raise Invalid(sentence, fields={"reply_to": sentence})
    return quoted


def _count_share(actor: User, video: Video) -> None:
    try:
        share(actor, video, "message")
    except Problem as problem:  # the message is sent; only the counter missed it
        log.info("share by message not counted: %s", problem.code)
