"""The sentences of notifications, and where each leads. Nothing is looked up here."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import Notification

_K = Notification.Kind


def names_and_others(names: Sequence[str], total: int) -> str:
    """ "alice", "alice and bob", or "alice and 12 others"."""
    if not names:
        return _("Somebody")
    if total <= 1:
        return names[0]
    if total == 2 and len(names) > 1:
        return _("%(first)s and %(second)s") % {"first": names[0], "second": names[1]}
    others = total - 1
    return ngettext("%(first)s and %(count)s other", "%(first)s and %(count)s others", others) % {
        "first": names[0],
        "count": others,
    }


def notification_text(row: Notification, names: Sequence[str], total: int) -> str:
    """What happened, in one sentence without a full stop, in the active language."""
    who = {"who": names_and_others(names, total)}
    match row.kind:
        case _K.FOLLOW:
            return _("%(who)s followed you") % who
        case _K.FOLLOW_REQUEST:
            return _("%(who)s asked to follow you") % who
        case _K.FOLLOW_ACCEPTED:
            return _("%(who)s accepted your follow request") % who
        case _K.LIKE:
            return _("%(who)s liked your clip") % who
        case _K.COMMENT:
            return _("%(who)s commented on your clip") % who
        case _K.COMMENT_HELD:
            return (
                ngettext("A comment by %(who)s waits for you", "Comments by %(who)s wait for you", total)
                % who
            )
        case _K.REPLY:
            return _("%(who)s replied to your comment") % who
        case _K.MENTION:
            return _("%(who)s mentioned you") % who
        case _K.MESSAGE_REQUEST:
            return _("%(who)s would like to write to you") % who
        case _K.CLIP_READY:
            return _("Your clip is ready to watch")
        case _K.CLIP_FAILED:
            return (row.video.error_message if row.video else "") or _("Your clip could not be processed")
    return row.text


def notification_url(row: Notification, people: Sequence[Any]) -> str:
    """The page where the person can do something about it."""
    match row.kind:
        case _K.FOLLOW_REQUEST | _K.FOLLOW | _K.FOLLOW_ACCEPTED if len(people) == 1:
            return str(people[0].get_absolute_url())
        case _K.FOLLOW_REQUEST | _K.FOLLOW | _K.FOLLOW_ACCEPTED:
            return "/inbox/"
        case _K.MESSAGE_REQUEST:
            return "/messages/requests/"
        case _K.CLIP_FAILED:
            return "/studio/"
        case _K.COMMENT_HELD:
            return "/studio/comments/"
    return row.video.get_absolute_url() if row.video else "/inbox/"
