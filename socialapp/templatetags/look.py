"""What templates need to draw: icons, exact numbers, short times, the import map. What people
wrote is drawn by videos/templatetags/text.py. No rules, no queries."""

import functools
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import lucide
import orjson
from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

# Every icon that pages and page scripts reference, drawn once a page as a sprite: a feed of 20 clips has 200.
ICONS = """
    archive archive-restore arrow-down arrow-left arrow-up audio-lines ban bell bell-off bookmark
    calendar-clock camera captions chart-no-axes-column check check-check chevron-down chevron-left
    chevron-right chevron-up circle circle-alert circle-play clapperboard clock cloud-upload columns-2
    compass copy crop crown download ellipsis eye eye-off film fingerprint-pattern flag forward
    gauge globe handshake hash heart history house image image-plus images inbox key-round keyboard layers link
    lock log-in log-out mail mail-check maximize megaphone message-circle messages-square mic
    monitor moon move music pause pencil phone pin pin-off play plus redo-2 refresh-cw reply rocket rotate-ccw
    rows-2 save scissors search send settings share-2 shield-alert shield-check shopping-bag
    skip-back skip-forward smartphone smile smile-plus sparkles split square square-pen store sun
    sliders-horizontal thumbs-down thumbs-up trash-2 triangle-alert trophy type undo-2 unlink user user-check user-minus user-plus
    user-round users users-round video volume-2 volume-x wand-sparkles x zap zoom-in zoom-out
""".split()


@functools.cache
def _sprite() -> SafeString:
    symbols = []
    for name in ICONS:
        drawing = lucide._render_icon(name, None)
        body = drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")]
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{" ".join(body.split())}</symbol>')
    sheet = "".join(symbols)
    return mark_safe(f'<svg width="0" height="0" class="visually-hidden" aria-hidden="true">{sheet}</svg>')  # noqa: S308


@register.simple_tag
def icon_sprite() -> SafeString:
    """The drawings that `icon` points at; base.html puts them into each page once."""
    return _sprite()


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A decorative icon, 1.5 em square. What it means must be said by a label beside or around it."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"The icon {name!r} is not in the sprite; add it to look.ICONS.")
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="#i-{}"/></svg>', extra, name)


@functools.cache
def _module_names() -> tuple[str, ...]:
    folders = [Path(folder) / "js" for folder in settings.STATICFILES_DIRS]
    found = {(folder, file) for folder in folders if folder.is_dir() for file in folder.rglob("*.js")}
    return tuple(sorted({file.relative_to(folder).with_suffix("").as_posix() for folder, file in found}))


@functools.cache
def _import_map() -> SafeString:
    imports = {f"app/{name}": static(f"js/{name}.js") for name in _module_names()}
    return mark_safe(orjson.dumps({"imports": imports}).decode().replace("<", "\\u003c"))  # noqa: S308


@register.simple_tag
def import_map() -> SafeString:
    """Maps `app/<name>` to the hashed address of every file of static/js (`app/editor/model` for one in a folder)."""
    if settings.DEBUG:
        _module_names.cache_clear()
        _import_map.cache_clear()
    return _import_map()


@register.simple_tag
def module_preloads(*names: str) -> SafeString:
    """Fetch these modules beside the page rather than one after another."""
    links = (format_html('<link rel="modulepreload" href="{}">', static(f"js/{name}.js")) for name in names)
    return mark_safe("".join(links))  # noqa: S308


@register.simple_tag
def static_if_there(path: str) -> str:
    """The address of a static file, or nothing when this installation does not ship it."""
    return static(path) if finders.find(path) else ""


