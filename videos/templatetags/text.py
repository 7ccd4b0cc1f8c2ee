"""Template filters for what people wrote and for counts. Everything is escaped; links are made here, never taken over."""

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

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


@register.filter
def short_count(number: int) -> str:
    """12 400 → 12.4 K, as the look asks; put the exact number in the title."""
    number = int(number or 0)
    for size, sentence in ((10**9, _("%s B")), (10**6, _("%s M")), (10**3, _("%s K"))):
        if number >= size:
            # Cut, not rounded: 999,999 is not a million yet.
            tenths = number * 10 // size
            digits = (
                number_format(tenths / 10, 1)
                if tenths % 10 and tenths < 1000
                else number_format(tenths // 10)
            )
            return sentence % digits
    return number_format(number)


@register.filter
def clock(seconds: float) -> str:
    """A length as minutes and seconds: 75.2 → 1:15."""
    whole = round(float(seconds or 0))
    return f"{whole // 60}:{whole % 60:02d}"
