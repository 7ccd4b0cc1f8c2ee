"""What the feed believes somebody likes, in words, each with its evidence: for their own eyes, to look at and to change.

It reads what ranking reads (`feed.known`), so the page cannot say one thing and the feed do another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import interests
from accounts.access import followed_ids, person_card
from accounts.models import User

from . import access, feed
from .access import Viewer
from .cards_preferences import about
from .media import cover_url
from .models import Preference, Video

MOST = 12  # likings of each kind
MOST_DISLIKED = 4
FAINT = 0.05  # less than that is noise and believed of nobody
EVIDENCE = 4  # clips shown with each
STATED = 500  # newest words that are looked through for what was said of a thing

# From which strength (0 to 1) a liking is called so.
A_LOT, SOME = 0.5, 0.25


@dataclass(frozen=True)
class _Evidence:
    """What the viewer did with clips that they may still see: what each belief is explained by."""

    clips: Mapping[int, Video]  # newest first
    weights: Mapping[int, float]
    tags: Mapping[int, Sequence[int]]  # of a clip
    liked: set[int]
    saved: set[int]
    followed: set[int]
    chosen: frozenset[int]  # tags of chosen interests
    stated: Mapping[tuple[str, int], Preference]

    def of(self, kind: str, thing: int) -> list[Video]:
        """The clips that are about this thing, newest first."""
        return [clip for clip in self.clips.values() if thing in self._things(kind, clip)]

    def _things(self, kind: str, clip: Video) -> Sequence[int | None]:
        if kind == "tag":
            return self.tags.get(clip.pk, ())
        return (clip.author_id if kind == "author" else clip.sound_id,)


def beliefs(viewer: Viewer) -> dict[str, Any]:
    """`{clips, tags, authors, sounds}`: of how many clips it knows, and for each kind the strongest likings first, then what
    the viewer seems not to like.

    Each is `{of, subject, name, url, strength, word, stance, preference, reasons, clips}`: strength between -1 and 1, stance
    and preference what they said themselves and its id (or null), up to EVIDENCE clips. Only what the viewer may meet now is
    named. Ten queries at most, whatever they did.
    """
    known = feed.known(viewer)
    taste = known.taste
    tags = _strongest(taste.tags)
    authors = _strongest(taste.authors, without={viewer.pk or 0})
    sounds = _strongest(taste.sounds)
    evidence = _evidence(viewer, known.history, taste.interests, authors)
    tag_rows = access.tags_among(viewer, tags)
    people = access.people_among(viewer, authors)
    sound_rows = access.sounds_among(viewer, sounds)
    return {
        "clips": len(evidence.clips),
        "tags": [
            _belief("tag", pk, strength, evidence)
            | {"subject": name, "name": f"#{name}", "url": reverse("tag", args=[name]), "picture": None}
            for pk, strength in tags.items()
            if pk in tag_rows and (name := tag_rows[pk].name)
        ],
        "authors": [
            _belief("author", pk, strength, evidence)
            | {
                "subject": str(pk),
                "name": person.username,
                "url": person.get_absolute_url(),
                "picture": person_card(viewer, person)["avatar"],
            }
            for pk, strength in authors.items()
            if (person := people.get(pk))
        ],
        "sounds": [
            _belief("sound", pk, strength, evidence)
            | {
                "subject": str(pk),
                "name": sound.title,
                "url": reverse("sound", args=[pk]),
                "picture": None,
            }
            for pk, strength in sounds.items()
            if (sound := sound_rows.get(pk))
        ],
    }


def interests_of(viewer: Viewer) -> list[dict[str, Any]]:
    """What can be chosen, and whether it is: `{key, name, chosen}`. No query."""
    chosen = set(interests.known(viewer.interests)) if isinstance(viewer, User) else set()
    return [choice | {"chosen": choice["key"] in chosen} for choice in interests.names()]


def _strongest(taste: Mapping[int, float], without: Iterable[int] = ()) -> dict[int, float]:
    """The strongest likings first, then the strongest dislikes; the rest is left out."""
    passed_over = set(without)
    sure = sorted(
        (
            (strength, pk)
            for pk, strength in taste.items()
            if abs(strength) >= FAINT and pk not in passed_over
        ),
        reverse=True,
    )
    liked = [(pk, strength) for strength, pk in sure if strength > 0][:MOST]
    disliked = [(pk, strength) for strength, pk in reversed(sure) if strength < 0][:MOST_DISLIKED]
    return dict(liked + disliked)


def _evidence(
    viewer: Viewer, history: Sequence[tuple[int, float, float]], chosen: Iterable[int], authors: Iterable[int]
) -> _Evidence:
    weights = {pk: weight for pk, weight, _at in reversed(history)}
    seen = access.clips_among(viewer, weights.keys())
    clips = {pk: seen[pk] for pk in weights if pk in seen}
    return _Evidence(
        clips=clips,
        weights=weights,
        tags=access.tag_ids_of(clips),
        liked=access.liked_ids(viewer, clips.values()),
        saved=access.saved_ids(viewer, clips.values()),
        followed=set(followed_ids(viewer).filter(followed__in=list(authors))),
        chosen=frozenset(chosen),
        stated={about(row): row for row in access.preferences_of(viewer)[:STATED]},
    )


def _belief(kind: str, thing: int, strength: float, evidence: _Evidence) -> dict[str, Any]:
    row = evidence.stated.get((kind, thing))
    clips = evidence.of(kind, thing)
    telling = [clip for clip in clips if (evidence.weights[clip.pk] > 0) == (strength > 0)]
    return {
        "of": kind,
        "strength": round(max(-1.0, min(1.0, strength)), 2),
        "percent": round(100 * min(1.0, abs(strength))),
        "word": _word(strength),
        "stance": row.stance if row else None,
        "preference": str(row.pk) if row else None,
        "reasons": _reasons(kind, thing, clips, row, evidence),
        "clips": [
            {
                "id": str(clip.pk),
                "url": clip.get_absolute_url(),
                "cover": cover_url(clip) or None,
                "caption": clip.caption,
            }
            for clip in telling[:EVIDENCE]
        ],
    }


def _word(strength: float) -> str:
    if strength < 0:
        return _("Rather not")
    if strength >= A_LOT:
        return _("A lot")
    return _("Some") if strength >= SOME else _("A little")


def _reasons(
    kind: str, thing: int, clips: Sequence[Video], row: Preference | None, evidence: _Evidence
) -> list[dict[str, str]]:
    """Why it is believed, the surest first."""
    found = []
    if row is not None and row.stance == Preference.Stance.MORE:
        found.append({"kind": "asked", "text": _("You asked for more.")})
    elif row is not None and row.stance == Preference.Stance.LESS:
        found.append({"kind": "asked", "text": _("You asked for less.")})
    if kind == "tag" and thing in evidence.chosen:
        found.append({"kind": "chosen", "text": _("Part of an interest you chose.")})
    if kind == "author" and thing in evidence.followed:
        found.append({"kind": "following", "text": _("You follow them.")})
    liked = sum(clip.pk in evidence.liked or clip.pk in evidence.saved for clip in clips)
    skipped = sum(evidence.weights[clip.pk] < 0 for clip in clips)
    watched = len(clips) - liked - skipped
    if liked:
        text = ngettext("You liked or saved %(count)s clip.", "You liked or saved %(count)s clips.", liked)
        found.append({"kind": "liked", "text": text % {"count": liked}})
    if watched > 0:
        text = ngettext("You watched %(count)s clip.", "You watched %(count)s clips.", watched)
        found.append({"kind": "watched", "text": text % {"count": watched}})
    if skipped:
        text = ngettext("You skipped %(count)s clip.", "You skipped %(count)s clips.", skipped)
        found.append({"kind": "skipped", "text": text % {"count": skipped}})
    return found
