"""What erasing a person means for conversations: what they sent stays with those who received it, without a name."""

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet

from privacy.erasure import BATCH, Leaver, change_in_batches, delete_in_batches

from .actions.groups import pass_on, tell_members
from .models import (
    Announcement,
    AwayMessage,
    Conversation,
    HiddenMessage,
    Message,
    MessageImage,
    Notification,
    NotificationActor,
    NotificationSettings,
    Participant,
    Push,
    PushSubscription,
    QuickReply,
    Reaction,
)

# What nobody in the conversation reads: taken back, taken down, or never let through.
_UNREAD = Q(removed_at__isnull=False) | Q(taken_down_at__isnull=False) | ~Q(held_for="")


def forget_person(leaver: Leaver) -> None:
    """Notifications, reactions, seats and what was kept for the person alone go. A conversation in which nobody else has a
    seat goes with its messages and pictures."""
    for rows in (
        PushSubscription.objects.filter(
            person=leaver.id
        ),  # first: nothing is pushed to their browsers any more
        Push.objects.filter(person=leaver.id),
        NotificationSettings.objects.filter(person=leaver.id),
        AwayMessage.objects.filter(owner=leaver.id),
        QuickReply.objects.filter(owner=leaver.id),
        HiddenMessage.objects.filter(person=leaver.id),
    ):
        delete_in_batches(rows, leaver)
    _leave_notifications(leaver)
    delete_in_batches(Notification.objects.filter(recipient=leaver.id), leaver)
    delete_in_batches(Reaction.objects.filter(person=leaver.id), leaver)
    _end_announcements(leaver)
    _leave_conversations(leaver)
    _forget_pictures(leaver)
    _unname_messages(leaver)


def _end_announcements(leaver: Leaver) -> None:
    """They stop at once; what they brought stays a message. The messages first: they may be many."""
    Announcement.objects.filter(author=leaver.id).update(state=Announcement.State.STOPPED)
    brought = Message.objects.filter(announcement__author=leaver.id)
    change_in_batches(brought, leaver, announcement=None)
    delete_in_batches(Announcement.objects.filter(author=leaver.id), leaver)


def _leave_notifications(leaver: Leaver) -> None:
    """ "alice and 12 others" becomes "carol and 11 others"; a notification that was about this person only goes."""
    entries = NotificationActor.objects.filter(person=leaver.id).order_by("pk")
    while True:
        leaver.alive()
        with transaction.atomic():
            batch = dict(entries.values_list("pk", "notification_id")[:BATCH])
            if not batch:
                break
            NotificationActor.objects.filter(pk__in=batch).delete()
            _name_others(Notification.objects.filter(pk__in=batch.values()))
    # Their comments, which are gone by now, took their entries along.
    named = Notification.objects.filter(actor=leaver.id, actors__isnull=False).distinct().order_by("pk")
    while ids := list(named.values_list("pk", flat=True)[:BATCH]):
        leaver.alive()
        with transaction.atomic():
            _name_others(Notification.objects.filter(pk__in=ids))
    delete_in_batches(Notification.objects.filter(actor=leaver.id), leaver)


def _name_others(rows: QuerySet[Notification]) -> None:
    """Let these notifications speak of who is left in them; those in which nobody is left go."""
    for row in rows.select_for_update():
        latest = row.actors.order_by("-pk").first()
        if latest is None:
            row.delete()
        else:
            Notification.objects.filter(pk=row.pk).update(
                actor=latest.person_id, comment=latest.comment_id, actors_count=F("actors_count") - 1
            )


def _leave_conversations(leaver: Leaver) -> None:
    seats = Participant.objects.filter(person=leaver.id).select_related("conversation").order_by("pk")
    while (seat := seats.first()) is not None:
        leaver.alive()
        there = Participant.objects.filter(conversation=seat.conversation_id).exclude(pk=seat.pk)
        if seat.conversation.is_group:
            there = there.exclude(state=Participant.State.LEFT)
        if there.exists():
            with transaction.atomic():
                _leave(seat)
            continue
        _delete_pictures(MessageImage.objects.filter(conversation=seat.conversation_id), leaver)
        delete_in_batches(Message.objects.filter(conversation=seat.conversation_id), leaver)
        with transaction.atomic():
            seat.delete()
            Conversation.objects.filter(pk=seat.conversation_id).delete()
    added = Participant.objects.filter(added_by=leaver.id)
    change_in_batches(added, leaver, added_by=None)


def _leave(seat: Participant) -> None:
    """Somebody else looks after a group then. The key of a conversation of two names both by their ids: without it nobody
    can open this conversation anew."""
    talk = Conversation.objects.select_for_update().get(pk=seat.conversation_id)
    if talk.direct_key:
        Conversation.objects.filter(pk=talk.pk).update(direct_key=None)
    seat.delete()
    if talk.is_group:
        there = Participant.objects.filter(conversation=talk).exclude(state=Participant.State.LEFT)
        pass_on(talk, list(there.select_related("person")))
        tell_members(talk.pk)


def _forget_pictures(leaver: Leaver) -> None:
    """Pictures that were never sent, or that nobody reads any more, go; received ones stay, from a deleted account."""
    theirs = MessageImage.objects.filter(owner=leaver.id)
    unread = Message.objects.filter(_UNREAD, sender=leaver.id)
    _delete_pictures(theirs.filter(Q(message=None) | Q(message__in=unread)), leaver)
    change_in_batches(theirs, leaver, owner=None)


def _delete_pictures(rows: QuerySet[MessageImage], leaver: Leaver) -> None:
    # Files before rows: a worker that is killed in between comes back to rows that still stand for them.
    while batch := list(rows.order_by("pk").values_list("pk", "file")[:BATCH]):
        leaver.alive()
        for _pk, file in batch:
            default_storage.delete(file)
        MessageImage.objects.filter(pk__in=[pk for pk, _file in batch]).delete()


def _unname_messages(leaver: Leaver) -> None:
    """What was received stays readable, "from a deleted account". What was taken back or never arrived has no words left."""
    about = Message.objects.filter(subject=leaver.id)
    change_in_batches(about, leaver, subject=None)
    sent = Message.objects.filter(sender=leaver.id).order_by("pk")
    while True:
        leaver.alive()
        with transaction.atomic():
            batch = list(sent.values_list("pk", flat=True)[:BATCH])
            if not batch:
                return
            rows = Message.objects.filter(pk__in=batch)
            rows.filter(_UNREAD).update(text="", search_text="", video=None)
            # The sender's own name for a message is theirs, and their program may have put anything into it.
            rows.update(sender=None, client_id="")
