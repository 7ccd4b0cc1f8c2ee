"""Who may put whom into a group: every setting against every relation; and what who was only asked learns of it."""

import pytest

from accounts import actions as accounts
from messaging import access, actions, delivery
from messaging.models import Message, Notification, Participant
from privacy import actions as privacy
from privacy.models import PrivacySettings
from socialapp.lib.errors import Forbidden, NotFound

pytestmark = pytest.mark.django_db

# How each stands to alice, and what her setting makes of being added by them. `first`: as a message it would be a first
# one, which carries nothing but plain words; a group carries everything, so she is asked.
ARRIVES = {
    "everyone": {"carol": "active", "bob": "active", "erin": "active", "dave": "request"},
    "following": {"carol": "active", "bob": "request", "erin": "active", "dave": "request"},
    "friends": {"carol": "active", "bob": "request", "erin": "request", "dave": "request"},
    "nobody": {"carol": None, "bob": None, "erin": None, "dave": None},
}


@pytest.fixture
def erin(cast, make_person):
    """Followed by alice, does not follow back."""
    cast.erin = make_person("erin")
    accounts.follow(cast.alice, cast.erin)
    return cast.erin


@pytest.fixture
def friendly(cast, make_person):
    """Somebody whom everybody of the cast may add, so that there is a group to add alice to."""
    return make_person("friendly", privacy={"message_audience": "everyone"})


@pytest.mark.parametrize(("setting", "adder"), [(s, p) for s in ARRIVES for p in ARRIVES[s]])
@pytest.mark.parametrize("way", ["start", "add"])
def test_each_setting_against_each_relation(cast, erin, friendly, way, setting, adder):
    privacy.update_privacy(cast.alice, message_audience=setting)
    me, expected = getattr(cast, adder), ARRIVES[setting][adder]

    def put_in():
        if way == "start":
            actions.start_group(me, ["friendly", "alice"])
        else:
            actions.add_people(me, actions.start_group(me, ["friendly"]).pk, ["alice"])

    if expected is None:
        with pytest.raises(Forbidden) as refusal:
            put_in()
        assert refusal.value.code == "messages_refused"
        assert not Participant.objects.filter(person=cast.alice).exists()
        return
    put_in()
    assert Participant.objects.get(person=cast.alice).state == expected
    told = Notification.objects.filter(recipient=cast.alice, kind="message_request")
    assert [row.actor_id for row in told] == ([me.pk] if expected == "request" else [])


def test_whom_one_answered_may_add_one(cast, talk):
    privacy.update_privacy(cast.alice, message_audience="friends")
    room = talk("dave", "alice")
    talk.say(cast.dave, room)
    actions.start_group(cast.dave, ["alice"])
    actions.accept_request(cast.alice, room)
    actions.start_group(cast.dave, ["alice"])
    states = Participant.objects.filter(person=cast.alice, conversation__is_group=True).order_by("pk")
    assert [seat.state for seat in states] == ["request", "active"]


def test_whom_one_restricts_only_asks(cast):
    privacy.restrict(cast.alice, cast.carol)
    actions.start_group(cast.carol, ["alice"])
    assert Participant.objects.get(person=cast.alice).state == "request"


def test_the_young_are_asked_by_everybody_but_friends(cast, make_person):
    from privacy.rules import TEEN_DEFAULTS

    teen = make_person("teen")
    PrivacySettings.objects.filter(person=teen).update(**TEEN_DEFAULTS)
    accounts.follow(teen, cast.carol)
    actions.start_group(cast.carol, ["teen"])
    assert Participant.objects.get(person=teen).state == "request"


@pytest.fixture
def asked(cast, talk):
    """A group of alice, carol and dave, who was asked and has not answered; alice wrote meanwhile."""
    group = actions.start_group(cast.alice, ["carol", "dave"], "Trip").pk
    asked = talk.say(cast.alice, group, "between us")
    return group, asked


def shown(person, group):
    return access.conversation_cards(person, [access.get_seat(person, group)])[0]


