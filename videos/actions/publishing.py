"""From files to a clip and back: publishing, drafts, schedules, changes and new edits, retry, deletion.

Uploads are actions.uploading, remixes actions.remixing; what workers report is in actions.pipeline. Order of locks: people,
a remix's source, the clip, uploads, the transcode.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from privacy import terms
from privacy.actions import audit, lock_people
from privacy.enforcement import stands
from privacy.models import Decision, Report
from privacy.rules import Audience
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound
from socialapp.lib.ratelimit import limit

from .. import access, edits, holds, publication, signals, uploads
from ..hashtags import apply_tags
from ..models import Part, Sound, Transcode, Upload, Video
from ..publication import Settings
from . import uploading
from .engaging import Actor, _locked_video, _person
from .folders import shut
from .pipeline import add_uses, hold_back, nudge, push, remake, show
from .remixing import claim_source, must_appear
from .showing import hold
from .watching import open_audience

Stitched = tuple[Video, float, float]  # the clip, from which second, to which


# --- Files ----------------------------------------------------------------------------------------------------------


@dataclass
class _Files:
    """The files that an edit list names: each a new upload's id, the number of a part that is there, or None."""

    edit: dict[str, Any]
    parts: list[str | int | None] = field(default_factory=list)
    voice: str | None = None
    has_voice: bool = False

    @property
    def ids(self) -> list[str]:
        return [name for name in (*self.parts, self.voice) if isinstance(name, str)]


def _files(edit: Mapping[str, Any] | None) -> _Files:
    """An edit list as the API gives it, and apart from it the files that it names."""
    found = _Files(dict(edit or {}))
    parts = found.edit.get("parts")
    if isinstance(parts, list) and all(isinstance(part, Mapping) for part in parts):
        found.parts = [_named(part, at) for at, part in enumerate(parts, 1)]
        found.edit["parts"] = [
            {k: v for k, v in part.items() if k not in ("upload", "part")} for part in parts
        ]
    voice = found.edit.get("voice")
    if isinstance(voice, Mapping):
        found.has_voice, found.voice = True, str(voice["upload"]) if voice.get("upload") else None
        found.edit["voice"] = {k: v for k, v in voice.items() if k != "upload"}
    return found


def _named(part: Mapping[str, Any], place: int) -> str | int | None:
    """Which file a joined clip is: an upload's id, the number of one that is there ("part"), else the one at this place."""
    if part.get("upload"):
        return str(part["upload"])
    number = part.get("part", place)
    return number if type(number) is int else None


def _set_parts(video: Video, files: _Files, rows: Mapping[str, Upload]) -> bool:
    """Bring the clip's Part rows in step with its edit list; whether that changed any. Invalid names a file that is missing.

    `rows` are the uploads of `files`, locked. A part that is no longer named goes, and its upload with it (videos.receivers).
    """
    there = list(video.parts.all())
    before = {(part.pk, part.role, part.position) for part in there}
    places = [(name, Part.Role.CLIP, at) for at, name in enumerate(files.parts, 1)]
    if files.has_voice:
        places.append((files.voice, Part.Role.VOICE, 0))
    wanted: list[Part] = []
    wrong: dict[str, str] = {}
    for name, role, position in places:
        part = _part(video, there, rows, name, role)
        if part is None or part in wanted:
            path = "edit.voice.upload" if role == Part.Role.VOICE else f"edit.parts.{position - 1}.upload"
            wrong[path] = (
                _("Each file can be used once in a clip.") if part else _("Add the file of this part again.")
            )
        else:
            part.role, part.position = role, position
            wanted.append(part)
    if len(set(files.ids) | {video.upload_id}) <= len(files.ids):
        wrong.setdefault("edit.parts", _("Each file can be used once in a clip."))
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    if before == {(part.pk, part.role, part.position) for part in wanted}:
        return False
    kept = [part.pk for part in wanted if part.pk]
    for part in video.parts.exclude(pk__in=kept):
        part.delete()
    # Out of each other's way first: places are unique.
    for at, pk in enumerate(kept):
        Part.objects.filter(pk=pk).update(position=1000 + at)
    for part in wanted:
        part.save()
    return True


