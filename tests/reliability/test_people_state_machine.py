"""Follow, ask, accept, remove, block, privatise, hide, leave and erase in any order: what must always hold, holds.

A model in Python goes along and says which follows there are and why. PEOPLE_STEPS=10000 runs the full form; the suite a
quick one. After every step:
- the follows are those of the model, and nobody follows a private account who was neither let in nor there before;
- across a block nothing is visible: people, clips, lists, comments, likes, conversations;
- every counter equals what it counts.
"""

import os

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import TestCase, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts import access, actions, leaving
from accounts.models import Deletion, Follow, User
from messaging import access as talk
from messaging import actions as talking
from privacy import actions as privacy
from privacy.models import Block
from socialapp.lib.errors import Conflict, NotFound
from videos import access as clips
from videos import actions as deeds
from videos.models import Comment, Like, Video

STEPS = int(os.environ.get("PEOPLE_STEPS", "0"))
PEOPLE = 4
who = st.integers(0, PEOPLE - 1)
UNLIMITED = dict.fromkeys(
    "follow like comment message message_to_stranger block answer_requests".split(), "1000000000/1"
)


class People(RuleBasedStateMachine):
    steps = 0

    def __init__(self):
        super().__init__()
        self.frame = transaction.atomic()
        self.frame.__enter__()
        self.made = 0
        self.people = []
        self.follows = {}  # (follower, followed) → "pending", or why they follow: "public", "let in", "opened", "kept"
        self.followed_once = set()
        self.blocks, self.private, self.hidden = set(), set(), set()

    def teardown(self):
        transaction.set_rollback(True)
        self.frame.__exit__(None, None, None)

    # --- The world ---

    @initialize()
    def everybody_arrives(self):
        for _number in range(PEOPLE):
            self.people.append(self.arrival())

    def arrival(self):
        self.made += 1
        person = User.objects.create(username=f"person{self.made}")
        clip = Video.objects.create(
            author=person, state="ready", playlist="master.m3u8", cover="c.webp", published_at=timezone.now()
        )
        return {"row": person, "clip": clip}

    def row(self, number):
        return User.objects.select_related("privacy").get(pk=self.people[number]["row"].pk)

    def clip(self, number):
        return self.people[number]["clip"]

    def met(self, one, other):
        """Whether `other` exists for `one`."""
        return one == other or (other not in self.hidden and not {(one, other), (other, one)} & self.blocks)

    def attempt(self, deed, *args, refused=(), **more):
        """Do it as a request would: after commit what follows from it has happened. False when it was refused."""
        People.steps += 1
        try:
            with TestCase.captureOnCommitCallbacks(execute=True):
                deed(*args, **more)
        except refused as refusal:
            note(f"refused: {refusal!r}")
            return False
        return True

    # --- What people do ---

    @rule(a=who, b=who)
    def follow(self, a, b):
        if a == b or a in self.hidden:
            return
        done = self.attempt(actions.follow, self.row(a), self.row(b), refused=NotFound)
        assert done == self.met(a, b)
        if done and self.follows.get((a, b), "pending") == "pending":
            self.follows[a, b] = "pending" if b in self.private else "public"

    @rule(a=who, b=who)
    def unfollow(self, a, b):
        self.attempt(actions.unfollow, self.row(a), self.row(b))
        self.follows.pop((a, b), None)
        self.followed_once.discard((a, b))

    @rule(a=who, b=who)
    def remove_follower(self, a, b):
        self.attempt(actions.remove_follower, self.row(a), self.row(b))
        if self.follows.pop((b, a), "pending") != "pending":
            self.followed_once.add((b, a))

    @rule(a=who, b=who)
    def think_better_of_a_removal(self, a, b):
        if a != b and self.attempt(
            actions.keep_follower, self.row(a), self.row(b), refused=(NotFound, Conflict)
        ):
            assert (b, a) in self.follows or (b, a) in self.followed_once
            self.follows[b, a] = "kept"

    @rule(a=who, b=who, accept=st.booleans())
    def answer(self, a, b, accept):
        waiting = Follow.objects.filter(
            follower=self.people[b]["row"], followed=self.people[a]["row"]
        ).first()
        if waiting is None:
            return
        deed = actions.accept_request if accept else actions.decline_request
        done = self.attempt(deed, self.row(a), waiting.pk, refused=(NotFound, Conflict))
        if done and self.follows[b, a] == "pending":
            self.follows.pop((b, a))
            if accept:
                self.follows[b, a] = "let in"

    @rule(a=who, accept=st.booleans())
    def answer_everybody(self, a, accept):
        self.attempt(actions.answer_requests, self.row(a), None, accept=accept)
        for pair, why in list(self.follows.items()):
            if pair[1] == a and why == "pending" and pair[0] not in self.hidden:
                self.follows.pop(pair)
                if accept:
                    self.follows[pair] = "let in"

    @rule(a=who, other=who)
    def somebody_elses_request_is_not_answered(self, a, other):
        waiting = Follow.objects.exclude(followed=self.people[a]["row"]).filter(state="pending").first()
        if waiting is not None:
            assert not self.attempt(actions.accept_request, self.row(a), waiting.pk, refused=NotFound)

    @rule(a=who, b=who)
    def block(self, a, b):
        if a != b:
            self.attempt(privacy.block, self.row(a), self.row(b))
            self.blocks.add((a, b))
            for pair in ((a, b), (b, a)):
                self.follows.pop(pair, None)
                self.followed_once.discard(pair)

    @rule(a=who, b=who)
    def unblock(self, a, b):
        self.attempt(privacy.unblock, self.row(a), self.row(b))
        self.blocks.discard((a, b))

    @rule(a=who, private=st.booleans())
    def privatise(self, a, private):
        was = a in self.private
        self.attempt(privacy.update_privacy, self.row(a), is_private=private)
        (self.private.add if private else self.private.discard)(a)
        if was and not private:
            for pair, why in self.follows.items():
                if pair[1] == a and why == "pending":
                    self.follows[pair] = "opened"

    @rule(a=who)
    def deactivate(self, a):
        self.attempt(actions.deactivate, self.row(a))
        self.hidden.add(a)

    @rule(a=who)
    def restore(self, a):
        self.attempt(actions.restore, self.row(a))
        self.hidden.discard(a)

    @rule(a=who)
    def leave_for_good(self, a):
        if self.made > 12:
            return  # an erasure costs a hundred times what the rest does
        Deletion.objects.create(person=self.row(a), erase_at=timezone.now())
        self.attempt(leaving.erase_next)
        assert not User.objects.filter(pk=self.people[a]["row"].pk).exists()
        self.people[a] = self.arrival()
        for kept in (self.private, self.hidden):
            kept.discard(a)
        self.blocks = {pair for pair in self.blocks if a not in pair}
        self.follows = {pair: why for pair, why in self.follows.items() if a not in pair}
        self.followed_once = {pair for pair in self.followed_once if a not in pair}

    @rule(a=who, b=who)
    def like_or_not(self, a, b):
        if self.attempt(self._like, a, b, refused=NotFound):
            assert self.met(a, b)

    def _like(self, a, b):
        clip = clips.get_video(self.row(a), self.clip(b).pk)
        deed = (
            deeds.unlike
            if Like.objects.filter(person=self.people[a]["row"], video=clip).exists()
            else deeds.like
        )
        deed(self.row(a), clip)

    @rule(a=who, b=who)
    def comment(self, a, b):
        if a in self.hidden:
            return
        if self.attempt(self._comment, a, b, refused=NotFound):
            assert self.met(a, b)

    def _comment(self, a, b):
        deeds.comment(self.row(a), clips.get_video(self.row(a), self.clip(b).pk), f"remark {People.steps}")

    @rule(a=who, b=who)
    def write(self, a, b):
        if a != b and self.attempt(self._write, a, b, refused=(NotFound, Conflict)):
            assert self.met(a, b)

    def _write(self, a, b):
        room, _new = talking.open_conversation(self.row(a), [self.row(b).username])
        before = talk.get_seat(self.row(a), room.pk)
        if before.last_seq < 3:
            talking.send_message(self.row(a), room.pk, client_id=f"m{People.steps}", text="hello")

    # --- What must hold after each of them ---

    @invariant()
    def the_follows_are_those_that_were_allowed(self):
        number = {one["row"].pk: index for index, one in enumerate(self.people)}
        rows = Follow.objects.values_list("follower_id", "followed_id", "state")
        real = {(number[a], number[b]): state for a, b, state in rows}
        assert real == {
            pair: "pending" if why == "pending" else "accepted" for pair, why in self.follows.items()
        }
        assert Block.objects.count() == len(self.blocks)

    @invariant()
    def what_is_visible_follows_the_rules(self):
        rows = User.objects.select_related("privacy").in_bulk([one["row"].pk for one in self.people])
        for viewer in [None, *range(len(self.people))]:
            row = AnonymousUser() if viewer is None else rows[self.people[viewer]["row"].pk]
            seen = set(clips.visible_videos(row).values_list("author_id", flat=True))
            for author, one in enumerate(self.people):
                let_in = viewer == author or self.follows.get((viewer, author), "pending") != "pending"
                there = self.met(viewer, author)
                assert (one["row"].pk in seen) == (there and (author not in self.private or let_in))
            shut = {b for a, b in self.blocks if a == viewer} | {a for a, b in self.blocks if b == viewer}
            if shut:
                self.nothing_is_visible_across_a_block(row, {self.people[n]["row"].pk for n in shut})

    def nothing_is_visible_across_a_block(self, viewer, shut):
        assert not access.visible_people(viewer).filter(pk__in=shut).exists()
        assert not talk.seats(viewer).filter(conversation__participants__person__in=shut).exists()
        for video in clips.with_people(clips.visible_videos(viewer)):
            assert video.author_id not in shut
            assert not clips.comments_of(viewer, video).filter(author__in=shut).exists()

    @invariant()
    def counters_equal_counts(self):
        follows = list(Follow.objects.filter(state="accepted").values_list("follower", "followed"))
        likes = list(Like.objects.values_list("video", "video__author"))
        shown = Comment.objects.filter(held_for="", hidden_at=None, removed_at=None)
        comments = list(shown.values_list("video", flat=True))
        for pk, followers, following, liked in User.objects.values_list(
            "pk", "followers_count", "following_count", "likes_count"
        ):
            assert followers == sum(followed == pk for _follower, followed in follows)
            assert following == sum(follower == pk for follower, _followed in follows)
            assert liked == sum(author == pk for _video, author in likes)
        for pk, liked, commented in Video.objects.values_list("pk", "likes_count", "comments_count"):
            assert liked == sum(video == pk for video, _author in likes)
            assert commented == comments.count(pk)


def run(examples, steps):
    run_state_machine_as_test(
        People,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


class TestPeople(TestCase):
    def test_any_order_of_deeds_keeps_the_promises(self):
        from django.conf import settings as site

        with override_settings(RATE_LIMITS=site.RATE_LIMITS | UNLIMITED):
            run(8, 25)

    @pytest.mark.skipif(not STEPS, reason="PEOPLE_STEPS=10000 runs the full form")
    def test_the_full_number_of_steps(self):
        from django.conf import settings as site

        People.steps = 0
        with override_settings(RATE_LIMITS=site.RATE_LIMITS | UNLIMITED):
            while People.steps < STEPS:
                run(100, 50)
        print(f"\n{People.steps} steps")


TestPeople.pytestmark = [pytest.mark.engines]
