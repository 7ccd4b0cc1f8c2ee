"""What a person told their feeds, for their own eyes."""

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, QuerySet

from accounts.access import get_person_by_id, visible_people
from accounts.models import User
from socialapp.lib.errors import Invalid, NotFound

from ..hashtags import fold
from ..models import FeedSettings, Preference, Sound, Tag, Video
from .gate import Viewer, findable_videos, get_video, visible_videos, with_people
from .sounds import _sounds, get_sound

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


def find_subject(viewer: Viewer, about: str, subject: str) -> dict[str, Video | User | Sound | Tag]:
    """What a word is about, by its id as given in JSON (a tag by its name), as the keyword that `actions.prefer` takes.

    NotFound for what the viewer may not meet. One query.
    """
    if about == "clip":
        return {"video": get_video(viewer, subject)}
    if about == "author":
        return {"author": get_person_by_id(viewer, subject)}
    if about == "sound":
        return {"sound": get_sound(viewer, subject)}
    if about == "tag":
        return {"tag": get_tag(viewer, subject)}
    raise Invalid(code="bad_about", fields={"of": ", ".join(ABOUT)})


# --- Many at once, for the page on which somebody sees what their feed goes by ------------------------------------------


def clips_among(viewer: Viewer, ids: Collection[int]) -> dict[int, Video]:
    """Those of these clips that the viewer may see and that are out, by id, with their authors. One query, none for none."""
    if not ids:
        return {}
    return {
        clip.pk: clip
        for clip in with_people(visible_videos(viewer)).filter(pk__in=ids, published_at__isnull=False)
    }


def people_among(viewer: Viewer, ids: Collection[int]) -> dict[int, User]:
    """Those of these people who exist for the viewer, by id. One query, none for none."""
    return {person.pk: person for person in visible_people(viewer).filter(pk__in=ids)} if ids else {}


def sounds_among(viewer: Viewer, ids: Collection[int]) -> dict[int, Sound]:
    """Those of these sounds whose page the viewer may open, by id. One query, none for none."""
    return {sound.pk: sound for sound in _sounds(viewer).filter(pk__in=ids)} if ids else {}


def tags_among(viewer: Viewer, ids: Collection[int]) -> dict[int, Tag]:
    """Those of these tags that a clip carries which the viewer may come upon, by id. One query, none for none."""
    if not ids:
        return {}
    shown = Exists(findable_videos(viewer).filter(tags=OuterRef("pk")))
    return {tag.pk: tag for tag in Tag.objects.filter(shown, pk__in=ids)}


def tag_names(ids: Iterable[int]) -> dict[int, str]:
    """The names of tags that somebody named themselves, by id. One query, none for none."""
    wanted = set(ids)
    return dict(Tag.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def tag_ids_of(clips: Collection[int]) -> dict[int, list[int]]:
    """The tags of clips that came through the gate, by the clip's id. One query, none for none."""
    found: dict[int, list[int]] = {}
    if clips:
        rows = Video.tags.through.objects.filter(video_id__in=clips).order_by("id")
        for video, tag in rows.values_list("video_id", "tag_id"):
            found.setdefault(video, []).append(tag)
    return found
