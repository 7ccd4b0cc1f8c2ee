"""Invites: to what, by whom, shown to whom, used once, followed at once, undone, ended."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.utils import timezone

from accounts import actions as people
from accounts.access import ties
from accounts.models import Follow, User
from privacy import actions as privacy
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, TooMany
from socialapp.lib.redis import connection
from videos import access, actions, signals
from videos.cards_invites import invitation_card, share_url
from videos.models import Channel, Invite, Video

pytestmark = pytest.mark.django_db
ANYONE = AnonymousUser()


@pytest.fixture
def invite(cast, make_video):
    """Make an invite of `inviter` (alice) to a clip of alice's; `private` closes her account first."""

    def make(inviter=None, clip=None, *, private=False, channel="copy", **fields):
        inviter = inviter or cast.alice
        if private:
            privacy.update_privacy(cast.alice, is_private=True)
        clip = clip or make_video(cast.alice)
        contact, _new = inviter.contacts.get_or_create(name="Anna", channel=channel)
        made = actions.create_invite(inviter, clip, contact)
        if fields:
            Invite.objects.filter(pk=made.pk).update(**fields)
        return access.find_invite(made.token)

    return make


def state(viewer, invite, shown=()):
    return access.invitation(viewer, invite.token, shown).state


def follows(person, author):
    return ties(person, [author])[author.pk].following


def later(**ahead):
    return timezone.now() + timedelta(**ahead)


# --- To which clip, by whom -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("private", "audience"), list(access.MAY_INVITE))
def test_the_table_says_who_may_invite_to_what(cast, make_video, private, audience):
    privacy.update_privacy(cast.alice, is_private=private)
    clip = make_video(cast.alice, audience=audience)
    author, others = access.MAY_INVITE[private, audience]
    assert access.may_invite(cast.alice, clip) == author
    assert access.may_invite(cast.carol, clip) == others
    assert not access.may_invite(ANYONE, clip)
    # What others pass on is what everybody sees; what the author opens is what a follower sees.
    assert others == access.sees_video(ANYONE, clip)
    assert author == access.sees_video(cast.bob, clip)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "draft", "published_at": None},
        {"state": "processing", "playlist": ""},
        {"state": "failed"},
        {"state": "removed"},
        {"held_for": "links"},
    ],
)
def test_a_clip_that_is_not_out_takes_no_invites(cast, make_video, fields):
    assert not access.may_invite(cast.alice, make_video(cast.alice, **fields))


def test_refusals_say_why_and_a_hidden_clip_or_contact_is_not_there(cast, make_video):
    contact = actions.add_contact(cast.carol, "Anna", "copy")
    own = actions.add_contact(cast.alice, "Anna", "copy")
    for person, fields, to in (
        (cast.carol, {"audience": "followers"}, contact),
        (cast.alice, {"audience": "only_me"}, own),
        (cast.alice, {"state": "draft", "published_at": None}, own),
    ):
        with pytest.raises(Forbidden, match="cannot_invite"):
            actions.create_invite(person, make_video(cast.alice, **fields), to)
    for person, fields, to in (
        (cast.dave, {"audience": "followers"}, actions.add_contact(cast.dave, "Anna", "copy")),
        (cast.mallory, {}, actions.add_contact(cast.mallory, "Anna", "copy")),
        (cast.carol, {}, own),
    ):
        with pytest.raises(NotFound):
            actions.create_invite(person, make_video(cast.alice, **fields), to)
    with pytest.raises(NotSignedIn):
        actions.create_invite(ANYONE, make_video(cast.alice), own)


def test_one_contact_has_one_open_link_to_a_clip(cast, make_video, invite):
    clip = make_video(cast.alice)
    first = invite(clip=clip)
    assert invite(clip=clip) == first
    assert len(first.token) == 32
    assert first.expires_at - first.created_at == timedelta(days=14)
    assert invite(clip=make_video(cast.alice)) != first
    actions.revoke_invite(cast.alice, first)
    assert invite(clip=clip) != first


