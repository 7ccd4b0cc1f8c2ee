"""Many at once in a group: never a thirty-third person, nothing written by who is out, always somebody to look after it."""

import contextlib

import pytest

from messaging import access, actions
from messaging.models import Conversation, Message, Participant
from messaging.rules import GROUP_PEOPLE
from privacy import actions as privacy
from socialapp.lib.errors import Problem
from tests.messaging.test_races import FULL, at_once

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _unlimited(settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000000/1")


@pytest.fixture
def group(cast):
    from accounts.models import Follow

    Follow.objects.create(follower=cast.alice, followed=cast.bob, state="accepted")
    return actions.start_group(cast.alice, ["carol", "bob"]).pk


def quietly(job, *given):
    """A job whose refusal is one of its answers."""

    def run():
        with contextlib.suppress(Problem):
            job(*given)

    return run


def numbered_without_gaps():
    seqs = list(Message.objects.order_by("seq").values_list("seq", "change"))
    return seqs == [(n, n) for n in range(1, len(seqs) + 1)] and Conversation.objects.get().last_seq == len(
        seqs
    )


def test_the_last_place_is_taken_once(cast, make_person, group):
    names = [make_person(f"p{number}").username for number in range(GROUP_PEOPLE)]
    actions.add_people(cast.alice, group, names[: GROUP_PEOPLE - 4])
    people = (cast.alice, cast.bob, cast.carol)
    rivals = zip(people, names[GROUP_PEOPLE - 4 :], strict=False)
    assert at_once(*(quietly(actions.add_people, me, group, [name]) for me, name in rivals)) == []
    assert Participant.objects.exclude(state="left").count() == GROUP_PEOPLE
    assert numbered_without_gaps()


def test_the_same_person_added_by_two_has_one_seat_and_one_line(cast, group):
    assert (
        at_once(*(quietly(actions.add_people, me, group, ["dave"]) for me in (cast.alice, cast.carol))) == []
    )
    assert Participant.objects.filter(person=cast.dave).count() == 1
    assert Message.objects.filter(subject=cast.dave).count() == 1


@pytest.mark.parametrize("way", ["leaves", "is removed"])
def test_nothing_is_written_by_who_is_out(cast, talk, group, way):
    """send races leave / remove: what is there when that returns is all there ever is of them, and of what they read."""
    for number in range(500 if FULL else 15):
        at_end = []

        def end():
            if way == "leaves":
                actions.leave_conversation(cast.carol, group)
            else:
                actions.remove_person(cast.alice, group, "carol")
            at_end.append(Message.objects.filter(sender=cast.carol, kind="text").count())  # noqa: B023

        def send():
            with contextlib.suppress(Problem):
                talk.say(cast.carol, group)

        assert at_once(send, end, send) == []
        assert Message.objects.filter(sender=cast.carol, kind="text").count() == at_end[0], f"race {number}"
        assert access.open_seats([(cast.carol.pk, group)]) == {}
        actions.add_people(cast.alice, group, ["carol"])
        actions.accept_request(cast.carol, group)
    assert numbered_without_gaps()


def test_after_a_block_the_other_is_read_no_more(cast, talk, group):
    """send in a group races a block: whatever was committed when the block returns, none of it shows across it."""
    for number in range(500 if FULL else 15):
        assert (
            at_once(
                lambda: talk.say(cast.bob, group, "from bob"),
                lambda: privacy.block(cast.alice, cast.bob),
                lambda: talk.say(cast.alice, group, "from alice"),
            )
            == []
        )
        for reader, other in ((cast.alice, "from bob"), (cast.bob, "from alice")):
            rows = access.messages(reader, access.get_seat(reader, group))
            assert other not in [c["text"] for c in access.message_cards(reader, rows)], f"race {number}"
            keys = [(reader.pk, group, row.pk) for row in rows]
            assert other not in [card["text"] for card in access.deliverable_messages(keys).values()]
        privacy.unblock(cast.alice, cast.bob)
    assert numbered_without_gaps()


def test_all_who_look_after_it_leave_at_once_and_somebody_does(cast, group):
    for _round in range(100 if FULL else 5):
        Participant.objects.filter(person__in=[cast.alice, cast.carol]).update(is_admin=True)
        leavers = [quietly(actions.leave_conversation, me, group) for me in (cast.alice, cast.carol)]
        assert at_once(*leavers) == []
        assert list(Participant.objects.filter(is_admin=True).values_list("person__username", flat=True)) == [
            "bob"
        ]
        actions.add_people(cast.bob, group, ["alice", "carol"])
        for person in (cast.alice, cast.carol):
            actions.accept_request(person, group)
    assert numbered_without_gaps()


def test_two_who_look_after_it_remove_each_other_and_one_stays(cast, group):
    actions.set_admin(cast.alice, group, "carol", True)
    pairs = ((cast.alice, "carol"), (cast.carol, "alice"))
    assert at_once(*(quietly(actions.remove_person, me, group, name) for me, name in pairs)) == []
    there = Participant.objects.filter(state="active", is_admin=True)
    assert there.count() == 1
    assert Participant.objects.filter(state="active").count() == 2


def test_everybody_writes_at_once_in_groups_that_share_people(cast, talk, make_person):
    """The members of both are locked lowest id first: nobody waits in a circle."""
    names = [
        make_person(f"p{number}", privacy={"message_audience": "everyone"}).username for number in range(6)
    ]
    first = actions.start_group(cast.alice, names).pk
    second = actions.start_group(cast.carol, [*reversed(names), "alice"]).pk
    each = 40 if FULL else 6

    def sender(person, room):
        return lambda: [talk.say(person, room, str(number)) for number in range(each)]

    Participant.objects.update(state="active")
    jobs = [sender(p, room) for p, room in ((cast.alice, first), (cast.alice, second), (cast.carol, second))]
    assert at_once(*jobs, quietly(privacy.block, cast.alice, cast.carol)) == []
    for room, said in ((first, each), (second, 2 * each)):
        assert list(
            Message.objects.filter(conversation=room).order_by("seq").values_list("seq", flat=True)
        ) == list(range(1, said + 2))
