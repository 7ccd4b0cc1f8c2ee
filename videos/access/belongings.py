"""What is a person's own and nobody else's: uploads, the parts of a clip, the room it all takes."""

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from socialapp.lib.errors import NotFound

from ..models import Part, Rendition, Upload, Video
from ..uploads import is_id
from .gate import Viewer, own_videos


def get_upload(viewer: Viewer, upload_id: str) -> Upload:
    """One of the viewer's own uploads. NotFound for anybody else's. One query."""
    if not isinstance(viewer, User):
        raise NotFound()
    upload = Upload.objects.filter(pk=upload_id, owner_id=viewer.pk).first() if is_id(upload_id) else None
    if upload is None:
        raise NotFound()
    return upload


def get_uploads(viewer: Viewer) -> list[Upload]:
    """The viewer's uploads that are not in the queue yet, newest first, with the clip that waits for each. Two queries."""
    if not isinstance(viewer, User):
        raise NotFound()
    rows = Upload.objects.filter(owner_id=viewer.pk).exclude(state=Upload.State.USED)
    return list(rows.select_related("video", "part").order_by("-created_at")[: settings.UPLOADS_WAITING])


def parts_of(viewer: Viewer, video: Video) -> list[Part]:
    """The further files of a clip of the viewer's own, in their order, with their uploads. NotFound for others'. One query."""
    if viewer.pk is None or video.author_id != viewer.pk:
        raise NotFound()
    return list(video.parts.select_related("upload").order_by("role", "position"))


def stored_bytes(viewer: Viewer) -> int:
    """What counts for the viewer's quota: originals and renditions of their clips, and what uploads announced. Three queries.

    A clip that a moderator removed does not count: its author cannot make room by deleting it.
    """
    if not isinstance(viewer, User):
        return 0
    own = own_videos(viewer)
    renditions = Rendition.objects.filter(video__in=own)
    free = Upload.objects.filter(owner_id=viewer.pk, video=None, part=None)
    return sum(
        rows.aggregate(total=Coalesce(Sum(column), 0))["total"]
        for rows, column in ((own, "original_bytes"), (renditions, "size"), (free, "length"))
    )


def quota(viewer: Viewer) -> dict[str, int | None]:
    """What of their room on the server the viewer uses, in bytes; `limit` is None without a quota. Three queries."""
    return {
        "used": stored_bytes(viewer),
        "limit": settings.UPLOAD_QUOTA_MB << 20 if settings.UPLOAD_QUOTA_MB else None,
    }
