"""What videos keeps about people: their clips, and what they did with other people's."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from privacy.erasure import register_step
from privacy.personal_data import ExportedFile, Row, in_batches, plain, register

from . import access, erasure, media, uploads
from .models import (
    CollectionItem,
    Comment,
    CommentLike,
    Invite,
    Like,
    Preference,
    Rendition,
    Save,
    Share,
    Sound,
    Video,
    Watch,
)


def clips(viewer: User, video_ids: Any) -> dict[int, Row]:
    """What a download may say of clips: whose they are and where, of those that `viewer` may watch now. One query.

    Nothing of what is in them: a clip that closes later must not live on in other people's archives.
    """
    there = access.visible_videos(viewer).filter(pk__in={pk for pk in video_ids if pk})
    found = there.values_list("pk", "author__username")
    site = settings.BASE_URL
    return {pk: {"clip": str(pk), "by": by, "url": f"{site}/@{by}/video/{pk}/"} for pk, by in found}


def clip(found: dict[int, Row], video_id: int | None) -> Row:
    """One of them; of any other clip nothing but its id."""
    hidden = {"clip": str(video_id) if video_id else None, "by": None, "url": None}
    return found.get(video_id or 0, hidden)


def _marks(
    rows: Callable[[User], "QuerySet[Any, Any]"], person: User, *, of: str = "video_id", **more: str
) -> Iterator[Row]:
    """What a person did with clips (a like, a comment): when, with which clip, and the columns of `more`."""
    for batch in in_batches(rows(person)):
        found = clips(person, (_through(row, of) for row in batch))
        for row in batch:
            said = {name: _through(row, column) for name, column in more.items()}
            yield {"at": row.created_at} | clip(found, _through(row, of)) | said


def _through(row: Any, column: str) -> Any:
    for part in column.split("__"):
        row = getattr(row, part, None)
    return row


# --- Clips and their files ------------------------------------------------------------------------------------


def _own(person: User) -> "QuerySet[Video]":
    return Video.objects.filter(author=person.pk).select_related("sound", "upload")


_SAID = (
    "state caption audience comments duet stitch download is_sensitive is_ai_made is_paid_partnership product_title "
    "product_url remix_kind language created_at publish_at published_at duration_ms width height views_count likes_count "
    "comments_count shares_count saves_count edit"
).split()


def _clips(person: User) -> Iterator[Row]:
    for batch in in_batches(_own(person), 100):
        heard = set(access.borrowed(person, batch).values_list("pk", flat=True))
        for video in batch:
            # Another person's sound is named as long as this one may hear it.
            named = video.sound is not None and (
                video.sound.owner_id in (None, person.pk) or video.sound_id in heard
            )
            yield {
                "id": str(video.pk),
                **{name: getattr(video, name) for name in _SAID},
                "sound": video.sound.title if video.sound and named else None,
                "files": {name: path for name, path, _find in _files_of(video)},
            }


def _clip_files(person: User) -> Iterator[ExportedFile]:
    for batch in in_batches(_own(person), 100):
        for video in batch:
            for _name, path, find in _files_of(video):
                yield ExportedFile(path, find)


def _files_of(video: Video) -> Iterator[tuple[str, str, Callable[[], str | Path | None]]]:
    """(what it is, its path in the archive, where it is now). The folder is asked for when it is read: clips move."""
    home = f"clips/{video.pk}"

    def stored(key: Callable[..., str], name: str) -> str | None:
        folder = Video.objects.filter(pk=video.pk).values_list("folder", flat=True).first()
        return key(folder, name) if folder else None

    def sent(upload: Any) -> Path | None:
        return uploads.path_of(upload)

    original = partial(stored, media.original_key_of)
    published = partial(stored, media.key_of)
    if video.original:
        yield "original", f"{home}/{_named('original', video.original)}", partial(original, video.original)
    elif video.upload and uploads.is_complete(video.upload):
        yield "original", f"{home}/{_named('original', video.upload.filename)}", partial(sent, video.upload)
    for part in video.parts.select_related("upload").order_by("role", "position"):
        name = f"{part.role}-{part.position}"
        if part.original:
            yield name, f"{home}/{_named(name, part.original)}", partial(original, part.original)
        elif part.upload and uploads.is_complete(part.upload):
            yield name, f"{home}/{_named(name, part.upload.filename)}", partial(sent, part.upload)
    best = Rendition.objects.filter(video=video).order_by("-revision", "-short_side", "-pk").first()
    if best:
        yield "best", f"{home}/best-{best.short_side}p.mp4", partial(published, best.name)
    if video.cover:
        yield "cover", f"{home}/{_named('cover', video.cover)}", partial(published, video.cover)


def _named(name: str, like: str) -> str:
    """A file's name with the ending of the one it comes from, as far as that is an ending and nothing else."""
    ending = like.rpartition(".")[2].lower()
    return (
        f"{name}.{ending}"
        if "." in like and ending.isascii() and ending.isalnum() and len(ending) < 6
        else name
    )


# --- Sounds, comments, collections ----------------------------------------------------------------------------


