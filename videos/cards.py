"""How a clip and a comment are shown: the contract's dicts, which the API sends and the templates render alike.

The rows must come from the gate (videos.access); nothing here decides who sees what.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Value, prefetch_related_objects
from django.urls import reverse

from accounts.access import person_card, ties
from accounts.models import User
from privacy.access import privacy_of
from privacy.rules import may

from .access import Viewer, liked_comment_ids
from .hashtags import tags_in
from .media import cover_url, playback
from .models import Comment, Like, Save, Sound, Transcode, Video


def cards(viewer: Viewer, videos: Sequence[Video]) -> list[dict[str, Any]]:
    """The contract's clip dict for each of these clips, in their order.

    Three queries for any number of clips that came through `access.with_people`: renditions, the viewer's likes and
    saves, the viewer's ties to the authors. A fourth (progress) only when unfinished clips of the viewer's own are
    among them. Anonymous viewers cost one. `progress` and `error` are for the author; everybody else gets null.

    Beyond the contract: `share_url`, `audience_label`, `comments` (who may comment), `color` (dominant, or null),
    `author.relation`, `viewer.own`, `viewer.may_comment`. `duration` is in seconds.
    """
    videos = list(videos)
    if not videos:
        return []
    prefetch_related_objects(videos, "renditions", "author__privacy", "sound")
    liked, saved = _likes_and_saves(viewer, videos)
    tied = ties(viewer, {video.author_id for video in videos}, unblocked=True)
    progress = _progress(viewer, videos)
    found = []
    for video in videos:
        tie = tied[video.author_id]
        own = viewer.pk == video.author_id
        allowed = may(video.comments, tie.relation) and may(
            privacy_of(video.author).comment_audience, tie.relation
        )
        url = video.get_absolute_url()
        found.append(
            {
                "id": str(video.pk),
                "url": url,
                "share_url": settings.BASE_URL + url,
                "author": person_card(viewer, video.author) | {"relation": tie.as_dict()},
                "caption": video.caption,
                "tags": tags_in(video.caption),
                "audience": video.audience,
                "audience_label": str(video.get_audience_display()),
                "comments": video.comments,
                "state": video.state,
                "progress": progress.get(video.pk) if own else None,
                "error": _error(video) if own else None,
                "duration": video.duration_ms / 1000,
                "width": video.width,
                "height": video.height,
                "cover": cover_url(video) if video.cover else None,
                "blurhash": video.blurhash or None,
                "color": video.dominant_color or None,
                "playback": playback(video)
                if video.is_playable
                else {"hls": None, "mp4": [], "captions": []},
                "sound": sound_card(video.sound) if video.sound else None,
                "counts": {
                    "views": video.views_count,
                    "likes": video.likes_count,
                    "comments": video.comments_count,
                    "shares": video.shares_count,
                    "saves": video.saves_count,
                },
                "viewer": {
                    "liked": video.pk in liked,
                    "saved": video.pk in saved,
                    "own": own,
                    "may_comment": allowed,
                },
                "published_at": video.published_at,
            }
        )
    return found


def card(viewer: Viewer, video: Video) -> dict[str, Any]:
    """The dict of one clip; the same queries as for many."""
    return cards(viewer, [video])[0]


def sound_card(sound: Sound) -> dict[str, Any]:
    """What stands on a clip's sound disc and at the head of its page."""
    return {
        "id": str(sound.pk),
        "title": sound.title,
        "duration": sound.duration_ms / 1000,
        "url": reverse("sound", args=[sound.pk]),
    }


def comment_cards(viewer: Viewer, video: Video, comments: Sequence[Comment]) -> list[dict[str, Any]]:
    """The comments of one clip as shown; `author` must be loaded. One query (the viewer's likes)."""
    liked = liked_comment_ids(viewer, comments)
    return [
        {
            "id": str(comment.pk),
            "video": str(comment.video_id),
            "reply_to": str(comment.parent_id) if comment.parent_id else None,
            "author": person_card(viewer, comment.author)
            | {"is_creator": comment.author_id == video.author_id},
            "text": comment.text,
            "counts": {"likes": comment.likes_count, "replies": comment.replies_count},
            "pinned": comment.pinned_at is not None,
            "edited": comment.edited_at is not None,
            "viewer": {
                "liked": comment.pk in liked,
                "own": viewer.pk == comment.author_id,
                "may_delete": viewer.pk is not None and viewer.pk in (comment.author_id, video.author_id),
                "may_pin": viewer.pk == video.author_id and comment.parent_id is None,
            },
            "created_at": comment.created_at,
        }
        for comment in comments
    ]


def comment_card(viewer: Viewer, video: Video, comment: Comment) -> dict[str, Any]:
    """The dict of one comment; the same query as for many."""
    return comment_cards(viewer, video, [comment])[0]


def _likes_and_saves(viewer: Viewer, videos: Sequence[Video]) -> tuple[set[int], set[int]]:
    if not isinstance(viewer, User):
        return set(), set()
    ids = [video.pk for video in videos]
    likes = (
        Like.objects.filter(person=viewer, video__in=ids)
        .annotate(kind=Value("like"))
        .values_list("kind", "video_id")
    )
    saves = (
        Save.objects.filter(person=viewer, video__in=ids)
        .annotate(kind=Value("save"))
        .values_list("kind", "video_id")
    )
    rows = set(likes.union(saves, all=True))
    return {video for kind, video in rows if kind == "like"}, {
        video for kind, video in rows if kind == "save"
    }


def _progress(viewer: Viewer, videos: Sequence[Video]) -> dict[int, dict[str, Any]]:
    own = [video for video in videos if video.author_id == viewer.pk]
    unfinished = [video.pk for video in own if video.state != Video.State.READY]
    found = {video.pk: {"stage": str(Transcode.Stage.DONE), "percent": 100} for video in own}
    if unfinished:
        found |= {pk: {"stage": str(Transcode.Stage.WAITING), "percent": 0} for pk in unfinished}
        for row in Transcode.objects.filter(video__in=unfinished).only("video_id", "stage", "percent"):
            found[row.pk] = {"stage": row.stage, "percent": row.percent}
    return found


def _error(video: Video) -> dict[str, str] | None:
    return {"code": video.error_code, "message": str(video.error_message)} if video.error_code else None