def _part(
    video: Video, there: list[Part], rows: Mapping[str, Upload], name: str | int | None, role: str
) -> Part | None:
    """The part that a file's name means: one that is there, or a new one of an upload; None when there is no such file."""
    if isinstance(name, str):
        upload = rows.get(name)
        if known := next((part for part in there if part.upload_id == name), None):
            return known
        if upload is None or Part.objects.filter(upload=upload).exists():
            return None
        return None if Video.objects.filter(upload=upload).exists() else Part(video=video, upload=upload)
    position = 0 if role == Part.Role.VOICE else name
    return next((part for part in there if part.role == role and part.position == position), None)


def _main_upload(person: User, rows: Mapping[str, Upload], upload: Upload) -> Upload:
    """The locked row of a clip's first file. NotFound for others', Conflict when it is a part of another clip."""
    row = rows.get(upload.pk)
    if row is None:
        raise NotFound()
    if not uploads.path_of(row).exists():
        raise Conflict(_("The uploaded file is no longer here. Upload it again."), code="source_gone")
    if Part.objects.filter(upload=row).exists():
        raise Conflict(_("This upload is a part of another clip already."), code="upload_taken")
    return row


def _chosen_sound(person: User, edit: edits.Edit) -> Sound | None:
    """The sound that an edit list chooses. Invalid when the person may not use it (any more)."""
    if edit.sound is None:
        return None
    try:
        return access.get_usable_sound(person, edit.sound.id)
    except NotFound:
        sentence = _("This sound is no longer here. Choose another one.")
        raise Invalid(sentence, fields={"edit.sound.id": sentence}) from None


# --- Publishing -----------------------------------------------------------------------------------------------------


def publish_video(
    actor: Actor,
    *,
    upload: Upload,
    draft: bool = False,
    edit: Mapping[str, Any] | None = None,
    duet_of: Video | None = None,
    stitch_of: Stitched | None = None,
    **said: Unpack[Settings],
) -> Video:
    """Make a clip of an upload and put it into the queue. The same upload again gives the same clip.

    Bytes may still travel: then the clip waits until every one of its uploads is whole. It shows to others from its first
    rendition on; a draft to nobody, a scheduled one (`publish_at`) from then on. `edit` is the edit list as the API has it,
    with the ids of uploads in `parts` and `voice`.

    Invalid names what cannot be used; NotFound and Forbidden (code remix_closed) are about the clip to duet or stitch with.
    """
    person = _person(actor)
    columns = publication.checked(person, said)
    files = _files(edit)
    kind, source = _remix(files, duet_of, stitch_of)
    parsed = edits.parse(files.edit)
    _refuse_words(columns, parsed)
    with transaction.atomic():
        if made := Video.objects.filter(upload=upload, author=person).first():
            return made
        if source is not None:
            source = claim_source(person, source, kind)
        rows = uploading.claim(person, [upload.pk, *files.ids])
        if made := Video.objects.filter(upload=upload, author=person).first():
            return made  # somebody else's request with the same upload came first, while this one waited for its row
        row = _main_upload(person, rows, upload)
        as_draft = draft or columns.get("publish_at") is not None
        video = Video.objects.create(
            author=person,
            upload=row,
            edit=edits.dump(parsed),
            sound=_chosen_sound(person, parsed),
            remix_kind=kind,
            remix_of=source,
            state=Video.State.DRAFT if as_draft else Video.State.PROCESSING,
            language=person.language,
            original_bytes=row.length,
            **columns,
        )
        _set_parts(video, files, rows)
        video.original_bytes = sum(u.length for u in uploading.uploads_of(video))
        video.save(update_fields=["original_bytes"])
        whole = uploading.settle(video)
        state = Transcode.State.QUEUED if whole else Transcode.State.EXPECTED
        Transcode.objects.create(video=video, as_draft=as_draft, state=state)
        apply_tags(video)
        audit(person, "video.publish", "video", video.pk, audience=video.audience, draft=as_draft, remix=kind)
        if whole:
            nudge(video)
    return video


def _refuse_words(columns: Mapping[str, Any], edit: edits.Edit | None = None) -> None:
    """Invalid when what a clip says has a term that the site refuses. One query, none for a clip without words."""
    drawn = "\n".join(text.text for text in edit.texts) if edit else ""
    terms.refuse(
        **{
            "caption": columns.get("caption", ""),
            "product.title": columns.get("product_title", ""),
            "edit.texts": drawn,
        }
    )


