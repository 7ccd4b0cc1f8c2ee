"""Every write of privacy: settings, blocks, mutes, reports and the audit log.

Whoever changes how two people stand to each other first locks both with `lock_people`, so a follow, a message and a
block that race come one after the other.
"""

import unicodedata
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialapp.lib.errors import Invalid, NotFound, NotSignedIn
from socialapp.lib.ratelimit import limit

from . import reports
from .models import AuditEntry, Block, Mute, PrivacySettings, Report
from .signals import block_placed, person_blocked, privacy_changed

Actor = AbstractBaseUser | AnonymousUser

CHANGEABLE = frozenset(
    field.name
    for field in PrivacySettings._meta.concrete_fields
    if field.name not in ("person", "changed_at")
)


KEYWORDS = 100  # words that comments are held for
KEYWORD_LENGTH = 60


def lock_people(*person_ids: Any) -> None:
    """Lock these people's rows until the transaction ends, lowest id first so that nobody waits in a circle.

    The lock lets rows that merely refer to them be inserted. One query; on SQLite BEGIN IMMEDIATE did it already.
    """
    people = get_user_model()._default_manager.filter(pk__in=person_ids).order_by("pk")
    list(people.select_for_update(no_key=True).values_list("pk", flat=True))


def _signed_in(actor: Actor) -> None:
    if not actor.is_authenticated:
        raise NotSignedIn()


def audit(actor: Actor | None, verb: str, target_type: str, target_id: Any, **detail: Any) -> None:
    """Write down a deed in the caller's transaction. `detail` must be plain JSON values; None as actor is the system."""
    AuditEntry.objects.create(
        actor_id=actor.pk if actor is not None else None,
        verb=verb,
        target_type=target_type,
        target_id=target_id,
        detail=detail,
    )


def block(actor: Actor, person: AbstractBaseUser) -> None:
    """Shut `person` out, both ways, at once; follows and requests between the two go with it. Idempotent.

    Apps above take part by `block_placed` (inside the transaction) and `person_blocked` (after commit).
    """
    _signed_in(actor)
    if actor.pk == person.pk:
        raise Invalid(_("You cannot block yourself."), code="not_yourself")
    limit("block", actor.pk)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        _row, created = Block.objects.get_or_create(blocker_id=actor.pk, blocked_id=person.pk)
        if created:
            block_placed.send(None, blocker_id=actor.pk, blocked_id=person.pk)
            audit(actor, "block", "person", person.pk)
            ids = {"blocker_id": actor.pk, "blocked_id": person.pk}
            transaction.on_commit(lambda: person_blocked.send(None, **ids))


def unblock(actor: Actor, person: AbstractBaseUser) -> None:
    """Take back one's own block; a block by the other stays. Restores nothing else. Idempotent."""
    _signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk, person.pk)
        deleted, _rows = Block.objects.filter(blocker_id=actor.pk, blocked_id=person.pk).delete()
        if deleted:
            audit(actor, "unblock", "person", person.pk)


def mute(actor: Actor, person: AbstractBaseUser) -> None:
    """Keep `person` out of the actor's feeds and notifications; they do not learn of it. Idempotent."""
    _signed_in(actor)
    if actor.pk == person.pk:
        raise Invalid(_("You cannot mute yourself."), code="not_yourself")
    limit("block", actor.pk)
    Mute.objects.get_or_create(muter_id=actor.pk, muted_id=person.pk)


def unmute(actor: Actor, person: AbstractBaseUser) -> None:
    """Let `person` appear again. Idempotent."""
    _signed_in(actor)
    Mute.objects.filter(muter_id=actor.pk, muted_id=person.pk).delete()


