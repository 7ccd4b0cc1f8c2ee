"""What moderators can do about each kind of thing, and what they are shown of it: a registry that the apps above fill.

privacy knows neither clips nor messages, so every app says in its receivers.py how an act is done and undone, and what
the evidence is:

    register_acts("video", Decision.Act.REMOVE, do, undo)
    register_evidence("video", evidence)

`do(actor, target_id, decision)` returns plain JSON values that `undo(actor, target_id, before)` gets back; both run in
the transaction of the decision and lock what they change themselves. `do` must leave alone, and say so in what it
returns, what had been done before: undoing a decision must not undo somebody else's.
Acts on a person (warn, suspend, ban) are registered for "person" and can be taken in every case that has a person.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .models import Decision, Report

Act = Decision.Act
Do = Callable[[Any, int, Decision], dict[str, Any]]
Undo = Callable[[Any, int, dict[str, Any]], None]

# On whom, not on what: these are there in every case with a person.
PERSON_ACTS = (Act.WARN, Act.SUSPEND, Act.BAN)


@dataclass(frozen=True)
class Evidence:
    """What a moderator needs to see of a reported thing; addresses are fresh and short-lived. Empty means there is none."""

    title: str  # what it is, in words: "Clip by @alice"
    text: str = ""  # its own words: caption, comment, message, bio
    author: dict[str, Any] | None = None  # the person card
    url: str = ""  # its page on the site
    cover_url: str = ""
    video_url: str = ""  # an MP4 that a plain <video> plays
    captions: list[dict[str, Any]] = field(default_factory=list)  # [{language, name, url}]
    context: list[tuple[str, str]] = field(
        default_factory=list
    )  # (who, what they wrote) around it, oldest first
    exists: bool = True  # False: deleted since; what is known is still told


Show = Callable[[Any, int], Evidence]

_acts: dict[tuple[str, str], tuple[Do, Undo]] = {}
_evidence: dict[str, Show] = {}


def register_acts(target_type: str, act: str, do: Do, undo: Undo) -> None:
    """Let moderators take `act` (a value of `Decision.Act`) on things of `target_type`. Registering again replaces."""
    _acts[target_type, act] = (do, undo)


def register_evidence(target_type: str, show: Show) -> None:
    """Say what moderators are shown of things of `target_type`: `show(moderator, target_id)`."""
    _evidence[target_type] = show


def acts_for(target_type: str, *, has_person: bool = True) -> list[str]:
    """The acts on offer for this kind of thing, mildest first. Dismissing is always among them."""
    on_thing = {act for kind, act in _acts if kind == target_type} - set(PERSON_ACTS)
    on_person = set(PERSON_ACTS) if has_person else set()
    return [act for act in Act.values if act == Act.DISMISS or act in on_thing or act in on_person]


def do(actor: Any, decision: Decision) -> dict[str, Any]:
    """Carry a decision, already written, out in the caller's transaction; returns what its undoing needs.

    Acts nobody registered change nothing. Where the same was done to the same thing before and still stands, what that
    undoing needs is handed on, so that the last one that is undone brings back how it was at first.
    """
    handlers, target_id = _handlers(decision)
    if handlers is None:
        return {}
    before = handlers[0](actor, target_id, decision)
    other = _same(decision)
    return before if other is None else other.before


def undo(actor: Any, decision: Decision) -> None:
    """Take back what `do` did, in the caller's transaction, unless another standing decision says the same."""
    handlers, target_id = _handlers(decision)
    if handlers is not None and (decision.act in PERSON_ACTS or _same(decision) is None):
        handlers[1](actor, target_id, decision.before)


def _same(decision: Decision) -> Decision | None:
    """The newest other decision that stands and did the same to the same thing. A dismissal never counts."""
    if decision.act == Act.DISMISS:
        return None
    case = decision.case
    others = Decision.objects.filter(act=decision.act, undone_at=None).exclude(pk=decision.pk)
    on_same = others.filter(case__target_type=case.target_type, case__target_id=case.target_id)
    return on_same.order_by("-id").first()


def stands(target_type: str, target_id: int, act: str) -> bool:
    """Whether a moderator's decision of this kind about a thing stands: its owner cannot take it back. One query."""
    rows = Decision.objects.filter(act=act, undone_at=None)
    return rows.filter(case__target_type=target_type, case__target_id=target_id).exists()


def _handlers(decision: Decision) -> tuple[tuple[Do, Undo] | None, int]:
    case = decision.case
    if decision.act in PERSON_ACTS:
        return _acts.get((Report.Target.PERSON, decision.act)), decision.person_id or 0
    return _acts.get((case.target_type, decision.act)), case.target_id


def show(moderator: Any, target_type: str, target_id: int) -> Evidence:
    """The evidence, for a moderator (the caller checks that). A kind nobody registered has nothing but its name."""
    found = _evidence.get(target_type)
    if found is None:
        return Evidence(title=f"{target_type} {target_id}", exists=False)
    return found(moderator, target_id)
