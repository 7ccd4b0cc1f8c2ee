"""Sending: numbers, client ids, replies, clips, what is refused."""

import pytest

from messaging import access, actions
from messaging.models import Message, Participant
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound, TooMany

pytestmark = pytest.mark.django_db


def test_numbers_rise_by_one_without_gaps(cast, talk):
    room = talk("alice", "carol")
    seqs = [talk.say(person, room).seq for person in (cast.alice, cast.carol, cast.alice)]
    assert seqs == [1, 2, 3]


def test_opening_twice_gives_the_same_conversation_whoever_asks(cast, talk):
    assert talk("alice", "carol") == talk("carol", "alice") == talk("alice", "carol")


def test_the_same_client_id_twice_gives_the_same_message(cast, talk):
    room = talk("alice", "carol")
    first = talk.say(cast.alice, room, "one", client_id="same")
    assert talk.say(cast.alice, room, "two", client_id="same").pk == first.pk
    assert Message.objects.count() == 1


def test_two_people_may_use_the_same_client_id(cast, talk):
    room = talk("alice", "carol")
    assert talk.say(cast.alice, room, client_id="x").pk != talk.say(cast.carol, room, client_id="x").pk


def test_a_client_id_used_elsewhere_is_a_conflict(cast, talk):
    talk.say(cast.alice, talk("alice", "carol"), client_id="x")
    with pytest.raises(Conflict):
        talk.say(cast.alice, talk("alice", "bob"), client_id="x")


@pytest.mark.parametrize("text", ["", "   ", "\x00", "x" * 2001])
def test_empty_and_overlong_texts_are_refused(cast, talk, text):
    with pytest.raises(Invalid):
        talk.say(cast.alice, talk("alice", "carol"), text)
    assert not Message.objects.exists()


def test_two_thousand_characters_pass(cast, talk):
    assert len(talk.say(cast.alice, talk("alice", "carol"), "é" * 2000).text) == 2000


def test_a_stranger_to_the_conversation_finds_nothing(cast, talk):
    room = talk("alice", "carol")
    for deed in (
        lambda: talk.say(cast.dave, room),
        lambda: access.get_conversation(cast.dave, room),
        lambda: actions.mark_read(cast.dave, room),
        lambda: actions.accept_request(cast.dave, room),
        lambda: actions.leave_conversation(cast.dave, room),
        lambda: actions.mute_conversation(cast.dave, room),
    ):
        with pytest.raises(NotFound):
            deed()


def test_a_reply_quotes_a_message_of_the_same_conversation_only(cast, talk):
    room, other = talk("alice", "carol"), talk("alice", "bob")
    first, elsewhere = talk.say(cast.carol, room, "first"), talk.say(cast.alice, other, "elsewhere")
    reply = talk.say(cast.alice, room, "re", reply_to=str(first.pk))
    card = access.message_cards(cast.carol, [reply])[0]
    assert card["reply_to"] == str(first.pk)
    assert card["quoted"] == {"sender": "carol", "text": "first", "seq": 1}
    with pytest.raises(Invalid):
        talk.say(cast.alice, room, "re", reply_to=str(elsewhere.pk))


def test_a_clip_the_sender_cannot_see_is_not_found(cast, talk, make_video):
    hidden = make_video(cast.dave, audience="only_me")
    with pytest.raises(NotFound):
        talk.say(cast.alice, talk("alice", "carol"), "", video_id=str(hidden.pk))


def test_a_shared_clip_is_shown_to_the_receiver_only_while_they_may_see_it(cast, talk, make_video):
    clip = make_video(cast.alice)
    room = talk("alice", "carol")
    message = talk.say(cast.alice, room, "", video_id=str(clip.pk))
    assert access.message_cards(cast.carol, [message])[0]["video"]["id"] == str(clip.pk)
    clip.audience = "only_me"
    clip.save()
    card = access.message_cards(cast.carol, [message])[0]
    assert card["video"] is None
    assert card["has_video"]
    assert access.message_cards(cast.alice, [message])[0]["video"]["id"] == str(clip.pk)


def test_unsending_erases_text_clip_and_reactions_but_keeps_the_number(cast, talk):
    room = talk("alice", "carol")
    message = talk.say(cast.alice, room, "secret")
    actions.react(cast.carol, str(message.pk), "❤️")
    actions.unsend(cast.alice, str(message.pk))
    row = Message.objects.get()
    card = access.message_cards(cast.carol, [row])[0]
    assert (row.text, row.seq, card["text"], card["removed"], card["reactions"]) == ("", 1, "", True, [])
    actions.unsend(cast.alice, str(message.pk))
    assert talk.say(cast.carol, room).seq == 2


