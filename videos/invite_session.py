"""What a browser's session knows of invites: which it opened by hand, and which its person wants to accept once logged in."""

import time
from typing import Any

_OPENED, _WANTED = "invites_opened", "invite_wanted"
MOST = 20  # invites that one browser keeps open at a time; the oldest makes room
PATIENCE = (
    3600  # seconds from "Follow and watch" to the end of the sign-up; later the link has to be opened again
)


def opened(session: Any) -> tuple[int, ...]:
    """The ids of the invites that this browser opened. What they still open is asked at every look (access.invites)."""
    return tuple(session.get(_OPENED, ()))


def remember_opened(session: Any, invite_id: int) -> None:
    kept = [known for known in opened(session) if known != invite_id]
    session[_OPENED] = [*kept, invite_id][-MOST:]


def want(session: Any, token: str) -> None:
    """This browser's person pressed "Follow and watch" before having logged in."""
    session[_WANTED] = [token, int(time.time())]


def take_wanted(session: Any) -> str:
    """The token of the invite that waits for this log-in, once; empty for none, or when it took too long."""
    token, at = session.pop(_WANTED, ("", 0))
    return token if time.time() - at < PATIENCE else ""
