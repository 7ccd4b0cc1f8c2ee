"""Every read of figures on a person's behalf, by page. People see the figures of their own clips and account, nobody else's.

All of it but the last hour comes from the roll-ups: the cost depends on the days shown and on the creator's clips, never on
the views.
"""

from .account import overview
from .clips import content, video_figures
from .comparing import change, clip_line, compared, definitions, every_day, signed_in, updated_at
from .periods import Period, period, period_asked

__all__ = [
    "Period",
    "change",
    "clip_line",
    "compared",
    "content",
    "definitions",
    "every_day",
    "overview",
    "period",
    "period_asked",
    "signed_in",
    "updated_at",
    "video_figures",
]
