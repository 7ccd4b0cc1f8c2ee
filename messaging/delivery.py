"""What becomes of a queued event when it reaches a person's sockets: the gate is asked again, and the words are made now.

An event type without a renderer here goes out as it was queued (it concerns the person alone). A renderer gets all
events of its type in the batch, so that a burst costs a handful of queries; None means "not for this person any more".
"""

from collections.abc import Callable
from typing import Any

import orjson
from django.utils.translation import override

from . import access

Data = dict[str, Any]
Item = tuple[int, Data]  # person id, data as queued
Renderer = Callable[[list[Item]], list[Data | None]]

_renderers: dict[str, Renderer] = {}


def renders(*types: str) -> Callable[[Renderer], Renderer]:
    """Register the renderer of these event types."""

    def add(renderer: Renderer) -> Renderer:
        for name in types:
            _renderers[name] = renderer
        return renderer

    return add


def needs_rendering(event: str) -> bool:
    """Whether an event of this type costs the database something."""
    return event in _renderers


def frame_text(event: str, seq: int, data: Data) -> str:
    """A frame as the client reads it."""
    return orjson.dumps(
        {"type": event, "seq": seq, "data": data}, default=str, option=orjson.OPT_UTC_Z
    ).decode()


def plain_data(frame: Data) -> Data | None:
    """What a frame says to one of the two in an undisturbed conversation (`access.undisturbed`), which is known without
    looking anything up: a message that came with its card, and typing. None for every other frame."""
    if frame["type"] == "message.new":
        card: Data | None = frame.get("live")
        return card
    if frame["type"] == "typing":
        return {key: frame["data"][key] for key in ("conversation", "username")}
    return None


def render_plain(frames: list[tuple[int, Data]]) -> tuple[dict[int, str], set[tuple[int, int]]]:
    """The texts, by index, of those frames that `plain_data` is enough for, and the seats that the gate was asked about
    and called undisturbed. One query, none when there is no such frame."""
    plain = {i: data for i, (_person, frame) in enumerate(frames) if (data := plain_data(frame)) is not None}
    if not plain:
        return {}, set()
    seats = {i: (frames[i][0], int(frames[i][1]["data"]["conversation"])) for i in plain}
    open_now = access.undisturbed(seats.values())
    texts = {
        i: frame_text(frames[i][1]["type"], frames[i][1]["seq"], data)
        for i, data in plain.items()
        if seats[i] in open_now
    }
    return texts, open_now


def render_batch(frames: list[tuple[int, Data]]) -> list[str | None]:
    """The frames (person, decoded frame) as text for the sockets, in their order; None for those not to be sent."""
    answers: list[str | None] = [None] * len(frames)
    groups: dict[str, list[int]] = {}
    for index, (_person, frame) in enumerate(frames):
        if frame["type"] in _renderers:
            groups.setdefault(frame["type"], []).append(index)
        else:
            answers[index] = frame_text(frame["type"], frame["seq"], frame["data"])
    for event, indexes in groups.items():
        rendered = _renderers[event]([(frames[i][0], frames[i][1]["data"]) for i in indexes])
        for index, data in zip(indexes, rendered, strict=True):
            if data is not None:
                answers[index] = frame_text(event, frames[index][1]["seq"], data)
    return answers


@renders("message.new", "message.updated")
def _messages(items: list[Item]) -> list[Data | None]:
    """The message as this person may read it now; three queries."""
    keys = [(person, int(data["conversation"]), int(data["message"])) for person, data in items]
    found = access.deliverable_messages(keys)
    return [found.get((person, message)) for person, _conversation, message in keys]


@renders("message.removed", "conversation.updated")
def _conversations(items: list[Item]) -> list[Data | None]:
    """Only to seats that are open now, and to who has just left a group, so that their tabs let go of it; one query."""
    keys = [(person, int(data["conversation"])) for person, data in items]
    found = access.open_seats(keys)
    return [
        {
            "conversation": data["conversation"],
            **({"id": data["message"], "seq": data["seq"]} if "message" in data else {}),
        }
        if key in found or data.get("gone")
        else None
        for key, (_person, data) in zip(keys, items, strict=True)
    ]


@renders("conversation.read")
def _read(items: list[Item]) -> list[Data | None]:
    """To the reader's own tabs always; to others when both allow receipts, both sides accepted and no block stands
    between them. Three queries."""
    wanted = {(person, int(data["conversation"])) for person, data in items}
    wanted |= {(int(data["person"]), int(data["conversation"])) for _person, data in items}
    found = access.open_seats(wanted)
    allowing = access.receipts_allowed({person for person, _conversation in wanted})
    shut = access.walls((person, int(data["person"])) for person, data in items)
    answers: list[Data | None] = []
    for person, data in items:
        reader, conversation = int(data["person"]), int(data["conversation"])
        both = reader in allowing and person in allowing and (person, reader) not in shut
        accepted = (
            found.get((person, conversation)) == "active" and found.get((reader, conversation)) == "active"
        )
        tell = person == reader or (both and accepted)
        answers.append({key: data[key] for key in ("conversation", "username", "seq")} if tell else None)
    return answers


@renders("typing")
def _typing(items: list[Item]) -> list[Data | None]:
    """Only between two open, accepted seats, whose people neither restrict nor block each other; two queries."""
    wanted = {
        (int(pk), int(data["conversation"])) for person, data in items for pk in (person, data["person"])
    }
    found = access.open_seats(wanted)
    shut = access.walls((person, int(data["person"])) for person, data in items)
    return [
        {key: data[key] for key in ("conversation", "username")}
        if (person, int(data["person"])) not in shut
        and all(
            found.get((int(pk), int(data["conversation"]))) == "active" for pk in (person, data["person"])
        )
        else None
        for person, data in items
    ]


@renders("presence")
def _presence(items: list[Item]) -> list[Data | None]:
    """That somebody came online: only where nothing stands between the two, who both show it. That they went, which is what
    everybody else sees anyway: only to a seat that is open. Three queries."""
    seats = {(person, int(data["conversation"])) for person, data in items}
    quiet = access.undisturbed(seats)
    open_now = access.open_seats(seats)
    showing = access.showing_activity(pk for person, data in items for pk in (person, int(data["person"])))
    answers: list[Data | None] = []
    for person, data in items:
        seat = person, int(data["conversation"])
        may = seat in quiet and person in showing and int(data["person"]) in showing
        tell = may if data["online"] else seat in open_now
        answers.append({key: data[key] for key in ("username", "online")} if tell else None)
    return answers


@renders("badge")
def _badges(items: list[Item]) -> list[Data | None]:
    """Counted now, once for each person in the batch; two queries each and one for the people."""
    people = access.people_by_id(person for person, _data in items)
    counted = {pk: access.badges(person) for pk, person in people.items()}
    return [counted.get(person) for person, _data in items]


@renders("notification.new")
def _notifications(items: list[Item]) -> list[Data | None]:
    """The notification as it may be shown now, in the person's language; three queries each."""
    people = access.people_by_id(person for person, _data in items)
    answers: list[Data | None] = []
    for person_id, data in items:
        person = people.get(person_id)
        if person is None:
            answers.append(None)
            continue
        rows = list(access.live_notifications(person, [int(data["notification"])]))
        with override(person.language or None):
            answers.append(access.notification_cards(person, rows)[0] if rows else None)
    return answers
