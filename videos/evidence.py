"""What moderators are shown of a reported clip, comment or sound, whoever may see it otherwise. Asked for by privacy.moderation.

Moderators judge what is hidden, held or removed too, so nothing here asks the gate of clips; privacy has checked that the
reader is a moderator.
"""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import person_card
from privacy.enforcement import Evidence, register_evidence
from privacy.models import Report

from .access import with_people
from .cards import captions_cards
from .media import media_url, sound_url
from .models import Comment, Sound, Video

_T = Report.Target
EVIDENCE_HEIGHT = 720  # enough to judge by, and quick to load
REPLIES_SHOWN = 5


def _player(video: Video) -> str:
    """The address of the best rendition of at most EVIDENCE_HEIGHT, for a removed clip as well."""
    files = sorted(video.renditions.all(), key=lambda rendition: rendition.short_side)
    fitting = [r for r in files if r.short_side <= EVIDENCE_HEIGHT] or files[:1]
    return media_url(video, fitting[-1].name) if fitting else ""


def _gone(kind: str) -> Evidence:
    return Evidence(title=_("%(kind)s, deleted since") % {"kind": kind}, exists=False)


def clip(moderator: Any, video_id: int) -> Evidence:
    """A clip with its player, captions and links. Four queries."""
    video = with_people(Video.objects.filter(pk=video_id)).prefetch_related("renditions").first()
    if video is None:
        return _gone(_("Clip"))
    context = []
    if video.product_url:
        context.append((_("Product link"), f"{video.product_title} {video.product_url}".strip()))
    if video.error_code:
        context.append((_("Processing"), video.error_message))
    return Evidence(
        title=_("Clip by @%(name)s") % {"name": video.author.username},
        text=video.caption,
        author=person_card(moderator, video.author),
        url=video.get_absolute_url(),
        cover_url=media_url(video, video.cover),
        video_url=_player(video),
        captions=captions_cards(video),
        context=context,
    )


def comment(moderator: Any, comment_id: int) -> Evidence:
    """A comment, with the clip's caption, what it answers and the first answers to it. Six queries."""
    row = (
        Comment.objects.select_related("author", "video__author__privacy", "parent__author")
        .filter(pk=comment_id)
        .first()
    )
    if row is None:
        return _gone(_("Comment"))
    context = [(f"@{row.video.author.username}", row.video.caption)]
    if row.parent:
        context.append((f"@{row.parent.author.username}", row.parent.text))
    replies = Comment.objects.filter(parent=row).select_related("author").order_by("id")[:REPLIES_SHOWN]
    context += [(f"@{reply.author.username}", reply.text) for reply in replies]
    return Evidence(
        title=_("Comment by @%(name)s") % {"name": row.author.username},
        text=row.text,
        author=person_card(moderator, row.author),
        url=f"{row.video.get_absolute_url()}?comment={row.pk}",
        cover_url=media_url(row.video, row.video.cover),
        context=context,
    )


def sound(moderator: Any, sound_id: int) -> Evidence:
    """A sound, to be listened to, with how many clips use it. Three queries."""
    row = Sound.objects.select_related("owner").filter(pk=sound_id).first()
    if row is None:
        return _gone(_("Sound"))
    users = Video.objects.filter(sound=row).filter(Q(published_at__isnull=False))
    captions = [
        (f"@{name}", caption)
        for name, caption in users.order_by("-id").values_list("author__username", "caption")[:REPLIES_SHOWN]
    ]
    return Evidence(
        title=_("Sound “%(title)s”") % {"title": row.title},
        text=row.title,
        author=person_card(moderator, row.owner) if row.owner else None,
        url=reverse("sound", args=[row.pk]),
        video_url=sound_url(row),
        context=captions,
    )


def register() -> None:
    """Tell privacy what moderators are shown."""
    register_evidence(_T.VIDEO, clip)
    register_evidence(_T.COMMENT, comment)
    register_evidence(_T.SOUND, sound)
