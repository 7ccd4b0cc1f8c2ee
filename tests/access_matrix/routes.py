"""The access matrix itself: each route, how it is called, and by which rule its answers are judged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .world import NOBODY, SEES_CLIP, SEES_PERSON, VIEWERS, account_of


class Rule(Enum):
    OPEN = "anyone may ask"
    SIGNED_IN = "anyone who is logged in may ask, about themselves or with an answer the gate has filtered"
    CLIP = "who may see the clip may ask"
    CLIP_WRITE = "who may see the clip and is logged in may ask"
    OWN_CLIP = "only the author may ask; who sees the clip may be told so, nobody else learns that it exists"
    PERSON = "who may meet the person may ask"
    PERSON_WRITE = "who may meet the person and is logged in may ask"
    ABSENT = "the object named here is not there for anyone"
    STAFF = "only staff may ask"


@dataclass(frozen=True)
class Call:
    """One way to call a route. `ok` are the answers to those who may; `also` may be answered besides (409, 403 …)."""

    rule: Rule
    method: str = "GET"
    ok: frozenset = frozenset({200})
    body: Callable[..., Any] | dict = field(default_factory=dict)
    values: Callable[..., dict] | None = None
    is_page: bool = False
    exceptions: Callable[..., set | None] = lambda viewer, account, state, world: None

    def subjects(self, world):
        """The (account, state) pairs this call is asked about."""
        if self.rule in (Rule.CLIP, Rule.CLIP_WRITE, Rule.OWN_CLIP):
            return [(account_of(world, state), state) for state in SEES_CLIP]
        if self.rule in (Rule.PERSON, Rule.PERSON_WRITE):
            return [(world.normal, None), (world.private, None), (world.deactivated, None)]
        return [(world.normal, None), (world.private, None)]

    def fill(self, pattern, world, account, state):
        """The address for this subject."""
        import re

        clip = account.clips[state] if state else next(iter(account.clips.values()))
        values = {"username": account.owner.username, "video_id": str(clip.pk), "tag": "nothing"}
        if self.values:
            values |= self.values(world, account, clip)
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(values.get(m.group(1), "1")), pattern)
        return filled

    def payload(self, world, account, state):
        return self.body(world, account, state) if callable(self.body) else self.body

    def expected(self, viewer, account, state, world):
        """The statuses this viewer may get."""
        special = self.exceptions(viewer, account, state, world)
        if special is not None:
            return special
        away = {302} if self.is_page else {401}
        match self.rule:
            case Rule.OPEN:
                return self.ok
            case Rule.SIGNED_IN:
                return away if viewer in NOBODY else self.ok
            case Rule.STAFF:
                return self.ok if viewer == "moderator" else {302}
            case Rule.ABSENT:
                return away if viewer in NOBODY and (self.method != "GET" or self.is_page) else {404}
            case Rule.CLIP:
                return self.ok if viewer in SEES_CLIP[state] else {404}
            case Rule.CLIP_WRITE:
                if viewer in NOBODY:
                    return away
                return self.ok if viewer in SEES_CLIP[state] else {404}
            case Rule.OWN_CLIP:
                if viewer in NOBODY:
                    return away
                if viewer == "owner":
                    return {404} if state == "removed" else self.ok
                return {403, 404} if viewer in SEES_CLIP[state] else {404}
            case Rule.PERSON | Rule.PERSON_WRITE:
                kind = {world.private.owner.pk: "private", world.deactivated.owner.pk: "deactivated"}
                if self.rule is Rule.PERSON_WRITE and viewer in NOBODY:
                    return away
                return self.ok if viewer in SEES_PERSON[kind.get(account.owner.pk, "normal")] else {404}
        raise AssertionError(self.rule)


def ok(*statuses):
    return frozenset(statuses)


OUTSIDE: tuple[str, ...] = (
    # Third parties' own pages, judged by their own tests; what they show is the asking person's own account.
    "_allauth/",
    "accounts/",
    "admin/",
)

ROUTES: dict[str, list[Call]] = {}

assert VIEWERS
