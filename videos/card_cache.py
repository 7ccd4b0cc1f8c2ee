"""Cards of clips as ready-made JSON, for lists of clips that came through `access.passing`.

docs/decisions/card-cache.md says why they are found by what they say (`Passed.content`) and not by the clip's id: the row
that the gate passed in this very request holds all that the card says, so a card that says anything else is never found, and
one that the gate did not pass is never looked for. Nothing is invalidated. Kept by each process for itself.
"""

import threading
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from django.utils.translation import get_language

from accounts.models import User
from socialapp.lib.rest import as_json

from .access import Viewer
from .access.passed import Passed
from .cards import cards, clip_card, marks_of
from .media import lifetime
from .models import Video

MOST = 4000  # cards that a process keeps: 12 MB at 3 kB each

_kept: dict[Any, "_Card"] = {}
_lock = threading.Lock()


class _Card(NamedTuple):
    """A card up to its counts, good for as long as its media's addresses are: until the `period`th step has passed."""

    json: bytes
    step: int
    period: int


def json_cards(viewer: Viewer, clips: Sequence[Video | Passed]) -> list[Any]:
    """As `cards`, in a form that the API's renderer takes: JSON that is ready, or dicts. The same queries.

    One's own clips, promoted ones, and those that name another clip, are made anew each time.
    """
    alone = [_stands_alone(viewer, clip) for clip in clips]
    others = [clip for clip, passed in zip(clips, alone, strict=True) if passed is None]
    made = dict(zip((clip.pk for clip in others), cards(viewer, others), strict=True)) if others else {}
    now, whose = time.time(), (get_language(), isinstance(viewer, User))
    return [
        made[clip.pk] if passed is None else _json(viewer, passed, whose, now)
        for clip, passed in zip(clips, alone, strict=True)
    ]


def _stands_alone(viewer: Viewer, clip: Video | Passed) -> Passed | None:
    if isinstance(clip, Passed) and clip.author_id != viewer.pk and not clip.is_remix and not clip.promotion:
        return clip
    return None


def _json(viewer: Viewer, clip: Passed, whose: Any, now: float) -> orjson.Fragment:
    key = (whose, clip.sound_owner == viewer.pk, clip.content)
    card = _kept.get(key)
    if card is None or now // card.step != card.period:
        card = _make(viewer, clip, now)
        _keep(key, card)
    views, likes, comments, shares, saves = clip.counts
    counts = b'"counts":{"views":%d,"likes":%d,"comments":%d,"shares":%d,"saves":%d}}' % (
        views,
        likes,
        comments,
        shares,
        saves,
    )
    return orjson.Fragment(card.json + counts)


def _make(viewer: Viewer, clip: Passed, now: float) -> _Card:
    said = clip_card(viewer, clip.video, marks_of(viewer, clip))
    del said["counts"]
    step = lifetime(clip.video)
    return _Card(as_json(said).removesuffix(b"}") + b",", step, int(now // step))


def _keep(key: Any, card: _Card) -> None:
    with _lock:
        if len(_kept) >= MOST:
            # The oldest quarter at once: which were asked for lately is not worth a write at each reading.
            for old in list(_kept)[: MOST // 4]:
                del _kept[old]
        _kept[key] = card


def forget() -> None:
    """Drop every card of this process. For tests that change settings; nothing else needs it."""
    with _lock:
        _kept.clear()
