"""Follows and requests: asked, accepted, declined, ended.

Everything between two people happens with both rows locked (`privacy.actions.lock_people`), so counters are exact and
no follow slips past a block.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.access import blocked_ids, privacy_of
from privacy.actions import lock_people
from socialapp.lib.errors import Conflict, Invalid, NotFound
from socialapp.lib.ids import parse_id
from socialapp.lib.ratelimit import limit

from .. import removals, signals
from ..models import Follow, User
from .acting import Actor, send, signed_in
from .counting import count_follow

_ACCEPTED = Follow.State.ACCEPTED
_PENDING = Follow.State.PENDING

# How many waiting requests one transaction accepts when an account goes public: its locks are held for some tens of ms.
ACCEPT_AT_ONCE = 200
ANSWER_AT_ONCE = 1000  # requests that one bulk answer takes: some seconds of work


def follow(actor: Actor, person: User, *, approved: bool = False) -> Follow:
    """Follow, or ask to when the account is private. Idempotent: an existing follow or request is returned.

    `approved`: the person has said yes already, by an invite of theirs; then a private account is followed at once.

    Raises NotFound when the person has meanwhile blocked, hidden or gone, Invalid for oneself, TooMany.
    """
    actor = signed_in(actor)
    if actor.pk == person.pk:
        raise Invalid(_("You cannot follow yourself."), code="not_yourself")
    limit("follow", actor.pk)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        target = User.objects.select_related("privacy").filter(
            pk=person.pk, is_active=True, deactivated_at=None
        )
        there = target.exclude(pk__in=blocked_ids(actor)).first()
        if there is None:
            raise NotFound()
        state = _PENDING if privacy_of(there).is_private and not approved else _ACCEPTED
        now = timezone.now()
        row, created = Follow.objects.get_or_create(
            follower_id=actor.pk,
            followed_id=there.pk,
            defaults={"state": state, "accepted_at": now if state == _ACCEPTED else None},
        )
        if created and state == _PENDING:
            send(signals.follow_requested, follow_id=row.pk, follower_id=actor.pk, followed_id=there.pk)
        elif created:
            count_follow(actor.pk, there.pk, 1)
            send(signals.followed, follower_id=actor.pk, followed_id=there.pk)
        elif row.state == _PENDING and state == _ACCEPTED:
            _accept(row)
    return row


def unfollow(actor: Actor, person: User) -> None:
    """Stop following, or take a request back. Idempotent."""
    actor = signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        _remove(actor.pk, person.pk)
        # Whoever was removed and now leaves by themselves is not brought back by the other's second thought.
        removals.forget(actor.pk, person.pk)


def remove_follower(actor: Actor, person: User) -> bool:
    """Make `person` no longer follow the actor; they are not told. Whether there was a follow that `keep_follower` restores.

    Idempotent.
    """
    actor = signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        row = _remove(person.pk, actor.pk)
        if row is None or row.state != _ACCEPTED:
            return False
        transaction.on_commit(lambda: removals.remember(row))
    return True


def keep_follower(actor: Actor, person: User) -> Follow:
    """Take a removal back within `removals.SECONDS`: the follow stands as before, in its old place, and nobody is told.

    Conflict when it is too late, or the person ended it themselves; NotFound across a block, or when they are gone.
    """
    actor = signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        there = User.objects.filter(pk=person.pk, is_active=True, deactivated_at=None)
        if not there.exclude(pk__in=blocked_ids(actor)).exists():
            raise NotFound()
        row = Follow.objects.filter(follower=person.pk, followed=actor.pk).first()
        if row is not None:  # they asked again, or a second tap
            if row.state == _PENDING:
                _accept(row)
            return row
        row = removals.recall(person.pk, actor.pk)
        if row is None:
            raise Conflict(_("It is too late to take this back."), code="too_late")
        row.save(force_insert=True)
        count_follow(row.follower_id, row.followed_id, 1)
        send(signals.follower_kept, follower_id=row.follower_id, followed_id=row.followed_id)
    return row


def accept_request(actor: Actor, follow_id: str | int) -> Follow:
    """Accept a request to the actor; one that was accepted already is returned. NotFound for anybody else's."""
    with transaction.atomic():
        row = _lock_request(signed_in(actor), follow_id)
        if row.state == _PENDING:
            _accept(row)
    return row


def decline_request(actor: Actor, follow_id: str | int) -> None:
    """Decline a request to the actor; the other is not told and may ask again. NotFound for anybody else's."""
    with transaction.atomic():
        row = _lock_request(signed_in(actor), follow_id)
        if row.state != _PENDING:
            raise Conflict(
                _("You already accepted this request. Remove the follower instead."), code="accepted"
            )
        _remove(row.follower_id, row.followed_id)


