"""How a person wants to be told: which groups by which channels, quiet hours, their clock, how often a digest."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialapp.lib.errors import Invalid

from .. import channels as table
from ..models import NotificationSettings
from .digests import next_slot
from .ground import Actor, push_badges, signed_in

FIELDS = ("channels", "quiet_from", "quiet_to", "time_zone", "digest")


@transaction.atomic
def change_notification_settings(actor: Actor, **changes: Any) -> NotificationSettings:
    """Change what is named: of FIELDS; `channels` may name some groups and channels only. What cannot be is Invalid, and
    then nothing is changed."""
    person = signed_in(actor)
    row, _created = NotificationSettings.objects.select_for_update().get_or_create(person=person)
    if "channels" in changes:
        row.channels = _merged(row, changes["channels"])
    for name in FIELDS[1:]:
        if name in changes:
            setattr(row, name, changes[name])
    _check(row)
    if row.digest_due_at is not None:
        row.digest_due_at = next_slot(row, timezone.now())
    row.save(update_fields=[*FIELDS, "digest_due_at"])
    push_badges([person.pk])
    return row


def _merged(
    row: NotificationSettings, wanted: Mapping[str, Mapping[str, bool]]
) -> dict[str, dict[str, bool]]:
    """What is kept of a person's channels once they wanted this: only what differs from the defaults."""
    full = table.table(row)
    for group, switches in wanted.items():
        if group not in full or not set(switches) <= set(full[group]):
            raise _invalid("channels", _("There is no such group or channel."))
        for channel, on in switches.items():
            if not on and channel in table.GROUPS[group].fixed:
                raise _invalid("channels", _("This cannot be switched off."))
            full[group][channel] = bool(on)
    kept: dict[str, dict[str, bool]] = {}
    for group, channel, on in table.differences(full):
        kept.setdefault(group, {})[channel] = on
    return kept


def _check(row: NotificationSettings) -> None:
    if (row.quiet_from is None) != (row.quiet_to is None):
        missing = "quiet_to" if row.quiet_to is None else "quiet_from"
        raise _invalid(missing, _("Say when the quiet hours begin and when they end."))
    if isinstance(row.quiet_from, time) and row.quiet_from == row.quiet_to:
        raise _invalid("quiet_to", _("Quiet hours end at another time than they begin."))
    if row.time_zone and row.time_zone not in table.zones():
        raise _invalid("time_zone", _("Choose a time zone such as Europe/Paris."))
    if row.digest not in NotificationSettings.Digest.values:
        raise _invalid("digest", _("Choose how often: %(names)s.") % {"names": "off, daily, weekly"})


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={field: sentence})
