"""The rules of challenges: when one runs, what may be said of it, how long is left, how a banner is made. No rows are read here.

A challenge is a tag with a host, a brief and two dates. Who sees one is videos.access.challenges, what a host does with it
videos.actions.challenging.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from PIL import Image, ImageOps

from socialapp.lib.errors import Invalid
from socialapp.lib.pictures import opened, upright, webp

from .hashtags import MAX_TAG_LENGTH, fold, tags_in
from .models import Challenge
from .publication import is_shown_link
from .text import clean

LENGTHS = {"title": 80, "brief": 500, "rules": 3000, "sponsor": 60}
SPONSOR_URL_LENGTH = 300
SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=180)  # past half a year a tag is a habit, and nobody waits for its winners
OPEN_ONES = 20  # of one host, that are drafts or have not ended: more would fill the lists of everybody
PLACES = 10  # winners that have a place
BANNER = (1536, 512)  # shown at most 1216 CSS pixels wide
COUNTRY = re.compile(r"[A-Z]{2}\Z")
SLUG_LENGTH = 60
TAKEN_SLUGS = frozenset({"new"})  # an address of the studio


class Phase(models.TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    COMING = "coming", gettext_lazy("Coming")
    RUNNING = "running", gettext_lazy("Running")
    ENDED = "ended", gettext_lazy("Ended")
    REMOVED = "removed", gettext_lazy("Removed")


def phase(challenge: Challenge, now: datetime) -> Phase:
    """Where a challenge stands at a moment."""
    if challenge.removed_at is not None:
        return Phase.REMOVED
    if challenge.published_at is None:
        return Phase.DRAFT
    if now < challenge.starts_at:
        return Phase.COMING
    return Phase.RUNNING if now < challenge.ends_at else Phase.ENDED


# What people took part under, and so what cannot change any more.
_STANDS = {
    Phase.COMING: frozenset({"tag"}),
    Phase.RUNNING: frozenset({"tag", "starts_at"}),
    Phase.ENDED: frozenset({"tag", "starts_at", "ends_at", "country"}),
}


# What staff approved of a sponsored one.
_APPROVED = frozenset({"sponsor", "sponsor_url", "title", "brief"})


def standing_fields(at: Phase, *, sponsored: bool = False) -> frozenset[str]:
    """The fields that a host cannot change in this phase. Nobody becomes a sponsor once it is out."""
    stands = _STANDS.get(at, frozenset())
    if not stands:
        return stands
    return stands | (_APPROVED if sponsored else frozenset({"sponsor", "sponsor_url"}))


def left(challenge: Challenge, now: datetime) -> str:
    """How long until it starts or ends, in the largest unit that fits, rounded up: nobody comes too late by our rounding
    down. Empty for one that has neither ahead."""
    match phase(challenge, now):
        case Phase.COMING:
            return _("Starts in %(time)s") % {"time": _span(challenge.starts_at - now)}
        case Phase.RUNNING:
            return _("%(time)s left") % {"time": _span(challenge.ends_at - now)}
    return ""


def _span(time: timedelta) -> str:
    minutes = max(1, -(-int(time.total_seconds()) // 60))
    if minutes < 60:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = -(-minutes // 60)
    if hours < 48:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = -(-hours // 24)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """Title, brief, rules, tag (its folded name), country and dates as they are stored. Invalid names every field that does
    not fit. `values` has all of them; rules and country may be empty."""
    said = {name: clean(str(values.get(name) or "")) for name in LENGTHS}
    said["title"] = " ".join(said["title"].split())
    said["sponsor"] = " ".join(said["sponsor"].split())
    url = str(values.get("sponsor_url") or "").strip()
    wrong: dict[str, str] = {}
    for name, length in LENGTHS.items():
        if len(said[name]) > length:
            wrong[name] = _("This is too long: at most %(count)s characters fit.") % {"count": length}
    if not said["title"]:
        wrong["title"] = _("Give it a title.")
    if not said["brief"]:
        wrong["brief"] = _("Say in a few words what people should do.")
    tag = str(values.get("tag") or "").strip().lstrip("#＃")
    names = tags_in(f"#{tag}") if len(tag) <= MAX_TAG_LENGTH else []
    if len(names) != 1 or not _is_whole(tag, names[0]):
        wrong["tag"] = _("A tag is one word of letters and digits, without spaces, for example GoldenHour.")
    if url and not is_shown_link(url, SPONSOR_URL_LENGTH):
        wrong["sponsor_url"] = _("Enter the whole address of the product, beginning with https://.")
    elif url and not said["sponsor"]:
        wrong["sponsor"] = _("Say who the sponsor is.")
    country = str(values.get("country") or "").upper()
    if country and not COUNTRY.match(country):
        wrong["country"] = _("Give the country by its two capital letters, for example FR.")
    starts_at, ends_at = values["starts_at"], values["ends_at"]
    if not starts_at <= ends_at - SHORTEST:
        wrong["ends_at"] = _("It runs for at least an hour.")
    elif ends_at - starts_at > LONGEST:
        wrong["ends_at"] = _("It runs for at most %(count)s days.") % {"count": LONGEST.days}
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    dates = {"starts_at": starts_at, "ends_at": ends_at}
    return said | dates | {"tag": names[0], "country": country, "sponsor_url": url}


def _is_whole(tag: str, found: str) -> bool:
    """Whether the tag that a caption would read is all of what was written, not its beginning."""
    return fold(tag) == found


def slugs(title: str, tag: str) -> list[str]:
    """Names for the address of a new challenge, the best first; one of them is free for all that can happen."""
    plain = slugify(title)[:48].strip("-_") or slugify(tag)[:48].strip("-_")
    tails = [secrets.token_hex(3) for _attempt in range(3)]
    if not plain or plain in TAKEN_SLUGS:
        return [f"{plain or 'challenge'}-{tail}" for tail in tails]
    return [plain, *(f"{plain}-{tail}" for tail in tails)]


def banner_webp(file: Any) -> bytes:
    """The middle of a picture, three times as wide as high, as WEBP without metadata; small ones are not enlarged.

    `file` is a binary file with `.size` or plain `.read()`. Raises Invalid or TooLarge with a sentence for people.
    """
    with opened(file, field="banner") as picture:
        if picture.format == "JPEG":
            # Read at a fraction of its size: twice the banner's is enough to be sharp.
            picture.draft("RGB", (BANNER[0] * 2, BANNER[1] * 2))
        pixels = upright(picture)
        height = max(1, min(BANNER[1], pixels.width // 3, pixels.height))
        return webp(ImageOps.fit(pixels, (height * 3, height), Image.Resampling.LANCZOS))