def _remix(files: _Files, duet_of: Video | None, stitch_of: Stitched | None) -> tuple[str, Video | None]:
    """The kind of remix and its source; writes into the edit list which seconds a stitch uses."""
    files.edit.pop("remix_trim", None)
    if duet_of is not None and stitch_of is not None:
        sentence = _("A clip is a duet or a stitch, not both.")
        raise Invalid(sentence, fields={"duet_of": sentence})
    if duet_of is not None:
        return Video.Remix.DUET, duet_of
    if stitch_of is None:
        return "", None
    source, start, end = stitch_of
    wrong = ""
    if not 0 <= start < end or end - start < edits.SHORTEST:
        wrong = _("The end must come after the start.")
    elif end - start > edits.STITCH_SECONDS + 0.001:
        wrong = _("At most %(seconds)s seconds of another clip can be used.") % {
            "seconds": f"{edits.STITCH_SECONDS:g}"
        }
    elif end > source.duration_ms / 1000 + 0.1:
        wrong = _("The other clip ends before that.")
    if wrong:
        raise Invalid(wrong, fields={"stitch_of.end": wrong})
    files.edit["remix_trim"] = {"start": start, "end": end}
    return Video.Remix.STITCH, source


def publish_draft(actor: Actor, video: Video) -> Video:
    """Show a draft to its audience, now or as soon as it plays, whatever its schedule said. Idempotent.

    NotFound for others' clips; Conflict (remix_closed, sound_gone) when what it was made from is no longer to be had.
    """
    person = _person(actor)
    with transaction.atomic():
        lock_people(
            person.pk
        )  # whose counters change; whoever sends the clip as a preview holds them first, too
        row = Video.objects.select_for_update().filter(pk=video.pk, author=person).first()
        if row is None:
            raise NotFound()
        if row.state == Video.State.DRAFT:
            must_appear(row)
            _appear(row)
            audit(person, "video.publish", "video", row.pk, audience=row.audience, draft=False)
    return row


def publish_due(now: datetime | None = None) -> int:
    """Show the drafts whose time has come, however late this runs. Returns how many. Each in a transaction of its own."""
    due = {"state": Video.State.DRAFT, "publish_at__lte": now or timezone.now()}
    shown = 0
    waiting = Video.objects.filter(**due).order_by("publish_at").values_list("pk", "author_id")
    for pk, author_id in list(waiting):
        with transaction.atomic():
            lock_people(author_id)
            row = Video.objects.select_for_update().filter(pk=pk, **due).first()
            if row is None:  # moved, cancelled, or another worker was quicker
                continue
            if why := access.withheld(row):
                hold_back(row, why)
                continue
            _appear(row)
            audit(None, "video.publish", "video", row.pk, audience=row.audience, scheduled=True)
            shown += 1
    return shown


def _appear(row: Video) -> None:
    """A draft that may appear does, in the caller's transaction: at once when it plays, else with its first rendition."""
    Transcode.objects.filter(video=row).update(as_draft=False)
    done = Transcode.objects.filter(video=row, state=Transcode.State.DONE).exists()
    row.state = Video.State.READY if done else Video.State.PROCESSING
    row.publish_at, row.error_code, row.error_params = None, "", {}
    row.save(update_fields=["state", "publish_at", "error_code", "error_params"])
    if row.playlist:
        show(row)
    if done and not row.held_for:
        transaction.on_commit(lambda: signals.video_ready.send(None, video_id=row.pk))
    push(row, Transcode.Stage.DONE if done else Transcode.Stage.WAITING, 100 if done else 0)


# --- Changing -------------------------------------------------------------------------------------------------------


def update_video(
    actor: Actor,
    video: Video,
    *,
    edit: Mapping[str, Any] | None = None,
    upload: Upload | None = None,
    **said: Unpack[Settings],
) -> Video:
    """Change what was said at publishing; what is not said stays. Tags follow the caption; a change of rules is audited.

    `publish_at` schedules a clip that has not appeared yet, None takes the schedule off and leaves a draft. `edit` is a whole
    new edit list: the clip is made again and plays as it was until then. `upload` takes the place of a first file that never
    arrived. Forbidden for a visible clip of somebody else, NotFound for a hidden one.
    """
    person = _person(actor)
    limit("edit", person.pk)
    with transaction.atomic():
        row = _locked_video(person, video)
        if row.author_id != person.pk:
            raise Forbidden(_("Only its author can change a clip."))
        columns = publication.checked(person, said, shown=row.published_at is not None)
        columns = {name: value for name, value in columns.items() if getattr(row, name) != value}
        _keep_label(row, columns)
        if columns.get("publish_at") is not None:
            _wait(row)
        if columns:
            _refuse_words(columns)
            _change(person, row, columns)
        if upload is not None:
            _replace_upload(person, row, upload)
        if edit is not None:
            _edit_again(person, row, edit)
    return row


