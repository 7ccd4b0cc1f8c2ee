"""How a route is called and by which rule its answers are judged: the words in which routes*.py are written."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .world import NOBODY, SEES_CLIP, SEES_PERSON, account_of


class Rule(Enum):
    OPEN = "anyone may ask"
    SIGNED_IN = "anyone who is logged in may ask, about themselves or with an answer the gate has filtered"
    CLIP = "who may see the clip may ask"
    CLIP_WRITE = "who may see the clip and is logged in may ask"
    OWN_CLIP = "only the author may ask; who sees the clip may be told so, nobody else learns that it exists"
    PERSON = "who may meet the person may ask"
    PERSON_WRITE = "who may meet the person and is logged in may ask"
    ABSENT = "the object named here is not there for anyone"
    MEMBERS = "only the two people of a conversation may ask"
    OWN_PERSON = "only the person concerned may ask"
    MODERATORS = "only moderators may ask; nobody else learns that it exists"


@dataclass(frozen=True)
class Call:
    """One way to call a route. `ok` are the answers to those who may; `also` may be answered besides (409, 403 …)."""

    rule: Rule
    method: str = "GET"
    ok: frozenset = frozenset({200})
    body: Callable[..., Any] | dict = field(default_factory=dict)
    query: str = ""
    form: bool = False  # the body travels as a page's form does, not as JSON
    headers: dict = field(default_factory=dict)
    is_page: bool = False
    comment: str = "comments"  # which of an account's comments the address names: comments, held, hidden
    # (viewer, account, state, world) → other statuses, or None for those of the rule
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
        clip = account.clips[state] if state else next(iter(account.clips.values()))
        remarks = getattr(account, self.comment)
        comment = remarks[state] if state else next(iter(remarks.values()))
        values = {
            "username": account.owner.username,
            "video_id": clip.pk,
            "comment_id": comment.pk,
            "collection_id": account.collection.pk,
            "conversation_id": account.conversation.pk,
            "message_id": account.message.pk,
            "follow_id": account.request.pk,
            "tag": "nothing",
            "language": "en",
            "slug": world.challenge.slug,
        }
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(values.get(m.group(1), "1")), pattern) + self.query

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
            case Rule.MEMBERS:
                if viewer in NOBODY:
                    return away
                return self.ok if viewer in {"owner", "friend"} else {404}
            case Rule.OWN_PERSON:
                if viewer in NOBODY:
                    return away
                return self.ok if viewer == "owner" else {404}
            case Rule.MODERATORS:
                return away if viewer in NOBODY else self.ok if viewer == "moderator" else {404}
            case Rule.ABSENT:
                return away if viewer in NOBODY else {404}
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


def answers(*statuses):
    return frozenset(statuses)


def get(rule, *statuses, **more):
    return Call(rule, "GET", answers(*statuses or (200,)), **more)


def page(rule, *statuses, **more):
    return Call(rule, "GET", answers(*statuses or (200,)), is_page=True, **more)


def post(rule, *statuses, **more):
    return Call(rule, "POST", answers(*statuses or (200, 201, 204)), **more)


def patch(rule, **more):
    return Call(rule, "PATCH", answers(200), **more)


def delete(rule, *statuses, **more):
    return Call(rule, "DELETE", answers(*statuses or (200, 204)), **more)