def test_only_the_sender_unsends(cast, talk):
    message = talk.say(cast.alice, talk("alice", "carol"))
    with pytest.raises(Forbidden):
        actions.unsend(cast.carol, str(message.pk))
    with pytest.raises(NotFound):
        actions.unsend(cast.dave, str(message.pk))


def test_one_reaction_a_person(cast, talk):
    message = talk.say(cast.alice, talk("alice", "carol"))
    actions.react(cast.carol, str(message.pk), "👍")
    actions.react(cast.carol, str(message.pk), "😂")
    assert access.message_cards(cast.alice, [message])[0]["reactions"] == [
        {"emoji": "😂", "username": "carol"}
    ]
    actions.unreact(cast.carol, str(message.pk))
    assert access.message_cards(cast.alice, [message])[0]["reactions"] == []


@pytest.mark.parametrize("emoji", ["", "a", "<b>", "👍a", "👍 👍", "1"])
def test_a_reaction_is_an_emoji(cast, talk, emoji):
    message = talk.say(cast.alice, talk("alice", "carol"))
    with pytest.raises(Invalid):
        actions.react(cast.carol, str(message.pk), emoji)


@pytest.mark.parametrize("emoji", ["👍", "❤️", "👩‍👩‍👧", "🇫🇷", "👍🏽"])
def test_real_emoji_pass(cast, talk, emoji):
    message = talk.say(cast.alice, talk("alice", "carol"))
    actions.react(cast.carol, str(message.pk), emoji)
    assert [reaction.emoji for reaction in message.reactions.all()] == [emoji]


def test_deleting_for_oneself_leaves_the_other_untouched(cast, talk):
    room = talk("alice", "carol")
    message = talk.say(cast.alice, room, "old")
    actions.leave_conversation(cast.carol, room)
    assert not access.conversations(cast.carol).exists()
    assert access.conversations(cast.alice).count() == 1
    with pytest.raises(NotFound):
        access.get_message(cast.carol, str(message.pk))
    talk.say(cast.alice, room, "new")
    seat = access.get_seat(cast.carol, room)
    assert [m.text for m in access.messages(cast.carol, seat)] == ["new"]


def test_catching_up_asks_for_everything_after_what_one_has(cast, talk):
    room = talk("alice", "carol")
    for number in range(12):
        talk.say(cast.alice, room, str(number))
    seat = access.get_seat(cast.carol, room)
    assert [m.seq for m in access.messages(cast.carol, seat, after=9)] == [10, 11, 12]
    assert [m.seq for m in access.messages(cast.carol, seat, before=4)] == [1, 2, 3]
    assert [m.seq for m in access.messages(cast.carol, seat, limit=2)] == [11, 12]


def test_too_many_messages_are_held_back_with_a_time(cast, talk, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"message": "2/60"}
    room = talk("alice", "carol")
    talk.say(cast.alice, room)
    talk.say(cast.alice, room)
    with pytest.raises(TooMany) as refusal:
        talk.say(cast.alice, room)
    assert refusal.value.retry_after > 0


def test_what_a_deleted_account_wrote_stays_without_a_name(cast, talk):
    room = talk("alice", "carol")
    talk.say(cast.carol, room, "stays")
    cast.carol.delete()
    seat = access.get_seat(cast.alice, room)
    card = access.message_cards(cast.alice, access.messages(cast.alice, seat))[0]
    assert (card["text"], card["sender"]) == ("stays", None)
    detail = access.conversation_detail(cast.alice, seat)
    assert detail["people"][0]["username"] is None
    assert not detail["writing"]["allowed"]
    with pytest.raises(Forbidden):
        talk.say(cast.alice, room)


def test_sending_reads_one_s_own_conversation(cast, talk):
    room = talk("alice", "carol")
    talk.say(cast.alice, room)
    assert Participant.objects.get(person=cast.alice).read_seq == 1
    assert access.badges(cast.alice)["messages"] == 0
    assert access.badges(cast.carol)["messages"] == 1
    actions.mute_conversation(cast.carol, room)
    assert access.badges(cast.carol)["messages"] == 0
