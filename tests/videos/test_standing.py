"""Which comments stand for whom when they are met away from their clip, as in notifications: check by check."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from privacy.models import Block
from videos import access
from videos.models import Comment

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


@pytest.fixture
def say(cast, make_video):
    clip = make_video(cast.alice)

    def say(author, **fields):
        return Comment.objects.create(video=clip, author=author, text="x", **fields)

    return say


def stands(viewer, comment):
    return Comment.objects.filter(access.standing(viewer), pk=comment.pk).exists()


def those(cast, comment):
    """For whom the comment stands, by name."""
    everybody = {
        "alice": cast.alice,
        "bob": cast.bob,
        "carol": cast.carol,
        "dave": cast.dave,
        "nobody": NOBODY,
    }
    return {name for name, viewer in everybody.items() if stands(viewer, comment)}


EVERYBODY = {"alice", "bob", "carol", "dave", "nobody"}


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({}, EVERYBODY),
        ({"held_for": "approval"}, {"alice", "dave"}),
        ({"hidden_at": timezone.now()}, {"alice", "dave"}),
        ({"held_for": "site"}, {"dave"}),
        ({"removed_at": timezone.now()}, set()),
    ],
)
def test_a_comment_and_what_answers_it_stand_by_its_state(cast, say, state, told):
    comment = say(cast.dave, **state)
    assert those(cast, comment) == told
    assert those(cast, say(cast.carol, parent=comment)) == told


@pytest.mark.parametrize("state", [{"held_for": "approval"}, {"hidden_at": timezone.now()}])
def test_an_answer_that_waits_stands_for_two_though_what_it_answers_stands_for_all(cast, say, state):
    assert those(cast, say(cast.dave, parent=say(cast.carol), **state)) == {"alice", "dave"}


@pytest.mark.parametrize("gone", [{"is_active": False}, {"deactivated_at": timezone.now()}])
def test_a_comment_of_who_is_away_stands_for_nobody(cast, say, gone):
    comment = say(cast.dave)
    answer = say(cast.carol, parent=comment)
    User.objects.filter(pk=cast.dave.pk).update(**gone)
    assert those(cast, comment) == those(cast, answer) == set()


@pytest.mark.parametrize("blocker", ["carol", "dave"])
def test_a_block_between_viewer_and_writer_takes_it_from_the_viewer(cast, say, blocker):
    comment = say(cast.dave)
    answer = say(cast.bob, parent=comment)
    blocked = "dave" if blocker == "carol" else "carol"
    Block.objects.create(blocker=getattr(cast, blocker), blocked=getattr(cast, blocked))
    assert those(cast, comment) == those(cast, answer) == EVERYBODY - {"carol"}


@pytest.mark.parametrize("blocker", ["alice", "dave"])
def test_a_block_between_writer_and_clips_author_takes_it_from_all(cast, say, blocker):
    comment = say(cast.dave)
    answer = say(cast.bob, parent=comment)
    blocked = "dave" if blocker == "alice" else "alice"
    Block.objects.create(blocker=getattr(cast, blocker), blocked=getattr(cast, blocked))
    assert those(cast, comment) == those(cast, answer) == set()


def test_what_answers_nothing_stands_by_itself(cast, say):
    Block.objects.create(blocker=cast.carol, blocked=cast.dave)
    assert those(cast, say(cast.bob)) == EVERYBODY
