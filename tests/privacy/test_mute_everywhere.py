"""Whom one muted, and what moderators limited: not met unasked anywhere, there for who looks for it, unnoticed."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.suggestions import suggestions
from messaging import access as talk
from messaging import delivery, notifying
from privacy import access, actions
from videos import access as clips
from videos import actions as deeds
from videos import feed
from videos.hashtags import apply_tags
from videos.search.finding import find

pytestmark = pytest.mark.django_db


def ids(page):
    return {clip.pk for clip in page.items}


FEEDS = {
    "for you": feed.for_you,
    "following": feed.following,
    "friends": feed.friends,
    "explore": feed.explore,
}


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.carol, caption="sunrise #dawn")


# --- Mute -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FEEDS)
def test_no_feed_shows_the_muted(cast, clip, name):
    assert clip.pk in ids(FEEDS[name](cast.alice))
    actions.mute(cast.alice, cast.carol)
    assert clip.pk not in ids(FEEDS[name](cast.alice))
    actions.unmute(cast.alice, cast.carol)
    assert clip.pk in ids(FEEDS[name](cast.alice))


def test_nobody_else_is_touched_by_a_mute(cast, clip):
    actions.mute(cast.alice, cast.carol)
    assert clip.pk in ids(feed.explore(cast.dave))
    assert not access.muted_ids(cast.carol)
    assert not access.is_muted(cast.carol, cast.alice)
    assert [row.muted for row in access.mutes(cast.alice)] == [cast.carol]
    assert not access.mutes(cast.carol)


def test_who_looks_for_the_muted_finds_them(cast, clip):
    actions.mute(cast.alice, cast.carol)
    assert clips.get_video(cast.alice, clip.pk) == clip
    assert list(clips.videos_of(cast.alice, cast.carol)) == [clip]
    assert [card["id"] for card in find(cast.alice, "videos", "sunrise")[1]] == [str(clip.pk)]


def test_the_muted_are_not_suggested(cast, make_person):
    erin = make_person("erin")
    assert str(erin.pk) in {card["id"] for card in suggestions(cast.alice)}
    actions.mute(cast.alice, erin)
    assert str(erin.pk) not in {card["id"] for card in suggestions(cast.alice)}


def test_comments_of_the_muted_are_left_out_but_under_ones_own_clips(cast, make_video):
    elsewhere, own = make_video(cast.bob), make_video(cast.alice)
    there = deeds.comment(cast.carol, elsewhere, "hello there")
    answer = deeds.comment(cast.dave, elsewhere, "hello", reply_to=there)
    here = deeds.comment(cast.carol, own, "hello here")
    actions.mute(cast.alice, cast.carol)
    assert clips.thread(cast.alice, elsewhere).items == []
    assert clips.thread(cast.dave, elsewhere).items == [there]
    assert clips.thread(cast.dave, elsewhere, parent=str(there.pk)).items == [answer]
    assert clips.thread(cast.alice, own).items == [here]


def test_notifications_of_the_muted_are_neither_made_nor_shown_nor_delivered(cast, make_video):
    clip = make_video(cast.alice)
    notifying.liked(clip.pk, cast.carol.pk)
    notifying.liked(clip.pk, cast.bob.pk)
    (row,) = talk.notifications(cast.alice)
    actions.mute(cast.alice, cast.carol)
    (card,) = talk.notification_cards(cast.alice, [row])
    assert [person["username"] for person in card["people"]] == ["bob"]
    actions.mute(cast.alice, cast.bob)
    assert not talk.notifications(cast.alice).exists()
    assert delivery._notifications([(cast.alice.pk, {"notification": str(row.pk)})]) == [None]
    assert talk.badges(cast.alice)["notifications"] == 0
    other = make_video(cast.alice)
    notifying.liked(other.pk, cast.carol.pk)
    actions.unmute(cast.alice, cast.carol)
    assert [n.video_id for n in talk.notifications(cast.alice)] == [clip.pk]


def test_the_badge_is_told_when_a_mute_begins_and_ends(cast, django_capture_on_commit_callbacks, monkeypatch):
    told = []
    monkeypatch.setattr("messaging.actions.push_badges", told.append)
    with django_capture_on_commit_callbacks(execute=True):
        actions.mute(cast.alice, cast.carol)
        actions.mute(cast.alice, cast.carol)
        actions.unmute(cast.alice, cast.carol)
    assert told == [[cast.alice.pk]] * 2


# --- Limited by a moderator -----------------------------------------------------------------------------------


def limit_clip(clip):
    type(clip).objects.filter(pk=clip.pk).update(is_limited=True)


def limit_author(clip):
    type(clip.author).objects.filter(pk=clip.author_id).update(is_limited=True)


@pytest.mark.parametrize("limit", [limit_clip, limit_author])
@pytest.mark.parametrize("name", ["for you", "explore"])
def test_feeds_suggest_the_limited_to_followers_only(cast, clip, limit, name):
    viewers = {"alice": True, "carol": True, "bob": False, "dave": False}
    limit(clip)
    seen = {who: clip.pk in ids(FEEDS[name](getattr(cast, who))) for who in viewers}
    assert seen == viewers
    assert clip.pk not in ids(FEEDS[name](AnonymousUser()))
    assert clip.pk in ids(feed.following(cast.alice))


@pytest.mark.parametrize("limit", [limit_clip, limit_author])
def test_searches_tags_and_sounds_keep_the_limited_back(cast, clip, limit):
    from videos.models import Sound

    apply_tags(clip)
    sound = Sound.objects.create(title="Waves", owner=cast.carol)
    type(clip).objects.filter(pk=clip.pk).update(sound=sound)

    def met(viewer):
        return {
            "search": clip in find(viewer, "videos", "sunrise").page.items,
            "tag": clip in clips.tag_videos(viewer, "dawn"),
            "tags": bool(clips.suggest_tags(viewer, "daw")),
            "sound": clip in clips.sound_videos(viewer, sound),
        }

    assert set(met(cast.dave).values()) == {True}
    limit(clip)
    assert set(met(cast.dave).values()) == {False}
    assert set(met(AnonymousUser()).values()) == {False}
    assert set(met(cast.alice).values()) == {True}
    assert set(met(cast.carol).values()) == {True}


def test_the_limited_stay_on_their_profile_and_at_their_address(cast, clip):
    limit_clip(clip)
    assert list(clips.videos_of(cast.dave, cast.carol)) == [clip]
    assert clips.get_video(AnonymousUser(), clip.pk) == clip
