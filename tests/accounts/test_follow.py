"""Following: who may, what it answers, what it counts, what it tells the rooms above."""

import threading
from contextlib import suppress

import pytest
from django.db import connection

from accounts import access, actions, signals
from accounts.models import Follow, User
from privacy.actions import block, update_privacy
from socialapp.lib.errors import Invalid, NotFound, NotSignedIn

URL = "/api/v1/users/{}/follow/"


def counts(person):
    person.refresh_from_db()
    return person.followers_count, person.following_count


@pytest.fixture
def heard():
    """What the signals said, as (signal name, facts)."""
    said, receivers = [], []
    for name in ("followed", "follow_requested", "follow_accepted", "follow_request_gone", "unfollowed"):

        def receive(sender, signal, name=name, **facts):
            said.append((name, facts))

        getattr(signals, name).connect(receive)
        receivers.append((name, receive))
    yield said
    for name, receive in receivers:
        getattr(signals, name).disconnect(receive)


def test_following_a_public_account_is_accepted_at_once(api, cast, heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.as_(cast.dave).post(URL.format("alice"))
    assert (answer.status_code, answer.json()) == (200, {"state": "accepted"})
    assert counts(cast.alice)[0] == 3
    assert counts(cast.dave)[1] == 1
    assert heard == [("followed", {"follower_id": cast.dave.pk, "followed_id": cast.alice.pk})]


def test_following_twice_is_following_once(api, cast, heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for _attempt in range(3):
            assert api.as_(cast.dave).post(URL.format("ALICE")).json() == {"state": "accepted"}
    assert counts(cast.alice)[0] == 3
    assert len(heard) == 1


def test_unfollowing_twice_is_unfollowing_once(api, cast, heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert api.as_(cast.bob).delete(URL.format("alice")).status_code == 204
        assert api.as_(cast.bob).delete(URL.format("alice")).status_code == 204
    assert counts(cast.alice)[0] == 1
    assert heard == [("unfollowed", {"follower_id": cast.bob.pk, "followed_id": cast.alice.pk})]


def test_a_private_account_is_asked(api, cast, heard, django_capture_on_commit_callbacks):
    update_privacy(cast.alice, is_private=True)
    with django_capture_on_commit_callbacks(execute=True):
        assert api.as_(cast.dave).post(URL.format("alice")).json() == {"state": "pending"}
    row = Follow.objects.get(follower=cast.dave)
    assert counts(cast.alice)[0] == 2
    assert heard == [
        ("follow_requested", {"follow_id": row.pk, "follower_id": cast.dave.pk, "followed_id": cast.alice.pk})
    ]
    assert api.as_(cast.dave).get("/api/v1/users/alice/").json()["relation"]["following"] == "pending"


def test_a_request_taken_back_is_gone(api, cast, heard, django_capture_on_commit_callbacks):
    update_privacy(cast.alice, is_private=True)
    with django_capture_on_commit_callbacks(execute=True):
        api.as_(cast.dave).post(URL.format("alice"))
        api.as_(cast.dave).delete(URL.format("alice"))
    assert [name for name, _facts in heard] == ["follow_requested", "follow_request_gone"]
    assert counts(cast.alice)[0] == 2


def test_nobody_follows_themselves(cast):
    with pytest.raises(Invalid):
        actions.follow(cast.alice, cast.alice)


def test_the_anonymous_follow_nobody(api, cast):
    answer = api.post(URL.format("alice"))
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_signed_in"
    from django.contrib.auth.models import AnonymousUser

    with pytest.raises(NotSignedIn):
        actions.follow(AnonymousUser(), cast.alice)


@pytest.mark.parametrize("name", ["mallory", "nobody", "a\x00b", "x" * 300])
def test_somebody_blocked_or_absent_answers_alike(api, cast, name):
    from urllib.parse import quote

    answer = api.as_(cast.alice).post(URL.format(quote(name)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert answer.content == api.as_(cast.mallory).post(URL.format("alice")).content


def test_a_person_who_hid_or_was_suspended_is_not_followed(cast):
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    with pytest.raises(NotFound):
        actions.follow(cast.dave, cast.alice)
    User.objects.filter(pk=cast.alice.pk).update(is_active=True)
    actions.deactivate(cast.alice)
    with pytest.raises(NotFound):
        actions.follow(cast.dave, cast.alice)


def test_following_too_often_is_refused_with_a_wait(api, cast, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "follow": "2/3600"}
    client = api.as_(cast.dave)
    statuses = [client.post(URL.format("alice")).status_code for _attempt in range(3)]
    assert statuses == [200, 200, 429]
    assert int(client.post(URL.format("alice"))["Retry-After"]) > 0


def test_a_follower_can_be_removed_and_may_come_back(api, cast):
    assert api.as_(cast.alice).delete("/api/v1/users/bob/follower/").status_code == 200
    assert counts(cast.alice)[0] == 1
    assert access.ties(cast.bob, [cast.alice])[cast.alice.pk].following == "no"
    assert actions.follow(cast.bob, cast.alice).state == "accepted"


def test_a_block_ends_both_follows_and_an_unblock_restores_nothing(
    cast, heard, django_capture_on_commit_callbacks
):
    from privacy.actions import unblock

    with django_capture_on_commit_callbacks(execute=True):
        block(cast.carol, cast.alice)
    assert not Follow.objects.filter(
        follower__in=[cast.alice, cast.carol], followed__in=[cast.alice, cast.carol]
    )
    assert counts(cast.alice) == (1, 0)
    assert counts(cast.carol) == (0, 0)
    assert sorted(name for name, _facts in heard) == ["unfollowed", "unfollowed"]
    unblock(cast.carol, cast.alice)
    assert counts(cast.alice) == (1, 0)


def test_a_follow_button_works_by_idempotency_key(api, cast):
    client = api.as_(cast.dave)
    answers = [client.post(URL.format("alice"), HTTP_IDEMPOTENCY_KEY="k").json() for _attempt in range(2)]
    assert answers[0] == answers[1] == {"state": "accepted"}


def in_threads(jobs):
    errors = []

    def run(job):
        try:
            job()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_counters_are_exact_after_600_racing_toggles(make_person, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "follow": "100000/1"}
    people = [make_person(name) for name in ("ann", "ben", "cleo")]

    def toggle(actor, others, offset):
        for turn in range(50):
            person = others[turn % 2]
            (actions.follow if (turn + offset) % 3 else actions.unfollow)(actor, person)

    in_threads(
        [
            lambda a=actor, o=[p for p in people if p != actor], n=number: toggle(a, o, n)
            for actor in people
            for number in range(4)
        ]
    )
    for person in people:
        person.refresh_from_db()
        assert person.followers_count == Follow.objects.filter(followed=person, state="accepted").count()
        assert person.following_count == Follow.objects.filter(follower=person, state="accepted").count()


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_no_follow_survives_a_racing_block(make_person, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "follow": "100000/1", "block": "100000/1"}
    from privacy.actions import unblock

    ann, ben = make_person("ann"), make_person("ben")

    def follow_often():
        for _turn in range(10):
            with suppress(NotFound):
                actions.follow(ben, ann)

    for _round in range(10):
        in_threads([follow_often, follow_often, lambda: block(ann, ben)])
        assert not Follow.objects.exists()
        ann.refresh_from_db()
        assert ann.followers_count == 0
        unblock(ann, ben)


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_a_race_of_first_follows_makes_one_row(make_person):
    ann, ben = make_person("ann"), make_person("ben")
    in_threads([lambda: actions.follow(ben, ann)] * 6)
    assert Follow.objects.count() == 1
    ann.refresh_from_db()
    assert ann.followers_count == 1


def test_the_nightly_task_mends_and_says_what(cast, make_person):
    from accounts.tasks import reconcile_counters

    User.objects.filter(pk=cast.alice.pk).update(followers_count=99)
    waiting = Follow.objects.create(follower=cast.dave, followed=cast.bob, state="pending")
    assert reconcile_counters() == {"followers_count": 1, "following_count": 0, "requests_accepted": 1}
    assert counts(cast.alice)[0] == 2
    waiting.refresh_from_db()
    assert waiting.state == "accepted"
    assert reconcile_counters() == {"followers_count": 0, "following_count": 0, "requests_accepted": 0}
