"""What people write: cleaned before it is stored, and cut into plain runs, hashtags and mentions to be rendered safely."""

import re
import unicodedata
from typing import NamedTuple

from .hashtags import MENTION, TAG, fold

_TOKEN = re.compile(f"(?P<tag>{TAG.pattern})|(?P<mention>{MENTION.pattern})")


# Override the order of what follows, past the end of a text: only good for disguise.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """A text as it is stored: no control characters but line ends, no half characters, no edges of white space.

    Joiners stay (emoji and many scripts need them).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = (
        s
        for s in text
        if s == "\n" or (unicodedata.category(s) not in ("Cc", "Cs") and s not in _BIDI_CONTROLS)
    )
    return "".join(kept).strip()


class Token(NamedTuple):
    """A run of text as written; `target` is the folded tag or the user name it names, empty for plain text."""

    kind: str  # text | tag | mention
    text: str
    target: str = ""


def tokens(text: str) -> list[Token]:
    """The runs of a text in order; joined again they are the text exactly. Linear in the length of the text."""
    found: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        kind = "tag" if match["tag"] else "mention"
        target = fold(match[0]) if kind == "tag" else match[0][1:].lower()
        if not target or (kind == "tag" and target.isdigit()):
            continue
        if match.start() > end:
            found.append(Token("text", text[end : match.start()]))
        found.append(Token(kind, match[0], target))
        end = match.end()
    if end < len(text):
        found.append(Token("text", text[end:]))
    return found
