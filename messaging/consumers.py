"""The one socket of a tab, `/ws/`: JSON text frames as contract.md names them. A skin: hub and access do the work."""

import asyncio
import contextlib
import logging
import time
from typing import Any

import orjson
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from socialapp.lib.errors import NotFound
from socialapp.lib.realtime import push_unlogged

from . import access, hub, sockets
from .delivery import frame_text

log = logging.getLogger(__name__)

# A client that means to resume does so at once; until then, or for this long, live frames wait so that order holds.
HOLD_SECONDS = 0.25
LARGEST_FRAME = 4096  # nothing a client says here is longer
FRAMES_A_SECOND, BURST = 20, 60
TYPING_KNOWN_SECONDS = (
    5  # how long the list of those who see me typing is believed; delivery asks the gate again
)


class Socket(AsyncWebsocketConsumer):
    """Authenticated by the session cookie (with our own Origin) or X-Session-Token; see messaging/sockets.py."""

    sink: hub.Sink | None = None
    main: asyncio.Task[Any] | None = None
    flow: asyncio.Task[None] | None = (
        None  # lets live frames through once the client had its chance to resume
    )
    ending: int | None = None  # the code to close with
    typing_known: tuple[str, float, list[int]] = ("", 0.0, [])

    async def connect(self) -> None:
        headers = dict(self.scope["headers"])
        if not sockets.origin_allowed(headers):
            await self.close()
            return
        self.hub = hub.current()
        try:
            identity = await self.hub.ask(sockets.identify, headers)
        except DatabaseError:
            await self.close()
            return
        if identity is None:
            await self.close()
            return
        self.identity = identity
        self.allowance, self.counted_at = float(BURST), time.monotonic()
        await self.accept()
        self.sink = hub.Sink(identity, self.send, self.end)
        if not await self.hub.join(self.sink):
            self._let_go()
            await self.close(1013)
            return
        self.flow = asyncio.create_task(self._flow(HOLD_SECONDS))

    async def _flow(self, wait: float, after: int | None = None) -> None:
        """Let numbered frames through: what came after `after`, then live ones."""
        await asyncio.sleep(wait)
        if self.sink is not None:
            await self.hub.catch_up(self.sink, after)
        self.flow = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Channels' loop without its second task a socket (there is no channel layer), made to end when the hub says so.

        The pending receive has to be cancelled before closing: granian holds a close back until it returns.
        """
        self.scope, self.base_send, self.channel_layer = scope, send, None
        self.main = asyncio.current_task()
        try:
            while True:
                message = await receive()
                await getattr(self, message["type"].replace(".", "_"))(message)
        except StopConsumer:
            pass
        except asyncio.CancelledError:
            if self.ending is None or self.main is None:
                raise
            self.main.uncancel()
        except RuntimeError as error:  # granian's word for "the client is gone"
            log.debug("socket lost: %s", error)
        finally:
            self._let_go()
        if self.ending is not None:
            with contextlib.suppress(TimeoutError, RuntimeError, OSError):
                await asyncio.wait_for(send({"type": "websocket.close", "code": self.ending}), 5)

    async def end(self, code: int) -> None:
        """Called by the hub: the session is over, or the client does not read."""
        if self.ending is None and self.main is not None:
            self.ending = code
            self.main.cancel()

    async def disconnect(self, code: int) -> None:
        self._let_go()

    def _let_go(self) -> None:
        if self.flow is not None:
            self.flow.cancel()
        if self.sink is not None:
            self.hub.leave(self.sink)
            self.sink = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        frame = self._parsed(text_data)
        if frame is None or self.sink is None:
            return
        match frame:
            case {"type": "ping"}:
                self.sink.put(frame_text("pong", 0, {}))
            case {"type": "resume", "seq": int(seq)}:
                if self.flow is not None:
                    self.flow.cancel()
                self.flow = asyncio.create_task(self._flow(0, max(0, seq)))
            case {"type": "typing", "conversation": str(conversation)}:
                await self._typing(conversation)

    def _parsed(self, text: str | None) -> dict[str, Any] | None:
        """The frame, or None for what is not one. Nonsense and floods are ignored: answering would help a flood."""
        now = time.monotonic()
        self.allowance = min(float(BURST), self.allowance + (now - self.counted_at) * FRAMES_A_SECOND)
        self.counted_at = now
        if not text or len(text) > LARGEST_FRAME or self.allowance < 1:
            return None
        self.allowance -= 1
        try:
            frame = orjson.loads(text)
        except orjson.JSONDecodeError:
            return None
        return frame if isinstance(frame, dict) else None

    async def _typing(self, conversation: str) -> None:
        about, known_at, people = self.typing_known
        # That nobody may see it is believed for less long: a request that was accepted just now is a conversation.
        believed = TYPING_KNOWN_SECONDS if people else 1
        if about != conversation or time.monotonic() - known_at > believed:
            try:
                people = await self.hub.ask(self._typing_audience, conversation)
            except NotFound:
                people = []
            self.typing_known = (conversation, time.monotonic(), people)
        if people:
            data = {
                "conversation": conversation,
                "person": str(self.identity.person_id),
                "username": self.identity.username,
            }
            await asyncio.to_thread(push_unlogged, people, "typing", data)

    def _typing_audience(self, conversation: str) -> list[int]:
        person = access.person_by_id(self.identity.person_id)
        return access.typing_audience(person, conversation) if person else []
