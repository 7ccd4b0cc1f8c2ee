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
    "upload_expired": gettext_lazy(
        "The file of this clip did not arrive in time. What you wrote is kept: choose the file again."
    ),
    "remix_closed": gettext_lazy(
        "The clip that you used is gone or no longer open to you, so this one stays a draft that only you see."
    ),
    "not_sound": gettext_lazy("This is not a sound file. Choose an MP3, M4A, WAV, OGG or FLAC file."),
    "no_sound": gettext_lazy("There is no sound in this recording. Record it again."),
    "sound_damaged": gettext_lazy("This recording is damaged and cannot be played. Record it again."),
    "sound_gone": gettext_lazy("The chosen sound is no longer here. Choose another one."),
    "remix_gone": gettext_lazy(
        "The clip that this one was made with is no longer here, or may not be used any more."
    ),
    "no_speech": gettext_lazy("No words were understood in this clip. Write its captions yourself."),
    "captions_extra": gettext_lazy(
        "Automatic captions are not installed on this site. Write captions yourself, or upload a WebVTT file."
    ),
    "captions_language": gettext_lazy("Automatic captions cannot be made in this language here."),
    "not_playable": gettext_lazy("This clip is not ready yet. Try again when it plays."),
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
        words = str(SENTENCES[code]) % params
    except (KeyError, ValueError):
        return _("This clip could not be published. Upload it again.")
    # Of several files that were joined, the one that is meant.
    return (
        _("Clip %(number)s: %(problem)s") % {"number": params["clip"], "problem": words}
        if "clip" in params
        else words
    )
