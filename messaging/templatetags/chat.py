"""What the chat's templates need to draw: links in text, and which messages form a run. No rules, no queries."""

import re
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

# Only what says that it is a link; the page script has the same expression (static/js/chat.js).
LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"']+[^\s<>\"'.,;:!?)\]]", re.IGNORECASE)
RUN_GAP = timedelta(minutes=5)


@register.filter
def linked(text: str) -> SafeString:
    """Text as HTML, escaped, with its links made clickable. Nothing is ever fetched from them."""
    pieces: list[SafeString] = []
    position = 0
    for match in LINK.finditer(text):
        pieces.append(format_html("{}", text[position : match.start()]))
        address = match.group()
        href = address if "://" in address else f"https://{address}"
        pieces.append(
            format_html(
                '<a href="{}" target="_blank" rel="noopener noreferrer nofollow ugc">{}</a>', href, address
            )
        )
        position = match.end()
    pieces.append(format_html("{}", text[position:]))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _moment(card: dict[str, Any]) -> datetime:
    return timezone.localtime(card["created_at"])


def in_runs(cards: list[dict[str, Any]], *, read_seq: int, me: str) -> list[dict[str, Any]]:
    """The cards with `first`, `last` (of a run by one person within five minutes), `day` (when a new one begins) and
    `unread_starts`. The page script draws new messages by the same rules."""
    result: list[dict[str, Any]] = []
    divided = False
    for index, card in enumerate(cards):
        before = cards[index - 1] if index else None
        after = cards[index + 1] if index + 1 < len(cards) else None
        day = before is None or _moment(before).date() != _moment(card).date()
        mine = card["sender"] == me
        starts = not divided and not mine and card["seq"] > read_seq
        divided = divided or starts
        unread = starts and index > 0  # above everything that is drawn, a line would divide nothing
        result.append(
            card
            | {
                "mine": mine,
                "day": _moment(card) if day else None,
                "first": day or unread or not _together(before, card),
                "last": not _together(card, after),
                "unread_starts": unread,
            }
        )
    return result


def _together(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    if one is None or other is None:
        return False
    near = other["created_at"] - one["created_at"] <= RUN_GAP
    return bool(one["sender"] == other["sender"] and near and _moment(one).date() == _moment(other).date())
