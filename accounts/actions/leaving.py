"""Leaving for a while, and coming back."""

from django.db import transaction
from django.utils import timezone

from privacy.actions import audit, lock_people

from .. import signals
from ..models import User
from .acting import Actor, send, signed_in


def deactivate(actor: Actor) -> None:
    """Hide the account and everything of it until its person logs in again; every session ends. Idempotent."""
    from ..sessions import end_sessions

    actor = signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk)
        hidden = User.objects.filter(pk=actor.pk, deactivated_at=None).update(deactivated_at=timezone.now())
        if hidden:
            audit(actor, "deactivate", "person", actor.pk)
            send(signals.visibility_changed, person_id=actor.pk, visible=False)
        end_sessions(actor.pk)


def restore(actor: Actor) -> None:
    """Bring a deactivated account back; logging in calls this. Idempotent."""
    actor = signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk)
        shown = User.objects.filter(pk=actor.pk).exclude(deactivated_at=None).update(deactivated_at=None)
        if shown:
            audit(actor, "restore", "person", actor.pk)
            send(signals.visibility_changed, person_id=actor.pk, visible=True)
    actor.deactivated_at = None
