"""Telling the moderators about a thing. What comes of it is decided in deciding.py."""

from collections.abc import Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from socialapp.lib.errors import Invalid
from socialapp.lib.ratelimit import limit

from .. import cases, reports
from ..models import Report
from .ground import Actor, audit, signed_in


def report(
    actor: Actor,
    target_type: str,
    target_id: str | int,
    reason: str,
    note: str = "",
    target_person: AbstractBaseUser | None = None,
    parts: Sequence[str] = (),
) -> Report:
    """Tell the moderators about a thing the actor can see; a second report while one is open returns the open one.

    The thing is looked up through `privacy.reports`, so NotFound when the actor cannot see it. `target_person` is used
    only when the thing's own resolver names nobody. `parts` are ids of what of a larger thing (messages of a conversation)
    is meant; moderators see nothing else of it.
    """
    signed_in(actor)
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
    about = {
        "reporter_id": actor.pk,
        "target_type": target_type,
        "target_id": row_id,
        "state": Report.State.OPEN,
    }
    told = {"reason": reason, "note": note, "target_person_id": person.pk if person else None}
    with transaction.atomic():
        row, created = Report.objects.get_or_create(**about, defaults=told)
        if created:
            # The case comes second, so that a report sent twice at once counts once.
            row.case = cases.open_case(target_type, row_id, person, reason=reason)
            row.save(update_fields=["case"])
            reports.keep_parts(actor, row, str(target_id), list(parts))
            audit(actor, "report", target_type, row_id, reason=reason)
    return row
