"""Every read of figures on a person's behalf, by page. People see the figures of their own clips and account, nobody else's.

All of it but the last hour comes from the roll-ups: the cost depends on the days shown and on the creator's clips, never on
the views.
"""

from .account import overview
from .audience import follow_back, followers, messages
from .clip import own_clip, video_figures
from .comparing import (
    change,
    clip_line,
    compared,
    definitions,
    signed_in,
    updated_at,
)
from .content import NEWEST, PAGE, SORTS, WHOLE, Wanted, content, wanted
from .invites import invites
from .live import live
from .periods import Period, period, period_asked
from .promoting import promotions

__all__ = [
    "NEWEST",
    "PAGE",
    "SORTS",
    "WHOLE",
    "Period",
    "Wanted",
    "change",
    "clip_line",
    "compared",
    "content",
    "definitions",
    "follow_back",
    "followers",
    "invites",
    "live",
    "messages",
    "overview",
    "own_clip",
    "period",
    "period_asked",
    "promotions",
    "signed_in",
    "updated_at",
    "video_figures",
    "wanted",
]
