"""Every write of conversations and notifications.

Locks, always in this order: the people (`privacy.actions.lock_people`, lowest id first), then the conversation, then the
rest. A block and a change of settings lock the same people, so a message is either committed before the verdict or sees
it. Because the sender is locked too, one person's sends come one after the other and a `client_id` cannot race.
"""

import logging
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Case, CharField, F, PositiveBigIntegerField, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import get_person, relation
from accounts.models import User
from privacy import terms
from privacy.access import is_blocked, is_muted, is_restricted, privacy_of
from privacy.actions import lock_people, unrestrict
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, Problem
from socialapp.lib.ids import new_id, parse_id
from socialapp.lib.ratelimit import limit
from socialapp.lib.realtime import push_on_commit, push_unlogged
from videos.access import get_video
from videos.actions import share
from videos.models import Comment, Video

from . import access
from .models import Conversation, Message, Notification, NotificationActor, Participant, Reaction
from .rules import FIRST_MESSAGES, LINK, TEXT_LENGTH, Verdict, is_first_contact, verdict

log = logging.getLogger(__name__)

Actor = User | AnonymousUser
_ACTIVE = Participant.State.ACTIVE
_REQUEST = Participant.State.REQUEST


def _signed_in(actor: Actor) -> User:
    if not isinstance(actor, User):
        raise NotSignedIn()
    return actor


def push_badges(person_ids: Iterable[int]) -> None:
    """After commit, let these people's tabs show new numbers. What they are is counted when they are delivered, and
    only for those who are there."""
    people = list(person_ids)
    transaction.on_commit(lambda: push_unlogged(people, "badge", {}))


# --- Conversations --------------------------------------------------------------------------------------------


def open_conversation(actor: Actor, usernames: list[str]) -> tuple[Conversation, bool]:
    """The conversation with one other person, and whether it is new. Nobody learns of it before a first message.

    Safe to race: `direct_key` is unique. NotFound when the person is not visible to the actor.
    """
    me = _signed_in(actor)
    if len(set(usernames)) != 1:
        raise Invalid(
            _("Choose one person to write to."), fields={"usernames": _("Choose one person to write to.")}
        )
    person = get_person(me, usernames[0])
    if person.pk == me.pk:
        raise Invalid(_("You cannot write to yourself."), code="not_yourself")
    low, high = sorted((me.pk, person.pk))
    with transaction.atomic():
        lock_people(low, high)
        if is_blocked(me, person):
            raise NotFound()
        conversation, created = Conversation.objects.get_or_create(direct_key=f"{low}:{high}")
        if created:
            Participant.objects.bulk_create(
                [Participant(conversation=conversation, person_id=pk) for pk in (me.pk, person.pk)]
            )
    return conversation, created


def _locked_seat(actor: User, seat: Participant) -> tuple[Participant, list[Participant]]:
    """Inside a transaction: lock the people and the conversation, then ask the gate again. The others come with person
    and settings, read after the lock."""
    conversation = seat.conversation
    if conversation.direct_key:
        ids = [int(part) for part in conversation.direct_key.split(":")]
    else:
        ids = list(Participant.objects.filter(conversation=conversation).values_list("person_id", flat=True))
    lock_people(*ids)
    Conversation.objects.select_for_update().get(pk=conversation.pk)
    seat = access.get_seat(actor, conversation.pk)
    around = Participant.objects.filter(conversation=conversation).exclude(person=actor)
    return seat, list(around.select_related("person__privacy"))


def accept_request(actor: Actor, conversation_id: str | int) -> Participant:
    """Take a request into the inbox. Idempotent. With somebody whom the actor restricts it lifts the restriction."""
    me = _signed_in(actor)
    with transaction.atomic():
        seat, others = _locked_seat(me, access.get_seat(me, conversation_id))
        _accept(seat, others)
        if seat.restricted:  # type: ignore[attr-defined]
            for other in others:
                unrestrict(me, other.person)
            seat = access.get_seat(me, conversation_id)
        push_badges([me.pk])
    return seat


