"""The yardstick for messages: the least a server can do. One Redis subscription, fan-out to sockets, nothing else.

`GET /ws/?channel=x` is a socket; what is published on `x` goes to it. No accounts, no database, no rules.
"""

import asyncio
import os

import redis.asyncio

sockets: dict[bytes, list] = {}
reader = None
pubsub = None


async def _read():
    async for message in pubsub.listen():
        if message["type"] == "message":
            for send in sockets.get(message["channel"], ()):
                await send({"type": "websocket.send", "text": message["data"].decode()})


async def application(scope, receive, send):
    global reader, pubsub
    if scope["type"] != "websocket":
        await send({"type": "http.response.start", "status": 401, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    await receive()
    await send({"type": "websocket.accept"})
    channel = scope["query_string"].removeprefix(b"channel=")
    if pubsub is None:
        pubsub = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"]).pubsub()
    sockets.setdefault(channel, []).append(send)
    await pubsub.subscribe(channel)
    if reader is None:
        reader = asyncio.create_task(_read())
    await send({"type": "websocket.send", "text": "{}"})
    while (await receive())["type"] != "websocket.disconnect":
        pass
    sockets[channel].remove(send)
