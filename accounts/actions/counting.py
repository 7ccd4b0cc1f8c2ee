"""The counters of people: changed in the transaction of the row they count, mended at night should one ever be off."""

from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, Value
from django.db.models.functions import Greatest

from privacy.actions import audit, lock_people

from ..models import Follow, User


def count_follow(follower_id: int, followed_id: int, delta: int) -> None:
    add(follower_id, "following_count", delta)
    add(followed_id, "followers_count", delta)


def add(person_id: int, counter: str, delta: int) -> None:
    # Never below nothing: a count that was wrong before must not turn an unfollow into an error.
    User.objects.filter(pk=person_id).update(**{counter: Greatest(F(counter) + delta, Value(0))})


def add_likes(person_id: int, delta: int) -> None:
    """Count likes that a person's clips won or lost; called by videos in the transaction of the like."""
    add(person_id, "likes_count", delta)


def add_videos(person_id: int, delta: int) -> None:
    """Count clips that a person published or took down; called by videos in the transaction of the clip."""
    add(person_id, "videos_count", delta)


def reconcile_counters() -> dict[str, int]:
    """Compare every follow counter with the rows it counts and mend those that differ; how many of each were wrong.

    Reads in one grouped query a counter, then mends each wrong row under its lock with a fresh count, so follows that
    happen meanwhile stay counted.
    """
    mended = {}
    for counter, relation in (("followers_count", "follows_received"), ("following_count", "follows_made")):
        real = Count(relation, filter=Q(**{f"{relation}__state": Follow.State.ACCEPTED}))
        wrong = list(User.objects.annotate(real=real).exclude(real=F(counter)).values_list("pk", flat=True))
        mended[counter] = sum(_mend(person_id, counter, real) for person_id in wrong)
    return mended


def _mend(person_id: int, counter: str, real: Any) -> bool:
    with transaction.atomic():
        lock_people(person_id)
        person = User.objects.annotate(real=real).filter(pk=person_id).first()
        if person is None or getattr(person, counter) == person.real:
            return False
        User.objects.filter(pk=person_id).update(**{counter: person.real})
        audit(
            None,
            "counter.mend",
            "person",
            person_id,
            counter=counter,
            before=getattr(person, counter),
            after=person.real,
        )
        return True
