"""What a viewer may make of a clip that they see: duets, stitches, copies."""

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.access import relation
from accounts.models import User
from privacy.access import privacy_of
from privacy.rules import Audience, Relation, may

from ..models import Video
from .gate import Viewer, is_preview, visible_videos, with_people
from .sounds import usable_sounds


def is_open(video: Video) -> bool:
    """Whether everybody may watch this clip, without an account too. No query with author and privacy loaded."""
    return (
        video.audience == Audience.PUBLIC
        and video.published_at is not None
        and not video.held_for
        and video.state in (Video.State.READY, Video.State.PROCESSING)
        and bool(video.playlist)
        and video.author.is_visible
        and not privacy_of(video.author).is_private
    )


def permits(video: Video, what: str, stands: Relation) -> bool:
    """Whether somebody who stands so to its author may "duet", "stitch" or "download" a clip that they see. No query.

    The stricter of the clip's own setting and its author's. Others may remix only what everybody may see, or a clip for
    friends would be carried out of their circle. A remix is not remixed again: whoever is in it was asked once, not twice.
    Nor is a copy made of an exclusive preview.
    """
    if not video.playlist or (what != "download" and video.remix_kind):
        return False
    if stands == Relation.SELF:
        return True
    if is_preview(video):
        return False
    allowed = getattr(privacy_of(video.author), f"{what}_audience")
    open_enough = what == "download" or is_open(video)
    return open_enough and may(what, getattr(video, what), stands) and may(what, allowed, stands)


def may_duet(viewer: Viewer, video: Video) -> bool:
    """Whether the viewer may put a clip of their own beside this one. The clip must be visible already."""
    return permits(video, "duet", relation(viewer, video.author))


def may_stitch(viewer: Viewer, video: Video) -> bool:
    """Whether the viewer may begin a clip of their own with some seconds of this one. It must be visible already."""
    return permits(video, "stitch", relation(viewer, video.author))


def may_download(viewer: Viewer, video: Video) -> bool:
    """Whether the viewer may have a copy of this clip as a file. The clip must be visible already."""
    return permits(video, "download", relation(viewer, video.author))


CLOSED = ("remix_closed", "sound_gone")


def closed(video: Video) -> str:
    """What of others' that a clip is made of is gone or no longer open to its author, as one of CLOSED; empty for nothing.

    At most five queries, none for a clip that uses nothing of others'.
    """
    sound_id = (video.edit.get("sound") or {}).get("id")
    if not video.remix_kind and not sound_id:
        return ""
    author = User.objects.get(pk=video.author_id)
    if video.remix_kind:
        source = with_people(visible_videos(author)).filter(remixes=video.pk).first()
        may_remix = may_duet if video.remix_kind == Video.Remix.DUET else may_stitch
        if source is None or not may_remix(author, source):
            return "remix_closed"
    if sound_id and not usable_sounds(author).filter(pk=sound_id).exists():
        return "sound_gone"
    return ""


def withheld(video: Video) -> str:
    """Why a clip may not go public now (`closed`), empty when it may. What has appeared once stays, no query is asked:
    a remix's source can be detached by its author, a sound's owner hides it from who may not hear it.
    """
    return "" if video.published_at is not None else closed(video)


def remixes_of(viewer: Viewer, video: Video) -> QuerySet[Video]:
    """The published duets and stitches of a clip that the viewer may see. The clip must come from this gate."""
    return visible_videos(viewer).filter(remix_of=video, published_at__isnull=False)


def credits_of(viewer: Viewer, videos: Iterable[Video]) -> dict[int, Video]:
    """The clips that these remixes were made from, by id, as far as the viewer may see them.

    One query when there is a remix among them, none otherwise.
    """
    ids = {video.remix_of_id for video in videos if video.remix_of_id}
    if not ids:
        return {}
    found = visible_videos(viewer).filter(pk__in=ids, published_at__isnull=False)
    return {video.pk: video for video in found.select_related("author__privacy")}
