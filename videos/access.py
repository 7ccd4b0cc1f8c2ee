"""Every read of clips, comments, sounds and tags on a person's behalf. `visible_videos` is the gate; all else stands on it."""

from collections.abc import Iterable
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import followed_ids, friend_ids, may_see, relation, visible_people
from accounts.models import User
from privacy.access import blocked_ids, muted_ids, privacy_of
from privacy.models import PrivacySettings
from privacy.rules import Audience, may, sees
from socialapp.lib.errors import NotFound
from socialapp.lib.ids import parse_id
from socialapp.lib.pagination import Page, keyset_page

from .hashtags import fold
from .models import Comment, CommentLike, Like, NotInterested, Save, Sound, Tag, Upload, Video

Viewer = User | AnonymousUser
Mark = TypeVar("Mark", Like, Save)


def _author_is_here(column: str = "author_id") -> Exists:
    return Exists(User.objects.filter(pk=OuterRef(column), is_active=True, deactivated_at__isnull=True))


def visible_videos(viewer: Viewer) -> QuerySet[Video]:
    """The gate: the clips `viewer` may see, as SQL for privacy.rules.sees. Lazy, costs no query of its own.

    Others see a clip from its first playable rendition on, once it is published. Its author sees it in every state
    but removed. Being a moderator opens nothing here: moderators look in the admin.

    Only correlated EXISTS and uncorrelated IN, no joins: whatever index the caller's order uses stays usable.
    """
    watchable = Q(state__in=(Video.State.READY, Video.State.PROCESSING), playlist__gt="")
    # "No open row" rather than "a private row": an author whose settings are missing counts as private.
    open_account = Exists(PrivacySettings.objects.filter(person_id=OuterRef("author_id"), is_private=False))
    out = Q(watchable, _author_is_here(), published_at__isnull=False)
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


def sees_video(viewer: Viewer, video: Video) -> bool:
    """The gate for one row at hand, by the tables of privacy.rules. A test holds it equal to `visible_videos`.

    Costs the queries of accounts.access.relation, and loads author and privacy unless they are there already.
    """
    if isinstance(viewer, User) and viewer.pk == video.author_id:
        return video.state != Video.State.REMOVED
    watchable = video.state in (Video.State.READY, Video.State.PROCESSING) and bool(video.playlist)
    if not watchable or video.published_at is None or not video.author.is_visible:
        return False
    return sees(
        video.audience, relation(viewer, video.author), account_private=privacy_of(video.author).is_private
    )


def with_people(videos: QuerySet[Video]) -> QuerySet[Video]:
    """The same clips, with what a card needs of other tables in the same query."""
    return videos.select_related("author__privacy", "sound")


def get_video(viewer: Viewer, video_id: str | int) -> Video:
    """One clip with its author, their privacy and its sound. NotFound when absent or hidden. One query."""
    number = video_id if isinstance(video_id, int) else parse_id(video_id)
    video = with_people(visible_videos(viewer)).filter(pk=number).first()
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
    upload = Upload.objects.filter(pk=upload_id, owner_id=viewer.pk).first()
    if upload is None:
        raise NotFound()
    return upload


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


def unwanted(viewer: Viewer) -> Q:
    """What the viewer asked not to be shown: clips of muted people and clips they said no to. For feeds only."""
    if not isinstance(viewer, User):
        return Q(pk__in=[])
    refused = Exists(NotInterested.objects.filter(person=viewer, video=OuterRef("pk")))
    return Q(author_id__in=muted_ids(viewer)) | Q(refused)


# --- Comments ---------------------------------------------------------------------------------------------------


def may_comment(viewer: Viewer, video: Video) -> bool:
    """The stricter of the clip's own setting and its author's. The clip must be visible already."""
    if not isinstance(viewer, User):
        return False
    stands = relation(viewer, video.author)
    return may(video.comments, stands) and may(privacy_of(video.author).comment_audience, stands)


