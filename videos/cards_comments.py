"""How a comment is shown: the contract's dict, which the API sends and the templates render alike.

The rows must come from the gate (videos.access); nothing here decides who sees what.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import person_card

from .access import Viewer, liked_comment_ids
from .media import cover_url
from .models import Comment, Video

HELD: dict[str, Any] = {
    Comment.Held.APPROVAL: _("You approve every comment"),
    Comment.Held.KEYWORD: _("It has a word you filter"),
    Comment.Held.SPAM: _("It looks like spam"),
    Comment.Held.RESTRICT: _("You restrict who wrote it"),
    Comment.Held.SITE: _("It waits for a moderator"),
}


def comment_cards(viewer: Viewer, video: Video, comments: Sequence[Comment]) -> list[dict[str, Any]]:
    """The comments of one clip as shown; `author` must be loaded. One query (the viewer's likes)."""
    liked = liked_comment_ids(viewer, comments)
    return [_card(viewer, video, comment, comment.pk in liked) for comment in comments]


def comment_card(viewer: Viewer, video: Video, comment: Comment) -> dict[str, Any]:
    """The dict of one comment; the same query as for many."""
    return comment_cards(viewer, video, [comment])[0]


def review_cards(viewer: Viewer, comments: Sequence[Comment]) -> list[dict[str, Any]]:
    """Comments of many clips as their clips' author reviews them, each with `clip` and `answers` (name and text, or null).

    The rows must come from `access.to_review`. One query (the viewer's likes).
    """
    liked = liked_comment_ids(viewer, comments)
    return [
        _card(viewer, comment.video, comment, comment.pk in liked)
        | {
            "clip": {
                "id": str(comment.video_id),
                "url": comment.video.get_absolute_url(),
                "caption": comment.video.caption,
                "cover": cover_url(comment.video) if comment.video.cover else None,
            },
            "answers": {"author": person_card(viewer, comment.parent.author), "text": comment.parent.text}
            if comment.parent
            else None,
        }
        for comment in comments
    ]


def _card(viewer: Viewer, video: Video, comment: Comment, liked: bool) -> dict[str, Any]:
    creator = viewer.pk is not None and viewer.pk == video.author_id
    own = viewer.pk is not None and viewer.pk == comment.author_id
    state = _state(comment, creator=creator)
    return {
        "id": str(comment.pk),
        "video": str(comment.video_id),
        "reply_to": str(comment.parent_id) if comment.parent_id else None,
        "author": person_card(viewer, comment.author) | {"is_creator": comment.author_id == video.author_id},
        "text": comment.text,
        "counts": {"likes": comment.likes_count, "replies": comment.replies_count},
        "pinned": comment.pinned_at is not None,
        "edited": comment.edited_at is not None,
        "state": state,
        # Why it waits tells a writer how to get around the filter; it is for the clip's author.
        "held_for": (comment.held_for or None) if creator else None,
        "held_label": str(HELD.get(comment.held_for, "")) if creator and comment.held_for else None,
        "viewer": {
            "liked": liked,
            "own": own,
            "may_delete": own or creator,
            "may_pin": creator and comment.parent_id is None and state == "shown",
            "may_hide": creator and not own,
            "may_approve": creator and state != "shown",
        },
        "created_at": comment.created_at,
    }


def _state(comment: Comment, *, creator: bool) -> str:
    """ "shown", "held" (for the clip's author), "waiting" (for a moderator) or "hidden".

    Who wrote a hidden comment, or is restricted, sees it as ever: that is what it is for.
    """
    if comment.hidden_at is not None and creator:
        return "hidden"
    if comment.held_for == Comment.Held.SITE:
        return "waiting"
    if comment.held_for == Comment.Held.RESTRICT and not creator:
        return "shown"
    return "held" if comment.held_for else "shown"
