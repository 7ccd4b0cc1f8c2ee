"""Files of clips: where they are stored, their signed addresses, and what a player is told about them.

docs/decisions/media-urls.md says why addresses look as they do. The view that serves them is videos.serving.
"""

import base64
import hashlib
import hmac
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.crypto import salted_hmac

from privacy.rules import Audience

from .models import Challenge, Sound, Video, new_folder

# Seconds. An address lives between one and two steps, so that it stays the same (and cached) for one step.
PRIVATE_STEP = 30  # whoever loses the right to watch loses the files within a minute (quality.md, revocation)
PUBLIC_STEP = 1800  # what everyone may see; when that changes, the clip moves to a new folder at once
FILE_NAME = re.compile(r"[a-z0-9_-]{1,60}\.(?:mp4|m4a|m3u8|webp|jpg|vtt)\Z")
FOLDER_NAME = re.compile(r"[A-Za-z0-9_-]{16,40}\Z")
CONTENT_TYPES = {
    "mp4": "video/mp4",
    "m4a": "audio/mp4",
    "m3u8": "application/vnd.apple.mpegurl",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "vtt": "text/vtt; charset=utf-8",
}


# --- Addresses ----------------------------------------------------------------------------------------------------


def secret() -> str:
    """What addresses are signed with; a proxy that verifies them needs exactly this text."""
    return settings.MEDIA_SECRET or salted_hmac("videos.media", "addresses", algorithm="sha256").hexdigest()


def signature(expires: int, folder: str) -> str:
    """What nginx's secure_link_md5 "$expires/$folder $secret" computes: MD5 in base64url without padding.

    MD5 is what that module offers. The secret comes last, so the hash cannot be extended, and finding a second text with
    the same hash is not feasible.
    """
    text = f"{expires}/{folder} {secret()}".encode()
    return base64.urlsafe_b64encode(hashlib.md5(text, usedforsecurity=False).digest()).decode().rstrip("=")


def verify(expires: str, given: str, folder: str, *, now: float | None = None) -> bool:
    """Whether an address is ours and still lives."""
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12 and FOLDER_NAME.match(folder)):
        return False
    genuine = hmac.compare_digest(signature(int(expires), folder).encode(), given.encode())
    return genuine and int(expires) > (time.time() if now is None else now)


def is_open_to_all(video: Video) -> bool:
    """Whether anybody may watch, so that a longer life of its addresses reveals nothing. Loads author and privacy."""
    return (
        video.audience == Audience.PUBLIC
        and video.published_at is not None
        and video.state in {Video.State.READY, Video.State.PROCESSING}
        and video.author.is_visible
        and not video.author.privacy.is_private
    )


def media_url(video: Video, name: str, *, now: float | None = None) -> str:
    """A signed, short-lived address of a file of this clip; empty when there is no such file. No query with people loaded.

    Relative references inside the file (a playlist's) resolve to addresses with the same signature.
    """
    if not name:
        return ""
    return _signed(video.folder, name, lifetime(video), now)


def lifetime(video: Video) -> int:
    """The step of this clip's addresses in seconds: they are the same within one, and live for up to one longer."""
    return PUBLIC_STEP if is_open_to_all(video) else PRIVATE_STEP


