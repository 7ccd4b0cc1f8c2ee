"""Why a clip could not be published: one code and one sentence for people each. Nothing here decides; probe and jobs do."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

SENTENCES = {
    "empty": gettext_lazy("This file is empty. Choose a video file."),
    "not_media": gettext_lazy("This is not a video file. Choose an MP4, MOV, WebM, MKV, AVI or TS file."),
    "image": gettext_lazy("This is a picture, not a video. Choose a video file."),
    "playlist": gettext_lazy("This is a playlist that points to other files. Choose the video file itself."),
    "no_video": gettext_lazy("This file has no picture track. Choose a video file."),
    "codec": pgettext_lazy(
        "%(codec)s is the name of a video format",
        "The picture is stored as %(codec)s, which cannot be used here. Save it as H.264 and upload that file.",
    ),
    "sound_codec": pgettext_lazy(
        "%(codec)s is the name of a sound format",
        "The sound is stored as %(codec)s, which cannot be used here. Save it as AAC and upload that file.",
    ),
    "damaged": gettext_lazy("This file is damaged and cannot be played. Export or record it again."),
    "incomplete": gettext_lazy("The end of this file is missing. Copy it again from where it came from."),
    "too_long": gettext_lazy(
        "This clip is %(length)s long; the limit is %(limit)s. Trim it and upload the shorter one."
    ),
    "too_short": gettext_lazy("This clip is too short to be watched. Choose a longer one."),
    "dimensions": gettext_lazy(
        "The picture is %(width)s × %(height)s pixels; at most %(limit)s on a side can be used. Export it smaller."
    ),
    "too_small": gettext_lazy("The picture is only %(width)s × %(height)s pixels. Choose a larger one."),
    "too_hard": gettext_lazy(
        "This file takes too long to convert. Export it with a lower resolution or frame rate."
    ),
    "source_gone": gettext_lazy("The uploaded file is no longer here. Upload it again."),
    "internal": gettext_lazy("Something went wrong on our side. Try again; your file is safe."),
}

# A retry can only help where the fault was not in the file.
WORTH_A_RETRY = frozenset({"internal", "too_hard"})


class Unusable(Exception):
    """This upload cannot become a clip: `code` is a key of SENTENCES, `params` what its sentence names,
    `log` what the tools said, for the operator only."""

    def __init__(self, code: str, *, log: str = "", **params: Any) -> None:
        super().__init__(code)
        self.code, self.params, self.log = code, params, log


def clock(seconds: float) -> str:
    """`3:05` for 185 seconds."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def sentence(code: str, params: dict[str, Any]) -> str:
    """The sentence of a code in the language that is active now."""
    try:
        return str(SENTENCES[code]) % params
    except (KeyError, ValueError):
        return _("This clip could not be published. Upload it again.")
