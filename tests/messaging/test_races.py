"""Many at once: numbers without gaps, one message for one client id, and nothing after the verdict of a block."""

import contextlib
import os
import threading

import pytest
from django.db import connections

from messaging import actions
from messaging.models import Conversation, Message, Notification, Participant
from privacy import actions as privacy
from socialapp.lib.errors import Problem
from videos import actions as videos

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]
FULL = bool(os.environ.get("FULL"))


def at_once(*jobs):
    """Run the jobs in threads that start together, each with its own connection; what they raised."""
    barrier = threading.Barrier(len(jobs))
    errors = []

    def run(job):
        try:
            barrier.wait(10)
            job()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return errors


def test_concurrent_senders_leave_no_gap_and_no_repeat(cast, talk):
    room = talk("alice", "carol")
    each, count = (25 if FULL else 8), 6

    def sender(number):
        person = (cast.alice, cast.carol)[number % 2]
        return lambda: [talk.say(person, room, f"{number}/{i}") for i in range(each)]

    assert at_once(*(sender(number) for number in range(count))) == []
    seqs = sorted(Message.objects.values_list("seq", flat=True))
    assert seqs == list(range(1, each * count + 1))
    assert Conversation.objects.get().last_seq == each * count
    assert set(Participant.objects.values_list("last_seq", flat=True)) == {each * count}


def test_concurrent_senders_in_a_group_leave_no_gap_and_no_repeat(cast, talk):
    group = actions.start_group(cast.carol, ["alice", "bob"], "Trip").pk
    actions.accept_request(cast.bob, group)
    before = Conversation.objects.get(pk=group).last_seq
    each, people = (50 if FULL else 8), (cast.alice, cast.bob, cast.carol)

    def sender(person):
        return lambda: [talk.say(person, group, str(i)) for i in range(each)]

    assert at_once(*(sender(person) for person in people)) == []
    rows = Message.objects.filter(conversation=group)
    newest = before + each * len(people)
    assert sorted(rows.values_list("seq", flat=True)) == list(range(1, newest + 1))
    assert sorted(rows.values_list("change", flat=True)) == list(range(1, newest + 1))


def test_changes_at_once_each_get_a_number_of_their_own(cast, talk):
    room = talk("alice", "carol")
    messages = [talk.say(cast.alice, room, str(i)) for i in range(4)]
    jobs = [
        lambda: actions.react(cast.carol, messages[0].pk, "👍"),
        lambda: actions.unsend(cast.alice, messages[1].pk),
        lambda: actions.hide_message(cast.carol, messages[2].pk),
        lambda: talk.say(cast.alice, room, "more"),
    ]
    assert at_once(*jobs) == []
    changes = list(Message.objects.values_list("change", flat=True))
    assert len(set(changes)) == len(changes)
    assert max(changes) == Conversation.objects.get(pk=room).last_change == 8


def test_one_picture_is_carried_by_one_message(cast, talk):
    import io

    from PIL import Image

    room = talk("alice", "carol")
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    image = actions.upload_picture(cast.alice, room, io.BytesIO(out.getvalue()))
    errors = at_once(*(lambda: talk.say(cast.alice, room, "", image_id=image.pk) for _number in range(4)))
    assert len(errors) == 3
    assert all(isinstance(error, Problem) for error in errors)
    assert Message.objects.count() == 1


def test_one_client_id_sent_by_many_at_once_is_one_message(cast, talk):
    room = talk("alice", "carol")
    sent = []
    jobs = [lambda: sent.append(talk.say(cast.alice, room, client_id="same").pk) for _number in range(8)]
    assert at_once(*jobs) == []
    assert len(set(sent)) == 1
    assert Message.objects.count() == 1


def test_opening_at_once_from_both_sides_makes_one_conversation(cast):
    opened = []

    def opener(person, other):
        return lambda: opened.append(actions.open_conversation(person, [other])[0].pk)

    jobs = [opener(cast.alice, "carol"), opener(cast.carol, "alice")] * 4
    assert at_once(*jobs) == []
    assert len(set(opened)) == 1
    assert Participant.objects.count() == 2


@pytest.mark.parametrize("verdict", ["block", "nobody"])
def test_no_message_is_committed_after_the_verdict(cast, talk, verdict, settings):
    """send races block / "nobody": whatever is there when the verdict returns is all there ever is."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"message": "100000/60", "block": "100000/60"}
    room = talk("carol", "alice")
    talk.say(cast.alice, room)
    for number in range(1000 if FULL else 50):
        at_verdict = []

        def judge():
            if verdict == "block":
                privacy.block(cast.alice, cast.carol)
            else:
                privacy.update_privacy(cast.alice, message_audience="nobody")
            at_verdict.append(Message.objects.count())  # noqa: B023 (used before the loop goes on)

        def send():
            with contextlib.suppress(Problem):
                talk.say(cast.carol, room)

        assert at_once(send, judge, send) == []
        assert Message.objects.count() == at_verdict[0], f"race {number}"
        privacy.unblock(cast.alice, cast.carol)
        privacy.update_privacy(cast.alice, message_audience="everyone")
    numbers = sorted(Message.objects.values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_likes_at_once_are_one_notification(cast, make_video, make_person):
    from messaging.models import Notification, NotificationActor

    clip = make_video(cast.alice)
    people = [make_person(f"fan{number}") for number in range(8)]

    def tell(person):
        return lambda: actions.notify(
            cast.alice.pk, "like", actor_id=person.pk, video_id=clip.pk, group_key=f"like:{clip.pk}"
        )

    assert at_once(*(tell(person) for person in people)) == []
    assert Notification.objects.get().actors_count == 8
    assert NotificationActor.objects.count() == 8


def test_a_comment_is_deleted_while_its_notification_takes_in_another_person(cast, make_video, monkeypatch):
    """The interleaving that once failed: an actor joins the row after the deletion has looked for actors."""
    clip = make_video(cast.alice)
    joined, go_on = threading.Event(), threading.Event()
    first = videos.comment(cast.bob, clip, "First")
    assert Notification.objects.get(recipient=cast.alice).comment_id == first.pk

    def hold(_people):
        joined.set()
        go_on.wait(10)

    def tell():
        monkeypatch.setattr("messaging.actions.notices.push_badges", hold)
        key = f"comment:{clip.pk}"
        kind = Notification.Kind.COMMENT
        actions.notify(cast.alice.pk, kind, group_key=key, actor_id=cast.carol.pk, video_id=clip.pk)

    def delete():
        joined.wait(10)
        threading.Timer(0.5, go_on.set).start()
        videos.delete_comment(cast.bob, first)

    assert at_once(tell, delete) == []
    assert not Notification.objects.filter(comment=first.pk).exists()


def test_nobody_is_told_of_what_was_deleted_meanwhile(cast, make_video):
    clip = make_video(cast.alice)
    said = videos.comment(cast.bob, clip, "Words")
    videos.delete_comment(cast.bob, said)
    Notification.objects.all().delete()
    about = {"group_key": "gone", "actor_id": cast.bob.pk, "video_id": clip.pk, "comment_id": said.pk}
    assert actions.notify(cast.alice.pk, Notification.Kind.COMMENT, **about) is None
    assert not Notification.objects.exists()
