"""The tus protocol 1.0.0 (tus.io/protocols/resumable-upload): headers in and out, and the streamed PATCH as an ASGI application.

The other verbs, and PATCH under WSGI, are ordinary views (videos.api_uploads); both use the functions here.
"""

import asyncio
import base64
import binascii
import io
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

import orjson
from channels.db import database_sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils import translation
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from socialapp.lib.errors import Invalid, NotFound, NotSignedIn, Problem
from socialapp.lib.rest import exception_handler

from . import access, actions, uploads
from .models import Upload
from .uploads import Writer

log = logging.getLogger(__name__)

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration,checksum"
CONTENT_TYPE = "application/offset+octet-stream"
BUFFER = 1 << 20  # bytes gathered before a write: few system calls, little memory for each upload
IDLE_SECONDS = (
    20  # a sender that is silent for longer has gone; its lock must not keep it out when it comes back
)
DRAIN = 4 << 20  # bytes read and thrown away after a refusal, so that the sender reads our answer
PREFIX = "/api/v1/uploads/"

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class WrongVersion(Problem):
    status, code = 412, "tus_version"
    message = _("This server speaks version 1.0.0 of the tus protocol.")


class WrongType(Problem):
    status, code = 415, "content_type"
    message = _("Parts of an upload are sent as application/offset+octet-stream.")


# --- Headers --------------------------------------------------------------------------------------------------------


def check_version(headers: Mapping[str, str]) -> None:
    """Every request but OPTIONS names the version."""
    if headers.get("Tus-Resumable") != VERSION:
        raise WrongVersion()