def test_who_is_asked_sees_who_asks_and_nothing_that_is_written(cast, talk, asked, make_video):
    group, message = asked
    card = shown(cast.dave, group)
    assert (card["state"], card["name"], card["added_by"]) == ("request", "Trip", "alice")
    assert card["last_message"] is None
    assert access.conversations(cast.dave).count() == 0
    assert access.message_requests(cast.dave).count() == 1
    assert access.badges(cast.dave) == {"messages": 0, "notifications": 1}
    assert access.messages(cast.dave, access.get_seat(cast.dave, group)) == []
    with pytest.raises(NotFound):
        access.get_message(cast.dave, message.pk)
    key = (cast.dave.pk, group, message.pk)
    assert access.deliverable_messages([key]) == {}


def test_who_is_asked_does_nothing_in_the_group_before_a_yes(cast, talk, asked):
    group, message = asked
    for refused in (
        lambda: talk.say(cast.dave, group),
        lambda: actions.add_people(cast.dave, group, ["bob"]),
    ):
        with pytest.raises(Forbidden) as refusal:
            refused()
        assert refusal.value.code == "accept_first"
    with pytest.raises(NotFound):
        actions.react(cast.dave, message.pk, "👍")
    assert not access.conversation_detail(cast.dave, access.get_seat(cast.dave, group))["writing"]["allowed"]


def test_no_receipt_and_no_typing_pass_before_a_yes(cast, asked):
    group, _message = asked
    actions.mark_read(cast.dave, group)
    actions.mark_read(cast.carol, group)
    assert [row["username"] for row in shown(cast.alice, group)["read_by"]] == ["carol"]
    assert access.typing_audience(cast.dave, group) == []
    assert access.typing_audience(cast.alice, group) == [cast.carol.pk]
    facts = {"conversation": str(group), "username": "dave", "person": str(cast.dave.pk)}
    for kind in ("conversation.read", "typing"):
        frames = [
            (pk, {"type": kind, "seq": 1, "data": facts | {"seq": 2}})
            for pk in (cast.alice.pk, cast.carol.pk)
        ]
        assert delivery.render_batch(frames) == [None, None]


def test_the_others_see_who_is_only_asked_and_that_nothing_else_waits(cast, asked):
    group, message = asked
    people = {p["username"]: p["invited"] for p in shown(cast.alice, group)["people"]}
    assert people == {"carol": False, "dave": True}
    assert not access.message_cards(cast.carol, [message])[0]["request"]
    assert not access.deliverable_messages(
        [(cast.carol.pk, group, message.pk), (cast.dave.pk, group, message.pk)]
    )[cast.carol.pk, message.pk]["request"]


def test_a_yes_opens_what_was_written_since(cast, asked):
    group, _message = asked
    actions.accept_request(cast.dave, group)
    rows = access.messages(cast.dave, access.get_seat(cast.dave, group))
    assert [row.text for row in rows] == ["created", "between us"]
    assert not Notification.objects.filter(recipient=cast.dave, kind="message_request").exists()


def test_a_no_is_silent_and_final(cast, talk, asked):
    group, _message = asked
    before = Message.objects.count()
    actions.leave_conversation(cast.dave, group)
    talk.say(cast.alice, group)
    assert not access.seats(cast.dave).exists()
    assert Message.objects.count() == before + 1, "no line says that somebody declined"
    assert not Notification.objects.filter(recipient=cast.dave, kind="message_request").exists()
    assert [p["username"] for p in shown(cast.alice, group)["people"]] == ["carol"]


def test_one_no_leaves_the_notification_of_another_request_of_the_same_person(cast, asked):
    other = actions.start_group(cast.alice, ["dave"]).pk
    actions.leave_conversation(cast.dave, other)
    assert Notification.objects.filter(recipient=cast.dave, kind="message_request").count() == 1


def test_when_all_who_were_in_left_the_one_who_says_yes_looks_after_it(cast, asked):
    group, _message = asked
    for person in (cast.alice, cast.carol):
        actions.leave_conversation(person, group)
    actions.accept_request(cast.dave, group)
    assert Participant.objects.get(person=cast.dave).is_admin
