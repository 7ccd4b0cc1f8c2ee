"""Every read of clips, comments, sounds and tags on a person's behalf. `visible_videos` is the gate; all else stands on it."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import followed_ids, friend_ids, may_see, person_card, relation, ties, visible_people
from accounts.models import User
from privacy.access import blocked_ids, muted_ids, privacy_of
from privacy.models import Block, PrivacySettings
from privacy.rules import Audience, Deed, Relation, may, sees
from socialapp.lib.errors import Invalid, NotFound
from socialapp.lib.ids import parse_id
from socialapp.lib.pagination import Page, keyset_page

from .captions import LANGUAGE, language_name
from .hashtags import fold
from .models import (
    Captions,
    Collection,
    CollectionItem,
    Comment,
    CommentLike,
    Like,
    NotInterested,
    Part,
    Preview,
    Rendition,
    Save,
    Sound,
    Tag,
    Upload,
    Video,
)
from .text import clean
from .uploads import is_id

Viewer = User | AnonymousUser
Mark = TypeVar("Mark", Like, Save)


def _author_is_here(column: str = "author_id") -> Exists:
    return Exists(User.objects.filter(pk=OuterRef(column), is_active=True, deactivated_at__isnull=True))


def _is_open_account(column: str) -> Exists:
    return Exists(PrivacySettings.objects.filter(person_id=OuterRef(column), is_private=False))


def visible_videos(viewer: Viewer) -> QuerySet[Video]:
    """The gate: the clips `viewer` may see, as SQL for privacy.rules.sees. Lazy, costs no query of its own.

    Others see a clip from its first playable rendition on, once it is published. Its author sees it in every state
    but removed. Being a moderator opens nothing here: moderators look in the admin.

    Only correlated EXISTS and uncorrelated IN, no joins: whatever index the caller's order uses stays usable.
    """
    watchable = Q(state__in=(Video.State.READY, Video.State.PROCESSING), playlist__gt="")
    # "No open row" rather than "a private row": an author whose settings are missing counts as private.
    open_account = _is_open_account("author_id")
    out = Q(watchable, _author_is_here(), published_at__isnull=False, held_for="")
    public = Q(audience=Audience.PUBLIC)
    if not isinstance(viewer, User):
        return Video.objects.filter(out, public, open_account)
    follower = Q(author_id__in=followed_ids(viewer))
    audience = (
        public & (Q(open_account) | follower)
        | Q(audience=Audience.FOLLOWERS) & follower
        | Q(audience=Audience.FRIENDS, author_id__in=friend_ids(viewer))
    )
    own = Q(author_id=viewer.pk) & ~Q(state=Video.State.REMOVED)
    return Video.objects.filter(own | (out & audience & ~Q(author_id__in=blocked_ids(viewer))))


def watchable_videos(viewer: Viewer) -> QuerySet[Video]:
    """`visible_videos`, and the exclusive previews that were sent to the viewer: what opens at its own address, in a message,
    and for a like or a comment. Whatever lists, searches, counts or passes clips on stands on `visible_videos`.

    A preview opens for as long as the clip waits to appear, and for those only who still follow its author. Lazy as well.
    """
    if not isinstance(viewer, User):
        return visible_videos(viewer)
    sent = Exists(Preview.objects.filter(person=viewer.pk, video=OuterRef("pk")))
    waits = Q(state=Video.State.DRAFT, playlist__gt="", published_at=None, held_for="")
    let_in = Q(author_id__in=followed_ids(viewer)) & ~Q(author_id__in=blocked_ids(viewer))
    return visible_videos(viewer) | Video.objects.filter(Q(sent, waits, _author_is_here()) & let_in)


def is_preview(video: Video) -> bool:
    """Whether others than its author can watch this clip only as an exclusive preview. No query."""
    return video.published_at is None


def sees_video(viewer: Viewer, video: Video) -> bool:
    """The gate for one row at hand, by the tables of privacy.rules. A test holds it equal to `visible_videos`.

    Costs the queries of accounts.access.relation, and loads author and privacy unless they are there already.
    """
    if viewer.pk == video.author_id:
        return video.state != Video.State.REMOVED
    watchable = video.state in (Video.State.READY, Video.State.PROCESSING) and bool(video.playlist)
    if not watchable or video.published_at is None or video.held_for or not video.author.is_visible:
        return False
    return sees(
        video.audience, relation(viewer, video.author), account_private=privacy_of(video.author).is_private
    )


def with_people(videos: QuerySet[Video]) -> QuerySet[Video]:
    """The same clips, with what a card needs of other tables in the same query."""
    return videos.select_related("author__privacy", "sound")


def get_video(viewer: Viewer, video_id: str | int, *, previews: bool = True) -> Video:
    """One clip with its author, their privacy and its sound. NotFound when absent or hidden. One query.

    Not `previews`: only what the viewer may pass on, not what was sent to them alone.
    """
    number = video_id if isinstance(video_id, int) else parse_id(video_id)
    clips = watchable_videos(viewer) if previews else visible_videos(viewer)
    video = with_people(clips).filter(pk=number).first()
    if video is None:
        raise NotFound()
    return video


def own_videos(viewer: Viewer) -> QuerySet[Video]:
    """The viewer's own clips in every state but removed."""
    if not isinstance(viewer, User):
        return Video.objects.none()
    return Video.objects.filter(author_id=viewer.pk).exclude(state=Video.State.REMOVED)


