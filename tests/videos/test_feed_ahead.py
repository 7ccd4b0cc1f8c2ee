"""Pages of For You that were composed ahead: cheap while they hold, gone with the first word to the feed, never past the gate."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.actions import follow
from privacy.models import Block, Mute
from videos import actions, feed
from videos.feed import ahead, online, personal, session
from videos.feed.position import Position
from videos.models import Video, Watch

pytestmark = pytest.mark.django_db
ANYONE = AnonymousUser()


@pytest.fixture(autouse=True)
def _everybody_is_settled(monkeypatch):
    monkeypatch.setattr(ahead, "SETTLED", 0)


@pytest.fixture
def network(make_person, make_video):
    """100 clips by twenty-five people, the newest first in the list."""
    people = [make_person(f"person{n}") for n in range(25)]
    now = timezone.now()
    return [make_video(people[n % 25], published_at=now - timedelta(hours=n)) for n in range(100)]


@pytest.fixture
def composed(monkeypatch):
    """The pages that were composed: one entry each."""
    pages = []

    def bring(*args, **kwargs):
        pages.append(args)
        return plain(*args, **kwargs)

    plain = personal.bring
    monkeypatch.setattr(personal, "bring", bring)
    return pages


def kept(viewer, page):
    """What was composed ahead of the page after this one."""
    _before, found, _standing = session.look(viewer, Position.parse(page.next_cursor))
    return found


def ids(page):
    return [clip.pk for clip in page.items]


@pytest.mark.engines
def test_the_next_pages_cost_the_gate_and_nothing_else(cast, network, composed, django_assert_num_queries):
    page = feed.for_you(cast.dave)
    shown = ids(page)
    for _page in range(ahead.PAGES):
        with django_assert_num_queries(1):
            page = feed.for_you(cast.dave, page.next_cursor)
        shown += ids(page)
    assert len(composed) == 1
    assert len(shown) == len(set(shown)) == 80
    for page_of in range(0, 80, 20):
        authors = Video.objects.in_bulk(shown[page_of : page_of + 20])
        assert len({clip.author_id for clip in authors.values()}) >= 10


@pytest.mark.engines
@pytest.mark.parametrize("viewer", ["dave", "a visitor"])
def test_everything_comes_once_to_the_very_end(cast, network, viewer):
    shown, cursor = [], None
    viewer = ANYONE if viewer == "a visitor" else cast.dave
    for n in range(20):
        page = feed.for_you(viewer, cursor)
        shown += ids(page)
        cursor = page.next_cursor
        if cursor is None:
            break
        Video.objects.filter(pk=network[n].pk).update(audience="only_me")
    assert len(shown) == len(set(shown)) >= 90
    assert cursor is None


WORDS = {
    "less of a tag": lambda cast, clip: actions.prefer(cast.dave, "less", tag=clip.tags.create(name="birds")),
    "more of an author": lambda cast, clip: actions.prefer(cast.dave, "more", author=clip.author),
    "not interested": lambda cast, clip: actions.prefer(cast.dave, "hide", video=clip),
    "start over": lambda cast, clip: actions.start_over(cast.dave),
    "a setting": lambda cast, clip: actions.change_feed(cast.dave, personal=False),
    "a like": lambda cast, clip: actions.like(cast.dave, clip),
    "a follow": lambda cast, clip: follow(cast.dave, clip.author),
}


@pytest.mark.engines
@pytest.mark.parametrize("word", WORDS)
def test_the_page_after_a_word_to_the_feed_is_composed_anew(
    cast, network, composed, word, django_capture_on_commit_callbacks
):
    first = feed.for_you(cast.dave)
    with django_capture_on_commit_callbacks(execute=True):
        WORDS[word](cast, network[50])
    second = feed.for_you(cast.dave, first.next_cursor)
    assert len(composed) == 2
    assert not set(ids(first)) & set(ids(second))


def test_the_newest_first_begin_at_once(cast, network, django_capture_on_commit_callbacks):
    first = feed.for_you(cast.dave)
    with django_capture_on_commit_callbacks(execute=True):
        actions.change_feed(cast.dave, chronological=True)
    times = [clip.published_at for clip in feed.for_you(cast.dave, first.next_cursor).items]
    assert times == sorted(times, reverse=True)


HIDINGS = {
    "an audience": lambda cast, clip: Video.objects.filter(pk=clip).update(audience="only_me"),
    "a removal": lambda cast, clip: Video.objects.filter(pk=clip).update(state="removed"),
    "a block": lambda cast, clip: Block.objects.create(
        blocker_id=Video.objects.get(pk=clip).author_id, blocked=cast.dave
    ),
    "a mute": lambda cast, clip: Mute.objects.create(
        muter=cast.dave, muted_id=Video.objects.get(pk=clip).author_id
    ),
}


@pytest.mark.engines
@pytest.mark.parametrize("how", HIDINGS)
def test_what_is_hidden_meanwhile_does_not_come(cast, network, how):
    first = feed.for_you(cast.dave)
    clip = kept(cast.dave, first).pages[0][3][0]
    HIDINGS[how](cast, clip)
    second = feed.for_you(cast.dave, first.next_cursor)
    assert clip not in ids(second)
    assert len(second.items) == 20


def test_when_too_much_is_hidden_the_page_is_composed_anew(cast, network, composed):
    first = feed.for_you(cast.dave)
    gone = [entry[0] for entry in kept(cast.dave, first).pages[0]]
    Video.objects.filter(pk__in=gone).update(audience="only_me")
    second = feed.for_you(cast.dave, first.next_cursor)
    assert not {*gone, *ids(first)} & set(ids(second))
    assert len(second.items) == 20
    assert len(composed) == 2


def test_what_was_watched_elsewhere_meanwhile_is_left_out(cast, network, composed):
    first = feed.for_you(cast.dave)
    clip = kept(cast.dave, first).pages[0][0][0]
    now = timezone.now()
    Watch.objects.create(person=cast.dave, video_id=clip, watched_ms=1, viewings=1, first_at=now, last_at=now)
    online.note({(cast.dave.pk, clip): (1000, 1, 1, now.timestamp())})
    second = feed.for_you(cast.dave, first.next_cursor)
    assert clip not in ids(second)
    assert len(composed) == 1


def test_the_same_cursor_gives_the_same_page(cast, network, composed):
    first = feed.for_you(cast.dave)
    second = feed.for_you(cast.dave, first.next_cursor)
    third = feed.for_you(cast.dave, second.next_cursor)
    again = feed.for_you(cast.dave, first.next_cursor)
    assert (ids(again), again.next_cursor) == (ids(second), second.next_cursor)
    assert ids(feed.for_you(cast.dave, second.next_cursor)) == ids(third)


def test_nothing_is_composed_ahead_for_whom_little_is_known(cast, network, composed, monkeypatch):
    monkeypatch.setattr(ahead, "SETTLED", 60)
    first = feed.for_you(cast.dave)
    feed.for_you(cast.dave, first.next_cursor)
    assert len(composed) == 2


def test_what_was_composed_long_ago_is_composed_anew(cast, network, composed, monkeypatch):
    first = feed.for_you(cast.dave)
    monkeypatch.setattr(ahead, "KEPT_SECONDS", 0)
    second = feed.for_you(cast.dave, first.next_cursor)
    assert len(composed) == 2
    assert not set(ids(first)) & set(ids(second))


def test_a_cursor_in_other_hands_brings_nothing_that_was_composed_for_its_owner(cast, network, composed):
    first = feed.for_you(cast.dave)
    feed.for_you(cast.carol, first.next_cursor)
    assert len(composed) == 1  # hers is by time: nobody knows of such a session of hers


def test_why_is_known_of_clips_that_were_composed_ahead(cast, network):
    first = feed.for_you(cast.dave)
    second = feed.for_you(cast.dave, first.next_cursor)
    assert all(session.kept_reasons(cast.dave, clip.pk) for clip in second.items)
