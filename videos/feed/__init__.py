"""Which clips come next: For You, Following, Friends, Explore. Who may see a clip is the gate's business alone."""

from ..access import Viewer
from ..ranking import Taste
from .lists import beside, explore, following, friends, marked, newest
from .mixing import spread
from .online import Known, forget, known
from .personal import SIZE, for_you
from .session import SESSION_SECONDS
from .trained import model
from .why import reasons

__all__ = [
    "SESSION_SECONDS",
    "SIZE",
    "Known",
    "beside",
    "explore",
    "following",
    "for_you",
    "forget",
    "friends",
    "history",
    "known",
    "marked",
    "model",
    "newest",
    "reasons",
    "spread",
    "taste_of",
]


def history(viewer: Viewer) -> list[tuple[int, float, float]]:
    """What the viewer watched, liked and shared as (clip, weight, POSIX seconds), newest last; for the model."""
    return known(viewer).history


def taste_of(viewer: Viewer) -> Taste:
    """What is known of the viewer's likings."""
    return known(viewer).taste
