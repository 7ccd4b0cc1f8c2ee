"""A block between two members: the group goes on, and the two are not there for each other."""

import pytest

from messaging import access, actions, delivery
from messaging.models import Message, Participant
from privacy import actions as privacy
from privacy.models import Report
from socialapp.lib.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(cast, make_person, talk):
    """alice, bob, carol; alice and bob shut each other out after both had written."""
    from accounts.models import Follow

    Follow.objects.create(follower=cast.alice, followed=cast.bob, state="accepted")
    room = actions.start_group(cast.alice, ["carol", "bob"], "Trip").pk
    talk.say(cast.bob, room, "from bob")
    privacy.block(cast.alice, cast.bob)
    return room


def cards(person, group):
    rows = access.messages(person, access.get_seat(person, group))
    return access.message_cards(person, rows)


def card(person, group):
    return access.conversation_cards(person, [access.get_seat(person, group)])[0]


def test_they_read_each_other_no_more_and_the_third_reads_both(cast, talk, group):
    talk.say(cast.alice, group, "from alice")
    read = {
        p: [c["text"] for c in cards(p, group) if not c["event"]] for p in (cast.alice, cast.bob, cast.carol)
    }
    assert read == {
        cast.alice: ["", "from alice"],
        cast.bob: ["from bob", ""],
        cast.carol: ["from bob", "from alice"],
    }
    assert [c["hidden"] for c in cards(cast.alice, group)] == [False, True, False]
    assert [c["seq"] for c in cards(cast.alice, group)] == [1, 2, 3], "the numbers go on without a gap"


def test_they_are_not_among_each_others_people(cast, group):
    assert [p["username"] for p in card(cast.alice, group)["people"]] == ["carol"]
    assert [p["username"] for p in card(cast.bob, group)["people"]] == ["carol"]
    assert {p["username"] for p in card(cast.carol, group)["people"]} == {"alice", "bob"}


def test_an_event_does_not_name_who_is_shut_out(cast, group):
    actions.rename_group(cast.alice, group, "Rome")
    actions.add_people(cast.carol, group, ["dave"])
    actions.remove_person(cast.alice, group, "bob")  # who blocked somebody may still put them out
    told = [(c["sender"], c["event"]) for c in cards(cast.carol, group) if c["event"]]
    assert told[-1] == ("alice", {"what": "removed", "subject": "bob", "text": ""})
    told = [(c["sender"], c["event"]) for c in cards(cast.alice, group) if c["event"]]
    assert told[-1] == ("alice", {"what": "removed", "subject": None, "text": ""})


def test_who_is_blocked_by_somebody_cannot_name_them(cast, group):
    actions.set_admin(cast.alice, group, "carol", True)
    actions.set_admin(cast.carol, group, "bob", True)
    for job in (
        lambda: actions.remove_person(cast.bob, group, "alice"),
        lambda: actions.set_admin(cast.bob, group, "alice", False),
    ):
        with pytest.raises(NotFound):
            job()


def test_what_the_socket_brings_is_hidden_too(cast, talk, group):
    message = talk.say(cast.bob, group, "are you there")
    keys = [(p.pk, group, message.pk) for p in (cast.alice, cast.carol)]
    found = access.deliverable_messages(keys)
    assert (found[keys[0][0], message.pk]["text"], found[keys[0][0], message.pk]["hidden"]) == ("", True)
    assert found[keys[1][0], message.pk]["text"] == "are you there"


@pytest.mark.parametrize("kind", ["typing", "conversation.read"])
def test_neither_typing_nor_receipts_pass(cast, group, kind):
    facts = {"conversation": str(group), "username": "bob", "person": str(cast.bob.pk), "seq": 2}
    frames = [(p.pk, {"type": kind, "seq": 1, "data": facts}) for p in (cast.alice, cast.carol)]
    to_alice, to_carol = delivery.render_batch(frames)
    assert to_alice is None
    assert '"bob"' in to_carol
    assert access.typing_audience(cast.bob, group) == [cast.carol.pk]


def test_receipts_on_the_card_leave_them_out(cast, group):
    for person in (cast.bob, cast.carol):
        actions.mark_read(person, group)
    assert [row["username"] for row in card(cast.alice, group)["read_by"]] == ["carol"]


def test_their_reactions_do_not_show_to_each_other(cast, talk, group):
    message = talk.say(cast.carol, group, "hello")
    for person in (cast.alice, cast.bob):
        actions.react(person, message.pk, "👍")
    seen = {
        p: [r["username"] for r in access.message_cards(p, [message])[0]["reactions"]]
        for p in (cast.alice, cast.carol)
    }
    assert seen == {cast.alice: ["alice"], cast.carol: ["alice", "bob"]}


def test_a_quote_of_the_other_says_nothing(cast, talk, group):
    theirs = Message.objects.get(sender=cast.bob)
    answer = talk.say(cast.carol, group, "I agree", reply_to=theirs.pk)
    to_alice, to_carol = (access.message_cards(p, [answer])[0]["quoted"] for p in (cast.alice, cast.carol))
    assert (to_alice["sender"], to_alice["text"]) == (None, "")
    assert (to_carol["sender"], to_carol["text"]) == ("bob", "from bob")


def test_the_newest_line_of_the_list_is_one_they_may_read(cast, talk, group):
    talk.say(cast.carol, group, "from carol")
    talk.say(cast.bob, group, "newer, from bob")
    assert card(cast.alice, group)["last_message"]["text"] == "from carol"
    assert card(cast.carol, group)["last_message"]["text"] == "newer, from bob"


def test_when_the_block_ends_they_read_each_other_again(cast, talk, group):
    talk.say(cast.bob, group, "during the block")
    privacy.unblock(cast.alice, cast.bob)
    assert [c["text"] for c in cards(cast.alice, group) if not c["event"]] == ["from bob", "during the block"]


def test_nobody_is_added_across_a_block_though_others_may_add_them(cast, make_person, group):
    privacy.update_privacy(cast.dave, message_audience="everyone")
    privacy.block(cast.dave, cast.bob)
    with pytest.raises(Invalid):
        actions.add_people(cast.bob, group, ["dave"])
    actions.add_people(cast.carol, group, ["dave"])
    assert Participant.objects.filter(conversation=group, person=cast.dave).exists()


def test_a_message_of_a_group_is_reported_by_who_reads_it(cast, talk, group):
    message = talk.say(cast.bob, group, "rude")
    row = privacy.report(cast.carol, "message", message.pk, "harassment")
    assert (row.target_person_id, Report.objects.count()) == (cast.bob.pk, 1)
    with pytest.raises(NotFound):
        privacy.report(cast.dave, "message", message.pk, "harassment")


def test_tabs_of_both_fetch_the_groups_they_share(
    cast, group, monkeypatch, django_capture_on_commit_callbacks
):
    told = []
    monkeypatch.setattr(
        "socialapp.lib.realtime.push", lambda people, event, data, live=None: told.append((people, event))
    )
    with django_capture_on_commit_callbacks(execute=True):
        privacy.block(cast.carol, cast.bob)
    assert ([cast.carol.pk, cast.bob.pk], "conversation.updated") in told
