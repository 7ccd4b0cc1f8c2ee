"""Which groups of notifications there are, by which channels each reaches people unless they say otherwise, and when
nobody is to be disturbed. Nothing is looked up here.

Turning a channel off hides nothing: everything stays listed in the inbox. `in_app` is the number on the bell and what
appears by itself on open pages, `email` the digest, `push` the browsers that were let.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings as site
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Notification, NotificationSettings

_K = Notification.Kind


class Channel(TextChoices):
    IN_APP = "in_app", _("In the app")
    PUSH = "push", _("Push")
    EMAIL = "email", _("E-mail")


@dataclass(frozen=True)
class Group:
    """Kinds that are switched together. `on` are the channels that are on by default, `fixed` those that stay on."""

    title: str | Promise
    means: str | Promise
    icon: str
    kinds: tuple[str, ...]
    on: frozenset[str]
    fixed: frozenset[str] = frozenset()


_IN_APP, _PUSH, _EMAIL = Channel.IN_APP.value, Channel.PUSH.value, Channel.EMAIL.value
_ALL = frozenset({_IN_APP, _PUSH, _EMAIL})
MESSAGES = "messages"

# Likes come by the hundred, so they do not ring a phone by themselves. What the site itself has to say is never silent.
GROUPS: dict[str, Group] = {
    "likes": Group(_("Likes"), _("Somebody likes a clip of yours."), "heart", (_K.LIKE,), _ALL - {_PUSH}),
    "comments": Group(
        _("Comments"),
        _("Comments on your clips, replies to you, comments that wait for you."),
        "message-circle",
        (_K.COMMENT, _K.REPLY, _K.COMMENT_HELD),
        _ALL,
    ),
    "mentions": Group(_("Mentions"), _("Somebody writes your name."), "user-round", (_K.MENTION,), _ALL),
    "follows": Group(
        _("Followers"),
        _("New followers, requests to follow you, and invites of yours that were accepted."),
        "user-plus",
        (_K.FOLLOW, _K.FOLLOW_REQUEST, _K.FOLLOW_ACCEPTED, _K.INVITE_ACCEPTED),
        _ALL,
    ),
    "remixes": Group(
        _("Duets and stitches"), _("Somebody makes a clip with yours."), "columns-2", (_K.REMIX,), _ALL
    ),
    MESSAGES: Group(
        _("Messages"),
        _("New messages and message requests. A mail names the conversation, never what was written."),
        "messages-square",
        (_K.MESSAGE_REQUEST,),
        _ALL,
    ),
    "clips": Group(
        _("Your clips"),
        _("A clip of yours is ready, or could not be processed."),
        "clapperboard",
        (_K.CLIP_READY, _K.CLIP_FAILED),
        _ALL - {_EMAIL},
    ),
    "site": Group(
        _("Account and safety"),
        _("Decisions of moderators, what became of your reports, downloads that are ready."),
        "shield-check",
        (_K.MODERATION, _K.REPORT_HANDLED, _K.EXPORT_READY),
        _ALL,
        frozenset({_IN_APP}),
    ),
}
GROUP_OF: dict[str, str] = {kind: name for name, group in GROUPS.items() for kind in group.kinds}

Chosen = Mapping[str, Mapping[str, bool]]


def group_on(chosen: Chosen, group: str, channel: str) -> bool:
    """Whether a group goes by a channel; `chosen` is NotificationSettings.channels."""
    rule = GROUPS[group]
    if channel in rule.fixed:
        return True
    return bool(chosen.get(group, {}).get(channel, channel in rule.on))


def is_on(settings: NotificationSettings | None, kind: str, channel: str) -> bool:
    """Whether notifications of a kind go by a channel. None stands for a person who never chose anything."""
    return group_on(settings.channels if settings else {}, GROUP_OF[kind], channel)


def kinds_on(settings: NotificationSettings | None, channel: str) -> list[str]:
    """The kinds that go by a channel."""
    return [kind for kind in GROUP_OF if is_on(settings, kind, channel)]


def table(settings: NotificationSettings | None) -> dict[str, dict[str, bool]]:
    """What is on, in full: {group: {channel: on}}."""
    chosen = settings.channels if settings else {}
    return {name: {channel: group_on(chosen, name, channel) for channel in Channel.values} for name in GROUPS}


def differences(wanted: Chosen) -> Iterator[tuple[str, str, bool]]:
    """(group, channel, on) of what is neither the default nor fixed: what has to be kept."""
    for name, switches in wanted.items():
        rule = GROUPS[name]
        for channel, on in switches.items():
            if channel not in rule.fixed and on != (channel in rule.on):
                yield name, channel, on


def zone_of(settings: NotificationSettings | None) -> ZoneInfo:
    """The person's time zone, else the site's. Zones that a newer system no longer knows count as none."""
    name = settings.time_zone if settings else ""
    return ZoneInfo(name if name in zones() else site.TIME_ZONE)


@functools.cache
def zones() -> frozenset[str]:
    """The time zones there are: IANA's names of places, and UTC."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return frozenset({"UTC", *places})


def quiet_until(settings: NotificationSettings | None, now: datetime) -> datetime | None:
    """When the quiet hours that `now` falls into end; None outside of them, or when there are none.

    They are hours of the person's clock: from 22:00 to 7:00 is a night, also one that a clock change makes longer or
    shorter. An end that such a change skips comes an hour later, one that it brings twice counts the second time.
    """
    if settings is None or settings.quiet_from is None or settings.quiet_to is None:
        return None
    begin, end = settings.quiet_from, settings.quiet_to
    if begin == end:
        return None
    here = now.astimezone(zone_of(settings))
    clock = here.time()
    quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not quiet:
        return None
    day = here.date() if clock < end else here.date() + timedelta(days=1)
    ends = (datetime.combine(day, end.replace(fold=fold), tzinfo=here.tzinfo) for fold in (0, 1))
    return max(moment.astimezone(now.tzinfo) for moment in ends)


def plain(settings: NotificationSettings | None) -> dict[str, Any]:
    """The API's and the page's shape of a person's settings."""
    row = settings or NotificationSettings()
    return {
        "channels": table(row),
        "quiet_from": row.quiet_from,
        "quiet_to": row.quiet_to,
        "time_zone": row.time_zone,
        "digest": row.digest,
    }
