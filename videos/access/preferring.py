"""What a person told their feeds, for their own eyes."""

from django.db.models import Exists, OuterRef, QuerySet

from accounts.access import get_person_by_id
from accounts.models import User
from socialapp.lib.errors import Invalid, NotFound

from ..hashtags import fold
from ..models import FeedSettings, Preference, Sound, Tag, Video
from .gate import Viewer, findable_videos
from .sounds import get_sound

# What a "more", "less" or "not interested" that was said on a clip may be about.
ABOUT = ("clip", "author", "sound", "tag")


def preferences_of(viewer: Viewer) -> QuerySet[Preference]:
    """What the viewer said of clips, authors, sounds and tags, newest first. Lazy; nobody sees anybody else's.

    The rows may be about things that are hidden from the viewer by now.
    """
    if not isinstance(viewer, User):
        return Preference.objects.none()
    return Preference.objects.filter(person=viewer).order_by("-created_at", "-id")


def feed_settings(viewer: Viewer) -> FeedSettings:
    """How the viewer wants their feed; without a row, and for visitors, the defaults (unsaved).

    One query, and none when the same user object is asked again: Django keeps the answer on it, also that there is none.
    """
    if not isinstance(viewer, User):
        return FeedSettings()
    try:
        kept: FeedSettings = viewer.feed_settings
    except FeedSettings.DoesNotExist:
        return FeedSettings(person_id=viewer.pk)
    return kept


def get_tag(viewer: Viewer, name: str) -> Tag:
    """A tag that a clip carries which the viewer may come upon: a tag's name can itself be a secret. NotFound otherwise."""
    shown = Exists(findable_videos(viewer).filter(tags=OuterRef("pk")))
    tag = Tag.objects.filter(shown, name=fold(name)).first()
    if tag is None:
        raise NotFound()
    return tag


def subject_of(
    viewer: Viewer, video: Video, about: str = "clip", tag: str = ""
) -> dict[str, Video | User | Sound | Tag]:
    """What a word about a visible clip is about, as the keyword that `actions.prefer` takes: the clip, its author, its sound,
    or one of its tags by name. NotFound when the clip has none such or the viewer may not meet it; Invalid for another word.
    """
    if about == "clip":
        return {"video": video}
    if about == "author":
        return {"author": get_person_by_id(viewer, video.author_id)}
    if about == "sound":
        if video.sound_id is None:
            raise NotFound()
        return {"sound": get_sound(viewer, video.sound_id)}
    if about == "tag":
        found = video.tags.filter(name=fold(tag)).first()
        if found is None:
            raise NotFound()
        return {"tag": found}
    raise Invalid(code="bad_about", fields={"of": ", ".join(ABOUT)})
