"""The other yardstick for messages: Channels as its tutorial has it. A group for a room, a consumer that sends what comes.

`GET /ws/?channel=x` is a socket in the group `x`. The layer is channels_redis (one Redis list a process), which is what
Channels recommends for production. No accounts, no database, no rules.
"""

import os

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

LAYER = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # It waits five seconds for a message, which is also how long redis-py waits for an answer.
        "CONFIG": {"hosts": [{"address": os.environ["REDIS_URL"], "socket_timeout": 20}]},
    }
}
if not settings.configured:
    settings.configure(CHANNEL_LAYERS=LAYER)


class Room(AsyncWebsocketConsumer):
    """One socket of the room named in its address."""

    async def connect(self):
        self.room = self.scope["query_string"].decode().removeprefix("channel=")
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()
        await self.send("{}")

    async def disconnect(self, code):
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def said(self, event):
        await self.send(event["text"])


socket = Room.as_asgi()


async def application(scope, receive, send):
    """The socket, and 401 for every page, so that the benchmark can see when the server is up."""
    if scope["type"] == "websocket":
        await socket(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body", "body": b""})
