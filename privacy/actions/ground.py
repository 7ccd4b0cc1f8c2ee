"""What every write stands on: who acts, the locks on people, the audit log."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from socialapp.lib.errors import NotFound, NotSignedIn

from ..models import AuditEntry

Actor = AbstractBaseUser | AnonymousUser


def lock_people(*person_ids: Any) -> None:
    """Lock these people's rows until the transaction ends, lowest id first so that nobody waits in a circle.

    The lock lets rows that merely refer to them be inserted. One query; on SQLite BEGIN IMMEDIATE did it already.
    """
    people = get_user_model()._default_manager.filter(pk__in=person_ids).order_by("pk")
    list(people.select_for_update(no_key=True).values_list("pk", flat=True))


def signed_in(actor: Actor) -> None:
    """NotSignedIn for the anonymous."""
    if not actor.is_authenticated:
        raise NotSignedIn()


def moderator(actor: Actor | None) -> None:
    """NotFound for whoever is not a moderator: what moderators do does not exist for others."""
    if actor is None or not actor.is_active or not getattr(actor, "is_staff", False):
        raise NotFound()


def audit(actor: Actor | None, verb: str, target_type: str, target_id: Any, **detail: Any) -> None:
    """Write down a deed in the caller's transaction. `detail` must be plain JSON values; None as actor is the system."""
    AuditEntry.objects.create(
        actor_id=actor.pk if actor is not None else None,
        verb=verb,
        target_type=target_type,
        target_id=target_id,
        detail=detail,
    )
