"""The baseline of uploads: an ASGI application that writes a body to disk as it comes, and nothing else."""

import asyncio
import os


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    waiting, size, more = [], 0, True
    file = os.open(os.environ["RAW_STREAM_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while more:
        message = await receive()
        body, more = message.get("body", b""), message.get("more_body", False)
        waiting.append(body)
        size += len(body)
        if size >= 1 << 20 or not more:
            await asyncio.to_thread(os.writev, file, waiting)
            waiting, size = [], 0
    os.close(file)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
