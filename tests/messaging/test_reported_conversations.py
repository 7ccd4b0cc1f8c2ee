"""A report of a conversation shows moderators the part that was reported, and nothing else of it."""

import pytest

from messaging import access, actions
from messaging.models import Message, ReportedMessage
from privacy import actions as privacy
from privacy import enforcement
from privacy.models import Case
from socialapp.lib.errors import Invalid, NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture
def room(cast, talk):
    room = talk("alice", "carol")
    for number in range(25):
        talk.say((cast.alice, cast.carol)[number % 2], room, f"words {number}")
    return room


def shown(cast):
    case = Case.objects.get()
    return [text for _who, text in enforcement.show(cast.mod, case.target_type, case.target_id).context]


def test_the_last_twenty_are_kept_as_the_reporter_reads_them(cast, talk, room):
    actions.hide_message(cast.carol, Message.objects.get(seq=25).pk)
    actions.unsend(cast.alice, Message.objects.get(seq=23).pk)
    privacy.report(cast.carol, "conversation", str(room), "harassment")
    rows = Message.objects.filter(pk__in=ReportedMessage.objects.values("message"))
    assert sorted(rows.values_list("seq", flat=True)) == list(range(6, 25))
    case = Case.objects.get()
    assert case.person_id == cast.alice.pk
    talk.say(cast.alice, room, "written after the report")
    assert "written after the report" not in shown(cast)
    assert shown(cast)[0] == "words 5"


def test_only_the_messages_that_were_named_are_shown(cast, room):
    named = [str(Message.objects.get(seq=number).pk) for number in (3, 5)]
    privacy.report(cast.carol, "conversation", str(room), "harassment", parts=named)
    assert shown(cast) == ["words 2", "words 4"]


def test_messages_of_another_conversation_cannot_be_named(cast, talk, room):
    other = talk.say(cast.carol, talk("carol", "bob"), "elsewhere")
    secret = talk.say(cast.alice, talk("alice", "bob"), "secret")
    with pytest.raises(Invalid):
        privacy.report(cast.carol, "conversation", str(room), "harassment", parts=[str(other.pk)])
    with pytest.raises(NotFound):
        privacy.report(cast.carol, "conversation", str(room), "harassment", parts=[str(secret.pk)])
    assert not Case.objects.exists()


def test_nobody_reports_a_conversation_of_others(cast, room):
    for person in (cast.dave, cast.mod):
        with pytest.raises(NotFound):
            privacy.report(person, "conversation", str(room), "harassment")


def test_each_side_that_reports_the_other_is_a_case_of_its_own(cast, room):
    privacy.report(cast.carol, "conversation", str(room), "harassment")
    privacy.report(cast.alice, "conversation", str(room), "spam")
    assert set(Case.objects.values_list("person", flat=True)) == {cast.alice.pk, cast.carol.pk}


def test_what_can_be_done_concerns_the_person(cast, room):
    privacy.report(cast.carol, "conversation", str(room), "harassment")
    case = Case.objects.get()
    assert enforcement.acts_for("conversation", has_person=True) == ["dismiss", "warn", "suspend", "ban"]
    privacy.decide(cast.mod, case, "suspend", reason="harassment", days=3)
    cast.alice.refresh_from_db()
    assert not cast.alice.is_active


def test_a_group_is_reported_as_the_reporter_reads_it(cast, talk):
    group = actions.start_group(cast.alice, ["carol", "bob"], "Trip").pk
    talk.say(cast.alice, group, "in the group")
    privacy.report(cast.carol, "conversation", str(group), "harassment")
    assert Case.objects.get().person_id is None
    assert shown(cast) == ["in the group"]


def test_an_empty_conversation_has_nothing_to_report(cast, talk):
    with pytest.raises(Invalid):
        privacy.report(cast.carol, "conversation", str(talk("carol", "bob")), "harassment")


def test_reporting_by_api(api, cast, room):
    named = [str(Message.objects.get(seq=3).pk)]
    body = {"target": {"type": "conversation", "id": str(room)}, "reason": "harassment", "messages": named}
    answer = api.as_(cast.carol).post("/api/v1/reports/", body, format="json")
    assert answer.status_code == 201
    assert shown(cast) == ["words 2"]
    assert api.as_(cast.dave).post("/api/v1/reports/", body, format="json").status_code == 404
    many = body | {"messages": ["1"] * 21}
    assert api.as_(cast.alice).post("/api/v1/reports/", many, format="json").status_code == 400


def test_a_moderator_has_no_other_way_into_the_conversation(api, cast, room):
    privacy.report(cast.carol, "conversation", str(room), "harassment")
    moderator = api.as_(cast.mod)
    assert moderator.get(f"/api/v1/conversations/{room}/messages/").status_code == 404
    with pytest.raises(NotFound):
        access.get_message(cast.mod, Message.objects.first().pk)
