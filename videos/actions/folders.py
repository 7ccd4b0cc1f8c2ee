"""Where a clip's files lie. A folder moves when the addresses that are out there must die; the one left behind is erased.

A move that is asked for is a column of the clip, so a worker or a request that dies loses time and never the move.
"""

import logging

from django.db import transaction
from django.utils import timezone

from .. import media
from ..models import DoomedFolder, Video, new_folder

log = logging.getLogger(__name__)


def shut(video_id: int) -> None:
    """Have a clip's folder moved as soon as the caller's transaction is committed; the sweep does what fails then."""
    Video.objects.filter(pk=video_id).update(move_asked_at=timezone.now())
    transaction.on_commit(lambda: move_folder(video_id), robust=True)


def ask_moves(person_id: int) -> int:
    """Ask for a move of every clip of a person; how many. `move_asked` does them. One query."""
    clips = Video.objects.filter(author_id=person_id).exclude(playlist="")
    return clips.update(move_asked_at=timezone.now())


def move_asked() -> int:
    """Move every folder that is to be moved, the one that was asked first first; how many. One that fails stays asked."""
    ids = list(
        Video.objects.filter(move_asked_at__isnull=False)
        .order_by("move_asked_at")
        .values_list("pk", flat=True)
    )
    moved = 0
    for video_id in ids:
        try:
            move_folder(video_id)
        except OSError as error:  # the store is away: the sweep comes back
            log.warning("the folder of clip %s is not moved yet: %s", video_id, error)
            continue
        moved += 1
    return moved


def move_folder(video_id: int) -> None:
    """Give a clip a new folder, so that every address of its files that is out there is dead. Safe to repeat."""
    with transaction.atomic():
        video = Video.objects.select_for_update(no_key=True).filter(pk=video_id).first()
        # A worker that writes into the old folder meanwhile finds out when it reports (FolderMoved).
        if video is None:
            return
        if not video.playlist:
            Video.objects.filter(pk=video.pk).update(move_asked_at=None)
            return
        old, new = video.folder, new_folder()
        media.copy_folder(old, new)
        Video.objects.filter(pk=video.pk).update(folder=new, move_asked_at=None)
        DoomedFolder.objects.get_or_create(folder=old)
    erase_doomed([old])


def erase_doomed(folders: list[str] | None = None) -> int:
    """Erase the files of doomed folders, all of them unless named; those that resist stay for the next sweep."""
    doomed = DoomedFolder.objects.all() if folders is None else DoomedFolder.objects.filter(pk__in=folders)
    erased = 0
    for row in doomed:
        try:
            media.erase_folder(row.folder)
        except Exception as error:  # the store is away or refuses: the row stays, the sweep comes back
            log.warning("folder %s… is not erased yet: %s", row.folder[:6], error)
            continue
        erased += row.delete()[0]
    return erased
