"""Messages: sending once, taking back, reacting. Permission and insert are one transaction under the locks of ground.py."""

import logging
import unicodedata

from django.db import transaction
from django.db.models import Case, CharField, F, PositiveBigIntegerField, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import relation
from accounts.models import User
from privacy import terms
from privacy.access import privacy_of
from socialapp.lib.disguise import fold
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from socialapp.lib.ids import new_id, parse_id
from socialapp.lib.ratelimit import limit
from socialapp.lib.realtime import push_on_commit
from videos.access import get_video
from videos.actions import share
from videos.models import Video

from .. import access
from ..models import Conversation, Message, Notification, Participant, Reaction
from ..rules import FIRST_MESSAGES, LINK, TEXT_LENGTH, Verdict, is_first_contact, verdict
from . import groups
from .conversations import accept
from .ground import (
    ACTIVE,
    LEFT,
    REQUEST,
    Actor,
    changed,
    locked_message,
    locked_seat,
    push_badges,
    reference,
    signed_in,
)
from .notices import notify

log = logging.getLogger(__name__)


def send_message(
    actor: Actor,
    conversation_id: str | int,
    *,
    client_id: str,
    text: str = "",
    video_id: str | int | None = None,
    reply_to: str | int | None = None,
) -> Message:
    """Write a message once, whatever number of times it is sent with this `client_id`.

    Permission and insert are one transaction under the locks named above; the number is `last_seq + 1` of the locked
    conversation. NotFound for a shut conversation and a clip the sender cannot see; Forbidden with a sentence when the
    receiver's settings refuse, TooMany; Conflict when the `client_id` was used in another conversation.
    """
    me = signed_in(actor)
    text = _clean(text)
    _check_form(client_id, text, video_id)
    terms.refuse(text=text)
    seat = access.get_seat(me, conversation_id)
    limit("message", me.pk)
    with transaction.atomic():
        seat, others = locked_seat(me, seat)
        if (before := _sent_before(me, seat, client_id)) is not None:
            return before
        video = get_video(me, video_id) if video_id else None
        as_request = _permit(me, seat, others, text=text, video=video)
        message = _append(me, seat, others, client_id, text, video, _quoted(seat, reply_to), as_request)
    if video is not None:
        _count_share(me, video)
    return message


def _clean(text: str) -> str:
    # Control characters say nothing and break databases (NUL) or layouts; line breaks and tabs stay.
    kept = (
        c for c in text.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")
    )
    return "".join(kept).strip()


def _check_form(client_id: str, text: str, video_id: str | int | None) -> None:
    if not client_id or len(client_id) > 64 or not client_id.isprintable():
        sentence = _("Give each message an id of its own, at most 64 characters long.")
        raise Invalid(sentence, fields={"client_id": sentence})
    if len(text) > TEXT_LENGTH:
        sentence = _("Keep a message under 2,000 characters.")
        raise Invalid(sentence, fields={"text": sentence})
    if not text and not video_id:
        sentence = _("Write something first.")
        raise Invalid(sentence, fields={"text": sentence})


def _sent_before(actor: User, seat: Participant, client_id: str) -> Message | None:
    message = (
        Message.objects.select_related("sender", "reply_to__sender")
        .filter(sender=actor, client_id=client_id)
        .first()
    )
    if message is not None and message.conversation_id != seat.conversation_id:
        raise Conflict(
            _("This message id was used in another conversation. Use a new one."), code="client_id_used"
        )
    return message


def _permit(
    actor: User, seat: Participant, others: list[Participant], *, text: str, video: Video | None
) -> bool:
    """Whether it arrives as a request; raises when it must not arrive. Everything here is read under the locks."""
    if seat.conversation.is_group:
        groups.check_writing(seat, others)
        return False
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
    if is_first_contact(said, stands, accepted=accepted):
        if video is not None or LINK.search(text):
            raise Forbidden(
                _(
                    "A first message to somebody you do not know carries no links and no clips. Say hello first."
                ),
                code="first_message_plain",
            )
        written = Message.objects.filter(conversation=seat.conversation_id, sender=actor).count()
        if written >= FIRST_MESSAGES:
            raise Forbidden(_("Wait for an answer before you write more."), code="wait_for_answer")
        if not written:
            limit("message_to_stranger", actor.pk)
    return said is Verdict.REQUEST


def _quoted(seat: Participant, reply_to: str | int | None) -> Message | None:
    if not reply_to:
        return None
    number = reply_to if isinstance(reply_to, int) else parse_id(reply_to)
    quoted = Message.objects.filter(
        pk=number, conversation=seat.conversation_id, seq__gt=seat.cleared_seq, removed_at=None
    ).first()
    if quoted is None:
        sentence = _("The message you answer is no longer there.")
        raise Invalid(sentence, fields={"reply_to": sentence})
    return quoted


def _count_share(actor: User, video: Video) -> None:
    try:
        share(actor, video, "message")
    except Problem as problem:  # the message is sent; only the counter missed it
        log.info("share by message not counted: %s", problem.code)
