"""What erasing a person means for accounts: log-ins, picture, names in the log of failed log-ins, follows, and the row itself."""

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from privacy.actions import audit
from privacy.erasure import BATCH, Leaver, erase_folder, forget_admin_log
from socialapp.lib import realtime
from socialapp.lib.redis import connection

from .actions.following import end_follows_between
from .models import Follow, User
from .sessions import end_sessions


def names_of(person: User) -> frozenset[str]:
    """Every way to name a person, folded: what a form that asks who somebody is may have been told. Three queries."""
    addresses = person.emailaddress_set.values_list("email", flat=True)  # type: ignore[attr-defined]
    former = person.former_usernames.values_list("username", flat=True)
    every = {person.username, person.email, str(person.phone or ""), *addresses, *former}
    return frozenset(name.strip().lower() for name in every if name.strip())


def forget_person(leaver: Leaver) -> None:
    """The last step of an erasure. The row goes at the end, in one transaction with the line in the audit log."""
    end_sessions(leaver.id)
    _forget_log_ins(leaver)
    _forget_follows(leaver)
    erase_folder(f"avatars/{leaver.id}")  # the picture, and any that a crash left beside it
    forget_admin_log(User, [leaver.id])
    with transaction.atomic():
        person = User.objects.select_for_update().filter(pk=leaver.id).first()
        if person is None:
            return
        leaver.alive()
        person.delete()
        audit(None, "erase", "person", leaver.id)
    forget_pushed(leaver.id)


def _forget_log_ins(leaver: Leaver) -> None:
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        known = model.objects.alias(lower=Lower("username"))
        known.filter(lower__in=leaver.names).delete()


def _forget_follows(leaver: Leaver) -> None:
    """Row by row through the action, so that the other side's counters stay exact; a few in each transaction."""
    rows = Follow.objects.filter(Q(follower=leaver.id) | Q(followed=leaver.id)).order_by("pk")
    while True:
        leaver.alive()
        with transaction.atomic():
            pairs = list(rows.values_list("follower_id", "followed_id")[:BATCH])
            for one, other in pairs:
                end_follows_between(one, other)
        if not pairs:
            return


def forget_pushed(person_id: int) -> None:
    """What was pushed to the person's tabs in the last day, kept for those who were away."""
    connection().delete(realtime.log_key(person_id), realtime.seq_key(person_id))
