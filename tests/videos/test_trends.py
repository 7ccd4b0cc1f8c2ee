"""What rises: more people than usual, counted as people, and what a ring of accounts can do about it."""

import random
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from socialapp.lib.errors import Invalid
from tests.makers import video
from videos import trends
from videos.access import trend_countries, trending
from videos.hashtags import apply_tags
from videos.models import Challenge, ChallengeMark, FeedSettings, Like, Sound, Tag, Trend, Video, Watch

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


def test_what_is_as_busy_as_always_does_not_rise(make_person):
    """Ten new people a day for a week and today as well is no trend; five of a clip that nobody met before is."""
    steady, fresh = (
        clips_of(make_person(name), age=timedelta(days=20))[0] for name in ("always", "suddenly")
    )
    for day in range(9):
        watches(crowd(f"day{day}x", 10), [steady], ago=timedelta(days=day, hours=3))
    watches(crowd("new", 8), [fresh])
    trends.compute(NOW)
    assert listed()[0] == fresh
    scores = dict(Trend.objects.filter(kind="video", country="").values_list("subject", "score"))
    assert scores.get(steady.pk, 0) < scores[fresh.pk] / 2


def test_who_comes_back_to_an_old_clip_is_no_new_voice(make_person):
    (clip,) = clips_of(make_person("author"))
    watches(crowd("fan", 9), [clip])
    Watch.objects.update(first_at=NOW - timedelta(days=30))
    trends.compute(NOW)
    assert not Trend.objects.filter(kind="video").exists()


def test_fewer_than_five_people_make_no_list(make_person):
    one, other = clips_of(make_person("author"), 2)
    watches(crowd("fan", 4), [one])
    watches(crowd("friend", 5), [other])
    trends.compute(NOW)
    assert listed() == [other]


def test_a_country_lists_what_its_people_meet(make_person):
    french, german = clips_of(make_person("author"), 2)
    watches(crowd("fr", 9, country="FR"), [french])
    watches(crowd("de", 6, country="DE"), [german])
    watches(crowd("it", 4, country="IT"), [german])
    trends.compute(NOW)
    assert (listed(country="FR"), listed(country="de"), listed(country="IT")) == ([french], [german], [])
    assert set(listed()) == {french, german}
    assert trend_countries(AnonymousUser()) == ["DE", "FR"]


def test_whoever_keeps_what_they_do_to_themselves_has_no_voice(make_person):
    (clip,) = clips_of(make_person("author"))
    fans = crowd("fan", 9)
    watches(fans, [clip])
    FeedSettings.objects.bulk_create(FeedSettings(person=fan, personal=False) for fan in fans[:5])
    trends.compute(NOW)
    assert listed() == []


@pytest.mark.parametrize(
    "gone",
    [{"is_active": False}, {"deactivated_at": NOW}, {"is_limited": True}],
    ids=lambda gone: next(iter(gone)),
)
def test_whoever_is_gone_or_limited_has_no_voice(make_person, gone):
    (clip,) = clips_of(make_person("author"))
    fans = crowd("fan", 9)
    watches(fans, [clip])
    User.objects.filter(pk__in=[fan.pk for fan in fans[:5]]).update(**gone)
    trends.compute(NOW)
    assert listed() == []


@pytest.mark.parametrize(
    "hide",
    [
        {"audience": "followers"},
        {"audience": "only_me"},
        {"state": "removed"},
        {"is_limited": True},
        {"held_for": "terms"},
    ],
    ids=lambda hide: next(iter(hide.values())),
)
def test_only_what_everybody_may_come_upon_takes_part(make_person, hide):
    author = make_person("author")
    (clip,) = clips_of(author, caption="A #secret", sound=Sound.objects.create(title="Hum", owner=author))
    watches(crowd("fan", 9), [clip])
    Video.objects.filter(pk=clip.pk).update(**hide)
    trends.compute(NOW)
    assert not Trend.objects.exists()


def test_a_clip_that_hides_after_it_was_listed_is_gone_at_once(cast, make_person):
    (clip,) = clips_of(cast.alice, caption="By the #quay")
    watches(crowd("fan", 9), [clip])
    trends.compute(NOW)
    assert listed(viewer=cast.bob) == [clip]
    assert [tag.name for tag in listed("tag", viewer=cast.bob)] == ["quay"]
    assert listed(viewer=cast.mallory) == listed("tag", viewer=cast.mallory) == []
    Video.objects.filter(pk=clip.pk).update(audience="only_me")
    assert listed(viewer=cast.bob) == listed("tag", viewer=cast.bob) == []


