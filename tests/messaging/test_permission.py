"""Who may write to whom: every setting against every relation, requests, receipts, blocks."""

import pytest

from accounts import actions as accounts
from messaging import access, actions
from messaging.models import Notification, Participant
from messaging.rules import FIRST_MESSAGES
from privacy import actions as privacy
from socialapp.lib.errors import Forbidden, NotFound

pytestmark = pytest.mark.django_db

# How each of the cast stands to alice, and what her setting makes of their message.
ARRIVES = {
    "everyone": {"carol": "message", "bob": "message", "erin": "message", "dave": "message"},
    "following": {"carol": "message", "bob": "request", "erin": "message", "dave": "request"},
    "friends": {"carol": "message", "bob": "request", "erin": "request", "dave": "request"},
    "nobody": {"carol": "refused", "bob": "refused", "erin": "refused", "dave": "refused"},
}


@pytest.fixture
def erin(cast, make_person):
    """Followed by alice, does not follow back."""
    cast.erin = make_person("erin")
    accounts.follow(cast.alice, cast.erin)
    return cast.erin


@pytest.mark.parametrize(("setting", "sender"), [(s, p) for s in ARRIVES for p in ARRIVES[s]])
def test_each_setting_against_each_relation(cast, erin, talk, setting, sender):
    privacy.update_privacy(cast.alice, message_audience=setting)
    person = getattr(cast, sender)
    room = talk(sender, "alice")
    expected = ARRIVES[setting][sender]
    assert access.conversation_detail(person, access.get_seat(person, room))["writing"]["allowed"] == (
        expected != "refused"
    )
    if expected == "refused":
        with pytest.raises(Forbidden) as refusal:
            talk.say(person, room)
        assert "Alice" in str(refusal.value.message) or "alice" in str(refusal.value.message)
        return
    message = talk.say(person, room)
    state = Participant.objects.get(conversation=room, person=cast.alice).state
    assert state == ("request" if expected == "request" else "active")
    for viewer in (person, cast.alice):
        assert access.message_cards(viewer, [message])[0]["request"] == (expected == "request")
    assert access.conversations(cast.alice).count() == (1 if expected == "message" else 0)
    assert access.message_requests(cast.alice).count() == (1 if expected == "request" else 0)


@pytest.fixture
def request_of_dave(cast, talk):
    privacy.update_privacy(cast.alice, message_audience="friends")
    room = talk("dave", "alice")
    talk.say(cast.dave, room, "may I?")
    return room


def test_a_request_hides_its_words_and_counts_as_a_notification_not_a_message(cast, request_of_dave):
    card = access.conversation_cards(cast.alice, list(access.message_requests(cast.alice)))[0]
    assert card["last_message"] is None
    assert card["people"][0]["username"] == "dave"
    assert access.badges(cast.alice) == {"messages": 0, "notifications": 1}


def test_no_receipt_goes_out_before_a_request_is_accepted(cast, request_of_dave):
    actions.mark_read(cast.alice, request_of_dave)
    seat = access.get_seat(cast.dave, request_of_dave)
    assert access.conversation_cards(cast.dave, [seat])[0]["read_by"] == []
    message = access.messages(cast.alice, access.get_seat(cast.alice, request_of_dave))[0]
    with pytest.raises(Forbidden):
        actions.react(cast.alice, message.pk, "👍")
    assert access.typing_audience(cast.alice, request_of_dave) == []
    assert access.typing_audience(cast.dave, request_of_dave) == []
    actions.accept_request(cast.alice, request_of_dave)
    actions.mark_read(cast.alice, request_of_dave)
    assert access.conversation_cards(cast.dave, [seat])[0]["read_by"] == [{"username": "alice", "seq": 1}]
    assert access.typing_audience(cast.dave, request_of_dave) == [cast.alice.pk]


def test_answering_accepts(cast, talk, request_of_dave):
    talk.say(cast.alice, request_of_dave, "hello dave")
    assert access.conversations(cast.alice).count() == 1
    assert not Notification.objects.filter(kind="message_request", read_at=None).exists()
    message = talk.say(cast.dave, request_of_dave, "see https://example.com")
    assert not access.message_cards(cast.dave, [message])[0]["request"]


