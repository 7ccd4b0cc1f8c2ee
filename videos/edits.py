"""The edit list: what a person did to a clip before publishing, as one typed, validated, versioned value.

Pure values and arithmetic. Who may edit is videos.actions.publishing, how it is drawn is videos.composing. The browser's
preview gets the same numbers from `for_editor`, so that both show one thing.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from socialapp.lib.errors import Invalid

VERSION = 1
MAX_PARTS = 10  # further clips
MAX_TEXTS = 20
MAX_TEXT_LENGTH = 200  # characters
TEXT_SIZES = (0.02, 0.2)  # of the frame's height
SPEEDS = (0.5, 2.0)
VOLUMES = (0.0, 2.0)
MAX_FADE = 10.0  # seconds
STITCH_SECONDS = 5.0  # of another's clip
LONGEST_SOURCE = 1800.0  # seconds: a far outer limit, so that a long recording can be trimmed to a clip
SHORTEST = 0.1  # seconds
WRAP_AT = 0.86  # of the frame's width
VERTICAL = 9 / 16  # width by height of "crop" and "blur"
# The blurred copy behind a picture that does not fill the frame: a Gaussian whose standard deviation is in fractions of
# the frame's width, darkened so that the picture stands out.
BLUR_SIGMA, BLUR_BRIGHTNESS = 0.04, 0.75
REFRAMES = ("none", "crop", "blur")
BACKGROUNDS = ("none", "box")
ALIGNS = ("left", "center", "right")
LAYOUTS = ("side", "stack")

# name → how it is called. Each looks different; which files they are is videos.lettering's.
FONTS = {
    "sans": pgettext_lazy("font", "Classic"),
    "serif": pgettext_lazy("font", "Serif"),
    "mono": pgettext_lazy("font", "Typewriter"),
    "hand": pgettext_lazy("font", "Handwriting"),
    "heavy": pgettext_lazy("font", "Heavy"),
}

Matrix = tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class Look:
    """A filter: its label and the rows of a matrix that takes (red, green, blue, 1), sRGB 0 to 1, to red, green, blue."""

    label: Any
    matrix: Matrix


def _look(
    saturation: float = 1, contrast: float = 1, gains: tuple[float, ...] = (1, 1, 1), lift: float = 0
) -> Matrix:
    """Saturation around BT.709 luma, then contrast around middle grey, then gains for each colour, then a lift of black."""
    luma = (0.2126, 0.7152, 0.0722)
    rows = []
    for at, gain in enumerate(gains):
        mixed = [(1 - saturation) * share + (saturation if at == of else 0) for of, share in enumerate(luma)]
        row = [value * contrast * gain * (1 - lift) for value in mixed]
        rows.append(
            (*(round(value, 5) for value in row), round(0.5 * (1 - contrast) * gain * (1 - lift) + lift, 5))
        )
    return tuple(rows)  # type: ignore[arg-type]


LOOKS = {
    "none": Look(pgettext_lazy("filter", "None"), _look()),
    "vivid": Look(pgettext_lazy("filter", "Vivid"), _look(1.35, 1.08)),
    "warm": Look(pgettext_lazy("filter", "Warm"), _look(1.08, 1.02, (1.08, 1.0, 0.86))),
    "cool": Look(pgettext_lazy("filter", "Cool"), _look(1.02, 1.02, (0.88, 1.0, 1.1))),
    "fade": Look(pgettext_lazy("filter", "Fade"), _look(0.8, 0.86, lift=0.08)),
    "film": Look(pgettext_lazy("filter", "Film"), _look(0.85, 1.12, (1.06, 1.0, 0.9), 0.03)),
    "mono": Look(pgettext_lazy("filter", "Mono"), _look(0)),
    "noir": Look(pgettext_lazy("filter", "Noir"), _look(0, 1.45)),
    "sepia": Look(
        pgettext_lazy("filter", "Sepia"),
        ((0.393, 0.769, 0.189, 0.0), (0.349, 0.686, 0.168, 0.0), (0.272, 0.534, 0.131, 0.0)),
    ),
}


@dataclass(frozen=True)
class Panel:
    """A part of the frame, all in fractions of it."""

    left: float
    top: float
    width: float
    height: float


# Duets: the frame's width by its height, then where one's own picture and the other's go.
DUETS: dict[str, tuple[float, Panel, Panel]] = {
    "side": (9 / 8, Panel(0, 0, 0.5, 1), Panel(0.5, 0, 0.5, 1)),
    "stack": (9 / 16, Panel(0, 0, 1, 0.5), Panel(0, 0.5, 1, 0.5)),
}


@dataclass(frozen=True)
class Trim:
    """From `start` to `end` seconds of a file, before speed; no end is the file's own."""

    start: float = 0.0
    end: float | None = None

    def of(self, duration: float) -> tuple[float, float]:
        """Start and end within a file of `duration` seconds; equal when nothing is left."""
        end = duration if self.end is None else min(self.end, duration)
        return min(self.start, end), end