def videos_of(viewer: Viewer, person: User) -> QuerySet[Video]:
    """The clips a profile shows: published ones of `person` that the viewer may see."""
    return visible_videos(viewer).filter(author_id=person.pk, published_at__isnull=False)


def sees_likes(viewer: Viewer, person: User) -> bool:
    """Whether the viewer may open the list of what `person` likes."""
    return may_see(viewer, person, "likes_audience")


def _clip_is_visible(viewer: Viewer) -> Exists:
    # Correlated: one look-up a row. IN (…) would let a database make the list of all visible clips first.
    return Exists(visible_videos(viewer).filter(pk=OuterRef("video_id")))


def _with_clips(marks: "QuerySet[Mark]") -> "QuerySet[Mark]":
    return marks.select_related("video__author__privacy", "video__sound")


def likes_of(viewer: Viewer, person: User) -> QuerySet[Like]:
    """What `person` liked, as far as the viewer sees both the list and the clips. NotFound when the list is closed."""
    if not sees_likes(viewer, person):
        raise NotFound()
    return _with_clips(Like.objects.filter(_clip_is_visible(viewer), person=person))


def saves_of(viewer: Viewer) -> QuerySet[Save]:
    """What the viewer saved and may still see."""
    if not isinstance(viewer, User):
        raise NotFound()
    return _with_clips(Save.objects.filter(_clip_is_visible(viewer), person=viewer))


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


# --- What the viewer did with clips ---------------------------------------------------------------------------


def liked_ids(viewer: Viewer, videos: Iterable[Video]) -> set[int]:
    """Which of these clips the viewer likes. One query."""
    if not isinstance(viewer, User):
        return set()
    return set(
        Like.objects.filter(person=viewer, video__in=[v.pk for v in videos]).values_list(
            "video_id", flat=True
        )
    )


def saved_ids(viewer: Viewer, videos: Iterable[Video]) -> set[int]:
    """Which of these clips the viewer saved. One query."""
    if not isinstance(viewer, User):
        return set()
    return set(
        Save.objects.filter(person=viewer, video__in=[v.pk for v in videos]).values_list(
            "video_id", flat=True
        )
    )


def limited(viewer: Viewer) -> Q:
    """What moderators keep from those who do not follow its author: single clips, and all clips of some people."""
    theirs = Exists(User.objects.filter(pk=OuterRef("author_id"), is_limited=True))
    kept_back = Q(is_limited=True) | Q(theirs)
    if not isinstance(viewer, User):
        return kept_back
    return kept_back & ~Q(author_id=viewer.pk) & ~Q(author_id__in=followed_ids(viewer))


