"""Following back many in one reviewed step, tidying up, taking either back; the criteria; engagement pushed down by analytics.

Each follow goes through `following.follow`, with its limits and locks, so a bulk step can do nothing that single ones cannot.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.access import blocked_ids
from privacy.actions import lock_people
from socialapp.lib.errors import Conflict, Invalid, NotFound, TooMany
from socialapp.lib.ids import parse_id
from socialapp.lib.ratelimit import limit

from .. import removals, signals
from ..follow_back import to_follow_back
from ..models import Follow, FollowBackSettings, FollowerScore, User
from .acting import Actor, send, signed_in
from .counting import count_follow
from .following import _remove, follow, unfollow

AT_ONCE = 100
MOST_TOPICS = 20
_UNDO, _UNSUBSCRIBE = "accounts.follow_back.undo", "accounts.follow_back.unsubscribe"
_SETTINGS = FollowBackSettings.objects
DIGEST_HOUR = 9  # UTC, on Mondays
LEASE = timedelta(minutes=5)
TRY_FOR = timedelta(days=3)


# --- Criteria -------------------------------------------------------------------------------------------------


def set_follow_back(actor: Actor, said: Mapping[str, Any]) -> FollowBackSettings:
    """Save the actor's criteria; what is not said stays. Raises Invalid with a sentence for each field that is wrong."""
    actor = signed_in(actor)
    wrong: dict[str, str] = {}
    changes: dict[str, Any] = {}
    for name, most, empty in (
        ("minimum", 1000, 0),
        ("posted_within", 365, None),
        ("most_following", 1_000_000, None),
    ):
        if name in said:
            changes[name] = _number(said[name], most, empty, name, wrong)
    if "topics" in said:
        topics = said["topics"]
        if not isinstance(topics, list) or not all(isinstance(tag, str) and len(tag) <= 60 for tag in topics):
            wrong["topics"] = _("A list of tags.")
        else:
            tags = list(dict.fromkeys(tag.strip().lstrip("#").lower() for tag in topics))
            changes["topics"] = [tag for tag in tags if tag and "\x00" not in tag]
            if len(changes["topics"]) > MOST_TOPICS:
                wrong["topics"] = _("Choose at most %(count)s topics.") % {"count": MOST_TOPICS}
    if "digest" in said:
        if not isinstance(said["digest"], bool):
            wrong["digest"] = _("Yes or no.")
        changes["digest"] = said["digest"]
    if wrong:
        raise Invalid(next(iter(wrong.values())), code="bad_criteria", fields=wrong)
    with transaction.atomic():
        row, _created = _SETTINGS.select_for_update().get_or_create(person=actor)
        for name, value in changes.items():
            setattr(row, name, value)
        row.digest_due_at = (row.digest_due_at or next_digest(row.pk)) if row.digest else None
        row.save()
    return row


def _number(value: Any, most: int, empty: int | None, name: str, wrong: dict[str, str]) -> int | None:
    if value in (None, ""):
        return empty
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:12])
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        wrong[name] = _("A whole number from 0 to %(most)s.") % {"most": most}
        return empty
    return value or empty


# --- Many at once ---------------------------------------------------------------------------------------------


def _chosen(ids: Any) -> list[int]:
    if not isinstance(ids, list) or not all(isinstance(one, (str, int)) for one in ids):
        raise Invalid(
            _("Say whom: a list of ids."), code="bad_people", fields={"people": _("A list of ids.")}
        )
    if len(ids) > AT_ONCE:
        raise Invalid(
            _("Choose at most %(count)s people at a time.") % {"count": AT_ONCE}, code="too_many_chosen"
        )
    # What is no id is passed over, like one of somebody hidden.
    return list(dict.fromkeys(number for one in ids if (number := parse_id(str(one)))))


def follow_many_back(actor: Actor, ids: Any) -> dict[str, Any]:
    """Follow these of the actor's followers back: `{done, left, undo}`, the ids followed now, how many a limit left for later,
    and what `undo` takes for ten minutes. Idempotent: who is followed already, or is not to be suggested, is passed over.

    A transaction a person. Raises Invalid, NotSignedIn; TooMany only when not even the first may be followed now.
    """
    actor = signed_in(actor)
    chosen = _chosen(ids)
    people = {person.pk: person for person in to_follow_back(actor).filter(pk__in=chosen)}
    done: list[int] = []
    waiting = [people[pk] for pk in chosen if pk in people]
    for person in waiting:
        try:
            follow(actor, person)
        except TooMany:
            if not done:
                raise
            break
        except NotFound:  # gone, or a block, since the list was made
            continue
        done.append(person.pk)
    return _outcome(actor, "follow", done, len(waiting))


def unfollow_many(actor: Actor, ids: Any) -> dict[str, Any]:
    """Stop following these: as `follow_many_back`. Nobody is told. `undo` restores the follows as they were for two minutes."""
    actor = signed_in(actor)
    chosen = _chosen(ids)
    limit("tidy_up", actor.pk)
    done: list[int] = []
    for pk in chosen:
        with transaction.atomic():
            lock_people(actor.pk, pk)
            row = _remove(actor.pk, pk)
            removals.forget(actor.pk, pk)
            if row is None:
                continue
            if row.state == Follow.State.ACCEPTED:
                transaction.on_commit(partial(removals.remember, row, removals.TIDIED))
        done.append(pk)
    return _outcome(actor, "unfollow", done, len(done))


def _outcome(actor: User, deed: str, done: list[int], wanted: int) -> dict[str, Any]:
    token = signing.dumps([actor.pk, deed, done], salt=_UNDO, compress=True) if done else ""
    return {"done": [str(pk) for pk in done], "left": wanted - len(done), "undo": token}


