"""Which clips come next: For You, Following, Friends, Explore. Who may see a clip is the gate's business alone."""

from .lists import beside, explore, following, friends, marked, newest
from .mixing import PER_AUTHOR, spread
from .personal import SIZE, for_you
from .session import SESSION_SECONDS
from .why import reasons

__all__ = [
    "PER_AUTHOR",
    "SESSION_SECONDS",
    "SIZE",
    "beside",
    "explore",
    "following",
    "for_you",
    "friends",
    "marked",
    "newest",
    "reasons",
    "spread",
]
