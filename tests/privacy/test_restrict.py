"""A restriction: what the restricted writes is for the two alone, nothing of it notifies, and they do not notice."""

import pytest
from django.contrib.auth.models import AnonymousUser

from messaging import access as talk_access
from messaging import actions as talk_actions
from messaging import delivery, notifying
from messaging.models import Notification
from privacy import access, actions
from privacy.models import AuditEntry, Restriction
from socialapp.lib.errors import Forbidden, Invalid, NotFound, NotSignedIn
from videos import access as clips
from videos import actions as deeds
from videos.cards_comments import comment_card

pytestmark = pytest.mark.django_db


@pytest.fixture
def restricted(cast):
    """alice restricts carol, her friend."""
    actions.restrict(cast.alice, cast.carol)
    return cast


@pytest.fixture
def talk(cast):
    def make(one, other):
        return talk_actions.open_conversation(getattr(cast, one), [other])[0].pk

    return make


def say(person, room, text="hello"):
    say.count += 1
    return talk_actions.send_message(person, room, text=text, client_id=f"m{say.count}")


say.count = 0


# --- The row --------------------------------------------------------------------------------------------------


def test_it_is_made_once_told_once_and_written_down(cast, django_capture_on_commit_callbacks):
    from privacy.signals import person_quieted

    told = []

    def hear(sender, by_id, person_id, **kwargs):
        told.append((by_id, person_id))

    person_quieted.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        actions.restrict(cast.alice, cast.carol)
        actions.restrict(cast.alice, cast.carol)
        actions.unrestrict(cast.alice, cast.carol)
        actions.unrestrict(cast.alice, cast.carol)
    person_quieted.disconnect(hear)
    assert told == [(cast.alice.pk, cast.carol.pk)] * 2
    verbs = AuditEntry.objects.filter(target_id=cast.carol.pk).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["restrict", "unrestrict"]
    assert not Restriction.objects.exists()


def test_it_is_asked_in_one_direction_only(restricted):
    alice, carol = restricted.alice, restricted.carol
    assert access.is_restricted(alice, carol)
    assert not access.is_restricted(carol, alice)
    assert set(access.restricted_ids(alice)) == {carol.pk}
    assert not access.restricted_ids(carol)
    assert [row.restricted for row in access.restrictions(alice)] == [carol]
    assert not access.restrictions(carol)


def test_nobody_restricts_themselves_and_the_anonymous_restrict_nobody(cast):
    with pytest.raises(Invalid):
        actions.restrict(cast.alice, cast.alice)
    for deed in (actions.restrict, actions.unrestrict):
        with pytest.raises(NotSignedIn):
            deed(AnonymousUser(), cast.alice)
    assert not access.is_restricted(AnonymousUser(), cast.alice)
    assert not access.is_restricted(cast.alice, AnonymousUser())
    assert not access.restricted_ids(AnonymousUser())


# --- Comments -------------------------------------------------------------------------------------------------


def test_their_comment_is_for_the_two_until_the_author_lets_it_through(restricted, make_video):
    alice, bob, carol = restricted.alice, restricted.bob, restricted.carol
    clip = make_video(alice)
    written = deeds.comment(carol, clip, "hm")
    clip.refresh_from_db()
    assert (written.held_for, clip.comments_count) == ("restrict", 0)
    for viewer, there in ((carol, True), (alice, True), (bob, False), (AnonymousUser(), False)):
        found = clips.thread(viewer, clips.get_video(viewer, clip.pk)).items
        assert (written in found) == there
    with pytest.raises(NotFound):
        clips.get_comment(bob, written.pk)
    assert list(clips.to_review(alice, "held")) == [written]
    deeds.approve_comment(alice, written)
    clip.refresh_from_db()
    assert clip.comments_count == 1
    assert written in clips.thread(bob, clips.get_video(bob, clip.pk)).items


def test_who_wrote_it_sees_no_difference(restricted, make_video, api):
    clip = make_video(restricted.alice)
    answer = api.as_(restricted.carol).post(f"/api/v1/videos/{clip.pk}/comments/", {"text": "hm"}).json()
    assert (answer["state"], answer["held_for"], answer["held_label"]) == ("shown", None, None)
    written = clips.get_comment(restricted.alice, answer["id"])
    card = comment_card(restricted.alice, written.video, written)
    assert (card["state"], card["held_for"]) == ("held", "restrict")
    assert card["viewer"]["may_approve"]


def test_a_changed_comment_waits_again(restricted, make_video):
    written = deeds.comment(restricted.carol, make_video(restricted.alice), "hm")
    deeds.approve_comment(restricted.alice, written)
    assert deeds.edit_comment(restricted.carol, written, "hm!").held_for == "restrict"


def test_restriction_comes_before_the_words_an_author_filters(restricted, make_video):
    actions.update_privacy(restricted.alice, comment_keywords=["hm"], approve_comments=True)
    assert deeds.comment(restricted.carol, make_video(restricted.alice), "hm").held_for == "restrict"


