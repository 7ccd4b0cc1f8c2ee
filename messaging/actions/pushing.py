"""Pushes to a person's browsers: which browsers there are, what waits to be pushed, and what became of it.

The rows of `Push` are the queue. They say whom and about what, never what is said: that is asked when it is sent
(access/pushing.py). Who sends is messaging/pushing.py.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from redis import RedisError

from accounts.models import User
from accounts.sessions import device
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound
from socialapp.lib.ratelimit import limit
from socialapp.lib.redis import connection

from .. import access, push_service
from ..models import Message, Notification, Participant, Push, PushSubscription
from .ground import ACTIVE, Actor, signed_in

log = logging.getLogger(__name__)

# Long enough for an open page to show it and its person to read it there; then no phone rings. Seconds.
GRACE = timedelta(seconds=4)
LEASE = timedelta(minutes=2)
# What is older than this says nothing any more, and a browser that was off so long has the inbox.
OLDEST = timedelta(days=1)
KEPT = timedelta(days=7)  # finished rows, for pauses and for whoever looks into a complaint
BROWSERS = 20  # of one person; the oldest goes
REFUSALS = 5  # in a row, after which a browser is forgotten
_BACKOFF = (15, 60, 300, 900, 3600, 3600, 7200, 14400)  # seconds to the next try
# A notification that grows ("alice and 12 others") rings once in this time, whatever it grows by.
_PAUSE = {
    Notification.Kind.LIKE: timedelta(hours=1),
    Notification.Kind.FOLLOW: timedelta(hours=1),
}
_PAUSE_ELSE = timedelta(minutes=2)
_WAITING, _SENT, _DROPPED = Push.State.WAITING, Push.State.SENT, Push.State.DROPPED
_NUDGE_KEY = "push:nudge"


# --- Browsers -------------------------------------------------------------------------------------------------


def subscribe_browser(
    actor: Actor, session: str, *, endpoint: str, p256dh: str, auth: str, user_agent: str = ""
) -> tuple[PushSubscription, bool]:
    """Push to this browser for as long as the session lasts; the row, and whether it is new. Idempotent.

    A browser that somebody else used becomes the actor's, which needs its keys. Raises Invalid for addresses of hosts that
    are no known push service, Conflict where the keys are another's.
    """
    me = signed_in(actor)
    if not session:
        raise Forbidden(_("Log in again to do this."), code="no_session")
    if not push_service.allows(endpoint):
        sentence = _("This browser's push service is not known here.")
        raise Invalid(sentence, code="unknown_push_service", fields={"endpoint": sentence})
    if not push_service.keys_fit(p256dh, auth):
        sentence = _("The keys of this browser cannot be used.")
        raise Invalid(sentence, fields={"keys": sentence})
    name = hashlib.sha256(endpoint.encode()).hexdigest()
    said: dict[str, Any] = {"person": me, "session": session, "p256dh": p256dh, "auth": auth, "failures": 0}
    said["browser"] = device(user_agent)[:60]
    for _attempt in range(3):
        try:
            with transaction.atomic():
                row = PushSubscription.objects.select_for_update().filter(endpoint_hash=name).first()
                if row is None:
                    row = PushSubscription.objects.create(endpoint=endpoint, endpoint_hash=name, **said)
                    _forget_oldest(me)
                    return row, True
                if row.person_id != me.pk and (row.p256dh, row.auth) != (p256dh, auth):
                    raise Conflict(_("This browser belongs to another log-in."), code="not_your_browser")
                for field, value in said.items():
                    setattr(row, field, value)
                row.save()
                return row, False
        except IntegrityError:  # another tab was quicker: take its row
            continue
    raise Conflict()


def _forget_oldest(person: User) -> None:
    rows = PushSubscription.objects.filter(person=person).order_by("-pk")
    too_many = list(rows.values_list("pk", flat=True)[BROWSERS:])
    if too_many:
        PushSubscription.objects.filter(pk__in=too_many).delete()


def unsubscribe_browser(actor: Actor, subscription_id: str | int) -> None:
    """Push there no more. NotFound for other people's browsers."""
    access.get_push_subscription(signed_in(actor), subscription_id).delete()


