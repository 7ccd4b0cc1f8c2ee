"""A right that was taken away between the queue and the push means no push; so does a log-in that is over."""

import pytest
from django.contrib.auth import get_user_model

from messaging import actions
from messaging.models import NotificationSettings, Participant, Push, PushSubscription

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def written(cast, talk, listening):
    """carol has written to alice, whose browser is listening, and nothing was sent yet."""
    browser = listening(cast.alice)
    browser.conversation = talk("carol", "alice")
    browser.message = talk.say(cast.carol, browser.conversation, "Are you there?")
    return browser


@pytest.fixture
def commented(cast, make_video, listening):
    """bob has commented on alice's clip, and nothing was sent yet."""
    from videos.actions import comment

    browser = listening(cast.alice)
    browser.clip = make_video(cast.alice)
    browser.comment = comment(cast.bob, browser.clip, "What light")
    assert Push.objects.filter(person=cast.alice, state="waiting").exists()
    return browser


def silent(browser, send_pushes):
    assert send_pushes() == 0
    assert browser.received == []
    return not Push.objects.filter(state="waiting").exists()


def test_with_every_right_it_arrives(written, send_pushes):
    assert send_pushes() == 1
    assert len(written.received) == 1


def block(cast, browser):
    from privacy.actions import block as shut

    shut(cast.alice, cast.carol)


def be_blocked(cast, browser):
    from privacy.actions import block as shut

    shut(cast.carol, cast.alice)


def restrict(cast, browser):
    from privacy.actions import restrict as quieten

    quieten(cast.alice, cast.carol)


def mute(cast, browser):
    actions.mute_conversation(cast.alice, browser.conversation)


def leave(cast, browser):
    actions.leave_conversation(cast.alice, browser.conversation)


def lose_seat(cast, browser):
    Participant.objects.filter(person=cast.alice).update(state="left")


def become_request(cast, browser):
    Participant.objects.filter(person=cast.alice).update(state="request")


def take_back(cast, browser):
    actions.unsend(cast.carol, browser.message.pk)


def take_down(cast, browser):
    from django.utils import timezone

    type(browser.message).objects.update(taken_down_at=timezone.now())


def hold(cast, browser):
    type(browser.message).objects.update(held_for="repeated")


def delete_for_me(cast, browser):
    actions.hide_message(cast.alice, browser.message.pk)


def turn_off(cast, browser):
    NotificationSettings.objects.update_or_create(
        person=cast.alice, defaults={"channels": {"messages": {"push": False}}}
    )


def suspend(cast, browser):
    get_user_model().objects.filter(pk=cast.alice.pk).update(is_active=False)


@pytest.mark.parametrize(
    "lose",
    [
        block,
        be_blocked,
        restrict,
        mute,
        leave,
        lose_seat,
        become_request,
        take_back,
        take_down,
        hold,
        delete_for_me,
        turn_off,
        suspend,
    ],
)
def test_a_right_lost_before_it_leaves_means_no_push(cast, written, send_pushes, lose):
    lose(cast, written)
    assert silent(written, send_pushes)


def test_a_comment_that_is_gone_rings_nobody(cast, commented, send_pushes):
    from videos.actions import delete_comment

    delete_comment(cast.bob, commented.comment)
    assert silent(commented, send_pushes)


def test_a_notification_of_somebody_who_is_blocked_meanwhile_rings_nobody(cast, commented, send_pushes):
    from privacy.actions import block as shut

    shut(cast.alice, cast.bob)
    assert silent(commented, send_pushes)


def test_a_notification_that_was_read_rings_nobody(cast, commented, send_pushes):
    actions.mark_notifications_read(cast.alice)
    assert silent(commented, send_pushes)


def test_a_channel_that_is_off_rings_nobody(cast, commented, send_pushes):
    NotificationSettings.objects.update_or_create(
        person=cast.alice, defaults={"channels": {"comments": {"push": False}}}
    )
    assert silent(commented, send_pushes)


def log_out(cast, browser):
    browser.client.logout()


def end_log_in(cast, browser):
    from accounts.sessions import end_sessions

    end_sessions(cast.alice.pk)


def change_password(cast, browser):
    person = get_user_model().objects.get(pk=cast.alice.pk)
    person.set_password("another-password-1")
    person.save(update_fields=["password"])


def leave_for_a_while(cast, browser):
    from accounts.actions import deactivate

    deactivate(get_user_model().objects.get(pk=cast.alice.pk))


def ban(cast, browser):
    from accounts.actions import suspend as shut_out

    shut_out(cast.mod, cast.alice)


ENDS = [log_out, end_log_in, change_password, leave_for_a_while, ban]


@pytest.mark.parametrize("end", ENDS)
def test_a_log_in_that_is_over_takes_its_browser_along(cast, written, send_pushes, end):
    end(cast, written)
    assert not PushSubscription.objects.filter(person=cast.alice).exists()
    assert silent(written, send_pushes)


def test_a_password_changed_past_the_site_silences_too(cast, written, send_pushes):
    get_user_model().objects.filter(pk=cast.alice.pk).update(password="another")
    assert silent(written, send_pushes)
    assert not PushSubscription.objects.exists()


def test_another_log_in_of_the_same_person_goes_on(cast, talk, listening, send_pushes):
    phone, desk = listening(cast.alice, "phone"), listening(cast.alice, "desk")
    talk.say(cast.carol, talk("carol", "alice"))
    desk.client.logout()
    assert send_pushes() == 1
    assert [len(phone.received), len(desk.received)] == [1, 0]


def test_a_log_out_while_others_are_served_is_seen(
    cast, talk, listening, push_service, send_pushes, settings, monkeypatch
):
    from messaging import pushing

    settings.PUSHES_AT_ONCE = 1
    phone, desk = listening(cast.alice, "phone"), listening(cast.alice, "desk")
    talk.say(cast.carol, talk("carol", "alice"))
    started = pushing._Round.start

    def then_log_out(this, *args):
        started(this, *args)
        desk.client.logout()

    monkeypatch.setattr(pushing._Round, "start", then_log_out)
    send_pushes()
    assert [len(phone.received), len(desk.received)] == [1, 0]
