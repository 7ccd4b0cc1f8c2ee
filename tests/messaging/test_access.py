"""The gate to conversations and notifications, its single checks one by one."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from messaging import access, actions
from messaging.access.inbox import hidden_card
from messaging.access.thread import with_people
from messaging.models import Conversation, Message, Notification, NotificationActor, Participant, Reaction
from privacy import actions as privacy
from privacy.models import Block, Restriction
from socialapp.lib.errors import NotFound
from videos.models import Comment, Video

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


@pytest.fixture
def room(cast, talk):
    """alice and carol have both written, carol last; bob and carol too."""
    other = talk("bob", "carol")
    talk.say(cast.bob, other, "elsewhere")
    room = talk("alice", "carol")
    talk.say(cast.alice, room, "hi")
    talk.say(cast.carol, room, "hi you")
    return room


def refused(call, *args):
    try:
        call(*args)
    except NotFound:
        return True
    return False


# --- Seats ----------------------------------------------------------------------------------------------------


def test_a_seat_is_its_persons_in_that_conversation(cast, room):
    assert access.get_seat(cast.alice, str(room)).person == cast.alice
    assert access.get_seat(cast.carol, room).conversation_id == room
    assert access.get_conversation(cast.alice, room).pk == room
    for viewer in (cast.bob, cast.dave, cast.mod, NOBODY):
        assert refused(access.get_seat, viewer, room)
    assert refused(access.get_seat, cast.alice, "1")
    assert refused(access.get_seat, cast.alice, "abc")
    assert access.seats(cast.carol).count() == 2


def test_a_seat_that_was_left_is_closed(cast, room):
    Participant.objects.filter(person=cast.alice).update(state="left")
    assert refused(access.get_seat, cast.alice, room)
    assert access.open_seats([(cast.alice.pk, room)]) == {}


def test_a_block_closes_the_two_seats_between_them_and_no_other(cast, room):
    Block.objects.create(blocker=cast.carol, blocked=cast.alice)
    for viewer in (cast.alice, cast.carol):
        assert refused(access.get_seat, viewer, room)
    assert access.open_seats([(cast.alice.pk, room), (cast.carol.pk, room)]) == {}
    assert access.seats(cast.carol).count() == 1
    # In a group people only do not read each other.
    Conversation.objects.filter(pk=room).update(direct_key=None, is_group=True)
    assert access.get_seat(cast.alice, room)
    assert set(access.open_seats([(cast.alice.pk, room), (cast.carol.pk, room)]).values()) == {"active"}


def test_in_a_group_a_restriction_makes_no_request(cast, room):
    Restriction.objects.create(restricter=cast.alice, restricted=cast.carol)
    assert access.is_request(access.get_seat(cast.alice, room))
    assert not access.is_request(access.get_seat(cast.carol, room))
    assert access.open_seats([(cast.alice.pk, room), (cast.carol.pk, room)]) == {
        (cast.alice.pk, room): "restricted",
        (cast.carol.pk, room): "active",
    }
    Conversation.objects.filter(pk=room).update(direct_key=None, is_group=True)
    assert not access.is_request(access.get_seat(cast.alice, room))
    assert access.open_seats([(cast.alice.pk, room)]) == {(cast.alice.pk, room): "active"}
    message = Message.objects.filter(conversation=room).first()
    assert not access.message_cards(cast.alice, [message])[0]["request"]


def test_whom_one_restricts_elsewhere_makes_no_request_here(cast, room):
    Restriction.objects.create(restricter=cast.alice, restricted=cast.bob)
    assert access.open_seats([(cast.alice.pk, room)]) == {(cast.alice.pk, room): "active"}


def test_inbox_and_requests_hold_what_was_not_deleted(cast, room):
    def listed(viewer):
        return [access.conversations(viewer).count(), access.message_requests(viewer).count()]

    assert listed(cast.alice) == [1, 0]
    assert listed(cast.carol) == [2, 0]
    assert listed(cast.dave) == [0, 0]
    Participant.objects.filter(person=cast.alice).update(state="request")
    assert listed(cast.alice) == [0, 1]
    Participant.objects.filter(person=cast.alice).update(cleared_seq=2)
    assert listed(cast.alice) == [0, 0]
    Participant.objects.filter(person=cast.alice).update(state="active")
    assert listed(cast.alice) == [0, 0]
    assert len(access.conversation_page(cast.carol).items) == 2
    assert access.conversation_page(cast.carol, requests=True).items == []


def test_only_open_seats_of_active_people_get_anything(cast, room):
    pairs = [(cast.alice.pk, room), (cast.dave.pk, room), (cast.bob.pk, room)]
    assert access.open_seats(pairs) == {(cast.alice.pk, room): "active"}
    assert access.open_seats([]) == {}
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert access.open_seats(pairs) == {}


# --- Cards ----------------------------------------------------------------------------------------------------


def card_of(viewer, room):
    return access.conversation_detail(viewer, access.get_seat(viewer, room))


def test_a_card_shows_the_other_and_the_newest_message(cast, room):
    card = card_of(cast.alice, room)
    assert [person["username"] for person in card["people"]] == ["carol"]
    assert (card["last_message"]["text"], card["unread"], card["state"], card["restricted"]) == (
        "hi you",
        1,
        "active",
        False,
    )
    assert card["read_by"] == [{"username": "carol", "seq": 2}]
    Participant.objects.filter(person=cast.alice).update(cleared_seq=2)
    card = card_of(cast.alice, room)
    assert (card["last_message"], card["unread"]) == (None, 0)


def test_a_newest_message_is_a_request_until_both_said_yes(cast, room):
    assert card_of(cast.alice, room)["last_message"]["request"] is False
    Participant.objects.filter(conversation=room, person=cast.carol).update(state="request")
    assert card_of(cast.alice, room)["last_message"]["request"] is True


def test_who_is_away_has_no_name_on_a_card(cast, room):
    User.objects.filter(pk=cast.carol.pk).update(deactivated_at=timezone.now())
    card = card_of(cast.alice, room)
    assert card["people"] == [hidden_card()]
    assert card["last_message"]["sender"] is None
    assert card["read_by"] == []
    assert card["writing"]["allowed"] is False


@pytest.mark.parametrize("who", ["alice", "carol"])
def test_receipts_need_both_sides(cast, room, who):
    privacy.update_privacy(getattr(cast, who), read_receipts=False)
    alice = User.objects.select_related("privacy").get(pk=cast.alice.pk)
    assert card_of(alice, room)["read_by"] == []
    allowing = access.receipts_allowed([cast.alice.pk, cast.carol.pk])
    assert allowing == {cast.alice.pk, cast.carol.pk} - {getattr(cast, who).pk}


def test_receipts_do_not_mind_what_stands_between_others(cast, room):
    Restriction.objects.create(restricter=cast.carol, restricted=cast.bob)
    Restriction.objects.create(restricter=cast.bob, restricted=cast.alice)
    assert card_of(cast.alice, room)["read_by"] == [{"username": "carol", "seq": 2}]


def test_receipts_wait_for_the_yes_of_either_side(cast, room):
    for person in (cast.alice, cast.carol):
        Participant.objects.filter(conversation=room).update(state="active")
        Participant.objects.filter(conversation=room, person=person).update(state="request")
        assert card_of(cast.alice, room)["read_by"] == []
        assert card_of(cast.alice, room)["state"] == ("request" if person == cast.alice else "active")


def test_the_composer_says_what_the_other_makes_of_it(cast, room, talk):
    assert card_of(cast.alice, room)["writing"] == {
        "allowed": True,
        "request": False,
        "first": False,
        "reason": "",
    }
    privacy.update_privacy(cast.carol, message_audience="nobody")
    writing = card_of(cast.alice, room)["writing"]
    assert (writing["allowed"], writing["request"]) == (False, False)
    assert "carol" in writing["reason"]
    privacy.update_privacy(cast.bob, message_audience="friends")
    fresh = talk("dave", "bob")
    assert card_of(cast.dave, fresh)["writing"] == {
        "allowed": True,
        "request": True,
        "first": True,
        "reason": "",
    }
    Participant.objects.filter(conversation=fresh, person=cast.bob).delete()
    assert card_of(cast.dave, fresh)["writing"]["allowed"] is False
    assert card_of(cast.dave, fresh)["people"] == [hidden_card()]


# --- Messages -------------------------------------------------------------------------------------------------


def test_messages_come_from_the_own_seat_after_what_was_deleted(cast, room):
    seat = access.get_seat(cast.alice, room)
    assert [m.seq for m in access.messages(cast.alice, seat)] == [1, 2]
    assert [m.seq for m in access.messages(cast.alice, seat, after=1)] == [2]
    assert [m.seq for m in access.messages(cast.alice, seat, before=2)] == [1]
    assert [m.seq for m in access.messages(cast.alice, seat, limit=1)] == [2]
    Participant.objects.filter(pk=seat.pk).update(cleared_seq=1)
    assert [m.seq for m in access.messages(cast.alice, access.get_seat(cast.alice, room))] == [2]
    assert refused(access.messages, cast.carol, seat)


def test_one_message_needs_its_seat(cast, room):
    first = Message.objects.get(conversation=room, seq=1)
    message, seat = access.get_message(cast.carol, str(first.pk))
    assert (message, seat.person) == (first, cast.carol)
    for viewer in (cast.bob, NOBODY):
        assert refused(access.get_message, viewer, first.pk)
    assert refused(access.get_message, cast.carol, "1")
    Participant.objects.filter(person=cast.carol, conversation=room).update(cleared_seq=1)
    assert refused(access.get_message, cast.carol, first.pk)


def test_a_card_shows_reactions_quotes_and_clips_one_may_see(cast, room, talk, make_video):
    clip = make_video(cast.alice, audience="friends")
    quoted = Message.objects.get(conversation=room, seq=1)
    message = talk.say(cast.alice, room, "look", video_id=clip.pk, reply_to=quoted.pk)
    Reaction.objects.create(message=message, person=cast.carol, emoji="👍")
    Reaction.objects.create(message=quoted, person=cast.carol, emoji="❤")
    card = access.message_cards(cast.carol, [message])[0]
    assert card["video"]["id"] == str(clip.pk)
    assert card["quoted"]["text"] == "hi"
    assert card["reactions"] == [{"emoji": "👍", "username": "carol"}]
    assert (card["sender"], card["has_video"], card["request"], card["removed"]) == (
        "alice",
        True,
        False,
        False,
    )
    Video.objects.filter(pk=clip.pk).update(audience="only_me")
    assert access.message_cards(cast.carol, [message])[0]["video"] is None
    actions.unsend(cast.alice, quoted.pk)
    message = with_people(Message.objects.filter(pk=message.pk)).get()
    assert access.message_cards(cast.carol, [message])[0]["quoted"]["text"] == ""
    actions.unsend(cast.alice, message.pk)
    message = with_people(Message.objects.filter(pk=message.pk)).get()
    card = access.message_cards(cast.carol, [message])[0]
    assert (card["text"], card["video"], card["has_video"], card["quoted"], card["reactions"]) == (
        "",
        None,
        False,
        None,
        [],
    )


def test_of_a_message_taken_down_only_its_place_is_shown(cast, room, talk, make_video):
    clip = make_video(cast.alice)
    quoted = Message.objects.get(conversation=room, seq=1)
    down = talk.say(cast.alice, room, "look", video_id=clip.pk, reply_to=quoted.pk)
    answer = talk.say(cast.carol, room, "no", reply_to=down.pk)
    same_clip = talk.say(cast.alice, room, video_id=clip.pk)
    Reaction.objects.create(message=down, person=cast.carol, emoji="👍")
    Message.objects.filter(pk=down.pk).update(
        taken_down_at=timezone.now()
    )  # it keeps all it had, to be undone
    rows = with_people(Message.objects.filter(pk__in=[down.pk, answer.pk, same_clip.pk]))
    card, replied, other = access.message_cards(cast.carol, rows.order_by("seq"))
    assert (card["removed"], card["taken_down"]) == (True, True)
    assert (card["text"], card["video"], card["has_video"]) == ("", None, False)
    assert (card["reply_to"], card["quoted"], card["reactions"]) == (None, None, [])
    assert replied["quoted"] == {"sender": "alice", "text": "", "seq": 3}
    assert (replied["has_video"], other["has_video"]) == (False, True)
    assert other["video"]["id"] == str(clip.pk)


def test_delivery_gives_each_person_what_they_may_read(cast, room, talk, make_video):
    plain = Message.objects.get(conversation=room, seq=2)
    clip = make_video(cast.alice, audience="friends")
    shared = talk.say(cast.alice, room, video_id=clip.pk)
    wanted = [(p.pk, room, m.pk) for p in (cast.alice, cast.carol, cast.dave) for m in (plain, shared)]
    found = access.deliverable_messages(wanted)
    assert set(found) == {(p.pk, m.pk) for p in (cast.alice, cast.carol) for m in (plain, shared)}
    assert found[cast.carol.pk, shared.pk]["video"]["id"] == str(clip.pk)
    other = Message.objects.exclude(conversation=room).get()
    assert access.deliverable_messages([(cast.carol.pk, room, other.pk), (cast.carol.pk, room, 1)]) == {}
    assert access.deliverable_messages([]) == {}


def test_typing_is_for_those_who_accepted(cast, room):
    assert access.typing_audience(cast.alice, room) == [cast.carol.pk]
    Participant.objects.filter(conversation=room, person=cast.carol).update(state="request")
    assert access.typing_audience(cast.alice, room) == []
    assert access.typing_audience(cast.carol, room) == []
    assert refused(access.typing_audience, cast.dave, room)


# --- Notifications --------------------------------------------------------------------------------------------


@pytest.fixture
def told(cast, make_video):
    """What alice is told: bob likes a clip of hers, and a comment of his under it; one of bob's own."""
    clip = make_video(cast.alice)
    comment = Comment.objects.create(video=clip, author=cast.bob, text="nice")
    like = actions.notify(cast.alice.pk, "like", group_key="l", actor_id=cast.bob.pk, video_id=clip.pk)
    remark = actions.notify(
        cast.alice.pk, "comment", group_key="c", actor_id=cast.bob.pk, video_id=clip.pk, comment_id=comment.pk
    )
    ready = actions.notify(cast.alice.pk, "clip_ready", group_key="r", video_id=clip.pk)
    actions.notify(cast.bob.pk, "follow", group_key="f", actor_id=cast.carol.pk)
    return {"like": like.pk, "comment": remark.pk, "clip_ready": ready.pk}


