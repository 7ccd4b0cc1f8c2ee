"""What to offer while somebody types into the search field: their own past searches, people, tags, sounds, challenges.

All of it went through the gate, so nothing here tells of words that only hidden things hold.
"""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from accounts.access import person_card

from .. import access
from ..access import Viewer
from ..models import RecentSearch
from .finding import asked_of, best
from .shown import challenge_row, tag_row
from .words import fold

RECENT, PEOPLE, TAGS, SOUNDS, CHALLENGES = 3, 4, 3, 2, 1  # of each, at most
EMPTY = 8  # past searches shown before anything is typed


def suggestions(viewer: Viewer, text: str) -> list[dict[str, Any]]:
    """What fits what was typed so far, each with `kind`, `text` (what would be searched for), `url` (where it leads).

    Past searches alone while nothing was typed. Some sixteen queries, whatever the size of the index.
    """
    folded = fold(text.strip()).lstrip("#@ ")
    past = [
        row for row in access.recent_searches(viewer)[:20] if fold(row.text).lstrip("#@ ").startswith(folded)
    ]
    if not folded:
        return [recent_row(row) for row in past[:EMPTY]]
    asked = asked_of(text)
    offered = [recent_row(row) for row in past[:RECENT]]
    offered += [
        {"kind": "person", "text": f"@{person.username}", **person_card(viewer, person)}
        for person in best(viewer, "people", asked, PEOPLE)
    ]
    if not text.lstrip().startswith("@"):
        offered += [
            {"kind": "tag", "text": f"#{tag.name}", **tag_row(tag)}
            for tag in best(viewer, "tags", asked, TAGS)
        ]
    if not text.lstrip().startswith(("@", "#")):
        offered += [
            {
                "kind": "sound",
                "id": str(sound.pk),
                "text": sound.title,
                "artist": sound.artist,
                "url": reverse("sound", args=[sound.pk]),
            }
            for sound in best(viewer, "sounds", asked, SOUNDS)
        ]
        offered += [
            {"kind": "challenge", "text": challenge.title, **challenge_row(challenge)}
            for challenge in best(viewer, "challenges", asked, CHALLENGES)
        ]
    return offered


def recent_row(row: RecentSearch) -> dict[str, Any]:
    return {
        "kind": "recent",
        "id": str(row.pk),
        "text": row.text,
        "url": f"{reverse('search')}?{urlencode({'q': row.text})}",
    }
