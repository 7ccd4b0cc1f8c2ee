"""The model that this process serves from, and the norms by which it judges viewings; swapped in one assignment.

The row Training.serving says which model serves. Whoever moves it (videos.training) writes a notice beside the models' files
after commit; a process looks at the notice's date at most every CHECK_SECONDS, so that looking costs no query.
"""

import logging
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from ..labels import Norms

log = logging.getLogger(__name__)

CHECK_SECONDS = 5.0
NOTICE = "serving.json"


@dataclass(frozen=True)
class Trained:
    """What one training left: `model` is a videos.recommender.Model, None before the first training."""

    training: int = 0
    model: Any = None
    norms: Norms = field(default_factory=Norms)


@dataclass
class _Held:
    checked: float = float("-inf")
    notice: tuple[Any, ...] = ()
    trained: Trained = field(default_factory=Trained)


_held = _Held()
_one_loads = threading.Lock()


def folder() -> Path:
    """Where models lie, on this machine's disk: they are read by mapping them into memory."""
    return Path(settings.WORK_DIR) / "models"


def serving() -> Trained:
    """What to serve from now. No query. A model that cannot be read is logged, and the one before goes on serving."""
    now = time.monotonic()
    if now - _held.checked < CHECK_SECONDS and (not _held.notice or _held.notice[0] == str(folder())):
        return _held.trained
    with _one_loads:
        if now - _held.checked < CHECK_SECONDS and (not _held.notice or _held.notice[0] == str(folder())):
            return _held.trained
        try:
            stat = (folder() / NOTICE).stat()
            notice: tuple[Any, ...] = (str(folder()), stat.st_mtime_ns, stat.st_ino)
        except OSError:
            notice = ()
        if notice != _held.notice:
            _held.trained = _load(_held.trained) if notice else Trained()
            _held.notice = notice
        _held.checked = now
    return _held.trained


def look_again() -> None:
    """The next call of `serving` looks at the notice, however short ago the last look was."""
    _held.checked = float("-inf")


def model() -> Any:
    """The serving model of this process (videos.recommender.Model); None before the first training."""
    return serving().model


def _load(before: Trained) -> Trained:
    try:
        from ..recommender import Model

        said = orjson.loads((folder() / NOTICE).read_bytes())
        loaded = Model.load(folder() / said["file"])
        return Trained(int(said["training"]), loaded, Norms.from_json(said["norms"]))
    except Exception:  # a feed without this model is better than none
        log.exception("the model of the notice %s cannot be read", folder() / NOTICE)
        return before
