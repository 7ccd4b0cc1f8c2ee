"""How a clip is shown: the contract's dicts, which the API sends and the templates render alike.

The rows must come from the gate (videos.access); nothing here decides who sees what.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Value, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Tie, person_card, tie_of, ties
from accounts.models import User
from privacy.rules import Relation

from . import access, media
from .access import Viewer
from .access.passed import Passed, ShownAs, whole
from .captions import language_name
from .hashtags import tags_in
from .media import cover_url, media_url, playback
from .models import Like, Save, Sound, Transcode, Video
from .publication import labels_of


@dataclass(frozen=True)
class Marks:
    """What stands between a viewer and a clip: whether they like and saved it, how they stand to its author, and whether
    they may hear a sound that it borrowed."""

    liked: bool
    saved: bool
    tie: Tie
    heard: bool


def cards(viewer: Viewer, videos: Sequence[Video | Passed]) -> list[dict[str, Any]]:
    """The contract's clip dict for each of these clips, in their order.

    No query for clips of `access.passing`, two when some of them are the viewer's own. For others three, however many they
    are, if they came through `access.with_people`: renditions; the viewer's likes and saves, and which borrowed sounds they
    may hear; the viewer's ties to the authors. One more (progress) only when unfinished clips of the viewer's own are among
    them, one (credits) only when a duet or stitch is. Anonymous viewers cost one, another with a remix and another with a
    borrowed sound.
    `progress`, `error`, `publish_at` and `edit` are for the author; everybody else gets null.

    Beyond the contract: `share_url`, `audience_label`, `comments` and the other settings (who may …), `labels`, `product`,
    `promotion` (null, or that the clip is shown as an ad), `color` (dominant, or null), `preview`, `remix` (null, or its kind
    and the clip it was made from, which is null when the viewer may not see that one), `author.relation`, `viewer.own`,
    `viewer.may_…`. `sound` is null also when the viewer may not hear it. `duration` is in seconds.
    """
    if not videos:
        return []
    passed = [clip for clip in videos if isinstance(clip, Passed)]
    own = {clip.pk: clip for clip in whole(viewer, passed)}
    shown = [own.get(clip.pk) or (clip.video if isinstance(clip, Passed) else clip) for clip in videos]
    marks = _marks(viewer, [clip for clip in videos if isinstance(clip, Video)])
    marks |= {clip.pk: marks_of(viewer, clip) for clip in passed}
    progress = _progress(viewer, shown)
    credits = access.credits_of(viewer, shown)
    return [
        clip_card(viewer, video, marks[video.pk])
        | {"remix": _remix(video, credits), "progress": progress.get(video.pk)}
        | (
            {"promotion": promotion_mark(clip.promotion)}
            if isinstance(clip, Passed) and clip.promotion
            else {}
        )
        for clip, video in zip(videos, shown, strict=True)
    ]


def clip_card(viewer: Viewer, video: Video, marks: Marks) -> dict[str, Any]:
    """The dict of a clip with nothing in it of other clips (`remix`) or of its queue (`progress`). No query, and no more
    of the viewer than whether they are its author, the owner of its sound, and logged in: others get the same dict for the
    same marks (videos.card_cache)."""
    own = viewer.pk == video.author_id
    sound = _shown_sound(video, marks.heard)
    return _facts(video) | {
        "author": person_card(viewer, video.author) | {"relation": marks.tie.as_dict()},
        "remix": None,
        "promotion": None,
        "sound": sound_card(sound) if sound else None,
        "viewer": {
            "liked": marks.liked,
            "saved": marks.saved,
            "own": own,
            **_allowed(viewer, video, sound, marks.tie.relation),
        },
        "progress": None,
        "held": own and bool(video.held_for),
        "error": _error(video) if own else None,
        "publish_at": video.publish_at if own else None,
        "edit": video.edit if own else None,
    }


def promotion_mark(promotion: ShownAs) -> dict[str, str]:
    """What a card says of a promotion: which one, the word that labels it, and its goal, by which the card has a button."""
    return {"id": str(promotion.id), "label": _("Promoted"), "goal": promotion.goal}


def marks_of(viewer: Viewer, clip: Passed) -> Marks:
    """The marks that came with a clip through the gate. No query."""
    known = clip.marks
    if not isinstance(viewer, User):
        tie = Tie(Relation.ANONYMOUS)
    elif viewer.pk == clip.author_id:
        tie = Tie(Relation.SELF)
    else:
        tie = tie_of(known["made"], known["received"])
    return Marks(bool(known["liked"]), bool(known["saved"]), tie, bool(known["heard"]))


def _shown_sound(video: Video, heard: bool) -> Sound | None:
    """Its own and the library's come with the clip; one that it borrowed is its owner's to show, a closed one nobody's."""
    sound = video.sound
    if sound is None or sound.removed_at is not None:
        return None
    return sound if heard or sound.owner_id in (None, video.author_id) else None


def _facts(video: Video) -> dict[str, Any]:
    """What a card says alike to everybody who sees the clip."""
    url = video.get_absolute_url()
    sells = video.product_url and video.author.is_business
    return {
        "id": str(video.pk),
        "url": url,
        "share_url": settings.BASE_URL + url,
        "caption": video.caption,
        "tags": tags_in(video.caption),
        "audience": video.audience,
        "audience_label": str(video.get_audience_display()),
        "comments": video.comments,
        "duet": video.duet,
        "stitch": video.stitch,
        "download": video.download,
        "labels": labels_of(video),
        "product": {"title": video.product_title, "url": video.product_url} if sells else None,
        "state": video.state,
        "duration": video.duration_ms / 1000,
        "width": video.width,
        "height": video.height,
        "cover": cover_url(video) if video.cover else None,
        "blurhash": video.blurhash or None,
        "color": video.dominant_color or None,
        "preview": media_url(video, video.preview) or None,
        "playback": playback(video)
        | ({"captions": captions_cards(video)} if video.is_playable else {"hls": None}),
        "counts": {
            "views": video.views_count,
            "likes": video.likes_count,
            "comments": video.comments_count,
            "shares": video.shares_count,
            "saves": video.saves_count,
        },
        "published_at": video.published_at,
    }


