"""A follower is removed without being told, and a second thought within two minutes puts everything back."""

import pytest

from accounts import actions, removals
from accounts.models import Follow, User
from messaging.models import Notification
from privacy.actions import block, unblock, update_privacy
from socialapp.lib.errors import Conflict, NotFound

pytestmark = pytest.mark.engines


@pytest.fixture
def removed(cast, django_capture_on_commit_callbacks):
    """bob, whom alice just removed; the follow as it stood."""
    row = Follow.objects.get(follower=cast.bob, followed=cast.alice)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.remove_follower(cast.alice, cast.bob)
    return row


def follow_of(follower, followed):
    return Follow.objects.filter(follower=follower, followed=followed).first()


def counts(person):
    person = User.objects.get(pk=person.pk)
    return person.followers_count, person.following_count


def test_an_undo_puts_the_follow_back_where_it_stood(api, cast, removed):
    assert counts(cast.alice) == (1, 1)
    answer = api.as_(cast.alice).post("/api/v1/users/bob/follower/")
    assert (answer.status_code, answer.json()) == (200, {"state": "accepted"})
    row = follow_of(cast.bob, cast.alice)
    assert (row.pk, row.created_at, row.accepted_at) == (removed.pk, removed.created_at, removed.accepted_at)
    assert counts(cast.alice) == (2, 1)
    assert counts(cast.bob) == (0, 1)


def test_the_api_says_how_long_it_can_be_undone(api, cast):
    client = api.as_(cast.alice)
    assert client.delete("/api/v1/users/bob/follower/").json() == {"undo_seconds": removals.SECONDS}
    assert client.delete("/api/v1/users/bob/follower/").json() == {"undo_seconds": 0}


def test_an_undo_needs_no_new_approval_of_a_private_account(cast, removed):
    update_privacy(cast.alice, is_private=True)
    assert actions.keep_follower(cast.alice, cast.bob).state == "accepted"


def test_nobody_is_told_of_either(cast, django_capture_on_commit_callbacks):
    Notification.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_follower(cast.alice, cast.bob)
    with django_capture_on_commit_callbacks(execute=True):
        actions.keep_follower(cast.alice, cast.bob)
    assert not Notification.objects.exists()


def test_a_second_tap_changes_nothing(cast, removed):
    actions.keep_follower(cast.alice, cast.bob)
    actions.keep_follower(cast.alice, cast.bob)
    assert counts(cast.alice) == (2, 1)


def test_nobody_becomes_a_follower_who_was_not_removed(api, cast):
    answer = api.as_(cast.alice).post("/api/v1/users/dave/follower/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_late")
    assert follow_of(cast.dave, cast.alice) is None


def test_it_is_too_late_when_the_moment_has_passed(cast, removed):
    removals.forget(cast.bob.pk, cast.alice.pk)
    with pytest.raises(Conflict):
        actions.keep_follower(cast.alice, cast.bob)


def test_who_left_by_themselves_meanwhile_is_not_brought_back(cast, removed):
    actions.unfollow(cast.bob, cast.alice)
    with pytest.raises(Conflict):
        actions.keep_follower(cast.alice, cast.bob)


def test_a_block_between_ends_the_second_thought(cast, removed):
    block(cast.bob, cast.alice)
    with pytest.raises(NotFound):
        actions.keep_follower(cast.alice, cast.bob)
    unblock(cast.bob, cast.alice)
    with pytest.raises(Conflict):
        actions.keep_follower(cast.alice, cast.bob)


def test_who_asked_again_meanwhile_is_let_in(cast, removed):
    update_privacy(cast.alice, is_private=True)
    assert actions.follow(cast.bob, cast.alice).state == "pending"
    assert actions.keep_follower(cast.alice, cast.bob).state == "accepted"
    assert counts(cast.alice) == (2, 1)


def test_a_removed_request_is_not_kept(cast, django_capture_on_commit_callbacks):
    update_privacy(cast.alice, is_private=True)
    actions.follow(cast.dave, cast.alice)
    with django_capture_on_commit_callbacks(execute=True):
        assert not actions.remove_follower(cast.alice, cast.dave)
    with pytest.raises(Conflict):
        actions.keep_follower(cast.alice, cast.dave)


def test_without_redis_a_removal_works_and_cannot_be_undone(cast, settings, monkeypatch, caplog):
    import redis

    class Away:
        def __getattr__(self, name):
            def refuse(*args, **kwargs):
                raise redis.ConnectionError("away")

            return refuse

    monkeypatch.setattr(removals, "connection", Away)
    removals.remember(Follow(pk=1, follower_id=1, followed_id=2))
    removals.forget(1, 2)
    assert removals.recall(1, 2) is None
    assert "cannot be taken back" in caplog.text