def _accept(seat: Participant, others: list[Participant]) -> None:
    waited = seat.state == _REQUEST
    if waited or seat.accepted_at is None:
        seat.state = _ACTIVE
        seat.accepted_at = seat.accepted_at or timezone.now()
        seat.save(update_fields=["state", "accepted_at"])
    if waited:
        for other in others:
            withdraw(seat.person_id, "message_request", actor_id=other.person_id)
        people = [seat.person_id, *(o.person_id for o in others)]
        push_on_commit(people, "conversation.updated", {"conversation": str(seat.conversation_id)})


def mute_conversation(actor: Actor, conversation_id: str | int, muted: bool = True) -> Participant:
    """No badge for this conversation, or again. Idempotent; only the actor notices."""
    me = _signed_in(actor)
    with transaction.atomic():
        seat = access.get_seat(me, conversation_id)
        Participant.objects.filter(pk=seat.pk).update(muted=muted)
        seat.muted = muted
        push_badges([me.pk])
    return seat


def leave_conversation(actor: Actor, conversation_id: str | int) -> None:
    """Delete what is there for the actor only. A conversation of two comes back, without it, when something new is
    written; so does a declined request, still as a request."""
    me = _signed_in(actor)
    with transaction.atomic():
        seat, others = _locked_seat(me, access.get_seat(me, conversation_id))
        newest = seat.conversation.last_seq
        Participant.objects.filter(pk=seat.pk).update(cleared_seq=newest, read_seq=newest)
        if seat.state == _REQUEST:
            for other in others:
                withdraw(me.pk, "message_request", actor_id=other.person_id)
        push_on_commit([me.pk], "conversation.updated", {"conversation": str(seat.conversation_id)})
        push_badges([me.pk])


def mark_read(actor: Actor, conversation_id: str | int, seq: int | None = None) -> Participant:
    """The actor has read up to `seq` (default: everything). Never goes back. Others learn of it at delivery, and only
    when both sides allow receipts and the conversation is accepted."""
    me = _signed_in(actor)
    with transaction.atomic():
        seat = access.get_seat(me, conversation_id)
        newest = seat.last_seq
        upto = newest if seq is None else max(0, min(seq, newest))
        if Participant.objects.filter(pk=seat.pk, read_seq__lt=upto).update(read_seq=upto):
            seat.read_seq = upto
            told = [me.pk]
            if seat.state == _ACTIVE and not access.is_request(seat):
                told += Participant.objects.filter(
                    conversation=seat.conversation_id, state=_ACTIVE
                ).values_list("person_id", flat=True)
            push_on_commit(
                told,
                "conversation.read",
                {
                    "conversation": str(seat.conversation_id),
                    "person": str(me.pk),
                    "username": me.username,
                    "seq": upto,
                },
            )
            push_badges([me.pk])
    return seat


# --- Messages -------------------------------------------------------------------------------------------------


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
    me = _signed_in(actor)
    text = _clean(text)
    _check_form(client_id, text, video_id)
    terms.refuse(text=text)
    seat = access.get_seat(me, conversation_id)
    limit("message", me.pk)
    with transaction.atomic():
        seat, others = _locked_seat(me, seat)
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


def _append(
    actor: User,
    seat: Participant,
    others: list[Participant],
    client_id: str,
    text: str,
    video: Video | None,
    quoted: Message | None,
    as_request: bool,
) -> Message:
    now = timezone.now()
    conversation = seat.conversation
    seq = conversation.last_seq + 1
    message = Message.objects.create(
        id=new_id(),
        conversation=conversation,
        sender=actor,
        seq=seq,
        client_id=client_id,
        text=text,
        video=video,
        reply_to=quoted,
    )
    Conversation.objects.filter(pk=conversation.pk).update(last_seq=seq, last_message_at=now)
    mine = Q(person=actor)
    Participant.objects.filter(conversation=conversation).update(
        last_seq=seq,
        last_message_at=now,
        read_seq=Case(
            When(mine, then=Value(seq)), default=F("read_seq"), output_field=PositiveBigIntegerField()
        ),
        state=Case(
            When(~mine, then=Value(_REQUEST if as_request else _ACTIVE)),
            default=F("state"),
            output_field=CharField(),
        ),
    )
    _accept(seat, others)  # who writes has said yes
    receivers = [other.person_id for other in others]
    if as_request:
        for person_id in receivers:
            notify(
                person_id, Notification.Kind.MESSAGE_REQUEST, actor_id=actor.pk, group_key="message_request"
            )
    push_on_commit([*receivers, actor.pk], "message.new", _reference(message))
    push_badges(receivers)
    return message


