"""The template filter for what people wrote. Everything is escaped; links are made here, never taken over."""

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from videos.text import Token, tokens

register = template.Library()


def _html(token: Token) -> SafeString:
    match token.kind:
        case "tag":
            return format_html(
                '<a class="tag" href="{}">{}</a>', reverse("tag", args=[token.target]), token.text
            )
        case "mention":
            return format_html(
                '<a class="mention" href="{}">{}</a>', reverse("profile", args=[token.target]), token.text
            )
    return format_html("{}", token.text)


@register.filter
def rich(text: str) -> SafeString:
    """Text as HTML with its hashtags and mentions as links: `{{ card.caption|rich }}`."""
    return format_html_join("", "{}", ((_html(token),) for token in tokens(str(text or ""))))
