"""Automatic captions: listens to a clip on this machine and groups what was said into cues. Needs the `captions` extra.

The words come from videos/captioning_child.py, a sandboxed process of its own; nothing is sent anywhere. What is stored is
videos.actions.captions'.
"""

import importlib.util
import json
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
from django.conf import settings

from socialapp.lib import sandbox
from socialapp.lib.ffmpeg import run_ffmpeg
from socialapp.lib.sandbox import Limits

from . import captioning_child
from .captions import Cue
from .failures import Unusable
from .inputs import open_source

SAMPLE_RATE = 16_000  # what recognisers are trained on
LONGEST_CUE = 4.0  # seconds
LONGEST_TEXT = 64  # characters: two lines of a phone
PAUSE = 0.6  # seconds of silence that begin a new cue
SHORTEST_CUE = 0.8  # seconds: long enough to be read
SLOWEST = 12  # seconds of work for a second of sound, before a run is given up


@dataclass(frozen=True)
class Word:
    """One word that was understood, and when (seconds)."""

    text: str
    start: float
    end: float


def engine(language: str) -> tuple[str, str]:
    """What would listen to this language here, and the folder of its model. Unusable when nothing does.

    CAPTIONS_MODEL names a folder with a faster-whisper model (any language); else pocketsphinx, whose package brings its own
    model of English.
    """
    if settings.CAPTIONS_MODEL:
        if importlib.util.find_spec("faster_whisper") is None:
            raise Unusable("captions_extra", log="CAPTIONS_MODEL is set, but faster-whisper is not installed")
        return "whisper", settings.CAPTIONS_MODEL
    if importlib.util.find_spec("pocketsphinx") is None:
        raise Unusable("captions_extra", log="requirements/captions.txt is not installed")
    if language.partition("-")[0] != "en":
        raise Unusable("captions_language")
    return "sphinx", ""


def is_available() -> bool:
    """Whether automatic captions can be made here at all."""
    try:
        engine("en")
    except Unusable:
        return False
    return True


def listen(
    rendition: Path,
    language: str,
    *,
    seconds: float,
    folder: Path,
    on_progress: Callable[[float], None] | None = None,
    on_tick: Callable[[], None] | None = None,
) -> list[Cue]:
    """What is said in one of our own renditions, as cues. `folder` must be empty. Raises Unusable, FfmpegFailed."""
    name, model = engine(language)
    heard = folder / "heard.wav"
    command = ffmpeg.output(
        open_source(rendition, "mov")["a:0"],
        str(heard),
        f="wav",
        ac=1,
        ar=SAMPLE_RATE,
        **{"c:a": "pcm_s16le"},
    )
    run_ffmpeg(
        [*command.get_args(), "-y"],
        inputs=[rendition],
        folder=folder,
        wall=120,
        file_bytes=256 << 20,
        on_tick=on_tick,
    )

    def share(at: float) -> None:
        if on_progress is not None:
            on_progress(min(1.0, at / max(seconds, 0.1)))

    cues = group(words_of(heard, name, language, model, seconds, share, on_tick), seconds)
    if not cues:
        raise Unusable("no_speech")
    return cues


def words_of(
    heard: Path,
    name: str,
    language: str,
    model: str,
    seconds: float,
    on_progress: Callable[[float], None],
    on_tick: Callable[[], None] | None,
) -> list[Word]:
    """What the engine `name` understands in a WAV, in its own process. `on_progress` gets the seconds it is through with."""
    words: list[Word] = []

    def take(line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if "at" in said:
            on_progress(float(said["at"]))
        if "word" in said:
            words.append(Word(str(said["word"])[:60], float(said["start"]), float(said["end"])))

    script, python = Path(captioning_child.__file__).resolve(), Path(sys.executable)
    readable = {
        script,
        heard,
        Path(sys.prefix),
        Path(sys.base_prefix),
        Path(sysconfig.get_path("platlib")),
        python.resolve().parent,
        *([Path(model)] if model else []),
    }
    wall = 60 + SLOWEST * seconds
    ending = sandbox.run(
        [str(python), "-I", "-B", str(script), name, str(heard), language.partition("-")[0], model],
        readable=sorted(readable),
        folder=heard.parent,
        limits=Limits(wall=wall, cpu=int(2 * wall), memory_bytes=4 << 30, file_bytes=1 << 20),
        on_line=take,
        on_tick=on_tick,
    )
    if ending.code or ending.over:
        raise Unusable("too_hard" if ending.over else "internal", log=ending.log)
    return words


def group(words: list[Word], seconds: float) -> list[Cue]:
    """Words as cues that can be read: short, ending where the speaker pauses, never two at once."""
    groups: list[list[Word]] = []
    for word in words:
        last = groups[-1] if groups else None
        if (
            last is None
            or word.start - last[-1].end > PAUSE
            or word.end - last[0].start > LONGEST_CUE
            or len(" ".join(one.text for one in last)) + len(word.text) + 1 > LONGEST_TEXT
        ):
            groups.append([word])
        else:
            last.append(word)
    cues = []
    for number, said in enumerate(groups):
        following = groups[number + 1][0].start if number + 1 < len(groups) else seconds
        start = max(0.0, said[0].start)
        end = min(max(said[-1].end, start + SHORTEST_CUE), max(following, said[-1].end), seconds)
        if end > start:
            text = " ".join(one.text for one in said)
            cues.append(Cue(round(start * 1000), round(end * 1000), text[:1].upper() + text[1:]))
    return cues
