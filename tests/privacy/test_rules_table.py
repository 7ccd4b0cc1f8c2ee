"""The rules table: whole, never looser where it should be stricter, and the same in SQL as by row."""

from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import access as people_access
from accounts.models import Follow, User
from messaging.rules import Verdict as Arrives
from messaging.rules import verdict as arrives
from privacy import rules
from privacy.access import privacy_of
from privacy.models import Block, PrivacySettings
from privacy.rules import Audience, Deed, Relation, Verdict, WhoMay, verdict
from socialapp.lib.errors import NotFound
from videos import access
from videos.models import Comment, Like, Video

OTHERS = [relation for relation in Relation if relation != Relation.SELF]
SETTINGS = {deed: Audience if deed in (Deed.SEE, Deed.LIST) else WhoMay for deed in Deed}
CASES = [(deed, value) for deed, values in SETTINGS.items() for value in values]
STRICT = [Verdict.NO, Verdict.HELD, Verdict.REQUEST, Verdict.YES]


# --- The table by itself ----------------------------------------------------------------------------------------


def test_every_deed_knows_every_setting_and_relation():
    rows = {(deed, setting.rstrip("*")) for deed, setting in rules.VERDICTS}
    assert rows == {(deed.value, value.value) for deed, value in CASES}
    assert all(set(row) == set(Relation.values) for row in rules.VERDICTS.values())


@pytest.mark.parametrize(("deed", "value"), CASES)
def test_whoever_is_blocked_gets_nothing_and_one_is_never_shut_out_of_ones_own(deed, value):
    for private, restricted in product((False, True), repeat=2):
        how = {"private": private, "restricted": restricted}
        assert verdict(deed, value, Relation.BLOCKED, **how) == Verdict.NO
        assert verdict(deed, value, Relation.SELF, **how) == Verdict.YES


@pytest.mark.parametrize(("deed", "value"), CASES)
def test_without_an_account_one_only_looks(deed, value):
    looks = deed in (Deed.SEE, Deed.LIST) and value == Audience.PUBLIC
    assert (verdict(deed, value, Relation.ANONYMOUS) == Verdict.YES) == looks
    assert verdict(deed, value, Relation.ANONYMOUS, private=True) == (
        Verdict.NO if deed in (Deed.SEE, Deed.LIST) else verdict(deed, value, Relation.ANONYMOUS)
    )


@pytest.mark.parametrize(("deed", "value"), CASES)
@pytest.mark.parametrize("relation", OTHERS)
def test_a_private_account_and_a_restriction_never_open_anything(deed, value, relation):
    plain = verdict(deed, value, relation)
    assert STRICT.index(verdict(deed, value, relation, private=True)) <= STRICT.index(plain)
    assert STRICT.index(verdict(deed, value, relation, restricted=True)) <= STRICT.index(plain)


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("relation", OTHERS)
def test_a_narrower_setting_never_opens_anything(deed, relation):
    widest_first = (
        list(Audience) if SETTINGS[deed] is Audience else [WhoMay.EVERYONE, WhoMay.FRIENDS, WhoMay.NOBODY]
    )
    found = [STRICT.index(verdict(deed, value, relation)) for value in widest_first]
    assert found == sorted(found, reverse=True)
    if SETTINGS[deed] is WhoMay:
        found = [
            STRICT.index(verdict(deed, value, relation))
            for value in (WhoMay.EVERYONE, WhoMay.FOLLOWING, WhoMay.NOBODY)
        ]
        assert found == sorted(found, reverse=True)


def test_what_a_restriction_makes_of_a_yes():
    found = {
        deed: verdict(deed, next(iter(SETTINGS[deed])), Relation.FRIEND, restricted=True) for deed in Deed
    }
    assert found == dict.fromkeys(Deed, Verdict.YES) | {
        Deed.COMMENT: Verdict.HELD,
        Deed.MESSAGE: Verdict.REQUEST,
        Deed.MENTION: Verdict.NO,
    }


@pytest.mark.parametrize("value", WhoMay)
@pytest.mark.parametrize("relation", OTHERS)
def test_messages_arrive_by_the_table(value, relation):
    words = {Verdict.YES: Arrives.MESSAGE, Verdict.REQUEST: Arrives.REQUEST, Verdict.NO: Arrives.REFUSED}
    assert arrives(value, relation, accepted=False) == words[verdict(Deed.MESSAGE, value, relation)]
    restricted = arrives(value, relation, accepted=True, restricted=True)
    assert restricted in (Arrives.REQUEST, Arrives.REFUSED)
    shut = value == WhoMay.NOBODY or relation in (Relation.BLOCKED, Relation.ANONYMOUS)
    assert arrives(value, relation, accepted=True) == (Arrives.REFUSED if shut else Arrives.MESSAGE)


def test_a_setting_nobody_knows_is_an_error():
    with pytest.raises(KeyError):
        verdict(Deed.SEE, "everyone", Relation.FRIEND)


# --- In SQL and by row ------------------------------------------------------------------------------------------

