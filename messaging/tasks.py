"""Nudges and the timetable of messaging. The rows are the queue; a lost task loses time only."""

from celery import shared_task

from . import actions, digests, pushing


@shared_task(name="messaging.tasks.send_pushes")
def send_pushes() -> int:
    """Send the pushes that are due; how many left."""
    return pushing.send_due()


@shared_task(name="messaging.tasks.sweep_pushes")
def sweep_pushes() -> int:
    """The same for those whose nudge was lost or whose worker died, and forget the old ones."""
    actions.forget_finished_pushes()
    return pushing.send_due()


@shared_task(name="messaging.tasks.send_announcements")
def send_announcements() -> int:
    """Send announcements, and take back what is to be taken back, for some seconds; how many receivers were served."""
    return actions.serve_announcements()


@shared_task(name="messaging.tasks.sweep_pictures")
def sweep_pictures() -> int:
    """Forget pictures that no message carries; how many."""
    return actions.sweep_pictures()


@shared_task(name="messaging.tasks.send_digests")
def send_digests() -> int:
    """Send the e-mail digests that are due; how many went out."""
    return digests.send_due()


@shared_task(name="messaging.tasks.expect_digests")
def expect_digests() -> int:
    """Let people with unread messages expect a digest; how many."""
    return actions.expect_digests_of_messages()
