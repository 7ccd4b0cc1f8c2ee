"""The demo's queue for moderators: fifty cases that real people could have reported, made once, hidden from feeds."""

from collections import Counter

import pytest
from django.utils import timezone

from accounts.access import visible_people
from accounts.models import User
from privacy.models import Case, Report
from socialapp.demo.complaints import ACCOUNTS, COMPLAINTS
from socialapp.demo.queue import seed_queue
from videos.access import visible_videos
from videos.models import Comment, Video


def test_there_are_fifty_complaints_of_every_kind_and_reason():
    assert len(COMPLAINTS) == 50
    assert sum(len(complaint.told) for complaint in COMPLAINTS) >= 50
    # Conversations that are reported, and words held for being repeated, have tests of their own and no demo yet.
    assert {complaint.kind for complaint in COMPLAINTS} == set(Report.Target.values) - {"conversation"}
    assert {reason for complaint in COMPLAINTS for reason, _note in complaint.told} == set(
        Report.Reason.values
    )
    assert {complaint.rule for complaint in COMPLAINTS} - {""} == set(Case.Rule.values) - {"repeated"}
    assert {complaint.by for complaint in COMPLAINTS} <= {person.username for person in ACCOUNTS}
    assert all(bool(complaint.told) != bool(complaint.rule) for complaint in COMPLAINTS)


@pytest.fixture
def people(cast, make_person, make_video, settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path / "files")}},
    }
    for number in range(3):
        make_video(cast.alice, caption=f"Loop {number}")
    return {name: make_person(name) for name in (f"crowd{number}" for number in range(12))}


def test_the_queue_is_made_once_and_shows_in_no_feed(cast, people):
    assert seed_queue(people, timezone.now()) == 50
    assert Report.objects.count() == sum(len(complaint.told) for complaint in COMPLAINTS)
    kinds = Counter(Case.objects.values_list("target_type", flat=True))
    assert kinds == Counter(complaint.kind for complaint in COMPLAINTS)
    before = Video.objects.count(), Comment.objects.count(), User.objects.count()
    assert seed_queue(people, timezone.now()) == 50
    assert before == (Video.objects.count(), Comment.objects.count(), User.objects.count())
    shown = visible_videos(cast.dave).values_list("author__username", flat=True)
    assert set(shown) == {"alice"}
    assert (
        visible_people(cast.dave).filter(username=ACCOUNTS[0].username, privacy__findable=True).count() == 0
    )


def test_what_a_rule_held_is_held_and_counted_nowhere(cast, people):
    seed_queue(people, timezone.now())
    held = Video.objects.exclude(held_for="")
    assert set(held.values_list("held_for", flat=True)) == {"term", "links", "duplicate", "velocity"}
    for user in User.objects.filter(username__in=[person.username for person in ACCOUNTS]):
        there = Video.objects.filter(author=user, held_for="").count()
        assert user.videos_count == there, user
    for clip in Video.objects.filter(author=cast.alice):
        assert clip.comments_count == Comment.objects.filter(video=clip, held_for="").count()
