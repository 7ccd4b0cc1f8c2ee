"""Searching one's own messages: what one can read now, and nothing else."""

import pytest

from messaging import access, actions
from messaging.models import Message
from privacy import actions as privacy

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/messages/search/"


@pytest.fixture
def room(cast, talk):
    room = talk("alice", "carol")
    talk.say(cast.alice, room, "The café opens at nine")
    talk.say(cast.carol, room, "Which CAFE?")
    talk.say(cast.alice, room, "100% sure")
    return room


def found(viewer, text, conversation=None):
    return [row.text for row in access.search_page(viewer, text, conversation).items]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("cafe", 2),
        ("CAFÉ", 2),
        ("opens  at", 1),
        ("100%", 1),
        ("%", 1),
        ("_", 0),
        ("tea", 0),
        ("  ", 0),
        ("", 0),
    ],
)
def test_words_are_compared_without_case_and_accents_and_signs_are_only_signs(cast, room, text, count):
    assert len(found(cast.carol, text)) == count


def test_the_newest_come_first_in_pages(cast, room):
    first = access.search_page(cast.carol, "cafe", size=1)
    assert [row.seq for row in first.items] == [2]
    assert [row.seq for row in access.search_page(cast.carol, "cafe", cursor=first.next_cursor).items] == [1]


def test_nobody_finds_what_others_wrote_to_one_another(cast, room):
    assert found(cast.dave, "cafe") == []
    assert found(cast.dave, "cafe", room) == []


def test_one_conversation_can_be_searched_alone(cast, talk, room):
    other = talk("carol", "bob")
    talk.say(cast.carol, other, "another cafe")
    assert len(found(cast.carol, "cafe")) == 3
    assert found(cast.carol, "cafe", other) == ["another cafe"]


def test_what_is_gone_hidden_or_cleared_is_not_found(cast, talk, room):
    one, two, _three = Message.objects.order_by("seq")
    actions.hide_message(cast.carol, one.pk)
    assert found(cast.carol, "cafe") == ["Which CAFE?"]
    assert len(found(cast.alice, "cafe")) == 2
    actions.unsend(cast.carol, two.pk)
    assert len(found(cast.alice, "cafe")) == 1
    actions.leave_conversation(cast.alice, room)
    assert found(cast.alice, "cafe") == []


def test_a_block_and_a_restriction_take_a_conversation_out_of_the_search(cast, room):
    privacy.restrict(cast.carol, cast.alice)
    assert found(cast.carol, "cafe") == []
    assert len(found(cast.alice, "cafe")) == 2
    privacy.block(cast.carol, cast.alice)
    assert found(cast.alice, "cafe") == []


def test_requests_are_not_searched_before_they_are_accepted(cast, talk):
    privacy.update_privacy(cast.alice, message_audience="friends")
    room = talk("dave", "alice")
    talk.say(cast.dave, room, "meet me at the cafe")
    assert found(cast.alice, "cafe") == []
    assert len(found(cast.dave, "cafe")) == 1
    actions.accept_request(cast.alice, room)
    assert len(found(cast.alice, "cafe")) == 1


def test_across_a_block_in_a_group_nothing_is_found(cast, talk):
    group = actions.start_group(cast.carol, ["alice", "bob"], "Trip").pk
    talk.say(cast.alice, group, "cafe")
    actions.accept_request(cast.bob, group)
    talk.say(cast.alice, group, "the cafe")
    assert len(found(cast.bob, "cafe")) >= 1
    privacy.block(cast.bob, cast.alice)
    assert found(cast.bob, "cafe") == []
    assert len(found(cast.carol, "cafe")) == 2


def test_the_api_answers_with_the_message_and_where_it_is(api, cast, room, django_assert_max_num_queries):
    carol = api.as_(cast.carol)
    with django_assert_max_num_queries(9):
        body = carol.get(f"{ADDRESS}?q=cafe").json()
    assert [row["message"]["text"] for row in body["results"]] == ["Which CAFE?", "The café opens at nine"]
    where = body["results"][0]["conversation"]
    assert (where["id"], where["people"][0]["username"]) == (str(room), "alice")
    assert carol.get(f"{ADDRESS}?q=cafe&conversation={room}").json()["results"]
    assert carol.get(f"{ADDRESS}?q=cafe&conversation=1").json()["results"] == []
    assert carol.get(f"{ADDRESS}?q=%00").json()["results"] == []
    assert carol.get(f"{ADDRESS}?q=cafe&cursor=x").status_code == 400
    assert api.get(ADDRESS).status_code == 401
