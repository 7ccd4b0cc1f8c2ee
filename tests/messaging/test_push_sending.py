"""Pushes arrive at a push service over real HTTP: signed, sealed, said anew when they leave, once."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging import actions, pushing
from messaging.models import Participant, Push, PushSubscription
from privacy.models import PrivacySettings

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]


def test_a_message_arrives_signed_and_sealed(cast, talk, listening, push_service, send_pushes):
    alice = listening(cast.alice)
    there = talk("carol", "alice")
    talk.say(cast.carol, there, "See you at the harbour")
    assert send_pushes() == 1
    (said,) = alice.received
    assert (said["title"], said["body"]) == ("carol", "See you at the harbour")
    assert said["url"] == f"/messages/{there}/"
    assert said["tag"] == f"conversation-{there}"
    headers = alice.pushes[0]["headers"]
    claims = push_service.check_vapid(headers["Authorization"])
    assert claims["aud"] == push_service.address
    assert (headers["Urgency"], headers["TTL"]) == ("high", "86400")
    assert b"harbour" not in alice.pushes[0]["body"]
    assert [p["path"] for p in push_service.pushes] == ["/push/alice"]


def test_what_is_said_has_one_of_a_few_lengths(cast, talk, listening, send_pushes):
    alice = listening(cast.alice)
    there = talk("carol", "alice")
    for words in ("Hi", "A little longer than that"):
        talk.say(cast.carol, there, words)
        send_pushes()
    assert len({len(push["body"]) for push in alice.pushes}) == 1


def test_what_was_pushed_is_not_pushed_again(cast, talk, listening, send_pushes):
    alice = listening(cast.alice)
    talk.say(cast.carol, talk("carol", "alice"))
    assert [send_pushes(), send_pushes()] == [1, 0]
    assert len(alice.received) == 1
    assert Push.objects.get().state == "sent"


def test_several_messages_are_one_push_that_counts_them(cast, talk, listening, send_pushes):
    alice = listening(cast.alice)
    there = talk("carol", "alice")
    for words in ("One", "Two", "Three"):
        talk.say(cast.carol, there, words)
    send_pushes()
    (said,) = alice.received
    assert (said["title"], said["body"], said["badge"]) == ("carol · 3 new messages", "Three", 1)


def test_nobody_rings_for_what_is_read_within_the_grace(cast, talk, listening, send_pushes):
    alice = listening(cast.alice)
    there = talk("carol", "alice")
    talk.say(cast.carol, there)
    assert send_pushes(all_due=False) == 0
    actions.mark_read(cast.alice, there)
    assert send_pushes() == 0
    assert alice.received == []
    assert Push.objects.get().state == "dropped"


def test_who_writes_is_not_told(cast, talk, listening, send_pushes):
    carol = listening(cast.carol)
    talk.say(cast.carol, talk("carol", "alice"))
    assert send_pushes() == 0
    assert carol.received == []


def test_without_a_browser_nothing_waits(cast, talk):
    talk.say(cast.carol, talk("carol", "alice"))
    assert not Push.objects.exists()


def test_every_browser_of_a_person_is_pushed_to(cast, talk, listening, send_pushes):
    phone, desk = listening(cast.alice, "phone"), listening(cast.alice, "desk")
    talk.say(cast.carol, talk("carol", "alice"))
    send_pushes()
    assert [len(phone.received), len(desk.received)] == [1, 1]


def test_many_are_sent_at_once_but_not_all(cast, talk, listening, push_service, send_pushes, settings):
    settings.PUSHES_AT_ONCE = 4
    push_service.slow = 0.6
    browsers = [listening(cast.alice, f"b{number}") for number in range(6)]
    talk.say(cast.carol, talk("carol", "alice"))
    send_pushes()
    assert all(len(browser.received) == 1 for browser in browsers)
    assert 1 < push_service.busiest <= 4


def test_a_message_written_while_one_is_on_its_way_is_pushed_next(
    cast, talk, listening, push_service, send_pushes, monkeypatch
):
    alice = listening(cast.alice)
    there = talk("carol", "alice")
    talk.say(cast.carol, there, "One")
    hand_over = pushing.push_service.hand_over

    def meanwhile(*args, **kwargs):
        monkeypatch.setattr(pushing.push_service, "hand_over", hand_over)
        Participant.objects.filter(person=cast.alice).update(read_seq=0)
        return hand_over(*args, **kwargs)

    monkeypatch.setattr(pushing.push_service, "hand_over", meanwhile)
    begun = pushing._begin

    def written_meanwhile(this, push):
        begun(this, push)
        if push.seq == 1:
            talk.say(cast.carol, there, "Two")

    monkeypatch.setattr(pushing, "_begin", written_meanwhile)
    send_pushes()
    assert Push.objects.get().state == "waiting"
    send_pushes()
    assert [said["body"] for said in alice.received] == ["One", "Two"]


def test_a_notification_arrives_with_its_sentence(cast, make_video, listening, send_pushes):
    from videos.actions import comment

    alice = listening(cast.alice)
    clip = make_video(cast.alice)
    comment(cast.bob, clip, "What light")
    send_pushes()
    (said,) = alice.received
    assert (said["title"], said["body"]) == ("bob commented on your clip", "What light")
    assert said["url"] == clip.get_absolute_url()


def test_a_request_is_pushed_without_its_words(cast, talk, listening, send_pushes):
    PrivacySettings.objects.filter(person=cast.alice).update(message_audience="following")
    alice = listening(cast.alice)
    talk.say(cast.dave, talk("dave", "alice"), "canary words")
    send_pushes()
    (said,) = alice.received
    assert said["title"] == "dave would like to write to you"
    assert said["url"] == "/messages/requests/"
    assert "canary" not in json.dumps(said)


def test_a_notification_that_grows_rings_once_in_a_while(cast, make_person, listening, send_pushes):
    alice = listening(cast.alice)
    people = [make_person(f"fan{number}") for number in range(5)]
    for number, fan in enumerate(people):
        actions.notify(cast.alice.pk, "follow", actor_id=fan.pk, group_key="follow")
        if number == 0:
            send_pushes()
    waiting = Push.objects.get(state="waiting")
    assert waiting.due_at > timezone.now() + timedelta(minutes=50)
    send_pushes()
    assert [said["title"] for said in alice.received] == [
        "fan0 followed you",
        "fan4 and 4 others followed you",
    ]


def test_what_is_said_is_in_the_persons_language(cast, talk, listening, send_pushes):
    cast.alice.language = "fr"
    cast.alice.save(update_fields=["language"])
    alice = listening(cast.alice)
    talk.say(cast.dave, talk("dave", "alice"))
    send_pushes()
    assert "would like" not in alice.received[0]["title"]


def test_long_words_in_any_alphabet_fit(cast, talk, listening, send_pushes):
    alice = listening(cast.alice)
    talk.say(cast.carol, talk("carol", "alice"), "🌊" * 2000)
    assert send_pushes() == 1
    assert len(alice.received[0]["body"]) == 240
    assert len(alice.pushes[0]["body"]) <= 4096


def test_quiet_hours_wait_and_then_say_what_is_so_by_then(cast, talk, listening, send_pushes):
    from messaging.models import NotificationSettings

    alice = listening(cast.alice)
    now = timezone.now()
    quiet = NotificationSettings.objects.update_or_create(
        person=cast.alice,
        defaults={
            "quiet_from": (now - timedelta(hours=1)).time(),
            "quiet_to": (now + timedelta(hours=1)).time(),
        },
    )[0]
    there = talk("carol", "alice")
    talk.say(cast.carol, there, "One")
    assert send_pushes() == 0
    row = Push.objects.get()
    assert (row.state, row.attempts) == ("waiting", 0)
    assert now + timedelta(minutes=58) < row.due_at < now + timedelta(minutes=62)
    talk.say(cast.carol, there, "Two")
    NotificationSettings.objects.filter(pk=quiet.pk).update(quiet_from=None)
    assert send_pushes() == 1
    assert alice.received[0]["body"] == "Two"


def test_what_is_a_day_old_rings_no_phone(cast, talk, listening, send_pushes):
    alice = listening(cast.alice)
    talk.say(cast.carol, talk("carol", "alice"))
    Push.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert send_pushes() == 0
    assert alice.received == []


def test_finished_rows_are_forgotten_after_a_week(cast, talk, listening, send_pushes):
    listening(cast.alice)
    talk.say(cast.carol, talk("carol", "alice"))
    send_pushes()
    assert actions.forget_finished_pushes() == 0
    Push.objects.update(finished_at=timezone.now() - timedelta(days=8))
    assert actions.forget_finished_pushes() == 1
    assert PushSubscription.objects.count() == 1