def comments_of(viewer: Viewer, video: Video) -> QuerySet[Comment]:
    """All comments and replies under a visible clip, without people the viewer or the clip's author shut out.

    The clip must come from this gate; filter by `parent` for one level.
    """
    comments = Comment.objects.filter(_author_is_here(), video=video, removed_at__isnull=True).select_related(
        "author"
    )
    return comments.exclude(author_id__in=blocked_ids(viewer)).exclude(
        author_id__in=blocked_ids(video.author)
    )


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


def thread(
    viewer: Viewer, video: Video, parent: str | None = None, cursor: str | None = None
) -> Page[Comment]:
    """A page of comments under a visible clip: newest first below the pinned one, or the replies to `parent` in order.

    One query, two for the first page and for replies. NotFound when the parent is not there.
    """
    comments = comments_of(viewer, video)
    if parent is not None:
        above = comments.filter(pk=parse_id(parent), parent__isnull=True)
        if not above.exists():
            raise NotFound()
        return keyset_page(comments.filter(parent_id=parse_id(parent)), cursor, order=("id",))
    top = comments.filter(parent__isnull=True)
    page = keyset_page(top.filter(pinned_at__isnull=True), cursor)
    if cursor:
        return page
    return Page([*top.filter(pinned_at__isnull=False), *page.items], page.next_cursor)


def liked_comment_ids(viewer: Viewer, comments: Iterable[Comment]) -> set[int]:
    """Which of these comments the viewer likes. One query."""
    if not isinstance(viewer, User):
        return set()
    ids = [comment.pk for comment in comments]
    return set(
        CommentLike.objects.filter(person=viewer, comment__in=ids).values_list("comment_id", flat=True)
    )


# --- Sounds, tags, search -----------------------------------------------------------------------------------------


def get_sound(viewer: Viewer, sound_id: str | int) -> Sound:
    """A sound that a visible clip uses, or the viewer's own, or one of the library (without owner)."""
    number = sound_id if isinstance(sound_id, int) else parse_id(sound_id)
    used = Exists(visible_videos(viewer).filter(sound=OuterRef("pk")))
    known = Q(used) | Q(owner=None)
    if isinstance(viewer, User):
        known |= Q(owner=viewer)
    sound = Sound.objects.filter(known, pk=number).select_related("owner").first()
    if sound is None or (isinstance(viewer, User) and sound.owner_id in set(blocked_ids(viewer))):
        raise NotFound()
    return sound


def sound_videos(viewer: Viewer, sound: Sound) -> QuerySet[Video]:
    """The visible, published clips that use a sound."""
    return visible_videos(viewer).filter(sound=sound, published_at__isnull=False)


def tag_videos(viewer: Viewer, name: str) -> QuerySet[Video]:
    """The visible, published clips with a tag. An unknown tag and one of hidden clips only look alike: empty."""
    tag = Tag.objects.filter(name=fold(name)).first()
    if tag is None:
        return Video.objects.none()
    return visible_videos(viewer).filter(tags=tag, published_at__isnull=False)


def search_tags(viewer: Viewer, text: str) -> QuerySet[Tag]:
    """Tags by prefix, only those of a clip the viewer sees (a tag's name can itself be a secret)."""
    shown = Exists(visible_videos(viewer).filter(tags=OuterRef("pk"), published_at__isnull=False))
    return Tag.objects.filter(shown, name__startswith=fold(text))


def search_videos(viewer: Viewer, words: list[str]) -> QuerySet[Video]:
    """Visible, published clips whose caption holds every word. A scan of captions: fine for thousands, not millions."""
    found = visible_videos(viewer).filter(published_at__isnull=False)
    for word in words:
        found = found.filter(caption__icontains=word)
    return found


def search_people(viewer: Viewer, text: str) -> QuerySet[User]:
    """People who allow to be found, by a part of their user name or name. A scan of people."""
    named = Q(username__icontains=text) | Q(display_name__icontains=text)
    return visible_people(viewer).filter(named, privacy__findable=True)


def search_sounds(viewer: Viewer, text: str) -> QuerySet[Sound]:
    """Sounds by a part of their title, only those of a clip the viewer sees or of the library."""
    used = Exists(visible_videos(viewer).filter(sound=OuterRef("pk"), published_at__isnull=False))
    return Sound.objects.filter(Q(used) | Q(owner=None), title__icontains=text)