def findable_videos(viewer: Viewer) -> QuerySet[Video]:
    """The published clips that `viewer` may come upon: searches, tags, sounds. A profile and an address show more."""
    return visible_videos(viewer).filter(published_at__isnull=False).exclude(limited(viewer))


def unwanted(viewer: Viewer) -> Q:
    """What a feed leaves out though the viewer may see it: what moderators limited, clips of people whom the viewer muted,
    and clips they said no to."""
    if not isinstance(viewer, User):
        return limited(viewer)
    refused = Exists(NotInterested.objects.filter(person=viewer, video=OuterRef("pk")))
    return limited(viewer) | Q(author_id__in=muted_ids(viewer)) | Q(refused)


# --- Remixing and downloading -------------------------------------------------------------------------------------


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


# --- Comments ---------------------------------------------------------------------------------------------------


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


# --- Collections ------------------------------------------------------------------------------------------------


def _visible_items(viewer: Viewer) -> QuerySet[CollectionItem]:
    seen = Exists(visible_videos(viewer).filter(pk=OuterRef("save_row__video_id")))
    return CollectionItem.objects.filter(seen)


def collections_of(viewer: Viewer) -> QuerySet[Collection]:
    """The viewer's own collections, each with `clips` (how many they may see now) and `latest` (id of the newest of these).

    Clips that became hidden count nowhere. Order by -id.
    """
    if not isinstance(viewer, User):
        raise NotFound()
    items = _visible_items(viewer).filter(collection=OuterRef("pk"))
    counted = items.order_by().values("collection").annotate(n=Count("*")).values("n")
    return Collection.objects.filter(owner=viewer).annotate(
        clips=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
        latest=Subquery(items.order_by("-id").values("save_row__video_id")[:1]),
    )


def get_collection(viewer: Viewer, collection_id: str | int) -> Collection:
    """One of the viewer's own collections. NotFound for anybody else's. One query."""
    number = collection_id if isinstance(collection_id, int) else parse_id(collection_id)
    collection = collections_of(viewer).filter(pk=number).first()
    if collection is None:
        raise NotFound()
    return collection


def collection_clips(viewer: Viewer, collection: Collection, cursor: str | None = None) -> Page[Video]:
    """A page of the clips of one's own collection that one may see now, the latest addition first. One query."""
    items = _visible_items(viewer).filter(collection=collection, collection__owner=viewer.pk)
    items = items.select_related("save_row__video__author__privacy", "save_row__video__sound")
    page: Page[CollectionItem] = keyset_page(items, cursor)
    return Page([item.save_row.video for item in page.items], page.next_cursor)


def holding_ids(viewer: Viewer, video: Video) -> set[int]:
    """Which of the viewer's collections hold this clip. One query."""
    if not isinstance(viewer, User):
        return set()
    items = CollectionItem.objects.filter(save_row__person=viewer, save_row__video=video)
    return set(items.values_list("collection_id", flat=True))


def covers_of(viewer: Viewer, collections: Iterable[Collection]) -> dict[int, Video]:
    """The clip whose cover stands for each of these annotated collections, by its id. One query."""
    ids = {found for row in collections if (found := getattr(row, "latest", None)) is not None}
    return with_people(visible_videos(viewer)).in_bulk(ids)


# --- Sounds, tags, search -----------------------------------------------------------------------------------------


def _sounds(viewer: Viewer) -> QuerySet[Sound]:
    """The sounds that a visible clip uses, the viewer's own, and those of the library (without owner), with their owners.

    Not those of people whose clips are closed to the viewer altogether (`_may_hear`), whoever uses them.
    """
    known = Q(owner=None) | Q(_used(visible_videos(viewer)), _may_hear(viewer))
    if isinstance(viewer, User):
        known |= Q(owner=viewer)
    return Sound.objects.filter(known, removed_at=None).select_related("owner")


