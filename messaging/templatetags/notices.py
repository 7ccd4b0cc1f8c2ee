"""How notifications are laid out: by when they came. No rules, no queries."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def in_sections(cards: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Cards, the newest first, as sections {key, title, cards}: of today, of the six days before, and of earlier.

    Days begin at midnight of the active time zone.
    """
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    begins = (
        ("today", _("Today"), today),
        ("week", _("This week"), today - timedelta(days=6)),
        ("earlier", _("Earlier"), None),
    )
    sections: list[dict[str, Any]] = []
    for card in cards:
        key, title = next((k, t) for k, t, since in begins if since is None or card["updated_at"] >= since)
        if not sections or sections[-1]["key"] != key:
            sections.append({"key": key, "title": title, "cards": []})
        sections[-1]["cards"].append(card)
    return sections


ICONS = {
    "moderation": "shield-alert",
    "report_handled": "flag",
    "export_ready": "download",
}


@register.filter
def notice_icon(kind: str) -> str:
    """What stands for a person where a notification comes from none."""
    return ICONS.get(kind, "clapperboard")


MARKS = {
    "like": "heart",
    "comment": "message-circle",
    "comment_held": "message-circle",
    "reply": "reply",
    "mention": "user-round",
    "follow": "user-plus",
    "follow_request": "user-plus",
    "follow_accepted": "user-check",
    "invite_accepted": "user-check",
    "remix": "columns-2",
    "message_request": "mail",
}


@register.filter
def notice_mark(kind: str) -> str:
    """The small sign beside a face that says at a glance what its person did; empty where the face is a sign already."""
    return MARKS.get(kind, "")
