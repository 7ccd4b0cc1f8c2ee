"""The away message: when it answers, how often, and what it leaves alone."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging import access, actions
from messaging.models import AwayMessage, Message
from privacy import actions as privacy
from privacy.models import BlockedTerm
from socialapp.lib.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(cast):
    """alice is away."""
    return actions.set_away(cast.alice, text="Back on Monday", on=True)


def answers(conversation):
    return Message.objects.filter(conversation=conversation, kind="away").count()


def test_it_answers_right_after_what_was_written(cast, away, talk):
    conversation = talk("bob", "alice")
    talk.say(cast.bob, conversation, "Are you there?")
    seat = access.get_seat(cast.bob, conversation)
    cards = access.message_cards(cast.bob, access.messages(cast.bob, seat))
    assert [(c["kind"], c["sender"], c["text"]) for c in cards] == [
        ("text", "bob", "Are you there?"),
        ("away", "alice", "Back on Monday"),
    ]
    assert access.badges(cast.bob)["messages"] == 1


def test_it_reads_accepts_and_answers_nothing_for_its_person(cast, away, talk):
    conversation = talk("dave", "alice")
    talk.say(cast.dave, conversation, "Hello")
    seat = access.get_seat(cast.alice, conversation)
    assert (seat.read_seq, seat.accepted_at) == (0, None)
    assert access.conversation_cards(cast.alice, [seat])[0]["unread"] == 1
    assert access.badges(cast.alice)["messages"] == 1
    assert not Message.objects.exclude(answered_after=None).exists()


def test_once_a_conversation_while_it_is_on(cast, away, talk):
    conversation = talk("bob", "alice")
    for _n in range(3):
        talk.say(cast.bob, conversation)
    with time_machine.travel(timezone.now() + timedelta(days=3), tick=True):
        talk.say(cast.bob, conversation)
    assert answers(conversation) == 1


@pytest.mark.parametrize(("hours", "expected"), [(11, 1), (13, 2)])
def test_turned_on_anew_it_answers_again_but_not_within_12_hours(cast, away, talk, hours, expected):
    conversation = talk("bob", "alice")
    talk.say(cast.bob, conversation)
    with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=True):
        actions.set_away(cast.alice, text="Back on Monday", on=False)
        actions.set_away(cast.alice, text="Away again", on=True)
        talk.say(cast.bob, conversation)
    assert answers(conversation) == expected


def test_changing_its_words_is_not_turning_it_on_anew(cast, away, talk):
    conversation = talk("bob", "alice")
    talk.say(cast.bob, conversation)
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=True):
        actions.set_away(cast.alice, text="Other words", on=True)
        talk.say(cast.bob, conversation)
    assert answers(conversation) == 1


@pytest.mark.parametrize("why", ["off", "over", "term", "restricted", "restricting", "nobody"])
def test_it_keeps_silent(cast, away, talk, why):
    conversation = talk("bob", "alice")
    match why:
        case "off":
            actions.set_away(cast.alice, text="Back on Monday", on=False)
        case "over":
            AwayMessage.objects.update(until=timezone.now() - timedelta(seconds=1))
        case "term":
            BlockedTerm.objects.create(term="monday", folded="monday", act="refuse")
        case "restricted":
            privacy.restrict(cast.alice, cast.bob)
        case "restricting":
            privacy.restrict(cast.bob, cast.alice)
        case "nobody":
            cast.bob.privacy.message_audience = "nobody"
            cast.bob.privacy.save()
    talk.say(cast.bob, conversation)
    assert answers(conversation) == 0


def test_a_request_gets_no_answer(cast, away, talk):
    cast.alice.privacy.message_audience = "friends"
    cast.alice.privacy.save()
    conversation = talk("dave", "alice")
    assert talk.say(cast.dave, conversation).seq == 1
    assert answers(conversation) == 0


def test_two_who_are_both_away_do_not_answer_each_other(cast, away, talk):
    actions.set_away(cast.carol, text="Me too", on=True)
    conversation = talk("carol", "alice")
    talk.say(cast.carol, conversation)
    assert Message.objects.filter(conversation=conversation).count() == 2


def test_an_announcement_gets_no_answer(cast, make_video):
    actions.set_away(cast.carol, text="Away", on=True)
    actions.announce(cast.alice, video_id=make_video(cast.alice).pk, audience="friends")
    actions.serve_announcements()
    assert list(Message.objects.values_list("kind", flat=True)) == ["announcement"]


def test_a_group_gets_no_answer(cast, away):
    for person in (cast.bob, cast.carol):
        person.privacy.message_audience = "everyone"
        person.privacy.save()
    group = actions.start_group(cast.carol, ["alice", "bob"], "Trip")
    group = group[0] if isinstance(group, tuple) else group
    actions.send_message(cast.carol, group.pk, client_id="one", text="Hello")
    assert answers(group.pk) == 0


def test_sent_twice_it_answers_once(cast, away, talk):
    conversation = talk("bob", "alice")
    for _try in range(2):
        talk.say(cast.bob, conversation, client_id="same")
    assert answers(conversation) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"text": "", "on": True},
        {"text": "x" * 501, "on": True},
        {"text": "Away", "on": True, "until": "2020-01-01T00:00:00Z"},
    ],
)
def test_the_api_refuses_what_cannot_be(cast, api, body):
    answer = api.as_(cast.alice).put("/api/v1/me/away/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"]


def test_a_refused_term_is_refused_when_it_is_written(cast):
    BlockedTerm.objects.create(term="casino", folded="casino", act="refuse")
    with pytest.raises(Invalid):
        actions.set_away(cast.alice, text="casino", on=True)


def test_the_api_keeps_and_tells_it(cast, api):
    alice = api.as_(cast.alice)
    assert alice.get("/api/v1/me/away/").json() == {"text": "", "on": False, "until": None}
    until = (timezone.now() + timedelta(days=2)).isoformat()
    said = alice.put("/api/v1/me/away/", {"text": "Away", "on": True, "until": until}, format="json").json()
    assert (said["text"], said["on"]) == ("Away", True)
    assert said["until"].startswith(until[:16])
    off = alice.put("/api/v1/me/away/", {"text": "Away", "on": False}, format="json").json()
    assert off == {"text": "Away", "on": False, "until": None}
    assert api.as_(cast.bob).get("/api/v1/me/away/").json()["text"] == ""
