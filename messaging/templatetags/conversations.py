"""What a list of conversations draws: whose it is, and its newest words in one line. No rules, no queries.

static/js/chat_list/row.js says the same in the page.
"""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

register = template.Library()

Card = dict[str, Any]
NAMES = 3  # in the title of a group without a name; the rest is a number
LINE = 80


@register.filter
def title_of(card: Card | None) -> str:
    """The name of a group or, without one, of its people; of a conversation of two, of the other person."""
    if not card:
        return ""
    if card["name"]:
        return str(card["name"])
    names = [str(person["display_name"]) for person in card["people"]]
    if not names:
        return _("Only you")
    if len(names) <= NAMES:
        return ", ".join(names)
    shown = ", ".join(names[:NAMES])
    return _("%(names)s and %(count)s more") % {"names": shown, "count": len(names) - NAMES}


@register.filter
def faces_of(card: Card | None) -> list[Card | None]:
    """Whose pictures stand for it: the other person's, or two of a group's. One empty place without a card."""
    if not card:
        return [None]
    people: list[Card | None] = list(card["people"]) or [None]
    return people[:2] if card.get("is_group") else people[:1]


@register.filter
def preview_of(card: Card | None, me: str) -> str:
    """The newest message in one line; of a request only that there is one."""
    if not card:
        return ""
    if card["restricted"]:
        return _("You restrict them")
    if card["state"] == "request":
        return request_words(card)
    message = card["last_message"]
    if not message or message.get("hidden"):
        return ""
    words = _words(message)
    own = message["sender"] == me
    if message.get("event") or message["removed"] or not words:
        return words
    if own:
        return _("You: %(words)s") % {"words": words}
    if card.get("is_group") and message["sender"]:
        return _("%(name)s: %(words)s") % {"name": message["sender"], "words": words}
    return words


def request_words(card: Card) -> str:
    if card.get("is_group"):
        if card.get("added_by"):
            return _("@%(name)s would like to add you") % {"name": card["added_by"]}
        return _("Somebody would like to add you")
    return _("Would like to write to you")


def _words(message: Card) -> str:
    if message["taken_down"]:
        return _("A moderator removed this message")
    if message["removed"]:
        return _("Message taken back")
    if message.get("event"):
        return event_words(message)
    if message["text"]:
        return Truncator(message["text"]).chars(LINE)
    if message.get("image"):
        return _("Sent a picture")
    if message["has_video"]:
        return _("Sent an exclusive preview") if message.get("preview") else _("Sent a clip")
    return ""


def event_words(message: Card) -> str:
    """What happened to a group, in a sentence."""
    event = message["event"]
    who, subject = message["sender"] or _("Somebody"), event.get("subject") or _("somebody")
    said = {
        "created": _("%(who)s made the group"),
        "added": _("%(who)s added %(subject)s"),
        "removed": _("%(who)s removed %(subject)s"),
        "left": _("%(who)s left"),
        "renamed": _("%(who)s named the group “%(text)s”"),
        "admin": _("%(who)s made %(subject)s an admin"),
        "not_admin": _("%(subject)s is no longer an admin"),
    }
    sentence = said.get(event["what"], "")
    return sentence % {"who": who, "subject": subject, "text": event.get("text") or ""}


@register.filter
def lasted(seconds: float) -> str:
    """A length in one or two words: "4 min", "2 h 10 min", "3 d"."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("under a minute")
    if minutes < 60:
        return _("%(count)s min") % {"count": minutes}
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        words = _("%(count)s h") % {"count": hours}
        return f"{words} {_('%(count)s min') % {'count': rest}}" if rest else words
    return _("%(count)s d") % {"count": round(minutes / 1440)}


@register.filter
def around(text: str, asked: str) -> SafeString:
    """The part of a text where a search found something, with it marked; its beginning where folding moved it."""
    place = text.lower().find(asked.strip().lower())
    if place < 0 or not asked.strip():
        return format_html("{}", Truncator(text).chars(2 * LINE))
    end = place + len(asked.strip())
    start = max(0, place - LINE // 2)
    before = ("…" if start else "") + text[start:place]
    rest = text[end : end + LINE]
    after = rest + ("…" if len(text) > end + LINE else "")
    return format_html("{}<mark>{}</mark>{}", before, text[place:end], after)
