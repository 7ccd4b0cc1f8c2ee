"""The queue of e-mail digests: a person's NotificationSettings say when theirs is due, and a lease who sends it.

What a digest says is asked and made when it is sent (messaging.digests).
"""

from datetime import UTC, datetime, time, timedelta

from django.core import signing
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from socialapp.lib.errors import NotFound

from ..channels import MESSAGES, Channel, group_on, is_on, zone_of
from ..models import NotificationSettings, Participant

_Digest = NotificationSettings.Digest
HOUR = 9  # of the person's morning
LEASE = timedelta(minutes=5)
# A mail server that was away for longer than this is a matter for whoever runs the site.
TRY_FOR = timedelta(days=3)
BATCH = 500
_LONG_AGO = Value(datetime(2000, 1, 1, tzinfo=UTC))
_UNSUBSCRIBE = "messaging.unsubscribe"


def next_slot(settings: NotificationSettings, now: datetime) -> datetime | None:
    """When a person's next digest goes out: in their morning, every day or on Mondays; None when they want none.

    Within the hour each person has a minute of their own, so that not everybody's mail goes out at once.
    """
    if settings.digest == _Digest.OFF:
        return None
    here = now.astimezone(zone_of(settings))
    slot = datetime.combine(here.date(), time(HOUR, settings.pk % 60), tzinfo=here.tzinfo)
    while slot <= here or (settings.digest == _Digest.WEEKLY and slot.weekday() != 0):
        slot += timedelta(days=1)
    return slot.astimezone(now.tzinfo)


def expect_digest(person_id: int, kind: str) -> None:
    """A notification of this kind was written: the person's next digest has something to tell. One query, rarely two."""
    settings, _created = NotificationSettings.objects.get_or_create(person_id=person_id)
    if settings.digest_due_at is None and is_on(settings, kind, Channel.EMAIL):
        _expect(settings)


def _expect(settings: NotificationSettings) -> bool:
    due = next_slot(settings, timezone.now())
    if due is None:
        return False
    rows = NotificationSettings.objects.filter(pk=settings.pk, digest_due_at=None)
    return bool(rows.update(digest_due_at=due))


def expect_digests_of_messages() -> int:
    """Let those who have unread messages expect a digest; how many. Once per BATCH people one query, and one for each of them.

    Found here every few hours rather than noted with each message: sending one is what has to be quick.
    """
    unread = Participant.objects.filter(
        last_message_at__gt=Coalesce(OuterRef("digest_sent_at"), _LONG_AGO),
        person=OuterRef("pk"),
        state=Participant.State.ACTIVE,
        muted=False,
        archived_at=None,
        last_seq__gt=F("read_seq"),
    )
    rows = NotificationSettings.objects.filter(Exists(unread), digest_due_at=None).exclude(digest=_Digest.OFF)
    found, last = 0, 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        wanted = [row for row in batch if group_on(row.channels, MESSAGES, Channel.EMAIL)]
        found += sum(_expect(row) for row in wanted)
    return found


def claim_digests(limit: int = 100) -> list[int]:
    """The people whose digests are due now, leased to the caller. Those that could not be sent for TRY_FOR are dropped."""
    now = timezone.now()
    free = Q(digest_leased_until=None) | Q(digest_leased_until__lte=now)
    rows = NotificationSettings.objects.filter(free, digest_due_at__lte=now)
    rows.filter(digest_due_at__lte=now - TRY_FOR).update(digest_due_at=None, digest_leased_until=None)
    ids = list(rows.order_by("digest_due_at").values_list("pk", flat=True)[:limit])
    return [pk for pk in ids if rows.filter(pk=pk).update(digest_leased_until=now + LEASE)]


def settle_digest(person_id: int, *, sent: bool) -> None:
    """A digest was sent, or there was nothing to tell: the next notification makes the next one due."""
    changes = {"digest_sent_at": timezone.now()} if sent else {}
    NotificationSettings.objects.filter(pk=person_id).update(
        digest_due_at=None, digest_leased_until=None, **changes
    )


def unsubscribe_token(person_id: int) -> str:
    """What a mail's link carries: it ends this person's digests, is good for nothing else, and never grows old."""
    return signing.dumps(person_id, salt=_UNSUBSCRIBE)


def check_unsubscribe_token(token: str) -> int:
    """The person a link is for; raises NotFound for links we did not make."""
    try:
        person_id = signing.loads(token, salt=_UNSUBSCRIBE)
    except signing.BadSignature:
        raise NotFound() from None
    return int(person_id)


def unsubscribe(token: str) -> None:
    """End a person's digests. Whoever has their mail may, logged in or not (RFC 8058). Idempotent."""
    NotificationSettings.objects.filter(pk=check_unsubscribe_token(token)).update(
        digest=_Digest.OFF, digest_due_at=None, digest_leased_until=None
    )
