"""Words in simple disguise: how texts are folded before they are compared, and whether one holds a word or phrase.

Both a person's own filter words (videos) and the site's blocked terms (privacy) are looked for with this. Asks no database.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable

_LEET = str.maketrans(
    {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "€": "e"}
)
# These stand for two letters each, so a text is read both ways.
_ONES = ("i", "l")
_ONE = re.compile(r"[1|]|!(?=\w)")
# Letters of Cyrillic and Greek that look like Latin ones (the common part of Unicode's confusables, UTS 39). They are read
# as Latin only in a word that has Latin letters too: "сосо" is a word of its own, "bаd" with a Cyrillic letter is not.
_LOOKALIKE = str.maketrans("аеорсухіјѕԁһкмтвнαορντικυχ", "aeopcyxijsdhkmtbhaopvtikux")
_LATIN = re.compile(r"[a-z]")
_FOREIGN = re.compile("[\u0370-\u052f]")
# Accents of Latin, Greek and Cyrillic; the vowel signs of Hebrew and Arabic, which are optional; the Arabic filler;
# the selectors after emoji. The marks of other scripts are letters in all but name and stay.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\ufe00-\ufe0f]"
)
_WORD = re.compile(r"[^\W_]+")
_REPEATED_LETTER = re.compile(r"([^\W\d_])\1+")
_STRETCHED = re.compile(r"([^\W\d_])\1\1")
_FIRST = r"\1"
_LETTER = re.compile(r"[^\W\d_]")
# A word written letter by letter: at least three, with the same one sign or space between them ("b.a.d", "b a d").
_SPELLED = re.compile(r"(?<![^\W_])[^\W_]([ ._*/-])[^\W_](?:\1[^\W_])+(?![^\W_])")
# Scripts written without spaces: a word of theirs is looked for anywhere.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

_Forms = list[set[str]]


def fold(text: str) -> str:
    """A text as it is compared: NFKC, without case, accents and what nobody sees (zero-width characters). Letters stay."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc") or sign == "\n")
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return unicodedata.normalize("NFKC", text)


def words_of(folded: str) -> list[str]:
    """The words of a folded text: runs of letters and digits."""
    return _WORD.findall(folded)


def has_word(text: str, words: Iterable[str]) -> bool:
    """Whether `find_word` finds one."""
    return find_word(text, words) is not None


def find_word(text: str, words: Iterable[str]) -> str | None:
    """The first of these words or phrases that a text holds: as whole words, whatever the case, accents or simple disguise.

    Disguise: digits and signs for letters ("b4d"), stretched letters ("baaaad"), letters of another alphabet that look the
    same, letters apart ("b.a.d"), invisible characters inside. A word without letters is compared as it is. Scripts that do
    not space their words match anywhere, and so do emoji. Linear in the text for each word; a thousand words take
    milliseconds, since what each looks like is remembered.
    """
    folded = fold(text)
    readings = [_forms(found, stretched_only=True) for found in _readings(folded, spelled=True)]
    everything = [set().union(*reading) for reading in readings]
    for word in words:
        if _hit(word, folded, readings, everything):
            return word
    return None


def _readings(folded: str, *, spelled: bool = False) -> list[list[str]]:
    """The words of a text as they stand, then with digits, signs and foreign letters read as what they look like, once for
    each letter of `_ONES`; then, when asked, with what is spelled out letter by letter put together.
    """
    texts = [folded]
    if spelled and _SPELLED.search(folded):
        # The first letter may be a word of its own: "a b a d idea".
        texts += [_SPELLED.sub(put, folded) for put in (_together, _but_the_first)]
    read = [" ".join(_as_letters(run, one) for run in text.split()) for text in texts for one in _ONES]
    return [_WORD.findall(reading) for reading in dict.fromkeys([*texts, *read])]


def _together(found: re.Match[str]) -> str:
    return "".join(_WORD.findall(found[0])) if _LETTER.search(found[0]) else found[0]


def _but_the_first(found: re.Match[str]) -> str:
    first, rest = found[0][0], _WORD.findall(found[0])[1:]
    return f"{first} {''.join(rest)}" if _LETTER.search(found[0]) else found[0]


def _as_letters(run: str, one: str) -> str:
    # A number is a number: only what has a letter can be a word in disguise.
    if not _LETTER.search(run):
        return run
    if _FOREIGN.search(run) and _LATIN.search(run):
        run = run.translate(_LOOKALIKE)
    return _ONE.sub(one, run).translate(_LEET)


def _forms(words: list[str], *, stretched_only: bool) -> _Forms:
    """Each word as it is and, marked as such, with its runs of a letter made one.

    Of a text only words with a letter three times in a row, so that "coool" is found by "cool" and "col" is not.
    """
    return [
        {word, f"~{_REPEATED_LETTER.sub(_FIRST, word)}"}
        if not stretched_only or _STRETCHED.search(word)
        else {word}
        for word in words
    ]


@functools.lru_cache(maxsize=20_000)
def _wanted(word: str) -> tuple[str, bool, list[_Forms]]:
    """A word to look for: folded, whether only its plain reading counts (it has no letters), and its readings.

    No readings: it is looked for anywhere.
    """
    folded = fold(word).strip()
    if not _WORD.search(folded) or _UNSPACED.search(folded):
        return folded, False, []
    plain = not _LETTER.search(folded)
    return folded, plain, [_forms(reading, stretched_only=False) for reading in _readings(folded)]


def _hit(word: str, folded: str, readings: list[_Forms], everything: list[set[str]]) -> bool:
    anywhere, plain, wanted_readings = _wanted(word)
    if not wanted_readings:
        return bool(anywhere) and anywhere in folded
    for wanted in wanted_readings:
        for reading, there in zip(readings, everything, strict=True):
            if all(forms & there for forms in wanted) and _follows(wanted, reading):
                return True
            if plain:
                break
    return False


def _follows(wanted: _Forms, reading: _Forms) -> bool:
    """Whether the wanted words stand in a reading one after the other."""
    return any(
        all(reading[start + place] & forms for place, forms in enumerate(wanted))
        for start in range(len(reading) - len(wanted) + 1)
    )
