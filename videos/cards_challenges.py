"""How a challenge is shown, by the API and the templates alike. The rows must come from the gate (videos.access)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.access import person_card

from . import access
from .access import Standing, Viewer
from .cards import cards
from .challenges import Phase, left, phase
from .media import banner_url
from .models import Challenge, Video


def challenge_cards(viewer: Viewer, challenges: Sequence[Challenge]) -> list[dict[str, Any]]:
    """Each challenge as lists show it. No query: host and tag are loaded. How many took part is for its own page."""
    now = timezone.now()
    found = []
    for row in challenges:
        url = reverse("challenge", args=[row.slug])
        found.append(
            {
                "id": str(row.pk),
                "slug": row.slug,
                "url": url,
                "share_url": settings.BASE_URL + url,
                "title": row.title,
                "brief": row.brief,
                "rules": row.rules,
                "tag": {"name": row.tag.name, "url": reverse("tag", args=[row.tag.name])},
                "country": row.country,
                "banner": banner_url(row) or None,
                "host": person_card(viewer, row.host),
                "phase": str(phase(row, now)),
                "left": left(row, now),
                "starts_at": row.starts_at,
                "ends_at": row.ends_at,
                "published_at": row.published_at,
                "own": row.host_id == viewer.pk,
                "sponsor": {"name": row.sponsor, "url": row.sponsor_url} if row.sponsor else None,
                "sponsorship": row.sponsorship if row.host_id == viewer.pk else "",
                "sponsor_note": row.sponsor_note if row.host_id == viewer.pk else "",
            }
        )
    return found


def challenge_card(viewer: Viewer, challenge: Challenge) -> dict[str, Any]:
    """The dict of one challenge, as lists show it."""
    return challenge_cards(viewer, [challenge])[0]


def challenge_details(viewer: Viewer, challenge: Challenge) -> dict[str, Any]:
    """A challenge as its own page shows it: with its example, its winners, how many took part and whether the viewer did.

    At most ten queries: those of the cards of clips, made once for example and winners, and one for each of counts, winners,
    example and the viewer's part.
    """
    example = access.challenge_example(viewer, challenge)
    winners = access.winners(viewer, challenge)
    shown = cards(viewer, [*([example] if example else []), *(standing.video for standing in winners)])
    first = shown.pop(0) if example else None
    card = challenge_card(viewer, challenge)
    return card | {
        "example": first,
        "winners": [
            {"place": standing.place, "likes": standing.video.likes_count, "video": video}
            for standing, video in zip(winners, shown, strict=True)
        ],
        "counts": access.count_entries(viewer, challenge),
        "entered": access.has_entered(viewer, challenge),
        # A clip that is published before it begins or after it ended would be no entry, and a host's never is.
        "join_url": f"{reverse('upload')}?{urlencode({'tag': challenge.tag.name})}"
        if card["phase"] == Phase.RUNNING and not card["own"]
        else None,
    }


def standing_cards(viewer: Viewer, standings: Sequence[Standing]) -> list[dict[str, Any]]:
    """Places of the board with their clips. The queries of their cards."""
    shown = cards(viewer, [standing.video for standing in standings])
    return [
        {"place": standing.place, "likes": standing.video.likes_count, "video": video}
        for standing, video in zip(standings, shown, strict=True)
    ]


def entry_cards(viewer: Viewer, challenge: Challenge, videos: Sequence[Video]) -> list[dict[str, Any]]:
    """Entries as their host judges them: each clip with the verdict and the place it has. One query beside the cards'."""
    said = access.verdicts(viewer, challenge, list(videos))
    found = []
    for video, shown in zip(videos, cards(viewer, videos), strict=True):
        mark = said.get(video.pk)
        found.append(
            {
                "verdict": mark.verdict if mark else None,
                "place": mark.place if mark else None,
                "video": shown,
            }
        )
    return found