def kinds(viewer):
    return {row.kind for row in access.notifications(viewer)}


def test_notifications_are_the_recipients(cast, told):
    assert kinds(cast.alice) == {"like", "comment", "clip_ready"}
    assert kinds(cast.bob) == {"follow"}
    assert kinds(NOBODY) == set()
    by_id = access.notifications_by_id(cast.alice, [told["like"], Notification.objects.get(kind="follow").pk])
    assert [row.kind for row in by_id] == ["like"]
    assert access.badges(cast.alice) == {"messages": 0, "notifications": 3}
    Notification.objects.filter(pk=told["like"]).update(read_at=timezone.now())
    assert access.badges(cast.alice)["notifications"] == 2
    assert access.badges(NOBODY) == {"messages": 0, "notifications": 0}


def test_what_they_are_about_is_asked_for_again(cast, told):
    Comment.objects.update(removed_at=timezone.now())
    assert kinds(cast.alice) == {"like", "clip_ready"}
    Video.objects.update(state="removed")
    assert kinds(cast.alice) == set()


def test_a_removed_comment_is_not_told_of_because_another_stands(cast, told):
    row = Notification.objects.get(pk=told["comment"])
    Comment.objects.create(video=row.video, author=cast.carol, text="still here")
    Comment.objects.filter(pk=row.comment_id).update(removed_at=timezone.now())
    assert kinds(cast.alice) == {"like", "clip_ready"}


