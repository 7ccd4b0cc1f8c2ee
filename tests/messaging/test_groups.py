"""Groups: who is in, who looks after them, what happened is a message, and nobody is added half."""

import json

import pytest

from messaging import access, actions, delivery
from messaging.models import Conversation, Message, Participant
from messaging.rules import GROUP_PEOPLE
from privacy import actions as privacy
from socialapp.lib.errors import Forbidden, Invalid, NotFound, TooMany

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(cast):
    """A group of alice, carol and bob, who all know each other well enough to be in at once."""
    from accounts.models import Follow

    Follow.objects.create(follower=cast.alice, followed=cast.bob, state="accepted")
    return actions.start_group(cast.alice, ["carol", "bob"], "Trip").pk


def seat(person, group):
    return Participant.objects.get(person=person, conversation=group)


def detail(person, group):
    return access.conversation_detail(person, access.get_seat(person, group))


def read(person, group):
    """What this person reads there, as (sender, event or text)."""
    rows = access.messages(person, access.get_seat(person, group))
    cards = access.message_cards(person, rows)
    return [(c["sender"], c["event"]["what"] if c["event"] else c["text"]) for c in cards if not c["hidden"]]


def refusal(error, job, *given):
    with pytest.raises(error) as caught:
        job(*given)
    return caught.value


def test_who_starts_a_group_looks_after_it_and_everybody_reads_that_it_began(cast, group):
    card = detail(cast.carol, group)
    assert (card["name"], card["is_group"], card["is_admin"], card["added_by"]) == (
        "Trip",
        True,
        False,
        "alice",
    )
    assert {p["username"]: p["is_admin"] for p in card["people"]} == {"alice": True, "bob": False}
    assert detail(cast.alice, group)["is_admin"]
    for person in (cast.alice, cast.bob, cast.carol):
        assert read(person, group) == [("alice", "created")]
    assert [access.badges(p)["messages"] for p in (cast.alice, cast.bob, cast.carol)] == [0, 1, 1]


def test_what_one_writes_reaches_all_in_order(cast, talk, group):
    for person in (cast.alice, cast.bob, cast.carol):
        talk.say(person, group, f"from {person.username}")
    expected = [("alice", "created"), *((n, f"from {n}") for n in ("alice", "bob", "carol"))]
    for person in (cast.alice, cast.bob, cast.carol):
        assert read(person, group) == expected
    assert list(Message.objects.order_by("seq").values_list("seq", "change")) == [(n, n) for n in range(1, 5)]


def test_a_group_of_the_same_people_twice_is_two_groups(cast, group):
    assert actions.start_group(cast.alice, ["carol", "bob"]).pk != group


def test_a_group_needs_somebody_else(cast):
    assert "usernames" in refusal(Invalid, actions.start_group, cast.alice, ["alice"]).fields


@pytest.mark.parametrize("name", ["nobody_at_all", "mallory"])
def test_who_is_not_there_and_who_is_blocked_read_the_same(cast, group, name):
    problem = refusal(Invalid, actions.add_people, cast.alice, group, ["dave", name])
    assert (problem.code, problem.message) == ("nobody", f"There is nobody called @{name}.")
    assert not Participant.objects.filter(person=cast.dave).exists(), "nobody is added half"


def test_one_who_refuses_keeps_everybody_out(cast):
    privacy.update_privacy(cast.dave, message_audience="nobody")
    problem = refusal(Forbidden, actions.start_group, cast.alice, ["carol", "dave"])
    assert (problem.code, "dave" in str(problem.message)) == ("messages_refused", True)
    assert not Conversation.objects.exists()


def test_a_new_member_reads_from_joining_on(cast, talk, group):
    talk.say(cast.alice, group, "before")
    actions.add_people(cast.carol, group, ["dave"])
    Participant.objects.filter(person=cast.dave).update(state="active")
    talk.say(cast.alice, group, "after")
    assert read(cast.dave, group) == [("carol", "added"), ("alice", "after")]
    assert access.conversation_cards(cast.dave, [access.get_seat(cast.dave, group)])[0]["unread"] == 2


def test_adding_who_is_there_changes_nothing(cast, group):
    actions.add_people(cast.bob, group, ["carol", "bob"])
    assert Message.objects.count() == 1
    assert Participant.objects.count() == 3