def test_twenty_a_day_and_the_refusal_says_when_the_next(cast, make_video, invite, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"invite": "2/86400"}
    assert access.invites_left(cast.alice) == 2
    first = invite()
    invite()
    assert access.invites_left(cast.alice) == 0
    with pytest.raises(TooMany) as refused:
        invite()
    assert 86_000 < refused.value.retry_after <= 86_401
    assert "24" in str(refused.value.message)
    assert invite(clip=first.video) == first  # the open one costs nothing
    Invite.objects.filter(pk=first.pk).update(created_at=later(hours=-25))
    connection().flushdb()  # its count for addresses and bursts is of the same day
    assert access.invites_left(cast.alice) == 1
    invite()


@pytest.mark.parametrize(
    ("channel", "address", "begins"),
    [
        ("whatsapp", "+33612345678", "https://wa.me/33612345678?text=I%20would"),
        ("whatsapp", "", "https://wa.me/?text=I%20would"),
        ("telegram", "", "https://t.me/share/url?url=http%3A%2F%2F"),
        ("messenger", "", "fb-messenger://share/?link=http%3A%2F%2F"),
        ("sms", "+33612345678", "sms:+33612345678?&body=I%20would"),
        ("email", "a+b@example.org", "mailto:a+b@example.org?subject=A%20clip%20for%20you&body=I%20would"),
        ("copy", "", ""),
    ],
)
def test_each_channel_has_a_link_that_opens_it_with_the_invite(invite, channel, address, begins):
    made = invite(channel=channel)
    link = share_url(made, address)
    assert link.startswith(begins)
    assert bool(link) == (made.token in link)
    assert set(Channel.values) == {"whatsapp", "telegram", "messenger", "sms", "email", "copy"}


# --- What its address shows -------------------------------------------------------------------------------------------


def test_a_public_clip_is_shown_to_anybody_who_holds_the_link(cast, invite):
    made = invite()
    for viewer in (ANYONE, cast.dave):
        found = access.invitation(viewer, made.token)
        assert (found.state, found.video) == ("open", made.video)
    assert state(cast.bob, made) == "known"
    assert state(cast.alice, made) == "own"
    with pytest.raises(NotFound):
        access.invitation(ANYONE, "x" * 32)
    with pytest.raises(NotFound):
        access.invitation(ANYONE, "é\x00")


def test_a_private_clip_is_shown_to_the_browser_that_opened_its_invite(cast, invite):
    made = invite(private=True)
    for viewer in (ANYONE, cast.dave):
        found = access.invitation(viewer, made.token)
        assert (found.state, found.video) == ("sealed", None)
        shown = invitation_card(viewer, found)
        assert shown["video"] is None
        assert "A clip" not in str(shown)
    assert actions.open_invite(ANYONE, made.token, whose="192.0.2.1") == made
    found = access.invitation(ANYONE, made.token, (made.pk,))
    assert (found.state, found.video) == ("open", made.video)
    playback = invitation_card(ANYONE, found)["video"]["playback"]
    assert playback["hls"].startswith("/media/")
    # A grant is for one invite: any other link of a private account stays shut.
    assert state(ANYONE, invite(), (made.pk,)) == "sealed"


def test_its_media_addresses_are_the_short_ones(invite, monkeypatch):
    import time

    made = invite(private=True)
    found = access.invitation(ANYONE, made.token, (made.pk,))
    expires = int(invitation_card(ANYONE, found)["video"]["playback"]["hls"].split("/")[2])
    assert expires - time.time() <= 60


def test_a_private_clip_is_opened_by_a_few_browsers_only_and_can_be_followed_all_the_same(
    cast, invite, settings
):
    settings.INVITE_BROWSERS = 2
    made = invite(private=True)
    assert actions.open_invite(ANYONE, made.token)
    assert actions.open_invite(cast.dave, made.token)
    assert state(ANYONE, made) == "full"
    assert actions.open_invite(ANYONE, made.token) is None
    assert state(ANYONE, made, (made.pk,)) == "open"
    actions.accept_invite(cast.dave, made.token)
    assert follows(cast.dave, cast.alice) == "yes"


