"""The same words to many strangers wait for a moderator: only their sender reads them until somebody looked."""

import pytest

from messaging import access, actions
from messaging.models import Message, Notification, Participant
from privacy import actions as privacy
from privacy.models import Case, Decision
from socialapp.lib.errors import Forbidden, NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
WORDS = "Hello {}, I sell followers very cheaply, write me back today"


@pytest.fixture(autouse=True)
def two_pass(settings):
    settings.HOLDS = settings.HOLDS | {"repeated": "2/86400"}


@pytest.fixture
def strangers(make_person):
    return [make_person(name).username for name in ("uma", "vic", "walt", "xena")]


@pytest.fixture
def held(cast, talk, strangers):
    """Dave's message to walt, the third stranger he tells the same."""
    for name in strangers[:2]:
        talk.say(cast.dave, talk("dave", name), WORDS.format(name))
    message = talk.say(cast.dave, talk("dave", "walt"), WORDS.format("walt"))
    return Message.objects.select_related("conversation").get(pk=message.pk)


@pytest.fixture
def walt(held, strangers):
    return held.conversation.participants.exclude(person=held.sender_id).get().person


@pytest.fixture
def pushed(monkeypatch):
    """(event, person) of everything that is sent to tabs."""
    sent = []

    def note(people, event, data, live=None):
        sent.extend((event, person) for person in people)

    for module in ("appending", "holding"):
        monkeypatch.setattr(f"messaging.actions.{module}.push_on_commit", note)
    return sent


def card(viewer, message):
    row = access.changes(viewer, access.get_seat(viewer, message.conversation_id), 0)[0]
    return access.message_cards(viewer, [row])[0]


def decide(cast, act):
    return privacy.decide(cast.mod, Case.objects.get(state="open"), act, reason="spam")


def test_the_same_words_to_one_stranger_too_many_are_held(held):
    assert held.held_for == Message.Held.REPEATED
    assert list(Message.objects.exclude(pk=held.pk).values_list("held_for", flat=True)) == ["", ""]
    case = Case.objects.get()
    assert (case.target_type, case.target_id, case.rule) == ("message", held.pk, Case.Rule.REPEATED)
    assert case.detail["people"] == 3


def test_only_its_sender_reads_what_is_held_and_nobody_is_told(cast, held, walt):
    mine = card(cast.dave, held)
    assert (mine["held"], mine["hidden"], mine["text"]) == (True, False, held.text)
    theirs = card(walt, held)
    assert (theirs["held"], theirs["hidden"], theirs["text"]) == (False, True, "")
    assert not access.conversations(walt).exists()
    assert not access.message_requests(walt).exists()
    assert access.badges(walt) == {"messages": 0, "notifications": 0}
    assert not Notification.objects.filter(recipient=walt).exists()
    pairs = [(walt.pk, held.conversation_id, held.pk), (cast.dave.pk, held.conversation_id, held.pk)]
    found = access.deliverable_messages(pairs)
    assert held.text not in str(found.get((walt.pk, held.pk)))
    assert found[cast.dave.pk, held.pk]["text"] == held.text
    with pytest.raises(NotFound):
        access.get_message(walt, held.pk)
    assert not access.search_page(walt, "followers").items


def test_no_more_is_written_there_until_somebody_looked(cast, talk, held):
    with pytest.raises(Forbidden) as refusal:
        talk.say(cast.dave, held.conversation_id, "Did you get it?")
    assert refusal.value.code == "held_first"


@pytest.mark.parametrize("setting", ["everyone", "friends"])
def test_a_moderator_lets_it_go_and_it_arrives_as_if_written_now(cast, held, walt, setting, pushed):
    privacy.update_privacy(walt, message_audience=setting)
    pushed.clear()
    decide(cast, "dismiss")
    assert card(walt, held)["text"] == held.text
    assert not card(cast.dave, held)["held"]
    request = setting == "friends"
    assert access.message_requests(walt).exists() == request
    assert access.conversations(walt).exists() == (not request)
    assert Notification.objects.filter(recipient=walt, kind="message_request").exists() == request
    assert access.badges(walt)["messages"] == (0 if request else 1)
    assert {("message.new", walt.pk), ("message.updated", cast.dave.pk)} <= set(pushed)


def test_who_was_away_finds_by_changes_that_it_was_let_go(cast, held):
    before = held.change
    decide(cast, "dismiss")
    assert [
        m.pk for m in access.changes(cast.dave, access.get_seat(cast.dave, held.conversation_id), before)
    ] == [held.pk]


@pytest.mark.parametrize("verdict", ["block", "nobody"])
def test_it_does_not_arrive_where_it_would_be_refused_by_now(cast, held, walt, verdict):
    if verdict == "block":
        privacy.block(walt, cast.dave)
    else:
        privacy.update_privacy(walt, message_audience="nobody")
    decide(cast, "dismiss")
    assert Message.objects.get(pk=held.pk).held_for
    assert Participant.objects.get(person=walt).last_seq == 0


def test_one_that_was_taken_back_is_not_let_go(cast, held, walt):
    actions.unsend(cast.dave, held.pk)
    decide(cast, "dismiss")
    assert card(cast.dave, held)["removed"]
    assert not access.conversations(walt).exists()


def test_a_removed_one_is_gone_for_its_sender_too(cast, held, walt):
    decide(cast, "remove")
    assert card(cast.dave, held)["taken_down"]
    assert card(walt, held)["text"] == ""
    assert not access.conversations(walt).exists()


def test_a_warning_without_removal_lets_it_go(cast, held, walt, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        decide(cast, "warn")
    assert card(walt, held)["text"] == held.text


def test_taking_the_dismissal_back_holds_it_again(cast, held, walt):
    decide(cast, "dismiss")
    privacy.undo_decision(cast.mod, Decision.objects.get())
    assert card(walt, held)["hidden"]
    assert card(cast.dave, held)["held"]


def test_moderators_see_its_words_and_nothing_else_of_the_conversation(cast, held):
    from privacy import enforcement

    shown = enforcement.show(cast.mod, "message", held.pk)
    assert shown.text == held.text
    assert shown.context == []
    other = Message.objects.exclude(pk=held.pk).first()
    assert not enforcement.show(cast.mod, "message", other.pk).exists


@pytest.mark.parametrize(
    "words", ["Hi there", "Hello {} :)", "Something else for {}: " + "{}", "hello 12345678901234"]
)
def test_greetings_and_different_words_pass(cast, talk, strangers, words):
    for number, name in enumerate(strangers):
        other = f"{name} about topic {'abcd'[number] * 9} and {'efgh'[number] * 7}"
        talk.say(cast.dave, talk("dave", name), words.format(other, "again"))
    assert not Message.objects.exclude(held_for="").exists()


def test_the_same_words_to_those_who_answered_are_nobodys_business(cast, talk, strangers):
    rooms = [talk("dave", name) for name in strangers]
    for room, name in zip(rooms, strangers, strict=True):
        talk.say(cast.dave, room, f"hi {name}")
        talk.say(Participant.objects.exclude(person=cast.dave).get(conversation=room).person, room, "yes?")
    for room in rooms:
        talk.say(cast.dave, room, WORDS)
    assert not Message.objects.exclude(held_for="").exists()


def test_the_rule_can_be_turned_off_and_leaves_the_staff_alone(cast, talk, strangers, settings):
    for name in strangers:
        talk.say(cast.mod, talk("mod", name), WORDS)
    settings.HOLDS = settings.HOLDS | {"repeated": "off"}
    for name in strangers:
        talk.say(cast.dave, talk("dave", name), WORDS)
    assert not Message.objects.exclude(held_for="").exists()
