"""Which comments a viewer may read, and which they may judge under their own clips."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import relation
from accounts.models import User
from privacy.access import blocked_ids, muted_ids, privacy_of
from privacy.models import Block
from privacy.rules import Deed, Relation, may
from socialapp.lib.errors import Invalid, NotFound
from socialapp.lib.ids import parse_id
from socialapp.lib.pagination import Page, keyset_page

from ..models import Comment, CommentLike, Video
from .gate import Viewer, _author_is_here, get_video, own_videos


def may_comment(viewer: Viewer, video: Video) -> bool:
    """The stricter of the clip's own setting and its author's. The clip must be visible already."""
    return comments_open(video, relation(viewer, video.author))


def comments_open(video: Video, stands: Relation) -> bool:
    """As `may_comment`, for somebody who stands so to the clip's author. No query with author and privacy loaded."""
    return may(Deed.COMMENT, video.comments, stands) and may(
        Deed.COMMENT, privacy_of(video.author).comment_audience, stands
    )


def standing(viewer: Viewer) -> Q:
    """The condition on comments of any clips that `comments_of` would show them to the viewer who sees the clip.

    Those that wait for the clip's author, or were hidden by them, stand for the two authors only. A reply stands when
    what it answers does.
    """
    above = _stands(viewer, "parent__") & _is_let_in(viewer, "parent__author_id")
    return _stands(viewer) & _is_let_in(viewer, "author_id") & (Q(parent__isnull=True) | above)


def _is_let_in(viewer: Viewer, column: str) -> Q:
    """The condition on comments that whoever wrote them is here, and parted by a block from neither viewer nor clip's author."""
    author, clips = OuterRef(column), OuterRef("video__author_id")
    shut_out = Block.objects.filter(Q(blocker=author, blocked=clips) | Q(blocker=clips, blocked=author))
    return Q(_author_is_here(column), ~Exists(shut_out)) & ~Q(**{f"{column}__in": blocked_ids(viewer)})


# What a clip's author sees of comments that wait: all that wait for them, not what waits for a moderator.
FOR_THE_AUTHOR = ("", *(held for held in Comment.Held.values if held != Comment.Held.SITE))


def _stands(viewer: Viewer, prefix: str = "", *, own_clips: bool = True) -> Q:
    everybody = Q(**{f"{prefix}held_for": "", f"{prefix}hidden_at__isnull": True})
    if isinstance(viewer, User):
        everybody |= Q(**{f"{prefix}author_id": viewer.pk})
        if own_clips:  # but not what waits for a moderator
            everybody |= Q(video__author_id=viewer.pk, **{f"{prefix}held_for__in": FOR_THE_AUTHOR})
    return everybody & Q(**{f"{prefix}removed_at__isnull": True})


def _comment_is_there(viewer: Viewer, video: Video, prefix: str = "") -> Q:
    # Whose clip it is is known here; asking the table of clips for it would cost the order of the index.
    if viewer.pk == video.author_id:
        ours = Q(**{f"{prefix}held_for__in": FOR_THE_AUTHOR}) | Q(**{f"{prefix}author_id": viewer.pk})
        there = Q(**{f"{prefix}removed_at__isnull": True}) & ours
    else:
        there = _stands(viewer, prefix, own_clips=False)
    there &= Q(_author_is_here(f"{prefix}author_id"))
    for side in (viewer, video.author):
        there &= ~Q(**{f"{prefix}author_id__in": blocked_ids(side)})
    return there


def _remarks(viewer: Viewer, video: Video) -> QuerySet[Comment]:
    """As `comments_of`, but a reply is there whatever became of what it answers."""
    return Comment.objects.filter(_comment_is_there(viewer, video), video=video).select_related("author")


def comments_of(viewer: Viewer, video: Video) -> QuerySet[Comment]:
    """All comments and replies under a visible clip, without people the viewer or the clip's author shut out.

    What waits for the clip's author, or was hidden by them, only its own author sees, and they. A reply is there when
    the comment that it answers is. The clip must come from this gate; filter by `parent` for one level.
    """
    answered = Q(parent__isnull=True) | _comment_is_there(viewer, video, "parent__")
    return _remarks(viewer, video).filter(answered)


