"""What accounts does when privacy or a log-in tells it something. Connected by apps.py."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from privacy.reports import register_target
from privacy.signals import block_placed, privacy_changed

from . import access, actions, evidence
from .actions import moderating


def _report_person(viewer: Any, target_id: str) -> tuple[int, Any]:
    person = access.get_person_by_id(viewer, target_id)
    return person.pk, person


register_target("person", _report_person)
moderating.register()
evidence.register()


@receiver(block_placed)
def end_follows(sender: object, *, blocker_id: int, blocked_id: int, **kwargs: Any) -> None:
    """Runs inside the block's transaction: a block without this must not exist for a moment."""
    actions.end_follows_between(blocker_id, blocked_id)


@receiver(privacy_changed)
def accept_waiting_requests(
    sender: object, *, person_id: int, changes: dict[str, Any], **kwargs: Any
) -> None:
    """Going public lets everybody in who asked: they could follow the next second anyway."""
    if changes.get("is_private") is False:
        actions.accept_waiting(person_id)


@receiver(user_logged_in)
def restore_on_log_in(sender: object, *, user: Any, **kwargs: Any) -> None:
    """Logging in brings a deactivated account back."""
    if user.deactivated_at is not None:
        actions.restore(user)
