"""What looks like spam in a comment, so that it waits for the clip's author. Text in, verdict out.

Words that people filter are found by `socialapp.lib.disguise`. Nothing here asks the database; `actions.commenting` brings
what is needed. The rules are few so that they can be told: the privacy page says them in its own words.
"""

import re
from collections.abc import Iterable

from socialapp.lib.disguise import fold, words_of

from .hashtags import MENTION

# The same text counts as repeated from this many times on, within the hours that REPEAT_WINDOW covers.
REPEATS = 3
REPEAT_WINDOW_HOURS = 24
# Elsewhere only texts of some length are compared: "lovely" under ten clips is praise, not spam.
REPEAT_LETTERS = 12
# A character this many times in a row. Emoji are left alone: a row of hearts is what people write.
RUN = 12
MENTIONS = 5

_LINK = re.compile(
    r"https?://\S|www\.\w|\b[a-z0-9-]{2,}\.(?:com|net|org|info|biz|shop|site|online|xyz|top|club|link|app|io|me|ly|tk|ru|cn)\b",
    re.IGNORECASE,
)
_RUN = re.compile(rf"([^\W_]|[!?.,*=~_$#<>+-])(?:\s*\1){{{RUN - 1},}}", re.IGNORECASE)


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


def has_link(text: str) -> bool:
    """Whether a text holds what reads as a web address, spelled out or not."""
    return bool(_LINK.search(fold(text)))


def _bare(folded: str) -> str:
    return "".join(words_of(folded)) or folded.strip()
