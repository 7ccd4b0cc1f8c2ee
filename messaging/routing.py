"""Addresses of the socket."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.urls import path

from .consumers import Socket

websocket_urlpatterns = [path("ws/", Socket.as_asgi(), name="socket")]
_socket = Socket.as_asgi()


async def application(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """The ASGI application for sockets: `/ws/`, and a refused handshake for every other address."""
    if scope["path"] == "/ws/":
        await _socket(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close", "code": 4404})
