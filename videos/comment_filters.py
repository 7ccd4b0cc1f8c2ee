"""What makes a comment wait for the clip's author: words they filter, and what looks like spam. Text in, reason out.

Nothing here asks the database; `actions.commenting` brings what is needed. The rules are few so that they can be told:
the privacy page says them in its own words.
"""

import re
import unicodedata
from collections.abc import Iterable

from .hashtags import MENTION

# The same text counts as repeated from this many times on, within the hours that REPEAT_WINDOW covers.
REPEATS = 3
REPEAT_WINDOW_HOURS = 24
# Elsewhere only texts of some length are compared: "lovely" under ten clips is praise, not spam.
REPEAT_LETTERS = 12
# A character this many times in a row. Emoji are left alone: a row of hearts is what people write.
RUN = 12
MENTIONS = 5

_LEET = str.maketrans(
    {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "€": "e"}
)
# These stand for two letters each, so a text is read both ways.
_ONES = ("i", "l")
_ONE = re.compile(r"[1|]|!(?=\w)")
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
_LINK = re.compile(
    r"https?://\S|www\.\w|\b[a-z0-9-]{2,}\.(?:com|net|org|info|biz|shop|site|online|xyz|top|club|link|app|io|me|ly|tk|ru|cn)\b",
    re.IGNORECASE,
)
_RUN = re.compile(rf"([^\W_]|[!?.,*=~_$#<>+-])(?:\s*\1){{{RUN - 1},}}", re.IGNORECASE)
# Scripts written without spaces: a word of theirs is looked for anywhere.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def fold(text: str) -> str:
    """A text as it is compared: NFKC, without case, accents and what nobody sees (zero-width characters). Letters stay."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc") or sign == "\n")
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return unicodedata.normalize("NFKC", text)


def has_keyword(text: str, keywords: Iterable[str]) -> bool:
    """Whether a text holds one of these words or phrases: as whole words, whatever the case, accents or simple disguise.

    Disguise: digits and signs for letters ("b4d"), stretched letters ("baaaad"), invisible characters inside. A keyword
    without letters is compared as it is. Scripts that do not space their words match anywhere, and so do emoji.
    """
    folded = fold(text)
    readings = [_forms(words, stretched_only=True) for words in _readings(folded)]
    return any(_hit(fold(keyword), folded, readings) for keyword in keywords)


def looks_like_spam(text: str, *, known: bool, earlier: Iterable[tuple[str, bool]] = ()) -> bool:
    """Whether a comment looks like spam, by four rules that anybody can be told.

    A link, from somebody whom the clip's author does not follow (`known` is False). The same character twelve times in a
    row, emoji aside. More than five mentions. The same text for the third time in a day: `earlier` are the writer's own
    texts of that day, each with whether it stands under the same clip; short ones count there only.
    """
    plain = fold(text)
    if not known and _LINK.search(plain):
        return True
    if _RUN.search(plain) or len(set(MENTION.findall(text))) > MENTIONS:
        return True
    bare = _bare(plain)
    same = sum(
        1 for other, here in earlier if (here or len(bare) >= REPEAT_LETTERS) and _bare(fold(other)) == bare
    )
    return same + 1 >= REPEATS


def _readings(folded: str) -> list[list[str]]:
    """The words of a text as they stand, then with digits and signs read as letters, once for each letter of `_ONES`."""
    runs = folded.split()
    read = [" ".join(_as_letters(run, one) for run in runs) for one in _ONES]
    return [_WORD.findall(reading) for reading in dict.fromkeys([folded, *read])]


def _as_letters(run: str, one: str) -> str:
    # A number is a number: only what has a letter can be a word in disguise.
    return _ONE.sub(one, run).translate(_LEET) if _LETTER.search(run) else run


def _forms(words: list[str], *, stretched_only: bool) -> list[set[str]]:
    """Each word as it is and, marked as such, with its runs of a letter made one.

    Of a text only words with a letter three times in a row, so that "coool" is found by "cool" and "col" is not.
    """
    return [
        {word, f"~{_REPEATED_LETTER.sub(_FIRST, word)}"}
        if not stretched_only or _STRETCHED.search(word)
        else {word}
        for word in words
    ]


def _hit(keyword: str, folded: str, readings: list[list[set[str]]]) -> bool:
    if not _WORD.search(keyword) or _UNSPACED.search(keyword):
        return bool(keyword.strip()) and keyword.strip() in folded
    if not _LETTER.search(keyword):
        readings = readings[:1]
    for words in _readings(keyword):
        wanted = _forms(words, stretched_only=False)
        for reading in readings:
            for start in range(len(reading) - len(wanted) + 1):
                if all(reading[start + place] & forms for place, forms in enumerate(wanted)):
                    return True
    return False


def _bare(folded: str) -> str:
    return "".join(_WORD.findall(folded)) or folded.strip()