def answer_requests(actor: Actor, follow_ids: Iterable[str | int] | None, *, accept: bool) -> tuple[int, int]:
    """Accept or decline many requests to the actor: these, or the oldest of all with None. (answered, still waiting).

    At most ANSWER_AT_ONCE a call, in transactions of ACCEPT_AT_ONCE. Ids of anybody else's requests, and of requests that
    were answered or taken back meanwhile, are passed over: they and absent ones look alike.
    """
    actor = signed_in(actor)
    limit("answer_requests", actor.pk)
    waiting = Follow.objects.filter(
        followed=actor.pk, state=_PENDING, follower__is_active=True, follower__deactivated_at=None
    )
    if follow_ids is not None:
        chosen = {parse_id(row) if isinstance(row, str) else row for row in follow_ids}
        if len(chosen) > ANSWER_AT_ONCE:
            raise Invalid(
                _("Choose at most %(count)s requests at a time.") % {"count": ANSWER_AT_ONCE},
                code="too_many_chosen",
            )
        waiting = waiting.filter(pk__in=chosen)
    asking = list(waiting.order_by("id").values_list("follower_id", flat=True)[:ANSWER_AT_ONCE])
    answered = 0
    for start in range(0, len(asking), ACCEPT_AT_ONCE):
        batch = asking[start : start + ACCEPT_AT_ONCE]
        with transaction.atomic():
            lock_people(actor.pk, *batch)
            for row in waiting.filter(follower__in=batch).order_by("id"):
                if accept:
                    _accept(row)
                else:
                    _remove(row.follower_id, row.followed_id)
                answered += 1
    return answered, waiting.count()


def accept_waiting(person_id: int) -> int:
    """Accept every request that waits for a person whose account is public; how many there were.

    Called after an account went public and by the nightly task. Its own transactions of ACCEPT_AT_ONCE rows, so an
    interrupted run leaves whole follows and the rest for the next one.
    """
    accepted = 0
    while True:
        waiting = Follow.objects.filter(followed=person_id, state=_PENDING)
        asking = list(waiting.order_by("id").values_list("follower_id", flat=True)[:ACCEPT_AT_ONCE])
        if not asking:
            return accepted
        with transaction.atomic():
            lock_people(person_id, *asking)
            person = User.objects.select_related("privacy").filter(pk=person_id).first()
            if person is None or privacy_of(person).is_private:
                return accepted
            for row in waiting.filter(follower__in=asking):
                _accept(row)
                accepted += 1


def end_follows_between(one_id: int, other_id: int) -> None:
    """Remove follows and requests in both directions; the caller holds the transaction and both locks (a block)."""
    for follower, followed in ((one_id, other_id), (other_id, one_id)):
        _remove(follower, followed)
        removals.forget(follower, followed)


def _lock_request(actor: User, follow_id: str | int) -> Follow:
    row_id = parse_id(follow_id) if isinstance(follow_id, str) else follow_id
    mine = Follow.objects.filter(pk=row_id, followed=actor.pk)
    follower_id = mine.values_list("follower_id", flat=True).first()
    if follower_id is None:
        raise NotFound()
    lock_people(actor.pk, follower_id)
    row = mine.filter(follower__is_active=True, follower__deactivated_at=None).first()
    if row is None:
        raise NotFound()
    return row


def _accept(row: Follow) -> None:
    row.state, row.accepted_at = _ACCEPTED, timezone.now()
    row.save(update_fields=["state", "accepted_at"])
    count_follow(row.follower_id, row.followed_id, 1)
    send(signals.follow_accepted, follow_id=row.pk, follower_id=row.follower_id, followed_id=row.followed_id)


def _remove(follower_id: int, followed_id: int) -> Follow | None:
    row = Follow.objects.filter(follower=follower_id, followed=followed_id).first()
    if row is None:
        return None
    follow_id = row.pk
    Follow.objects.filter(pk=follow_id).delete()
    if row.state == _ACCEPTED:
        count_follow(follower_id, followed_id, -1)
        send(signals.unfollowed, follower_id=follower_id, followed_id=followed_id)
    else:
        send(
            signals.follow_request_gone, follow_id=follow_id, follower_id=follower_id, followed_id=followed_id
        )
    return row


def people_with_waiting_requests() -> list[int]:
    """Public accounts that still have requests: going public was interrupted, the nightly task finishes it."""
    waiting = Follow.objects.filter(state=_PENDING, followed__privacy__is_private=False)
    return list(waiting.values_list("followed_id", flat=True).distinct())