@dataclass(frozen=True)
class PartEdit:
    """A further clip, joined after the ones before it."""

    trim: Trim = Trim()


@dataclass(frozen=True)
class SoundEdit:
    """A chosen sound: `start` is where it begins in the sound, fades are in seconds, volumes are factors."""

    id: str
    start: float = 0.0
    volume: float = 1.0
    original_volume: float = 0.4
    fade_in: float = 0.0
    fade_out: float = 0.0


@dataclass(frozen=True)
class VoiceEdit:
    """A voice spoken over the clip: `start` is when it begins in the finished clip."""

    start: float = 0.0
    volume: float = 1.0


@dataclass(frozen=True)
class Text:
    """A text on the picture; `x`, `y` is the centre of its block and `size` the font's, in fractions of the frame."""

    text: str
    x: float = 0.5
    y: float = 0.5
    size: float = 0.05
    color: str = "#ffffff"
    font: str = "sans"
    background: str = "none"
    align: str = "center"
    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True)
class Edit:
    """A whole edit list, version VERSION. Seconds: `trim` is of the first file, all other times are of the finished clip."""

    trim: Trim = Trim()
    parts: tuple[PartEdit, ...] = ()
    reframe: str = "none"
    focus_x: float = 0.5
    focus_y: float = 0.5
    speed: float = 1.0
    volume: float = 1.0
    sound: SoundEdit | None = None
    voice: VoiceEdit | None = None
    texts: tuple[Text, ...] = ()
    filter: str = "none"
    cover_at: float | None = None
    layout: str = "side"
    remix_volume: float = 1.0
    remix_trim: Trim | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the file's own picture and sound are shown as they are (choosing a cover changes neither)."""
        ignored = {"cover_at": None, "focus_x": 0.5, "focus_y": 0.5, "layout": "side", "remix_volume": 1.0}
        return replace(self, **ignored, remix_trim=None) == Edit()  # type: ignore[arg-type]

    @property
    def own_volume(self) -> float:
        """The factor of the clip's own sound."""
        return self.sound.original_volume if self.sound else self.volume


# --- Reading --------------------------------------------------------------------------------------------------------


