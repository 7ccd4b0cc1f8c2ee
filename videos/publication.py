"""What an author says about a clip when it is published or changed: checked and cleaned, no row is touched.

The edit list has its own rules (videos.edits); who may be remixed is asked at the gate (videos.access).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from privacy.rules import Audience, WhoMay
from socialapp.lib.errors import Invalid

from .models import Video
from .text import clean

CAPTION_LENGTH = 2200
PRODUCT_LENGTH = 60
URL_LENGTH = 300
SCHEDULE_DAYS = 60  # how far ahead a clip may be scheduled

# How labels are called outside, and where each is kept.
LABELS = {"sensitive": "is_sensitive", "ai": "is_ai_made", "paid": "is_paid_partnership"}
_https = URLValidator(schemes=["https"])


class Product(TypedDict, total=False):
    """What a business account sells in the clip."""

    title: str
    url: str


class Settings(TypedDict, total=False):
    """What may be said of a clip, each optional: what is absent stays as it is. `labels` are names of LABELS."""

    caption: str | None
    audience: str | None
    comments: str | None
    duet: str | None
    stitch: str | None
    download: str | None
    labels: list[str] | None
    product: Product | None
    publish_at: datetime | None


def checked(person: User, said: Mapping[str, Any], *, shown: bool = False) -> dict[str, Any]:
    """`said` as values of Video's columns. Invalid names every field that cannot be used. No query.

    None leaves a thing as it is, but for `product` and `publish_at`, which it takes away. `shown` is whether the clip
    has appeared already: then there is nothing to schedule.
    """
    columns: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    if said.get("caption") is not None:
        columns["caption"] = clean(said["caption"])
        if len(columns["caption"]) > CAPTION_LENGTH:
            wrong["caption"] = _("This is too long: at most %(count)s characters fit.") % {
                "count": CAPTION_LENGTH
            }
    questions = {
        "audience": (Audience.values, _("Choose who can watch.")),
        "comments": (WhoMay.values, _("Choose who can comment.")),
        "duet": (WhoMay.values, _("Choose who can duet.")),
        "stitch": (WhoMay.values, _("Choose who can stitch.")),
        "download": (WhoMay.values, _("Choose who can download.")),
    }
    for name, (values, question) in questions.items():
        if said.get(name) is None:
            continue
        columns[name] = said[name]
        if said[name] not in values:
            wrong[name] = question
    if said.get("labels") is not None:
        columns |= {column: label in said["labels"] for label, column in LABELS.items()}
        if set(said["labels"]) - set(LABELS):
            wrong["labels"] = _("Choose among the labels on offer.")
    if "product" in said:
        columns |= _product(person, said["product"], wrong)
    if "publish_at" in said:
        columns["publish_at"] = said["publish_at"]
        if said["publish_at"] is not None:
            _moment(said["publish_at"], shown, wrong)
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return columns


def _product(person: User, product: Product | None, wrong: dict[str, str]) -> dict[str, str]:
    if product is None:
        return {"product_title": "", "product_url": ""}
    url, title = product.get("url", "").strip(), " ".join(clean(product.get("title", "")).split())
    if not person.is_business:
        wrong["product"] = _("Product links are for business accounts. Switch to one in the settings first.")
    usable = is_shown_link(url, URL_LENGTH)
    if not usable:
        wrong["product.url"] = _("Enter the whole address of the product, beginning with https://.")
    if len(title) > PRODUCT_LENGTH:
        wrong["product.title"] = _("This is too long: at most %(count)s characters fit.") % {
            "count": PRODUCT_LENGTH
        }
    host = (urlsplit(url).hostname or "") if usable else ""
    return {"product_title": title or host.removeprefix("www.")[:PRODUCT_LENGTH], "product_url": url}


def is_shown_link(url: str, longest: int) -> bool:
    """Whether an address leads by https to where it seems to lead."""
    try:
        _https(url)
        plain = urlsplit(url)
    except (ValidationError, ValueError):
        return False
    # Nothing that is cleaned out of texts: what turns letters around would show another address than the one it is.
    return len(url) <= longest and clean(url) == url and not (plain.username or plain.password)


def _moment(moment: datetime, shown: bool, wrong: dict[str, str]) -> None:
    now = timezone.now()
    if shown:
        wrong["publish_at"] = _("This clip is published already; it cannot be scheduled any more.")
    elif timezone.is_naive(moment) or moment <= now:
        wrong["publish_at"] = _("Choose a time that is still to come.")
    elif moment > now + timedelta(days=SCHEDULE_DAYS):
        wrong["publish_at"] = _("Choose a time within the next %(days)s days.") % {"days": SCHEDULE_DAYS}


def labels_of(video: Video) -> list[str]:
    """The labels a clip carries, by the names of LABELS."""
    return [label for label, column in LABELS.items() if getattr(video, column)]
