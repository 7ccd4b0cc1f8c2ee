"""What the timetable runs for analytics."""

from celery import shared_task

from . import engagement, reports, rollups


@shared_task
def flush_events() -> int:
    """Write the events that wait. Runs every few seconds; many at once do no harm."""
    return rollups.flush()


@shared_task
def prune_events() -> int:
    """Delete raw events that are past their 30 days."""
    return rollups.prune()


@shared_task
def make_reports() -> int:
    """Make the reports that are wanted, also those whose nudge was lost, and forget those nobody looks at; how many were made."""
    reports.forget_unseen()
    return reports.make_due()


@shared_task
def push_engagement() -> int:
    """Tell accounts how followers engage, where that is older than a day; of how many creators."""
    return engagement.push_due()
