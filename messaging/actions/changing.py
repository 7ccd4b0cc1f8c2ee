"""What becomes of messages that are there: taken back, deleted for one person only, reacted to. Under the locks of ground.py."""

import unicodedata

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.access import privacy_of
from socialapp.lib.errors import Forbidden, Invalid, NotFound
from socialapp.lib.ratelimit import limit
from socialapp.lib.realtime import push_on_commit

from .. import access
from ..models import HiddenMessage, Message, Participant, Reaction
from . import groups
from .announcing import preview_ends
from .ground import Actor, changed, locked_message, push_badges, reference, signed_in
from .picturing import forget_picture


def unsend(actor: Actor, message_id: str | int) -> None:
    """Take back one's own message for everyone: text, clip, picture and reactions are erased, the number stays. Idempotent."""
    me = signed_in(actor)
    with transaction.atomic():
        message, _seat, others = locked_message(me, message_id)
        if message.sender_id != me.pk:
            raise Forbidden(_("Only who wrote a message can take it back."))
        if message.removed_at is None:
            preview_ends(message)
            message.removed_at, message.text, message.search_text = timezone.now(), "", ""
            message.video = None
            message.save(update_fields=["removed_at", "text", "search_text", "video"])
            changed(message)
            Reaction.objects.filter(message=message).delete()
            forget_picture(message)
            told = [] if message.held_for else [o.person_id for o in others]
            push_on_commit([me.pk, *told], "message.removed", reference(message))


def hide_message(actor: Actor, message_id: str | int) -> None:
    """Delete a message for the actor only; everybody else keeps it. The actor's other tabs let go of it. Idempotent."""
    me = signed_in(actor)
    with transaction.atomic():
        message, _seat, _others = locked_message(me, message_id, hidden=True)
        _row, new = HiddenMessage.objects.get_or_create(message=message, person=me)
        if new:
            changed(message)
            push_on_commit([me.pk], "message.removed", reference(message))
            push_badges([me.pk])


def react(actor: Actor, message_id: str | int, emoji: str) -> Message:
    """Put one emoji on a message, replacing the actor's earlier one. Idempotent."""
    me = signed_in(actor)
    emoji = emoji.strip()
    if not _is_emoji(emoji):
        raise Invalid(_("Choose an emoji."), fields={"emoji": _("Choose an emoji.")})
    limit("like", me.pk)
    with transaction.atomic():
        message, seat, others = locked_message(me, message_id)
        if access.is_request(seat):
            raise Forbidden(_("Accept the request first."), code="accept_first")
        if message.is_gone:
            raise NotFound()
        _may_still_write(seat, others)
        Reaction.objects.update_or_create(message=message, person=me, defaults={"emoji": emoji})
        changed(message)
        push_on_commit([me.pk, *(o.person_id for o in others)], "message.updated", reference(message))
    return message


def _may_still_write(seat: Participant, others: list[Participant]) -> None:
    if seat.conversation.is_group:
        groups.check_writing(seat, others)
        return
    for other in others:
        if privacy_of(other.person).message_audience == "nobody":
            name = other.person.get_full_name()
            raise Forbidden(
                _("%(name)s does not take messages at the moment.") % {"name": name}, code="messages_refused"
            )


def unreact(actor: Actor, message_id: str | int) -> None:
    """Take one's reaction back. Idempotent."""
    me = signed_in(actor)
    with transaction.atomic():
        message, _seat, others = locked_message(me, message_id)
        deleted, _rows = Reaction.objects.filter(message=message, person=me).delete()
        if deleted:
            changed(message)
            push_on_commit([me.pk, *(o.person_id for o in others)], "message.updated", reference(message))


def _is_emoji(text: str) -> bool:
    categories = [unicodedata.category(character) for character in text]
    # Symbols, skin tones (Sk), joiners (Cf), variation selectors and the keycap (Mn, Me), regional letters (So).
    return 0 < len(text) <= 16 and "So" in categories and set(categories) <= {"So", "Sk", "Cf", "Mn", "Me"}
