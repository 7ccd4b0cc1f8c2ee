"""A browser is pushed to for as long as the log-in lasts in which it was let. Connected by apps.py."""

from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts import signals as accounts
from accounts.models import User

from . import actions
from .sockets import session_hash


@receiver(post_delete, sender=Session)
def on_session_deleted(instance: Session, **kwargs: Any) -> None:
    """Log-out, "end this session", a ban, leaving: all delete the row."""
    actions.forget_session(session_hash(instance.session_key))


@receiver(post_save, sender=User)
def on_person_saved(instance: User, created: bool, update_fields: Any = None, **kwargs: Any) -> None:
    """A new password or a shut account ends sessions without deleting them. (Asked again before each push.)"""
    if not created and (update_fields is None or {"is_active", "password"} & set(update_fields)):
        transaction.on_commit(lambda: actions.forget_ended_sessions(instance.pk))


@receiver(accounts.visibility_changed)
def on_visibility_changed(person_id: int, **kwargs: Any) -> None:
    actions.forget_ended_sessions(person_id)
