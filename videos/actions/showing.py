"""What appears to its audience and what is kept from it: a clip's moment, its waiting for a moderator, and its letting go.

All in the caller's transaction, which holds the clip's row. Why something waits is decided in videos.holds.
"""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.actions import add_videos
from accounts.models import User
from privacy.actions import audit
from privacy.cases import open_case
from privacy.rules import Audience
from socialapp.lib.realtime import push_on_commit

from .. import access, holds, signals
from ..models import Preview, Sound, Transcode, Video
from .folders import shut
from .watching import open_audience


def show(video: Video) -> None:
    """The moment a clip appears to its audience: dated, and counted for its author and its sound.

    One made of what others closed meanwhile does not appear (`hold_back`), nor one that a rule of the site holds (`hold`).
    """
    if video.published_at is not None or video.held_for:
        return
    if why := access.withheld(video):
        hold_back(video, why)
    elif found := holds.of_clip(video):
        hold(video, found)
    else:
        _appear(video)


def _appear(video: Video) -> None:
    video.published_at = timezone.now()
    Video.objects.filter(pk=video.pk).update(published_at=video.published_at)
    if video.audience == Audience.PUBLIC:
        open_audience(video)
    Preview.objects.filter(video=video).delete()  # from now on its audience says who watches it
    count(video, 1)


def hold(video: Video, found: holds.Found) -> None:
    """Keep a clip from everybody but its author until a moderator decided; opens the case, tells its author. Audited.

    One that showed already is counted out, and addresses of its files that are out there die.
    """
    open_case("video", video.pk, User(pk=video.author_id), rule=found.rule, detail=found.detail)
    audit(None, "video.hold", "video", video.pk, author=video.author_id, rule=found.rule, **found.detail)
    keep_waiting(video, found.rule)
    transaction.on_commit(lambda: signals.video_held.send(None, video_id=video.pk), robust=True)


def keep_waiting(video: Video, rule: str) -> None:
    """Take a clip out of everybody's sight but its author's, without a case of its own: when letting go is taken back."""
    if video.held_for:
        return
    video.held_for = rule
    Video.objects.filter(pk=video.pk).update(held_for=rule)
    if video.published_at is not None and video.state != Video.State.REMOVED:
        count(video, -1)
        shut(video.pk)


def let_go(video: Video) -> bool:
    """A moderator found nothing wrong: the clip appears, or appears again. Idempotent; whether it waited."""
    if not video.held_for:
        return False
    video.held_for = ""
    Video.objects.filter(pk=video.pk).update(held_for="")
    if video.state == Video.State.REMOVED:
        return True
    if video.published_at is not None:
        count(video, 1)
    elif video.playlist and video.state in (Video.State.READY, Video.State.PROCESSING):
        if why := access.withheld(video):
            hold_back(video, why)
            return True
        _appear(video)
        if video.state == Video.State.READY:
            transaction.on_commit(lambda: signals.video_ready.send(None, video_id=video.pk), robust=True)
    return True


def hold_back(video: Video, why: str) -> None:
    """A clip made of what is closed by now is a draft and says why (access.CLOSED). The caller holds the clip's row."""
    Transcode.objects.filter(video=video).update(as_draft=True)
    video.state, video.publish_at = Video.State.DRAFT, None
    video.error_code, video.error_params = why, {}
    video.save(update_fields=["state", "publish_at", "error_code", "error_params"])
    push(video, Transcode.Stage.WAITING, 0)


def count(video: Video, delta: int) -> None:
    """A published clip appears (1) or is gone (-1): for its author's number of clips and its sound's number of uses."""
    add_videos(video.author_id, delta)
    add_uses(video.sound_id, delta)


def add_uses(sound_id: int | None, delta: int) -> None:
    """Count published clips that use a sound, in the transaction that changes which do."""
    if sound_id is not None:
        Sound.objects.filter(pk=sound_id).update(uses_count=Greatest(F("uses_count") + delta, 0))


def push(video: Video, stage: str, percent: int) -> None:
    """Tell the author's pages how far their clip is, after commit."""
    data = {"id": str(video.pk), "state": str(video.state), "stage": str(stage), "percent": percent}
    push_on_commit([video.author_id], "video.progress", data)
