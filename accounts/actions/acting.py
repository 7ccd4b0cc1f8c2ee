"""What every write here begins with: who acts, and facts that are told once the transaction holds."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from socialapp.lib.errors import NotFound, NotSignedIn

from ..models import User

Actor = User | AnonymousUser


def signed_in(actor: Actor) -> User:
    """The actor as a row; NotSignedIn for the anonymous."""
    if not isinstance(actor, User):
        raise NotSignedIn()
    return actor


def moderator(actor: Actor) -> User:
    """The actor as a row, staff only; NotFound for everybody else, who need not know that there is such a deed."""
    if not isinstance(actor, User) or not actor.is_staff:
        raise NotFound()
    return actor


def send(signal: Any, **facts: Any) -> None:
    """Tell the apps above once the transaction is committed; never when it is rolled back."""
    transaction.on_commit(lambda: signal.send(None, **facts))
