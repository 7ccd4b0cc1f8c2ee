"""What the timetable runs for analytics."""

from celery import shared_task

from . import rollups


@shared_task
def flush_events() -> int:
    """Write the events that wait. Runs every few seconds; many at once do no harm."""
    return rollups.flush()


@shared_task
def prune_events() -> int:
    """Delete raw events that are past their 30 days."""
    return rollups.prune()
