"""What erasing a person means for conversations: what they sent stays with those who received it, without a name."""

from django.db import transaction
from django.db.models import F, Q

from privacy.erasure import BATCH, Leaver, delete_in_batches

from .models import Conversation, Message, Notification, NotificationActor, Participant, Reaction


def forget_person(leaver: Leaver) -> None:
    """Notifications, reactions and seats go. A conversation in which nobody else has a seat goes with its messages."""
    _leave_notifications(leaver)
    delete_in_batches(Notification.objects.filter(recipient=leaver.id), leaver)
    delete_in_batches(Reaction.objects.filter(person=leaver.id), leaver)
    _leave_conversations(leaver)
    _unname_messages(leaver)


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
            for row in Notification.objects.select_for_update().filter(pk__in=batch.values()):
                latest = row.actors.order_by("-pk").first()
                if latest is None:
                    row.delete()
                else:
                    Notification.objects.filter(pk=row.pk).update(
                        actor=latest.person_id, actors_count=F("actors_count") - 1
                    )
    delete_in_batches(Notification.objects.filter(actor=leaver.id), leaver)


def _leave_conversations(leaver: Leaver) -> None:
    seats = Participant.objects.filter(person=leaver.id).order_by("pk")
    while (seat := seats.first()) is not None:
        leaver.alive()
        others = Participant.objects.filter(conversation=seat.conversation_id).exclude(pk=seat.pk)
        if others.exists():
            with transaction.atomic():
                # The key names both by their ids; nobody can open this conversation anew.
                Conversation.objects.filter(pk=seat.conversation_id).update(direct_key=None)
                seat.delete()
            continue
        delete_in_batches(Message.objects.filter(conversation=seat.conversation_id), leaver)
        with transaction.atomic():
            seat.delete()
            Conversation.objects.filter(pk=seat.conversation_id).delete()


def _unname_messages(leaver: Leaver) -> None:
    """What was received stays readable, "from a deleted account". What was taken back or never arrived has no words left."""
    sent = Message.objects.filter(sender=leaver.id).order_by("pk")
    while True:
        leaver.alive()
        with transaction.atomic():
            batch = list(sent.values_list("pk", flat=True)[:BATCH])
            if not batch:
                return
            rows = Message.objects.filter(pk__in=batch)
            rows.filter(Q(removed_at__isnull=False) | Q(taken_down_at__isnull=False)).update(
                text="", search_text="", video=None
            )
            # The sender's own name for a message is theirs, and their program may have put anything into it.
            rows.update(sender=None, client_id="")
