"""Captions as WebVTT (W3C): what an author sends is read into plain cues, and written out again as nothing but cues.

Styles, regions, notes, positions and tags are dropped: whatever a player may do with them, it does to everybody who watches.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext as _

from socialapp.lib.errors import Invalid

from .text import clean

MAX_BYTES = 200_000  # some hours of talk
MAX_CUES = 2_000
MAX_CUE_LENGTH = 500  # letters; more covers the picture
MAX_AT_ONCE = 3  # cues that show at one moment; two people talking and a sign are three
SLACK_MS = 500  # how far a last cue may reach past the end; programs round
LANGUAGE = re.compile(
    r"[a-z]{2,3}(?:-[a-z0-9]{2,6})?\Z"
)  # BCP 47, lower case, as far as files are named by it

_TIME = r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"[ \t]*{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t]+[^\n]*)?\Z")
_TAG = re.compile(r"<[^>\n]*>?")
_ENTITY = re.compile(r"&(amp|lt|gt|quot|nbsp|lrm|rlm|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "nbsp": "\u00a0", "lrm": "\u200e", "rlm": "\u200f"}


@dataclass(frozen=True, order=True)
class Cue:
    """A line of captions: from when to when it shows, in milliseconds of the finished clip, and its plain text."""

    start: int
    end: int
    text: str


def language_name(code: str) -> str:
    """A language as its own speakers call it; the code itself when it is not known."""
    known = LANG_INFO.get(code) or LANG_INFO.get(code.partition("-")[0])
    if known is None or "name_local" not in known:
        return code
    name: str = known["name_local"]
    return name[:1].upper() + name[1:]


def check_language(code: str) -> str:
    """The code in lower case. Invalid for what is no language code."""
    code = code.strip().lower().replace("_", "-")
    if not LANGUAGE.match(code):
        sentence = _("Choose the language of the captions.")
        raise Invalid(sentence, code="bad_language", fields={"language": sentence})
    return code


def parse(text: str, *, duration_ms: int) -> list[Cue]:
    """The cues of a WebVTT text in the order of their times; at least one.

    Invalid, with the line where it is wrong, for what is not WebVTT, for more than the limits above, and for times
    outside of a clip that is `duration_ms` long.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise _refusal(
            _("These captions are too long: at most %(count)s kB fit.") % {"count": MAX_BYTES // 1000}
        )
    lines = (
        text.removeprefix("\ufeff")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\x00", "\ufffd")
        .split("\n")
    )
    if not re.match(r"WEBVTT(?:[ \t]|\Z)", lines[0]):
        raise _refusal(_("This is not a WebVTT file: its first line must begin with WEBVTT."))
    cues: list[Cue] = []
    at = 1
    while at < len(lines) and lines[at].strip():
        at += 1  # the rest of the header
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        end = next((n for n in range(at, len(lines)) if not lines[n].strip()), len(lines))
        if cue := _block(lines[at:end], at + 1, duration_ms):
            cues.append(cue)
        if len(cues) > MAX_CUES:
            raise _refusal(_("These are too many captions: at most %(count)s fit.") % {"count": MAX_CUES})
        at = end
    if not cues:
        raise _refusal(_("There are no captions in this file."))
    cues.sort()
    _check_crowding(cues)
    return cues


def _block(lines: list[str], number: int, duration_ms: int) -> Cue | None:
    """The cue of a block that begins at line `number`; None for notes, styles, regions and cues without text."""
    if re.match(r"(?:NOTE(?:[ \t]|\Z)|STYLE[ \t]*\Z|REGION[ \t]*\Z)", lines[0]):
        return None
    timing = 0 if "-->" in lines[0] else 1
    found = _TIMING.match(lines[timing]) if timing < len(lines) else None
    if found is None:
        line = number + min(timing, len(lines) - 1)
        raise _refusal(
            _("Line %(line)s must be a time like 00:01.000 --> 00:03.500.") % {"line": line},
        )
    start, end = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:])
    line = number + timing
    if end <= start:
        raise _refusal(_("Line %(line)s ends before it begins.") % {"line": line})
    if start >= duration_ms or end > duration_ms + SLACK_MS:
        raise _refusal(
            _("Line %(line)s lies after the end of the clip, which is %(length)s long.")
            % {"line": line, "length": _clock(duration_ms)}
        )
    text = _plain("\n".join(lines[timing + 1 :]))
    if len(text) > MAX_CUE_LENGTH:
        raise _refusal(
            _("The text below line %(line)s is too long: at most %(count)s characters fit.")
            % {"line": line, "count": MAX_CUE_LENGTH}
        )
    return Cue(start, min(end, duration_ms), text) if text else None


def _plain(text: str) -> str:
    """The words without tags and entities, as they are stored."""
    text = _ENTITY.sub(_letter, _TAG.sub("", text))
    return "\n".join(line for line in (part.strip() for part in clean(text).split("\n")) if line)


def _letter(found: re.Match[str]) -> str:
    name = found[1]
    if not name.startswith("#"):
        return _NAMED[name]
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(number) if 31 < number < 0x110000 and not 0xD800 <= number < 0xE000 else ""


def _milliseconds(parts: Iterable[str | None]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _check_crowding(cues: list[Cue]) -> None:
    showing: list[Cue] = []
    for cue in cues:
        showing = [*(other for other in showing if other.end > cue.start), cue]
        if len(showing) > MAX_AT_ONCE:
            raise _refusal(
                _("More than %(count)s captions show at once at %(time)s. Let them follow each other.")
                % {"count": MAX_AT_ONCE, "time": _clock(cue.start)}
            )


def write(cues: Iterable[Cue]) -> str:
    """The cues as a WebVTT file; `parse` reads the same cues from it."""
    blocks = ["WEBVTT"]
    for cue in cues:
        text = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{_stamp(cue.start)} --> {_stamp(cue.end)}\n{text}")
    return "\n\n".join(blocks) + "\n"


def _stamp(ms: int) -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _clock(ms: int) -> str:
    return f"{ms // 60_000}:{ms // 1000 % 60:02d}.{ms % 1000 // 100}"


def _refusal(sentence: str) -> Invalid:
    return Invalid(sentence, code="bad_captions", fields={"vtt": sentence})
