"""Announcements and what may come between: nothing reaches anybody after a verdict, two workers send nothing twice."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Follow
from messaging import actions
from messaging.actions import fan_out
from messaging.models import Announcement, Conversation, Message
from privacy import actions as privacy
from socialapp.lib.errors import Problem, TooMany
from videos.models import Preview, Video

from .test_races import at_once

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]
ROUNDS = 1000 if os.environ.get("FULL") else 12


@pytest.fixture
def clip(cast, make_video, settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000000/1")
    return make_video(cast.alice, state="draft", published_at=None)


def again(cast, clip):
    """A fresh announcement, as if a day had passed."""
    Announcement.objects.update(created_at=timezone.now() - timedelta(days=2))
    return actions.announce(cast.alice, video_id=clip.pk, audience="followers", preview=True)


VERDICTS = {
    "blocks": (lambda c: privacy.block(c.bob, c.alice), lambda c: privacy.unblock(c.bob, c.alice)),
    "blocked": (lambda c: privacy.block(c.alice, c.bob), lambda c: privacy.unblock(c.alice, c.bob)),
    "nobody": (
        lambda c: privacy.update_privacy(c.bob, message_audience="nobody"),
        lambda c: privacy.update_privacy(c.bob, message_audience="everyone"),
    ),
    "unfollows": (lambda c: accounts.unfollow(c.bob, c.alice), lambda c: None),
}


def reached(row, person):
    return Message.objects.filter(announcement=row, conversation__participants__person=person).count()


def judging(cast, row, pass_it, seen):
    def judge():
        pass_it(cast)
        seen.append(reached(row, cast.bob))

    return judge


def stopping(cast, row, after):
    def stop():
        try:
            actions.stop_announcement(cast.alice, row.pk)
        except Problem:
            return  # it was through
        after.append(Message.objects.filter(announcement=row).count())

    return stop


@pytest.mark.parametrize("verdict", VERDICTS)
def test_nothing_arrives_after_the_verdict(cast, clip, verdict):
    """Once the verdict is given, what there was is all there will be."""
    pass_it, take_it_back = VERDICTS[verdict]
    for _round in range(ROUNDS):
        if not Follow.objects.filter(follower=cast.bob, followed=cast.alice).exists():
            accounts.follow(cast.bob, cast.alice)
        row = again(cast, clip)
        seen = []
        assert at_once(judging(cast, row, pass_it, seen), actions.serve_announcements) == []
        actions.serve_announcements()
        assert reached(row, cast.bob) == seen[0]
        if verdict in ("blocks", "blocked"):
            assert not Preview.objects.filter(person=cast.bob).exists()
        take_it_back(cast)


def test_two_workers_at_once_send_each_once(cast, clip, make_person, monkeypatch):
    fans = [make_person(f"fan{n}") for n in range(15)]
    Follow.objects.bulk_create(Follow(follower=fan, followed=cast.alice, state="accepted") for fan in fans)
    monkeypatch.setattr(
        fan_out,
        "_claim",
        lambda: Announcement.objects.filter(state="waiting").values_list("pk", flat=True).first(),
    )
    row = again(cast, clip)
    assert at_once(*[lambda: actions.serve_announcements()] * 3) == []
    actions.serve_announcements(seconds=120)  # a busy machine may have used their time up
    row.refresh_from_db()
    assert (row.state, row.sent_count) == ("sent", 17)
    assert Message.objects.filter(announcement=row).values("conversation").distinct().count() == 17
    assert Message.objects.filter(announcement=row).count() == Conversation.objects.count() == 17


def test_of_several_at_once_one_goes_out(cast, clip):
    errors = at_once(
        *[lambda: actions.announce(cast.alice, video_id=clip.pk, audience="friends", preview=True)] * 5
    )
    assert len(errors) == 4
    assert all(isinstance(error, TooMany) for error in errors)
    assert Announcement.objects.count() == 1


def test_stopping_beside_a_worker_stops_it_there(cast, clip, make_person):
    fans = [make_person(f"fan{n}") for n in range(20)]
    Follow.objects.bulk_create(Follow(follower=fan, followed=cast.alice, state="accepted") for fan in fans)
    for _round in range(3):
        row = again(cast, clip)
        after = []
        assert at_once(stopping(cast, row, after), actions.serve_announcements) == []
        actions.serve_announcements()
        row.refresh_from_db()
        assert row.sent_count == Message.objects.filter(announcement=row).count()
        if after:
            assert row.state == "stopped"
            assert row.sent_count == after[0]


def test_publishing_beside_a_worker_leaves_no_preview_behind(cast, clip):
    from videos import actions as videos
    from videos.models import Transcode

    Transcode.objects.create(video=clip, state="done", as_draft=True)
    row = again(cast, clip)
    assert at_once(lambda: videos.publish_draft(cast.alice, clip), actions.serve_announcements) == []
    assert Video.objects.get(pk=clip.pk).published_at is not None
    assert not Preview.objects.exists()
    row.refresh_from_db()
    assert row.state == "sent"