def test_a_tag_of_many_authors_beats_one_of_a_single_author(make_person):
    shared = [
        clip for n in range(5) for clip in clips_of(make_person(f"author{n}"), 1, caption="Join #together")
    ]
    alone = clips_of(make_person("lonely"), 5, caption="Mine #alone")
    for n in range(12):
        fan = crowd(f"fan{n}x", 1)
        watches(fan, [shared[n % 5], alone[n % 5]])
    trends.compute(NOW)
    assert [tag.name for tag in listed("tag")] == ["together", "alone"]


def test_a_sound_of_one_clip_is_no_trend_of_its_own(make_person):
    author, other = make_person("author"), make_person("other")
    single, used = (Sound.objects.create(title=title, owner=author) for title in ("Single", "Used"))
    clips = [
        *clips_of(author, 1, sound=single),
        *clips_of(author, 1, sound=used),
        *clips_of(other, 1, sound=used),
    ]
    watches(crowd("fan", 9), clips)
    trends.compute(NOW)
    assert listed("sound") == [used]


def test_a_challenge_rises_with_its_entries_but_not_with_its_hosts_own_or_those_marked_out(make_person):
    host = make_person("host", is_business=True)
    rows = {
        name: Challenge.objects.create(
            slug=name,
            tag=Tag.objects.create(name=name),
            host=host,
            title=name,
            brief="Go",
            starts_at=NOW - timedelta(days=1),
            ends_at=NOW + timedelta(days=1),
            published_at=NOW,
        )
        for name in ("entered", "hosted", "marked", "late")
    }
    entry = clips_of(make_person("one"), 1, caption="#entered")
    own = clips_of(host, 1, caption="#hosted")
    out = clips_of(make_person("two"), 1, caption="#marked")
    early = clips_of(make_person("three"), 1, caption="#late", age=timedelta(days=2))
    ChallengeMark.objects.create(challenge=rows["marked"], video=out[0], verdict="out")
    watches(crowd("fan", 9), entry + own + out + early)
    trends.compute(NOW)
    assert listed("challenge") == [rows["entered"]]


def test_a_run_replaces_the_lists_of_the_one_before(make_person):
    one, other = clips_of(make_person("author"), 2)
    watches(crowd("fan", 6), [one])
    trends.compute(NOW)
    Watch.objects.all().delete()
    watches(crowd("friend", 6), [other])
    assert trends.compute(NOW + timedelta(minutes=5)) == Trend.objects.count()
    assert listed() == [other]
    Watch.objects.all().delete()
    trends.compute(NOW + timedelta(days=12))
    assert not Trend.objects.exists()


def test_the_same_moment_can_be_computed_twice(make_person):
    watches(crowd("fan", 6), clips_of(make_person("author")))
    first = trends.compute(NOW)
    assert trends.compute(NOW) == first == Trend.objects.count()


def test_a_page_goes_on_where_the_last_one_ended(make_person):
    clips = sorted(clips_of(make_person("author"), 25), key=lambda clip: clip.pk)
    for place, clip in enumerate(clips):
        Trend.objects.create(kind="video", subject=clip.pk, score=place // 2, people=9, computed_at=NOW)
    page = trending(AnonymousUser(), "video", "", None, 10)
    second = trending(AnonymousUser(), "video", "", page.next_cursor, 10)
    third = trending(AnonymousUser(), "video", "", second.next_cursor, 10)
    assert third.next_cursor is None
    assert [*page.items, *second.items, *third.items] == clips[::-1]


def test_reading_a_list_takes_two_queries(cast, django_assert_num_queries):
    watches(crowd("fan", 9), clips_of(cast.alice, 8, caption="By the #quay"))
    trends.compute(NOW)
    for kind in ("video", "tag"):
        with django_assert_num_queries(2):
            assert listed(kind, viewer=cast.bob)


def test_an_unknown_kind_is_refused(db):
    with pytest.raises(Invalid):
        trending(AnonymousUser(), "people")