def update_privacy(actor: Actor, **changes: Any) -> PrivacySettings:
    """Change the actor's own settings, all or nothing; raises Invalid with a sentence for each wrong field.

    Locks the person, so a follow that races sees the account either private or public, never in between.
    """
    _signed_in(actor)
    with transaction.atomic():
        lock_people(actor.pk)
        settings, _created = PrivacySettings.objects.get_or_create(person_id=actor.pk)
        before = {name: getattr(settings, name) for name in changes if name in CHANGEABLE}
        _assign(settings, changes)
        really = {name: getattr(settings, name) for name in before if getattr(settings, name) != before[name]}
        if really:
            settings.save(update_fields=[*really, "changed_at"])
            audit(
                actor,
                "privacy.change",
                "person",
                actor.pk,
                before={n: before[n] for n in really},
                after=really,
            )
            transaction.on_commit(lambda: privacy_changed.send(None, person_id=actor.pk, changes=really))
    # The person in memory must not go on showing the old rules.
    actor.privacy = settings  # type: ignore[union-attr]
    return settings


def _assign(settings: PrivacySettings, changes: dict[str, Any]) -> None:
    wrong = {}
    for name, value in changes.items():
        if name not in CHANGEABLE:
            wrong[name] = _("There is no such setting.")
            continue
        if name == "comment_keywords":
            value, problem = _keywords(value)
            if problem:
                wrong[name] = problem
                continue
        try:
            setattr(settings, name, settings._meta.get_field(name).clean(value, settings))  # type: ignore[union-attr]
        except (ValidationError, FieldDoesNotExist):
            wrong[name] = _("Choose one of the values on offer.")
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


def _keywords(value: Any) -> tuple[list[str], str]:
    """The words to hold comments for, each once (whatever its case) and tidy; or why they cannot be used."""
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        return [], _("Give a list of words.")
    words: dict[str, str] = {}
    for word in value:
        seen = "".join(
            sign for sign in word if unicodedata.category(sign) not in ("Cc", "Cf", "Cs") or sign in "\t\n"
        )
        tidy = " ".join(unicodedata.normalize("NFKC", seen).split())
        if tidy:
            words.setdefault(tidy.casefold(), tidy)
    if len(words) > KEYWORDS:
        return [], _("At most %(count)s words fit.") % {"count": KEYWORDS}
    if any(len(word) > KEYWORD_LENGTH for word in words.values()):
        return [], _("A word or phrase is at most %(count)s characters long.") % {"count": KEYWORD_LENGTH}
    return list(words.values()), ""


def report(
    actor: Actor,
    target_type: str,
    target_id: str | int,
    reason: str,
    note: str = "",
    target_person: AbstractBaseUser | None = None,
) -> Report:
    """Tell the moderators about a thing the actor can see; a second report while one is open returns the open one.

    The thing is looked up through `privacy.reports`, so NotFound when the actor cannot see it. `target_person` is used
    only when the thing's own resolver names nobody.
    """
    _signed_in(actor)
    if reason not in Report.Reason.values:
        raise Invalid(_("Choose a reason."), fields={"reason": _("Choose a reason.")})
    note = note.strip().replace("\x00", "")
    if len(note) > 1000:
        raise Invalid(
            _("Keep the note under 1,000 characters."),
            fields={"note": _("Keep the note under 1,000 characters.")},
        )
    limit("report", actor.pk)
    row_id, person = reports.resolve(actor, target_type, str(target_id))
    person = person or target_person
    if person is not None and person.pk == actor.pk:
        raise Invalid(_("This is your own. You can change or delete it."), code="not_yourself")
    with transaction.atomic():
        row, created = Report.objects.get_or_create(
            reporter_id=actor.pk,
            target_type=target_type,
            target_id=row_id,
            state=Report.State.OPEN,
            defaults={"reason": reason, "note": note, "target_person_id": person.pk if person else None},
        )
        if created:
            audit(actor, "report", target_type, row_id, reason=reason)
    return row


def close_report(actor: Actor, row: Report, *, acted: bool) -> bool:
    """Say that a report was acted on, or that there was nothing to do. Idempotent, audited; staff only.

    What is done about the thing itself is the business of the app that owns it.
    """
    if not getattr(actor, "is_staff", False):
        raise NotFound()
    state = Report.State.ACTED if acted else Report.State.DISMISSED
    with transaction.atomic():
        opened = Report.objects.filter(pk=row.pk, state=Report.State.OPEN)
        if not opened.update(state=state, handled_by_id=actor.pk, handled_at=timezone.now()):
            return False
        audit(actor, f"report.{state}", row.target_type, row.target_id, report=row.pk, reason=row.reason)
    return True
