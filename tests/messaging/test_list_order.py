"""The list of conversations: what is put away, what is kept on top, and its pages."""

import pytest

from messaging import access, actions
from messaging.models import Participant
from privacy import actions as privacy
from socialapp.lib.errors import Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db
BASE = "/api/v1/conversations/"


@pytest.fixture
def rooms(cast, talk):
    """Conversations of alice with carol, bob and dave, the last written to last."""
    found = {}
    for name in ("carol", "bob", "dave"):
        found[name] = talk("alice", name)
        talk.say(cast.alice, found[name])
    return found


def listed(viewer, **which):
    rows = access.conversation_page(viewer, **which).items
    return [card["people"][0]["username"] for card in access.conversation_cards(viewer, rows)]


def test_what_is_archived_leaves_the_list_and_comes_back_with_something_new(cast, talk, rooms):
    actions.archive_conversation(cast.alice, rooms["carol"])
    assert listed(cast.alice) == ["dave", "bob"]
    assert listed(cast.alice, archived=True) == ["carol"]
    assert listed(cast.carol) == ["alice"]  # nobody else notices
    talk.say(cast.carol, rooms["carol"], "new")
    assert listed(cast.alice) == ["carol", "dave", "bob"]
    assert listed(cast.alice, archived=True) == []


def test_what_is_archived_and_muted_stays_away(cast, talk, rooms):
    actions.mute_conversation(cast.alice, rooms["carol"])
    actions.archive_conversation(cast.alice, rooms["carol"])
    talk.say(cast.carol, rooms["carol"], "new")
    assert listed(cast.alice, archived=True) == ["carol"]
    talk.say(cast.alice, rooms["carol"], "my own words")
    assert listed(cast.alice, archived=True) == []


def test_archiving_is_taken_back(cast, rooms):
    actions.archive_conversation(cast.alice, rooms["bob"])
    actions.archive_conversation(cast.alice, rooms["bob"], False)
    assert listed(cast.alice) == ["dave", "bob", "carol"]


def test_what_is_pinned_comes_first_whatever_is_new(cast, talk, rooms):
    actions.pin_conversation(cast.alice, rooms["carol"])
    talk.say(cast.bob, rooms["bob"], "new")
    assert listed(cast.alice) == ["carol", "bob", "dave"]
    actions.pin_conversation(cast.alice, rooms["carol"], False)
    assert listed(cast.alice) == ["bob", "dave", "carol"]


def test_pages_hold_each_conversation_once_with_pinned_ones_on_the_first(cast, rooms):
    actions.pin_conversation(cast.alice, rooms["carol"])
    first = access.conversation_page(cast.alice, size=1)
    assert [seat.conversation_id for seat in first.items] == [rooms["carol"], rooms["dave"]]
    second = access.conversation_page(cast.alice, first.next_cursor, size=1)
    assert [seat.conversation_id for seat in second.items] == [rooms["bob"]]
    assert second.next_cursor is None


def test_at_most_five_are_pinned(cast, talk, make_person):
    for number in range(6):
        make_person(f"friend{number}")
        room = talk("alice", f"friend{number}")
        talk.say(cast.alice, room)
        if number < 5:
            actions.pin_conversation(cast.alice, room)
    with pytest.raises(Invalid) as refusal:
        actions.pin_conversation(cast.alice, room)
    assert "5" in str(refusal.value.message)
    actions.pin_conversation(
        cast.alice, Participant.objects.filter(pinned_at__isnull=False).first().conversation_id
    )


def test_what_is_pinned_is_not_archived_and_the_other_way_round(cast, rooms):
    actions.pin_conversation(cast.alice, rooms["bob"])
    seat = actions.archive_conversation(cast.alice, rooms["bob"])
    assert seat.pinned_at is None
    seat = actions.pin_conversation(cast.alice, rooms["bob"])
    assert seat.archived_at is None


def test_a_request_is_not_pinned_and_a_strangers_conversation_not_touched(cast, talk, rooms):
    privacy.update_privacy(cast.bob, message_audience="nobody")
    privacy.update_privacy(cast.carol, message_audience="friends")
    room = talk("dave", "carol")
    talk.say(cast.dave, room)
    with pytest.raises(Forbidden):
        actions.pin_conversation(cast.carol, room)
    for action in (actions.pin_conversation, actions.archive_conversation):
        with pytest.raises(NotFound):
            action(cast.dave, rooms["carol"])


def test_archiving_and_pinning_by_api(api, cast, rooms):
    alice = api.as_(cast.alice)
    room = f"{BASE}{rooms['bob']}/"
    assert alice.post(f"{room}archive/", {"archived": True}, format="json").json() == {"archived": True}
    assert [c["archived"] for c in alice.get(f"{BASE}?archived=1").json()["results"]] == [True]
    assert alice.post(f"{room}pin/", {"pinned": True}, format="json").json() == {"pinned": True}
    assert [c["pinned"] for c in alice.get(BASE).json()["results"]] == [True, False, False]
    assert alice.post(f"{room}pin/", {"pinned": "maybe"}, format="json").status_code == 400
    assert api.as_(cast.mallory).post(f"{room}pin/").status_code == 404