def _reference(message: Message) -> dict[str, Any]:
    """What is queued for delivery: never the text itself, so that nothing unsent lingers in Redis."""
    return {"conversation": str(message.conversation_id), "message": str(message.pk), "seq": message.seq}


def _count_share(actor: User, video: Video) -> None:
    try:
        share(actor, video, "message")
    except Problem as problem:  # the message is sent; only the counter missed it
        log.info("share by message not counted: %s", problem.code)


def _locked_message(actor: User, message_id: str | int) -> tuple[Message, Participant, list[Participant]]:
    message, seat = access.get_message(actor, message_id)
    seat, others = _locked_seat(actor, seat)
    message.refresh_from_db(fields=["removed_at", "taken_down_at", "text", "video"])
    return message, seat, others


def unsend(actor: Actor, message_id: str | int) -> None:
    """Take back one's own message for everyone: text, clip and reactions are erased, the number stays. Idempotent."""
    me = _signed_in(actor)
    with transaction.atomic():
        message, _seat, others = _locked_message(me, message_id)
        if message.sender_id != me.pk:
            raise Forbidden(_("Only who wrote a message can take it back."))
        if message.removed_at is None:
            message.removed_at, message.text, message.video = timezone.now(), "", None
            message.save(update_fields=["removed_at", "text", "video"])
            Reaction.objects.filter(message=message).delete()
            push_on_commit([me.pk, *(o.person_id for o in others)], "message.removed", _reference(message))


def react(actor: Actor, message_id: str | int, emoji: str) -> Message:
    """Put one emoji on a message, replacing the actor's earlier one. Idempotent."""
    me = _signed_in(actor)
    emoji = emoji.strip()
    if not _is_emoji(emoji):
        raise Invalid(_("Choose an emoji."), fields={"emoji": _("Choose an emoji.")})
    limit("like", me.pk)
    with transaction.atomic():
        message, seat, others = _locked_message(me, message_id)
        if access.is_request(seat):
            raise Forbidden(_("Accept the request first."), code="accept_first")
        if message.is_gone:
            raise NotFound()
        _may_still_write(me, others)
        Reaction.objects.update_or_create(message=message, person=me, defaults={"emoji": emoji})
        push_on_commit([me.pk, *(o.person_id for o in others)], "message.updated", _reference(message))
    return message


def _may_still_write(actor: User, others: list[Participant]) -> None:
    for other in others:
        if privacy_of(other.person).message_audience == "nobody":
            name = other.person.get_full_name()
            raise Forbidden(
                _("%(name)s does not take messages at the moment.") % {"name": name}, code="messages_refused"
            )


def unreact(actor: Actor, message_id: str | int) -> None:
    """Take one's reaction back. Idempotent."""
    me = _signed_in(actor)
    with transaction.atomic():
        message, _seat, others = _locked_message(me, message_id)
        deleted, _rows = Reaction.objects.filter(message=message, person=me).delete()
        if deleted:
            push_on_commit([me.pk, *(o.person_id for o in others)], "message.updated", _reference(message))


def _is_emoji(text: str) -> bool:
    categories = [unicodedata.category(character) for character in text]
    # Symbols, skin tones (Sk), joiners (Cf), variation selectors and the keycap (Mn, Me), regional letters (So).
    return 0 < len(text) <= 16 and "So" in categories and set(categories) <= {"So", "Sk", "Cf", "Mn", "Me"}


# --- Notifications --------------------------------------------------------------------------------------------

# These can be undone and redone at will: the same person is told of once a day at most.
_ONCE_A_DAY = frozenset({Notification.Kind.LIKE, Notification.Kind.FOLLOW, Notification.Kind.FOLLOW_REQUEST})


