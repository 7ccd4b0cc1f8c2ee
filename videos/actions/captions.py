"""Captions of a clip: the author's, in any number of languages, and the ones that a model heard.

The row is the truth. Its file lies beside the renditions under a name that changes with the words, so that no cache shows
old ones; `Video.captions_tracks` names the files for players and is kept in the same transaction. Times are those of the
finished clip: after a new edit the captions stay as they are, and are marked for the author to check.
"""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from privacy.actions import audit
from socialapp.lib.errors import Forbidden, Invalid, NotFound
from socialapp.lib.ratelimit import limit

from .. import captioning, captions, failures, media
from ..captions import Cue
from ..failures import Unusable
from ..models import Captions, MediaJob, Video
from .engaging import Actor, _locked_video, _person
from .pipeline import ask

MAX_LANGUAGES = 20  # of one clip


@transaction.atomic
def set_captions(actor: Actor, video: Video, language: str, vtt: str) -> Captions:
    """The author's captions in this language, in place of those that are there. Invalid says what is wrong with them.

    Forbidden for others who see the clip. What a model had heard is the author's own from now on.
    """
    limit("edit", _person(actor).pk)
    row = _own(actor, video)
    language = captions.check_language(language)
    length = (
        row.duration_ms or settings.MAX_CLIP_SECONDS * 1000
    )  # not looked at yet: the limit is what is known
    cues = captions.parse(vtt, duration_ms=length)
    languages = {track["language"] for track in row.captions_tracks}
    if language not in languages and len(languages) >= MAX_LANGUAGES:
        sentence = _("A clip can have captions in %(count)s languages.") % {"count": MAX_LANGUAGES}
        raise Invalid(sentence, fields={"language": sentence})
    audit(actor, "captions.set", "video", row.pk, language=language)
    return _store(row, language, cues, automatic=False)


@transaction.atomic
def delete_captions(actor: Actor, video: Video, language: str) -> None:
    """Take the captions in this language away. NotFound when there are none, Forbidden for others who see the clip."""
    limit("edit", _person(actor).pk)
    row = _own(actor, video)
    language = language.lower()
    if not captions.LANGUAGE.match(language):
        raise NotFound()
    gone, _rows = Captions.objects.filter(video=row, language=language).delete()
    if not gone:
        raise NotFound()
    audit(actor, "captions.delete", "video", row.pk, language=language)
    _set_track(row, language, None)


def ask_captions(actor: Actor, video: Video, language: str) -> MediaJob:
    """Have a model listen to the clip. The job that does; one that waits, runs or ended just now is that one.

    Only what begins counts against a limit: whoever waits asks again and again.

    Forbidden for others who see the clip; Invalid while it does not play, and where no model for this language is
    installed. Captions that the author wrote are replaced only by their own hand: they must be deleted first (Invalid).
    """
    person = _person(actor)

    def begin() -> None:
        limit("captions", person.pk)
        audit(person, "captions.ask", "video", row.pk, language=language)

    with transaction.atomic():
        row = _own(actor, video)
        language = captions.check_language(language)
        if not row.playlist:
            raise Invalid(_("Wait until the clip plays, then ask again."), code="not_playable")
        if Captions.objects.filter(video=row, language=language, automatic=False).exists():
            raise Invalid(
                _("There are captions in this language already. Delete them first."), code="captions_there"
            )
        try:
            captioning.engine(language)
        except Unusable as refusal:
            raise Invalid(failures.sentence(refusal.code, refusal.params), code=refusal.code) from refusal
        return ask(row, MediaJob.Kind.CAPTIONS, language, begin=begin)


@transaction.atomic
def keep_automatic(video_id: int, language: str, cues: Sequence[Cue]) -> bool:
    """What a model heard. False, and nothing changes, when the author wrote captions meanwhile or the clip is gone."""
    row = Video.objects.select_for_update(no_key=True).filter(pk=video_id).first()
    if (
        row is None
        or not cues
        or Captions.objects.filter(video=row, language=language, automatic=False).exists()
    ):
        return False
    _store(row, language, cues, automatic=True)
    return True


def _own(actor: Actor, video: Video) -> Video:
    person: User = _person(actor)
    row = _locked_video(person, video)
    if row.author_id != person.pk:
        raise Forbidden(_("Only its author can change the captions of a clip."))
    return row


def _store(row: Video, language: str, cues: Sequence[Cue], *, automatic: bool) -> Captions:
    text = captions.write(cues)
    found, _new = Captions.objects.update_or_create(
        video=row, language=language, defaults={"vtt": text, "automatic": automatic}
    )
    # So long that nobody finds two texts of one name: what is approved as an ad is known by it (videos.promotions.wording_of).
    name = f"captions-{language}-{hashlib.sha256(text.encode()).hexdigest()[:40]}.vtt"
    # The clip's row is locked: its folder does not move before the row says which file is there.
    settings.WORK_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=settings.WORK_DIR, suffix=".vtt", delete=False) as file:
        file.write(text)
    media.put(media.key_of(row.folder, name), Path(file.name))
    _set_track(row, language, {"language": language, "name": name, "automatic": automatic})
    return found


def _set_track(row: Video, language: str, track: dict[str, object] | None) -> None:
    """Name the file of a language on the clip's row, or none any more; a file that was there before goes after commit."""
    old = [known["name"] for known in row.captions_tracks if known["language"] == language]
    others = [known for known in row.captions_tracks if known["language"] != language]
    row.captions_tracks = sorted([*others, *([track] if track else [])], key=lambda known: known["language"])
    Video.objects.filter(pk=row.pk).update(captions_tracks=row.captions_tracks)
    for name in old:
        if track is None or name != track["name"]:
            key = media.key_of(row.folder, name)
            transaction.on_commit(lambda key=key: media.erase(key), robust=True)  # type: ignore[misc]
