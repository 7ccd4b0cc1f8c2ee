"""A stored file as an answer to a request: whole or one range of it, with its validators. Who may have it is asked before."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

CHUNK = 256 * 1024  # bytes: a few reads a segment, little memory a viewer
# No file has places of more digits, and thousands of them are no number to Python.
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\s*\Z")


@dataclass(frozen=True)
class Stored:
    """A file as the store has it. `local` is None in an object store."""

    key: str
    size: int
    changed: float
    local: Path | None

    @property
    def etag(self) -> str:
        return f'"{self.size:x}-{int(self.changed * 1000):x}"'


def find(key: str) -> Stored | None:
    try:
        local = Path(default_storage.path(key))
    except NotImplementedError:
        if not default_storage.exists(key):
            return None
        return Stored(
            key, default_storage.size(key), default_storage.get_modified_time(key).timestamp(), None
        )
    try:
        stat = local.stat()
    except OSError:
        return None
    return Stored(key, stat.st_size, stat.st_mtime, local)


def answer(request: HttpRequest, found: Stored, content_type: str, cache: str) -> HttpResponseBase:
    """A file, whole or the one range of it that is asked for, with its validators."""
    response: HttpResponseBase
    first, last, status = 0, found.size - 1, 200
    if request.headers.get("If-None-Match", "") in {found.etag, f"W/{found.etag}"}:
        response = HttpResponse(status=304)
    else:
        wanted = _range(request, found)
        if wanted == ():
            response = HttpResponse(status=416)
            response["Content-Range"] = f"bytes */{found.size}"
            return response
        if wanted:
            (first, last), status = wanted, 206
        response = _body(request, found, first, last, status)
        response["Content-Type"] = content_type
        response["Content-Length"] = str(last - first + 1)
        if status == 206:
            response["Content-Range"] = f"bytes {first}-{last}/{found.size}"
    response["ETag"] = found.etag
    response["Last-Modified"] = formatdate(found.changed, usegmt=True)
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = cache
    return response


def _range(request: HttpRequest, found: Stored) -> tuple[int, int] | tuple[()] | None:
    """The one range asked for, () when it cannot be satisfied, None for the whole file (also for several ranges)."""
    match = _RANGE.match(request.headers.get("Range", ""))
    if match is None or match.group(0) == "bytes=-":
        return None
    condition = request.headers.get("If-Range")
    if condition and condition not in {found.etag, formatdate(found.changed, usegmt=True)}:
        return None
    start, end = match.groups()
    if not start:
        first, last = max(0, found.size - int(end)), found.size - 1
        return (first, last) if int(end) and found.size else ()
    first, last = int(start), min(int(end), found.size - 1) if end else found.size - 1
    if end and int(end) < int(start):
        return None  # not a range at all (RFC 9110, 14.1.1): ignored
    return (first, last) if first < found.size else ()


def _body(request: HttpRequest, found: Stored, first: int, last: int, status: int) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse(status=status)
    file = _open(found, first, last)
    left = last - first + 1
    if isinstance(request, ASGIRequest):
        response = StreamingHttpResponse(_later(file, left), status=status)
    else:
        response = StreamingHttpResponse(_pieces(file, left), status=status)
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]
    return response


def _open(found: Stored, first: int, last: int) -> IO[bytes]:
    """Opened now, so that a file that is erased meanwhile is still sent whole."""
    if found.local is not None:
        file: IO[bytes] = found.local.open("rb", buffering=0)
        file.seek(first)
        return file
    bucket: Any = getattr(default_storage, "bucket", None)
    if bucket is not None:  # only the range travels from the store
        name = default_storage._normalize_name(found.key)  # type: ignore[attr-defined]
        body: IO[bytes] = bucket.Object(name).get(Range=f"bytes={first}-{last}")["Body"]
        return body
    stored: IO[bytes] = default_storage.open(found.key)
    stored.seek(first)
    return stored


def _pieces(file: IO[bytes], left: int) -> Iterator[bytes]:
    while left > 0 and (piece := file.read(min(CHUNK, left))):
        left -= len(piece)
        yield piece


async def _later(file: IO[bytes], left: int) -> AsyncIterator[bytes]:
    while left > 0 and (piece := await asyncio.to_thread(file.read, min(CHUNK, left))):
        left -= len(piece)
        yield piece
