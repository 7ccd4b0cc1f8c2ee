"""Exclusive previews: a draft that some may watch before it is out, and that nobody comes upon."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Follow
from privacy import actions as privacy
from privacy.models import BlockedTerm
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound
from videos import access, actions, feed
from videos.models import Preview, Transcode, Video
from videos.search.finding import find

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast, make_video):
    """alice's draft, which bob may watch."""
    clip = make_video(
        cast.alice, state="draft", published_at=None, folder="f" * 24, caption="canary #secrettag"
    )
    Transcode.objects.create(video=clip, state="done", as_draft=True)
    actions.grant_preview(clip, cast.bob.pk)
    return clip


def watches(viewer, clip):
    try:
        return access.get_video(viewer, clip.pk).pk == clip.pk
    except NotFound:
        return False


def test_only_its_receivers_and_its_author_open_it(cast, draft):
    assert [name for name, person in vars(cast).items() if watches(person, draft)] == ["alice", "bob"]
    assert not watches(AnonymousUser(), draft)


def test_its_page_its_api_and_its_files_open_for_the_receiver(cast, draft, api, browser):
    card = api.as_(cast.bob).get(f"/api/v1/videos/{draft.pk}/")
    assert card.status_code == 200
    assert card.json()["playback"]["hls"]
    assert browser.as_(cast.bob).get(draft.get_absolute_url()).status_code == 200
    assert api.as_(cast.carol).get(f"/api/v1/videos/{draft.pk}/").status_code == 404
    assert browser.as_(cast.carol).get(draft.get_absolute_url()).status_code == 404


def test_nobody_comes_upon_it(cast, draft):
    bob = cast.bob
    for rows in (
        access.visible_videos(bob),
        access.videos_of(bob, cast.alice),
        access.findable_videos(bob),
        access.tag_videos(bob, "secrettag"),
    ):
        assert not rows.filter(pk=draft.pk).exists()
    assert draft not in find(bob, "videos", "canary").page.items
    for page in (feed.for_you(bob), feed.following(bob), feed.friends(bob), feed.explore(bob)):
        assert draft not in page.items


def test_the_receiver_likes_and_comments(cast, draft, api):
    bob = api.as_(cast.bob)
    assert bob.post(f"/api/v1/videos/{draft.pk}/like/").status_code == 200
    assert (
        bob.post(f"/api/v1/videos/{draft.pk}/comments/", {"text": "First"}, format="json").status_code == 201
    )
    assert not access.likes_of(cast.bob, cast.bob).exists()
    actions.save(cast.bob, draft)
    assert not access.saves_of(cast.bob).exists()


@pytest.mark.parametrize("what", ["share", "download", "duet", "stitch"])
def test_the_receiver_does_not_carry_it_on(cast, draft, what):
    clip = access.get_video(cast.bob, draft.pk)
    if what == "share":
        with pytest.raises(Forbidden):
            actions.share(cast.bob, clip, "link")
    else:
        assert not getattr(access, f"may_{what}")(cast.bob, clip)


def test_it_is_not_among_what_may_be_passed_on(cast, draft):
    with pytest.raises(NotFound):
        access.get_video(cast.bob, draft.pk, previews=False)


@pytest.mark.parametrize("change", ["unfollow", "pending", "block", "blocked", "deactivated", "held", "gone"])
def test_the_preview_ends_with_what_it_stood_on(cast, draft, change):
    if change == "unfollow":
        Follow.objects.filter(follower=cast.bob).delete()
    elif change == "pending":
        Follow.objects.filter(follower=cast.bob).update(state="pending")
    elif change == "block":
        privacy.block(cast.alice, cast.bob)
    elif change == "blocked":
        privacy.block(cast.bob, cast.alice)
    elif change == "deactivated":
        type(cast.alice).objects.filter(pk=cast.alice.pk).update(deactivated_at=timezone.now())
    elif change == "held":
        Video.objects.filter(pk=draft.pk).update(held_for="term")
    else:
        actions.end_preview(draft.pk, [cast.bob.pk])
    assert not watches(cast.bob, draft)


def test_a_block_that_is_lifted_brings_no_preview_back(cast, draft):
    privacy.block(cast.alice, cast.bob)
    privacy.unblock(cast.alice, cast.bob)
    Follow.objects.create(follower=cast.bob, followed=cast.alice, state="accepted")
    assert not watches(cast.bob, draft)


def test_once_it_is_out_its_audience_says_who_watches(cast, draft):
    Video.objects.filter(pk=draft.pk).update(audience="friends")
    actions.publish_draft(cast.alice, draft)
    assert not watches(cast.bob, draft)
    assert watches(cast.carol, draft)
    assert not Preview.objects.exists()


def test_its_author_may_send_a_finished_draft_only(cast, draft, make_video):
    assert actions.previewable(cast.alice, draft.pk) == draft
    with pytest.raises(NotFound):
        actions.previewable(cast.bob, draft.pk)
    with pytest.raises(Conflict):
        actions.previewable(cast.alice, make_video(cast.alice).pk)
    raw = make_video(cast.alice, state="draft", published_at=None, playlist="")
    with pytest.raises(Invalid):
        actions.previewable(cast.alice, raw.pk)


def test_a_preview_is_no_way_around_the_rules_of_the_site(cast, draft):
    BlockedTerm.objects.create(term="canary", folded="canary", act="hold")
    with pytest.raises(Forbidden) as problem:
        actions.previewable(cast.alice, draft.pk)
    assert problem.value.code == "held"


def test_the_gate_for_one_address_costs_one_query(cast, draft, django_assert_num_queries):
    with django_assert_num_queries(1):  # clip, author, settings and sound together
        access.get_video(cast.bob, draft.pk)