@pytest.mark.parametrize("how", ["blocked", "hidden", "suspended", "muted", "restricted"])
def test_whom_they_are_about_is_asked_for_again(cast, told, how):
    match how:
        case "blocked":
            Block.objects.create(blocker=cast.bob, blocked=cast.alice)
        case "hidden":
            User.objects.filter(pk=cast.bob.pk).update(deactivated_at=timezone.now())
        case "suspended":
            User.objects.filter(pk=cast.bob.pk).update(is_active=False)
        case "muted":
            privacy.mute(cast.alice, cast.bob)
        case "restricted":
            privacy.restrict(cast.alice, cast.bob)
    assert kinds(cast.alice) == {"clip_ready"}


def test_a_group_names_at_most_three_of_those_who_are_there(cast, told, make_person):
    row = Notification.objects.get(pk=told["like"])
    for number in range(3):
        NotificationActor.objects.create(notification=row, person=make_person(f"fan{number}"))
    NotificationActor.objects.create(notification=row, person=cast.mallory)
    (card,) = access.notification_cards(cast.alice, [row])
    assert [person["username"] for person in card["people"]] == ["fan2", "fan1", "fan0"]
    assert card["count"] == 4
    assert (card["video"]["id"], card["comment"], card["read"]) == (str(row.video_id), None, False)
    (card,) = access.notification_cards(
        cast.alice, list(access.notifications_by_id(cast.alice, [told["comment"]]))
    )
    assert card["comment"]["text"] == "nice"


