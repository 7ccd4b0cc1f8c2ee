"""Serves files of clips by their signed addresses. A proxy can do the same without Python."""

import time

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from socialapp.lib.ranges import answer, find

from . import media


@csrf_exempt
@require_safe
def serve(request: HttpRequest, expires: str, signature: str, folder: str, name: str) -> HttpResponseBase:
    """One file of a clip, whole or one range of it (RFC 9110, section 14). Wrong, old and absent addresses look alike."""
    found = None
    if media.FILE_NAME.match(name) and media.verify(expires, signature, folder):
        found = find(media.key_of(folder, name))
    if found is None:
        # No page: nobody reads it, a player asks.
        return HttpResponse(
            _("This file is not here."),
            status=404,
            content_type="text/plain",
            headers={"Cache-Control": "no-store"},
        )
    # As long as the address itself lives; "private" because who may share a cache may not be who may watch.
    cache = f"private, max-age={max(0, int(expires) - int(time.time()))}, immutable"
    return answer(request, found, media.CONTENT_TYPES[name.rpartition(".")[2]], cache)