CLOSING = {
    "expired": lambda cast, made: Invite.objects.filter(pk=made.pk).update(expires_at=later(seconds=-1)),
    "revoked": lambda cast, made: actions.revoke_invite(cast.alice, made),
    "clip removed": lambda cast, made: Video.objects.filter(pk=made.video_id).update(state="removed"),
    "clip for friends now": lambda cast, made: Video.objects.filter(pk=made.video_id).update(
        audience="friends"
    ),
    "clip held": lambda cast, made: Video.objects.filter(pk=made.video_id).update(held_for="links"),
    "author hidden": lambda cast, made: people.deactivate(cast.alice),
    "author suspended": lambda cast, made: User.objects.filter(pk=cast.alice.pk).update(is_active=False),
}


@pytest.mark.parametrize("how", CLOSING)
def test_what_ends_an_invite_ends_the_grant_of_every_browser_at_once(cast, invite, how):
    made = invite(private=True)
    actions.open_invite(ANYONE, made.token)
    assert state(ANYONE, made, (made.pk,)) == "open"
    CLOSING[how](cast, made)
    found = access.invitation(ANYONE, made.token, (made.pk,))
    assert (found.state, found.video) == ("closed", None)
    assert invitation_card(ANYONE, found) == {
        "state": "closed",
        "author": None,
        "inviter": None,
        "video": None,
    }
    with pytest.raises(Conflict, match="invite_closed"):
        actions.accept_invite(cast.dave, made.token)
    assert actions.open_invite(ANYONE, made.token) is None
    assert follows(cast.dave, cast.alice) == "no"


@pytest.mark.parametrize("by", ["author", "inviter", "invited"])
def test_across_a_block_an_invite_is_closed_like_any_other(cast, invite, by):
    made = invite(cast.carol)
    blocker, blocked = {
        "author": (cast.alice, cast.dave),
        "inviter": (cast.carol, cast.dave),
        "invited": (cast.dave, cast.alice),
    }[by]
    privacy.block(blocker, blocked)
    assert state(cast.dave, made, (made.pk,)) == "closed"
    with pytest.raises(Conflict, match="invite_closed"):
        actions.accept_invite(cast.dave, made.token)
    assert follows(cast.dave, cast.alice) == "no"
    assert state(ANYONE, made) == "open"


def test_anothers_invite_ends_when_they_could_not_make_it_any_more(cast, invite):
    made = invite(cast.carol)
    privacy.update_privacy(cast.alice, is_private=True)
    assert state(ANYONE, made) == "closed"
    privacy.update_privacy(cast.alice, is_private=False)
    assert state(ANYONE, made) == "open"
    privacy.block(cast.alice, cast.carol)
    assert state(ANYONE, made) == "closed"


# --- Opened, watched --------------------------------------------------------------------------------------------------


def told(signal, monkeypatch):
    heard = []

    def hear(**facts):
        heard.append({name: value for name, value in facts.items() if name not in ("signal", "sender")})

    signal.connect(hear, weak=False)
    return heard, lambda: signal.disconnect(hear)


def test_opening_and_watching_are_noted_once_and_use_nothing_up(
    cast, invite, monkeypatch, django_capture_on_commit_callbacks
):
    heard, stop = told(signals.invite_opened, monkeypatch)
    made = invite()
    actions.watch_invite(ANYONE, made.token)
    assert Invite.objects.get().viewed_at is None  # nobody opened it
    with django_capture_on_commit_callbacks(execute=True):
        for viewer in (ANYONE, cast.dave, cast.bob):
            actions.open_invite(viewer, made.token)
    stop()
    assert heard == [{"invite_id": made.pk, "video_id": made.video_id, "creator_id": cast.alice.pk}]
    opened = Invite.objects.get().opened_at
    actions.watch_invite(ANYONE, made.token)
    row = Invite.objects.get()
    assert (row.opened_at, row.state) == (opened, "viewed")
    assert state(ANYONE, made) == "open"


def test_ones_own_look_counts_nothing(cast, invite):
    made = invite(cast.carol)
    for viewer in (cast.alice, cast.carol):
        assert actions.open_invite(viewer, made.token) is None
        actions.watch_invite(viewer, made.token)
    assert Invite.objects.get().state == "waiting"