def notify(
    recipient_id: int,
    kind: str,
    *,
    group_key: str,
    actor_id: int | None = None,
    video_id: int | None = None,
    comment_id: int | None = None,
    text: str = "",
) -> Notification | None:
    """Tell a person something, in the unread row of the same `group_key` when there is one; None when they are not told.

    Nobody is told of their own deeds, nor of people they muted, restrict or are blocked with. Asked again whenever it is shown.
    """
    if actor_id == recipient_id:
        return None
    people = User.objects.in_bulk([pk for pk in (recipient_id, actor_id) if pk is not None])
    recipient, actor = people.get(recipient_id), people.get(actor_id or 0)
    if recipient is None or (actor_id is not None and actor is None):
        return None
    if actor is not None and any(shut(recipient, actor) for shut in (is_blocked, is_muted, is_restricted)):
        return None
    if actor is not None and kind in _ONCE_A_DAY and _told_lately(recipient_id, group_key, actor.pk):
        return None
    with transaction.atomic():
        if video_id is not None and not _still_there(video_id, comment_id):
            return None
        row, created = _unread_row(
            recipient_id,
            group_key,
            kind=kind,
            actor_id=actor_id,
            actors_count=0,
            video_id=video_id,
            comment_id=comment_id,
            text=text,
        )
        if actor is not None:
            _entry, joined = NotificationActor.objects.get_or_create(notification=row, person=actor)
            changes: dict[str, Any] = {"actor_id": actor.pk, "updated_at": timezone.now()}
            if joined:
                changes["actors_count"] = F("actors_count") + 1
            if comment_id is not None:
                changes["comment_id"] = comment_id
            Notification.objects.filter(pk=row.pk).update(**changes)
        elif not created:
            Notification.objects.filter(pk=row.pk).update(updated_at=timezone.now(), text=text)
        push_on_commit([recipient_id], "notification.new", {"notification": str(row.pk)})
        push_badges([recipient_id])
    return row


def _still_there(video_id: int, comment_id: int | None) -> bool:
    """Whether what a notification is about was not deleted meanwhile; it cannot be until the transaction ends.

    Deleting a clip or a comment locks the clip first and takes its notifications along, which must not grow meanwhile.
    """
    if not Video.objects.select_for_update(no_key=True).filter(pk=video_id).exists():
        return False
    return comment_id is None or Comment.objects.filter(pk=comment_id).exists()


def _unread_row(recipient_id: int, group_key: str, **made: Any) -> tuple[Notification, bool]:
    """The unread row of this group, locked, and whether it was made just now.

    `withdraw` may delete the row between finding and locking it; then it is made anew.
    """
    unread = {"recipient_id": recipient_id, "group_key": group_key, "read_at": None}
    while True:
        row, created = Notification.objects.get_or_create(**unread, defaults=made)
        if created:
            return row, True
        locked = Notification.objects.select_for_update().filter(pk=row.pk, read_at=None).first()
        if locked is not None:
            return locked, False


def _told_lately(recipient_id: int, group_key: str, actor_id: int) -> bool:
    since = timezone.now() - timedelta(days=1)
    told = NotificationActor.objects.filter(person=actor_id, created_at__gt=since)
    return told.filter(notification__recipient=recipient_id, notification__group_key=group_key).exists()


def withdraw(recipient_id: int, group_key: str, *, actor_id: int) -> None:
    """What a notification told is no longer so: take the person out of the unread row, and the row with the last one."""
    with transaction.atomic():
        row = (
            Notification.objects.select_for_update()
            .filter(recipient=recipient_id, group_key=group_key, read_at=None)
            .first()
        )
        if row is None:
            return
        deleted, _rows = NotificationActor.objects.filter(notification=row, person=actor_id).delete()
        if not deleted:
            return
        latest = NotificationActor.objects.filter(notification=row).order_by("-id").first()
        if latest is None:
            row.delete()
        else:
            Notification.objects.filter(pk=row.pk).update(
                actor_id=latest.person_id, actors_count=F("actors_count") - 1
            )
        push_badges([recipient_id])


def mark_notifications_read(actor: Actor, ids: Iterable[str] | None = None) -> int:
    """Mark these notifications read, or all of them. How many were unread."""
    me = _signed_in(actor)
    unread = Notification.objects.filter(recipient=me, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=[parse_id(text) for text in ids])
    with transaction.atomic():
        changed: int = unread.update(read_at=timezone.now())
        if changed:
            push_badges([me.pk])
    return changed
