"""Catching up by changes: who was away asks for what is new or changed since their highest `change` and has everything."""

import uuid

import pytest
from django.utils import timezone

from messaging import access, actions
from messaging.models import Conversation, Message, Participant
from privacy import actions as privacy
from socialapp.lib.errors import NotFound

pytestmark = pytest.mark.django_db
BASE = "/api/v1/conversations/"


@pytest.fixture
def room(cast, talk):
    return talk("alice", "carol")


@pytest.fixture
def group(cast):
    """alice, bob and carol."""
    room = actions.start_group(cast.carol, ["alice", "bob"], "Trip").pk
    actions.accept_request(cast.bob, room)
    return room


def since(viewer, room, change):
    rows = access.changes(viewer, access.get_seat(viewer, room), change)
    return access.message_cards(viewer, rows)


def top(room):
    return Conversation.objects.get(pk=room).last_change


def test_everything_that_happens_to_a_message_is_a_change(cast, talk, room):
    one, two, three = (talk.say(cast.alice, room, text) for text in ("one", "two", "three"))
    seen = top(room)
    actions.react(cast.carol, one.pk, "👍")
    actions.unsend(cast.alice, two.pk)
    actions.hide_message(cast.carol, three.pk)
    talk.say(cast.carol, room, "four")
    cards = since(cast.carol, room, seen)
    assert [card["seq"] for card in cards] == [1, 2, 3, 4]
    assert [card["change"] for card in cards] == list(range(seen + 1, seen + 5))
    assert [cards[0]["reactions"] != [], cards[1]["removed"], cards[2]["hidden"]] == [True] * 3
    assert cards[3]["text"] == "four"
    assert top(room) == seen + 4


def test_a_message_that_changed_twice_comes_once(cast, talk, room):
    message = talk.say(cast.alice, room)
    actions.react(cast.carol, message.pk, "👍")
    actions.react(cast.carol, message.pk, "🔥")
    assert [card["seq"] for card in since(cast.alice, room, 0)] == [1]


def test_pages_follow_one_another_until_nothing_is_left(api, cast, talk, room):
    for number in range(5):
        talk.say(cast.alice, room, str(number))
    actions.unsend(cast.alice, Message.objects.get(seq=2).pk)
    client, got, address = api.as_(cast.carol), [], f"{BASE}{room}/messages/?changed_after=0&limit=2"
    while address:
        page = client.get(address).json()
        got += [card["seq"] for card in page["results"]]
        address = page["next"]
    assert got == [1, 3, 4, 5, 2]
    assert client.get(f"{BASE}{room}/messages/?changed_after=x").status_code == 400


def test_one_row_of_changes_costs_a_constant_number_of_queries(
    cast, talk, room, django_assert_max_num_queries
):
    for number in range(20):
        talk.say(cast.alice, room, str(number))
    seat = access.get_seat(cast.carol, room)
    with django_assert_max_num_queries(4):  # messages, requests, deleted for one, reactions
        access.message_cards(cast.carol, access.changes(cast.carol, seat, 0))


def test_others_and_those_who_deleted_the_conversation_learn_nothing_of_it(cast, talk, room):
    talk.say(cast.alice, room)
    with pytest.raises(NotFound):
        since(cast.dave, room, 0)
    with pytest.raises(NotFound):
        access.changes(cast.dave, access.get_seat(cast.carol, room), 0)
    actions.leave_conversation(cast.carol, room)
    assert since(cast.carol, room, 0) == []


# --- Deleted for one ------------------------------------------------------------------------------------------------


def test_a_message_deleted_for_oneself_stays_for_the_others(cast, talk, room):
    message = talk.say(cast.alice, room, "secret words", client_id="mine")
    actions.hide_message(cast.carol, message.pk)
    actions.hide_message(cast.carol, message.pk)  # again
    hers, his = (since(person, room, 0)[0] for person in (cast.carol, cast.alice))
    assert (hers["hidden"], hers["text"], hers["sender"], hers["client_id"]) == (True, "", None, "")
    assert (his["hidden"], his["text"], his["removed"]) == (False, "secret words", False)
    assert hers["seq"] == his["seq"] == 1
    assert message.change + 1 == top(room)
    with pytest.raises(NotFound):
        access.get_message(cast.carol, message.pk)