def test_opening_is_limited_by_the_person_or_the_address(cast, invite, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"invite_open": "2/600"}
    made = invite()
    for _time in range(2):
        actions.open_invite(ANYONE, made.token, whose="192.0.2.1")
    with pytest.raises(TooMany):
        actions.open_invite(ANYONE, made.token, whose="192.0.2.1")
    actions.open_invite(ANYONE, made.token, whose="192.0.2.2")
    actions.open_invite(cast.dave, made.token, whose="192.0.2.1")


# --- Used -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("private", [False, True])
def test_accepting_follows_at_once_a_private_account_too(
    cast, invite, private, monkeypatch, django_capture_on_commit_callbacks
):
    heard, stop = told(signals.invite_accepted, monkeypatch)
    made = invite(private=private)
    with django_capture_on_commit_callbacks(execute=True):
        for _again in range(2):
            actions.accept_invite(cast.dave, made.token)
    stop()
    assert follows(cast.dave, cast.alice) == "yes"
    assert User.objects.get(pk=cast.alice.pk).followers_count == 3
    row = Invite.objects.get()
    assert (row.accepted_by, row.state) == (cast.dave, "following")
    assert row.opened_at == row.accepted_at
    assert access.get_video(cast.dave, made.video_id)
    facts = {"invite_id": made.pk, "video_id": made.video_id, "creator_id": cast.alice.pk}
    assert heard == [facts | {"person_id": cast.dave.pk}]
    assert state(cast.dave, made) == "following"


def test_a_request_that_waited_is_accepted_by_the_invite(cast, invite):
    made = invite(private=True)
    assert people.follow(cast.dave, cast.alice).state == "pending"
    actions.accept_invite(cast.dave, made.token)
    assert follows(cast.dave, cast.alice) == "yes"


def test_a_used_link_says_so_to_everybody_alike(cast, invite):
    made = invite(private=True)
    actions.open_invite(ANYONE, made.token)
    actions.accept_invite(cast.dave, made.token)
    for viewer in (ANYONE, cast.bob, cast.carol, cast.mallory, cast.mod, cast.alice):
        found = access.invitation(viewer, made.token, (made.pk,))
        assert (found.state, found.video) == ("used", None)
        if viewer is not ANYONE:
            with pytest.raises(Conflict, match="invite_used"):
                actions.accept_invite(viewer, made.token)
    assert Follow.objects.filter(followed=cast.alice).count() == 3


def test_who_follows_already_and_whose_it_is_use_nothing_up(cast, invite):
    made = invite(cast.carol)
    actions.accept_invite(cast.bob, made.token)
    for person in (cast.alice, cast.carol):
        with pytest.raises(Invalid, match="own_invite"):
            actions.accept_invite(person, made.token)
    assert Invite.objects.get().accepted_at is None
    with pytest.raises(NotSignedIn):
        actions.accept_invite(ANYONE, made.token)


def test_undo_unfollows_and_the_invite_stays_used(cast, invite):
    made = invite(private=True)
    actions.accept_invite(cast.dave, made.token)
    for person in (cast.bob, cast.alice):
        with pytest.raises(NotFound):
            actions.undo_invite(person, made.token)
    for _again in range(2):
        actions.undo_invite(cast.dave, made.token)
    assert follows(cast.dave, cast.alice) == "no"
    assert state(cast.dave, made) == "undone"
    assert state(ANYONE, made) == "used"
    actions.accept_invite(cast.dave, made.token)
    assert follows(cast.dave, cast.alice) == "no"
    with pytest.raises(NotFound):
        access.get_video(cast.dave, made.video_id)


def test_undoing_twice_does_not_undo_a_follow_of_later(cast, invite):
    made = invite()
    actions.accept_invite(cast.dave, made.token)
    actions.undo_invite(cast.dave, made.token)
    people.follow(cast.dave, cast.alice)
    actions.undo_invite(cast.dave, made.token)
    assert follows(cast.dave, cast.alice) == "yes"


