"""The gate to conversations reads no more rows than it shows, however much else there is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging import access, actions
from messaging.access.thread import with_people
from messaging.models import Message, Notification, Participant, Reaction

pytestmark = pytest.mark.django_db


def rows_of(read, table=""):
    """How many rows each query of `read` gives, only those for rows of `table` if it is named."""
    with CaptureQueriesContext(connection) as asked:
        read()
    with connection.cursor() as cursor:
        found = []
        for query in asked.captured_queries:
            if query["sql"].startswith(f'SELECT "{table}' if table else "SELECT"):
                cursor.execute(query["sql"])
                found.append(len(cursor.fetchall()))
    return found


@pytest.fixture
def elsewhere(cast, talk, make_video):
    """Call it for more of everything, none of it what is shown; bob and dave wait for an answer of carol's."""

    def more():
        for one, other in (("bob", "carol"), ("bob", "dave")):
            room = talk(one, other)
            message = talk.say(getattr(cast, one), room, "elsewhere")
            Reaction.objects.create(message=message, person=cast.dave, emoji="👍")
        Participant.objects.filter(person=cast.dave).update(state="request")
        clip = make_video(cast.bob)
        actions.notify(cast.alice.pk, "like", group_key="e", actor_id=cast.carol.pk, video_id=clip.pk)

    return more


@pytest.fixture
def room(cast, talk):
    room = talk("alice", "carol")
    talk.say(cast.alice, room, "hi")
    talk.say(cast.carol, room, "hi you")
    return room


def loaded(*messages):
    return list(with_people(Message.objects.filter(pk__in=[message.pk for message in messages])))


def same(read, elsewhere):
    before = rows_of(read)
    elsewhere()
    return rows_of(read) == before


def test_a_conversations_card_reads_its_people_and_its_newest_message(cast, room, elsewhere, talk):
    seat = access.get_seat(cast.alice, room)

    def read():
        access.conversation_cards(cast.alice, [seat])

    before = rows_of(read)
    assert before == [1, 1, 0, 0]  # carol, her message, nothing deleted, no reactions
    elsewhere()
    assert rows_of(read) == before


def test_a_messages_card_asks_about_its_own_conversation(cast, room, elsewhere):
    messages = loaded(*Message.objects.filter(conversation=room))
    assert same(lambda: access.message_cards(cast.alice, messages), elsewhere)


def test_only_the_clips_that_are_shown_are_read(cast, room, elsewhere, talk, make_video):
    shown = talk.say(cast.alice, room, video_id=make_video(cast.alice).pk)
    hidden = talk.say(cast.alice, room, video_id=make_video(cast.alice).pk)
    Message.objects.filter(pk=hidden.pk).update(taken_down_at=timezone.now())
    one, gone, both = loaded(shown), loaded(hidden), loaded(shown, hidden)
    assert rows_of(lambda: access.message_cards(cast.carol, both)) == rows_of(
        lambda: access.message_cards(cast.carol, one)
    )
    assert rows_of(lambda: access.message_cards(cast.carol, gone)) == [
        0,
        0,
        0,
    ]  # deleted for one, reactions, requests
    assert same(lambda: access.message_cards(cast.carol, one), elsewhere)


def test_delivery_reads_the_seats_and_messages_it_was_asked_for(cast, room, elsewhere):
    newest = Message.objects.get(conversation=room, seq=2)
    pairs = [(cast.alice.pk, room), (cast.carol.pk, room)]
    assert same(lambda: access.open_seats(pairs), elsewhere)
    wanted = [(person, room, newest.pk) for person, _room in pairs]
    assert rows_of(lambda: access.deliverable_messages(wanted))[1:] == [1, 0, 0]
    assert rows_of(lambda: access.open_seats([(cast.alice.pk, room)])) == [1]
    assert rows_of(lambda: access.open_seats([])) == rows_of(lambda: access.deliverable_messages([])) == []


def test_delivery_looks_at_those_alone_to_whom_it_shows_a_clip(cast, room, talk, make_video):
    plain = Message.objects.get(conversation=room, seq=2)
    shared = talk.say(cast.alice, room, video_id=make_video(cast.alice).pk)
    wanted = [(cast.carol.pk, room, shared.pk), (cast.alice.pk, room, plain.pk)]
    assert rows_of(lambda: access.deliverable_messages(wanted), "accounts_user") == [1]
    nothing = [(cast.alice.pk, room, plain.pk), (cast.alice.pk, room, 1)]
    assert rows_of(lambda: access.deliverable_messages(nothing), "accounts_user") == []


def test_a_notifications_card_reads_its_own_people(cast, elsewhere, make_video):
    clip = make_video(cast.alice)
    actions.notify(cast.alice.pk, "like", group_key="l", actor_id=cast.bob.pk, video_id=clip.pk)
    row = Notification.objects.select_related("video__author__privacy", "comment").get()
    assert same(lambda: access.notification_cards(cast.alice, [row]), elsewhere)