def undo_many(actor: Actor, token: Any) -> dict[str, Any]:
    """Take a bulk follow or unfollow back: `{deed, undone}`. Conflict when it is too late, NotFound for a token that is not the
    actor's. Idempotent."""
    actor = signed_in(actor)
    try:
        owner, deed, ids = signing.loads(token if isinstance(token, str) else "", salt=_UNDO, max_age=600)
    except signing.SignatureExpired as error:
        raise Conflict(_("It is too late to take this back."), code="too_late") from error
    except signing.BadSignature as error:
        raise NotFound() from error
    if owner != actor.pk:
        raise NotFound()
    if deed == "follow":
        there = Follow.objects.filter(follower=actor.pk, followed__in=ids).select_related("followed")
        undone = 0
        for row in there:
            unfollow(actor, row.followed)
            undone += 1
        return {"deed": deed, "undone": undone}
    undone = sum(_restore(actor, pk) for pk in ids)
    if ids and not undone and not Follow.objects.filter(follower=actor.pk, followed__in=ids).exists():
        raise Conflict(_("It is too late to take this back."), code="too_late")
    return {"deed": deed, "undone": undone}


def _restore(actor: User, person_id: int) -> bool:
    """A follow as it was before tidying up, in its old place; nobody is told. Not across a block that came between."""
    with transaction.atomic():
        lock_people(actor.pk, person_id)
        there = User.objects.filter(pk=person_id, is_active=True, deactivated_at=None)
        if not there.exclude(pk__in=blocked_ids(actor)).exists():
            return False
        if Follow.objects.filter(follower=actor.pk, followed=person_id).exists():
            return False
        row = removals.recall(actor.pk, person_id, removals.TIDIED)
        if row is None:
            return False
        row.save(force_insert=True)
        count_follow(actor.pk, person_id, 1)
        send(signals.follower_kept, follower_id=actor.pk, followed_id=person_id)
    return True


# --- Engagement, pushed down by analytics -----------------------------------------------------------------------


def set_follower_scores(
    creator_id: int, scores: Mapping[int, Mapping[str, int]], known_since: date | None
) -> None:
    """What each follower made of a creator's clips in twelve weeks ({person: {views, likes, comments, shares, score}}); who is
    not named made nothing of them. Idempotent; one upsert a thousand followers."""
    rows = [
        FollowerScore(creator_id=creator_id, person_id=person, **acts)
        for person, acts in sorted(scores.items())
    ]
    with transaction.atomic():
        old = FollowerScore.objects.filter(creator=creator_id).values_list("person_id", flat=True)
        gone = [person for person in old if person not in scores]
        for start in range(0, len(gone), 500):
            FollowerScore.objects.filter(creator=creator_id, person__in=gone[start : start + 500]).delete()
        FollowerScore.objects.bulk_create(
            rows,
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["creator", "person"],
            update_fields=["views", "likes", "comments", "shares", "score"],
        )
        changes = {"scored_at": timezone.now(), "known_since": known_since}
        _SETTINGS.update_or_create(person_id=creator_id, defaults=changes)


def set_known_since(known_since: date) -> int:
    """Tell everybody who has settings since when engagement is known here; how many rows were behind."""
    behind = _SETTINGS.filter(Q(known_since=None) | ~Q(known_since=known_since))
    return behind.update(known_since=known_since)


# --- The weekly mail --------------------------------------------------------------------------------------------


def next_digest(person_id: int) -> datetime:
    """The next Monday morning (UTC), each person at a minute of their own."""
    now = timezone.now()
    day = now.date() - timedelta(days=now.weekday())
    slot = datetime.combine(day, time(DIGEST_HOUR, person_id % 60), UTC)
    return slot if slot > now else slot + timedelta(days=7)


def claim_follow_back_digests(most: int = 100) -> list[int]:
    """Whose mail is due, leased to the caller. What could not be sent for TRY_FOR waits for the next week."""
    now = timezone.now()
    free = Q(digest_leased_until=None) | Q(digest_leased_until__lte=now)
    rows = _SETTINGS.filter(free, digest=True, digest_due_at__lte=now)
    for person in rows.filter(digest_due_at__lte=now - TRY_FOR).values_list("pk", flat=True)[:most]:
        settle_follow_back_digest(person, sent=False)
    ids = list(rows.order_by("digest_due_at").values_list("pk", flat=True)[:most])
    return [pk for pk in ids if rows.filter(pk=pk).update(digest_leased_until=now + LEASE)]


def settle_follow_back_digest(person_id: int, *, sent: bool) -> None:
    """A mail was sent, or there was nothing to tell: the next one is due next week."""
    changes = {"digest_sent_at": timezone.now()} if sent else {}
    rows = _SETTINGS.filter(pk=person_id, digest=True)
    rows.update(digest_due_at=next_digest(person_id), digest_leased_until=None, **changes)


def follow_back_unsubscribe_token(person_id: int) -> str:
    """What a mail's link carries: it ends this person's weekly mails and is good for nothing else."""
    return signing.dumps(person_id, salt=_UNSUBSCRIBE)


def check_follow_back_token(token: str) -> int:
    """The person a link is for; NotFound for links we did not make."""
    try:
        return int(signing.loads(token, salt=_UNSUBSCRIBE))
    except signing.BadSignature:
        raise NotFound() from None


def unsubscribe_follow_back(token: str) -> None:
    """End a person's weekly mails. Whoever has their mail may, logged in or not (RFC 8058). Idempotent."""
    _SETTINGS.filter(pk=check_follow_back_token(token)).update(
        digest=False, digest_due_at=None, digest_leased_until=None
    )
