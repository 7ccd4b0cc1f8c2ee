"""The SQL form of who sees whom equals the row form, for random small networks."""

from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import access
from accounts.models import Follow, User
from privacy import rules
from privacy.models import Block
from privacy.rules import Relation

NAMES = ("ann", "ben", "cleo", "dan")
PAIRS = [(a, b) for a, b in product(range(4), repeat=2) if a != b]

networks = st.fixed_dictionaries(
    {
        "follows": st.dictionaries(st.sampled_from(PAIRS), st.sampled_from(["pending", "accepted"])),
        "blocks": st.sets(st.sampled_from(PAIRS), max_size=3),
        "hidden": st.sets(st.integers(0, 3), max_size=2),
        "suspended": st.sets(st.integers(1, 3), max_size=2),
    }
)


def relation_by_hand(network, viewer, person):
    """The relation read off the network itself, in the words of `Relation`."""
    if viewer is None:
        return Relation.ANONYMOUS
    if viewer == person:
        return Relation.SELF
    if {(viewer, person), (person, viewer)} & network["blocks"]:
        return Relation.BLOCKED
    out, back = network["follows"].get((viewer, person)), network["follows"].get((person, viewer))
    if out == "accepted":
        return Relation.FRIEND if back == "accepted" else Relation.FOLLOWER
    if back == "accepted":
        return Relation.FOLLOWED
    return Relation.PENDING if out else Relation.STRANGER


@pytest.mark.engines
class TestVisibilityAgrees(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(networks)
    def test_sql_and_rows_agree(self, network):
        now = timezone.now()
        people = [
            User.objects.create(
                username=name,
                deactivated_at=now if i in network["hidden"] else None,
                is_active=i not in network["suspended"],
            )
            for i, name in enumerate(NAMES)
        ]
        for (a, b), state in network["follows"].items():
            Follow.objects.create(follower=people[a], followed=people[b], state=state)
        Block.objects.bulk_create(Block(blocker=people[a], blocked=people[b]) for a, b in network["blocks"])

        for viewer in (None, 0, 1, 2, 3):
            who = AnonymousUser() if viewer is None else people[viewer]
            by_hand = {i: relation_by_hand(network, viewer, i) for i in range(4)}
            assert access.relations(who, people) == {people[i].pk: by_hand[i] for i in range(4)}

            visible = {p.username for p in access.visible_people(who)}
            assert visible == {
                NAMES[i]
                for i in range(4)
                if i not in network["suspended"]
                and (i not in network["hidden"] or i == viewer)
                and rules.sees("public", by_hand[i], account_private=False)
            }
            for name, ids in (
                ("friend_ids", {Relation.FRIEND}),
                ("followed_ids", {Relation.FRIEND, Relation.FOLLOWER}),
            ):
                expected = {people[i].pk for i in range(4) if by_hand[i] in ids}
                unblocked = set(getattr(access, name)(who)) - set(access.blocked_ids(who))
                assert unblocked == expected