def card(viewer: Viewer, video: Video | Passed) -> dict[str, Any]:
    """The dict of one clip; the same queries as for many."""
    return cards(viewer, [video])[0]


def _allowed(viewer: Viewer, video: Video, sound: Sound | None, stands: Relation) -> dict[str, bool]:
    """What the viewer may do with a clip that they see; the actions ask again. `sound` is the one that is shown."""
    return {
        "may_comment": access.comments_open(video, stands),
        "may_duet": access.permits(video, "duet", stands),
        "may_stitch": access.permits(video, "stitch", stands),
        "may_download": access.permits(video, "download", stands),
        "may_invite": access.may_invite(viewer, video),
        "may_use_sound": sound is not None
        and isinstance(viewer, User)
        and bool(sound.file)
        and (sound.owner_id in (None, viewer.pk) or access.is_open(video)),
    }


def _remix(video: Video, credits: dict[int, Video]) -> dict[str, Any] | None:
    if not video.remix_kind:
        return None
    source = credits.get(video.remix_of_id) if video.remix_of_id else None
    shown = source and {
        "id": str(source.pk),
        "url": source.get_absolute_url(),
        "username": source.author.username,
        "cover": cover_url(source) or None,
    }
    return {"kind": video.remix_kind, "video": shown}


def captions_cards(video: Video) -> list[dict[str, Any]]:
    """The captions of a clip as a player lists them. No query: the clip's row names its files."""
    return [
        {
            "language": track["language"],
            "label": language_name(track["language"]),
            "url": media_url(video, track["name"]),
            "automatic": track["automatic"],
        }
        for track in video.captions_tracks
    ]


def sound_card(sound: Sound) -> dict[str, Any]:
    """What stands on a clip's sound disc and at the head of its page."""
    return {
        "id": str(sound.pk),
        "title": sound.title,
        "artist": sound.artist,
        "duration": sound.duration_ms / 1000,
        "url": reverse("sound", args=[sound.pk]),
    }


def sound_details(viewer: Viewer, sound: Sound) -> dict[str, Any]:
    """A sound as it is picked: with an address to listen to, its waveform, how many clips use it. `owner` is loaded.

    No query for those that came from `access.pick_sounds`, one for any other.
    """
    return sound_card(sound) | {
        "artist": sound.artist or (sound.owner.display_name if sound.owner else ""),
        "library": sound.owner_id is None,
        "preview": media.sound_url(sound) or None if sound.file else None,
        "peaks": sound.peaks,
        "uses": sound.uses_count,
        "own": sound.owner_id is not None and sound.owner_id == viewer.pk,
        "usable": bool(sound.file) and access.may_use_sound(viewer, sound),
    }


def _marks(viewer: Viewer, videos: Sequence[Video]) -> dict[int, Marks]:
    """The marks of clips that came from elsewhere, by id, with all that a card wants loaded. Three queries."""
    if not videos:
        return {}
    prefetch_related_objects(videos, "renditions", "author__privacy", "sound")
    liked, saved, heard = _liked_saved_heard(viewer, videos)
    tied = ties(viewer, {video.author_id for video in videos}, unblocked=True)
    return {v.pk: Marks(v.pk in liked, v.pk in saved, tied[v.author_id], v.sound_id in heard) for v in videos}


def _liked_saved_heard(viewer: Viewer, videos: Sequence[Video]) -> tuple[set[int], set[int], set[int]]:
    """Ids of the clips that the viewer likes and has saved, and of the borrowed sounds that they may hear. One query."""
    borrowed = access.borrowed(viewer, videos)
    if not isinstance(viewer, User):
        return set(), set(), set(borrowed.values_list("pk", flat=True))
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
    sounds = borrowed.annotate(kind=Value("sound")).values_list("kind", "pk")
    rows = set(likes.union(saves, sounds, all=True))
    liked, saved, heard = ({pk for kind, pk in rows if kind == name} for name in ("like", "save", "sound"))
    return liked, saved, heard


def _progress(viewer: Viewer, videos: Sequence[Video]) -> dict[int, dict[str, Any]]:
    own = [video for video in videos if video.author_id == viewer.pk]
    unfinished = [video.pk for video in own if video.state != Video.State.READY or _is_made_again(video)]
    found = {video.pk: {"stage": str(Transcode.Stage.DONE), "percent": 100} for video in own}
    if unfinished:
        found |= {pk: {"stage": str(Transcode.Stage.WAITING), "percent": 0} for pk in unfinished}
        for row in Transcode.objects.filter(video__in=unfinished).only(
            "video_id", "state", "stage", "percent"
        ):
            stage = "upload" if row.state == Transcode.State.EXPECTED else row.stage  # its bytes still travel
            found[row.pk] = {"stage": stage, "percent": row.percent}
    return found


def _is_made_again(video: Video) -> bool:
    """Whether a clip still plays as it was before its edit list changed. Its renditions are loaded."""
    return any(rendition.revision != video.revision for rendition in video.renditions.all())


def _error(video: Video) -> dict[str, str] | None:
    return {"code": video.error_code, "message": str(video.error_message)} if video.error_code else None