def _keep_label(row: Video, columns: dict[str, Any]) -> None:
    """What a moderator marked as sensitive stays so; Forbidden. The way to change it is the appeal."""
    if columns.get("is_sensitive") is False and stands(Report.Target.VIDEO, row.pk, Decision.Act.LABEL):
        raise Forbidden(
            _("A moderator marked this clip as sensitive. You can appeal that under Account status."),
            code="labelled",
        )


def _change(person: User, row: Video, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))
    if "caption" in columns:
        apply_tags(row)
    words_changed = {"caption", "product_title"} & columns.keys()
    if words_changed and row.published_at and not row.held_for and (found := holds.of_new_caption(row)):
        hold(row, found)
    if "audience" in columns:
        # Addresses of the files are out there; they die with the audience they were made for.
        shut(row.pk)
        if row.published_at and row.audience == Audience.PUBLIC:
            open_audience(row)
    plain = {"caption", "product_title", "publish_at"}
    if rules := {name: value for name, value in columns.items() if name not in plain}:
        audit(person, "video.update", "video", row.pk, **rules)


def _wait(row: Video) -> None:
    """A clip that has not appeared becomes a draft again, since it is to appear later."""
    Transcode.objects.filter(video=row).update(as_draft=True)
    if row.state == Video.State.PROCESSING:
        row.state = Video.State.DRAFT
        row.save(update_fields=["state"])


def _replace_upload(person: User, row: Video, upload: Upload) -> None:
    """Another first file for a clip whose own never arrived or could not be used. Conflict once there is one."""
    waiting = (Transcode.State.EXPECTED, Transcode.State.FAILED)
    if row.original or not Transcode.objects.filter(video=row, state__in=waiting).exists():
        raise Conflict(_("This clip has its file already. Publish the new one as another clip."))
    main = _main_upload(person, uploading.claim(person, [upload.pk]), upload)
    if main.pk == row.upload_id:
        return
    if Video.objects.filter(upload=main).exists():
        raise Conflict(_("This upload is a part of another clip already."), code="upload_taken")
    old, row.upload = row.upload, main
    row.save(update_fields=["upload"])
    if old is not None:
        old.delete()
    row.original_bytes = sum(u.length for u in uploading.uploads_of(row))
    row.save(update_fields=["original_bytes"])
    requeue(row, whole=uploading.settle(row))


def _edit_again(person: User, row: Video, edit: Mapping[str, Any]) -> None:
    """Store a new edit list and have the clip made by it. Nothing happens when it says what is there already."""
    files = _files(edit)
    old = edits.load(row.edit)
    if row.remix_kind:
        kept = {"start": old.remix_trim.start, "end": old.remix_trim.end} if old.remix_trim else None
        files.edit.setdefault("remix_trim", kept)
        source = row.remix_of
        if source is None:
            raise Conflict(
                _("The clip that you used is gone or was detached, so this one cannot be edited again."),
                code="remix_closed",
            )
        claim_source(person, source, row.remix_kind)
    else:
        files.edit.pop("remix_trim", None)
    new = edits.parse(files.edit)
    _refuse_words({}, new)
    rows = uploading.claim(person, files.ids)
    if row.playlist and not all(uploads.is_complete(upload) for upload in rows.values()):
        raise Conflict(
            _("A file of this edit has not arrived yet. Wait for it and save again."), code="incomplete"
        )
    other_files = _set_parts(row, files, rows)
    if new == old and not other_files:
        return
    if other_files:
        added = sum(upload.length for upload in rows.values())
        row.original_bytes += added
    sound = _chosen_sound(person, new)
    if sound is None and old.sound is None:
        sound = row.sound
    if sound != row.sound and row.published_at is not None:
        add_uses(row.sound_id, -1)
        add_uses(sound.pk if sound else None, 1)
    row.edit, row.sound = edits.dump(new), sound
    if _moves_times(old, new) or other_files:
        row.captions_tracks = [track | {"check": True} for track in row.captions_tracks]
    row.save(update_fields=["edit", "sound", "captions_tracks", "original_bytes"])
    audit(person, "video.edit", "video", row.pk, revision=row.revision)
    _make_again(row, only_cover=not other_files and replace(new, cover_at=old.cover_at) == old)