def test_the_thirty_third_is_refused(cast, make_person, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"message_to_stranger": "1000/60"}
    names = [make_person(f"p{number}").username for number in range(GROUP_PEOPLE)]
    problem = refusal(Invalid, actions.start_group, cast.alice, names)
    assert problem.code == "group_full"
    full = actions.start_group(cast.alice, names[1:]).pk
    assert refusal(Invalid, actions.add_people, cast.alice, full, [names[0]]).code == "group_full"
    actions.remove_person(cast.alice, full, names[1])
    actions.add_people(cast.alice, full, [names[0]])
    assert Participant.objects.filter(conversation=full).exclude(state="left").count() == GROUP_PEOPLE


def test_groups_a_day_are_limited(cast, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"group": "1/86400"}
    actions.start_group(cast.alice, ["carol"])
    refusal(TooMany, actions.start_group, cast.alice, ["carol"])


def test_strangers_to_add_are_as_few_as_strangers_to_write_to(cast, make_person, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"message_to_stranger": "2/86400"}
    for name in ("p1", "p2", "p3"):
        make_person(name)
    actions.start_group(cast.alice, ["p1", "p2"])
    refusal(TooMany, actions.start_group, cast.alice, ["p3", "carol"])
    actions.start_group(cast.alice, ["carol"])


@pytest.mark.parametrize(
    ("deed", "given"),
    [("rename_group", ("Mine",)), ("remove_person", ("bob",)), ("set_admin", ("carol", True))],
)
def test_only_who_looks_after_a_group_does_this(cast, group, deed, given):
    do = getattr(actions, deed)
    assert refusal(Forbidden, do, cast.carol, group, *given).code == "admins_only"
    refusal(NotFound, do, cast.dave, group, *given)
    do(cast.alice, group, *given)


@pytest.mark.parametrize("deed", ["rename_group", "remove_person", "add_people"])
def test_a_conversation_of_two_is_no_group(cast, talk, deed):
    room = talk("alice", "carol")
    refusal(
        NotFound, getattr(actions, deed), cast.alice, room, ["carol"] if deed == "add_people" else "carol"
    )


def test_a_new_name_is_an_event_and_the_same_name_is_none(cast, group):
    actions.rename_group(cast.alice, group, " Trip\nto  Rome ")
    actions.rename_group(cast.alice, group, "Trip to Rome")
    card = access.message_cards(cast.bob, list(Message.objects.order_by("seq")))[-1]
    assert card["event"] == {"what": "renamed", "subject": None, "text": "Trip to Rome"}
    assert detail(cast.bob, group)["name"] == "Trip to Rome"
    assert Message.objects.count() == 2
    assert "name" in refusal(Invalid, actions.rename_group, cast.alice, group, "x" * 61).fields


def test_a_blocked_term_is_no_name(cast, group):
    from privacy.models import BlockedTerm

    BlockedTerm.objects.create(term="darn", folded="darn", act="refuse")
    assert refusal(Invalid, actions.rename_group, cast.alice, group, "darn trip").code == "blocked_term"
    assert refusal(Invalid, actions.start_group, cast.alice, ["carol"], "darn trip").code == "blocked_term"


def test_an_event_calls_nobody_who_had_read_everything(cast, talk, group):
    actions.mark_read(cast.bob, group)
    actions.rename_group(cast.alice, group, "Rome")
    assert [access.badges(p)["messages"] for p in (cast.bob, cast.carol)] == [0, 1]
    assert detail(cast.carol, group)["unread"] == 2


def test_leaving_ends_it_at_once_and_the_others_read_of_it(cast, talk, group):
    talk.say(cast.alice, group, "hello")
    actions.leave_conversation(cast.carol, group)
    refusal(NotFound, access.get_seat, cast.carol, group)
    refusal(NotFound, talk.say, cast.carol, group)
    assert access.open_seats([(cast.carol.pk, group)]) == {}
    assert read(cast.alice, group)[-1] == ("carol", "left")
    assert [p["username"] for p in detail(cast.alice, group)["people"]] == ["bob"]
    talk.say(cast.alice, group, "she is gone")
    assert seat(cast.carol, group).state == "left", "writing brings nobody back into a group"
    refusal(NotFound, access.get_seat, cast.carol, group)


def test_who_left_is_asked_again_and_does_not_read_what_was_said_meanwhile(cast, talk, group):
    actions.leave_conversation(cast.carol, group)
    talk.say(cast.alice, group, "between ourselves")
    actions.add_people(cast.alice, group, ["carol"])
    assert seat(cast.carol, group).state == "request"
    actions.accept_request(cast.carol, group)
    assert read(cast.carol, group) == [("alice", "added")]


