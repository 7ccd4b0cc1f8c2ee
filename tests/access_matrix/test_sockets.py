"""What reaches a socket: every event that was ever queued about a private thing is asked for again when it is delivered."""

import itertools
import json

from messaging.delivery import _renderers, render_batch
from messaging.models import Message, Notification

from .secrets_kept import PEOPLE

OUT = {"blocked", "blocker", "suspended"}  # whose talks with the keeper are shut


def frame(event, **data):
    return {"type": event, "seq": 1, "data": data}


def delivered(person, frames):
    return [text for text in render_batch([(person.pk, one) for one in frames]) if text is not None]


def test_no_frame_carries_a_private_thing(secrets):
    """All messages, notifications, receipts and typings of the world, whoever they were for, sent to each outsider."""
    frames = []
    for message in Message.objects.all():
        where = {"conversation": str(message.conversation_id), "message": str(message.pk)}
        frames.append(frame("message.new", **where))
    leaks = {}
    for kind in PEOPLE:
        person = secrets.people[kind]
        rows = Notification.objects.filter(recipient=person).order_by("pk")[::4]
        own = [frame("notification.new", notification=str(row.pk)) for row in rows]
        told = delivered(person, [*frames, *own, frame("badge")])
        for text in told:
            for what in secrets.found(kind, text):
                leaks.setdefault(kind, set()).add(what)
        # The frames were real ones: whoever may read something was told it.
        assert len(told) > 10 or kind in OUT
    assert leaks == {}


def test_a_talk_of_others_is_silent(secrets):
    keeper = secrets.owners["keeper"]
    for kind, talk in itertools.product(
        PEOPLE, [t for name, t in secrets.talks.items() if isinstance(name, str)]
    ):
        if talk == secrets.talks[kind]:
            continue
        where = {"conversation": str(talk.pk), "username": "keeper", "person": str(keeper.pk)}
        events = [
            frame("typing", **where),
            frame("conversation.read", seq=1, **where),
            frame("conversation.updated", conversation=str(talk.pk)),
            frame("message.removed", conversation=str(talk.pk), message="1", seq=1),
        ]
        assert delivered(secrets.people[kind], events) == []


def test_a_shut_talk_is_silent(secrets):
    """Blocked in either direction, or suspended: the talk is there in the database, and nothing of it is heard."""
    keeper = secrets.owners["keeper"]
    for kind in sorted(OUT):
        talk = secrets.talks[kind]
        where = {"conversation": str(talk.pk), "username": "keeper", "person": str(keeper.pk)}
        events = [
            frame("typing", **where),
            frame("conversation.read", seq=1, **where),
            frame("conversation.updated", conversation=str(talk.pk)),
        ]
        events += [
            frame("message.new", conversation=str(talk.pk), message=str(message.pk))
            for message in Message.objects.filter(conversation=talk)
        ]
        assert delivered(secrets.people[kind], events) == []


def test_another_persons_notification_is_not_delivered(secrets):
    rows = Notification.objects.filter(recipient=secrets.people["friend"])
    frames = [frame("notification.new", notification=str(row.pk)) for row in rows]
    assert delivered(secrets.people["stranger"], frames) == []
    assert delivered(secrets.people["friend"], frames)


def test_a_progress_is_for_the_author_alone(secrets, monkeypatch, django_capture_on_commit_callbacks):
    """Events without a renderer go out as they were queued: they must be queued for the person they concern only."""
    from socialapp.lib import realtime
    from videos.actions.pipeline import push as report

    assert "video.progress" not in _renderers
    told = []
    monkeypatch.setattr(
        realtime, "push", lambda people, event, data, live=None: told.append((list(people), event, data))
    )
    with django_capture_on_commit_callbacks(execute=True):
        report(secrets.clips["processing"], "ladder", 50)
    assert told
    assert {tuple(people) for people, _event, _data in told} == {(secrets.owners["keeper"].pk,)}
    assert json.dumps([data for *_rest, data in told], default=str)