def _may_hear(viewer: Viewer) -> Q:
    """The condition on people's sounds that their owners are here, not parted from the viewer by a block, and let them in:
    a sound outlives the clip that brought it, but not what its owner's account is open to."""
    let_in = Q(_is_open_account("owner_id"))
    if isinstance(viewer, User):
        let_in |= Q(owner_id__in=followed_ids(viewer))
    return let_in & Q(_author_is_here("owner_id")) & ~Q(owner_id__in=blocked_ids(viewer))


def borrowed(viewer: Viewer, videos: Iterable[Video]) -> QuerySet[Sound]:
    """Those of the sounds of visible clips whose owners are neither the clips' authors nor nobody, as far as the viewer may
    hear them. Empty without a query when there are none. The clips must come from this gate, with their sounds loaded.
    """
    ids = {v.sound.pk for v in videos if v.sound is not None and v.sound.owner_id not in (None, v.author_id)}
    if not ids:
        return Sound.objects.none()
    own = Q(owner=viewer) if isinstance(viewer, User) else Q(pk__in=[])
    return Sound.objects.filter(own | _may_hear(viewer), pk__in=ids)


def _used(videos: QuerySet[Video]) -> Exists:
    return Exists(videos.filter(sound=OuterRef("pk"), published_at__isnull=False))


def get_sound(viewer: Viewer, sound_id: str | int) -> Sound:
    """A sound whose page the viewer may open, with its owner. NotFound when absent or hidden. One query."""
    number = sound_id if isinstance(sound_id, int) else parse_id(sound_id)
    sound = _sounds(viewer).filter(pk=number).first()
    if sound is None:
        raise NotFound()
    return sound


def usable_sounds(viewer: Viewer) -> QuerySet[Sound]:
    """The sounds with a file that the viewer may put under a clip of their own: the library's, their own, and those of
    clips that everybody may watch, of accounts that everybody may look at. A sound of a circle stays in it, as with duets.
    """
    if not isinstance(viewer, User):
        return Sound.objects.none()
    open_to_all = Q(_used(visible_videos(AnonymousUser())), _is_open_account("owner_id"))
    free = Q(owner=None) | Q(owner=viewer) | open_to_all
    return _sounds(viewer).filter(free).exclude(file="")


def get_usable_sound(viewer: Viewer, sound_id: str | int) -> Sound:
    """A sound for a clip of the viewer's own. NotFound when there is none such."""
    number = sound_id if isinstance(sound_id, int) else parse_id(sound_id)
    sound = usable_sounds(viewer).filter(pk=number).first()
    if sound is None:
        raise NotFound()
    return sound


def may_use_sound(viewer: Viewer, sound: Sound) -> bool:
    """Whether the viewer may put a sound that they may hear under a clip of their own. No query after `pick_sounds`."""
    picked: bool | None = getattr(sound, "usable", None)
    return usable_sounds(viewer).filter(pk=sound.pk).exists() if picked is None else picked


def pick_sounds(viewer: Viewer, text: str, cursor: str | None = None) -> Page[Sound]:
    """A page of usable sounds by a part of their title or artist, all for an empty text: the library first, then by use.

    One query. A scan of sounds: fine for thousands.
    """
    library = Case(When(owner=None, then=1), default=0, output_field=IntegerField())
    sounds = usable_sounds(viewer).annotate(in_library=library)
    if text := clean(text):
        sounds = sounds.filter(Q(title__icontains=text) | Q(artist__icontains=text))
    page: Page[Sound] = keyset_page(sounds, cursor, order=("-in_library", "-uses_count", "-id"))
    for sound in page.items:
        sound.usable = True  # type: ignore[attr-defined]
    return page


def sound_videos(viewer: Viewer, sound: Sound) -> QuerySet[Video]:
    """The visible, published clips that use a sound."""
    return findable_videos(viewer).filter(sound=sound)


def tag_videos(viewer: Viewer, name: str) -> QuerySet[Video]:
    """The visible, published clips with a tag. An unknown tag and one of hidden clips only look alike: empty."""
    tag = Tag.objects.filter(name=fold(name)).first()
    if tag is None:
        return Video.objects.none()
    return findable_videos(viewer).filter(tags=tag)


