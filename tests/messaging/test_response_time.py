"""How fast somebody answers: the median over four weeks, for their own eyes."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging import access, actions
from messaging.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def ask_and_answer(cast, talk, clock, name, seconds):
    """Somebody writes to alice; she answers after so many seconds."""
    conversation = talk(name, "alice")
    talk.say(getattr(cast, name), conversation)
    clock.shift(timedelta(seconds=seconds))
    talk.say(cast.alice, conversation)


def test_without_answers_there_is_no_median(cast, api):
    answer = api.as_(cast.alice).get("/api/v1/me/response-time/").json()
    assert answer == {"median_seconds": None, "answers": 0, "days": 28}


def test_it_is_the_median_of_first_answers(cast, talk, clock):
    for name, seconds in (("bob", 60), ("carol", 600), ("dave", 86_400)):
        ask_and_answer(cast, talk, clock, name, seconds)
    talk.say(cast.alice, talk("bob", "alice"), "and one thing more")
    assert access.response_time(cast.alice) == {"median_seconds": 600, "answers": 3, "days": 28}


def test_it_counts_from_the_first_unanswered_message(cast, talk, clock):
    conversation = talk("bob", "alice")
    talk.say(cast.bob, conversation, "Hello")
    clock.shift(timedelta(seconds=100))
    ask_and_answer(cast, talk, clock, "bob", 20)
    assert access.response_time(cast.alice)["median_seconds"] == 120


def test_what_is_older_than_four_weeks_is_forgotten(cast, talk, clock):
    ask_and_answer(cast, talk, clock, "bob", 60)
    clock.shift(timedelta(days=29))
    assert access.response_time(cast.alice)["answers"] == 0


def test_an_away_message_is_no_answer(cast, talk, clock):
    actions.set_away(cast.alice, text="Away", on=True)
    ask_and_answer(cast, talk, clock, "bob", 300)
    assert Message.objects.filter(kind="away").exists()
    assert access.response_time(cast.alice)["median_seconds"] == 300


def test_an_announcement_asks_nothing_of_its_receivers(cast, talk, clock, make_video):
    actions.announce(cast.alice, video_id=make_video(cast.alice).pk, audience="friends")
    actions.serve_announcements()
    clock.shift(timedelta(seconds=300))
    talk.say(cast.carol, talk("carol", "alice"), "Nice")
    assert access.response_time(cast.carol)["answers"] == 0


def test_nobody_elses_is_told(cast, talk, clock, api):
    ask_and_answer(cast, talk, clock, "bob", 60)
    assert api.as_(cast.bob).get("/api/v1/me/response-time/").json()["answers"] == 0
    assert api.get("/api/v1/me/response-time/").status_code == 401
