"""Every write of privacy, split by subject: settings, shutting people out, reporting, and what moderators decide.

Whoever changes how two people stand to each other first locks both with `lock_people`, so a follow, a message and a
block that race come one after the other.
"""

from .appealing import answer_appeal, appeal, appeal_by_token
from .deciding import decide, decide_about, undo_acts, undo_decision
from .exporting import (
    ask_export,
    delete_export,
    expire_exports,
    make_export,
    waiting_exports,
)
from .ground import Actor, audit, lock_people
from .reporting import report
from .settings import CHANGEABLE, KEYWORD_LENGTH, KEYWORDS, update_privacy
from .shutting_out import block, mute, restrict, unblock, unmute, unrestrict

__all__ = [
    "CHANGEABLE",
    "KEYWORDS",
    "KEYWORD_LENGTH",
    "Actor",
    "answer_appeal",
    "appeal",
    "appeal_by_token",
    "ask_export",
    "audit",
    "block",
    "decide",
    "decide_about",
    "delete_export",
    "expire_exports",
    "lock_people",
    "make_export",
    "mute",
    "report",
    "restrict",
    "unblock",
    "undo_acts",
    "undo_decision",
    "unmute",
    "unrestrict",
    "update_privacy",
    "waiting_exports",
]
