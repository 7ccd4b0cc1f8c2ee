"""How popular a clip is, as one number that never has to be decayed: newer clips simply start higher."""

from datetime import datetime
from math import log2

# What one act says about a clip, in views. A view is nearly free, a share risks the sharer's name.
VIEWS, LIKES, SAVES, COMMENTS, SHARES = 1, 4, 6, 8, 10
# A clip that is this much younger ranks like one with twice the engagement. Two days: a week of age costs a factor 11.
HALF_LIFE_SECONDS = 2 * 86_400
EPOCH = 1_735_689_600  # 2025-01-01 UTC, as in socialapp.lib.ids; keeps the numbers small


def score(
    *, views: int, likes: int = 0, saves: int = 0, comments: int = 0, shares: int = 0, published_at: datetime
) -> float:
    """log2(1 + weighted engagement) + age term: the order of an exponential decay, without touching old rows.

    engagement · 2^(−age / half-life) ranks as log2(engagement) − (now − published) / half-life, and `now` is the same
    for every clip, so it can be left out (the idea of Reddit's "hot", Salihefendic 2010).
    """
    engagement = VIEWS * views + LIKES * likes + SAVES * saves + COMMENTS * comments + SHARES * shares
    return log2(1 + engagement) + (published_at.timestamp() - EPOCH) / HALF_LIFE_SECONDS