def _signed(folder: str, name: str, step: int, now: float | None) -> str:
    expires = (int(time.time() if now is None else now) // step + 2) * step
    return f"{settings.MEDIA_BASE_URL}/media/{expires}/{signature(expires, folder)}/{folder}/{name}"


def cover_url(video: Video) -> str:
    """The signed address of the cover; empty until there is one."""
    return media_url(video, video.cover)


def sound_url(sound: Sound, *, now: float | None = None) -> str:
    """The signed address of a sound's file; empty until it was extracted. Only those of the library live long, as who may
    hear a person's sound hangs on who may watch the clips that use it. No query."""
    if not sound.file:
        return ""
    return _signed(sound.folder, sound.file, PUBLIC_STEP if sound.owner_id is None else PRIVATE_STEP, now)


def banner_url(challenge: Challenge) -> str:
    """The signed address of a challenge's banner; empty without one. No query."""
    if not challenge.banner:
        return ""
    is_out = challenge.published_at is not None and challenge.removed_at is None
    return _signed(challenge.folder, challenge.banner, PUBLIC_STEP if is_out else PRIVATE_STEP, None)


def playback(video: Video) -> dict[str, Any]:
    """What a player needs: `{"hls", "mp4": [{"height", "url", "bitrate"}], "captions"}`, best first; empty until playable.

    One query for the renditions, none when they are prefetched.
    """
    if not video.is_playable:
        return {"hls": "", "mp4": [], "captions": []}
    renditions = sorted(video.renditions.all(), key=lambda rendition: rendition.short_side, reverse=True)
    files = [{"height": r.height, "url": media_url(video, r.name), "bitrate": r.bitrate} for r in renditions]
    return {"hls": media_url(video, video.playlist), "mp4": files, "captions": []}


# --- Storage ------------------------------------------------------------------------------------------------------


def key_of(folder: str, name: str) -> str:
    """The storage key of a file that addresses can reach."""
    return f"clips/{folder}/{name}"


def original_key(video: Video, name: str = "") -> str:
    """The storage key of an upload as it came (the first file unless named), kept for another edit and for its author's
    data download. Outside what addresses can reach."""
    return original_key_of(video.folder, name or video.original)


def original_key_of(folder: str, name: str) -> str:
    """The same for a file that no row names yet."""
    return f"originals/{folder}/{name}"


def _local(key: str) -> Path | None:
    try:
        return Path(default_storage.path(key))
    except NotImplementedError:
        return None


class _Ticking(File):
    """A file that calls back while it is read, so that a slow upload to the store keeps its lease."""

    def __init__(self, file: IO[bytes], on_tick: Callable[[], None]) -> None:
        super().__init__(file)
        self._bytes, self._on_tick = file, on_tick

    def read(self, size: int = -1) -> bytes:
        self._on_tick()
        return self._bytes.read(size)


def put(key: str, source: Path, on_tick: Callable[[], None] = lambda: None) -> None:
    """Publish a finished local file under `key`, whole or not at all, replacing what was there. `source` is consumed.

    On a local store of the same disk this is a rename.
    """
    target = _local(key)
    if target is None:
        with source.open("rb") as file:
            if default_storage.exists(key):
                default_storage.delete(key)
            default_storage.save(key, _Ticking(file, on_tick))
        source.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    source.chmod(0o644)  # the proxy serves these files as another user
    try:
        source.replace(target)
    except OSError:  # another file system: copy beside it, then rename
        beside = target.with_name(f".{target.name}.{new_folder()}")
        try:
            shutil.copyfile(source, beside)
            beside.replace(target)
        except OSError:
            beside.unlink(missing_ok=True)  # half a file would fill a full disk for good
            raise
        source.unlink()


def fetch(key: str, target: Path) -> None:
    """A local copy of a stored file (a hard link where possible). Raises FileNotFoundError."""
    local = _local(key)
    if local is None:
        with default_storage.open(key) as stored, target.open("wb") as file:
            shutil.copyfileobj(stored, file, 1 << 20)
        return
    try:
        os.link(local, target)
    except FileExistsError:
        return
    except OSError as error:
        if not local.exists():
            raise FileNotFoundError(key) from error
        shutil.copyfile(local, target)


def names(folder_key: str) -> list[str]:
    """The names of the files below a folder's key; none when there is no such folder."""
    try:
        _folders, found = default_storage.listdir(folder_key)
    except FileNotFoundError:
        return []
    return found


def erase(key: str) -> None:
    """Remove one file. Safe to repeat."""
    default_storage.delete(key)


def erase_folder(folder: str) -> None:
    """Remove every file of a clip. Safe to repeat."""
    for prefix in (f"clips/{folder}", f"originals/{folder}"):
        local = _local(prefix)
        if local is not None:
            shutil.rmtree(local, ignore_errors=True)
            if local.exists():
                raise OSError(f"{prefix} could not be removed")
            continue
        _folders, names = default_storage.listdir(prefix)
        for name in names:
            default_storage.delete(f"{prefix}/{name}")


def copy_folder(old: str, new: str) -> None:
    """Make every file of `old` reachable under `new` as well (hard links on a local store)."""
    for prefix in ("clips", "originals"):
        source = _local(f"{prefix}/{old}")
        if source is not None:
            if source.is_dir():
                shutil.copytree(
                    source, str(_local(f"{prefix}/{new}")), copy_function=os.link, dirs_exist_ok=True
                )
            continue
        _folders, names = default_storage.listdir(f"{prefix}/{old}")
        for name in names:
            with default_storage.open(f"{prefix}/{old}/{name}") as file:
                default_storage.save(f"{prefix}/{new}/{name}", file)
