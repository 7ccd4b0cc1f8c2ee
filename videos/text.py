"""What people wrote, cut into plain runs, hashtags and mentions, for safe rendering anywhere."""

import re
from typing import NamedTuple

from .hashtags import MENTION, TAG, fold

_TOKEN = re.compile(f"(?P<tag>{TAG.pattern})|(?P<mention>{MENTION.pattern})")


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
