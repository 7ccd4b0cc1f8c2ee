"""The gate: which clips a viewer may see, and the narrower sets that feeds and lists stand on."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import followed_ids, friend_ids, relation
from accounts.models import User
from privacy.access import blocked_ids, muted_ids, privacy_of
from privacy.models import PrivacySettings
from privacy.rules import Audience, sees
from socialapp.lib.errors import NotFound
from socialapp.lib.ids import row_of

from ..captions import LANGUAGE, language_name
from ..models import Captions, Preference, Preview, Video

Viewer = User | AnonymousUser


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
    clips = watchable_videos(viewer) if previews else visible_videos(viewer)
    return row_of(with_people(clips), video_id)


def own_videos(viewer: Viewer) -> QuerySet[Video]:
    """The viewer's own clips in every state but removed."""
    if not isinstance(viewer, User):
        return Video.objects.none()
    return Video.objects.filter(author_id=viewer.pk).exclude(state=Video.State.REMOVED)


def videos_of(viewer: Viewer, person: User) -> QuerySet[Video]:
    """The clips a profile shows: published ones of `person` that the viewer may see."""
    return visible_videos(viewer).filter(author_id=person.pk, published_at__isnull=False)


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
    and what they said no to: clips, authors, sounds, tags."""
    if not isinstance(viewer, User):
        return limited(viewer)
    refused = Preference.objects.filter(person=viewer, stance=Preference.Stance.HIDE)
    tagged = Video.tags.through.objects.filter(
        video_id=OuterRef("pk"), tag_id__in=refused.filter(tag__isnull=False).values("tag_id")
    )
    return (
        limited(viewer)
        | Q(author_id__in=muted_ids(viewer))
        | Q(Exists(refused.filter(video=OuterRef("pk"))))
        | Q(author_id__in=refused.filter(author__isnull=False).values("author_id"))
        | Q(sound_id__isnull=False, sound_id__in=refused.filter(sound__isnull=False).values("sound_id"))
        | Q(Exists(tagged))
    )


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
