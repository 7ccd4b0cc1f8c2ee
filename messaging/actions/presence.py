"""Telling people that others came online or went. Nothing is written to the database."""

from collections.abc import Iterable
from typing import Any

from .. import access, presence


def tell_presence(person_ids: Iterable[int], *, online: bool) -> None:
    """Let those who may know, and are online themselves, see that these people came or went.

    What may be seen is asked again when it is delivered. Queries as `access.presence_audience`; two round trips to Redis.
    """
    audience = access.presence_audience(person_ids)
    here = presence.online(other for _person, _name, _conversation, other in audience)
    presence.publish(
        (other, _facts(person, name, conversation, online))
        for person, name, conversation, other in audience
        if other in here
    )


def part(one_id: int, other_id: int) -> None:
    """When something came between the two, each is offline to the other from now on, whatever they are. Two queries."""
    seats = access.talk_of(one_id, other_id)
    if seats is not None and not access.undisturbed([(one_id, seats[0])]):
        conversation, names = seats
        presence.publish(
            (to, _facts(about, names[about], conversation, False))
            for to, about in ((one_id, other_id), (other_id, one_id))
        )


def hide_presence(person_id: int) -> None:
    """The person shows no more whether they are online, and sees it of nobody. Queries as `access.talks_of`."""
    presence.publish(
        frame
        for conversation, name, other, other_name in access.talks_of(person_id)
        for frame in (
            (other, _facts(person_id, name, conversation, False)),
            (person_id, _facts(other, other_name, conversation, False)),
        )
    )


def _facts(person: int, name: str, conversation: int, online: bool) -> dict[str, Any]:
    return {"conversation": str(conversation), "person": str(person), "username": name, "online": online}
