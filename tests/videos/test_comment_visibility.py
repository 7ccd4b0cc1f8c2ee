"""The SQL form of who reads which comment equals the rule spelled out by hand, for random threads, blocks and absences."""

from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from messaging.access import notifications
from messaging.models import Notification, NotificationActor
from privacy.models import Block, PrivacySettings
from socialapp.lib.errors import NotFound
from videos import access, counters
from videos.models import Comment, Video

CREATOR, PEOPLE = 0, 4
PAIRS = [(a, b) for a, b in product(range(PEOPLE), repeat=2) if a < b]

states = st.sampled_from(["shown", "shown", "held", "hidden", "held and hidden", "removed", "site"])
threads = st.fixed_dictionaries(
    {
        # (author, state, (author, state) of each reply)
        "comments": st.lists(
            st.tuples(
                st.integers(0, PEOPLE - 1),
                states,
                st.lists(st.tuples(st.integers(0, PEOPLE - 1), states), max_size=3),
            ),
            max_size=4,
        ),
        "blocks": st.sets(st.sampled_from(PAIRS), max_size=2),
        "away": st.sets(st.integers(1, PEOPLE - 1), max_size=1),
    }
)


def by_hand(world, viewer, author, state):
    """Whether somebody reads one comment, in the product's words; its parent is asked about apart."""
    if state == "removed" or author in world["away"]:
        return False
    shut_out = {frozenset(pair) for pair in world["blocks"]}
    if frozenset((CREATOR, author)) in shut_out or frozenset((viewer, author)) in shut_out:
        return False
    if state == "site":  # waits for a moderator
        return viewer == author
    return state == "shown" or viewer in (author, CREATOR)


def write(video, people, author, state, parent=None):
    now = timezone.now()
    return Comment.objects.create(
        video=video,
        author=people[author],
        parent=parent,
        text=state,
        held_for="site" if state == "site" else "approval" if "held" in state else "",
        hidden_at=now if "hidden" in state else None,
        removed_at=now if state == "removed" else None,
    )


@pytest.mark.engines
class TestCommentVisibility(TestCase):
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(threads)
    def test_sql_and_the_rule_agree(self, world):
        now = timezone.now()
        people = [
            User.objects.create(username=f"p{n}", deactivated_at=now if n in world["away"] else None)
            for n in range(PEOPLE)
        ]
        assert PrivacySettings.objects.count() == PEOPLE
        video = Video.objects.create(
            author=people[CREATOR], state="ready", playlist="master.m3u8", published_at=now
        )
        Block.objects.bulk_create(Block(blocker=people[a], blocked=people[b]) for a, b in world["blocks"])
        written = []
        for author, state, replies in world["comments"]:
            top = write(video, people, author, state)
            written.append((top, [(author, state)]))
            written += [
                (write(video, people, one, its, top), [(author, state), (one, its)]) for one, its in replies
            ]

        clip = access.with_people(Video.objects.all()).get(pk=video.pk)
        for viewer in (None, *range(PEOPLE)):
            who = AnonymousUser() if viewer is None else people[viewer]
            expected = {
                row.pk for row, line in written if all(by_hand(world, viewer, *link) for link in line)
            }
            assert set(access.comments_of(who, clip).values_list("pk", flat=True)) == expected
            if not access.visible_videos(who).filter(pk=clip.pk).exists():
                continue
            for row, _line in written[-2:]:  # by id; the list above is the same condition
                try:
                    found = access.get_comment(who, row.pk).pk
                except NotFound:
                    found = None
                assert (found == row.pk) is (row.pk in expected)
            pages = access.thread(who, clip, sort="top").items + access.thread(who, clip).items
            assert {row.pk for row in pages} <= expected

        self.nothing_of_it_in_notifications(world, clip, written)
        counters.reconcile()
        everybody = {row.pk for row, line in written if all(state == "shown" for _author, state in line)}
        assert Video.objects.get(pk=clip.pk).comments_count == len(everybody)

    def nothing_of_it_in_notifications(self, world, clip, written):
        """A notification about a comment is there for whom the comment stands, even if it was made before."""
        outsider = User.objects.create(username="outsider")
        for row, _line in written:
            told = Notification.objects.create(
                recipient=outsider,
                kind="mention",
                group_key=str(row.pk),
                video=clip,
                comment=row,
                actor=row.author,
                actors_count=1,
            )
            NotificationActor.objects.create(notification=told, person=row.author, comment=row)
        shown = set(notifications(outsider).values_list("comment_id", flat=True))
        there = {row.pk for row, line in written if all(by_hand(world, None, *link) for link in line)}
        assert shown == there
