"""Many people at once onto, or off, a list of those whom one blocks, mutes or restricts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Lower

from socialapp.lib.errors import Invalid, TooMany

from ..access import people_named
from ..name_lists import ShutOut, rows
from .acting import Actor, signed_in


@dataclass
class Outcome:
    """What became of each name: done (or so already), not there for the actor, left for later because of the limit."""

    done: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    retry_after: int | None = None  # seconds

    def as_dict(self) -> dict[str, Any]:
        return {
            "done": self.done,
            "unknown": self.unknown,
            "left": self.left,
            "retry_after": self.retry_after,
        }


def add_named(actor: Actor, shown: ShutOut, names: Sequence[str]) -> Outcome:
    """Put these people on the actor's list, one transaction each: what is done holds whatever comes after. Idempotent.

    Who does not exist and who is not there for the actor are told alike, as unknown; so is the actor.
    """
    actor = signed_in(actor)
    outcome = Outcome()
    there = {getattr(row, shown.who).username.lower() for row in _listed(actor, shown, names)}
    people = people_named(actor, names)
    for place, name in enumerate(names):
        if name.lower() in there:
            outcome.done.append(name)
            continue
        person = people.get(name.lower())
        if person is None or person.pk == actor.pk:
            outcome.unknown.append(name)
            continue
        try:
            shown.add(actor, person)
        except TooMany as pause:
            outcome.left, outcome.retry_after = list(names[place:]), pause.retry_after
            break
        except Invalid:
            outcome.unknown.append(name)
        else:
            outcome.done.append(name)
    return outcome


def remove_named(actor: Actor, shown: ShutOut, names: Sequence[str]) -> Outcome:
    """Take these people off the actor's list, whether or not they are there otherwise. Idempotent."""
    actor = signed_in(actor)
    outcome = Outcome()
    listed = {getattr(row, shown.who).username.lower(): row for row in _listed(actor, shown, names)}
    for name in names:
        row = listed.get(name.lower())
        if row is None:
            outcome.unknown.append(name)
        else:
            shown.remove(actor, getattr(row, shown.who))
            outcome.done.append(name)
    return outcome


def _listed(actor: Any, shown: ShutOut, names: Sequence[str]) -> list[Any]:
    wanted = [name.lower() for name in names]
    return list(rows(actor, shown).alias(lower=Lower(f"{shown.who}__username")).filter(lower__in=wanted))
