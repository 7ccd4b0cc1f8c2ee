"""For You: what it chooses from, what it leaves for last, whom it obeys, and why it says a clip is there."""

import random
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Follow
from videos import actions, feed
from videos.feed import online, session, trained
from videos.labels import Norms
from videos.models import FeedSettings, FirstAudience, Trend, Video
from videos.recommender import Ranked

pytestmark = pytest.mark.django_db
ANYONE = AnonymousUser()


class Recommends:
    """A model that likes these clips, the first most, all because of one."""

    def __init__(self, clips, because=None):
        self.clips, self.because = clips, because
        self.asked = []

    def rank(self, history, *, now, size, exclude=frozenset()):
        self.asked.append(history)
        return [
            Ranked(clip.pk, 100.0 - n, self.because and self.because.pk)
            for n, clip in enumerate(self.clips)
            if clip.pk not in exclude
        ]


@pytest.fixture
def recommend(monkeypatch):
    def with_model(clips, because=None):
        model = Recommends(clips, because)
        monkeypatch.setattr(trained, "serving", lambda: trained.Trained(1, model, Norms()))
        return model

    return with_model


@pytest.fixture
def network(make_person, make_video):
    """80 clips by twenty people, the newest first in the list."""
    people = [make_person(f"person{n}") for n in range(20)]
    now = timezone.now()
    return [make_video(people[n % 20], published_at=now - timedelta(hours=n)) for n in range(80)]


def watch(person, *clips, ms=1000):
    actions.record_watches(
        actions.Watched(person.pk, clip.pk, ms, 1, 1, "for_you", timezone.now()) for clip in clips
    )
    feed.forget(person.pk)


def scroll(viewer, size=20):
    clips, cursor = [], None
    for _page in range(60):
        page = feed.for_you(viewer, cursor, size)
        clips += page.items
        cursor = page.next_cursor
        if cursor is None:
            return clips
    raise AssertionError("the feed did not end")


@pytest.mark.engines
def test_what_the_model_expects_to_please_fills_most_of_the_page(cast, network, recommend):
    watch(cast.dave, network[0])
    recommend(network[40:60], network[0])
    page = feed.for_you(cast.dave).items
    assert len(page) == 20
    assert len(set(page) & set(network[40:60])) >= 8


@pytest.mark.engines
def test_every_source_brings_clips(cast, network, make_video, recommend):
    old = timezone.now() - timedelta(days=60)
    tag = network[60].tags.create(name="birds")
    friend = make_video(cast.carol, audience="friends", published_at=old)
    Trend.objects.create(kind="video", country="", subject=network[61].pk, score=5)
    Trend.objects.create(kind="video", country="FR", subject=network[62].pk, score=5)
    FirstAudience.objects.create(video=network[63])
    actions.prefer(cast.alice, "more", tag=tag)
    cast.alice.country = "FR"
    cast.alice.save()
    recommend([])
    page = feed.for_you(cast.alice, size=25).items
    assert {friend, *network[60:63]} <= set(page)
    shown = scroll(cast.alice)
    assert len(shown) == len({clip.pk for clip in shown}) == 81


@pytest.mark.engines
def test_watched_clips_come_again_only_when_all_else_is_through(cast, network):
    watch(cast.dave, *network[:30])
    shown = [clip.pk for clip in scroll(cast.dave)]
    seen = {clip.pk for clip in network[:30]}
    assert len(shown) == 80
    assert not set(shown[:50]) & seen
    assert set(shown[50:]) == seen


@pytest.mark.engines
def test_newest_first_is_by_time_and_by_nothing_else(cast, network, recommend):
    watch(cast.dave, network[3])
    recommend(network[40:])
    actions.change_feed(cast.dave, chronological=True)
    feed.forget(cast.dave.pk)
    assert scroll(cast.dave) == network


def test_a_changed_order_is_obeyed_by_the_next_page_without_repeats(cast, network):
    first = feed.for_you(cast.dave)
    actions.change_feed(cast.dave, chronological=True)
    feed.forget(cast.dave.pk)
    second = feed.for_you(cast.dave, first.next_cursor)
    times = [clip.published_at for clip in second.items]
    assert times == sorted(times, reverse=True)
    assert not {clip.pk for clip in first.items} & {clip.pk for clip in second.items}
    actions.change_feed(cast.dave, chronological=False)
    feed.forget(cast.dave.pk)
    third = feed.for_you(cast.dave, second.next_cursor)
    assert not {clip.pk for clip in third.items} & {clip.pk for clip in [*first.items, *second.items]}


def test_a_wish_that_comes_while_a_page_reads_the_old_ones_is_obeyed_by_the_next(cast, network, monkeypatch):
    read = online.read_rows

    def slowly(viewer):
        rows = read(viewer)
        monkeypatch.setattr(online, "read_rows", read)
        actions.change_feed(viewer, chronological=True)
        feed.forget(viewer.pk)
        return rows

    monkeypatch.setattr(online, "read_rows", slowly)
    feed.forget(cast.dave.pk)
    assert not feed.known(cast.dave).chronological, "this page had read the old setting"
    assert feed.known(cast.dave).chronological


