"""How what a person told their feed is shown to them: as JSON and, in the same words, on the page of their feed's settings."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import access
from .access import Viewer
from .media import cover_url
from .models import FeedSettings, Preference


def preference_cards(viewer: Viewer, rows: Sequence[Preference]) -> list[dict[str, Any]]:
    """These words of the viewer's own: `{id, stance, of, subject, name, url, cover, text, created_at}`.

    What is hidden from them by now has no subject, name, address or cover; the word can still be taken back. A tag keeps its
    name, which is all there is of it. At most four queries for any number of rows.
    """
    known: dict[str, Mapping[int, Any]] = {
        "clip": access.clips_among(viewer, {row.video_id for row in rows if row.video_id}),
        "author": access.people_among(viewer, {row.author_id for row in rows if row.author_id}),
        "sound": access.sounds_among(viewer, {row.sound_id for row in rows if row.sound_id}),
        "tag": access.tag_names(row.tag_id for row in rows if row.tag_id),
    }
    return [_card(row, known) for row in rows]


def _card(row: Preference, known: Mapping[str, Mapping[int, Any]]) -> dict[str, Any]:
    of, number = about(row)
    found = known[of].get(number)
    shown: dict[str, Any] = {"subject": None, "name": "", "url": None, "cover": None}
    if found is not None and of == "clip":
        shown = {
            "subject": str(number),
            "name": found.caption,
            "url": found.get_absolute_url(),
            "cover": cover_url(found) or None,
        }
    elif found is not None and of == "author":
        shown |= {"subject": str(number), "name": found.username, "url": found.get_absolute_url()}
    elif found is not None and of == "sound":
        shown |= {"subject": str(number), "name": found.title, "url": reverse("sound", args=[number])}
    elif found is not None:
        shown |= {"subject": found, "name": found, "url": reverse("tag", args=[found])}
    return {
        "id": str(row.pk),
        "stance": row.stance,
        "of": of,
        **shown,
        "text": _text(row.stance, of, shown["name"], here=shown["subject"] is not None),
        "created_at": row.created_at,
    }


# A word as its person reads it: by stance and by what it is about; the same about what is hidden from them by now.
_TEXTS = {
    ("more", "clip"): gettext_lazy("More like “%(name)s”"),
    ("more", "author"): gettext_lazy("More by @%(name)s"),
    ("more", "sound"): gettext_lazy("More with the sound “%(name)s”"),
    ("more", "tag"): gettext_lazy("More of #%(name)s"),
    ("less", "clip"): gettext_lazy("Less like “%(name)s”"),
    ("less", "author"): gettext_lazy("Less by @%(name)s"),
    ("less", "sound"): gettext_lazy("Less with the sound “%(name)s”"),
    ("less", "tag"): gettext_lazy("Less of #%(name)s"),
    ("hide", "clip"): gettext_lazy("Not “%(name)s”"),
    ("hide", "author"): gettext_lazy("Nothing by @%(name)s"),
    ("hide", "sound"): gettext_lazy("Nothing with the sound “%(name)s”"),
    ("hide", "tag"): gettext_lazy("Nothing of #%(name)s"),
}
_GONE = {
    "clip": gettext_lazy("Said of a clip that is no longer here"),
    "author": gettext_lazy("Said of somebody who is no longer here"),
    "sound": gettext_lazy("Said of a sound that is no longer here"),
    "tag": gettext_lazy("Said of a tag that is no longer here"),
}
CAPTION = 60  # letters of a caption in a sentence


def _text(stance: str, of: str, name: str, *, here: bool) -> str:
    if not here:
        return str(_GONE[of])
    return str(_TEXTS[stance, of]) % {"name": Truncator(name or _("a clip without words")).chars(CAPTION)}


def about(row: Preference) -> tuple[str, int]:
    """Which of the four things a word is about, and its id."""
    if row.video_id is not None:
        return "clip", row.video_id
    if row.author_id is not None:
        return "author", row.author_id
    if row.sound_id is not None:
        return "sound", row.sound_id
    return "tag", row.tag_id or 0


def settings_card(row: FeedSettings) -> dict[str, Any]:
    """How somebody wants their feed."""
    return {
        "chronological": row.chronological,
        "personal": row.personal,
        "started_over_at": row.started_over_at,
    }