NAMES = ("ann", "ben", "cleo", "dan")
PAIRS = [(a, b) for a, b in product(range(4), repeat=2) if a != b]
audience = st.sampled_from(Audience.values)
worlds = st.fixed_dictionaries(
    {
        "follows": st.dictionaries(
            st.sampled_from(PAIRS), st.sampled_from(["pending", "accepted"]), max_size=8
        ),
        "blocks": st.sets(st.sampled_from(PAIRS), max_size=2),
        "away": st.sets(st.integers(0, 3), max_size=1),
        "private": st.sets(st.integers(0, 3)),
        "lists": st.lists(st.tuples(audience, audience, audience, audience), min_size=4, max_size=4),
        "clips": st.lists(st.tuples(st.integers(0, 3), audience), min_size=1, max_size=5),
        "marks": st.sets(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=8),
        "held": st.sets(st.integers(0, 7), max_size=3),
    }
)


@pytest.mark.engines
class TestSqlAndRowsAgree(TestCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(worlds)
    def test_in_any_small_world(self, world):
        people, clips = self.build(world)
        for viewer in [AnonymousUser(), *people]:
            if viewer.pk and not viewer.is_visible:
                continue
            visible = {p for p in people if self.meets(viewer, p)}
            assert set(people_access.visible_people(viewer)) == visible
            seen = {clip for clip in clips if access.sees_video(viewer, clip)}
            assert set(access.visible_videos(viewer)) == seen
            for person in visible:
                self.lists_agree(viewer, person, visible)
                self.likes_agree(viewer, person, seen)
            for clip in seen:
                self.comments_agree(viewer, clip)

    def build(self, world):
        now = timezone.now()
        people = [
            User.objects.create(username=name, deactivated_at=now if n in world["away"] else None)
            for n, name in enumerate(NAMES)
        ]
        for n, person in enumerate(people):
            names = ("followers_audience", "following_audience", "friends_audience", "likes_audience")
            wishes = dict(zip(names, world["lists"][n], strict=True))
            PrivacySettings.objects.filter(person=person).update(is_private=n in world["private"], **wishes)
        for (a, b), state in world["follows"].items():
            if not {(a, b), (b, a)} & world["blocks"]:  # a block takes follows along
                Follow.objects.create(follower=people[a], followed=people[b], state=state)
        Block.objects.bulk_create(Block(blocker=people[a], blocked=people[b]) for a, b in world["blocks"])
        made = [
            Video.objects.create(
                author=people[n], audience=who, state="ready", playlist="m", published_at=now
            )
            for n, who in world["clips"]
        ]
        for number, (person, clip) in enumerate(sorted(world["marks"])):
            if clip < len(made):
                Like.objects.create(person=people[person], video=made[clip])
                held = "spam" if number in world["held"] else ""
                Comment.objects.create(author=people[person], video=made[clip], text="x", held_for=held)
        people = list(User.objects.select_related("privacy").order_by("pk"))
        return people, list(access.with_people(Video.objects.all()))

    @staticmethod
    def meets(viewer, person):
        there = person.is_visible or viewer.pk == person.pk
        return there and people_access.relation(viewer, person) != Relation.BLOCKED

    @staticmethod
    def lists_agree(viewer, person, visible):
        accepted = {(f.follower_id, f.followed_id) for f in Follow.objects.filter(state="accepted")}
        names = {p.pk for p in visible}
        by_hand = {
            "followers": {a for a, b in accepted if b == person.pk},
            "following": {b for a, b in accepted if a == person.pk},
            "friends": {b for a, b in accepted if a == person.pk and (b, a) in accepted},
        }
        stands, wishes = people_access.relation(viewer, person), privacy_of(person)
        for which, expected in by_hand.items():
            setting = getattr(wishes, f"{which}_audience")
            opened = rules.lists(setting, stands, account_private=wishes.is_private)
            read, who = (
                getattr(people_access, which),
                "follower_id" if which == "followers" else "followed_id",
            )
            try:
                found = {getattr(row, who) for row in read(viewer, person)}
            except NotFound:
                found = None
            assert found == (expected & names if opened else None)

    @staticmethod
    def likes_agree(viewer, person, seen):
        stands, wishes = people_access.relation(viewer, person), privacy_of(person)
        opened = rules.lists(wishes.likes_audience, stands, account_private=wishes.is_private)
        try:
            found = {row.video for row in access.likes_of(viewer, person)}
        except NotFound:
            found = None
        liked = {like.video for like in Like.objects.filter(person=person).select_related("video")}
        assert found == (liked & seen if opened else None)

    @staticmethod
    def comments_agree(viewer, clip):
        found = set(access.comments_of(viewer, clip))
        by_hand = set()
        for comment in Comment.objects.filter(video=clip).select_related("author"):
            shut = people_access.relation(comment.author, clip.author) == Relation.BLOCKED
            shut |= people_access.relation(viewer, comment.author) == Relation.BLOCKED
            own = viewer.pk in (comment.author_id, clip.author_id)
            if comment.author.is_visible and not shut and (comment.is_shown or own):
                by_hand.add(comment)
        assert found == by_hand