def test_who_is_removed_is_out_at_once(cast, talk, group):
    actions.remove_person(cast.alice, group, "Carol")
    refusal(NotFound, talk.say, cast.carol, group)
    card = access.message_cards(cast.bob, list(Message.objects.order_by("seq")))[-1]
    assert (card["sender"], card["event"]) == ("alice", {"what": "removed", "subject": "carol", "text": ""})
    refusal(NotFound, actions.remove_person, cast.alice, group, "carol")


def test_the_last_who_looks_after_it_passes_it_to_who_was_there_longest(cast, talk, group):
    actions.leave_conversation(cast.alice, group)
    assert seat(cast.carol, group).is_admin, "carol was added before bob"
    assert [what for _who, what in read(cast.bob, group)] == ["created", "left", "admin"]
    actions.set_admin(cast.carol, group, "bob", True)
    actions.leave_conversation(cast.carol, group)
    assert seat(cast.bob, group).is_admin
    actions.leave_conversation(cast.bob, group)
    assert set(Participant.objects.values_list("state", "is_admin")) == {("left", False)}


def test_looking_after_a_group_is_given_and_taken(cast, group):
    actions.set_admin(cast.alice, group, "carol", True)
    actions.set_admin(cast.carol, group, "alice", False)
    assert not detail(cast.alice, group)["is_admin"]
    refusal(Forbidden, actions.rename_group, cast.alice, group, "Mine")
    actions.set_admin(cast.carol, group, "carol", False)
    assert [seat(p, group).is_admin for p in (cast.alice, cast.bob, cast.carol)] == [True, False, False]


def test_nobody_looks_after_a_group_they_have_not_said_yes_to(cast, group):
    actions.add_people(cast.alice, group, ["dave"])
    assert refusal(Forbidden, actions.set_admin, cast.alice, group, "dave", True).code == "not_in_yet"


def test_alone_in_a_group_there_is_nobody_to_write_to(cast, talk, group):
    for person in (cast.bob, cast.carol):
        actions.leave_conversation(person, group)
    assert detail(cast.alice, group)["people"] == []
    assert not detail(cast.alice, group)["writing"]["allowed"]
    assert refusal(Forbidden, talk.say, cast.alice, group).code == "alone"


def test_muting_a_group_takes_it_off_the_badge(cast, talk, group):
    actions.mute_conversation(cast.carol, group)
    talk.say(cast.alice, group)
    assert access.badges(cast.carol)["messages"] == 0


def test_settings_of_a_member_stop_nobody_from_writing_or_reacting(cast, talk, group):
    privacy.update_privacy(cast.carol, message_audience="nobody")
    message = talk.say(cast.bob, group, "hello all")
    actions.react(cast.alice, message.pk, "👍")
    assert access.message_cards(cast.carol, [message])[0]["reactions"] == [
        {"emoji": "👍", "username": "alice"}
    ]
    assert not access.message_cards(cast.carol, [message])[0]["request"]


def test_receipts_name_each_who_shows_them_and_need_both_sides(cast, group):
    def read_by(person):
        card = access.conversation_cards(person, [access.get_seat(person, group)])[0]
        return sorted((row["username"], row["seq"]) for row in card["read_by"])

    for person in (cast.bob, cast.carol):
        actions.mark_read(person, group)
    assert read_by(cast.alice) == [("bob", 1), ("carol", 1)]
    privacy.update_privacy(cast.carol, read_receipts=False)
    assert read_by(cast.alice) == [("bob", 1)]
    cast.carol.refresh_from_db()
    assert read_by(cast.carol) == []


def test_nothing_reaches_who_is_out_but_that_they_are(cast, talk, group):
    actions.remove_person(cast.alice, group, "carol")
    message = talk.say(cast.alice, group, "she is gone")
    where = {"conversation": str(group), "message": str(message.pk), "seq": message.seq}
    frames = [
        (cast.carol.pk, {"type": "message.new", "seq": 1, "data": where}),
        (cast.carol.pk, {"type": "message.removed", "seq": 2, "data": where}),
        (cast.carol.pk, {"type": "conversation.updated", "seq": 3, "data": {"conversation": str(group)}}),
        (
            cast.carol.pk,
            {"type": "conversation.updated", "seq": 4, "data": {"conversation": str(group), "gone": True}},
        ),
    ]
    *nothing, gone = delivery.render_batch(frames)
    assert nothing == [None, None, None]
    assert json.loads(gone)["data"] == {"conversation": str(group)}