@pytest.mark.parametrize("text", ["look https://example.com", "www.example.com", "buy at cheap.shop now"])
def test_a_first_message_to_a_stranger_carries_no_link(cast, talk, text):
    with pytest.raises(Forbidden):
        talk.say(cast.dave, talk("dave", "alice"), text)


def test_a_first_message_to_a_stranger_carries_no_clip(cast, talk, make_video):
    clip = make_video(cast.dave)
    with pytest.raises(Forbidden):
        talk.say(cast.dave, talk("dave", "alice"), "", video_id=str(clip.pk))
    talk.say(cast.carol, talk("carol", "alice"), "", video_id=str(clip.pk))


def test_first_messages_to_a_stranger_are_few_until_they_answer(cast, talk):
    room = talk("dave", "alice")
    for _number in range(FIRST_MESSAGES):
        talk.say(cast.dave, room)
    with pytest.raises(Forbidden):
        talk.say(cast.dave, room)
    talk.say(cast.alice, room, "yes?")
    talk.say(cast.dave, room)


def test_strangers_a_day_are_limited(cast, talk, make_person, settings):
    from socialapp.lib.errors import TooMany

    settings.RATE_LIMITS = settings.RATE_LIMITS | {"message_to_stranger": "1/86400"}
    make_person("erin")
    talk.say(cast.dave, talk("dave", "alice"))
    with pytest.raises(TooMany):
        talk.say(cast.dave, talk("dave", "erin"))
    assert Participant.objects.filter(last_seq__gt=0).count() == 2


def test_a_declined_request_comes_back_only_as_a_request(cast, talk, request_of_dave):
    actions.leave_conversation(cast.alice, request_of_dave)
    assert not access.message_requests(cast.alice).exists()
    talk.say(cast.dave, request_of_dave, "again")
    assert access.message_requests(cast.alice).count() == 1
    assert not access.conversations(cast.alice).exists()


def test_a_block_shuts_the_conversation_for_both(cast, talk):
    room = talk("alice", "carol")
    message = talk.say(cast.carol, room)
    privacy.block(cast.alice, cast.carol)
    for person in (cast.alice, cast.carol):
        assert not access.conversations(person).exists()
        with pytest.raises(NotFound):
            talk.say(person, room)
        with pytest.raises(NotFound):
            access.get_message(person, str(message.pk))
        with pytest.raises(NotFound):
            actions.react(person, str(message.pk), "👍")
        assert access.badges(person)["messages"] == 0
    with pytest.raises(NotFound):
        actions.open_conversation(cast.carol, ["alice"])
    privacy.unblock(cast.alice, cast.carol)
    assert access.conversations(cast.alice).count() == 1


def test_a_blocked_person_cannot_open_a_conversation(cast):
    with pytest.raises(NotFound):
        actions.open_conversation(cast.mallory, ["alice"])
    with pytest.raises(NotFound):
        actions.open_conversation(cast.alice, ["mallory"])


def test_nobody_means_nobody_even_in_an_old_conversation(cast, talk):
    room = talk("alice", "carol")
    talk.say(cast.alice, room)
    talk.say(cast.carol, room)
    privacy.update_privacy(cast.alice, message_audience="nobody")
    with pytest.raises(Forbidden):
        talk.say(cast.carol, room)
    talk.say(cast.alice, room)


def test_receipts_need_both_sides(cast, talk):
    room = talk("alice", "carol")
    talk.say(cast.alice, room)
    actions.mark_read(cast.carol, room)
    talk.say(cast.carol, room)

    def seen(viewer):
        viewer.refresh_from_db()
        return access.conversation_cards(viewer, [access.get_seat(viewer, room)])[0]["read_by"]

    assert seen(cast.alice) == [{"username": "carol", "seq": 2}]
    privacy.update_privacy(cast.carol, read_receipts=False)
    assert seen(cast.alice) == []
    assert seen(cast.carol) == []
