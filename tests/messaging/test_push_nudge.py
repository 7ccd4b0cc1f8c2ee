"""A worker is woken when a push's grace is over, once for all that is written meanwhile; the timetable finds the rest."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging import tasks
from messaging.actions import pushing as queue
from messaging.models import Push

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def nudges(monkeypatch):
    made = []
    monkeypatch.setattr(tasks.send_pushes, "apply_async", lambda **options: made.append(options["countdown"]))
    return made


def test_several_messages_wake_a_worker_once(cast, talk, listening, nudges):
    listening(cast.alice)
    there = talk("carol", "alice")
    for _message in range(3):
        talk.say(cast.carol, there)
    assert nudges == [queue.GRACE.total_seconds()]


def test_nobody_is_woken_for_who_has_no_browser(cast, talk, nudges):
    talk.say(cast.carol, talk("carol", "alice"))
    assert nudges == []


def test_who_sends_wakes_the_next_for_what_is_due_soon(cast, talk, listening, nudges):
    listening(cast.alice)
    talk.say(cast.carol, talk("carol", "alice"))
    assert tasks.send_pushes() == 0
    assert len(nudges) == 2
    assert 0.5 <= nudges[1] <= queue.GRACE.total_seconds()


def test_what_is_due_in_hours_wakes_nobody_now(cast, talk, listening, nudges):
    listening(cast.alice)
    talk.say(cast.carol, talk("carol", "alice"))
    Push.objects.update(due_at=timezone.now() + timedelta(hours=2))
    tasks.send_pushes()
    assert len(nudges) == 1


def test_the_timetable_sends_what_no_nudge_came_for(cast, talk, listening, nudges):
    from socialapp.celery import app

    alice = listening(cast.alice)
    talk.say(cast.carol, talk("carol", "alice"))
    Push.objects.update(due_at=timezone.now())
    names = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert tasks.sweep_pushes.name in names
    assert tasks.sweep_pushes() == 1
    assert len(alice.received) == 1
