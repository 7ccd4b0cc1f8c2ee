"""How text becomes words that can be looked up: folding, words, pairs of letters, and what is one typing error away. Pure.

Scripts that write words apart (Latin, Cyrillic, Arabic …) are indexed by word; scripts that do not (Han, kana, Hangul, Thai …)
by each two neighbouring letters, and by each two with one between them, which a single wrong letter cannot all spoil.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MOST_WORDS = 120  # of one text: what an honest caption of 2,200 letters holds; more is spam
LONGEST = 40  # letters of a word; more are cut
PREFIX = 7  # letters that variants are made of: at most 8 rows a word, and words that begin alike are few
SHORTEST = 4  # letters of a word that is looked for in spite of an error; of three, everything is one edit from everything
SHORTEST_RUN = 3  # the same for scripts that are indexed by pairs
GAP = "·"  # between two letters that stand one apart

# Marks that people leave out: accents after decomposition, Hebrew points, Arabic vowels, the tatweel and joiners.
_DROPPED = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u200b-\u200f'’ʼ]"
)
_TWINS = str.maketrans(
    {
        "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
        # Arabic letters that are written for one another, with their Persian and Urdu forms.
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ی": "ي", "ک": "ك", "ہ": "ه",
    }
    # Katakana as hiragana.
    | {chr(code): chr(code - 0x60) for code in range(0x30A1, 0x30F7)}
)  # fmt: skip
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = (
    "\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd\u0a3c-\u0a4d\u0abc-\u0acd\u0b3c-\u0b4d\u0bbe-\u0bcd"
    "\u0c3e-\u0c4d\u0cbc-\u0ccd\u0d3e-\u0d4d"
)
_RUN = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<word>(?:(?![_{_UNSPACED}])[\w{_MARKS}])+)")
# A name such as sea.fox_99, which people also write in one.
_JOINED = re.compile(r"[^\W_]+(?:[._-][^\W_]+)+")


class Run(NamedTuple):
    """A word as it stands in a folded text, or a stretch of a script that is written without spaces."""

    text: str
    unspaced: bool


def fold(text: str) -> str:
    """How texts compare: NFKC, without case, accents, vowel points and other signs that people leave out. Idempotent."""
    plain = unicodedata.normalize("NFKC", text.replace("\x00", "")).casefold()
    # Decomposed only for a look at the marks: those of kana and Hangul are letters and stay.
    plain = unicodedata.normalize("NFC", _DROPPED.sub("", unicodedata.normalize("NFD", plain)))
    return plain.translate(_TWINS)


def runs(folded: str) -> list[Run]:
    """The words of a folded text, in order."""
    return [
        Run(match[0][:LONGEST] if match["word"] else match[0], bool(match["unspaced"]))
        for match in _RUN.finditer(folded)
    ]


def pairs(run: str) -> list[str]:
    """Each two neighbouring letters of an unspaced run; of a single letter itself."""
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def gaps(run: str) -> list[str]:
    """Each two letters of an unspaced run with one between them."""
    return [run[i] + GAP + run[i + 2] for i in range(len(run) - 2)]


def words_of(folded: str) -> set[str]:
    """What a folded text is found by. The last letter of an unspaced run stands alone too, so that each letter begins one."""
    found: dict[str, None] = {}
    for run in runs(folded):
        if run.unspaced:
            found |= dict.fromkeys([*pairs(run.text), *gaps(run.text), run.text[-1]])
        else:
            found[run.text] = None
    for match in _JOINED.finditer(folded):
        found[re.sub(r"[._-]", "", match[0])[:LONGEST]] = None
    return set(list(found)[:MOST_WORDS])


def variants(word: str) -> set[str]:
    """The beginning of a word, and the same with each letter left out once. Two words one edit apart share a variant.

    Garbe's symmetric delete (SymSpell, 2012) with a prefix length of PREFIX: an edit inside of the beginning is met by a
    deletion on either side, one behind it leaves the beginning as it is.
    """
    start = word[:PREFIX]
    return {start} | {start[:i] + start[i + 1 :] for i in range(len(start))}


def has_variants(word: str) -> bool:
    """Whether a word is looked for in spite of errors: words of spaced scripts that are not numbers."""
    return len(word) >= SHORTEST - 1 and not word.isdigit() and GAP not in word and _is_spaced(word)


def _is_spaced(word: str) -> bool:
    found = runs(word)
    return len(found) == 1 and not found[0].unspaced


def one_edit(a: str, b: str) -> bool:
    """Whether one inserted, missing or wrong letter, or two neighbours swapped, makes `a` of `b` (or nothing does).

    Damerau's four errors (1964), which are most of what people mistype. Linear.
    """
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    start = 0
    while start < len(a) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    if len(a) < len(b):
        return rest_a == rest_b[1:]
    swapped = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:] and len(rest_a) > 1
    return rest_a[1:] == rest_b[1:] or swapped


def holds_nearly(text: str, run: str) -> str:
    """The part of `text` that is `run` but for one edit; empty when there is none. Of several one as long as `run`, then a
    shorter one, then a longer one, and of these the first.

    One edit leaves one half of the run as it is, unless it swaps the two letters where the halves meet: only places where
    the text has a half, or that, are compared letter by letter.
    """
    size, middle = len(run), len(run) // 2
    start, end = run[:middle], run[middle:]
    begins = set(_places(text, start) if start else range(len(text)))
    if start:
        begins.update(_places(text, start[:-1] + end[0] + start[-1] + end[1:]))
    ends = [place + len(end) for place in _places(text, end)]
    for length in (size, size - 1, size + 1):
        for place in sorted(begins.union(stop - length for stop in ends)):
            if 0 <= place <= len(text) - length and one_edit(text[place : place + length], run):
                return text[place : place + length]
    return ""


def _places(text: str, part: str) -> Iterator[int]:
    """Where a part that is not empty begins in a text, overlaps included."""
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def nearest(word: str, candidates: Iterable[str]) -> list[str]:
    """Those of the candidates that are one edit from a word, in their order, without the word itself."""
    return [other for other in candidates if other != word and one_edit(word, other)]