def get_comment(viewer: Viewer, comment_id: str | int) -> Comment:
    """One comment under a clip the viewer sees, with its clip. NotFound when either is absent or hidden. Three queries."""
    number = comment_id if isinstance(comment_id, int) else parse_id(comment_id)
    video_id = Comment.objects.filter(pk=number).values_list("video_id", flat=True).first()
    if video_id is None:
        raise NotFound()
    video = get_video(viewer, video_id)
    comment = comments_of(viewer, video).filter(pk=number).first()
    if comment is None:
        raise NotFound()
    comment.video = video
    return comment


SORTS = {"top": ("-rank", "-id"), "newest": ("-id",)}


def thread(
    viewer: Viewer,
    video: Video,
    parent: str | None = None,
    cursor: str | None = None,
    sort: str = "newest",
) -> Page[Comment]:
    """A page of comments under a visible clip below the pinned one, by `sort`, or the replies to `parent` in order.

    "top" is by `Comment.rank`: every like and reply lifts a comment as if it were six hours younger. Ranks move while
    somebody pages, so a comment that rises can be missed and one that falls can come again.
    Whom the viewer muted is left out, but under their own clip: there they answer for what stands.
    One query, two for the first page and for replies. NotFound when the parent is not there.
    """
    comments = _remarks(viewer, video)  # the level above is asked about here, once for all
    if viewer.pk != video.author_id:
        comments = comments.exclude(author_id__in=muted_ids(viewer))
    if parent is not None:
        above = comments.filter(pk=parse_id(parent), parent__isnull=True)
        if not above.exists():
            raise NotFound()
        return keyset_page(comments.filter(parent_id=parse_id(parent)), cursor, order=("id",))
    if sort not in SORTS:
        raise Invalid(_("Sort by one of the ways on offer."), fields={"sort": ", ".join(SORTS)})
    top = comments.filter(parent__isnull=True)
    page = keyset_page(top.filter(pinned_at__isnull=True), cursor, order=SORTS[sort])
    if cursor:
        return page
    return Page([*top.filter(pinned_at__isnull=False), *page.items], page.next_cursor)


WAITS = {"held": Q(held_for__gt="", hidden_at__isnull=True), "hidden": Q(hidden_at__isnull=False)}


def to_review(viewer: Viewer, state: str, video: Video | None = None) -> QuerySet[Comment]:
    """The comments under the viewer's own clips, or one of them, that wait ("held") or that they hid ("hidden").

    With author, clip and the comment answered; without those of people who left or are blocked. Order by -id.
    """
    if not isinstance(viewer, User):
        raise NotFound()
    if state not in WAITS:
        raise Invalid(_("Choose one of the lists on offer."), fields={"state": ", ".join(WAITS)})
    clips = own_videos(viewer) if video is None else own_videos(viewer).filter(pk=video.pk)
    comments = Comment.objects.filter(
        WAITS[state], _author_is_here(), video__in=clips.values("pk"), removed_at__isnull=True
    )
    comments = comments.exclude(author_id__in=blocked_ids(viewer)).exclude(held_for=Comment.Held.SITE)
    return comments.select_related("author", "video__author__privacy", "parent__author")


def comments_under_own(viewer: Viewer, comment_ids: Iterable[int]) -> QuerySet[Comment]:
    """Those of these comments that stand under the viewer's own clips, shown or not, with clip."""
    own = own_videos(viewer).values("pk")
    rows = Comment.objects.filter(pk__in=list(comment_ids), video__in=own, removed_at__isnull=True)
    rows = rows.exclude(held_for=Comment.Held.SITE)
    return rows.select_related("video__author__privacy")


def review_counts(viewer: Viewer) -> dict[str, int]:
    """How many comments wait and how many are hidden, each at most 100. Two queries."""
    return {state: to_review(viewer, state)[:100].count() for state in WAITS}


def liked_comment_ids(viewer: Viewer, comments: Iterable[Comment]) -> set[int]:
    """Which of these comments the viewer likes. One query."""
    if not isinstance(viewer, User):
        return set()
    ids = [comment.pk for comment in comments]
    return set(
        CommentLike.objects.filter(person=viewer, comment__in=ids).values_list("comment_id", flat=True)
    )
