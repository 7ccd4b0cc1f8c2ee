"""The bytes of uploads: one file each on the local disk, appended to by one writer at a time. Rows and rights are elsewhere.

A file's own length is the upload's offset, so nothing can disagree with it after a crash. Nothing is copied when the last
byte has come: the pipeline reads the same file.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from socialapp.lib import disk
from socialapp.lib.errors import (
    Conflict,
    Invalid,
    Locked,
    NotFound,
    Problem,
    StorageFull,
    TooLarge,
    Unavailable,
)

from .models import Upload

CHECKSUMS = ("sha1", "sha256", "md5")
SPARE_BYTES = 256 << 20  # room that stays free for the database and for conversions under way
_FULL = disk.FULL | {errno.EFBIG}


class ChecksumMismatch(Problem):
    """460, as the tus checksum extension has it: the chunk was thrown away."""

    status, code = 460, "checksum_mismatch"
    message = _("A part arrived damaged and was thrown away. It will be sent again.")


def max_bytes() -> int:
    """The largest upload that is taken."""
    return settings.MAX_UPLOAD_MB << 20


def is_id(text: str) -> bool:
    """Whether this could be the id of an upload; a database refuses to look for some others (NUL)."""
    return re.fullmatch(r"[A-Za-z0-9_-]{1,32}", text) is not None


def path_of(upload: Upload) -> Path:
    """Where the bytes lie. The id is unguessable and has no separators."""
    return settings.WORK_DIR / "uploads" / upload.pk


def offset(upload: Upload) -> int:
    """How many bytes arrived. NotFound when the file is gone."""
    try:
        return path_of(upload).stat().st_size
    except FileNotFoundError as error:
        raise NotFound() from error


def received(upload: Upload) -> int:
    """How many bytes arrived; none when the file is gone."""
    try:
        return path_of(upload).stat().st_size
    except FileNotFoundError:
        return 0


def is_complete(upload: Upload) -> bool:
    """Whether every byte is on disk."""
    try:
        return path_of(upload).stat().st_size == upload.length
    except FileNotFoundError:
        return False


def begin(upload: Upload) -> None:
    """Make the empty file. StorageFull when the announced length would not fit, Unavailable when the disk takes nothing."""
    folder = settings.WORK_DIR / "uploads"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < upload.length + SPARE_BYTES:
            raise StorageFull()
        path_of(upload).touch(exist_ok=False)
    except OSError as error:
        raise _problem(error) from error


def discard(upload_id: str) -> None:
    """Remove the bytes. Safe to repeat; a writer that is at it finds its upload gone next time."""
    (settings.WORK_DIR / "uploads" / upload_id).unlink(missing_ok=True)


def _problem(error: OSError) -> Exception:
    if error.errno in _FULL:
        return StorageFull()
    return Unavailable() if disk.takes_nothing(error) else error


def parse_checksum(header: str | None) -> tuple[Any, bytes] | None:
    """`Upload-Checksum: sha1 <base64>` as a running hash and the digest it must give."""
    if not header:
        return None
    import base64
    import binascii

    name, _space, text = header.strip().partition(" ")
    try:
        expected = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        expected = b""
    if name not in CHECKSUMS or not expected:
        raise Invalid(
            _("Upload-Checksum must be sha1, sha256 or md5 and the digest in base64."), code="bad_checksum"
        )
    return hashlib.new(name, usedforsecurity=False), expected


class Writer:
    """Exclusive appending to one upload. Use as a context manager; not for two threads at once.

    Holds a lock on the file itself (flock), which the kernel releases whatever happens to this process.
    Raises NotFound, Locked (another writer), Conflict (wrong offset), TooLarge, StorageFull, Unavailable.
    """

    def __init__(
        self, upload: Upload, claimed: int, size: int | None, checksum: tuple[Any, bytes] | None = None
    ) -> None:
        self.length, self.checksum = upload.length, checksum
        try:
            self._file = os.open(path_of(upload), os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise NotFound() from error
        except OSError as error:
            raise _problem(error) from error
        try:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Locked(_("This upload is being received from somewhere else.")) from error
            self.start = self.offset = os.fstat(self._file).st_size
            if claimed != self.start:
                raise Conflict(
                    _("The upload goes on at another place. Ask where and send from there."),
                    code="bad_offset",
                )
            if size is not None and self.start + size > self.length:
                raise TooLarge(_("These are more bytes than this upload announced."))
        except BaseException:
            os.close(self._file)
            raise

    def write(self, chunks: Sequence[bytes]) -> None:
        """Append. What fits is kept even when the disk fills up or the sender has more than announced."""
        room = self.length - self.offset
        if sum(map(len, chunks)) > room:
            self._append(_cut(chunks, room))
            raise TooLarge(_("These are more bytes than this upload announced."))
        self._append(chunks)

    def _append(self, chunks: Sequence[bytes]) -> None:
        left = [memoryview(chunk) for chunk in chunks if chunk]
        try:
            while left:
                written = os.writev(self._file, left[:512])
                self.offset += written
                while left and written >= len(left[0]):
                    piece = left.pop(0)
                    written -= len(piece)
                    if self.checksum:
                        self.checksum[0].update(piece)
                if written:
                    if self.checksum:
                        self.checksum[0].update(left[0][:written])
                    left[0] = left[0][written:]
        except OSError as error:
            raise _problem(error) from error

    def finish(self) -> int:
        """The body has ended: compare the checksum and return the offset. ChecksumMismatch throws the chunk away."""
        if self.checksum and self.checksum[0].digest() != self.checksum[1]:
            self.cut_off()
            raise ChecksumMismatch()
        return self.offset

    def cut_off(self) -> None:
        """The sender went away. What arrived is kept, unless a checksum that never came should have vouched for it."""
        if self.checksum:
            os.ftruncate(self._file, self.start)
            self.offset = self.start

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)


def _cut(chunks: Sequence[bytes], room: int) -> list[bytes]:
    kept = []
    for chunk in chunks:
        kept.append(chunk[:room])
        room -= len(kept[-1])
    return kept
