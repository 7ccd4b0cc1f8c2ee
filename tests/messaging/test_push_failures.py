"""Push services that are busy, away or refuse: nothing is lost, nothing arrives twice, what is gone is forgotten."""

import threading
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from messaging import actions, push_service, pushing
from messaging.models import Push, PushSubscription

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]
RECEIVED = (201, {})


@pytest.fixture
def written(cast, talk, listening):
    browser = listening(cast.alice, "alice")
    talk.say(cast.carol, talk("carol", "alice"), "Are you there?")
    return browser


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_a_busy_service_did_not_take_is_tried_again(written, push_service, send_pushes, status):
    push_service.answers["alice"] = [(status, {}), RECEIVED]
    before = timezone.now()
    assert send_pushes() == 0
    row = Push.objects.get()
    assert row.state == "waiting"
    assert timedelta(seconds=14) < row.due_at - before < timedelta(seconds=40)
    assert send_pushes() == 1
    assert len(written.received) == 1


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_the_wait_a_service_asks_for_is_kept(written, push_service, send_pushes, form):
    then = timezone.now() + timedelta(seconds=1800)
    said = "1800" if form == "seconds" else format_datetime(then, usegmt=False)
    push_service.answers["alice"] = [(429, {"Retry-After": said})]
    send_pushes()
    assert abs((Push.objects.get().due_at - then).total_seconds()) < 30


def test_waits_grow_and_end(written, push_service, send_pushes):
    push_service.answers["alice"] = [(503, {})]
    waits = []
    for _try in range(8):
        now = timezone.now()
        send_pushes()
        waits.append(round((Push.objects.get().due_at - now).total_seconds(), -1))
    assert waits == sorted(waits)
    assert waits[-1] > 3600
    send_pushes()
    assert Push.objects.get().state == "dropped"
    assert PushSubscription.objects.get().failures == 0  # it was the service that was away


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(written, push_service, send_pushes, status):
    push_service.answers["alice"] = [(status, {})]
    assert send_pushes() == 0
    assert not PushSubscription.objects.exists()
    assert Push.objects.get().state == "dropped"


def test_a_browser_that_refuses_five_times_is_forgotten(cast, talk, listening, push_service, send_pushes):
    listening(cast.alice, "alice")
    push_service.answers["alice"] = [(403, {})]
    there = talk("carol", "alice")
    for number in range(1, 6):
        assert [row.failures for row in PushSubscription.objects.all()] == [number - 1]
        talk.say(cast.carol, there)
        send_pushes()
    assert not PushSubscription.objects.exists()


def test_one_refusal_is_forgiven_by_the_next_push(cast, talk, listening, push_service, send_pushes):
    listening(cast.alice, "alice")
    push_service.answers["alice"] = [(400, {}), RECEIVED]
    there = talk("carol", "alice")
    for _message in range(2):
        talk.say(cast.carol, there)
        send_pushes()
    row = PushSubscription.objects.get()
    assert row.failures == 0
    assert row.last_sent_at is not None


def test_a_redirect_is_not_followed(written, push_service, send_pushes):
    elsewhere = f"{push_service.address}/push/elsewhere"
    push_service.answers["alice"] = [(307, {"Location": elsewhere})]
    assert send_pushes() == 0
    assert push_service.pushes == []
    assert PushSubscription.objects.get().failures == 1


def test_who_has_it_does_not_get_it_again_when_another_browser_is_tried_again(
    cast, talk, listening, push_service, send_pushes
):
    phone, desk = listening(cast.alice, "phone"), listening(cast.alice, "desk")
    push_service.answers["desk"] = [(503, {}), (503, {}), RECEIVED]
    talk.say(cast.carol, talk("carol", "alice"))
    for _try in range(3):
        send_pushes()
    assert [len(phone.received), len(desk.received)] == [1, 1]
    assert Push.objects.get().state == "sent"


def test_a_service_that_is_away_keeps_nobody_else_waiting(
    cast, talk, listening, push_service, send_pushes, settings
):
    settings.WEB_PUSH_HOSTS = ["127.0.0.1", "localhost"]
    settings.PUSHES_AT_ONCE = 1
    away = listening(cast.alice, "away")
    PushSubscription.objects.filter(pk=away.id).update(endpoint="http://localhost:9/push/away")
    here = listening(cast.alice, "here")
    talk.say(cast.carol, talk("carol", "alice"))
    assert send_pushes() == 0
    assert len(here.received) == 1
    row = Push.objects.get()
    assert (row.state, row.reached) == ("waiting", [int(here.id)])


def test_a_service_that_just_did_not_answer_is_not_asked_again_at_once(
    cast, talk, listening, send_pushes, settings, monkeypatch
):
    settings.PUSHES_AT_ONCE = 1
    listening(cast.alice, "one")
    listening(cast.alice, "two")
    asked = []

    def away(target, body, **more):
        asked.append(target.endpoint)
        return push_service_answer()

    monkeypatch.setattr(pushing.push_service, "hand_over", away)
    talk.say(cast.carol, talk("carol", "alice"))
    send_pushes()
    assert len(asked) == 1


def push_service_answer():
    return push_service.Answer(push_service.Outcome.LATER)


def test_what_a_killed_worker_held_is_sent_when_its_lease_is_over(written, send_pushes):
    from messaging.actions import pushing as queue

    Push.objects.update(due_at=timezone.now())
    assert queue.claim_push() is not None
    assert send_pushes() == 0
    Push.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert send_pushes() == 1
    assert len(written.received) == 1


def test_workers_that_compete_send_each_push_once(
    cast, make_person, talk, listening, push_service, send_pushes
):
    from django.db import connection

    people = [make_person(f"p{number}") for number in range(6)]
    browsers = [listening(person) for person in people]
    for person in people:
        actions.notify(person.pk, "follow", actor_id=cast.alice.pk, group_key="follow")
    Push.objects.update(due_at=timezone.now())

    def work():
        try:
            pushing.send_due()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [len(browser.received) for browser in browsers] == [1] * 6


def test_one_that_cannot_be_made_keeps_nobody_else_waiting(
    cast, talk, listening, send_pushes, monkeypatch, caplog
):
    from messaging import access

    alice, bob = listening(cast.alice), listening(cast.bob)
    talk.say(cast.carol, talk("carol", "alice"))
    talk.say(cast.alice, talk("alice", "bob"))
    payload = access.push_payload

    def breaks(person, push):
        if person.pk == cast.alice.pk:
            raise RuntimeError("broken")
        return payload(person, push)

    monkeypatch.setattr(access, "push_payload", breaks)
    assert send_pushes() == 1
    assert [len(alice.received), len(bob.received)] == [0, 1]
    assert Push.objects.get(person=cast.alice).state == "waiting"


def test_while_the_broker_is_away_messages_are_written_and_pushed_by_the_sweep(
    cast, talk, listening, send_pushes, monkeypatch
):
    import redis

    from messaging.actions import pushing as queue

    def away():
        raise redis.ConnectionError

    alice = listening(cast.alice)
    monkeypatch.setattr(queue, "connection", away)
    talk.say(cast.carol, talk("carol", "alice"), "Still here")
    assert send_pushes() == 1
    assert alice.received[0]["body"] == "Still here"
