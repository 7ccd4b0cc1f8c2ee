"""What erasing a person means for analytics: what they watched, and the statistics of what they made."""

from privacy.erasure import Leaver, delete_in_batches

from .models import (
    CountryDay,
    CreatorDay,
    EngagementDue,
    EngagementWeek,
    Event,
    HourDay,
    PromotedDay,
    Report,
    RetentionDay,
    Sketch,
    SourceDay,
    VideoDay,
)

# What is kept by creator.
OWN = (
    *(VideoDay, SourceDay, PromotedDay, CountryDay, RetentionDay, HourDay, Sketch, EngagementWeek),
    *(EngagementDue, CreatorDay, Report),
)


def forget_person(leaver: Leaver) -> None:
    """Events by them and of them, and their daily sums. Sums of other people's clips name no viewer and stay.

    Events that still wait in Redis are dropped when they are counted: their viewer, or their clip, is unknown by then.
    """
    delete_in_batches(Event.objects.filter(viewer=leaver.id), leaver, size=5_000)
    delete_in_batches(Event.objects.filter(creator=leaver.id), leaver, size=5_000)
    delete_in_batches(EngagementWeek.objects.filter(person=leaver.id), leaver, size=5_000)
    for table in OWN:
        delete_in_batches(table.objects.filter(creator=leaver.id), leaver, size=1_000)
