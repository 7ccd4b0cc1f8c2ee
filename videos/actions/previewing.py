"""Exclusive previews: who may watch a clip before it is out. Whom one is sent to is decided in messaging.

All in the caller's transaction. None of it locks the clip: whoever holds people and waits for a clip meets those who like it,
which is the other way round. A preview ends when the clip appears, when the message that brought it is taken back, and when a
block comes between the two; who stops following cannot open it (access.watchable_videos).
"""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound

from .. import holds
from ..models import Preview, Video
from .engaging import Actor, _person
from .remixing import must_appear


def previewable(actor: Actor, video_id: int) -> Video:
    """One's own draft, if it may be sent as a preview now. NotFound for anybody else's.

    Conflict for one that is out, that is not made yet, or whose remixed clip or sound was closed; Forbidden (code held) for
    one that a rule of the site would keep for a moderator: a preview is no way around that.
    """
    person = _person(actor)
    row = Video.objects.filter(pk=video_id, author=person).first()
    if row is None or row.state == Video.State.REMOVED:
        raise NotFound()
    if row.published_at is not None:
        raise Conflict(_("This clip is out already. Announce it instead."), code="published")
    if row.state != Video.State.DRAFT or not row.playlist:
        sentence = _("Only a finished draft can be sent as a preview. Wait until it is ready.")
        raise Invalid(sentence, code="not_ready", fields={"video": sentence})
    must_appear(row)
    if row.held_for or holds.of_clip(row):
        raise Forbidden(
            _("A moderator has to look at this clip first, so it cannot be sent as a preview."), code="held"
        )
    return row


def grant_preview(video: Video, person_id: int) -> None:
    """Let somebody watch a draft. Idempotent."""
    Preview.objects.get_or_create(video=video, person_id=person_id)


def end_preview(video_id: int, person_ids: Iterable[int]) -> None:
    """These people no longer watch the draft. Idempotent."""
    Preview.objects.filter(video=video_id, person__in=list(person_ids)).delete()


def end_spent_previews(video_id: int) -> None:
    """Of a clip that came out while somebody was let in. They open nothing (access.watchable_videos), and go."""
    Preview.objects.filter(video=video_id, video__published_at__isnull=False).delete()


def end_previews_between(one_id: int, other_id: int) -> None:
    """A block came between the two; lifting it brings nothing back."""
    theirs = Q(video__author=one_id, person=other_id) | Q(video__author=other_id, person=one_id)
    Preview.objects.filter(theirs).delete()
