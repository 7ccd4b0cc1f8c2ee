"""What the chat's templates need to draw: links in text, which messages form a run, what happened to a group. No rules,
no queries. static/js/messages.js draws new messages by the same rules."""

import re
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

# Only what says that it is a link; the page script has the same expression (static/js/messages.js).
LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"']+[^\s<>\"'.,;:!?)\]]", re.IGNORECASE)
RUN_GAP = timedelta(minutes=5)
PICTURE_BOX = 280, 360  # px that a picture may take of a bubble
# One to three emoji and nothing else: pictographs, their skin tones, joiners and selectors, pairs of regional letters.
_FACE = "(?:[\u2190-\u2bff\u3030-\u3299\U0001f000-\U0001faff](?:[\U0001f3fb-\U0001f3ff\ufe0f\u20e3])*)"
ONLY_EMOJI = re.compile(f"(?:{_FACE}(?:\u200d{_FACE})*){{1,3}}|(?:[\U0001f1e6-\U0001f1ff]{{2}}){{1,3}}")

Card = dict[str, Any]


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


@register.filter
def fitted(image: Card) -> SafeString:
    """The width and height attributes of a picture in a bubble: its place is kept before it is there."""
    width, height = image["width"], image["height"]
    scale = min(1, PICTURE_BOX[0] / width, PICTURE_BOX[1] / height)
    return format_html(
        'width="{}" height="{}"', max(64, round(width * scale)), max(48, round(height * scale))
    )


def event_sentence(card: Card, me: str, names: dict[str, str]) -> str:
    """What happened to a group, as its members say it: "You added Bob", "Alice added you"."""
    event = card.get("event")
    if not event:
        return ""
    who, subject = card["sender"], event.get("subject")
    mine, to_me = who == me, subject == me
    sentences = {
        "created": _("You made the group") if mine else _("%(who)s made the group"),
        "added": _("You added %(subject)s")
        if mine
        else _("%(who)s added you")
        if to_me
        else _("%(who)s added %(subject)s"),
        "removed": _("You removed %(subject)s") if mine else _("%(who)s removed %(subject)s"),
        "left": _("You left") if mine else _("%(who)s left"),
        "renamed": _("You named the group “%(text)s”") if mine else _("%(who)s named the group “%(text)s”"),
        "admin": _("You made %(subject)s an admin")
        if mine and not to_me
        else _("You are an admin now")
        if to_me
        else _("%(who)s made %(subject)s an admin")
        if who
        else _("%(subject)s is an admin now"),
        "not_admin": _("You are no longer an admin") if to_me else _("%(subject)s is no longer an admin"),
    }
    values = {
        "who": names.get(who, who) or _("Somebody"),
        "subject": names.get(subject, subject) or _("somebody"),
        "text": event.get("text") or "",
    }
    return sentences.get(event["what"], "") % values


def _label(card: Card) -> str:
    if card["removed"] or card["hidden"]:
        return ""
    if card["kind"] == "announcement":
        return _("Exclusive preview") if card["preview"] else _("Announcement")
    return _("Away message") if card["kind"] == "away" else ""


def _faces(reactions: list[dict[str, str]], names: dict[str, str]) -> list[Card]:
    """Reactions by emoji, with who chose them."""
    by_emoji: dict[str, list[str]] = {}
    for reaction in reactions:
        by_emoji.setdefault(reaction["emoji"], []).append(reaction["username"])
    return [
        {
            "emoji": emoji,
            "count": len(people),
            "names": " ".join(people),
            "titles": ", ".join(names.get(name, name) for name in people),
        }
        for emoji, people in by_emoji.items()
    ]


def _moment(card: Card) -> datetime:
    return timezone.localtime(card["created_at"])


def in_runs(
    cards: list[Card], *, read_seq: int, me: str, people: dict[str, Card] | None = None
) -> list[Card]:
    """The cards with what their drawing needs: `first`, `last` (of a run by one person within five minutes), `day` (when a
    new one begins), `unread_starts`, the sender's card and name, an event's sentence. `people`: by username."""
    known = people or {}
    names = {username: str(card["display_name"]) for username, card in known.items()} | {me: _("You")}
    shown = [card for card in cards if not card["hidden"]]
    runs = {card["seq"]: run for card, run in zip(shown, _runs(shown, read_seq, me), strict=True)}
    result = []
    for card in cards:
        quoted = card["quoted"]
        mine = card["sender"] == me
        result.append(
            card
            | {
                "mine": mine,
                "person": None if mine or not card["sender"] else known.get(card["sender"], _unknown(card)),
                "sender_name": names.get(card["sender"], card["sender"] or _("Deleted account")),
                "sentence": event_sentence(card, me, names),
                "label": _label(card),
                "faces": _faces(card["reactions"], names),
                "only_emoji": ONLY_EMOJI.fullmatch(card["text"]) is not None,
                "quoted_name": names.get(quoted["sender"], quoted["sender"] or "") if quoted else "",
            }
            | runs.get(card["seq"], {"day": None, "first": False, "last": False, "unread_starts": False})
        )
    return result


def _unknown(card: Card) -> Card:
    # Somebody who left the group: the username is what the message itself says.
    return {"username": card["sender"], "display_name": card["sender"], "avatar": None, "url": None}


def _runs(cards: list[Card], read_seq: int, me: str) -> list[Card]:
    runs = []
    divided = False
    for index, card in enumerate(cards):
        before = cards[index - 1] if index else None
        after = cards[index + 1] if index + 1 < len(cards) else None
        day = before is None or _moment(before).date() != _moment(card).date()
        starts = not divided and card["sender"] != me and card["seq"] > read_seq
        divided = divided or starts
        unread = starts and index > 0  # above everything that is drawn, a line would divide nothing
        runs.append(
            {
                "day": _moment(card) if day else None,
                "first": day or unread or not _together(before, card),
                "last": not _together(card, after),
                "unread_starts": unread,
            }
        )
    return runs


def _together(one: Card | None, other: Card | None) -> bool:
    if one is None or other is None or "event" in (one["kind"], other["kind"]):
        return False
    near = other["created_at"] - one["created_at"] <= RUN_GAP
    same = one["sender"] == other["sender"] and one["kind"] == other["kind"]
    return bool(same and near and _moment(one).date() == _moment(other).date())