def _sounds(person: User) -> Iterator[Row]:
    for batch in in_batches(Sound.objects.filter(owner=person.pk)):
        for sound in batch:
            files = {"sound": f"sounds/{sound.pk}.m4a"} if sound.file else {}
            yield {
                "id": str(sound.pk),
                "title": sound.title,
                "duration_ms": sound.duration_ms,
                "uses_count": sound.uses_count,
                "at": sound.created_at,
                "files": files,
            }


def _sound_files(person: User) -> Iterator[ExportedFile]:
    for batch in in_batches(Sound.objects.filter(owner=person.pk).exclude(file="")):
        for sound in batch:
            yield ExportedFile(f"sounds/{sound.pk}.m4a", partial(media.key_of, sound.folder, sound.file))


def _comments(person: User) -> "QuerySet[Comment]":
    # Not whether one is held or hidden: its writer does not notice that anywhere else either.
    return Comment.objects.filter(author=person.pk)


def _comment_likes(person: User) -> "QuerySet[CommentLike]":
    return CommentLike.objects.filter(person=person.pk).select_related("comment")


def _items(person: User) -> "QuerySet[CollectionItem]":
    return CollectionItem.objects.filter(collection__owner=person.pk).select_related("collection", "save_row")


def _of(model: type[Any]) -> Callable[[User], Iterator[Row]]:
    return partial(_marks, lambda person: model.objects.filter(person=person.pk))


def _preferences(person: User) -> Iterator[Row]:
    """What they asked of their feeds: more, less or none of one clip, author, sound or tag."""
    rows = Preference.objects.filter(person=person.pk).select_related("author", "sound", "tag")
    for batch in in_batches(rows):
        found = clips(person, (row.video_id for row in batch))
        for row in batch:
            about = clip(found, row.video_id) if row.video_id else {}
            yield {
                "at": row.created_at,
                "stance": row.stance,
                **about,
                "author": row.author.username if row.author else None,
                "sound": str(row.sound_id) if row.sound_id else None,
                "tag": row.tag.name if row.tag else None,
            }


def _watches(person: User) -> Iterator[Row]:
    """What they watched, in all, clip by clip. Times are in milliseconds."""
    for batch in in_batches(Watch.objects.filter(person=person.pk)):
        found = clips(person, (row.video_id for row in batch))
        for row in batch:
            yield {
                "at": row.last_at,
                **clip(found, row.video_id),
                "first_at": row.first_at,
                "watched_ms": row.watched_ms,
                "viewings": row.viewings,
                "completions": row.completions,
            }


def _invites(person: User) -> Iterator[Row]:
    """The invites they made: to which clip, for whom, and what became of each."""
    for batch in in_batches(Invite.objects.filter(inviter=person.pk).select_related("contact")):
        found = clips(person, (row.video_id for row in batch))
        for row in batch:
            yield {
                "at": row.created_at,
                **clip(found, row.video_id),
                "contact": row.contact.name if row.contact else None,
                "channel": row.channel,
                "state": row.state,
                "expires_at": row.expires_at,
                "opened_at": row.opened_at,
                "watched_at": row.viewed_at,
                "accepted_at": row.accepted_at,
            }


