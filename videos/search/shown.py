"""How tags and challenges look among what was found. What is counted is not told: counts know clips the viewer may not see."""

from typing import Any

from django.urls import reverse

from ..models import Challenge, Tag


def tag_row(tag: Tag) -> dict[str, Any]:
    return {"name": tag.name, "url": reverse("tag", args=[tag.name])}


def challenge_row(challenge: Challenge) -> dict[str, Any]:
    """Needs its tag loaded. No query."""
    return {
        "slug": challenge.slug,
        "title": challenge.title,
        "tag": challenge.tag.name,
        "sponsored": bool(challenge.sponsor),
        "url": f"/challenges/{challenge.slug}/",
    }
