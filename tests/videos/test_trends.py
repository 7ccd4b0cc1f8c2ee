"""What rises: more people than usual, counted as people, and what a ring of accounts can do about it."""

import random
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from tests.conftest import video
from videos import trends
from videos.access import trending
from videos.hashtags import apply_tags
from videos.models import Like, Trend, Watch

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
NOW = timezone.now()
OLD = NOW - timedelta(days=200)


def crowd(name, size, *, joined=OLD, country=""):
    """So many people, made at once."""
    people = [
        User(username=f"{name}{n}", password="!", date_joined=joined, country=country, display_name=name)
        for n in range(size)
    ]
    User.objects.bulk_create(people)
    from privacy.models import PrivacySettings

    PrivacySettings.objects.bulk_create(PrivacySettings(person=person) for person in people)
    return people


def clips_of(author, size=1, *, caption="A clip", age=timedelta(hours=6), **fields):
    made = []
    for _ in range(size):
        made.append(video(author, caption=caption, published_at=NOW - age, **fields))
        apply_tags(made[-1])
    return made


def likes(people, clips, *, ago=timedelta(hours=2)):
    rows = Like.objects.bulk_create(Like(person=p, video=c) for p in people for c in clips)
    Like.objects.filter(pk__in=[row.pk for row in rows]).update(created_at=NOW - ago)


def watches(people, clips, *, ago=timedelta(hours=2), completions=1):
    Watch.objects.bulk_create(
        Watch(
            person=p,
            video=c,
            watched_ms=1000,
            viewings=1,
            completions=completions,
            first_at=NOW - ago,
            last_at=NOW - ago,
        )
        for p in people
        for c in clips
    )


def listed(kind="video", country="", viewer=None, size=20):
    return trending(viewer or AnonymousUser(), kind, country, None, size).items


@pytest.fixture
def town(make_person):
    """200 ordinary people who watch and like ten clips each, the popular ones more, among 60 clips of 30 authors."""
    dice = random.Random(7)
    people = crowd("someone", 200)
    authors = crowd("author", 30)
    clips = [clip for author in authors for clip in clips_of(author, 2)]
    for person in people:
        seen = list({clips[min(int(dice.expovariate(1 / 15)), 59)] for _ in range(14)})[:10]
        watches([person], seen, ago=timedelta(hours=dice.randint(1, 30)))
        likes([person], dice.sample(seen, 2), ago=timedelta(hours=dice.randint(1, 30)))
    return clips


@pytest.mark.parametrize("ring_clips", [1, 2, 10])
def test_a_ring_of_50_new_accounts_does_not_reach_the_first_page(town, make_person, ring_clips):
    bad = clips_of(make_person("pusher"), ring_clips, caption="Buy #pushed")
    ring = crowd("ring", 50, joined=NOW - timedelta(days=1))
    likes(ring, bad)
    watches(ring, bad)
    trends.compute(NOW)
    assert len(listed()) == 20
    assert not {clip.pk for clip in listed()} & {clip.pk for clip in bad}


def test_a_ring_of_50_old_accounts_that_pushes_all_of_a_persons_clips_does_not_either(town, make_person):
    bad = clips_of(make_person("pusher"), 10)
    ring = crowd("ring", 50)
    likes(ring, bad)
    watches(ring, bad)
    trends.compute(NOW)
    assert not {clip.pk for clip in listed()} & {clip.pk for clip in bad}


def test_fifty_ordinary_people_more_do_bring_a_clip_up(town, make_person):
    good = clips_of(make_person("newcomer"))
    watches(User.objects.filter(username__startswith="someone")[:80], good)
    trends.compute(NOW)
    assert good[0] in listed()


def test_one_account_counts_once_however_often_it_acts(make_person):
    author, people = make_person("author"), crowd("fan", 6)
    one, other = clips_of(author, 2)
    watches(people, [one, other])
    trends.compute(NOW)
    before = Trend.objects.get(kind="video", country="", subject=one.pk).score
    likes(people[:1], [one])
    from videos.models import Comment, Save, Share

    for _ in range(30):
        Share.objects.create(video=one, person=people[0], channel="link")
        Comment.objects.create(video=one, author=people[0], text="Wow")
    Save.objects.create(video=one, person=people[0])
    trends.compute(NOW)
    after = Trend.objects.get(kind="video", country="", subject=one.pk).score
    # From a finished viewing (0.6) to a like (1.0): the first two thirds of a person more, and nothing after it.
    assert before < after <= before * (5 * 0.6 + 1.01) / (6 * 0.6)
