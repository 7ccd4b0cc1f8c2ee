"""Hashtags and mentions in what people write: finding them, folding them, and keeping a clip's tags in step with its caption."""

import re
import unicodedata

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from .models import Tag, Video

MAX_TAGS = 30  # what a caption of 2,200 characters honestly needs; more is spam
MAX_TAG_LENGTH = 60

# A tag starts after a space, a bracket or the like, never inside a word or an address (a#b, /x#y, &#39;).
# Marks (\u0300-\u036f and the Indic, Arabic ones that \w lacks) belong to their letter.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31-\u0e3a\u0e47-\u0e4e\u200c\u200d"
TAG = re.compile(rf"(?<![\w&/#])[#＃]([\w{_MARKS}]{{1,{MAX_TAG_LENGTH}}})(?![\w{_MARKS}])")
MENTION = re.compile(r"(?<![\w@/.])@([A-Za-z0-9](?:[A-Za-z0-9._]{0,22}[A-Za-z0-9_])?)(?![\w@])")


def fold(name: str) -> str:
    """How tags compare: NFKC, without case, without the leading sign."""
    return unicodedata.normalize(
        "NFKC", unicodedata.normalize("NFKC", name.replace("\x00", "").strip().lstrip("#＃")).casefold()
    )[:MAX_TAG_LENGTH]


def tags_in(text: str) -> list[str]:
    """The folded tags of a text, in order, each once. Numbers alone ("#1") are no tags."""
    found = (fold(match.group(1)) for match in TAG.finditer(text))
    return list(dict.fromkeys(name for name in found if name and not name.isdigit()))[:MAX_TAGS]


def mentions_in(text: str) -> list[str]:
    """The user names a text mentions, lower case, in order, each once. Nobody says that they exist."""
    return list(dict.fromkeys(match.group(1).lower() for match in MENTION.finditer(text)))


@transaction.atomic
def apply_tags(video: Video) -> list[str]:
    """Bring a clip's tags and their counters in step with its caption; returns the names. Safe to repeat.

    Called by whoever writes a caption, in the same transaction. Tags are touched in the order of their ids, so that two
    captions with the same tags cannot wait for each other.
    """
    names = tags_in(video.caption)
    Tag.objects.bulk_create([Tag(name=name) for name in sorted(names)], ignore_conflicts=True)
    wanted = set(Tag.objects.filter(name__in=names).values_list("pk", flat=True))
    had = set(video.tags.values_list("pk", flat=True))
    added, gone = wanted - had, had - wanted
    if added:
        video.tags.add(*added)
    if gone:
        video.tags.remove(*gone)
    for tag in sorted(added | gone):
        change = F("videos_count") + 1 if tag in added else Greatest(F("videos_count") - 1, 0)
        Tag.objects.filter(pk=tag).update(videos_count=change)
    return names