register(
    "videos",
    "Upload",
    exported=True,
    erased="cascade",
    rows=plain(
        "videos",
        "Upload",
        "owner",
        filename="filename",
        kind="filetype",
        bytes="length",
        state="state",
        at="created_at",
    ),
)
register("videos", "Video", exported=True, erased="cascade", layout="clips", rows=_clips, files=_clip_files)
register("videos", "Sound", exported=True, erased="cascade", rows=_sounds, files=_sound_files)
register(
    "videos",
    "Comment",
    exported=True,
    erased="cascade",
    rows=partial(
        _marks, _comments, text="text", likes="likes_count", replies="replies_count", edited_at="edited_at"
    ),
)
register("videos", "Like", exported=True, erased="cascade", rows=_of(Like))
register("videos", "Save", exported=True, erased="cascade", title=_("Saved clips"), rows=_of(Save))
register(
    "videos",
    "CommentLike",
    exported=True,
    erased="cascade",
    rows=partial(_marks, _comment_likes, of="comment__video_id"),
)
register(
    "videos",
    "Share",
    exported=True,
    erased="cascade",
    rows=partial(_marks, lambda person: Share.objects.filter(person=person.pk), channel="channel"),
)
register(
    "videos",
    "Captions",
    exported=True,
    erased="cascade",
    rows=plain(
        "videos",
        "Captions",
        "video__author",
        clip="video_id",
        language="language",
        automatic="automatic",
        changed_at="updated_at",
        webvtt="vtt",
    ),
)
register(
    "videos",
    "Collection",
    exported=True,
    erased="cascade",
    rows=plain("videos", "Collection", "owner", name="name", at="created_at"),
)
register(
    "videos",
    "CollectionItem",
    exported=True,
    erased="cascade",
    rows=partial(_marks, _items, of="save_row__video_id", collection="collection__name"),
)
register("videos", "Preference", exported=True, erased="cascade", rows=_preferences)
register(
    "videos",
    "Contact",
    exported=True,
    erased="cascade",
    rows=plain(
        "videos", "Contact", "owner", name="name", channel="channel", address="address", at="created_at"
    ),
)
register("videos", "Invite", exported=True, erased="cascade", rows=_invites)
register("videos", "Watch", exported=True, erased="cascade", rows=_watches)
register(
    "videos",
    "FeedSettings",
    exported=True,
    erased="cascade",
    rows=plain(
        "videos",
        "FeedSettings",
        "person",
        newest_first="chronological",
        uses_what_i_watch_and_like="personal",
        started_over_at="started_over_at",
    ),
)
register(
    "videos",
    "RecentSearch",
    exported=True,
    erased="cascade",
    rows=plain("videos", "RecentSearch", "person", text="text", at="searched_at"),
)
register(
    "videos",
    "Challenge",
    exported=True,
    erased="cascade",
    rows=plain(
        "videos",
        "Challenge",
        "host",
        title="title",
        brief="brief",
        rules="rules",
        tag="tag__name",
        starts_at="starts_at",
        ends_at="ends_at",
        sponsor="sponsor",
        product="sponsor_url",
    ),
)
register(
    "videos",
    "ChallengeMark",
    exported=False,
    erased="cascade",
    why="A host's word about an entry; it goes with the clip or the challenge, and stands on the challenge's page.",
)
register(
    "videos",
    "Promotion",
    exported=True,
    erased="cascade",
    rows=plain(
        "videos",
        "Promotion",
        "owner",
        clip="video_id",
        goal="goal",
        countries="countries",
        languages="languages",
        interests="interests",
        impressions_a_day="daily_budget",
        starts_on="starts_on",
        ends_on="ends_on",
        state="state",
        reason="reason",
        note="note",
        at="created_at",
    ),
)
register(
    "videos",
    "PromotionDay",
    exported=True,
    erased="cascade",
    rows=plain(
        "videos",
        "PromotionDay",
        "promotion__owner",
        promotion="promotion_id",
        day="day",
        impressions="spent",
        people="reach",
        visits="visits",
    ),
)
register(
    "videos",
    "PromotionShowing",
    exported=True,
    erased="cascade",
    title=_("Ads you were shown lately"),
    rows=plain("videos", "PromotionShowing", "person", clip="promotion__video_id", at="at"),
)
register(
    "videos",
    "TrafficHour",
    exported=False,
    erased="kept",
    why="How many pages of For You were handed out in an hour; names no person.",
)
register(
    "videos",
    "FirstAudience",
    exported=False,
    erased="cascade",
    why="How many people a clip was shown to at first; its own figures are in the download of analytics.",
)
register(
    "videos",
    "Training",
    exported=False,
    erased="kept",
    why="How one training of the recommender went, in numbers over everybody; the next model is trained without who left.",
)
register(
    "videos",
    "Trend",
    exported=False,
    erased="kept",
    why="What rises now, made anew every few minutes from what is still there; names no person.",
)
register(
    "videos",
    "Part",
    exported=False,
    erased="cascade",
    why="Says which file a clip was joined from; the files themselves are in the download as originals.",
)
register(
    "videos",
    "MediaJob",
    exported=False,
    erased="cascade",
    why="The state of our own work on a clip; says nothing about its author that the clip does not.",
)
register(
    "videos",
    "Preview",
    exported=False,
    erased="cascade",
    why="Who may watch a clip before it is out; the message that brought it is in the download.",
)
register(
    "videos",
    "Rendition",
    exported=False,
    erased="cascade",
    why="Encodings of a clip, made from the original, which is in the download.",
)
register(
    "videos",
    "Transcode",
    exported=False,
    erased="cascade",
    why="The state of our own work on a clip; says nothing about its author that the clip does not.",
)
register(
    "videos",
    "SearchDocument",
    exported=False,
    erased="cascade",
    why="What search knows of people, clips, sounds, tags and challenges: made from their rows, and gone with them.",
)
register(
    "videos",
    "SearchPosting",
    exported=False,
    erased="cascade",
    why="Which words occur in them; goes with the entry.",
)
register(
    "videos",
    "SearchWord",
    exported=False,
    erased="cascade",
    why="A word that occurs in what can be found; deleted with the last thing that holds it.",
)
register(
    "videos",
    "SearchVariant",
    exported=False,
    erased="cascade",
    why="The same words with a letter gone, to find them in spite of a typing error; deleted with them.",
)
register(
    "videos",
    "Tag",
    exported=False,
    erased="kept",
    why="A word that many people use; whose clips carried it goes with the clips.",
)
register(
    "videos",
    "Video_tags",
    exported=False,
    erased="cascade",
    why="Derived from the captions, which are in the download.",
)
register(
    "videos",
    "DoomedFolder",
    exported=False,
    erased="cascade",
    why="The name of a folder that is being erased; goes as soon as its files are gone and names nobody.",
)
register(
    "videos",
    "Fingerprint",
    exported=False,
    erased="cascade",
    why="Numbers made from a clip's pictures to know the same footage again; the clip is in the download.",
)

register_step("videos", erasure.forget_person)
