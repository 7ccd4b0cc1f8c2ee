"""Numbers as people read them: short, exact, signed, as a share or a length of time, and how they changed."""

from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from socialapp.templatetags.look import exact, short

from .definitions import Kind

NOTHING = "–"


def brief(kind: Kind, value: float | None) -> str:
    """A figure for a card or an axis."""
    if value is None:
        return NOTHING
    match kind:
        case "percent":
            places = 1 if value < 0.995 and round(value * 100, 1) % 1 else 0
            return _("%(number)s %%") % {"number": _decimal(value * 100, places)}
        case "duration":
            return _brief_time(value)
        case "signed":
            return ("−" if value < 0 else "") + short(abs(value))
        case "bytes":
            return filesizeformat(value)
    return short(value)


def full(kind: Kind, value: float | None) -> str:
    """The same figure with nothing left out, for titles and tables."""
    if value is None:
        return NOTHING
    match kind:
        case "percent":
            return _("%(number)s %%") % {"number": _decimal(value * 100, 2)}
        case "duration":
            return _full_time(value)
        case "bytes":
            return _("%(number)s bytes") % {"number": exact(value)}
    return ("−" if value < 0 else "") + exact(abs(value))


def _decimal(value: float, places: int) -> str:
    """Rounded first: number_format alone cuts, and 4.23 may be 4.2299… inside."""
    return number_format(round(value, places), decimal_pos=places)


def _brief_time(ms: float) -> str:
    seconds = ms / 1000
    if seconds < 10:
        return _("%(number)s s") % {"number": _decimal(seconds, 1 if round(seconds, 1) % 1 else 0)}
    if seconds < 60:
        return _("%(number)s s") % {"number": round(seconds)}
    minutes = seconds / 60
    if minutes < 60:
        return _("%(number)s min") % {"number": round(minutes)}
    hours = minutes / 60
    if hours < 10:
        return _("%(number)s h") % {"number": _decimal(hours, 1 if round(hours, 1) % 1 else 0)}
    return _("%(number)s h") % {"number": short(hours)}


def _full_time(ms: float) -> str:
    seconds = round(ms / 1000)
    if seconds < 60:
        return _("%(number)s s") % {"number": _decimal(ms / 1000, 1)}
    return f"{exact(seconds // 3600)}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@dataclass(frozen=True)
class Delta:
    """How a figure stands to the period before: `tone` is good, bad or even; `arrow` points where it went."""

    text: str
    arrow: str
    tone: str
    sentence: str


def delta(
    kind: Kind, now: float | None, before: float | None, days: int, rising_is_good: bool | None = True
) -> Delta:
    """The change as a share where there is something to compare with, else in plain numbers."""
    than = ngettext("the day before", "the %(days)s days before", days) % {"days": days}
    now, before = now or 0, before or 0
    # What rounds to nothing is nothing: "−0.0 %" would only look like a loss.
    if now == before or (before > 0 and abs(now - before) / before < 0.0005):
        return Delta(_("no change"), "", "even", _("About the same as in %(than)s.") % {"than": than})
    up = now > before
    difference = abs(now - before)
    # "+4,900 %" from a handful says less than the plain numbers do.
    if before > 0 and now >= 0 and difference / before < 10:
        share = 100 * difference / before
        text = _("%(number)s %%") % {"number": _decimal(share, 1 if share < 10 else 0)}
    else:
        text = brief(kind, difference)
    sentence = _("Up from %(before)s in %(than)s.") if up else _("Down from %(before)s in %(than)s.")
    tone = "even" if rising_is_good is None else "good" if up == rising_is_good else "bad"
    return Delta(
        ("+" if up else "−") + text,
        "up" if up else "down",
        tone,
        sentence % {"before": full(kind, before), "than": than},
    )