def _moves_times(old: edits.Edit, new: edits.Edit) -> bool:
    """Whether what is said in the clip is said at another time now, so that its captions need a look."""
    names = ("trim", "parts", "speed", "remix_trim")
    return any(getattr(old, name) != getattr(new, name) for name in names)


def _make_again(row: Video, *, only_cover: bool) -> None:
    whole = uploading.settle(row)
    if Transcode.objects.filter(video=row, state=Transcode.State.EXPECTED).exists():
        if whole:
            requeue(row)
        return
    if not has_sources(row):
        raise Conflict(_("The uploaded file is no longer here. Upload it again."), code="source_gone")
    if not only_cover:
        row.revision += 1
        row.save(update_fields=["revision"])
    if row.playlist and row.state != Video.State.FAILED:
        remake(row)
    else:
        requeue(row, whole=whole)


# --- Again, and away ------------------------------------------------------------------------------------------------


def has_sources(video: Video) -> bool:
    """Whether every file that the clip is made of is here: stored beside it, or a whole upload."""

    def here(owner: Video | Part) -> bool:
        return bool(owner.original) or (owner.upload is not None and uploads.is_complete(owner.upload))

    owners: Iterable[Video | Part] = (video, *video.parts.select_related("upload"))
    return all(here(owner) for owner in owners)


def retry_video(actor: Actor, video: Video) -> Video:
    """Try a failed clip again. Forbidden for others', Conflict when it did not fail or a file of it is gone."""
    person = _person(actor)
    limit("upload", person.pk)
    with transaction.atomic():
        row = Video.objects.select_for_update().filter(pk=video.pk).first()
        if row is None:
            raise NotFound()
        if row.author_id != person.pk:
            raise Forbidden(_("Only its author can do this with a clip."))
        failed = Transcode.objects.filter(video=row, state=Transcode.State.FAILED).exists()
        if row.state != Video.State.FAILED and not (row.playlist and failed):
            raise Conflict(_("This clip did not fail; there is nothing to try again."))
        if not has_sources(row):
            raise Conflict(_("The uploaded file is no longer here. Upload it again."), code="source_gone")
        if row.state == Video.State.FAILED:
            requeue(row)
        else:  # a new edit that could not be made; the clip plays as it was before
            remake(row)
        audit(person, "video.retry", "video", row.pk)
    return row


def requeue(video: Video, *, whole: bool = True) -> None:
    """Put a clip's row back to the start of the queue, inside the caller's transaction. Renditions that exist are kept.

    Not `whole`: it waits for its bytes first.
    """
    draft = Transcode.objects.filter(video=video, as_draft=True).exists()
    video.state = Video.State.DRAFT if draft else Video.State.PROCESSING
    video.error_code, video.error_params = "", {}
    video.save(update_fields=["state", "error_code", "error_params"])
    Transcode.objects.update_or_create(
        video=video,
        defaults={
            "state": Transcode.State.QUEUED if whole else Transcode.State.EXPECTED,
            "stage": Transcode.Stage.WAITING,
            "percent": 0,
            "attempts": 0,
            "lease_token": "",
            "lease_until": None,
            "queued_at": timezone.now(),
            "finished_at": None,
        },
    )
    push(video, Transcode.Stage.WAITING, 0)
    if whole:
        nudge(video)


def delete_video(actor: Actor, video: Video) -> None:
    """Delete one's own clip for good, with its files, its uploads and what hangs on it. Forbidden for others' clips.

    The files are doomed in the same transaction and erased right after it (videos.receivers, the sweep).
    """
    person = _person(actor)
    with transaction.atomic():
        lock_people(person.pk)
        row = Video.objects.select_for_update().filter(pk=video.pk).first()
        if row is None:
            raise NotFound()
        if row.author_id != person.pk:
            raise Forbidden(_("Only its author can delete a clip."))
        audit(person, "video.delete", "video", row.pk)
        row.delete()