@register.filter
def short(number: Any) -> str:
    """12,400 → "12.4K". Cut, not rounded: 999,999 is not a million yet. Put the exact one into a title."""
    value = int(number or 0)
    for size, pattern in ((10**9, _("%sB")), (10**6, _("%sM")), (10**3, _("%sK"))):
        if value >= size:
            tenths = value * 10 // size
            whole = tenths % 10 == 0 or tenths >= 1000
            return pattern % (
                formats.number_format(tenths // 10) if whole else formats.number_format(tenths / 10, 1)
            )
    return formats.number_format(value)


@register.filter
def clock(seconds: Any) -> str:
    """A length as minutes and seconds: 75.2 → 1:15."""
    whole = round(float(seconds or 0))
    return f"{whole // 60}:{whole % 60:02}"


@register.filter
def exact(number: Any) -> str:
    """The number in full, grouped as the language does."""
    return formats.number_format(int(number or 0), use_l10n=True, force_grouping=True)


@register.filter
def ago(moment: datetime | str | None) -> str:
    """How long ago in a few letters: "now", "5 min", "3 h", "2 d", then the date."""
    if not moment:
        return ""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 60:
        return _("now")
    if seconds < 3600:
        return _("%d min") % (seconds // 60)
    if seconds < 86_400:
        return _("%d h") % (seconds // 3600)
    if seconds < 7 * 86_400:
        return _("%d d") % (seconds // 86_400)
    return formats.date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT")


@register.filter
def unlocalized(number: Any) -> str:
    """A number as HTML attributes want it: a point, no grouping, in any language."""
    return f"{float(number or 0):.2f}"


@register.filter
def hue(name: str | None) -> int:
    """One of six avatar colours, always the same for a name."""
    return zlib.crc32((name or "").encode()) % 6


@register.filter
def first_rendition(playback: Mapping[str, Any] | None) -> str:
    """The file the first clip of a page starts with, before a script knows the screen or the connection."""
    files: Sequence[Mapping[str, Any]] = sorted(
        (playback or {}).get("mp4") or [], key=lambda f: f.get("bitrate") or 0
    )
    fitting = [file for file in files if (file.get("bitrate") or 0) <= 3_000_000] or files[:1]
    return str(fitting[-1]["url"]) if fitting else ""


@register.filter
def lightest_rendition(playback: Mapping[str, Any] | None) -> str:
    """The smallest file of a clip: enough for a cover that plays under the pointer."""
    found: Sequence[Mapping[str, Any]] = (playback or {}).get("mp4") or []
    return str(min(found, key=lambda file: file.get("bitrate") or 0)["url"]) if found else ""


@register.filter
def fits_stage(card: Mapping[str, Any]) -> bool:
    """Whether a clip is tall enough to fill the stage; wider ones are shown whole on a blurred ground."""
    width, height = card.get("width") or 9, card.get("height") or 16
    return bool(width / height < 0.7)


@register.filter
def is_covered(card: Mapping[str, Any]) -> bool:
    """Whether a clip hides until its viewer asks for it: sensitive ones do, but not from their author."""
    return "sensitive" in (card.get("labels") or ()) and not card["viewer"]["own"]


@register.filter
def waveform(peaks: Sequence[float] | None) -> str:
    """The path of a waveform in a box of 100 × 40: one upright stroke a peak (0 to 100), at most 80 of them."""
    found = list(peaks or [])
    if not found:
        return ""
    count = min(len(found), 80)
    strokes = []
    for place in range(count):
        start, end = place * len(found) // count, (place + 1) * len(found) // count
        half = max(0.6, max(found[start:end]) * 0.19)
        x = (place + 0.5) * 100 / count
        strokes.append(f"M{x:.2f} {20 - half:.1f}V{20 + half:.1f}")
    return "".join(strokes)


@register.filter
def comment_label(number: Any) -> str:
    count = int(number or 0)
    return ngettext("%(count)s comment", "%(count)s comments", count) % {"count": exact(count)}


@register.simple_tag(takes_context=True)
def log_in_address(context: dict[str, Any]) -> str:
    """The address of the log-in that leads back to this page; from a page on the way in, to where that one leads."""
    address, request = reverse("account_login"), context.get("request")
    if request is None:
        return address
    back = request.get_full_path()
    if request.path.startswith(
        "/accounts/"
    ):  # not back to a form that was left: each click would nest one more
        back = request.POST.get("next") or request.GET.get("next")
    return f"{address}?{urlencode({'next': back})}" if back else address


@register.simple_tag(takes_context=True)
def current(context: dict[str, Any], *paths: str) -> SafeString:
    """`aria-current="page"` when the page's address is one of `paths` (or below one that ends in *)."""
    request = context.get("request")
    here = request.path if request else ""
    if any(here.startswith(path[:-1]) if path.endswith("*") else here == path for path in paths):
        return mark_safe('aria-current="page"')
    return mark_safe("")