def test_what_is_hidden_from_one_is_not_quoted_to_them_either(cast, talk, room):
    message = talk.say(cast.alice, room, "secret words")
    talk.say(cast.alice, room, "as I said", reply_to=message.pk)
    actions.hide_message(cast.carol, message.pk)
    assert since(cast.carol, room, 0)[-1]["quoted"] is None or (
        [c["quoted"]["text"] for c in since(cast.carol, room, 0) if c["quoted"]] == [""]
    )
    assert [c["quoted"]["text"] for c in since(cast.alice, room, 0) if c["quoted"]] == ["secret words"]


def test_the_list_shows_the_newest_message_that_is_left_for_one(cast, talk, room):
    talk.say(cast.alice, room, "first")
    newest = talk.say(cast.alice, room, "second")
    actions.hide_message(cast.carol, newest.pk)

    def last(viewer):
        return access.conversation_cards(viewer, [access.get_seat(viewer, room)])[0]["last_message"]["text"]

    assert last(cast.carol) == "first"
    assert last(cast.alice) == "second"


def test_delivery_gives_each_their_own_view(cast, talk, room):
    message = talk.say(cast.alice, room, "words")
    actions.hide_message(cast.carol, message.pk)
    wanted = [(person.pk, room, message.pk) for person in (cast.alice, cast.carol)]
    found = access.deliverable_messages(wanted)
    assert found[cast.alice.pk, message.pk]["text"] == "words"
    assert (found[cast.carol.pk, message.pk]["text"], found[cast.carol.pk, message.pk]["hidden"]) == (
        "",
        True,
    )


def test_hiding_by_api(api, cast, talk, room):
    message = talk.say(cast.alice, room)
    address = f"/api/v1/messages/{message.pk}/hide/"
    assert api.as_(cast.dave).post(address).status_code == 404
    assert api.as_(cast.carol).post(address).status_code == 204
    assert api.as_(cast.carol).post(address).status_code == 204
    assert api.as_(cast.carol).get(f"{BASE}{room}/messages/").json()["results"][0]["hidden"]


# --- Across a block in a group ----------------------------------------------------------------------------------------


def test_across_a_block_in_a_group_a_message_keeps_its_number_and_loses_its_content(cast, talk, group):
    said = talk.say(cast.alice, group, "alice's words")
    answer = talk.say(cast.carol, group, "an answer", reply_to=said.pk)
    actions.react(cast.alice, answer.pk, "👍")
    privacy.block(cast.bob, cast.alice)
    for viewer in (cast.bob, cast.carol):
        cards = {card["seq"]: card for card in since(viewer, group, 0)}
        apart = viewer is cast.bob
        assert cards[said.seq]["hidden"] == apart
        assert cards[said.seq]["text"] == ("" if apart else "alice's words")
        assert cards[answer.seq]["quoted"]["text"] == ("" if apart else "alice's words")
        assert cards[answer.seq]["reactions"] == ([] if apart else [{"emoji": "👍", "username": "alice"}])
    assert "alice" not in str(since(cast.bob, group, 0))


def test_the_seconds_somebody_waited_for_an_answer_are_kept(cast, talk, room):
    talk.say(cast.alice, room, "hello?")
    talk.say(cast.alice, room, "there?")
    waiting = Participant.objects.get(conversation=room, person=cast.carol).waiting_since
    assert waiting is not None
    Participant.objects.filter(conversation=room, person=cast.carol).update(
        waiting_since=timezone.now() - timezone.timedelta(seconds=90)
    )
    assert talk.say(cast.carol, room, "yes").answered_after in range(90, 120)
    assert talk.say(cast.carol, room, "and more").answered_after is None
    assert Participant.objects.get(conversation=room, person=cast.carol).waiting_since is None
    assert Participant.objects.get(conversation=room, person=cast.alice).waiting_since is not None


def test_a_request_makes_nobody_owe_an_answer(cast, talk):
    privacy.update_privacy(cast.alice, message_audience="friends")
    room = talk("dave", "alice")
    talk.say(cast.dave, room, "may I?", client_id=uuid.uuid4().hex)
    assert Participant.objects.get(conversation=room, person=cast.alice).waiting_since is None
