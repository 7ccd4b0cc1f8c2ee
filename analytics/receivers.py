"""What analytics does when another app tells it something. Connected by apps.py.

A figure that cannot be counted is logged and let go: the deed itself is committed and must not look failed.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError

from accounts import signals as people
from videos import signals as videos

from . import actions
from .models import Event

log = logging.getLogger(__name__)


def _counts(handler: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(handler)
    def wrapper(sender: Any, **facts: Any) -> None:
        try:
            handler(**{name: value for name, value in facts.items() if name != "signal"})
        except DatabaseError:
            log.exception("%s not counted: %s", handler.__name__, facts)

    return wrapper


@_counts
def followed_by_invite(video_id: int, creator_id: int, person_id: int, **_facts: Any) -> None:
    actions.follow_by_invite(person_id, creator_id, video_id)


@_counts
def liked(video_id: int, person_id: int | None = None, **_facts: Any) -> None:
    actions.count_for_video(video_id, person_id, likes=1)


@_counts
def unliked(video_id: int, person_id: int | None = None, **_facts: Any) -> None:
    actions.count_for_video(video_id, person_id, likes=-1)


@_counts
def saved(video_id: int, **_facts: Any) -> None:
    actions.count_for_video(video_id, saves=1)


@_counts
def unsaved(video_id: int, **_facts: Any) -> None:
    actions.count_for_video(video_id, saves=-1)


@_counts
def shared(video_id: int, person_id: int | None = None, **_facts: Any) -> None:
    actions.count_for_video(video_id, person_id, shares=1)


@_counts
def commented(comment_id: int, **_facts: Any) -> None:
    actions.count_for_comment(comment_id)


@_counts
def comment_removed(video_id: int, count: int, **_facts: Any) -> None:
    actions.count_for_video(video_id, comments=-count)


@_counts
def comments_shown(video_id: int, count: int, **_facts: Any) -> None:
    actions.count_for_video(video_id, comments=count)


@_counts
def follower_won(followed_id: int, **_facts: Any) -> None:
    actions.count_for_person(followed_id, followers_new=1)


@_counts
def follower_lost(followed_id: int, **_facts: Any) -> None:
    actions.count_for_person(followed_id, followers_lost=1)


@_counts
def invite_opened(video_id: int, creator_id: int, **_facts: Any) -> None:
    actions.note(Event.Kind.INVITE_OPENED, creator_id, video=video_id)


for signal, handler in (
    (videos.video_liked, liked),
    (videos.video_unliked, unliked),
    (videos.video_saved, saved),
    (videos.video_unsaved, unsaved),
    (videos.video_shared, shared),
    (videos.invite_opened, invite_opened),
    (videos.video_commented, commented),
    (videos.comment_removed, comment_removed),
    (videos.comments_shown, comments_shown),
    (people.followed, follower_won),
    (people.follow_accepted, follower_won),
    (people.follower_kept, follower_won),
    (people.unfollowed, follower_lost),
    (videos.invite_accepted, followed_by_invite),
):
    signal.connect(handler, dispatch_uid=f"analytics.{handler.__name__}.{id(signal)}")
