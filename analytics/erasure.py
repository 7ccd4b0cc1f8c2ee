"""What erasing a person means for analytics: what they watched, and the statistics of what they made."""

from privacy.erasure import Leaver, delete_in_batches

from .models import CreatorDay, VideoDay, ViewEvent


def forget_person(leaver: Leaver) -> None:
    """Raw views by them and of their clips, and their daily sums. Sums of other people's clips name no viewer and stay.

    Events that still wait in Redis are dropped when they are counted: their viewer, or their clip, is unknown by then.
    """
    delete_in_batches(ViewEvent.objects.filter(viewer=leaver.id), leaver, size=5_000)
    delete_in_batches(ViewEvent.objects.filter(video__author=leaver.id), leaver, size=5_000)
    delete_in_batches(VideoDay.objects.filter(creator=leaver.id), leaver, size=1_000)
    delete_in_batches(CreatorDay.objects.filter(creator=leaver.id), leaver, size=1_000)