def test_badges_count_unread_conversations_that_are_not_muted(cast, room):
    assert access.badges(cast.alice)["messages"] == 1
    assert access.badges(cast.carol)["messages"] == 1
    Participant.objects.filter(person=cast.alice).update(muted=True)
    assert access.badges(cast.alice)["messages"] == 0
    Participant.objects.filter(person=cast.alice).update(muted=False, read_seq=2)
    assert access.badges(cast.alice)["messages"] == 0


def test_people_behind_sockets_are_active(cast, make_video):
    assert access.person_by_id(cast.alice.pk) == cast.alice
    assert set(access.people_by_id([cast.alice.pk, cast.bob.pk])) == {cast.alice.pk, cast.bob.pk}
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert access.person_by_id(cast.alice.pk) is None
    assert set(access.people_by_id([cast.alice.pk, cast.bob.pk])) == {cast.bob.pk}
    clip = make_video(cast.carol)
    assert access.get_shareable(cast.dave, str(clip.pk))["id"] == str(clip.pk)


def test_nobody_is_answered_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert list(access.seats(NOBODY)) == list(access.notifications(NOBODY)) == []
        assert access.badges(NOBODY) == {"messages": 0, "notifications": 0}
        assert access.open_seats([]) == access.deliverable_messages([]) == {}
        assert refused(access.get_seat, NOBODY, "abc")
