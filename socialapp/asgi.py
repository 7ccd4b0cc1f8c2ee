"""ASGI entry point: pages, API, uploads and the socket on one port.

HTTP goes to Django, but the bytes of an upload go straight to the tus application, which writes them to disk as they come.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialapp.settings")
django_application = get_asgi_application()  # loads the apps, so it comes before the imports below

from messaging.routing import application as socket_application  # noqa: E402
from socialapp.checks import refuse_bad_configuration  # noqa: E402
from videos.tus import application as tus_application  # noqa: E402

refuse_bad_configuration()

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
UPLOADS = "/api/v1/uploads/"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """One ASGI application for everything."""
    if scope["type"] == "websocket":
        await socket_application(scope, receive, send)
    elif scope["type"] == "http" and scope["method"] == "PATCH" and scope["path"].startswith(UPLOADS):
        await tus_application(scope, receive, send)
    elif scope["type"] == "http":
        await django_application(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