def search_tags(viewer: Viewer, text: str) -> QuerySet[Tag]:
    """Tags by prefix, only those of a clip the viewer sees (a tag's name can itself be a secret)."""
    shown = Exists(findable_videos(viewer).filter(tags=OuterRef("pk")))
    return Tag.objects.filter(starts_with("name", fold(text)), shown)


SUGGESTIONS = 8


def suggest_tags(viewer: Viewer, text: str) -> list[dict[str, str]]:
    """The most used tags that begin so, of clips the viewer sees. One query, none for no letters.

    How many clips carry one is not told: the count knows clips that the viewer does not.
    """
    prefix = fold(text)
    if not prefix:
        return []
    names = search_tags(viewer, prefix).order_by("-videos_count", "-id").values_list("name", flat=True)
    return [{"name": name, "url": reverse("tag", args=[name])} for name in names[:SUGGESTIONS]]


def suggest_people(viewer: Viewer, text: str) -> list[dict[str, Any]]:
    """People whose user name begins so and whom the viewer may mention: those they follow first. Two queries.

    Whoever does not want to be found is suggested only to those who follow them already.
    """
    prefix = text.strip().lstrip("@").lower()
    if not prefix or "\x00" in prefix or not isinstance(viewer, User):
        return []
    people = visible_people(viewer).exclude(pk=viewer.pk).select_related("privacy")
    followed = Case(When(pk__in=followed_ids(viewer), then=1), default=0, output_field=IntegerField())
    people = people.annotate(lower=Lower("username"), is_followed=followed).filter(
        starts_with("lower", prefix), Q(privacy__findable=True) | Q(is_followed=1)
    )
    # Some of them may not want to be mentioned: a few more than are shown.
    found = list(people.order_by("-is_followed", "-followers_count", "-id")[: 4 * SUGGESTIONS])
    stands = ties(viewer, found, unblocked=True)
    open_to = [p for p in found if may(Deed.MENTION, privacy_of(p).mention_audience, stands[p.pk].relation)]
    return [person_card(viewer, person) for person in open_to[:SUGGESTIONS]]


def captions_text(viewer: Viewer, video: Video, language: str) -> dict[str, Any]:
    """The captions of a visible clip in one language, as WebVTT. NotFound when there are none. One query."""
    known = LANGUAGE.match(language.lower())
    row = Captions.objects.filter(video=video, language=known[0]).first() if known else None
    if row is None:
        raise NotFound()
    return {
        "language": row.language,
        "label": language_name(row.language),
        "automatic": row.automatic,
        "vtt": row.vtt,
        "updated_at": row.updated_at,
    }


def starts_with(column: str, prefix: str) -> Q:
    """Rows whose column begins so, by its index. LIKE is enough where the index knows patterns (PostgreSQL).

    SQLite's LIKE ignores case, so it reads no index; a range says the same there, since it compares code points.
    """
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix + "\U0010ffff"})
    return Q(**{f"{column}__startswith": prefix})


def search_videos(viewer: Viewer, words: list[str]) -> QuerySet[Video]:
    """Findable clips whose caption holds every word. A scan of captions: fine for thousands, not millions."""
    found = findable_videos(viewer)
    for word in words:
        found = found.filter(caption__icontains=word)
    return found


def search_people(viewer: Viewer, text: str) -> QuerySet[User]:
    """People who allow to be found, by a part of their user name or name. A scan of people.

    Whom a moderator limited is found by their followers and themselves only.
    """
    named = Q(username__icontains=text) | Q(display_name__icontains=text)
    shown = Q(is_limited=False) | Q(pk=viewer.pk) | Q(pk__in=followed_ids(viewer))
    return visible_people(viewer).filter(named, shown, privacy__findable=True)


def search_sounds(viewer: Viewer, text: str) -> QuerySet[Sound]:
    """Sounds by a part of their title or artist, only those whose page the viewer may open."""
    return _sounds(viewer).filter(Q(title__icontains=text) | Q(artist__icontains=text))
