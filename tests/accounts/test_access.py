"""The gate to people, its single checks one by one: who is there, who stands how, which lists are open, which names lead on."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts import access
from accounts.models import Follow, FormerUsername, User
from privacy import actions as privacy
from privacy.models import Block
from privacy.rules import Relation
from socialapp.lib.errors import NotFound, NotSignedIn

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def away(person, how):
    fields = {"suspended": {"is_active": False}, "hidden": {"deactivated_at": timezone.now()}}[how]
    User.objects.filter(pk=person.pk).update(**fields)


@pytest.mark.parametrize("how", ["suspended", "hidden"])
def test_who_is_away_is_there_for_nobody_else(cast, how):
    away(cast.bob, how)
    for viewer in (NOBODY, cast.alice, cast.dave, cast.mod):
        assert cast.bob not in access.visible_people(viewer)
        with pytest.raises(NotFound):
            access.get_person(viewer, "bob")
        with pytest.raises(NotFound):
            access.get_person_by_id(viewer, cast.bob.pk)
    assert (cast.bob in access.visible_people(cast.bob)) == (how == "hidden")


def test_a_block_parts_two_people_and_nobody_else(cast):
    assert cast.mallory not in access.visible_people(cast.alice)
    assert cast.alice not in access.visible_people(cast.mallory)
    assert cast.mallory in access.visible_people(cast.dave)
    assert cast.mallory in access.visible_people(NOBODY)


def test_a_person_is_found_by_any_case_of_their_name_and_by_id(cast):
    assert access.get_person(cast.bob, "ALICE") == cast.alice
    assert access.get_person_by_id(cast.bob, str(cast.alice.pk)) == cast.alice
    assert access.get_person_by_id(cast.bob, cast.carol.pk) == cast.carol
    for name in ("", "a\x00", "nobody", "alic"):
        with pytest.raises(NotFound):
            access.get_person(cast.bob, name)
    with pytest.raises(NotFound):
        access.get_person_by_id(cast.bob, "1")


def test_many_names_are_looked_up_at_once(cast):
    assert access.people_named(cast.alice, ["BOB", "mallory", "", "x\x00", "nobody"]) == {"bob": cast.bob}
    assert access.people_named(cast.alice, []) == {}


def test_a_former_name_leads_on_for_a_while(cast):
    later, before = timezone.now() + timedelta(days=1), timezone.now() - timedelta(days=1)
    FormerUsername.objects.create(person=cast.alice, username="Alicia", until=later)
    FormerUsername.objects.create(person=cast.alice, username="Ally", until=before)
    FormerUsername.objects.create(person=cast.bob, username="Bobby", until=later)
    assert access.renamed(cast.dave, "ALICIA") == "alice"
    assert access.renamed(cast.dave, "bobby") == "bob"
    for name in ("ally", "alice", "", "a\x00"):
        assert access.renamed(cast.dave, name) is None
    assert access.renamed(cast.mallory, "alicia") is None
    assert [row.username for row in access.former_usernames(cast.alice)] == ["Alicia"]
    assert not access.former_usernames(cast.dave).exists()
    assert not access.former_usernames(NOBODY).exists()


def test_only_the_blocker_still_finds_whom_they_blocked(cast):
    assert access.get_blocked_person(cast.alice, "MALLORY") == cast.mallory
    assert access.get_blocked_person(cast.alice, "bob") == cast.bob
    for viewer, name in (
        (cast.mallory, "alice"),
        (NOBODY, "alice"),
        (cast.alice, "m\x00"),
        (cast.alice, "x"),
    ):
        with pytest.raises(NotFound):
            access.get_blocked_person(viewer, name)


@pytest.fixture
def erin(cast, make_person):
    """Asks to follow alice, who does not follow her."""
    erin = make_person("erin")
    Follow.objects.create(follower=erin, followed=cast.alice, state="pending")
    return erin


def test_ties_in_both_directions(cast, erin):
    people = [cast.alice, cast.bob, cast.carol, cast.dave, cast.mallory, erin]
    assert access.relations(cast.alice, people) == {
        cast.alice.pk: Relation.SELF,
        cast.bob.pk: Relation.FOLLOWED,
        cast.carol.pk: Relation.FRIEND,
        cast.dave.pk: Relation.STRANGER,
        cast.mallory.pk: Relation.BLOCKED,
        erin.pk: Relation.STRANGER,
    }
    back = {
        name: access.relation(getattr(cast, name), cast.alice) for name in ("bob", "carol", "dave", "mallory")
    }
    assert back == {"bob": "follower", "carol": "friend", "dave": "stranger", "mallory": "blocked"}
    assert access.relation(erin, cast.alice) == Relation.PENDING
    assert access.relation(NOBODY, cast.alice) == Relation.ANONYMOUS
    tied = access.ties(cast.alice, [cast.bob, erin, cast.mallory])
    assert (tied[erin.pk].asked_me, tied[cast.bob.pk].asked_me) == (True, False)
    assert (tied[cast.bob.pk].follows_me, tied[erin.pk].follows_me) == (True, False)
    assert tied[cast.mallory.pk].as_dict() == {"following": "no", "follows_me": False, "blocked": True}
    assert access.ties(erin, [cast.alice])[cast.alice.pk].following == "pending"
    assert access.ties(cast.bob, [cast.alice])[cast.alice.pk].following == "yes"
    assert set(access.ties(cast.alice, [cast.bob.pk])) == {cast.bob.pk}


def test_ties_cost_no_look_at_blocks_where_the_gate_was_asked(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert access.ties(cast.alice, [cast.bob], unblocked=True)[cast.bob.pk].relation == Relation.FOLLOWED
    with django_assert_num_queries(0):
        assert access.ties(cast.alice, [cast.alice])[cast.alice.pk].relation == Relation.SELF


def test_ids_of_followed_followers_and_friends(cast, erin):
    def ids(people):
        return {person.pk for person in people}

    Follow.objects.create(follower=cast.alice, followed=cast.dave, state="pending")
    assert set(access.followed_ids(cast.alice)) == ids([cast.carol])
    assert set(access.follower_ids(cast.alice)) == ids([cast.bob, cast.carol])
    assert set(access.friend_ids(cast.alice)) == ids([cast.carol])
    assert set(access.friend_ids(cast.bob)) == set(access.followed_ids(erin)) == set()
    for function in (access.followed_ids, access.follower_ids, access.friend_ids):
        assert not function(NOBODY)


LISTS = {
    "followers": (access.followers, "follower", {"bob", "carol"}),
    "following": (access.following, "followed", {"carol", "frank"}),
    "friends": (access.friends, "followed", {"carol"}),
}


@pytest.mark.parametrize("which", LISTS)
@pytest.mark.parametrize(
    ("audience", "private", "open_to"),
    [
        ("public", False, "anonymous dave bob carol alice"),
        ("public", True, "bob carol alice"),
        ("followers", False, "bob carol alice"),
        ("friends", False, "carol alice"),
        ("only_me", False, "alice"),
    ],
)
def test_each_list_opens_to_its_own_audience(cast, erin, make_person, which, audience, private, open_to):
    Follow.objects.create(follower=cast.alice, followed=cast.bob, state="pending")
    Follow.objects.create(follower=cast.alice, followed=make_person("frank"), state="accepted")
    Follow.objects.create(follower=cast.dave, followed=cast.carol, state="accepted")
    privacy.update_privacy(cast.alice, is_private=private, **{f"{which}_audience": audience})
    read, who, names = LISTS[which]
    for name in ("anonymous", "dave", "bob", "carol", "alice", "mallory"):
        viewer = NOBODY if name == "anonymous" else getattr(cast, name)
        person = User.objects.get(pk=cast.alice.pk)
        if name in open_to.split():
            assert sorted(getattr(row, who).username for row in read(viewer, person)) == sorted(names)
        else:
            with pytest.raises(NotFound):
                read(viewer, person)
        if name != "mallory":
            assert access.profile(viewer, "alice")["lists"][which] == (name in open_to.split())


def test_lists_leave_out_who_is_not_there_for_the_viewer(cast):
    Block.objects.create(blocker=cast.dave, blocked=cast.carol)
    assert {row.follower for row in access.followers(cast.dave, cast.alice)} == {cast.bob}
    assert not access.following(cast.dave, cast.alice).exists()
    assert not access.friends(cast.dave, cast.alice).exists()
    away(cast.bob, "hidden")
    assert {row.follower for row in access.followers(cast.alice, cast.alice)} == {cast.carol}


def test_requests_are_for_who_was_asked(cast, erin):
    Follow.objects.create(follower=cast.mallory, followed=cast.alice, state="pending")
    Follow.objects.create(follower=erin, followed=cast.dave, state="pending")
    assert [row.follower for row in access.follow_requests(cast.alice)] == [erin]
    assert not access.follow_requests(erin).exists()
    assert not access.follow_requests(NOBODY).exists()


def test_a_picture_is_served_by_its_present_name_while_its_person_is_there(cast):
    User.objects.filter(pk=cast.alice.pk).update(avatar=f"avatars/{cast.alice.pk}/a.webp")
    User.objects.filter(pk=cast.bob.pk).update(avatar=f"avatars/{cast.bob.pk}/b.webp")
    for person, name in ((cast.alice, "a.webp"), (cast.bob, "b.webp")):
        assert access.avatar_file(NOBODY, person.pk, name) == f"avatars/{person.pk}/{name}"
        assert access.avatar_url(User.objects.get(pk=person.pk)) == f"/avatars/{person.pk}/{name}"
    assert access.avatar_url(cast.carol) is None
    for person_id, name in (
        (cast.alice.pk, "b.webp"),
        (cast.bob.pk, "a.webp"),
        (2**70, "a.webp"),
        (1, "a.webp"),
    ):
        with pytest.raises(NotFound):
            access.avatar_file(NOBODY, person_id, name)
    away(cast.alice, "hidden")
    with pytest.raises(NotFound):
        access.avatar_file(NOBODY, cast.alice.pk, "a.webp")


def test_a_profile_says_what_is_open(cast):
    privacy.mute(cast.bob, cast.alice)
    privacy.restrict(cast.carol, cast.alice)
    seen = {name: access.profile(getattr(cast, name), "alice") for name in ("bob", "carol", "dave", "alice")}
    assert {name: shown["muted"] for name, shown in seen.items()} == {
        "bob": True,
        "carol": False,
        "dave": False,
        "alice": False,
    }
    assert {name: shown["restricted"] for name, shown in seen.items()} == {
        "bob": False,
        "carol": True,
        "dave": False,
        "alice": False,
    }
    assert {name: shown["can_message"] for name, shown in seen.items()} == {
        "bob": True,
        "carol": True,
        "dave": True,
        "alice": False,
    }
    assert [name for name, shown in seen.items() if shown["is_me"]] == ["alice"]
    privacy.update_privacy(cast.alice, is_private=True, message_audience="nobody")
    seen = {name: access.profile(getattr(cast, name), "alice") for name in ("bob", "dave")}
    assert {name: shown["can_see_clips"] for name, shown in seen.items()} == {"bob": True, "dave": False}
    assert not seen["bob"]["can_message"]
    with pytest.raises(NotFound):
        access.profile(cast.mallory, "alice")


def test_ones_own_profile_is_one_look(cast, django_assert_num_queries):
    with django_assert_num_queries(1):  # nobody mutes, restricts or follows themselves
        shown = access.profile(cast.alice, "alice")
    assert (shown["muted"], shown["restricted"], shown["is_me"]) == (False, False, True)


def test_cards_and_ones_own_account(cast):
    cards = {card["username"]: card for card in access.people_cards(cast.alice, [cast.alice, cast.bob])}
    assert (cards["alice"]["is_me"], cards["bob"]["is_me"]) == (True, False)
    assert cards["bob"]["display_name"] == "bob"
    assert cards["bob"]["avatar"] is None
    cast.bob.emailaddress_set.create(email="BOB@example.com", verified=True)
    cast.bob.emailaddress_set.create(email="other@example.com", verified=True)
    assert access.me(cast.bob)["email_verified"]
    User.objects.filter(pk=cast.bob.pk).update(email="new@example.com")
    assert not access.me(User.objects.get(pk=cast.bob.pk))["email_verified"]
    cast.carol.emailaddress_set.create(email=cast.carol.email, verified=False)
    assert not access.me(cast.carol)["email_verified"]
    assert access.me(cast.bob)["birth_date"] is None
    with pytest.raises(NotSignedIn):
        access.me(NOBODY)
    User.objects.filter(pk=cast.bob.pk).update(birth_date="2000-01-31")
    assert access.me(User.objects.get(pk=cast.bob.pk))["birth_date"] == "2000-01-31"


OF_NOBODY = {
    "followed_ids": lambda: list(access.followed_ids(NOBODY)),
    "follower_ids": lambda: list(access.follower_ids(NOBODY)),
    "former_usernames": lambda: list(access.former_usernames(NOBODY)),
    "follow_requests": lambda: list(access.follow_requests(NOBODY)),
    "people_named": lambda: list(access.people_named(NOBODY, ["", "a\x00"])),
    "renamed": lambda: access.renamed(NOBODY, "a\x00") or access.renamed(NOBODY, "") or [],
    "ties": lambda: list(access.ties(NOBODY, [])),
}


@pytest.mark.parametrize("read", OF_NOBODY)
def test_what_cannot_be_is_not_looked_for(db, read, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert OF_NOBODY[read]() == []


@pytest.mark.parametrize("name", ["", "a\x00"])
def test_what_is_no_name_is_not_looked_for(cast, name, django_assert_num_queries):
    with django_assert_num_queries(0):
        for viewer in (cast.alice, NOBODY):
            for read in (access.get_person, access.get_blocked_person):
                with pytest.raises(NotFound):
                    read(viewer, name) if name or read is access.get_person else read(viewer, "\x00")


@pytest.mark.parametrize("person_id", ["abc", "-1", "9" * 30, ""])
def test_what_is_no_id_is_nobodys(cast, person_id):
    with pytest.raises(NotFound):
        access.get_person_by_id(cast.alice, person_id)


def test_no_tie_is_no_tie(cast):
    tie = access.ties(cast.dave, [cast.alice])[cast.alice.pk]
    assert tie.as_dict() == {"following": "no", "follows_me": False, "blocked": False}
    assert not access.profile(NOBODY, "alice")["muted"]
    assert not access.profile(NOBODY, "alice")["restricted"]
