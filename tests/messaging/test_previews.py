"""Exclusive previews as they travel: the message that brings one, what ends it, who may not pass it on."""

import pytest

from messaging import access, actions
from messaging.models import Message
from privacy import actions as privacy
from socialapp.lib.errors import Conflict, NotFound
from videos import actions as clips
from videos.access import get_video
from videos.models import Preview, Transcode, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast, make_video):
    clip = make_video(cast.alice, state="draft", published_at=None, caption="canary")
    Transcode.objects.create(video=clip, state="done", as_draft=True)
    return clip


@pytest.fixture
def sent(cast, draft):
    """alice's preview, which her friend carol received and her follower bob did not."""
    row = actions.announce(cast.alice, video_id=draft.pk, text="First look", audience="friends", preview=True)
    actions.serve_announcements()
    return row


def watches(person, clip):
    try:
        return bool(get_video(person, clip.pk))
    except NotFound:
        return False


def card_of(person):
    (seat,) = access.conversations(person)
    return access.message_cards(person, access.messages(person, seat))[0]


def test_its_receivers_watch_it_in_the_message_and_at_its_address(cast, draft, sent):
    card = card_of(cast.carol)
    assert card["preview"] is True
    assert card["video"]["id"] == str(draft.pk)
    assert card["video"]["playback"]["hls"]
    assert [name for name, p in vars(cast).items() if watches(p, draft)] == ["alice", "carol"]


def test_published_it_is_an_ordinary_clip_of_its_audience(cast, draft, sent):
    Video.objects.filter(pk=draft.pk).update(audience="only_me")
    clips.publish_draft(cast.alice, draft)
    assert not watches(cast.carol, draft)
    card = card_of(cast.carol)
    assert (card["video"], card["has_video"]) == (None, True)


def test_taking_the_message_back_ends_it(cast, draft, sent):
    actions.unsend(cast.alice, Message.objects.get(announcement=sent).pk)
    assert not watches(cast.carol, draft)


def test_taking_the_whole_announcement_back_ends_it(cast, draft, sent):
    actions.stop_announcement(cast.alice, sent.pk, take_back=True)
    actions.serve_announcements()
    assert not Preview.objects.exists()


def test_a_block_ends_it(cast, draft, sent):
    privacy.block(cast.alice, cast.carol)
    assert not watches(cast.carol, draft)
    assert not Preview.objects.exists()


def test_stopping_leaves_those_who_have_it(cast, draft, sent):
    with pytest.raises(Conflict):
        actions.stop_announcement(cast.alice, sent.pk)
    assert watches(cast.carol, draft)


def test_a_receiver_cannot_send_it_on(cast, draft, sent, talk):
    with pytest.raises(NotFound):
        talk.say(cast.carol, talk("carol", "dave"), "Look", video_id=draft.pk)
    with pytest.raises(NotFound):
        access.get_shareable(cast.carol, draft.pk)


def test_published_while_it_goes_out_the_rest_get_the_clip(cast, draft):
    row = actions.announce(cast.alice, video_id=draft.pk, audience="followers", preview=True)
    clips.publish_draft(cast.alice, draft)
    actions.serve_announcements()
    row.refresh_from_db()
    assert (row.state, row.sent_count) == ("sent", 2)
    assert not Preview.objects.exists()
    assert card_of(cast.bob)["preview"] is False


def test_deleting_the_clip_takes_it_from_everybody(cast, draft, sent):
    clips.delete_video(cast.alice, draft)
    card = card_of(cast.carol)
    assert (card["video"], card["has_video"], card["text"]) == (None, False, "First look")
