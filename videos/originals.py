"""The files of one's own clip as they came, for editing it again: what they are, and their bytes. Nobody else gets them."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from socialapp.lib.errors import NotFound
from socialapp.lib.ranges import Stored, answer, find

from . import access, media, uploads
from .models import Part, Upload, Video

# What browsers may be told a file is; anything else is bytes that nothing runs or shows.
TYPES = {"mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/mp4", "webm": "video/webm", "m4a": "audio/mp4"}
VOICE = "voice"


def _own_clip(request: HttpRequest, video_id: str) -> Video:
    clip = access.get_video(request.user, video_id)
    if clip.author_id != request.user.pk:
        raise NotFound()
    return clip


def _shown(place: int | str, upload: Upload | None, original: str) -> dict[str, Any]:
    return {"place": place, "name": upload.filename if upload else original}


@login_required
@require_safe
def files(request: HttpRequest, video_id: str) -> HttpResponseBase:
    """`{main, parts, voice}`, each `{place, name}`; the place is what `edit.parts` calls `part`, 0 is the first file."""
    clip = _own_clip(request, video_id)
    parts = access.parts_of(request.user, clip)
    joined = [
        _shown(part.position, part.upload, part.original) for part in parts if part.role == Part.Role.CLIP
    ]
    voices = [_shown(VOICE, part.upload, part.original) for part in parts if part.role == Part.Role.VOICE]
    return JsonResponse(
        {
            "main": _shown(0, clip.upload, clip.original),
            "parts": joined,
            "voice": voices[0] if voices else None,
        },
        headers={"Cache-Control": "private, no-store"},
    )


@login_required
@require_safe
def file(request: HttpRequest, video_id: str, place: str) -> HttpResponseBase:
    """One of these files, whole or a range of it. NotFound while it is still on its way, and when it was not kept."""
    clip = _own_clip(request, video_id)
    upload, original = clip.upload, clip.original
    if place != "0":
        parts = access.parts_of(request.user, clip)
        named = {VOICE if part.role == Part.Role.VOICE else str(part.position): part for part in parts}
        if place not in named:
            raise NotFound()
        upload, original = named[place].upload, named[place].original
    found = find(media.original_key(clip, original)) if original else _arrived(upload)
    if found is None:
        raise NotFound()
    ending = (original or (upload.filename if upload else "")).rpartition(".")[2].lower()
    response = answer(request, found, TYPES.get(ending, "application/octet-stream"), "private, no-store")
    # It is as its sender made it: whatever it is, it is only ever media.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _arrived(upload: Upload | None) -> Stored | None:
    if upload is None or not uploads.is_complete(upload):
        return None
    path = uploads.path_of(upload)
    try:
        return Stored("", path.stat().st_size, path.stat().st_mtime, path)
    except FileNotFoundError:
        return None
