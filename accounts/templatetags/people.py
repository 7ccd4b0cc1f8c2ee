"""The template filter for a bio. Everything is escaped; links and mentions are made here, never taken over."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

# A link is only what names http or https: "javascript:" and friends can never match. A mention is not part of a word.
_FOUND = re.compile(
    r"(?P<link>https?://[^\s<>\"'`]{1,280})|(?<![\w@./])@(?P<name>[A-Za-z0-9][A-Za-z0-9._]{0,23})"
)
_TRAILING = ".,;:!?)]}'\""


def _pieces(text: str) -> list[SafeString]:
    pieces, end = [], 0
    for match in _FOUND.finditer(text):
        shown = match[0].rstrip(_TRAILING)
        pieces.append(format_html("{}", text[end : match.start()]))
        if match["link"]:
            label = re.sub(r"^https?://(www\.)?", "", shown).rstrip("/")
            pieces.append(
                format_html('<a href="{}" rel="nofollow ugc noopener" target="_blank">{}</a>', shown, label)
            )
        else:
            pieces.append(format_html('<a href="/@{}/">{}</a>', shown[1:], shown))
        end = match.start() + len(shown)
    return [*pieces, format_html("{}", text[end:])]


@register.filter
def bio(text: str | None) -> SafeString:
    """A bio as HTML: `{{ profile.bio|bio|linebreaksbr }}`."""
    return format_html_join("", "{}", ((piece,) for piece in _pieces(str(text or ""))))