def own_headers(upload: Upload | None = None, offset: int | None = None) -> dict[str, str]:
    """What every answer carries, and what is said of an upload."""
    headers = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
    if offset is not None:
        headers["Upload-Offset"] = str(offset)
    if upload is not None:
        headers["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return headers


def options_headers() -> dict[str, str]:
    """What the server can do."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(uploads.max_bytes()),
        "Tus-Checksum-Algorithm": ",".join(uploads.CHECKSUMS),
    }


def number(headers: Mapping[str, str], name: str) -> int:
    """A header that must be a whole number, not negative. Invalid otherwise."""
    text = (headers.get(name) or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Invalid(_("%(header)s must be a whole number.") % {"header": name}, code="bad_header")
    return int(text)


def parse_metadata(text: str | None) -> dict[str, str]:
    """`filename <base64>,filetype <base64>` as text. Names without a value are empty."""
    found = {}
    for pair in filter(None, (part.strip() for part in (text or "").split(","))):
        name, _space, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Invalid(
                _("Upload-Metadata must be names and values in base64."), code="bad_metadata"
            ) from error
    return found


def metadata(upload: Upload) -> str:
    """The Upload-Metadata that the upload was announced with, as far as it is kept."""
    known = {"filename": upload.filename, "filetype": upload.filetype}
    return ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in known.items() if value
    )


def create(person: Any, headers: Mapping[str, str]) -> Upload:
    """The creation extension: announce an upload by its headers."""
    check_version(headers)
    length = number(headers, "Upload-Length")
    told = parse_metadata(headers.get("Upload-Metadata"))
    name = told.get("filename", "").replace("\\", "/").rpartition("/")[2]
    kind = told.get("filetype", "")
    return actions.create_upload(person, length=length, filename=_printable(name), filetype=_printable(kind))


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable()).strip()


def open_writer(upload: Upload, headers: Mapping[str, str], *, claimed: int | None = None) -> Writer:
    """Check a PATCH's headers and lock the upload for appending at the offset they name (0 for a creation with data)."""
    check_version(headers)
    if (headers.get("Content-Type") or "").partition(";")[0].strip().lower() != CONTENT_TYPE:
        raise WrongType()
    size = number(headers, "Content-Length") if headers.get("Content-Length") else None
    checksum = uploads.parse_checksum(headers.get("Upload-Checksum"))
    return Writer(upload, number(headers, "Upload-Offset") if claimed is None else claimed, size, checksum)


def receive(upload: Upload, writer: Writer, read: Callable[[int], bytes]) -> Upload:
    """Append a body that is read in pieces (WSGI). What arrives before the sender goes away is kept."""
    with writer:
        try:
            while piece := read(BUFFER):
                writer.write([piece])
        except BaseException:
            writer.cut_off()
            raise
        writer.finish()
    return actions.keep_upload(upload)


# --- ASGI -----------------------------------------------------------------------------------------------------------


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """PATCH of an upload: the body goes from the socket to the file, never into a temporary one."""
    request = ASGIRequest(scope, io.BytesIO())
    try:
        upload, writer = await database_sync_to_async(_begin, thread_sensitive=False)(request)
    except Exception as error:
        await _drain(receive)
        await _answer(send, *_refusal(request, error))
        return
    try:
        with writer:
            whole = await _stream(receive, writer)
            if not whole:
                return  # nobody is there to answer
            offset = await asyncio.to_thread(writer.finish)
        upload = await database_sync_to_async(actions.keep_upload, thread_sensitive=False)(upload)
    except Exception as error:
        await _drain(receive)
        await _answer(send, *_refusal(request, error))
        return
    await _answer(send, 204, own_headers(upload, offset), b"")


def _begin(request: ASGIRequest) -> tuple[Upload, Writer]:
    """Who is it, may they, and is it their turn. Raises what the API would."""
    _authenticate(request)
    if not request.path.startswith(PREFIX):
        raise NotFound()
    upload_id = unquote(request.path.removeprefix(PREFIX)).strip("/")
    upload = access.get_upload(request.user, upload_id)
    return upload, open_writer(upload, request.headers)


def _authenticate(request: ASGIRequest) -> None:
    """The same people by the same proofs as the API: session cookie with CSRF token and Origin, or X-Session-Token."""
    SessionMiddleware(lambda _request: HttpResponse()).process_request(request)
    AuthenticationMiddleware(lambda _request: HttpResponse()).process_request(request)
    asked = Request(request, authenticators=APIView().get_authenticators())
    request.user = asked.user
    if not IsAuthenticated().has_permission(asked, None):  # type: ignore[arg-type]
        raise NotSignedIn()


async def _stream(receive: Receive, writer: Writer) -> bool:
    """Append the body as it comes; False when the sender went away before its end."""
    loop = asyncio.get_running_loop()
    waiting: list[bytes] = []
    size, more, there = 0, True, True
    try:
        async with asyncio.timeout(IDLE_SECONDS) as patience:
            while more:
                message = await receive()
                patience.reschedule(loop.time() + IDLE_SECONDS)
                if message["type"] == "http.disconnect":
                    there = False
                    break
                body, more = message.get("body", b""), message.get("more_body", False)
                if body:
                    waiting.append(body)
                    size += len(body)
                if size >= BUFFER:
                    await asyncio.to_thread(writer.write, waiting)
                    waiting, size = [], 0
    except TimeoutError:
        there = False
    if waiting:
        await asyncio.to_thread(writer.write, waiting)
    if not there:
        writer.cut_off()
    return there


async def _drain(receive: Receive) -> None:
    """Read a little of what is still coming: a sender that is cut off in mid-sentence does not read why."""
    left = DRAIN
    try:
        async with asyncio.timeout(2):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


def _refusal(request: ASGIRequest, error: Exception) -> tuple[int, dict[str, str], bytes]:
    """The API's error shape for anything that went wrong."""
    with translation.override(translation.get_language_from_request(request)):
        answer = exception_handler(error, {})
        if answer is None:
            log.error("upload: %s", error, exc_info=error)
            return 500, own_headers(), b""
        extra = {
            name: value for name, value in answer.items() if name not in {"Content-Type", "Vary", "Allow"}
        }
        if answer.status_code == 412:
            extra["Tus-Version"] = VERSION
        return (
            answer.status_code,
            {**own_headers(), **extra, "Content-Type": "application/json"},
            orjson.dumps(answer.data),
        )


async def _answer(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    names = {**headers, "X-Content-Type-Options": "nosniff"}
    if status != 204:
        names["Content-Length"] = str(len(body))
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in names.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