def test_two_pages_of_one_person_may_be_made_at_once(cast, network, monkeypatch):
    read, met = online.read_rows, []

    def beside_another(viewer):
        monkeypatch.setattr(online, "read_rows", read)
        met.append(feed.known(viewer))
        return read(viewer)

    monkeypatch.setattr(online, "read_rows", beside_another)
    feed.forget(cast.dave.pk)
    assert feed.known(cast.dave).history == met[0].history == feed.known(cast.dave).history


def test_without_personal_data_the_feed_is_that_of_a_visitor(cast, network, recommend, monkeypatch):
    watch(cast.bob, *network[:10])
    Follow.objects.create(follower=cast.bob, followed=network[5].author, state="accepted")
    FeedSettings.objects.create(person=cast.bob, personal=False)
    feed.forget(cast.bob.pk)
    model = recommend(network[70:])
    monkeypatch.setattr("videos.feed.personal.secrets.token_urlsafe", lambda _size: "same")
    mine = [clip.pk for clip in feed.for_you(cast.bob).items]
    assert mine == [clip.pk for clip in feed.for_you(ANYONE).items]
    assert model.asked == []
    assert feed.taste_of(cast.bob).tags == {}


def test_the_model_is_asked_with_the_viewers_history_only(cast, network, recommend):
    watch(cast.dave, network[0])
    watch(cast.bob, network[1])
    model = recommend(network)
    feed.for_you(cast.dave)
    assert {clip for history in model.asked for clip, _weight, _at in history} == {network[0].pk}


def test_a_page_that_is_asked_for_again_leaves_out_what_is_hidden_by_now(cast, network):
    first = feed.for_you(cast.dave)
    second = feed.for_you(cast.dave, first.next_cursor)
    hidden = second.items[0]
    Video.objects.filter(pk=hidden.pk).update(audience="only_me")
    actions.prefer(cast.dave, "hide", video=Video.objects.get(pk=second.items[1].pk))
    again = feed.for_you(cast.dave, first.next_cursor)
    assert [clip.pk for clip in again.items] == [clip.pk for clip in second.items[2:]]
    assert again.next_cursor == second.next_cursor


def test_what_is_refused_is_gone_from_the_next_page(cast, network, make_video):
    tag = network[40].tags.create(name="birds")
    for clip in network[20:]:
        clip.tags.add(tag)
    first = feed.for_you(cast.dave)
    actions.prefer(cast.dave, "hide", tag=tag)
    rest, cursor = [], first.next_cursor
    while cursor:
        page = feed.for_you(cast.dave, cursor)
        rest += page.items
        cursor = page.next_cursor
    assert not set(rest) & set(network[20:])


def test_a_session_that_redis_forgot_goes_on_by_time(cast, network):
    from socialapp.lib.redis import connection

    first = feed.for_you(cast.dave)
    connection().flushdb()
    second = feed.for_you(cast.dave, first.next_cursor)
    times = [clip.published_at for clip in second.items]
    assert times == sorted(times, reverse=True)
    assert len(times) == 20


def test_a_fresh_clip_meets_people_until_its_audience_is_complete(cast, network, make_video):
    rare = make_video(cast.alice, published_at=timezone.now() - timedelta(days=3))
    Video.objects.exclude(pk=rare.pk).update(score=50)
    audience = FirstAudience.objects.create(video=rare, opened_at=rare.published_at)
    random.seed(1)
    met = sum(rare in feed.for_you(ANYONE).items for _n in range(20))
    assert met >= 15
    FirstAudience.objects.filter(pk=audience.pk).update(done_at=timezone.now(), shown=100)
    assert sum(rare in feed.for_you(ANYONE).items for _n in range(10)) <= 2


# --- Why --------------------------------------------------------------------------------------------------------------------


def why(viewer, clip):
    return {reason["kind"]: reason for reason in feed.reasons(viewer, Video.objects.get(pk=clip.pk))}


def test_why_names_the_watched_clip_that_brought_it(cast, network, recommend):
    watch(cast.dave, network[0])
    recommend(network[40:60], network[0])
    page = feed.for_you(cast.dave).items
    liked = next(clip for clip in page if clip in network[40:60])
    reason = why(cast.dave, liked)["similar"]
    assert network[0].author.username in reason["text"]
    assert reason["clip"] == network[0].get_absolute_url()


@pytest.mark.parametrize("how", ["hidden", "started over", "impersonal"])
def test_why_does_not_name_what_is_hidden_or_was_taken_back(cast, network, recommend, how):
    watch(cast.dave, network[0])
    recommend(network[40:60], network[0])
    liked = next(clip for clip in feed.for_you(cast.dave).items if clip in network[41:60])
    if how == "hidden":
        Video.objects.filter(pk=network[0].pk).update(audience="only_me")
    elif how == "started over":
        actions.start_over(cast.dave)
    else:
        actions.change_feed(cast.dave, personal=False)
    feed.forget(cast.dave.pk)
    said = feed.reasons(cast.dave, Video.objects.get(pk=liked.pk))
    assert said
    assert not any(network[0].author.username in reason["text"] or "clip" in reason for reason in said)


def test_why_is_kept_for_whom_the_page_was_made_and_for_nobody_else(cast, network, recommend):
    watch(cast.dave, network[0])
    recommend(network[40:60], network[0])
    liked = next(clip for clip in feed.for_you(cast.dave).items if clip in network[41:60])
    assert session.kept_reasons(cast.dave, liked.pk)
    assert session.kept_reasons(cast.bob, liked.pk) is None
    assert "similar" not in why(cast.bob, liked)