def forget_session(session: str) -> int:
    """A log-in ended, whichever way: its browser is pushed to no more; how many rows went. `session` is its hash."""
    return PushSubscription.objects.filter(session=session).delete()[0]


def forget_ended_sessions(person_id: int) -> int:
    """Forget the browsers of sessions that no longer log this person in: a new password, a shut account. How many."""
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        return 0
    ended = [pk for pk in access.browsers_of(person) if access.living_subscription(person, pk) is None]
    return PushSubscription.objects.filter(pk__in=ended).delete()[0] if ended else 0


def try_push(actor: Actor, session: str) -> push_service.Answer:
    """Push a sentence to the browser of this session, now. NotFound when it did not subscribe, TooMany."""
    me = signed_in(actor)
    row = access.subscription_of_session(me, session)
    if row is None:
        raise NotFound()
    limit("push_test", me.pk)
    body = access.encoded(access.trial_payload(me))
    answer = push_service.hand_over(target(row), body, tag="test", urgent=True)
    note_answer(row.pk, answer)
    return answer


# --- What waits -----------------------------------------------------------------------------------------------


def message_written(message: Message) -> None:
    """Queue a push to everybody else in the conversation who has a browser for it. Inside the transaction that writes, and
    when a moderator releases what was held.

    One row a person and conversation, however much is written meanwhile. One query where nobody has a browser, four where
    somebody has.
    """
    if message.held_for:
        return
    seats = Participant.objects.filter(conversation=message.conversation_id, state=ACTIVE, muted=False)
    listening = PushSubscription.objects.filter(person__in=seats.values("person"))
    people = set(listening.exclude(person=message.sender_id).values_list("person_id", flat=True))
    if not people:
        return
    waiting = Push.objects.filter(person__in=people, conversation=message.conversation_id, state=_WAITING)
    now = timezone.now()
    waiting.update(seq=message.seq, created_at=now)
    Push.objects.bulk_create(
        [
            Push(person_id=pk, conversation_id=message.conversation_id, seq=message.seq, due_at=now + GRACE)
            for pk in sorted(people - set(waiting.values_list("person_id", flat=True)))
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(nudge)


def notified(row: Notification) -> None:
    """Queue a push of a notification that is new or has grown. Inside the transaction that told it. One query where its
    person has no browser."""
    if not PushSubscription.objects.filter(person=row.recipient_id).exists():
        return
    about = Push.objects.filter(person=row.recipient_id, notification=row.pk)
    now = timezone.now()
    if about.filter(state=_WAITING).update(seq=F("seq") + 1, created_at=now):
        return
    due = now + GRACE
    told = about.filter(state=_SENT).aggregate(at=Max("finished_at"))["at"]
    if told is not None:
        due = max(due, told + pause(row.kind))
    Push.objects.bulk_create(
        [Push(person_id=row.recipient_id, notification=row, due_at=due)], ignore_conflicts=True
    )
    transaction.on_commit(nudge)


def pause(kind: str) -> timedelta:
    """How long a notification of this kind stays silent after it rang, whatever it grows by."""
    return _PAUSE.get(Notification.Kind(kind), _PAUSE_ELSE)


def nudge(seconds: float = GRACE.total_seconds()) -> None:
    """Wake a worker when the grace is over. One nudge at a time is enough: who sends looks for what is due soon."""
    from ..tasks import send_pushes

    try:
        if connection().set(_NUDGE_KEY, 1, nx=True, px=max(100, round(seconds * 1000))):
            send_pushes.apply_async(countdown=seconds, expires=seconds + 60)
    except Exception as error:  # whatever the broker's client raises: the row is the queue
        log.warning("nobody was nudged for a push: %s", error)


def nudge_is_over() -> None:
    """The nudged one is at work: what is written from now on nudges again."""
    try:
        connection().delete(_NUDGE_KEY)
    except RedisError as error:
        log.warning("the nudge was not taken back: %s", error)


# --- What a worker does ---------------------------------------------------------------------------------------


def _claimable(now: datetime) -> Q:
    return Q(state=_WAITING, due_at__lte=now) & (Q(leased_until=None) | Q(leased_until__lt=now))


def claim_push() -> Push | None:
    """Take the push that is due longest, or None. Safe against any number of workers: a conditional UPDATE decides."""
    for _attempt in range(20):
        now = timezone.now()
        row = Push.objects.filter(_claimable(now)).order_by("due_at").first()
        if row is None:
            return None
        until = now + LEASE
        same = Q(pk=row.pk, leased_until=row.leased_until, attempts=row.attempts)
        if Push.objects.filter(_claimable(now), same).update(leased_until=until, attempts=F("attempts") + 1):
            return (
                Push.objects.filter(pk=row.pk, leased_until=until)
                .select_related("person", "notification")
                .first()
            )
    return None


def next_due() -> datetime | None:
    """When the next push is due that nobody works on; None when none waits. One query."""
    rows = Push.objects.filter(state=_WAITING, leased_until=None)
    return rows.order_by("due_at").values_list("due_at", flat=True).first()


def _held(push: Push) -> QuerySet[Push]:
    return Push.objects.filter(pk=push.pk, state=_WAITING, leased_until=push.leased_until)


def finish_push(push: Push, *, sent: bool) -> None:
    """It is over. What was written while it was under way stays waiting, and is pushed next."""
    state = _SENT if sent else _DROPPED
    if (
        not _held(push)
        .filter(seq=push.seq)
        .update(state=state, finished_at=timezone.now(), leased_until=None)
    ):
        # The row is the next push now: nobody has that yet, and it waits its turn as a new one would.
        kind = push.notification.kind if push.notification is not None else None
        wait = GRACE if kind is None or not sent else pause(kind)
        _held(push).update(due_at=timezone.now() + wait, leased_until=None, attempts=0, reached=[])


def postpone_push(push: Push, until: datetime) -> None:
    """Nobody is to be disturbed now: this try does not count."""
    _held(push).update(due_at=until, leased_until=None, attempts=F("attempts") - 1)


def retry_push(push: Push, seconds: int) -> None:
    """Try the browsers that do not have it again, after at least `seconds`; dropped when it is too old or failed too often."""
    if push.attempts > len(_BACKOFF) or is_too_old(push):
        finish_push(push, sent=bool(push.reached))
        return
    wait = max(seconds, _BACKOFF[push.attempts - 1])
    _held(push).update(due_at=timezone.now() + timedelta(seconds=wait), leased_until=None)


def is_too_old(push: Push) -> bool:
    """Whether the newest of what it is about is too long ago to ring a phone for."""
    return timezone.now() - push.created_at > OLDEST


def note_answer(subscription_id: int, answer: push_service.Answer, push: Push | None = None) -> None:
    """What a push service said about one browser: who has it is not sent it again, who is gone is forgotten.

    So is a browser that refuses REFUSALS times in a row. A service that is away or busy counts against nobody.
    """
    row = PushSubscription.objects.filter(pk=subscription_id)
    match answer.outcome:
        case push_service.Outcome.SENT:
            row.update(last_sent_at=timezone.now(), failures=0)
            if push is not None:
                push.reached = [*push.reached, subscription_id]
                _held(push).update(reached=push.reached)
        case push_service.Outcome.GONE:
            row.delete()
        case push_service.Outcome.REFUSED:
            row.update(failures=F("failures") + 1)
            row.filter(failures__gte=REFUSALS).delete()


def forget_subscription(subscription_id: int) -> None:
    """Push there no more: its session is over. Idempotent."""
    PushSubscription.objects.filter(pk=subscription_id).delete()


def target(row: PushSubscription) -> push_service.Target:
    return push_service.Target(row.endpoint, row.p256dh, row.auth)


def forget_finished_pushes() -> int:
    """Delete what was pushed or dropped long ago; how many rows. A thousand at a time."""
    old = Push.objects.exclude(state=_WAITING).filter(finished_at__lt=timezone.now() - KEPT)
    ids = list(old.values_list("pk", flat=True)[:1000])
    return Push.objects.filter(pk__in=ids).delete()[0] if ids else 0