class _Reader:
    """Takes values out of JSON, and notes what is wrong with each under its own name."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def wrong(self, path: str, sentence: str) -> None:
        self.problems.setdefault(path, sentence)

    def mapping(self, value: Any, path: str, known: Iterable[str]) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.wrong(path, _("This part of the edit cannot be read."))
            return {}
        for name in value:
            if name not in known:
                self.wrong(f"{path}.{str(name)[:40]}", _("There is nothing to edit by this name."))
        return value

    def number(
        self, values: Mapping[str, Any], path: str, name: str, default: Any, low: float, high: float
    ) -> Any:
        value = values.get(name, default)
        if value is None and default is None:
            return None
        # Whole numbers of any length compare with the limits below, but not all fit into a float.
        finite = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
        if isinstance(value, bool) or not finite:
            self.wrong(f"{path}.{name}", _("Enter a number."))
            return default
        if not low <= value <= high:
            low_text, high_text = (f"{limit:g}" for limit in (low, high))
            words = _("Enter a number from %(low)s to %(high)s.")
            self.wrong(f"{path}.{name}", words % {"low": low_text, "high": high_text})
            return default
        return float(value)

    def choice(
        self, values: Mapping[str, Any], path: str, name: str, default: str, among: Iterable[str]
    ) -> str:
        value = values.get(name, default)
        if not isinstance(value, str) or value not in among:
            self.wrong(f"{path}.{name}", _("Choose one of: %(choices)s.") % {"choices": ", ".join(among)})
            return default
        return value

    def items(
        self, value: Any, path: str, most: int, too_many: str, read: Callable[[Any, str], Any]
    ) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            self.wrong(path, _("This part of the edit cannot be read."))
            return ()
        if len(value) > most:
            self.wrong(path, too_many % {"most": most})
            return ()
        return tuple(read(item, f"{path}.{number}") for number, item in enumerate(value))

    def trim(self, value: Any, path: str) -> Trim:
        if value is None:
            return Trim()
        values = self.mapping(value, path, ("start", "end"))
        start = self.number(values, path, "start", 0.0, 0, LONGEST_SOURCE)
        end = self.number(values, path, "end", None, 0, LONGEST_SOURCE)
        if end is not None and end - start < SHORTEST and f"{path}.start" not in self.problems:
            self.wrong(f"{path}.end", _("The end must come after the start."))
            return Trim()
        return Trim(start, end)

    def part(self, value: Any, path: str) -> PartEdit:
        values = self.mapping(value, path, ("trim", "upload"))  # whose upload it is, is read by who publishes
        return PartEdit(self.trim(values.get("trim"), f"{path}.trim"))

    def sound(self, value: Any, path: str) -> SoundEdit | None:
        if value is None:
            return None
        names = ("id", "start", "volume", "original_volume", "fade_in", "fade_out")
        values = self.mapping(value, path, names)
        if path in self.problems:
            return None
        id = str(values.get("id", ""))
        if not re.fullmatch(r"[0-9]{1,20}", id):
            self.wrong(f"{path}.id", _("Choose a sound."))
        return SoundEdit(
            id=id,
            start=self.number(values, path, "start", 0.0, 0, LONGEST_SOURCE),
            volume=self.number(values, path, "volume", 1.0, *VOLUMES),
            original_volume=self.number(values, path, "original_volume", 0.4, *VOLUMES),
            fade_in=self.number(values, path, "fade_in", 0.0, 0, MAX_FADE),
            fade_out=self.number(values, path, "fade_out", 0.0, 0, MAX_FADE),
        )

    def voice(self, value: Any, path: str) -> VoiceEdit | None:
        if value is None:
            return None
        values = self.mapping(value, path, ("start", "volume", "upload"))
        return VoiceEdit(
            self.number(values, path, "start", 0.0, 0, settings.MAX_CLIP_SECONDS),
            self.number(values, path, "volume", 1.0, *VOLUMES),
        )

    def text(self, value: Any, path: str) -> Text:
        values = self.mapping(value, path, [field.name for field in fields(Text)])
        start = self.number(values, path, "start", 0.0, 0, settings.MAX_CLIP_SECONDS)
        end = self.number(values, path, "end", None, 0, settings.MAX_CLIP_SECONDS + 1)
        if end is not None and end <= start:
            self.wrong(f"{path}.end", _("The end must come after the start."))
        return Text(
            text=self.words(values.get("text"), f"{path}.text"),
            x=self.number(values, path, "x", 0.5, 0, 1),
            y=self.number(values, path, "y", 0.5, 0, 1),
            size=self.number(values, path, "size", 0.05, *TEXT_SIZES),
            color=self.color(values.get("color", "#ffffff"), f"{path}.color"),
            font=self.choice(values, path, "font", "sans", FONTS),
            background=self.choice(values, path, "background", "none", BACKGROUNDS),
            align=self.choice(values, path, "align", "center", ALIGNS),
            start=start,
            end=end,
        )

    def words(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or not value.strip():
            self.wrong(path, _("Write a text, or remove it."))
            return ""
        if len(value) > MAX_TEXT_LENGTH:
            self.wrong(path, _("A text can have %(most)s characters.") % {"most": MAX_TEXT_LENGTH})
            return ""
        lines = re.split("\r\n|[\r\n\u2028\u2029]", value)
        # Control characters and lone surrogates have no shape and upset shapers; format characters join emoji.
        kept = ("".join(c for c in line if unicodedata.category(c) not in {"Cc", "Cs"}) for line in lines)
        text = "\n".join(kept).strip()
        if not text:
            self.wrong(path, _("Write a text, or remove it."))
        return text

    def color(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            self.wrong(path, _("Choose a colour."))
            return "#ffffff"
        return value.lower()


def parse(data: Mapping[str, Any]) -> Edit:
    """The edit list that `data` (JSON of the API) says. Raises Invalid with a sentence for each wrong field.

    `upload` in `parts` and `voice` is allowed and not kept: files are rows (Part).
    """
    reader = _Reader()
    edit = _read(reader, data)
    if reader.problems:
        raise Invalid(_("The edit has a mistake."), fields=reader.problems)
    return edit


def _read(reader: _Reader, data: Any) -> Edit:
    path = "edit"
    values = reader.mapping(data, path, [*(field.name for field in fields(Edit)), "version"])
    version = values.get("version", VERSION)
    if version != VERSION or isinstance(version, bool):
        reader.wrong(
            f"{path}.version", _("This edit was made by another version of the editor. Reload the page.")
        )
    remix_trim = values.get("remix_trim")
    stitched = None if remix_trim is None else reader.trim(remix_trim, f"{path}.remix_trim")
    if (
        stitched is not None
        and stitched.end is not None
        and stitched.end - stitched.start > STITCH_SECONDS + 0.05
    ):
        words = _("At most %(seconds)s seconds of another clip can be used.")
        reader.wrong(f"{path}.remix_trim.end", words % {"seconds": f"{STITCH_SECONDS:g}"})
    too_many_parts = _("At most %(most)s clips can be joined to the first.")
    too_many_texts = _("At most %(most)s texts fit in a clip.")
    return Edit(
        trim=reader.trim(values.get("trim"), f"{path}.trim"),
        parts=reader.items(values.get("parts", ()), f"{path}.parts", MAX_PARTS, too_many_parts, reader.part),
        reframe=reader.choice(values, path, "reframe", "none", REFRAMES),
        focus_x=reader.number(values, path, "focus_x", 0.5, 0, 1),
        focus_y=reader.number(values, path, "focus_y", 0.5, 0, 1),
        speed=reader.number(values, path, "speed", 1.0, *SPEEDS),
        volume=reader.number(values, path, "volume", 1.0, *VOLUMES),
        sound=reader.sound(values.get("sound"), f"{path}.sound"),
        voice=reader.voice(values.get("voice"), f"{path}.voice"),
        texts=reader.items(values.get("texts", ()), f"{path}.texts", MAX_TEXTS, too_many_texts, reader.text),
        filter=reader.choice(values, path, "filter", "none", LOOKS),
        cover_at=reader.number(values, path, "cover_at", None, 0, settings.MAX_CLIP_SECONDS + 1),
        layout=reader.choice(values, path, "layout", "side", LAYOUTS),
        remix_volume=reader.number(values, path, "remix_volume", 1.0, *VOLUMES),
        remix_trim=stitched,
    )


def parse_text(data: Mapping[str, Any]) -> Text:
    """One text of an edit list by itself (the editor's preview). Raises Invalid."""
    reader = _Reader()
    text = reader.text(data, "text")
    if reader.problems:
        raise Invalid(_("The text has a mistake."), fields=reader.problems)
    return text


# --- Keeping --------------------------------------------------------------------------------------------------------


def dump(edit: Edit) -> dict[str, Any]:
    """The stored form: what differs from a plain clip, and the version; `{}` for a plain one."""
    kept = _differing(edit)
    return {"version": VERSION, **kept} if kept else {}


def _differing(value: Any) -> dict[str, Any]:
    """A dataclass as JSON without what is as in every other one."""
    found: dict[str, Any] = {}
    for field in fields(value):
        item = getattr(value, field.name)
        if item == field.default:
            continue
        if isinstance(item, tuple):
            found[field.name] = [_differing(one) for one in item]
        else:
            found[field.name] = _differing(item) if hasattr(item, "__dataclass_fields__") else item
    return found


def load(stored: Mapping[str, Any]) -> Edit:
    """The edit list of a clip from its stored form; lists of older versions are brought up to this one.

    Raises Invalid for what this version cannot read.
    """
    return parse(stored) if stored else Edit()


# --- Arithmetic -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Timeline:
    """When what is seen. Seconds; `spans` are (file, start, end) with times of the files before speed.

    `lead` is how much of another's clip comes first (a stitch), `own` how long one's own part takes after speed.
    """

    spans: tuple[tuple[int, float, float], ...]
    lead_span: tuple[float, float]
    lead: float
    own: float

    @property
    def duration(self) -> float:
        return self.lead + self.own


def timeline(
    edit: Edit, durations: Iterable[float], *, remix_kind: str = "", remix_duration: float = 0.0
) -> Timeline:
    """How the finished clip runs: `durations` are those of the first file and of the joined ones, in their order.

    A duet is as long as one's own part: the other's clip is cut there, or holds its last picture in silence.
    """
    trims = [edit.trim, *(part.trim for part in edit.parts)]
    spans = []
    for number, duration in enumerate(durations):
        start, end = (trims[number] if number < len(trims) else Trim()).of(duration)
        if end > start:
            spans.append((number, start, end))
    own = sum(end - start for _number, start, end in spans) / edit.speed
    lead_span = (0.0, 0.0)
    if remix_kind == "stitch":
        start, end = (edit.remix_trim or Trim()).of(remix_duration)
        lead_span = start, min(end, start + STITCH_SECONDS)
    return Timeline(tuple(spans), lead_span, lead_span[1] - lead_span[0], own)


def finished_ratio(edit: Edit, width: int, height: int, *, remix_kind: str = "") -> float:
    """Width by height of the finished frame, when the first file's picture (upright) is `width` × `height`."""
    if remix_kind == "duet":
        return DUETS[edit.layout][0]
    return VERTICAL if edit.reframe != "none" else width / height


def crop_window(width: int, height: int, ratio: float, focus_x: float = 0.5, focus_y: float = 0.5) -> Panel:
    """The part of a picture that fills a frame of `ratio`, in fractions of the picture."""
    wide = min(1.0, ratio * height / width)
    high = min(1.0, width / height / ratio)
    return Panel((1 - wide) * focus_x, (1 - high) * focus_y, wide, high)


def for_editor() -> dict[str, Any]:
    """All that the page's preview must know to show what will be made, ready for JSON; labels in the active language."""
    return {
        "version": VERSION,
        "looks": [
            {"name": name, "label": str(look.label), "matrix": [list(row) for row in look.matrix]}
            for name, look in LOOKS.items()
        ],
        "fonts": [{"name": name, "label": str(label)} for name, label in FONTS.items()],
        "reframes": [{"name": name, "label": str(_REFRAME_LABELS[name])} for name in REFRAMES],
        "layouts": [
            {
                "name": name,
                "label": str(_LAYOUT_LABELS[name]),
                "ratio": ratio,
                "own": vars(own),
                "other": vars(other),
            }
            for name, (ratio, own, other) in DUETS.items()
        ],
        "aligns": [{"name": name, "label": str(_ALIGN_LABELS[name])} for name in ALIGNS],
        "backgrounds": [{"name": name, "label": str(_BACKGROUND_LABELS[name])} for name in BACKGROUNDS],
        "limits": {
            "parts": MAX_PARTS,
            "texts": MAX_TEXTS,
            "text_length": MAX_TEXT_LENGTH,
            "text_sizes": list(TEXT_SIZES),
            "speeds": list(SPEEDS),
            "volumes": list(VOLUMES),
            "fade": MAX_FADE,
            "seconds": settings.MAX_CLIP_SECONDS,
            "shortest": SHORTEST,
            "source_seconds": LONGEST_SOURCE,
            "stitch_seconds": STITCH_SECONDS,
        },
        "vertical": VERTICAL,
        "wrap_at": WRAP_AT,
        "blur": {"sigma": BLUR_SIGMA, "brightness": BLUR_BRIGHTNESS},
    }


_REFRAME_LABELS = {
    "none": gettext_lazy("As filmed"),
    "crop": gettext_lazy("Crop to 9:16"),
    "blur": gettext_lazy("Fit on a blurred background"),
}
_LAYOUT_LABELS = {"side": gettext_lazy("Side by side"), "stack": gettext_lazy("One above the other")}
_ALIGN_LABELS = {
    "left": pgettext_lazy("text", "Left"),
    "center": pgettext_lazy("text", "Centred"),
    "right": pgettext_lazy("text", "Right"),
}
_BACKGROUND_LABELS = {"none": gettext_lazy("No background"), "box": gettext_lazy("Box")}