def test_elsewhere_their_comments_are_as_ever(restricted, make_video):
    written = deeds.comment(restricted.carol, make_video(restricted.bob), "hm")
    assert written.held_for == ""
    assert clips.get_comment(restricted.alice, written.pk) == written


# --- Messages -------------------------------------------------------------------------------------------------


@pytest.fixture
def room(cast, talk):
    """A conversation of alice and carol that both have written in; carol wrote last."""
    room = talk("alice", "carol")
    say(cast.alice, room, "hi")
    say(cast.carol, room, "hi you")
    return room


def test_a_conversation_becomes_a_request_and_comes_back(restricted, room):
    alice, carol = restricted.alice, restricted.carol
    say(carol, room)
    assert not talk_access.conversations(alice).exists()
    (card,) = talk_access.conversation_cards(alice, list(talk_access.message_requests(alice)))
    assert (card["state"], card["restricted"], card["last_message"]) == ("request", True, None)
    assert talk_access.badges(alice)["messages"] == 0
    talk_actions.accept_request(alice, room)
    assert not access.is_restricted(alice, carol)
    assert talk_access.conversations(alice).count() == 1
    assert talk_access.badges(alice)["messages"] == 1


def test_the_restricted_sees_the_conversation_as_ever(restricted, room):
    alice, carol = restricted.alice, restricted.carol
    seat = talk_access.get_seat(carol, room)
    before = talk_access.conversation_detail(carol, seat)
    actions.unrestrict(alice, carol)
    after = talk_access.conversation_detail(carol, talk_access.get_seat(carol, room))
    assert {name for name in after if after[name] != before[name]} <= {"read_by"}
    actions.restrict(alice, carol)
    message = say(carol, room)
    assert talk_access.message_cards(carol, [message])[0]["request"] is False
    assert talk_access.message_cards(alice, [message])[0]["request"] is True


def test_receipts_go_neither_way(cast, room):
    alice, carol = cast.alice, cast.carol

    def read_by(viewer):
        return talk_access.conversation_detail(viewer, talk_access.get_seat(viewer, room))["read_by"]

    talk_actions.mark_read(alice, room)
    talk_actions.mark_read(carol, room)
    assert read_by(carol) == [{"username": "alice", "seq": 2}]
    actions.restrict(alice, carol)
    assert read_by(carol) == []
    assert read_by(alice) == []
    data = {"conversation": str(room), "person": str(alice.pk), "username": "alice", "seq": 2}
    assert delivery._read([(carol.pk, data), (alice.pk, data)]) == [
        None,
        {"conversation": str(room), "username": "alice", "seq": 2},
    ]


def test_nobody_sees_the_other_typing(cast, room):
    alice, carol = cast.alice, cast.carol
    assert talk_access.typing_audience(alice, room) == [carol.pk]
    actions.restrict(alice, carol)
    assert talk_access.typing_audience(alice, room) == []
    typed = [
        (carol.pk, {"conversation": str(room), "person": str(alice.pk), "username": "alice"}),
        (alice.pk, {"conversation": str(room), "person": str(carol.pk), "username": "carol"}),
    ]
    assert delivery._typing(typed) == [None, None]
    actions.unrestrict(alice, carol)
    assert None not in delivery._typing(typed)


def test_a_message_on_the_wire_is_a_request_for_one_and_a_message_for_the_other(restricted, room):
    alice, carol = restricted.alice, restricted.carol
    message = say(carol, room)
    data = {"conversation": str(room), "message": str(message.pk), "seq": message.seq}
    to_alice, to_carol = delivery._messages([(alice.pk, data), (carol.pk, data)])
    assert (to_alice["request"], to_carol["request"]) == (True, False)


def test_no_reaction_before_the_restriction_is_lifted(restricted, room):
    message = say(restricted.carol, room)
    with pytest.raises(Forbidden):
        talk_actions.react(restricted.alice, message.pk, "👍")


# --- Notifications --------------------------------------------------------------------------------------------


def test_nothing_they_do_notifies(restricted, make_video, talk):
    alice, carol = restricted.alice, restricted.carol
    clip = make_video(alice)
    deeds.like(carol, clip)
    notifying.liked(clip.pk, carol.pk)
    written = deeds.comment(carol, clip, "hm")
    notifying.comment_held(written.pk)
    elsewhere = deeds.comment(carol, make_video(restricted.bob), "look @alice")
    notifying.commented(elsewhere.pk)
    assert not Notification.objects.filter(recipient=alice).exists()
    assert Notification.objects.filter(recipient=restricted.bob).exists()


def test_what_they_notified_of_before_is_no_longer_shown(cast, make_video):
    clip = make_video(cast.alice)
    notifying.liked(clip.pk, cast.carol.pk)
    (shown,) = talk_access.notifications(cast.alice)
    assert delivery._notifications([(cast.alice.pk, {"notification": str(shown.pk)})]) != [None]
    actions.restrict(cast.alice, cast.carol)
    assert not talk_access.notifications(cast.alice).exists()
    assert delivery._notifications([(cast.alice.pk, {"notification": str(shown.pk)})]) == [None]
    actions.unrestrict(cast.alice, cast.carol)
    assert talk_access.notifications(cast.alice).exists()