def test_a_used_invite_cannot_be_taken_back_and_nobody_ends_anothers(cast, invite):
    made = invite()
    with pytest.raises(NotFound):
        actions.revoke_invite(cast.carol, made)
    for _again in range(2):
        actions.revoke_invite(cast.alice, made)
    other = invite(clip=made.video)
    actions.accept_invite(cast.dave, other.token)
    with pytest.raises(Conflict, match="invite_used"):
        actions.revoke_invite(cast.alice, other)


def test_who_was_erased_leaves_the_invite_used(cast, invite):
    made = invite()
    actions.accept_invite(cast.dave, made.token)
    cast.dave.delete()
    assert state(ANYONE, made) == "used"


def test_a_refused_follow_leaves_the_invite_unused(cast, invite, settings):
    made = invite()
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"follow": "1/3600"}
    people.follow(cast.dave, cast.bob)
    with pytest.raises(TooMany):
        actions.accept_invite(cast.dave, made.token)
    assert Invite.objects.get().accepted_at is None


def test_lists_are_for_whom_they_are_of(cast, invite):
    made = invite(cast.carol)
    assert list(access.invites_of(cast.carol)) == [made]
    assert list(access.invites_to(cast.alice)) == [made]
    assert not access.invites_of(cast.alice)
    assert not access.invites_to(cast.carol)
    assert not access.invites_of(ANYONE)
    assert not access.invites_to(ANYONE)


@pytest.mark.parametrize("viewer", ["anyone", "dave", "bob"])
def test_what_its_page_costs(cast, invite, django_assert_max_num_queries, viewer):
    made = invite(cast.carol)
    person = ANYONE if viewer == "anyone" else getattr(cast, viewer)
    with django_assert_max_num_queries(7):  # invite, block (2 sides), inviter's and viewer's ties, the gate
        access.invitation(person, made.token)


# --- Many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("private", [False, True])
def test_a_hundred_people_at_once_use_one_link_and_exactly_one_gets_it(cast, make_person, invite, private):
    made = invite(private=private)
    crowd = [make_person(f"person{number}") for number in range(100)]
    before = Follow.objects.filter(followed=cast.alice).count()
    barrier = threading.Barrier(len(crowd))
    won, lost, odd = [], [], []

    def use(person):
        try:
            barrier.wait(60)
            actions.accept_invite(person, made.token)
            won.append(person.pk)
        except Conflict as problem:
            lost.append(problem.code)
        except Exception as error:  # what it is fails the test below
            odd.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=use, args=(person,)) for person in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert odd == []
    assert len(won) == 1
    assert lost == ["invite_used"] * 99
    assert Invite.objects.get().accepted_by_id == won[0]
    new = Follow.objects.filter(followed=cast.alice, state="accepted")
    assert new.count() == before + 1
    assert new.filter(follower=won[0]).exists()
    assert User.objects.get(pk=cast.alice.pk).followers_count == before + 1


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_asking_for_one_link_many_times_at_once_makes_one_and_never_more_than_a_day_allows(
    cast, make_video, settings
):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"invite": "3/86400"}
    contact = actions.add_contact(cast.alice, "Anna", "copy")
    clips = [make_video(cast.alice) for _number in range(5)]
    barrier = threading.Barrier(15)

    def ask(number):
        try:
            barrier.wait(30)
            actions.create_invite(cast.alice, clips[number % 5], contact)
        except TooMany:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    made = Invite.objects.values_list("video", flat=True)
    assert len(made) == len(set(made)) == 3


# --- Who is told ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_whoever_invited_is_told_once_and_not_again_when_it_is_undone(cast, invite):
    from messaging.models import Notification

    own, others = invite(), invite(cast.carol)
    actions.accept_invite(cast.dave, own.token)
    actions.accept_invite(cast.mod, others.token)
    told = {(row.recipient.username, row.kind, row.actor.username) for row in Notification.objects.all()}
    assert told == {
        ("alice", "invite_accepted", "dave"),  # and not that dave followed as well
        ("carol", "invite_accepted", "mod"),
        ("alice", "follow", "mod"),
    }
    actions.undo_invite(cast.dave, own.token)
    actions.undo_invite(cast.mod, others.token)
    assert not Notification.objects.exists()
